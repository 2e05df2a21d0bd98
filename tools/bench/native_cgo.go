//go:build cgo

package main

// #cgo CFLAGS: -O3
// #cgo amd64 CFLAGS: -msse2 -mno-avx
// #include "native.h"
import "C"

import "unsafe"

// haveNative says whether the C kernels are in the program.
const haveNative = true

// nativeFlags are the flags that the C kernels were compiled with, for the header of the report.
const nativeFlags = "-O3, vectors of 128 bits, sums in any order"

func nativeCompiler() string { return C.GoString(C.bench_compiler()) + ", " + nativeFlags }

func doubles(p *float64) *C.double { return (*C.double)(unsafe.Pointer(p)) }
func floats(p *float32) *C.float   { return (*C.float)(unsafe.Pointer(p)) }

func nativeDot(x, y *float64, n int) float64 {
	return float64(C.bench_dot(doubles(x), doubles(y), C.size_t(n)))
}

func nativeSum(x *float64, n int) float64 {
	return float64(C.bench_sum(doubles(x), C.size_t(n)))
}

func nativeDotUnrolled(x, y *float64, n int) float64 {
	return float64(C.bench_dot_unrolled(doubles(x), doubles(y), C.size_t(n)))
}

func nativeSumUnrolled(x *float64, n int) float64 {
	return float64(C.bench_sum_unrolled(doubles(x), C.size_t(n)))
}

func nativeSaxpy(n int, a float32, x, y *float32) {
	C.bench_saxpy(C.size_t(n), C.float(a), floats(x), floats(y))
}

func nativeStencil3(x, y *float64, n int) {
	C.bench_stencil3(doubles(x), doubles(y), C.size_t(n))
}

func nativeMatmul(a, b, c *float64, m, k, n int) {
	C.bench_matmul(doubles(a), doubles(b), doubles(c), C.size_t(m), C.size_t(k), C.size_t(n))
}
