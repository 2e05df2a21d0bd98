wasmffi 1
# Allocates as AssemblyScript does, src/asalloc.c.
__new(n: size, id: u32) -> ptr
__pin(p: ptr) -> ptr
__unpin(p: ptr)
__collect()
live() -> i32
pinned() -> i32
collected() -> i32
class_id(p: ptr) -> u32
sum(x: f64[n], n: size) -> f64
add(x: f64[n], y: f64[n], z: out f64[n], n: size)
