// mem.c - linear memory by hand: size, growth, single words, and state that outlives a call.
#include "guest.h"

// The number of pages before, or -1.
EXPORT("grow") int32_t grow(uint32_t pages) { return (int32_t)__builtin_wasm_memory_grow(0, pages); }

EXPORT("pages") uint32_t pages(void) { return __builtin_wasm_memory_size(0); }

EXPORT("peek") uint32_t peek(uint32_t p) { return *(volatile uint32_t *)p; }

EXPORT("poke") void poke(uint32_t p, uint32_t v) { *(volatile uint32_t *)p = v; }

// 1, 2, 3, ... until the instance is reset.
EXPORT("counter") int32_t counter(void) {
    static int32_t count;
    return ++count;
}

// A data symbol: the linker exports its address as a global of the name `table`.
double table[8] = {1, 2, 4, 8, 16, 32, 64, 128};
