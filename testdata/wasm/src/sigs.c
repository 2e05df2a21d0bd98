// sigs.c - a function for every feature of the signature language.
//
// What the host promises by the signature is checked where that is cheap, and a broken promise traps: these functions are
// there to tell whether the host keeps it.
#include "guest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(what) \
    if (!(what)) __builtin_trap()

static inline size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

static inline double sum(const double *x, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}

// ---- types that are left open ---------------------------------------------------------------------------------------

#define GEMM(T)                                                                                             \
    static void gemm_##T(const T *restrict a, const T *restrict b, T *restrict c, size_t m, size_t k, size_t n) { \
        memset(c, 0, m * n * sizeof *c);                                                                    \
        for (size_t i = 0; i < m; i++)                                                                      \
            for (size_t p = 0; p < k; p++)                                                                  \
                for (size_t j = 0; j < n; j++) c[i * n + j] += a[i * k + p] * b[p * n + j];                 \
    }
GEMM(float)
GEMM(double)

EXPORT("gemm") void gemm(const void *a, const void *b, void *c, size_t m, size_t k, size_t n, int32_t t) {
    switch (t) {
    case WASMFFI_F32: gemm_float(a, b, c, m, k, n); break;
    case WASMFFI_F64: gemm_double(a, b, c, m, k, n); break;
    default: __builtin_trap();
    }
}

// By hand, because clang has no 16-bit float for wasm. Infinities and NaNs stay what they are.
static double from_half(uint16_t h) {
    int exponent = h >> 10 & 31, fraction = h & 1023;
    double v;
    if (exponent == 31)
        v = fraction == 0 ? INFINITY : NAN;
    else if (exponent == 0)
        v = fraction * 0x1p-24;
    else
        v = (1024 + fraction) * 0x1p-25 * (double)(1u << exponent);
    return h >> 15 ? -v : v;
}

// The Euclidean norm, summed in double without scaling.
EXPORT("norm") double norm(const void *x, size_t n, int32_t t) {
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double v;
        switch (t) {
        case WASMFFI_F16: v = from_half(((const uint16_t *)x)[i]); break;
        case WASMFFI_F32: v = ((const float *)x)[i]; break;
        case WASMFFI_F64: v = ((const double *)x)[i]; break;
        default: __builtin_trap();
        }
        s += v * v;
    }
    return sqrt(s);
}

// Wraps around on overflow; in unsigned types, where that is what C says.
#define ADD(T)                                                                                  \
    static void add_##T(const T *restrict x, const T *restrict y, T *restrict z, size_t n) { \
        for (size_t i = 0; i < n; i++) z[i] = (T)(x[i] + y[i]);                                 \
    }
ADD(uint8_t)
ADD(uint16_t)
ADD(uint32_t)
ADD(uint64_t)

EXPORT("typed_add") void typed_add(const void *x, const void *y, void *z, size_t n, size_t w) {
    switch (w) {
    case 1: add_uint8_t(x, y, z, n); break;
    case 2: add_uint16_t(x, y, z, n); break;
    case 4: add_uint32_t(x, y, z, n); break;
    case 8: add_uint64_t(x, y, z, n); break;
    default: __builtin_trap();
    }
}

static void swap(uint8_t *a, uint8_t *b, size_t width) {
    for (size_t i = 0; i < width; i++) {
        uint8_t t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

// Moves the element at i down a heap of n elements to its place.
static void sift(uint8_t *base, size_t i, size_t n, size_t width) {
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        uint8_t *c = base + child * width;
        if (child + 1 < n && memcmp(c, c + width, width) < 0) {
            child++;
            c += width;
        }
        if (memcmp(base + i * width, c, width) >= 0) return;
        swap(base + i * width, c, width);
    }
}

// Sorts by the bytes of the elements, as memcmp does. A heap sort: no recursion, no memory, no bad case.
EXPORT("qsort_bytes") void qsort_bytes(void *base, size_t n, size_t width) {
    for (size_t i = n / 2; i-- > 0;) sift(base, i, n, width);
    for (size_t end = n; end-- > 1;) {
        swap(base, (uint8_t *)base + end * width, width);
        sift(base, 0, end, width);
    }
}

// ---- expressions and conditions -------------------------------------------------------------------------------------

// The full convolution; with m or n zero, zeros.
EXPORT("conv1d") void conv1d(const double *restrict x, const double *restrict y, double *restrict z, size_t m, size_t n) {
    REQUIRE((uintptr_t)z % 16 == 0 && m + n >= 1);
    memset(z, 0, (m + n - 1) * sizeof *z);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) z[i + j] += x[i] * y[j];
}

