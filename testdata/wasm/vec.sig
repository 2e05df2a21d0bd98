wasmffi 1
# Array kernels, src/vec.c.

# sums
dot(x: f64[n], y: f64[n], n: size) -> f64
sum(x: f64[n], n: size) -> f64

# elementwise
saxpy(n: size, a: f32, x: f32[n], y: inout f32[n])
daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])
scale(x: inout f64[n], n: size, a: f64)
stencil3(x: f64[n], y: out f64[n], n: size)
cmul(x: c128[n], y: c128[n], z: out c128[n], n: size)
prefix_sum(x: i64[n], y: out i64[n], n: size)
linspace(a: f64, b: f64, n: size, y: out f64[n])

# matrices, images, bytes
matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)
blur(img: inout u8[h,w,c], h: size, w: size, c: size) -> i32 ok(0)
histogram(x: u8[n], n: size, bins: out u32[256])

# structs and bools
type Particle = {x: f32, y: f32, z: f32, id: i32}
centroid(p: Particle[n], n: size, out_xyz: out f64[3])
count_true(x: bool[n], n: size) -> size
any_true(x: bool[n], n: size) -> bool
set_bytes(x: out bool[n], n: size, v: i32)

# results of every kind
primes() -> f64[16]
nothing() -> f64[4]
nothing_or(x: i32) -> f64[16]
modf_parts(x: f64, ip: out f64) -> f64
first_half(x: out f64[n], n: size)
fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)
