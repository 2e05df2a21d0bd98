// scalars.c - scalars of every type in and out, no memory use, no allocator.
#include "guest.h"

#define IDENTITY(T, type) \
    EXPORT("id_" #T) type id_##T(type v) { return v; }

IDENTITY(bool, bool)
IDENTITY(i8, int8_t)
IDENTITY(i16, int16_t)
IDENTITY(i32, int32_t)
IDENTITY(i64, int64_t)
IDENTITY(u8, uint8_t)
IDENTITY(u16, uint16_t)
IDENTITY(u32, uint32_t)
IDENTITY(u64, uint64_t)
IDENTITY(f32, float)
IDENTITY(f64, double)
IDENTITY(size, size_t)
IDENTITY(ptr, void *)

// Wraps around on overflow.
EXPORT("add_i64") int64_t add_i64(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

EXPORT("no_args") int32_t no_args(void) { return 42; }

EXPORT("no_result") void no_result(int32_t v) { (void)v; }

// All six added as doubles, from left to right.
EXPORT("six") double six(int8_t a, uint16_t b, int64_t c, float d, double e, size_t f) {
    return (double)a + (double)b + (double)c + (double)d + e + (double)f;
}
