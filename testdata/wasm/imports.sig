wasmffi 1
# Calls env.scale(f64) -> f64, env.sum(f64[n], n: size) -> f64, env.fail(i32) and env.missing(i32) -> i32, src/imports.c.
call_scale(x: f64) -> f64
call_sum(x: f64[n], n: size) -> f64
scale_all(x: inout f64[n], n: size)
call_fail(code: i32)
half_then_fail(x: inout f64[n], n: size, code: i32)
call_missing(x: i32) -> i32
returned() -> i32
