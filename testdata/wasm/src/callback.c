// callback.c - algorithms that call a function of the host: sorting, quadrature, root finding, minimisation.
//
// A function pointer is an index into the module's table. The same source is linked twice: as callback.wasm, which
// exports a table that can grow, and as callfixed.wasm, whose table is what a linker makes of it by default. What a function
// allocates is lost when a call of the host's does not return.
#include "guest.h"

#include <math.h>
#include <stdlib.h>

typedef double (*function)(double);

// ---- sorting

typedef int32_t (*comparison)(const void *, const void *);

static void swap(uint8_t *a, uint8_t *b, size_t width) {
    if (a == b) return;
    for (size_t i = 0; i < width; i++) {
        uint8_t t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

// Heapsort, bottom-up: down along the greater children first, which takes one comparison per level, then up to where the
// root belongs. Not stable. Indices do not depend on what cmp answers but within the array, so no cmp can leave it.
static void sift(uint8_t *base, size_t root, size_t n, size_t width, comparison cmp) {
    size_t at = root;
    while (at < n / 2) {
        size_t child = 2 * at + 1;
        if (child + 1 < n && cmp(base + (child + 1) * width, base + child * width) > 0) child++;
        at = child;
    }
    while (at > root && cmp(base + root * width, base + at * width) > 0) at = (at - 1) / 2;
    for (; at > root; at = (at - 1) / 2) swap(base + root * width, base + at * width, width);
}

EXPORT("qsort") void sort_items(void *items, size_t n, size_t width, comparison cmp) {
    uint8_t *base = items;
    for (size_t i = n / 2; i-- > 0;) sift(base, i, n, width, cmp);
    for (size_t end = n; end-- > 1;) {
        swap(base, base + end * width, width);
        sift(base, 0, end, width, cmp);
    }
}

// ---- quadrature

// Composite Simpson over n intervals, with one more when n is odd. A negative n is 0 and gives 0.
EXPORT("integrate") double integrate(function f, double a, double b, int32_t n) {
    if (n <= 0) return 0;
    double m = (double)n + n % 2, h = (b - a) / m, s = f(a) + f(b);
    for (int64_t i = 1; i < m; i++) s += (i % 2 == 1 ? 4 : 2) * f(a + (double)i * h);
    return s * h / 3;
}

static double simpson(double a, double fa, double fm, double b, double fb) { return (b - a) / 6 * (fa + 4 * fm + fb); }

static double refine(function f, double a, double fa, double m, double fm, double b, double fb, double whole, double tol,
                     int32_t depth) {
    double l = (a + m) / 2, r = (m + b) / 2, fl = f(l), fr = f(r);
    double left = simpson(a, fa, fl, m, fm), right = simpson(m, fm, fr, b, fb), delta = left + right - whole;
    if (depth <= 0 || fabs(delta) <= 15 * tol) return left + right + delta / 15;
    return refine(f, a, fa, l, fl, m, fm, left, tol / 2, depth - 1) + refine(f, m, fm, r, fr, b, fb, right, tol / 2, depth - 1);
}

// Adaptive Simpson, halved at most depth times and never more than 40: a NaN never meets tol.
EXPORT("integrate_adaptive") double integrate_adaptive(function f, double a, double b, double tol, int32_t depth) {
    double m = (a + b) / 2, fa = f(a), fm = f(m), fb = f(b);
    return refine(f, a, fa, m, fm, b, fb, simpson(a, fa, fm, b, fb), tol, depth < 40 ? depth : 40);
}

// What the inner of two integrals needs. It is saved and put back, so that f may itself integrate.
static struct {
    double (*f)(double, double);
    double x, c, d;
    int32_t n;
} inner;

static double along_y(double y) { return inner.f(inner.x, y); }

static double along_x(double x) {
    inner.x = x;
    return integrate(along_y, inner.c, inner.d, inner.n);
}

// Over [a,b] x [c,d]: f is called by a function that is itself called through a pointer.
EXPORT("integrate2") double integrate2(double (*f)(double, double), double a, double b, double c, double d, int32_t n) {
    __typeof__(inner) outer = inner;
    inner.f = f;
    inner.c = c;
    inner.d = d;
    inner.n = n;
    double s = integrate(along_x, a, b, n);
    inner = outer;
    return s;
}

// ---- root finding and minimisation

// Brent's method. NaN when f has the same sign at both ends.
EXPORT("root") double root(function f, double a, double b, double tol) {
    double fa = f(a), fb = f(b);
    if (!(fa <= 0 && fb >= 0) && !(fa >= 0 && fb <= 0)) return NAN;
    double c = a, fc = fa, d = b - a, e = d;
    for (int32_t i = 0; i < 200; i++) {
        if ((fb > 0) == (fc > 0)) c = a, fc = fa, d = e = b - a;
        if (fabs(fc) < fabs(fb)) a = b, b = c, c = a, fa = fb, fb = fc, fc = fa;
        double least = 2 * 0x1p-52 * fabs(b) + tol / 2, half = (c - b) / 2;
        if (fabs(half) <= least || fb == 0) break;
        if (fabs(e) < least || fabs(fa) <= fabs(fb)) {
            d = e = half;
        } else {
            double p, q, s = fb / fa;
            if (a == c) { // secant
                p = 2 * half * s;
                q = 1 - s;
            } else { // inverse quadratic
                double u = fa / fc, r = fb / fc;
                p = s * (2 * half * u * (u - r) - (b - a) * (r - 1));
                q = (u - 1) * (r - 1) * (s - 1);
            }
            if (p > 0) q = -q;
            p = fabs(p);
            if (2 * p < fmin(3 * half * q - fabs(least * q), fabs(e * q))) {
                e = d;
                d = p / q;
            } else {
                d = e = half;
            }
        }
        a = b;
        fa = fb;
        b += fabs(d) > least ? d : copysign(least, half);
        fb = f(b);
    }
    return b;
}

// No memory, no answer.
static double *doubles(size_t n) {
    double *p = n <= SIZE_MAX / sizeof(double) ? malloc(n > 0 ? n * sizeof(double) : 1) : NULL;
    if (p == NULL) __builtin_trap();
    return p;
}

typedef double (*objective)(const double *x, size_t n);

// to = centre + t (corner - centre), and its value.
static double move(objective f, double *to, const double *centre, const double *corner, double t, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = centre[i] + t * (corner[i] - centre[i]);
    return f(to, n);
}

static void copy(double *to, const double *from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = from[i];
}

// Nelder and Mead's simplex, from x and n points beside it at a distance of step. It ends when all its values are within
// tol, or after limit rounds. x is where the least value was found, which is the result.
EXPORT("minimise") double minimise(objective f, double *x, size_t n, double step, double tol, int32_t limit) {
    if (n == 0) return f(x, 0);
    if (n > 1000) __builtin_trap();
    double *simplex = doubles((n + 1) * n + (n + 1) + 3 * n);
    double *value = simplex + (n + 1) * n, *centre = value + n + 1, *try = centre + n, *further = try + n;
    size_t least = 0, most = 0;
    for (size_t i = 0; i <= n; i++) {
        double *corner = simplex + i * n;
        copy(corner, x, n);
        if (i > 0) corner[i - 1] += step;
        value[i] = f(corner, n);
    }
    for (int32_t round = 0;; round++) {
        size_t second = 0; // the greatest but one
        least = most = 0;
        for (size_t i = 1; i <= n; i++) {
            if (value[i] < value[least]) least = i;
            if (value[i] > value[most]) most = i;
        }
        for (size_t i = 0; i <= n; i++) {
            if (i != most && (second == most || value[i] > value[second])) second = i;
        }
        if (round >= limit || value[most] - value[least] <= tol) break;
        for (size_t j = 0; j < n; j++) {
            double s = 0;
            for (size_t i = 0; i <= n; i++) s += i != most ? simplex[i * n + j] : 0;
            centre[j] = s / (double)n;
        }
        double *worst = simplex + most * n, v = move(f, try, centre, worst, -1, n);
        if (v < value[least]) {
            double w = move(f, further, centre, worst, -2, n);
            copy(worst, w < v ? further : try, n);
            value[most] = fmin(v, w);
        } else if (v < value[second]) {
            copy(worst, try, n);
            value[most] = v;
        } else {
            double w = v < value[most] ? move(f, further, centre, try, 0.5, n) : move(f, further, centre, worst, 0.5, n);
            if (w < fmin(v, value[most])) {
                copy(worst, further, n);
                value[most] = w;
            } else {
                for (size_t i = 0; i <= n; i++) {
                    if (i != least) value[i] = move(f, simplex + i * n, simplex + least * n, simplex + i * n, 0.5, n);
                }
            }
        }
    }
    copy(x, simplex + least * n, n);
    double result = value[least];
    free(simplex);
    return result;
}

// ---- differential equations

// Runge and Kutta's method of the fourth order: y' = f(t, y), from t0 to t1 in equal steps. f(t, y, dy) fills dy.
EXPORT("rk4") void rk4(void (*f)(double, const double *, double *), double *y, size_t n, double t0, double t1, int32_t steps) {
    double *k1 = doubles(5 * n), *k2 = k1 + n, *k3 = k2 + n, *k4 = k3 + n, *at = k4 + n, h = (t1 - t0) / steps;
    for (int32_t step = 0; step < steps; step++) {
        double t = t0 + step * h;
        f(t, y, k1);
        for (size_t i = 0; i < n; i++) at[i] = y[i] + h / 2 * k1[i];
        f(t + h / 2, at, k2);
        for (size_t i = 0; i < n; i++) at[i] = y[i] + h / 2 * k2[i];
        f(t + h / 2, at, k3);
        for (size_t i = 0; i < n; i++) at[i] = y[i] + h * k3[i];
        f(t + h, at, k4);
        for (size_t i = 0; i < n; i++) y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
    free(k1);
}

// ---- over arrays

EXPORT("apply") void apply(function f, double *x, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = f(x[i]);
}

// One call for all of x, which f writes where it lies.
EXPORT("map_block") void map_block(void (*f)(double *, size_t), double *x, size_t n) { f(x, n); }

EXPORT("fold_i32") int32_t fold_i32(int32_t (*f)(int32_t, int32_t), const int32_t *x, size_t n, int32_t start) {
    for (size_t i = 0; i < n; i++) start = f(start, x[i]);
    return start;
}

EXPORT("fold_i64") int64_t fold_i64(int64_t (*f)(int64_t, int64_t), const int64_t *x, size_t n, int64_t start) {
    for (size_t i = 0; i < n; i++) start = f(start, x[i]);
    return start;
}

EXPORT("fold_f32") float fold_f32(float (*f)(float, float), const float *x, size_t n, float start) {
    for (size_t i = 0; i < n; i++) start = f(start, x[i]);
    return start;
}

EXPORT("fold_f64") double fold_f64(double (*f)(double, double), const double *x, size_t n, double start) {
    for (size_t i = 0; i < n; i++) start = f(start, x[i]);
    return start;
}

// Narrow types there and back.
EXPORT("count_bytes") size_t count_bytes(bool (*f)(uint8_t), const uint8_t *x, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += f(x[i]);
    return count;
}

// Every scalar in one call: passed on to f as it came.
EXPORT("pass") double pass(double (*f)(int8_t, uint16_t, int32_t, int64_t, float, double, size_t), int8_t a, uint16_t b, int32_t c,
                           int64_t d, float e, double x, size_t y) {
    return f(a, b, c, d, e, x, y);
}

// Calls f(user, i) for 0 <= i < n; user is only handed through.
EXPORT("repeat") void repeat(void (*f)(void *, int32_t), void *user, int32_t n) {
    for (int32_t i = 0; i < n; i++) f(user, i);
}

typedef struct {
    double x, y;
    int32_t id; // and 4 bytes up to the next one
} point;

// Calls f with one point after the other, which it may change, until it says anything but 0. How many it was called with.
EXPORT("visit") size_t visit(int32_t (*f)(point *), point *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (f(&p[i]) != 0) return i + 1;
    }
    return n;
}

// ---- pointers that are kept, given and nested

static function kept;

EXPORT("keep") void keep(function f) { kept = f; }

// Traps before the first keep and after keep(NULL): slot 0 of the table is empty.
EXPORT("call_kept") double call_kept(double x) { return kept(x); }

static double square(double x) { return x * x; }
static double half(double x) { return x / 2; }
static double negate(double x) { return -x; }
static double reciprocal(double x) { return 1 / x; }

static function const ops[] = {square, half, negate, reciprocal};

// NULL for any other k.
EXPORT("get_op") function get_op(int32_t k) { return k >= 0 && (size_t)k < sizeof ops / sizeof *ops ? ops[k] : NULL; }

EXPORT("compose") double compose(function f, function g, double x) { return f(g(x)); }

static double twice(function f, double x) { return f(f(x)); }

static double (*volatile twice_pointer)(function, double) = twice;

// f(f(x)), from a function that is called through a pointer.
EXPORT("call_twice") double call_twice(function f, double x) { return twice_pointer(f, x); }

// f(f(...f(0))), depth times, each from another depth of the stack. A recursion, since no compiler can turn it around.
EXPORT("nest") __attribute__((noinline)) int32_t nest(int32_t (*f)(int32_t), int32_t depth) {
    return depth <= 0 ? 0 : f(nest(f, depth - 1));
}
