package wasmffi_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Outputs that are left out are made by the library; all of them or none.
func TestOutputsLeftOut(t *testing.T) {
	lib := open(t, wasm.Vec)
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	x := []float64{1, 2, 6}
	for _, args := range [][]any{{x}, {x, wasmffi.New(3)}, {array(t, lib, x)}} {
		r := call(t, stencil, args...)
		require.Equal(t, []string{"y"}, r.Outs())
		y := r.Out("y")
		require.NotZero(t, y.Flags()&memview.OwnData)
		require.Equal(t, []int{3}, y.Shape())
		s, err := memview.Slice[float64](y) // shared until freed
		require.NoError(t, err)
		require.Equal(t, []float64{1, 3, 6}, s)

		require.NoError(t, r.Free())
		require.ErrorIs(t, y.CheckAlive(), wasmffi.ErrFreed)
		require.NoError(t, r.Free()) // idempotent
		_, err = wasmffi.Take[float64](r, "y")
		require.ErrorIs(t, err, wasmffi.ErrFreed)
		require.ErrorIs(t, lib.Free(y), wasmffi.ErrFreed)
	}

	r := call(t, stencil, x)
	v, err := wasmffi.Take[float64](r, "y")
	require.NoError(t, err)
	require.Equal(t, []float64{1, 3, 6}, v)
	require.ErrorIs(t, r.Out("y").CheckAlive(), wasmffi.ErrFreed)
	require.NoError(t, r.Free()) // after Take

	r = call(t, stencil, x) // freed by hand
	require.NoError(t, lib.Free(r.Out("y")))
	require.NoError(t, r.Free())
	copied := r
	require.NoError(t, copied.Free())
}

// Take of another dtype fails and frees nothing.
func TestTakeOfAnotherType(t *testing.T) {
	lib := open(t, wasm.Vec)
	r := call(t, bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)"), []float64{1, 2, 6})
	_, err := wasmffi.Take[float32](r, "y")
	require.ErrorIs(t, err, memview.ErrDType)
	require.NoError(t, r.Out("y").CheckAlive())
	v, err := wasmffi.Take[float64](r, "y")
	require.NoError(t, err)
	require.Equal(t, []float64{1, 3, 6}, v)
	_, err = wasmffi.Take[float64](r, "x")
	require.EqualError(t, err, `wasmffi: Take("x"): the call has no such output, it has ["y"]`)
}

// What the caller passed stays the caller's.
func TestFreeLeavesTheCallersArrays(t *testing.T) {
	lib := open(t, wasm.Vec)
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	y := array(t, lib, []float64{0, 0, 0})
	r := call(t, stencil, []float64{1, 2, 6}, y)
	v, err := wasmffi.Take[float64](r, "y")
	require.NoError(t, err)
	require.Equal(t, []float64{1, 3, 6}, v)
	require.NoError(t, r.Free())
	require.Equal(t, v, values[float64](t, y))

	s := make([]float64, 3)
	r = call(t, stencil, []float64{1, 2, 6}, s)
	require.Nil(t, r.Out("y").Memory()) // the caller's slice itself
	require.NoError(t, r.Free())
	require.NoError(t, r.Out("y").Set(9.0, 0))
	require.Equal(t, 9.0, s[0])
}

// Some outputs given as New, some as arrays.
func TestOutputsMixed(t *testing.T) {
	lib := open(t, wasm.Vec)
	f := bind(t, lib, "dot(x: out f64[n], y: out f64[n], n: size) -> f64")
	y := []float64{1, 2, 3}
	r := call(t, f, wasmffi.New(3), y)
	require.Zero(t, r.Float64())
	require.Equal(t, []float64{0, 0, 0}, y)
	x, err := wasmffi.Take[float64](r, "x")
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0, 0}, x)
	require.NoError(t, r.Free())
	_, err = f.Call(bg, wasmffi.New(3))
	require.ErrorIs(t, err, constraints.ErrArgs) // one of two
	_, err = f.Call(bg)
	require.ErrorIs(t, err, constraints.ErrArgs) // nothing says how long
	_, err = f.Call(bg, wasmffi.New(3), wasmffi.New(2))
	require.ErrorIs(t, err, memview.ErrShape)
}

