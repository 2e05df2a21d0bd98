wasmffi 1
# No allocator but sbrk, src/sbrk.c.
sbrk(step: i32) -> ptr
claim(n: size) -> ptr
damage() -> size
reverse(x: f64[n], y: out f64[n], n: size) -> i32 ok(0)
sum(x: f64[n], n: size) -> f64
