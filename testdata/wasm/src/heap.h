// heap.h - linear memory that is given out from __heap_base upwards, for the fixtures that bring an allocator of their own.
#ifndef HEAP_H
#define HEAP_H

#include "guest.h"

extern unsigned char __heap_base; // first byte that the linker left free

static uintptr_t heap_end; // what lies below is given out; 0 before the first use

// heap_break is where the free part of memory begins, a multiple of 16 as long as bump has moved it.
static inline uintptr_t heap_break(void) {
    if (heap_end == 0) heap_end = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    return heap_end;
}

// heap_reaches grows memory until it ends at end or behind, and reports whether that could be had.
static inline bool heap_reaches(uintptr_t end) {
    uintptr_t bytes = __builtin_wasm_memory_size(0) * WASM_PAGE;
    if (end <= bytes) return true;
    return __builtin_wasm_memory_grow(0, (end - bytes + WASM_PAGE - 1) / WASM_PAGE) != SIZE_MAX;
}

// bump takes n bytes, rounded up to a multiple of 16, or returns 0.
static inline uintptr_t bump(size_t n) {
    uintptr_t p = heap_break();
    if (n > SIZE_MAX - 15 - p) return 0;
    uintptr_t end = (p + n + 15) & ~(uintptr_t)15;
    if (!heap_reaches(end)) return 0;
    heap_end = end;
    return p;
}

#endif
