// vec.c - array kernels: the module that tests and examples call.
//
// Arrays that a function writes never overlap another of its arrays (the host checks that), hence `restrict`, without
// which the vectoriser would emit a run-time overlap test for every pair of pointers.
#include "guest.h"

#include <stdlib.h>
#include <string.h>

// Loops at the edge of the work are not worth the compiler's eightfold unrolling, which would be most of the module.
#define ONE_BY_ONE _Pragma("clang loop vectorize(disable) unroll(disable)")
#define FEW_AT_ONCE _Pragma("clang loop interleave_count(2)")

// ---- sums -----------------------------------------------------------------------------------------------------------

EXPORT("dot") double dot(const double *x, const double *y, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

EXPORT("sum") double sum(const double *x, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}

// ---- elementwise ----------------------------------------------------------------------------------------------------

EXPORT("saxpy") void saxpy(size_t n, float a, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

EXPORT("daxpy") void daxpy(size_t n, double a, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

EXPORT("scale") void scale(double *x, size_t n, double a) {
    for (size_t i = 0; i < n; i++) x[i] *= a;
}

// Three-point mean: the two ends are copied, so n = 0, 1 and 2 need no interior.
EXPORT("stencil3") void stencil3(const double *restrict x, double *restrict y, size_t n) {
    if (n == 0) return;
    y[0] = x[0];
    for (size_t i = 1; i + 1 < n; i++) y[i] = (x[i - 1] + x[i] + x[i + 1]) / 3;
    y[n - 1] = x[n - 1];
}

// Complex product of n pairs (re, im), by the schoolbook formula: no rescue of infinities as in C's annex G.
EXPORT("cmul") void cmul(const double *restrict x, const double *restrict y, double *restrict z, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double xr = x[2 * i], xi = x[2 * i + 1];
        double yr = y[2 * i], yi = y[2 * i + 1];
        z[2 * i] = xr * yr - xi * yi;
        z[2 * i + 1] = xr * yi + xi * yr;
    }
}

// Running total. Unsigned inside, so that overflow wraps around as int64 does in Go and numpy.
EXPORT("prefix_sum") void prefix_sum(const int64_t *restrict x, int64_t *restrict y, size_t n) {
    uint64_t s = 0;
    for (size_t i = 0; i < n; i++) {
        s += (uint64_t)x[i];
        y[i] = (int64_t)s;
    }
}

// n evenly spaced values from a to b, both included, with numpy.linspace's order of operations: the step is computed
// once, unless it underflows to zero, and the last value is b itself. n = 1 gives a.
EXPORT("linspace") void linspace(double a, double b, size_t n, double *y) {
    if (n == 0) return;
    if (n == 1) {
        y[0] = a;
        return;
    }
    double div = (double)(n - 1), delta = b - a, step = delta / div;
    if (step == 0) {
        for (size_t i = 0; i < n; i++) y[i] = (double)(uint32_t)i / div * delta + a;
    } else {
        for (size_t i = 0; i < n; i++) y[i] = (double)(uint32_t)i * step + a;
    }
    y[n - 1] = b;
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
        ONE_BY_ONE
        for (size_t p = 0; p < kc; p++, to += NR)
            for (size_t jj = 0; jj < NR; jj++) to[jj] = jj < nr ? b[p * ldb + j + jj] : 0;
    }
}

// packed_a[p][ii] = a[ii][p]
static void pack_a(const double *a, size_t lda, size_t mr, size_t kc) {
    for (size_t ii = 0; ii < MR; ii++) {
        ONE_BY_ONE
        for (size_t p = 0; p < kc; p++) packed_a[p * MR + ii] = ii < mr ? a[ii * lda + p] : 0;
    }
}

// One MR x NR tile: t = packed_a packed_b over kc products. Each element of the tile is one plain sum in the order of p.
static inline void kernel(const double *restrict pa, const double *restrict pb, size_t kc, double t[MR][NR]) {
    pair acc[MR][NR / 2] = {{{0}}};
    // Twice, measured: four times spills.
#pragma clang loop unroll_count(2)
    for (size_t p = 0; p < kc; p++, pa += MR, pb += NR) {
        pair b1 = *(const pair *)(pb + 2), b0 = *(const pair *)pb;
#pragma clang loop unroll(full)
        for (int ii = MR - 1; ii >= 0; ii--) {
            pair a = {pa[ii], pa[ii]};
            acc[ii][1] += a * b1;
            acc[ii][0] += a * b0;
        }
    }
#pragma clang loop unroll(full)
    for (int ii = 0; ii < MR; ii++) {
        *(pair *)&t[ii][0] = acc[ii][0];
        *(pair *)&t[ii][2] = acc[ii][1];
    }
}

// to += t, the part of it that lies inside c.
static inline void add_tile(double *restrict to, size_t ldc, double t[MR][NR], size_t mr, size_t nr) {
    for (size_t ii = 0; ii < mr; ii++) {
        ONE_BY_ONE
        for (size_t jj = 0; jj < nr; jj++) to[ii * ldc + jj] += t[ii][jj];
    }
}

EXPORT("matmul")
void matmul(const double *restrict a, const double *restrict b, double *restrict c, size_t m, size_t k, size_t n) {
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

// ---- images and bytes -----------------------------------------------------------------------------------------------

// One output row of blur. v holds the sums over `rows` image rows; each pixel adds its own column and those of its
// neighbours c bytes away, as far as they exist, and divides by the number of pixels added, rounding to nearest.
static inline void blur_row(uint8_t *restrict out, const uint16_t *restrict v, size_t w, size_t c, unsigned rows) {
    size_t row = w * c;
    if (w == 1) {
        ONE_BY_ONE
        for (size_t i = 0; i < row; i++) out[i] = (uint8_t)((v[i] + rows / 2) / rows);
        return;
    }
    ONE_BY_ONE
    for (size_t i = 0; i < c; i++) {
        size_t last = row - c + i;
        out[i] = (uint8_t)((v[i] + v[i + c] + rows) / (2 * rows));
        out[last] = (uint8_t)((v[last - c] + v[last] + rows) / (2 * rows));
    }
    FEW_AT_ONCE
    for (size_t i = c; i < row - c; i++)
        out[i] = (uint8_t)((v[i - c] + v[i] + v[i + c] + 3 * rows / 2) / (3 * rows));
}

// 3x3 box blur in place. Rows above and at the current one are kept as copies, since the image no longer holds them.
// Returns 1 and leaves img alone when there is no memory for the copies.
EXPORT("blur") int32_t blur(uint8_t *restrict img, size_t h, size_t w, size_t c) {
    if (h == 0 || w == 0 || c == 0) return 0;
    size_t row = w * c;
    if (row > SIZE_MAX / 4) return 1;
    uint16_t *v = malloc(4 * row); // row sums of two bytes, then two rows of one byte
    if (v == NULL) return 1;
    uint8_t *above = (uint8_t *)(v + row), *here = above + row;
    memset(above, 0, row);
    for (size_t y = 0; y < h; y++) {
        uint8_t *line = img + y * row;
        memcpy(here, line, row);
        unsigned rows = y > 0 ? 2 : 1;
        if (y + 1 < h) {
            rows++;
            FEW_AT_ONCE
            for (size_t i = 0; i < row; i++) v[i] = (uint16_t)(above[i] + here[i] + line[row + i]);
        } else {
            FEW_AT_ONCE
            for (size_t i = 0; i < row; i++) v[i] = (uint16_t)(above[i] + here[i]);
        }
        // Constants, so that the divisions become multiplications.
        switch (rows) {
        case 3: blur_row(line, v, w, c, 3); break;
        case 2: blur_row(line, v, w, c, 2); break;
        default: blur_row(line, v, w, c, 1); break;
        }
        uint8_t *old = above;
        above = here;
        here = old;
    }
    free(v);
    return 0;
}

// Counts into four tables in turn: one table would make equal neighbours wait for each other's store.
EXPORT("histogram") void histogram(const uint8_t *restrict x, size_t n, uint32_t *restrict bins) {
    uint32_t part[4][256] = {{0}};
    size_t i = 0;
    for (; n - i >= 4; i += 4) {
        part[0][x[i]]++;
        part[1][x[i + 1]]++;
        part[2][x[i + 2]]++;
        part[3][x[i + 3]]++;
    }
    for (; i < n; i++) part[0][x[i]]++;
    for (size_t b = 0; b < 256; b++) bins[b] = part[0][b] + part[1][b] + part[2][b] + part[3][b];
}

// ---- structs and bools ----------------------------------------------------------------------------------------------

struct Particle {
    float x, y, z;
    int32_t id;
};

// Mean position, summed in double; no particles give zeros.
EXPORT("centroid") void centroid(const struct Particle *restrict p, size_t n, double *restrict out_xyz) {
    double x = 0, y = 0, z = 0;
    for (size_t i = 0; i < n; i++) {
        x += p[i].x;
        y += p[i].y;
        z += p[i].z;
    }
    double d = n > 0 ? (double)n : 1;
    out_xyz[0] = x / d;
    out_xyz[1] = y / d;
    out_xyz[2] = z / d;
}

// Bools are read as bytes: any byte but 0 is true, also those that no C compiler would have stored.
EXPORT("count_true") size_t count_true(const uint8_t *x, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += x[i] != 0;
    return count;
}

EXPORT("any_true") bool any_true(const uint8_t *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0) return true;
    return false;
}

// Writes the low byte of v into every bool, 2 and 200 included: a guest that keeps no promise about its bools.
EXPORT("set_bytes") void set_bytes(uint8_t *x, size_t n, int32_t v) { memset(x, v, n); }

// ---- results of every kind ------------------------------------------------------------------------------------------

static double prime_table[16] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

EXPORT("primes") double *primes(void) { return prime_table; }

// NULL although the signature does not say nullable.
EXPORT("nothing") double *nothing(void) { return NULL; }

EXPORT("nothing_or") double *nothing_or(int32_t x) { return x == 0 ? NULL : prime_table; }

// Integral part into *ip, fraction as the result, both with the sign of x, as C's modf: infinities have fraction 0.
EXPORT("modf_parts") double modf_parts(double x, double *ip) {
    *ip = __builtin_trunc(x);
    return __builtin_copysign(__builtin_isinf(x) ? 0 : x - *ip, x);
}

// Leaves the second half as it was, which must be zeros and not bytes of an earlier call.
EXPORT("first_half") void first_half(double *x, size_t n) {
    for (size_t i = 0; i < n / 2; i++) x[i] = 1;
}

// Doubles the elements and then returns code: a failure after the array was changed.
EXPORT("fill_status") int32_t fill_status(double *x, size_t n, int32_t code) {
    for (size_t i = 0; i < n; i++) x[i] *= 2;
    return code;
}
