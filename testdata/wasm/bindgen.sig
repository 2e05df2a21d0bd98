wasmffi 1
# Allocates as wasm-bindgen does, src/bindgen.c.
__wbindgen_malloc(n: u32, align: u32) -> ptr
__wbindgen_free(p: ptr, n: u32, align: u32)
live() -> i32
live_bytes() -> u32
sum(x: f64[n], n: size) -> f64
add(x: f64[n], y: f64[n], z: out f64[n], n: size)
