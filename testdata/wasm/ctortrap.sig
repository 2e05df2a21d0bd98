wasmffi 1
# A constructor that traps, src/ctortrap.c.
value() -> i32
