// bindgen.c - allocates as wasm-bindgen does: whoever frees says the size and the alignment again.
//
// Both are checked, and what is freed twice or never was given out is noticed, too: each of these traps.
#include "heap.h"

// What stands in the 16 bytes before a block, whatever its alignment.
typedef struct block {
    struct block *next; // of the list of what was freed; while it is in use, itself
    uint32_t size;
    uint32_t align;
    uint32_t room; // bytes from the block on
} block;

_Static_assert(sizeof(block) == 16, "blocks are aligned to 16");

static block *unused;
static int32_t blocks;
static uint32_t bytes;

static block *header(uintptr_t p) { return (block *)(p - sizeof(block)); }

static uintptr_t body(const block *b) { return (uintptr_t)b + sizeof(block); }

static block *take(uint32_t n, uint32_t align) {
    for (block **at = &unused; *at != NULL; at = &(*at)->next) {
        block *b = *at;
        if (b->room >= n && body(b) % align == 0) {
            *at = b->next;
            return b;
        }
    }
    if (n > SIZE_MAX - sizeof(block) - align) return NULL;
    uintptr_t p = bump(sizeof(block) + n + (align > 16 ? align : 0));
    if (p == 0) return NULL;
    uintptr_t at = (p + sizeof(block) + align - 1) & ~(uintptr_t)(align - 1);
    block *b = header(at);
    b->room = (uint32_t)(heap_break() - at);
    return b;
}

// No block is NULL: for 0 bytes the alignment stands for the address, and without memory it traps. As in Rust.
EXPORT("__wbindgen_malloc") uintptr_t wbindgen_malloc(uint32_t n, uint32_t align) {
    if (align == 0 || (align & (align - 1)) != 0) __builtin_trap();
    if (n == 0) return align;
    block *b = take(n, align);
    if (b == NULL) __builtin_trap();
    b->next = b;
    b->size = n;
    b->align = align;
    blocks++;
    bytes += n;
    return body(b);
}

EXPORT("__wbindgen_free") void wbindgen_free(uintptr_t p, uint32_t n, uint32_t align) {
    if (n == 0) return;
    block *b = header(p);
    if (p % 16 != 0 || b->next != b || b->size != n || b->align != align) __builtin_trap();
    b->next = unused;
    unused = b;
    blocks--;
    bytes -= n;
}

EXPORT("live") int32_t live(void) { return blocks; }

EXPORT("live_bytes") uint32_t live_bytes(void) { return bytes; }

EXPORT("sum") double sum(const double *x, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}

EXPORT("add") void add(const double *x, const double *y, double *z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = x[i] + y[i];
}
