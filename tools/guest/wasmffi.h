// wasmffi.h - exports functions from a WebAssembly module together with their signatures. For C11, C++11 and later, clang.
//
//     #include "wasmffi.h"
//
//     WASMFFI_FUNCTION("dot", "(x: f64[n], y: f64[n], n: size) -> f64")
//     double dot(const double *x, const double *y, size_t n) {
//         double s = 0;
//         for (size_t i = 0; i < n; i++) s += x[i] * y[i];
//         return s;
//     }
//
// The signature is a line in the module's custom section "wasmffi", where the host finds it. The host checks every array
// against it before the function runs: type, shape, layout, alignment, overlap. The function need not.
//
// What the parameters of a signature are in C, one to one and in the same order:
//
//     i8 ... i64, u8 ... u64, f32, f64, bool    int8_t ... int64_t, uint8_t ... uint64_t, float, double, bool
//     size, ptr                                 size_t, an address; 32 bits on wasm32
//     x: f64[n]                                 const double *x, not NULL, aligned, n elements in C order
//     x: out f64[n], x: inout f64[n]            double *x; what is out is all zero when the function begins
//     x: f64[n] nullable                        may be NULL
//     x: f64[m,n] strided desc                  const DLTensor *x, see below
//     x: f16[n], x: c64[n], x: c128[n]          const uint16_t *x, and pairs of float or double (re, im)
//     v: out f64                                double *v, one value
//     s: cstr                                   const char *s, ends in NUL
//     h: Setup (type Setup = opaque ...)        Setup *h
//     f: func(f64) -> f64                       double (*f)(double)
//
// An array that the function writes overlaps no other array of the call, unless it is marked mayalias: `restrict` is
// true of it. An array result that is marked owned is freed by the host with the module's free.
//
// A module whose calls take Go slices must export malloc and free (--export=malloc --export=free): the host makes room
// with them. README.md has the commands that build a module.
//
// For other targets than wasm the macros leave plain functions, so that the same source can be tested natively.
#ifndef WASMFFI_H
#define WASMFFI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define WASMFFI_EXTERN_C extern "C"
#define WASMFFI_ASSERT(what, text) static_assert(what, text)
#else
#define WASMFFI_EXTERN_C
#define WASMFFI_ASSERT(what, text) _Static_assert(what, text)
#endif

// WASMFFI_EXPORT("name") exports the function whose definition follows under that name, which may be any text. The name is
// spelled out, so that it depends neither on mangling nor on what the linker does to symbols. In C++ the function has C
// linkage; a method or an instance of a template needs a function around it.
#ifdef __wasm__
#define WASMFFI_EXPORT(name) WASMFFI_EXTERN_C __attribute__((export_name(name), used))
#else
#define WASMFFI_EXPORT(name) WASMFFI_EXTERN_C
#endif

// WASMFFI_SIG("text"); adds one line to the section: a signature or a type declaration. It stands outside of functions,
// and the order of lines does not matter. Equal lines may repeat, so declarations may live in a header of your own.
//
//     WASMFFI_SIG("type Particle = {x: f32, y: f32, z: f32, id: i32}");
//     WASMFFI_SIG("centroid(p: Particle[n], n: size, out_xyz: out f64[3])");
//
// The text goes through the compiler and then through the assembler, and each takes one layer of escapes. A quote, which
// stands around export names that are no identifiers, is therefore written \\\" (in a C++ raw string: \"):
//
//     WASMFFI_SIG("\\\"Foo#bar\\\"(x: f64[n], n: size) -> f64");
//     WASMFFI_EXPORT("Foo#bar") double foo_bar(const double *x, size_t n) { ... }
//
// An attribute cannot do this: __attribute__((section)) makes a data segment on wasm, not a custom section.
#ifdef __wasm__
#define WASMFFI_SIG(text) __asm__(".section .custom_section.wasmffi,\"\",@\n.ascii \"" text "\\n\"\n.text\n")
#else
#define WASMFFI_SIG(text) WASMFFI_ASSERT(sizeof("" text) > 1, "a signature is a string literal")
#endif

