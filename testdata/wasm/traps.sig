wasmffi 1
# Every way in which a guest stops, src/traps.c.
unreachable_()
oob_load(p: u32) -> i32
oob_store(p: u32)
div0(a: i32, b: i32) -> i32
int_overflow(a: i32) -> i32
bad_convert(x: f64) -> i32
bad_table(i: i32) -> i32
null_func()
bad_sig()
recurse(n: i32) -> i32
shadow_overflow(n: i32) -> i32
half_then_trap(x: inout f64[n], n: size)
spin()
