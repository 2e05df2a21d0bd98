wasmffi 1
# A constructor, src/ctor.c.
value() -> i32