// WASMFFI_FUNCTION("name", "(parameters) -> result") is both for the function whose definition follows. The name must be an
// identifier here: letters, digits and _, no digit first.
#define WASMFFI_FUNCTION(name, signature) \
    WASMFFI_SIG(name signature);          \
    WASMFFI_EXPORT(name)

// What typecode(x) in a signature gives, for functions that take arrays of several types:
//
//     WASMFFI_FUNCTION("norm", "(x: f32|f64[n], n: size, t: i32 = typecode(x)) -> f64")
//     double norm(const void *x, size_t n, int32_t t) { switch (t) { case WASMFFI_F32: ...
//
// It is the type code of DLPack times 256, plus the bits of an element.
enum {
    WASMFFI_I8 = 0 * 256 + 8,
    WASMFFI_I16 = 0 * 256 + 16,
    WASMFFI_I32 = 0 * 256 + 32,
    WASMFFI_I64 = 0 * 256 + 64,
    WASMFFI_U8 = 1 * 256 + 8,
    WASMFFI_U16 = 1 * 256 + 16,
    WASMFFI_U32 = 1 * 256 + 32,
    WASMFFI_U64 = 1 * 256 + 64,
    WASMFFI_F16 = 2 * 256 + 16,
    WASMFFI_F32 = 2 * 256 + 32,
    WASMFFI_F64 = 2 * 256 + 64,
    WASMFFI_C64 = 5 * 256 + 64,
    WASMFFI_C128 = 5 * 256 + 128,
    WASMFFI_BOOL = 6 * 256 + 8
};

// DLTensor is what a parameter marked desc points to: an array with its type, shape and strides, in the layout of DLPack.
// It belongs to the host and is valid until the function returns. dlpack.h, included first, takes precedence;
// WASMFFI_NO_DLTENSOR leaves the type out.
//
// Element (i, j) of a two-dimensional x of doubles is
//
//     ((const double *)((const char *)x->data + x->byte_offset))[i * x->strides[0] + j * x->strides[1]]
//
// in which the index may be negative: do the sum in int64_t or ptrdiff_t.
#if !defined(DLPACK_DLPACK_H_) && !defined(WASMFFI_NO_DLTENSOR)

typedef struct {
    int32_t device_type; // 1: plain memory, always
    int32_t device_id;   // 0
} DLDevice;

typedef struct {
    uint8_t code;   // 0 int, 1 uint, 2 float, 5 complex, 6 bool
    uint8_t bits;   // of one element
    uint16_t lanes; // 1
} DLDataType;

typedef struct {
    void *data;
    DLDevice device;
    int32_t ndim;
    DLDataType dtype;
    int64_t *shape;       // ndim numbers
    int64_t *strides;     // ndim numbers, in elements, may be negative or zero; never NULL when ndim > 0
    uint64_t byte_offset; // from data to the first element
} DLTensor;

#endif

// The host writes these offsets.
#if defined(__wasm32__) && !defined(WASMFFI_NO_DLTENSOR)
WASMFFI_ASSERT(offsetof(DLTensor, data) == 0, "DLTensor.data");
WASMFFI_ASSERT(offsetof(DLTensor, device) == 4 && sizeof(DLDevice) == 8, "DLTensor.device");
WASMFFI_ASSERT(offsetof(DLTensor, ndim) == 12, "DLTensor.ndim");
WASMFFI_ASSERT(offsetof(DLTensor, dtype) == 16 && sizeof(DLDataType) == 4, "DLTensor.dtype");
WASMFFI_ASSERT(offsetof(DLDataType, bits) == 1 && offsetof(DLDataType, lanes) == 2, "DLDataType");
WASMFFI_ASSERT(offsetof(DLTensor, shape) == 20, "DLTensor.shape");
WASMFFI_ASSERT(offsetof(DLTensor, strides) == 24, "DLTensor.strides");
WASMFFI_ASSERT(offsetof(DLTensor, byte_offset) == 32, "DLTensor.byte_offset");
WASMFFI_ASSERT(sizeof(DLTensor) == 40, "DLTensor");
#endif

#endif
