package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

const (
	daxpySig   = "c_daxpy(n: i32, alpha: f64, x: f64[n], sx: i32 = 1, y: inout f64[n], sy: i32 = 1)"
	daxpyNDSig = "c_daxpy_ndarray(n: i32, alpha: f64, x: f64[n] strided, sx: i32 = stride(x,0), ox: i32 = 0, y: inout f64[n] strided, sy: i32 = stride(y,0), oy: i32 = 0)"
	ddotSig    = "c_ddot(n: i32, x: f64[n], sx: i32 = 1, y: f64[n], sy: i32 = 1) -> f64"
)

// @stdlib/blas: relocatable modules of clang that import their memory and have no allocator.
func TestRecipe1StdlibBLAS(t *testing.T) {
	lib := library(t, "daxpy", recipes(t), nil)
	daxpy := bind(t, lib, daxpySig)
	y := []float64{1, 1, 1, 1, 1}
	call(t, daxpy, 5.0, []float64{1, 2, 3, 4, 5}, y)
	require.Equal(t, []float64{6, 11, 16, 21, 26}, y)

	// Strides are in the views: x[1::2] and y[4:0:-2], of which the signature derives what the function is told.
	strided := bind(t, lib, daxpyNDSig)
	y = make([]float64, 5)
	odd := must(memview.FromStrided([]float64{2, 3, 4}, []int{2}, []int{2}))
	back := must(goArray(t, y).Sub(0, 4, 0, -2))
	call(t, strided, 2.0, odd, back)
	require.Equal(t, []float64{0, 0, 8, 0, 4}, y)
	require.NoError(t, lib.CheckLeaks())
}

func TestRecipe1Dot(t *testing.T) {
	dot := bind(t, library(t, "ddot", recipes(t), nil), ddotSig)
	r := call(t, dot, []float64{4, 2, -3, 5, -1}, []float64{2, 6, -1, -4, 8})
	require.Equal(t, -5.0, r.Float64())
}
