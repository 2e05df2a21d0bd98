package wasmffi_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// dirty fills the guest's heap, and the memory that calls stage in, with
// anything but zeros.
func dirty(t testing.TB, lib *wasmffi.Library, n int) {
	t.Helper()
	scale := bind(t, lib, "scale(x: inout f64[n], n: size, a: f64)")
	x := make([]float64, n)
	for i := range x {
		x[i] = -7
	}
	call(t, scale, x, 3)
	var all []wasmffi.Array
	for range 4 {
		all = append(all, array(t, lib, x))
	}
	for _, a := range all {
		require.NoError(t, lib.Free(a))
	}
}

// What an output does not fill is zero, whatever lay there before.
func TestOutputsAreZero(t *testing.T) {
	lib := open(t, wasm.Vec)
	half := bind(t, lib, "first_half(x: out f64[n], n: size)")
	for _, n := range []int{0, 1, 2, 7, 100, 5000} {
		want := make([]float64, n)
		for i := range n / 2 {
			want[i] = 1
		}
		old := make([]float64, n)
		for i := range old {
			old[i] = 9
		}
		dirty(t, lib, n+3)
		staged := append([]float64{}, old...)
		call(t, half, staged)
		require.Equal(t, want, staged, "staged, n=%d", n)

		dirty(t, lib, n+3)
		made, err := wasmffi.Take[float64](call(t, half, wasmffi.New(n)), "x")
		require.NoError(t, err)
		require.Equal(t, want, made, "allocated, n=%d", n)

		resident := array(t, lib, old)
		call(t, half, resident)
		require.Equal(t, want, values[float64](t, resident), "resident, n=%d", n)

		wide := make([]float64, 2*n+1)
		for i := range wide {
			wide[i] = 9
		}
		view := must(memview.FromStrided(wide[1:], []int{n}, []int{2}))
		call(t, half, view)
		require.Equal(t, want, values[float64](t, view), "strided, n=%d", n)
		for i := 0; i < len(wide); i += 2 {
			require.Equal(t, 9.0, wide[i], "gaps stay")
		}

		empty := must(lib.Empty(memview.F64, n))
		require.Equal(t, make([]float64, n), values[float64](t, empty), "Empty, n=%d", n)
		require.NoError(t, lib.Free(empty))
	}
}

// Out scalars too: set_bytes writes one of the eight bytes.
func TestOutScalarIsZero(t *testing.T) {
	lib := open(t, wasm.Vec)
	dirty(t, lib, 100)
	f := bind(t, lib, "set_bytes(x: out i64, count: size, v: i32)")
	require.Equal(t, int64(0xab), call(t, f, 1, 0xab).OutInt("x"))
	require.Equal(t, int64(0), call(t, f, 0, 0xab).OutInt("x"))
	wide := bind(t, lib, "set_bytes(x: inout u32, count: size, v: i32)")
	require.Equal(t, int64(0xdeadbeab), call(t, wide, uint32(0xdeadbeef), 1, 0xab).OutInt("x"))
}

// Inputs are never written back, outputs and inouts only when the call succeeds.
func TestCopiedBackOnSuccessOnly(t *testing.T) {
	lib := open(t, wasm.Vec)
	status := bind(t, lib, "fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)")
	asOut := bind(t, lib, "fill_status(x: out f64[n], n: size, code: i32) -> i32 ok(0)")
	asIn := bind(t, lib, "fill_status(x: f64[n], n: size, code: i32) -> i32 ok(0)")
	x := []float64{1, 2, 3}
	for _, f := range []*wasmffi.Func{status, asOut} {
		for _, code := range []int{1, -1, 1 << 30} {
			r, err := f.Call(bg, x, code)
			var e *wasmffi.StatusError
			require.ErrorAs(t, err, &e)
			require.Equal(t, wasmffi.StatusError{Func: "fill_status", Got: int64(code), Want: 0}, *e)
			require.EqualError(t, err, fmt.Sprintf("fill_status: status is %d, want 0", code))
			require.NotErrorIs(t, err, wasmffi.ErrNotRun)
			require.Equal(t, wasmffi.Result{}, r)
			require.Equal(t, []float64{1, 2, 3}, x)
		}
	}
	call(t, asIn, x, 0)
	require.Equal(t, []float64{1, 2, 3}, x)
	call(t, status, x, 0) // usable after the failures
	require.Equal(t, []float64{2, 4, 6}, x)
	call(t, status, wasmffi.InOut(x), 0)
	require.Equal(t, []float64{4, 8, 12}, x)
	call(t, status, wasmffi.InOut(goArray(t, x)), 0)
	require.Equal(t, []float64{8, 16, 24}, x)
	call(t, asIn, wasmffi.InOut(x), 0) // the caller's own signature counts
	require.Equal(t, []float64{8, 16, 24}, x)
	call(t, asOut, x, 0)
	require.Equal(t, []float64{0, 0, 0}, x) // zero before, twice zero after

	resident := array(t, lib, x)
	resident.Set(5.0, 0)
	_, err := status.Call(bg, resident, 3)
	require.Error(t, err)
	require.Equal(t, []float64{10, 0, 0}, values[float64](t, resident)) // the guest's own memory is the guest's

	_, err = asOut.Call(bg, wasmffi.New(3), 1) // what was allocated is freed again
	var e *wasmffi.StatusError
	require.ErrorAs(t, err, &e)
}

