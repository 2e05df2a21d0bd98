//go:build cgo

// native.c - the guest's kernels once more, for the machine itself: the baseline of the cgo rows and, as a shared library,
// of numpy. The loops are those of testdata/wasm/src/vec.c. Vectors are 128 bits wide, as the guest's are, and there is no
// fused multiply-add, so that a ratio compares the sandbox and not the instruction sets.
#include "native.h"

#include <string.h>

// REASSOCIATE, before a function, lets the compiler add in any order in it; INSIDE is the same as clang wants it, within.
#if defined(__clang__)
#define REASSOCIATE
#define INSIDE _Pragma("clang fp reassociate(on)")
#define TWICE _Pragma("clang loop unroll_count(2)")
#define ENTIRELY _Pragma("clang loop unroll(full)")
#else
#define REASSOCIATE __attribute__((optimize("associative-math", "no-signed-zeros", "no-trapping-math")))
#define INSIDE
#define TWICE _Pragma("GCC unroll 2")
#define ENTIRELY _Pragma("GCC unroll 8")
#endif

// ---- sums -----------------------------------------------------------------------------------------------------------

REASSOCIATE double bench_dot(const double *x, const double *y, size_t n) {
    INSIDE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

REASSOCIATE double bench_sum(const double *x, size_t n) {
    INSIDE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}

// Compilers keep one, two or four partial sums, and then wait for each addition. The same with as many as the guest is built
// with is what a careful author gets out of the machine.
enum { PARTIAL = 8 };

// Two doubles in one register, at any address that doubles may lie at.
typedef double loose __attribute__((vector_size(16), aligned(8)));

static inline loose load(const double *p) { return *(const loose *)p; }

static inline double total(const loose *s) {
    loose t = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    return t[0] + t[1];
}

double bench_dot_unrolled(const double *x, const double *y, size_t n) {
    loose s[PARTIAL] = {{0}};
    size_t i = 0;
    for (; n - i >= 2 * PARTIAL; i += 2 * PARTIAL) {
        ENTIRELY
        for (int k = 0; k < PARTIAL; k++) s[k] += load(x + i + 2 * k) * load(y + i + 2 * k);
    }
    double rest = 0;
    for (; i < n; i++) rest += x[i] * y[i];
    return total(s) + rest;
}

double bench_sum_unrolled(const double *x, size_t n) {
    loose s[PARTIAL] = {{0}};
    size_t i = 0;
    for (; n - i >= 2 * PARTIAL; i += 2 * PARTIAL) {
        ENTIRELY
        for (int k = 0; k < PARTIAL; k++) s[k] += load(x + i + 2 * k);
    }
    double rest = 0;
    for (; i < n; i++) rest += x[i];
    return total(s) + rest;
}

// ---- elementwise ----------------------------------------------------------------------------------------------------

void bench_saxpy(size_t n, float a, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

void bench_stencil3(const double *restrict x, double *restrict y, size_t n) {
    if (n == 0) return;
    y[0] = x[0];
    for (size_t i = 1; i + 1 < n; i++) y[i] = (x[i - 1] + x[i] + x[i + 1]) / 3;
    y[n - 1] = x[n - 1];
}

// ---- matrices -------------------------------------------------------------------------------------------------------

// matmul computes c = a b in blocks. A KC x NC block of b and an MR x KC strip of a are copied ("packed") into static
// buffers in the order in which the kernel reads them, padded with zeros to whole strips; the kernel then keeps an
// MR x NR tile of c in registers. Of the 16 vector registers, a larger tile leaves too few for the operands.
enum { MR = 4, NR = 4, KC = 256, NC = 128 };

// Two doubles in one v128. A vector type and not a loop over two, because the vectoriser would have to rediscover the
// tile after unrolling, and finds only half of it.
typedef double pair __attribute__((vector_size(16)));

static double packed_a[KC * MR] __attribute__((aligned(16)));
static double packed_b[KC * NC] __attribute__((aligned(16)));

static inline size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

// packed_b[strip][p][jj] = b[p][strip*NR + jj]
static void pack_b(const double *b, size_t ldb, size_t kc, size_t nc) {
    double *to = packed_b;
    for (size_t j = 0; j < nc; j += NR) {
        size_t nr = min_size(NR, nc - j);
        for (size_t p = 0; p < kc; p++, to += NR)
            for (size_t jj = 0; jj < NR; jj++) to[jj] = jj < nr ? b[p * ldb + j + jj] : 0;
    }
}

// packed_a[p][ii] = a[ii][p]
static void pack_a(const double *a, size_t lda, size_t mr, size_t kc) {
    for (size_t ii = 0; ii < MR; ii++) {
        for (size_t p = 0; p < kc; p++) packed_a[p * MR + ii] = ii < mr ? a[ii * lda + p] : 0;
    }
}

// One MR x NR tile: t = packed_a packed_b over kc products. Each element of the tile is one plain sum in the order of p.
static inline void kernel(const double *restrict pa, const double *restrict pb, size_t kc, double t[MR][NR]) {
    pair acc[MR][NR / 2] = {{{0}}};
    // Twice, measured in the guest.
    TWICE
    for (size_t p = 0; p < kc; p++, pa += MR, pb += NR) {
        pair b1 = *(const pair *)(pb + 2), b0 = *(const pair *)pb;
        ENTIRELY
        for (int ii = MR - 1; ii >= 0; ii--) {
            pair a = {pa[ii], pa[ii]};
            acc[ii][1] += a * b1;
            acc[ii][0] += a * b0;
        }
    }
    ENTIRELY
    for (int ii = 0; ii < MR; ii++) {
        *(pair *)&t[ii][0] = acc[ii][0];
        *(pair *)&t[ii][2] = acc[ii][1];
    }
}

// to += t, the part of it that lies inside c.
static inline void add_tile(double *restrict to, size_t ldc, double t[MR][NR], size_t mr, size_t nr) {
    for (size_t ii = 0; ii < mr; ii++) {
        for (size_t jj = 0; jj < nr; jj++) to[ii * ldc + jj] += t[ii][jj];
    }
}

void bench_matmul(const double *restrict a, const double *restrict b, double *restrict c, size_t m, size_t k, size_t n) {
    memset(c, 0, m * n * sizeof *c); // the sums start here, whatever c held
    for (size_t jc = 0; jc < n; jc += NC) {
        size_t nc = min_size(NC, n - jc);
        for (size_t pc = 0; pc < k; pc += KC) {
            size_t kc = min_size(KC, k - pc);
            pack_b(b + pc * n + jc, n, kc, nc);
            for (size_t i = 0; i < m; i += MR) {
                size_t mr = min_size(MR, m - i);
                pack_a(a + i * k + pc, k, mr, kc);
                for (size_t j = 0; j < nc; j += NR) {
                    size_t nr = min_size(NR, nc - j);
                    double t[MR][NR] __attribute__((aligned(16)));
                    kernel(packed_a, packed_b + j * kc, kc, t);
                    add_tile(c + i * n + jc + j, n, t, mr, nr);
                }
            }
        }
    }
}

const char *bench_compiler(void) {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown C compiler";
#endif
}
