// native.h - the kernels of native.c.
#ifndef BENCH_NATIVE_H
#define BENCH_NATIVE_H

#include <stddef.h>

double bench_dot(const double *x, const double *y, size_t n);
double bench_sum(const double *x, size_t n);
double bench_dot_unrolled(const double *x, const double *y, size_t n);
double bench_sum_unrolled(const double *x, size_t n);
void bench_saxpy(size_t n, float a, const float *x, float *y);
void bench_stencil3(const double *x, double *y, size_t n);
void bench_matmul(const double *a, const double *b, double *c, size_t m, size_t k, size_t n);
const char *bench_compiler(void);

#endif
