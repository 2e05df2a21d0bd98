wasmffi 1
# Linear memory by hand, src/mem.c. The data symbol `table` is 8 doubles.
grow(pages: u32) -> i32
pages() -> u32
peek(p: u32) -> u32
poke(p: u32, v: u32)
counter() -> i32