// A trap leaves the caller's slices as they were.
func TestNothingCopiedBackAfterTrap(t *testing.T) {
	for _, sig := range []string{"half_then_trap(x: inout f64[n], n: size)", "half_then_trap(x: out f64[n], n: size)"} {
		lib := open(t, wasm.Traps)
		f := bind(t, lib, sig)
		x := []float64{1, 2, 3, 4}
		_, err := f.Call(bg, x)
		require.ErrorIs(t, err, wasmffi.Unreachable)
		require.Equal(t, []float64{1, 2, 3, 4}, x)
		poisoned(t, lib, f, x)
		require.Equal(t, []float64{1, 2, 3, 4}, x)
	}
	lib := open(t, wasm.Traps)
	f := bind(t, lib, "half_then_trap(x: inout f64[n], n: size)")
	x := array(t, lib, []float64{1, 2, 3, 4})
	_, err := f.Call(bg, x)
	require.ErrorIs(t, err, wasmffi.Unreachable)
	require.Equal(t, []float64{-1, -1, 3, 4}, values[float64](t, x)) // half written, as the documentation says
}

// A slice may stand in two places of a call, unless one of them is written.
func TestSameSliceTwice(t *testing.T) {
	lib := open(t, wasm.Vec)
	x := []float64{1, 2, 3}
	require.Equal(t, 14.0, call(t, bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64"), x, x).Float64())
	for sig, args := range map[string][]any{
		"daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])": {1, x, x},
		"stencil3(x: f64[n], y: out f64[n], n: size)":        {x[:2], x[1:]},
	} {
		_, err := bind(t, lib, sig).Call(bg, args...)
		require.ErrorIs(t, err, constraints.ErrOverlap)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
	}
	require.Equal(t, []float64{1, 2, 3}, x)
}

// Nil and empty slices are arrays of length 0, for which nothing is allocated.
func TestEmptySlices(t *testing.T) {
	lib := open(t, wasm.NoAlloc)
	sum := bind(t, lib, "sum_i32(x: i32[n], n: size) -> i32")
	before := digest(t, lib)
	for _, arg := range []any{[]int32(nil), []int32{}, goArray(t, []int32{}), must(memview.Zeros(memview.I32.BigEndian(), 0))} {
		require.Zero(t, call(t, sum, arg).Int())
	}
	require.Equal(t, before, digest(t, lib))

	// Memory that is there already needs no allocator.
	at := memview.Ptr(lib.Memory().Size() - 12)
	x := must(memview.AsArray(lib.Memory(), at, memview.I32, 3))
	require.NoError(t, memview.Copy(x, goArray(t, []int32{1, 2, -10})))
	require.EqualValues(t, -7, call(t, sum, x).Int())

	// A pointer to no element is aligned, not NULL and inside of memory.
	scalars := open(t, wasm.Scalars)
	place := bind(t, scalars, "id_ptr(x: c128[_]) -> ptr")
	p := call(t, place, []complex128{}).Ptr()
	require.NotZero(t, p)
	require.Zero(t, p%16)
	require.LessOrEqual(t, uint64(p), scalars.Memory().Size())
	vec := open(t, wasm.Vec)
	for n := range 20 { // beside other arrays too
		both := bind(t, vec, "first_half(x: inout u8[_], n: size)")
		call(t, both, make([]uint8, n), 0)
	}
}

// What is staged and allocated is given back: the guest's memory does not grow in
// 10,000 calls.
func TestNoLeakInTheGuest(t *testing.T) {
	lib := open(t, wasm.Vec)
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	status := bind(t, lib, "fill_status(x: out f64[n], n: size, code: i32) -> i32 ok(0)")
	modf := bind(t, lib, "modf_parts(x: f64, ip: out f64) -> f64")
	r := rand.New(rand.NewPCG(9, 10))
	x := make([]float64, 3000)
	round := func() {
		n := r.IntN(len(x))
		res := call(t, stencil, x[:n])
		_, err := wasmffi.Take[float64](res, "y")
		require.NoError(t, err)
		require.NoError(t, res.Free())
		require.NoError(t, call(t, stencil, x[:n], wasmffi.New(n)).Free())
		_, err = status.Call(bg, wasmffi.New(n), 1)
		require.Error(t, err)
		_, err = status.Call(bg, x[:n], 1)
		require.Error(t, err)
		_, err = stencil.Call(bg, x[:n], x[:n/2+1])
		if n != n/2+1 {
			require.ErrorIs(t, err, wasmffi.ErrNotRun)
		}
		call(t, modf, 1.5)
		a := array(t, lib, x[:n])
		require.NoError(t, lib.Free(a))
	}
	for range 50 {
		round()
	}
	size := lib.Memory().Size()
	for range 1500 { // seven calls each
		round()
	}
	require.Equal(t, size, lib.Memory().Size())
}

// Memory that was staged for one large call is given back to the guest.
func TestLargeStageIsGivenBack(t *testing.T) {
	lib := openWith(t, wasm.Vec, wasmffi.Options{Limits: wasmffi.Limits{Memory: 8 << 20}})
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	big := make([]float64, 500_000) // 4 MB of 8
	for range 3 {
		call(t, sum, big)
		a := array(t, lib, big)
		require.NoError(t, lib.Free(a))
	}
}

// No call, whatever became of it, keeps the caller's slices alive.
func TestCallKeepsNoSlice(t *testing.T) {
	lib := open(t, wasm.Vec)
	status := bind(t, lib, "fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)")
	dot := bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	small := must(lib.Empty(memview.F64, 3))
	for name, do := range map[string]func(x []float64) error{
		"success":        func(x []float64) error { _, err := status.Call(bg, x, 0); return err },
		"a status":       func(x []float64) error { _, err := status.Call(bg, x, 1); return err },
		"a bad scalar":   func(x []float64) error { _, err := status.Call(bg, x, "0"); return err },
		"too few":        func(x []float64) error { _, err := status.Call(bg, x); return err },
		"another shape":  func(x []float64) error { _, err := dot.Call(bg, x, x[1:]); return err },
		"another type":   func(x []float64) error { _, err := dot.Call(bg, x, []int32{}); return err },
		"beside a guest": func(x []float64) error { _, err := dot.Call(bg, goArray(t, x), small); return err },
		"InOut":          func(x []float64) error { _, err := status.Call(bg, wasmffi.InOut(x), 1); return err },
		"Array":          func(x []float64) error { _, err := lib.Array(x); return err },
	} {
		x := new([1000]float64)
		w := weak.Make(x)
		require.Equal(t, name == "success" || name == "Array", do(x[:]) == nil, name)
		x = nil
		runtime.GC()
		require.Nil(t, w.Value(), name)
	}
	runtime.KeepAlive([]any{status, dot, lib})
}

// As in numpy, an ndpointer judges the array as it is. What its dtype says is also what the guest gets.
func TestNDPointerByteOrder(t *testing.T) {
	lib := open(t, wasm.Vec)
	f, err := lib.FuncOf("first_half", []constraints.Type{
		wasmffi.NDPointer{DType: memview.F64.BigEndian(), NDim: 1, Dir: constraints.InOut}, wasmffi.Scalar{DType: memview.U32},
	}, nil)
	require.NoError(t, err)
	staged := must(memview.Zeros(memview.F64.BigEndian(), 4))
	resident := must(lib.Empty(memview.F64.BigEndian(), 4))
	call(t, f, staged, 4)
	call(t, f, resident, 4)
	require.Equal(t, values[float64](t, resident), values[float64](t, staged))
	_, err = f.Call(bg, []float64{1}, 1)
	require.ErrorIs(t, err, memview.ErrDType)
}
