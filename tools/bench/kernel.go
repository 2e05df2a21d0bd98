package main

import (
	"math"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// kernel is one function in every implementation.
type kernel struct {
	export string
	sig    string
	// sizes are the bytes of the arrays for n elements, the output last.
	sizes func(n int) []int
	dtype memview.DType
	// output is the array that the function writes; -1: its result is a number.
	output int
	bind   func(a *arena, n int, guest *wasmffi.Func, raw *engineFunc) kernelCalls
}

// kernelCalls run the function once, on the arrays of an arena. They call wasmffi directly: an ...any handed through a
// function value would move its contents to the heap.
type kernelCalls struct {
	native, unrolled, guest, raw, plain func() float64
}

// setup places and fills the arrays of a kernel and binds its implementations.
func (k kernel) setup(e *env, n int) (*arena, kernelCalls, error) {
	a, err := e.arrays(k.sizes(n)...)
	if err != nil {
		return nil, kernelCalls{}, err
	}
	for i := range a.sizes {
		a.fill(i, k.dtype, 1)
	}
	f, err := e.lib.Func(k.sig)
	if err != nil {
		a.free()
		return nil, kernelCalls{}, err
	}
	return a, k.bind(a, n, f, e.export(k.export)), nil
}

func bytesOf(item int, arrays int) func(n int) []int {
	return func(n int) []int {
		sizes := make([]int, arrays)
		for i := range sizes {
			sizes[i] = max(item*n, item)
		}
		return sizes
	}
}

var dotKernel = kernel{
	export: "dot", sig: dotSig, sizes: bytesOf(8, 2), dtype: memview.F64, output: -1,
	bind: func(a *arena, n int, guest *wasmffi.Func, raw *engineFunc) kernelCalls {
		x, y := a.f64(0)[:n], a.f64(1)[:n]
		px, py := &a.f64(0)[0], &a.f64(1)[0]
		gx, gy := a.array(0, memview.F64, n), a.array(1, memview.F64, n)
		rx, ry := uint64(a.rawPtr(0)), uint64(a.rawPtr(1))
		return kernelCalls{
			native:   func() float64 { return nativeDot(px, py, n) },
			guest:    func() float64 { return must(guest.Call(ctx, gx, gy)).Float64() },
			raw:      func() float64 { return raw.call(rx, ry, uint64(n)) },
			unrolled: func() float64 { return nativeDotUnrolled(px, py, n) },
			plain:    func() float64 { return plainDot(x, y) },
		}
	},
}

var sumKernel = kernel{
	export: "sum", sig: "sum(x: f64[n], n: size) -> f64", sizes: bytesOf(8, 1), dtype: memview.F64, output: -1,
	bind: func(a *arena, n int, guest *wasmffi.Func, raw *engineFunc) kernelCalls {
		x, px := a.f64(0)[:n], &a.f64(0)[0]
		gx, rx := a.array(0, memview.F64, n), uint64(a.rawPtr(0))
		return kernelCalls{
			native:   func() float64 { return nativeSum(px, n) },
			guest:    func() float64 { return must(guest.Call(ctx, gx)).Float64() },
			unrolled: func() float64 { return nativeSumUnrolled(px, n) },
			raw:      func() float64 { return raw.call(rx, uint64(n)) },
			plain:    func() float64 { return plainSum(x) },
		}
	},
}

var saxpyKernel = kernel{
	export: "saxpy", sig: "saxpy(n: size, a: f32, x: f32[n], y: inout f32[n])", sizes: bytesOf(4, 2), dtype: memview.F32, output: 1,
	bind: func(a *arena, n int, guest *wasmffi.Func, raw *engineFunc) kernelCalls {
		const factor = 0.5
		bits := uint64(math.Float32bits(factor))
		x, y := a.f32(0)[:n], a.f32(1)[:n]
		px, py := &a.f32(0)[0], &a.f32(1)[0]
		gx, gy := a.array(0, memview.F32, n), a.array(1, memview.F32, n)
		rx, ry := uint64(a.rawPtr(0)), uint64(a.rawPtr(1))
		return kernelCalls{
			native: func() float64 { nativeSaxpy(n, factor, px, py); return 0 },
			guest:  func() float64 { must(guest.Call(ctx, float32(factor), gx, gy)); return 0 },
			raw:    func() float64 { return raw.call(uint64(n), bits, rx, ry) },
			plain:  func() float64 { plainSaxpy(factor, x, y); return 0 },
		}
	},
}

var stencilKernel = kernel{
	export: "stencil3", sig: "stencil3(x: f64[n], y: out f64[n], n: size)", sizes: bytesOf(8, 2), dtype: memview.F64, output: 1,
	bind: func(a *arena, n int, guest *wasmffi.Func, raw *engineFunc) kernelCalls {
		x, y := a.f64(0)[:n], a.f64(1)[:n]
		px, py := &a.f64(0)[0], &a.f64(1)[0]
		gx, gy := a.array(0, memview.F64, n), a.array(1, memview.F64, n)
		rx, ry := uint64(a.rawPtr(0)), uint64(a.rawPtr(1))
		return kernelCalls{
			native: func() float64 { nativeStencil3(px, py, n); return 0 },
			guest:  func() float64 { must(guest.Call(ctx, gx, gy)); return 0 },
			raw:    func() float64 { return raw.call(rx, ry, uint64(n)) },
			plain:  func() float64 { plainStencil3(x, y); return 0 },
		}
	},
}

// matmulKernel multiplies square matrices of n rows.
var matmulKernel = kernel{
	export: "matmul", sig: "matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)",
	sizes: func(n int) []int { return bytesOf(8, 3)(n * n) }, dtype: memview.F64, output: 2,
	bind: func(a *arena, n int, guest *wasmffi.Func, raw *engineFunc) kernelCalls {
		x, y, z := a.f64(0)[:n*n], a.f64(1)[:n*n], a.f64(2)[:n*n]
		px, py, pz := &a.f64(0)[0], &a.f64(1)[0], &a.f64(2)[0]
		gx, gy, gz := a.array(0, memview.F64, n, n), a.array(1, memview.F64, n, n), a.array(2, memview.F64, n, n)
		rx, ry, rz, size := uint64(a.rawPtr(0)), uint64(a.rawPtr(1)), uint64(a.rawPtr(2)), uint64(n)
		return kernelCalls{
			native: func() float64 { nativeMatmul(px, py, pz, n, n, n); return 0 },
			guest:  func() float64 { must(guest.Call(ctx, gx, gy, gz)); return 0 },
			raw:    func() float64 { return raw.call(rx, ry, rz, size, size, size) },
			plain:  func() float64 { plainMatmul(x, y, z, n, n, n); return 0 },
		}
	},
}
