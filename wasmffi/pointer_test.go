package wasmffi_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

var first16 = []float64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53}

// A returned pointer is a view of the guest's own memory.
func TestPointerResult(t *testing.T) {
	lib := open(t, wasm.Vec)
	r := call(t, bind(t, lib, "primes() -> f64[16]"))
	require.Equal(t, first16, values[float64](t, r.Array()))
	require.Zero(t, r.Array().Flags()&memview.OwnData)
	require.Equal(t, r.Array(), r.Value())
	require.NoError(t, r.Free()) // frees nothing of it
	require.Error(t, lib.Free(r.Array()))
	require.NoError(t, r.Array().Set(1.0, 0))
	require.Equal(t, 1.0, values[float64](t, call(t, bind(t, lib, "primes() -> f64[4,4]")).Array())[0])
	require.Panics(t, func() { r.Float64() })
	require.Panics(t, func() { r.Ptr() })

	scalars := open(t, wasm.Scalars)
	p := call(t, bind(t, scalars, "id_ptr(v: ptr) -> f64[]"), 1024)
	require.Equal(t, 0, p.Array().NDim())
	require.Equal(t, memview.Ptr(1024), p.Array().Ptr())
}

func TestPointerNull(t *testing.T) {
	lib := open(t, wasm.Vec)
	or := bind(t, lib, "nothing_or(x: i32) -> f64[16] nullable")
	r := call(t, or, 0)
	require.True(t, r.Array().IsZero())
	require.Nil(t, r.Value())
	require.Equal(t, first16, values[float64](t, call(t, or, 1).Array()))

	strict := bind(t, lib, "nothing_or(x: i32) -> f64[16]")
	require.Equal(t, first16, values[float64](t, call(t, strict, 1).Array()))
	r, err := strict.Call(bg, 0)
	require.ErrorIs(t, err, memview.ErrNull)
	require.NotErrorIs(t, err, wasmffi.ErrNotRun)
	require.EqualError(t, err, "nothing_or: result is NULL, want a pointer, or nullable in the signature")
	require.Equal(t, wasmffi.Result{}, r)
	poisoned(t, lib, strict, 1)

	lib = open(t, wasm.Vec)
	_, err = bind(t, lib, "nothing() -> f64[4]").Call(bg)
	require.ErrorIs(t, err, memview.ErrNull)
}

// A guest may return any 32 bits. What does not lie in its memory becomes no Array.
func TestPointerOutOfRange(t *testing.T) {
	size := open(t, wasm.Scalars).Memory().Size()
	for _, tt := range []struct {
		result string
		p      uint64
		kind   error // nil: fits
	}{
		{"f64[4]", size - 32, nil}, {"f64[4]", size - 24, memview.ErrBounds}, {"f64[4]", size - 8, memview.ErrBounds}, {"f64[4]", size, memview.ErrBounds},
		{"f64[4]", 0xfffffff8, memview.ErrBounds}, {"f64[4]", 0xffffffe0, memview.ErrBounds}, {"u8[16]", 0xffffffff, memview.ErrBounds},
		{"u8[1]", size - 1, nil}, {"u8[1]", size, memview.ErrBounds}, {"f64[0]", size, nil}, {"f64[0]", size + 8, memview.ErrBounds},
		{"f64[]", size - 8, nil}, {"f64[]", size, memview.ErrBounds}, {"u8[4096,4096]", 8, memview.ErrBounds}, {"f64[536870911]", 8, memview.ErrBounds},
		{"f64[4]", 1001, constraints.ErrAlign}, {"f64[4]", 1004, constraints.ErrAlign}, {"i16[1]", 1001, constraints.ErrAlign}, {"u8[1]", 1001, nil}, {"f64[4]", 1, constraints.ErrAlign},
		{"f64[4]", 0, memview.ErrNull}, {"f64[0]", 0, memview.ErrNull},
	} {
		lib := open(t, wasm.Scalars)
		f := bind(t, lib, "id_ptr(v: ptr) -> "+tt.result)
		r, err := f.Call(bg, tt.p)
		if tt.kind == nil {
			require.NoError(t, err, "%s at %#x", tt.result, tt.p)
			require.Equal(t, memview.Ptr(tt.p), r.Array().Ptr())
			continue
		}
		require.ErrorIs(t, err, tt.kind, "%s at %#x", tt.result, tt.p)
		require.NotErrorIs(t, err, wasmffi.ErrNotRun)
		var e *wasmffi.TypeError
		require.ErrorAs(t, err, &e)
		require.Equal(t, []any{"id_ptr", 0, 0, "result"}, []any{e.Func, e.Arg, e.Index, e.Field})
		poisoned(t, lib, f, 1024)
	}
	lib := open(t, wasm.Scalars)
	_, err := bind(t, lib, "id_ptr(v: ptr) -> f64[4]").Call(bg, uint32(0xfffffff8))
	require.EqualError(t, err, fmt.Sprintf("id_ptr: result is 0xfffffff8, want float64 of shape (4,) inside of the memory of %#x bytes", size))
}

// A result whose length follows from an argument.
func TestPointerResultShape(t *testing.T) {
	lib := open(t, wasm.Vec)
	f := bind(t, lib, "stencil3(x: f64[n], y: inout f64[n], n: size)")
	call(t, f, []float64{1}, []float64{1})
	scalars := open(t, wasm.Scalars)
	same := bind(t, scalars, "id_ptr(x: i32[n]) -> i32[n]")
	x := must(memview.AsArray(scalars.Memory(), 2048, memview.I32, 5))
	r := call(t, same, x)
	require.Equal(t, []int{5}, r.Array().Shape())
	require.Equal(t, x.Ptr(), r.Array().Ptr())
}

// As in ctypes: an ndpointer with dtype and shape as the restype gives an array,
// any other the address.
func TestPointerRestype(t *testing.T) {
	lib := open(t, wasm.Vec)
	bindOf := func(name string, restype constraints.Type) *wasmffi.Func {
		f, err := lib.FuncOf(name, nil, restype)
		require.NoError(t, err)
		return f
	}
	r := call(t, bindOf("primes", wasmffi.NDPointer{DType: memview.F64, Shape: []int{4, 4}}))
	require.Equal(t, []int{4, 4}, r.Array().Shape())
	require.Equal(t, first16, values[float64](t, r.Array()))
	r = call(t, bindOf("primes", wasmffi.NDPointer{DType: memview.F64, Shape: []int{4, 4}, Flags: memview.FContiguous}))
	require.Equal(t, []int{8, 32}, r.Array().Strides())
	at := r.Array().Ptr()
	for name, nd := range map[string]wasmffi.NDPointer{
		"anything": {}, "dtype": {DType: memview.F64}, "ndim": {DType: memview.F64, NDim: 1}, "open shape": {DType: memview.F64, Shape: []int{constraints.Any}}, "no dtype": {Shape: []int{16}},
	} {
		r = call(t, bindOf("primes", nd))
		require.Equal(t, at, r.Ptr(), name)
		require.Equal(t, at, r.Value(), name)
		require.Panics(t, func() { r.Array() }, name)
		require.Panics(t, func() { r.Uint() }, name)
	}
	require.Zero(t, call(t, bindOf("nothing", wasmffi.NDPointer{DType: memview.F64})).Ptr())
	require.Zero(t, call(t, bindOf("nothing", wasmffi.NDPointer{DType: memview.F64, NDim: 1})).Ptr())
	_, err := bindOf("nothing", wasmffi.NDPointer{DType: memview.F64, Shape: []int{4}}).Call(bg)
	require.ErrorIs(t, err, memview.ErrNull)
}
