package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// All 21 parameters of C. Sizes are derived, outputs are allocated.
const lpCallSig = `Highs_lpCall(num_col: i32, num_row: i32, num_nz: i32, a_format: i32, sense: i32, offset: f64,
	col_cost: f64[num_col], col_lower: f64[num_col], col_upper: f64[num_col], row_lower: f64[num_row], row_upper: f64[num_row],
	a_start: i32[num_col], a_index: i32[num_nz], a_value: f64[num_nz],
	col_value: out f64[num_col], col_dual: out f64[num_col], row_value: out f64[num_row], row_dual: out f64[num_row],
	col_basis: out i32[num_col], row_basis: out i32[num_row], model_status: out i32) -> i32 ok(0)`

// highs: a solver of 3.5 MB, minified, that imports files and clocks. The program minimizes x0 + x1 + 3 where
//
//	x1 <= 7,  5 <= x0 + 2 x1 <= 15,  6 <= 3 x0 + 2 x1,  0 <= x0 <= 4,  1 <= x1
func TestRecipe5HiGHS(t *testing.T) {
	const colwise, minimize, infinity, optimal = 1, 1, 1e30, 7
	dir := recipes(t)
	lib := library(t, "highs", dir, &wasmffi.Options{Names: cNames(t, dir, "highs.js")})
	lpCall := bind(t, lib, lpCallSig)

	r := call(t, lpCall, colwise, minimize, 3.0,
		[]float64{1, 1}, []float64{0, 1}, []float64{4, infinity}, // cost and bounds of the columns
		[]float64{-infinity, 5, 6}, []float64{7, 15, infinity}, // bounds of the rows
		[]int32{0, 2}, []int32{1, 2, 0, 1, 2}, []float64{1, 3, 1, 2, 2}) // the matrix
	require.EqualValues(t, optimal, r.OutInt("model_status"))
	x, err := wasmffi.Take[float64](r, "col_value")
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{0.5, 2.25}, x, 1e-9)
	rows, err := wasmffi.Take[float64](r, "row_value")
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{2.25, 5, 6}, rows, 1e-9)
	require.NoError(t, r.Free()) // the other outputs
	require.NoError(t, lib.CheckLeaks())
}