#define TWO_PI 0x1.921fb54442d18p+2 // -std=c17 hides M_PI

// y[j] = sum of x[i] exp(-2 pi i j I / n), the plain way. n = 0 gives one zero.
EXPORT("rdft") void rdft(const double *restrict x, size_t n, double *restrict y) {
    for (size_t j = 0; j <= n / 2; j++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < n; i++) {
            double angle = TWO_PI * (double)((uint64_t)i * j % n) / (double)n; // reduced while it is an exact integer
            re += x[i] * cos(angle);
            im -= x[i] * sin(angle);
        }
        y[2 * j] = re;
        y[2 * j + 1] = im;
    }
}

// Means of pairs.
EXPORT("halve") void halve(const double *restrict x, size_t n, double *restrict y) {
    REQUIRE(n % 2 == 0 && n > 4);
    for (size_t i = 0; i < n / 2; i++) y[i] = (x[2 * i] + x[2 * i + 1]) / 2;
}

EXPORT("mean") double mean(const double *x, size_t n) {
    REQUIRE(n > 0);
    for (size_t i = 0; i < n; i++) REQUIRE(isfinite(x[i]));
    return sum(x, n) / (double)n;
}

// Byte i is i, modulo 256.
EXPORT("fill_bytes") void fill_bytes(void *x, size_t bytes) {
    uint8_t *to = x;
    for (size_t i = 0; i < bytes; i++) to[i] = (uint8_t)i;
}

// k bins of equal width over 0 to 255.
EXPORT("hist") void hist(const uint8_t *restrict x, size_t m, uint32_t *restrict bins, size_t k) {
    memset(bins, 0, k * sizeof *bins);
    if (k == 0) return;
    for (size_t i = 0; i < m; i++) bins[(uint64_t)x[i] * k / 256]++;
}

// ---- layouts --------------------------------------------------------------------------------------------------------

EXPORT("sum_strided") double sum_strided(const DLTensor *x) {
    REQUIRE(x->device.device_type == 1 && x->device.device_id == 0 && x->ndim == 2 && x->strides != NULL);
    REQUIRE(x->dtype.code == 2 && x->dtype.bits == 64 && x->dtype.lanes == 1);
    const double *first = (const double *)((const char *)x->data + x->byte_offset);
    double s = 0;
    for (int64_t i = 0; i < x->shape[0]; i++)
        for (int64_t j = 0; j < x->shape[1]; j++) s += first[i * x->strides[0] + j * x->strides[1]];
    return s;
}

// c = alpha a b + beta c, in C order, with the distances of the rows in elements. As in BLAS, a beta of zero does not read
// c, which may then hold NaNs.
EXPORT("dgemm")
void dgemm(int32_t m, int32_t n, int32_t k, double alpha, const double *restrict a, int32_t lda, const double *restrict b,
           int32_t ldb, double beta, double *restrict c, int32_t ldc) {
    for (int32_t i = 0; i < m; i++)
        for (int32_t j = 0; j < n; j++) {
            double s = 0;
            for (int32_t p = 0; p < k; p++) s += a[(size_t)i * lda + p] * b[(size_t)p * ldb + j];
            double *to = &c[(size_t)i * ldc + j];
            *to = alpha * s + (beta == 0 ? 0 : beta * *to);
        }
}

// y += alpha x. Strides are in elements and may be negative; x and y point at element 0, unlike in BLAS, where they
// point at the lowest address.
EXPORT("daxpy_strided")
void daxpy_strided(int32_t n, double alpha, const double *x, int32_t sx, double *y, int32_t sy) {
    for (int32_t i = 0; i < n; i++) y[(ptrdiff_t)i * sy] += alpha * x[(ptrdiff_t)i * sx];
}

// Every element times its position in C order, from 1: an array that came in C order gives another sum.
EXPORT("fsum") double fsum(const double *x, size_t m, size_t n) {
    double s = 0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) s += x[j * m + i] * (double)(i * n + j + 1);
    return s;
}

EXPORT("alias_copy") void alias_copy(const double *x, double *y, size_t n) { memmove(y, x, n * sizeof *y); }

// The sum, or -1 for NULL.
EXPORT("optional") double optional(const double *x, size_t n) { return x == NULL ? -1 : sum(x, n); }

// ---- lengths that the guest says ------------------------------------------------------------------------------------

