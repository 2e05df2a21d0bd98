wasmffi 1
# Leaves through WASI's proc_exit, src/exit.c.
exit_with(code: i32)
half_then_exit(x: inout f64[n], n: size, code: i32)