// More outputs than a Result holds in itself. matmul with n = 0 writes to none
// of its five pointers, which here are five kinds of output.
func TestManyOutputs(t *testing.T) {
	lib := open(t, wasm.Vec)
	f := bind(t, lib, "matmul(a: out f64[2], b: inout i32[3], c: out u8[4], m: out i32, k: inout f64, count: size)")
	b := []int32{1, 2, 3}
	r := call(t, f, b, 2.5, 0)
	require.Equal(t, []string{"a", "b", "c", "m", "k"}, r.Outs())
	require.Equal(t, 2.5, r.OutFloat("k"))
	require.Equal(t, int64(0), r.OutInt("m"))
	require.Equal(t, b, values[int32](t, r.Out("b")))
	c, err := wasmffi.Take[uint8](r, "c")
	require.NoError(t, err)
	require.Equal(t, make([]uint8, 4), c)
	require.NoError(t, r.Out("a").CheckAlive())
	require.NoError(t, r.Free())
	require.ErrorIs(t, r.Out("a").CheckAlive(), wasmffi.ErrFreed)
	require.NoError(t, r.Free())

	many := bind(t, lib, "matmul(a: out f64[1], b: out f64[2], c: out f64[3], m: out f64[4], k: out f64[5], count: size)")
	before := call(t, many, 0)
	again := call(t, many, 0)
	for i, name := range many.Signature().Params[:5] {
		v, err := wasmffi.Take[float64](again, name.Name)
		require.NoError(t, err)
		require.Len(t, v, i+1)
		require.NoError(t, before.Out(name.Name).CheckAlive()) // each result has its own
	}
	require.NoError(t, before.Free())
	require.ErrorIs(t, before.Out("k").CheckAlive(), wasmffi.ErrFreed)
}

func TestOutScalars(t *testing.T) {
	lib := open(t, wasm.Vec)
	modf := bind(t, lib, "modf_parts(x: f64, ip: out f64) -> f64")
	for _, x := range []float64{0, 3.25, -3.25, 1e300, math.Inf(1), math.Inf(-1), 0.5, -0.5} {
		r := call(t, modf, x)
		ip, frac := math.Modf(x)
		if math.IsInf(x, 0) { // Go's fraction of an infinity is NaN, C's is zero
			frac = 0
		}
		require.Equal(t, ip, r.OutFloat("ip"), x)
		require.Equal(t, frac, r.Float64(), x)
		require.Nil(t, r.Out("ip").Memory())
		require.Equal(t, []float64{ip}, must(wasmffi.Take[float64](r, "ip")))
		require.NoError(t, r.Free())
	}
	one, two := call(t, modf, 1.5), call(t, modf, 2.5)
	require.Equal(t, 1.0, one.OutFloat("ip")) // a result is not overwritten by the next call
	require.Equal(t, 2.0, two.OutFloat("ip"))
	require.PanicsWithValue(t, "wasmffi: modf_parts: OutInt of ip, which is no integer that fits int64", func() { one.OutInt("ip") })

	// set_bytes writes one byte of each type of scalar.
	for name, want := range map[string]int64{"i8": -1, "i16": 255, "i32": 255, "i64": 255, "u8": 255, "u16": 255, "u32": 255, "size": 255, "ptr": 255} {
		r := call(t, bind(t, lib, "set_bytes(x: out "+name+", count: size, v: i32)"), 1, 255)
		require.Equal(t, want, r.OutInt("x"), name)
		require.Panics(t, func() { r.OutFloat("x") }, name)
	}
	r := call(t, bind(t, lib, "set_bytes(x: out u64, count: size, v: i32)"), 8, 255)
	require.Panics(t, func() { r.OutInt("x") })
	require.Equal(t, []uint64{math.MaxUint64}, must(wasmffi.Take[uint64](r, "x")))
	r = call(t, bind(t, lib, "set_bytes(x: out bool, count: size, v: i32)"), 1, 200)
	require.Equal(t, []bool{true}, must(wasmffi.Take[bool](r, "x")))
	r = call(t, bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)"), []float64{1})
	require.PanicsWithValue(t, "wasmffi: stencil3: OutFloat of y, which is an array: use Out", func() { r.OutFloat("y") })

	// inout scalars travel in both directions, whatever their type, and at their limits.
	for name, v := range map[string]any{"bool": true, "i8": int8(-128), "i16": int16(-1), "i32": int32(math.MinInt32), "i64": int64(math.MinInt64),
		"u8": uint8(255), "u16": uint16(65535), "u32": uint32(math.MaxUint32), "u64": uint64(math.MaxUint64), "f32": float32(0.1), "f64": 0.1} {
		r := call(t, bind(t, lib, "set_bytes(x: inout "+name+", count: size, v: i32)"), v, 0, 0)
		got, err := r.Out("x").At()
		require.NoError(t, err)
		require.Equal(t, v, got, name)
	}
}
