wasmffi 1
# An array parameter and no allocator, src/noalloc.c.
sum_i32(x: i32[n], n: size) -> i32
