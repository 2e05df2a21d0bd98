// traps.c - every way in which a guest stops.
//
// Most of these are undefined behaviour in C, which the compiler may fold away. Operands therefore pass through
// volatile variables, so that the wasm instruction that traps is really reached.
#include "guest.h"

EXPORT("unreachable_") void unreachable_(void) { __builtin_trap(); }

EXPORT("oob_load") int32_t oob_load(uint32_t p) { return *(volatile int32_t *)p; }

EXPORT("oob_store") void oob_store(uint32_t p) { *(volatile int32_t *)p = -1; }

EXPORT("div0") int32_t div0(int32_t a, int32_t b) {
    volatile int32_t va = a, vb = b;
    return va / vb;
}

// INT32_MIN / a, which has no value for a = -1.
EXPORT("int_overflow") int32_t int_overflow(int32_t a) {
    volatile int32_t lowest = INT32_MIN, va = a;
    return lowest / va;
}

// The trapping i32.trunc_f64_s. A C cast would not do: the compiler guards it with a comparison.
EXPORT("bad_convert") int32_t bad_convert(double x) { return __builtin_wasm_trunc_s_i32_f64(x); }

// Something for table slots 1 and 2; the linker leaves slot 0 empty, so that a null function pointer traps.
static int32_t forty_two(void) { return 42; }
static double half_of(double x) { return x / 2; }

typedef int32_t (*getter)(void);
static volatile getter slot1 = forty_two;
static double (*volatile slot2)(double) = half_of;

// Calls table slot i as a function () -> i32. 1 gives 42, any index past the table traps.
EXPORT("bad_table") int32_t bad_table(int32_t i) {
    (void)slot1;
    return ((getter)(uintptr_t)(uint32_t)i)();
}

EXPORT("null_func") void null_func(void) {
    volatile getter f = NULL;
    f();
}

// Calls a (f64) -> f64 function as if it were () -> i32.
EXPORT("bad_sig") void bad_sig(void) {
    double (*f)(double) = slot2;
    volatile getter wrong = (getter)(void *)f;
    wrong();
}

// One native frame per level and no memory. Neither a tail call nor an accumulator fits, so it stays a recursion.
EXPORT("recurse") __attribute__((noinline)) int32_t recurse(int32_t n) {
    if (n <= 0) return 0;
    return (int32_t)(((uint32_t)recurse(n - 1) * 3) ^ (uint32_t)n);
}

// 16 KiB of shadow stack per level: 64 levels are too many for the 1 MiB of these modules. The stack lies below the
// data (--stack-first), so running out of it is an address below zero, which traps, and not data overwritten.
EXPORT("shadow_overflow") __attribute__((noinline)) int32_t shadow_overflow(int32_t n) {
    volatile uint8_t frame[16384];
    size_t at = (uint32_t)n % sizeof frame; // not a constant, else the compiler keeps that byte and drops the rest
    frame[at] = 1;
    if (n <= 0) return 0;
    int32_t below = shadow_overflow(n - 1);
    return below + frame[at]; // read after the call, else the recursion would become a loop
}

// Stops with the array half written.
EXPORT("half_then_trap") void half_then_trap(double *x, size_t n) {
    volatile double *to = x;
    for (size_t i = 0; i < n / 2; i++) to[i] = -1;
    __builtin_trap();
}

EXPORT("spin") void spin(void) {
    for (;;) {
    }
}
