wasmffi 1
# Data symbols, src/data.c: weights (4 f64), version (i32), greeting (text), motto (pointer to text), blank (32 bytes).
weighted(x: f64[4]) -> f64
get_version() -> i32
set_version(v: i32)
get_motto() -> cstr
