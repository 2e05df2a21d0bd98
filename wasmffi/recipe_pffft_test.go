package wasmffi_test

import (
	"math"
	"math/cmplx"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

const (
	setupDecl    = "type Setup = opaque free(pffft_destroy_setup); "
	newSetupSig  = setupDecl + "pffft_new_setup(n: i32, kind: i32) -> Setup"
	transformSig = setupDecl + "pffft_transform_ordered(s: Setup, x: c64[n] align(16), y: out c64[n] align(16), work: out c64[n] align(16), dir: i32)"
)

// @echogarden/pffft-wasm: a minified module of emscripten with SIMD, that has handles and wants arrays at multiples
// of 16 bytes.
func TestRecipe4PFFFT(t *testing.T) {
	const n, kindComplex, forward = 64, 1, 0
	dir := recipes(t)
	lib := library(t, "pffft", dir, &wasmffi.Options{Names: cNames(t, dir, "pffft.js")})
	r := call(t, bind(t, lib, newSetupSig), n, kindComplex)
	setup := r.Handle()
	transform := bind(t, lib, transformSig)

	x, y, work := make([]complex64, n), make([]complex64, n), make([]complex64, n)
	for i := range x {
		x[i] = complex(float32(math.Cos(2*math.Pi*3*float64(i)/n)), float32(i%5)-2)
	}
	call(t, transform, setup, x, y, work, forward)
	for k, want := range dft(x) {
		require.InDelta(t, 0, cmplx.Abs(complex128(y[k])-want), 1e-4, "frequency %d: got %v, want %v", k, y[k], want)
	}
	require.NoError(t, setup.Close())
	require.NoError(t, lib.CheckLeaks())
}

// dft is the discrete Fourier transform by its definition.
func dft(x []complex64) []complex128 {
	y := make([]complex128, len(x))
	for k := range y {
		for i, v := range x {
			y[k] += complex128(v) * cmplx.Rect(1, -2*math.Pi*float64(k*i)/float64(len(x)))
		}
	}
	return y
}
