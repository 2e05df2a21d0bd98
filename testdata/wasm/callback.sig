wasmffi 1
# Algorithms that call a function of the host, src/callback.c.

# sorting
qsort(base: inout any[n], n: size, width: size = itemsize(base), cmp: func(any[1], any[1]) -> i32)

# quadrature
integrate(f: func(f64) -> f64, a: f64, b: f64, n: i32) -> f64
integrate_adaptive(f: func(f64) -> f64, a: f64, b: f64, tol: f64, depth: i32) -> f64
integrate2(f: func(f64, f64) -> f64, a: f64, b: f64, c: f64, d: f64, n: i32) -> f64

# root finding, minimisation, differential equations
root(f: func(f64) -> f64, a: f64, b: f64, tol: f64) -> f64
minimise(f: func(x: f64[n], n: size) -> f64, x: inout f64[n], n: size, step: f64, tol: f64, limit: i32) -> f64
rk4(f: func(f64, f64[n], f64[n]), y: inout f64[n], n: size, t0: f64, t1: f64, steps: i32) where steps > 0

# over arrays
apply(f: func(f64) -> f64, x: inout f64[n], n: size)
map_block(f: func(x: f64[n], n: size), x: inout f64[n], n: size)
fold_i32(f: func(i32, i32) -> i32, x: i32[n], n: size, start: i32) -> i32
fold_i64(f: func(i64, i64) -> i64, x: i64[n], n: size, start: i64) -> i64
fold_f32(f: func(f32, f32) -> f32, x: f32[n], n: size, start: f32) -> f32
fold_f64(f: func(f64, f64) -> f64, x: f64[n], n: size, start: f64) -> f64
count_bytes(f: func(u8) -> bool, x: u8[n], n: size) -> size
pass(f: func(i8, u16, i32, i64, f32, f64, size) -> f64, a: i8, b: u16, c: i32, d: i64, e: f32, x: f64, y: size) -> f64
repeat(f: func(ptr, i32), user: ptr, n: i32)
type Point = {x: f64, y: f64, id: i32}
visit(f: func(Point[1]) -> i32, p: inout Point[n], n: size) -> size

# pointers that are kept, given and nested
keep(f: func(f64) -> f64 nullable)
call_kept(x: f64) -> f64
get_op(k: i32) -> func(f64) -> f64 nullable
compose(f: func(f64) -> f64, g: func(f64) -> f64, x: f64) -> f64
call_twice(f: func(f64) -> f64, x: f64) -> f64
nest(f: func(i32) -> i32, depth: i32) -> i32
