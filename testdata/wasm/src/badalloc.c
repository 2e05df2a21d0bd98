// badalloc.c - an allocator that lies, in the way that set_mode chose.
//
// The C names are not malloc and free, since the compiler believes things about those that are false here.
#include "guest.h"

extern unsigned char __heap_base; // first byte that the linker left free

enum {
    FINE = 0,       // a bump allocator that grows memory and aligns to 16
    NONE = 1,       // NULL
    END = 2,        // the last 8 bytes of memory: any request of more than 8 runs over the end
    HIGH = 3,       // 0xFFFFFFF0, far outside memory; adding a length wraps around
    SAME = 4,       // one block, for everybody
    TRAP = 5,       // does not return
    MISALIGNED = 6, // a multiple of 4 that is none of 8
};

static int32_t mode;
static uintptr_t next; // 0 before the first block

EXPORT("set_mode") void set_mode(int32_t m) { mode = m; }

static uintptr_t memory_bytes(void) { return __builtin_wasm_memory_size(0) * WASM_PAGE; }

static uintptr_t bump(size_t n) {
    uintptr_t p = next != 0 ? next : ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    if (n > SIZE_MAX - 15 - p) return 0;
    uintptr_t end = (p + n + 15) & ~(uintptr_t)15;
    if (end > memory_bytes()) {
        size_t pages = (end - memory_bytes() + WASM_PAGE - 1) / WASM_PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return 0;
    }
    next = end;
    return p;
}

EXPORT("malloc") uintptr_t lying_malloc(size_t n) {
    static uintptr_t same;
    switch (mode) {
    case NONE: return 0;
    case END: return memory_bytes() - 8;
    case HIGH: return 0xFFFFFFF0u;
    case SAME:
        if (same == 0) same = bump(65536);
        return same;
    case TRAP: __builtin_trap();
    case MISALIGNED: {
        uintptr_t p = n <= SIZE_MAX - 8 ? bump(n + 8) : 0;
        return p == 0 ? 0 : p + 4;
    }
    default: return bump(n);
    }
}

// Gives nothing back.
EXPORT("free") void lying_free(uintptr_t p) { (void)p; }

EXPORT("sum") double sum(const double *x, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}
