wasmffi 1
# Scalars of every type, src/scalars.c.
id_bool(v: bool) -> bool
id_i8(v: i8) -> i8
id_i16(v: i16) -> i16
id_i32(v: i32) -> i32
id_i64(v: i64) -> i64
id_u8(v: u8) -> u8
id_u16(v: u16) -> u16
id_u32(v: u32) -> u32
id_u64(v: u64) -> u64
id_f32(v: f32) -> f32
id_f64(v: f64) -> f64
id_size(v: size) -> size
id_ptr(v: ptr) -> ptr
add_i64(a: i64, b: i64) -> i64
no_args() -> i32
no_result(v: i32)
six(a: i8, b: u16, c: i64, d: f32, e: f64, f: size) -> f64
