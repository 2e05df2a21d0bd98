// sbrk.c - no allocator but sbrk, which moves the end of the part of memory that is in use.
//
// The module takes memory by it as well, fills it and can tell whether anybody else has written there since.
#include "heap.h"

// Moves the break and returns where it was, or -1. Steps are bytes and may go back, as far as the heap begins.
EXPORT("sbrk") uintptr_t move_break(int32_t step) {
    uintptr_t was = heap_break();
    int64_t to = (int64_t)was + step;
    if (to < (int64_t)(uintptr_t)&__heap_base || to > UINT32_MAX || !heap_reaches((uintptr_t)to)) return UINTPTR_MAX;
    heap_end = (uintptr_t)to;
    return was;
}

#define CLAIMS 64

static struct {
    uint8_t *at;
    size_t n;
} claims[CLAIMS];
static size_t claimed;

static uint8_t pattern(size_t claim, size_t i) { return (uint8_t)(claim * 31 + i * 7 + 1); }

// Takes n bytes by sbrk and fills them. 0 when there is no memory, or after 64 claims; else their address.
EXPORT("claim") uint8_t *claim(size_t n) {
    if (claimed == CLAIMS || n > INT32_MAX) return NULL;
    uintptr_t p = move_break((int32_t)n);
    if (p == UINTPTR_MAX) return NULL;
    uint8_t *at = (uint8_t *)p;
    for (size_t i = 0; i < n; i++) at[i] = pattern(claimed, i);
    claims[claimed].at = at;
    claims[claimed].n = n;
    claimed++;
    return at;
}

// How many bytes of all claims hold something else by now.
EXPORT("damage") size_t damage(void) {
    size_t wrong = 0;
    for (size_t c = 0; c < claimed; c++) {
        for (size_t i = 0; i < claims[c].n; i++) wrong += claims[c].at[i] != pattern(c, i);
    }
    return wrong;
}

// y = x backwards, by way of memory that it takes by sbrk and keeps. -1 when there is none.
EXPORT("reverse") int32_t reverse(const double *x, double *y, size_t n) {
    uintptr_t was = heap_break();
    if (n > INT32_MAX / sizeof(double) - 1 || move_break((int32_t)(-was & 7)) == UINTPTR_MAX) return -1;
    double *copy = (double *)move_break((int32_t)(n * sizeof(double)));
    if ((uintptr_t)copy == UINTPTR_MAX) return -1;
    for (size_t i = 0; i < n; i++) copy[i] = x[i];
    for (size_t i = 0; i < n; i++) y[i] = copy[n - 1 - i];
    return 0;
}

EXPORT("sum") double sum(const double *x, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}
