// noalloc.c - takes an array but exports no malloc to make room for one.
#include "guest.h"

// Wraps around on overflow.
EXPORT("sum_i32") int32_t sum_i32(const int32_t *x, size_t n) {
    uint32_t s = 0;
    for (size_t i = 0; i < n; i++) s += (uint32_t)x[i];
    return (int32_t)s;
}
