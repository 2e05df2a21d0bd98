wasmffi 1
# An allocator that lies, src/badalloc.c has the modes.
set_mode(m: i32)
sum(x: f64[n], n: size) -> f64
