wasmffi 1
# Every feature of the signature language, src/sigs.c.

# types that are left open
gemm(a: T[m,k], b: T[k,n], c: out T[m,n], m: size, k: size, n: size, t: i32 = typecode(a)) where T in f32|f64
norm(x: f*[n], n: size, t: i32 = typecode(x)) -> f64
typed_add(x: T[n], y: T[n], z: out T[n], n: size, w: size = itemsize(x)) where T in i8|i16|i32|i64
qsort_bytes(base: inout any[n], n: size, width: size = itemsize(base))

# expressions and conditions
conv1d(x: f64[m], y: f64[n], z: out f64[m+n-1] align(16), m: size, n: size) where m+n >= 1
rdft(x: f64[n], n: size, y: out c128[n/2+1])
halve(x: f64[n], n: size, y: out f64[n/2]) where n % 2 == 0, n > 4
mean(x: f64[n] finite, n: size) -> f64 where n > 0
fill_bytes(x: out f64[n], bytes: size = nbytes(x))
hist(x: u8[m], m: size, bins: out u32[k], k: size)

# layouts
sum_strided(x: f64[m,n] strided desc) -> f64
dgemm(m: i32, n: i32, k: i32, alpha: f64, a: f64[m,k], lda: i32 = k, b: f64[k,n], ldb: i32 = n, beta: f64, c: inout f64[m,n], ldc: i32 = n)
daxpy_strided(n: i32, alpha: f64, x: f64[n] strided, sx: i32 = stride(x,0), y: inout f64[n] strided, sy: i32 = stride(y,0))
fsum(x: f64[m,n] F, m: size, n: size) -> f64
alias_copy(x: f64[n], y: out f64[n] mayalias, n: size)
optional(x: f64[n] nullable, n: size) -> f64

# lengths that the guest says
rle_compress(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size, level: i32) -> size
get(k: i32, n_out: out size) -> f64[n_out] nullable owned
modf2(x: f64, ip: out f64) -> f64

# handles
type Setup = opaque free(setup_free)
setup_new(n: i32, kind: i32) -> Setup
setup_none() -> Setup
setup_scale(s: Setup, x: inout f64[n], n: size)
setup_free(p: ptr)
setup_count() -> i32

# texts
text_length(s: cstr nullable) -> i32
version() -> cstr
text_wild() -> cstr

# callbacks and names
integrate(f: func(f64) -> f64, a: f64, b: f64, n: i32) -> f64
"Foo#bar"(x: f64[n], n: size) -> f64