// Run-length coding in pairs of a count and a byte. Level 0 looks for no runs and writes a pair for each byte. The result
// is the number of bytes that src needs. When that is more than cap, only the pairs that fit are there: a host that
// takes the result for a length without looking reads past the end.
EXPORT("rle_compress")
size_t rle_compress(uint8_t *restrict dst, size_t cap, const uint8_t *restrict src, size_t n, int32_t level) {
    size_t most = level == 0 ? 1 : 255, need = 0;
    for (size_t i = 0, run; i < n; i += run) {
        for (run = 1; run < min_size(most, n - i) && src[i + run] == src[i]; run++) {}
        if (cap >= 2 && need <= cap - 2) {
            dst[need] = (uint8_t)run;
            dst[need + 1] = src[i];
        }
        need += 2;
    }
    return need;
}

// 0, 1, ..., k-1 in a block that the caller frees; NULL and no elements for a negative k or without memory. One k lies:
// there are as many elements as fit in no memory.
EXPORT("get") double *get(int32_t k, size_t *n_out) {
    enum { LIE = 1000000 };
    *n_out = 0;
    if (k < 0 || (size_t)k > SIZE_MAX / sizeof(double)) return NULL;
    double *x = malloc(k == 0 ? 1 : (size_t)k * sizeof *x);
    if (x == NULL) return NULL;
    for (int32_t i = 0; i < k; i++) x[i] = i;
    *n_out = k == LIE ? (size_t)1 << 31 : (size_t)k;
    return x;
}

// Integral part into *ip, fraction as the result, both with the sign of x, as C's modf: infinities have fraction 0.
EXPORT("modf2") double modf2(double x, double *ip) { return modf(x, ip); }

// ---- handles --------------------------------------------------------------------------------------------------------

typedef struct {
    // volatile: the compiler would drop the store before free, which makes a dangling handle recognisable.
    volatile uint32_t magic;
    int32_t n, kind;
} Setup;

enum { OPEN = 0x5e709f3a, CLOSED = 0xdead };

static int32_t open_setups;

// A setup that scales up to n elements by kind; NULL for a negative n.
EXPORT("setup_new") Setup *setup_new(int32_t n, int32_t kind) {
    if (n < 0) return NULL;
    Setup *s = malloc(sizeof *s);
    if (s == NULL) return NULL;
    s->magic = OPEN;
    s->n = n;
    s->kind = kind;
    open_setups++;
    return s;
}

// A constructor that fails.
EXPORT("setup_none") Setup *setup_none(void) { return NULL; }

// Multiplies the first s->n elements, and no others. Traps for what is no open setup.
EXPORT("setup_scale") void setup_scale(const Setup *s, double *x, size_t n) {
    REQUIRE(s->magic == OPEN);
    for (size_t i = 0; i < min_size(n, (size_t)s->n); i++) x[i] *= s->kind;
}

// Traps for what is no open setup, such as one that was freed before; NULL is none and no error.
EXPORT("setup_free") void setup_free(Setup *s) {
    if (s == NULL) return;
    REQUIRE(s->magic == OPEN);
    s->magic = CLOSED;
    open_setups--;
    free(s);
}

EXPORT("setup_count") int32_t setup_count(void) { return open_setups; }

// ---- texts ----------------------------------------------------------------------------------------------------------

EXPORT("text_length") int32_t text_length(const char *s) { return s == NULL ? -1 : (int32_t)strlen(s); }

EXPORT("version") const char *version(void) { return "sigs 1.0"; }

// Texts that do not end: by turns the last 16 bytes of memory, of which none is NUL, and an address far outside. Memory
// grows by a page first, because its end may be in use.
EXPORT("text_wild") uintptr_t text_wild(void) {
    static bool outside = true;
    outside = !outside;
    if (outside || __builtin_wasm_memory_grow(0, 1) == SIZE_MAX) return 0xFFFFFFF0u;
    uintptr_t p = __builtin_wasm_memory_size(0) * WASM_PAGE - 16;
    memset((void *)p, 'x', 16);
    return p;
}

// ---- callbacks and names --------------------------------------------------------------------------------------------

// The midpoint rule with n intervals; none give 0.
EXPORT("integrate") double integrate(double (*f)(double), double a, double b, int32_t n) {
    double h = (b - a) / n, s = 0;
    for (int32_t i = 0; i < n; i++) s += f(a + (i + 0.5) * h);
    return n > 0 ? s * h : 0;
}

EXPORT("Foo#bar") double foo_bar(const double *x, size_t n) { return sum(x, n); }
