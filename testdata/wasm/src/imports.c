// imports.c - calls functions that the host supplies, and one that it does not.
#include "guest.h"

#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))

IMPORT("scale") double scale(double x);
IMPORT("sum") double sum(const double *x, size_t n);
IMPORT("fail") void fail(int32_t code);
IMPORT("missing") int32_t missing(int32_t x); // nobody supplies it

static int32_t calls; // that came back

EXPORT("call_scale") double call_scale(double x) {
    double y = scale(x);
    calls++;
    return y;
}

// The host sees the array where it lies.
EXPORT("call_sum") double call_sum(const double *x, size_t n) {
    double s = sum(x, n);
    calls++;
    return s;
}

// x[i] = scale(x[i]): many calls out in one call in.
EXPORT("scale_all") void scale_all(double *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = scale(x[i]);
    calls++;
}

EXPORT("call_fail") void call_fail(int32_t code) {
    fail(code);
    calls++;
}

// The array is half written when the host is asked to fail.
EXPORT("half_then_fail") void half_then_fail(double *x, size_t n, int32_t code) {
    volatile double *to = x;
    for (size_t i = 0; i < n / 2; i++) to[i] = -1;
    fail(code);
    calls++;
}

EXPORT("call_missing") int32_t call_missing(int32_t x) {
    int32_t y = missing(x);
    calls++;
    return y;
}

// How many of the calls above came back.
EXPORT("returned") int32_t returned(void) { return calls; }
