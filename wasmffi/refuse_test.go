package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// elsewhere is a memory of a caller's own making, in which arrays are nobody's.
type elsewhere []byte

func (m elsewhere) Size() uint64 { return uint64(len(m)) }

func (m elsewhere) Bytes(p memview.Ptr, n uint32) ([]byte, error) { return m[p:][:n:n], nil }

// refusal is a call that must not run: what it is given, the kind of the error and its line.
type refusal struct {
	sig  string
	args []any
	kind error
	text string
}

// TestRefused shows for every refusal that guest memory and the caller's slices
// are exactly as they were, that the error says so, and what its line is.
func TestRefused(t *testing.T) {
	lib, other, gone := open(t, wasm.Vec), open(t, wasm.Vec), open(t, wasm.Vec)
	lost := array(t, gone, []float64{1, 2, 3})
	require.NoError(t, gone.Close())

	x, y, z := []float64{1, 2, 3}, []float64{4, 5, 6}, []float64{7, 8, 9, 10}
	ints, small, raw, flags := []int32{1, 2, 3}, []float32{1, 2, 3}, []uint8{1, 2, 3}, []bool{true, false, true}
	resident := array(t, lib, x)
	matrix := array(t, lib, []float64{1, 2, 3, 4, 5, 6}, 2, 3)
	column := must(matrix.Drop(1, 1))
	fortran := must(matrix.Transpose())
	freed := array(t, lib, x)
	freedView := must(freed.Sub(0, 0, 3, 1))
	require.NoError(t, lib.Free(freed))
	odd := must(memview.AsArray(lib.Memory(), resident.Ptr()+4, memview.F64, 2))
	foreign := array(t, other, x)
	nobody := must(memview.AsArray(make(elsewhere, 100), 8, memview.F64, 3))
	big := must(memview.Zeros(memview.F64.BigEndian(), 3))
	guestBig := must(lib.Empty(memview.F64.BigEndian(), 3))
	readOnly := goArray(t, x).ReadOnly()

	const (
		dot     = "dot(x: f64[n], y: f64[n], n: size) -> f64"
		sum     = "sum(x: f64[n], n: size) -> f64"
		daxpy   = "daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])"
		stencil = "stencil3(x: f64[n], y: out f64[n], n: size)"
		matmul  = "matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)"
		space   = "linspace(a: f64, b: f64, n: size, y: out f64[n])"
		count   = "count_true(x: bool[n], n: size) -> size"
		hist    = "histogram(x: u8[n], n: size, bins: out u32[256])"
		modf    = "modf_parts(x: f64, ip: inout f64) -> f64"
	)
	for _, tt := range []refusal{
		// dtype
		{sum, []any{ints}, memview.ErrDType, `sum: argument 1 "x": dtype is int32, want float64`},
		{sum, []any{small}, memview.ErrDType, `sum: argument 1 "x": dtype is float32, want float64`},
		{dot, []any{x, small}, memview.ErrDType, `dot: argument 2 "y": dtype is float32, want float64`},
		{count, []any{raw}, memview.ErrDType, `count_true: argument 1 "x": dtype is uint8, want bool`},
		{hist, []any{flags}, memview.ErrDType, `histogram: argument 1 "x": dtype is bool, want uint8`},
		{hist, []any{raw, ints}, memview.ErrDType, `histogram: argument 2 "bins": dtype is int32, want uint32`},
		{sum, []any{guestBig}, memview.ErrDType, `sum: argument 1 "x": dtype is >f8, want float64`},
		// ndim and shape
		{sum, []any{matrix}, constraints.ErrNDim, `sum: argument 1 "x": ndim is 2, want 1`},
		{sum, []any{goArray(t, x, 1, 3)}, constraints.ErrNDim, `sum: argument 1 "x": ndim is 2, want 1`},
		{matmul, []any{x, y}, constraints.ErrNDim, `matmul: argument 1 "a": ndim is 1, want 2`},
		{dot, []any{x, z}, memview.ErrShape, `dot: argument 2 "y": shape[0] is 4, want n=3 (from x.shape[0])`},
		{dot, []any{resident, z}, memview.ErrShape, `dot: argument 2 "y": shape[0] is 4, want n=3 (from x.shape[0])`},
		{daxpy, []any{1, z, x}, memview.ErrShape, `daxpy: argument 3 "y": shape[0] is 3, want n=4 (from x.shape[0])`},
		{stencil, []any{x, z}, memview.ErrShape, `stencil3: argument 2 "y": shape[0] is 4, want n=3 (from x.shape[0])`},
		{hist, []any{raw, []uint32{1, 2}}, memview.ErrShape, `histogram: argument 2 "bins": shape[0] is 2, want 256`},
		{matmul, []any{matrix, matrix}, memview.ErrShape, `matmul: argument 2 "b": shape[0] is 2, want k=3 (from a.shape[1])`},
		{matmul, []any{goArray(t, x, 1, 3), goArray(t, y, 3, 1), goArray(t, z, 2, 2)}, memview.ErrShape, `matmul: argument 3 "c": shape[0] is 2, want m=1 (from a.shape[0])`},
		// too many, too few
		{sum, []any{}, constraints.ErrArgs, "sum: 0 arguments, want 1 (x: f64[n])"},
		{sum, []any{x, 3}, constraints.ErrArgs, "sum: 2 arguments, want 1 (x: f64[n]); leave out n"},
		{dot, []any{x}, constraints.ErrArgs, "dot: 1 argument, want 2 (x: f64[n], y: f64[n])"},
		{stencil, []any{x, y, 3}, constraints.ErrArgs, "stencil3: 3 arguments, want 2 (x: f64[n], y: out f64[n]), or 1 without the out arrays; leave out n"},
		{matmul, []any{matrix}, constraints.ErrArgs, "matmul: 1 argument, want 3 (a: f64[m,k], b: f64[k,n], c: out f64[m,n]), or 2 without the out arrays"},
		// Go types
		{sum, []any{nil}, constraints.ErrArray, `sum: argument 1 "x": it is nil, want f64[n], which is not nullable`},
		{sum, []any{wasmffi.InOut(nil)}, constraints.ErrArray, `sum: argument 1 "x": it is nil, want f64[n], which is not nullable`},
		{sum, []any{wasmffi.Array{}}, constraints.ErrArray, `sum: argument 1 "x": it is no array, want an array`},
		{stencil, []any{x, wasmffi.Array{}}, constraints.ErrArray, `stencil3: argument 2 "y": it is no array, want an array`},
		{stencil, []any{x, nil}, constraints.ErrArray, `stencil3: argument 2 "y": it is nil, want f64[n], which is not nullable`},
		{sum, []any{3}, constraints.ErrArray, `sum: argument 1 "x": it is an integer, want an array`},
		{sum, []any{3.5}, constraints.ErrArray, `sum: argument 1 "x": it is a float, want an array`},
		{sum, []any{true}, constraints.ErrArray, `sum: argument 1 "x": it is a bool, want an array`},
		{sum, []any{"123"}, constraints.ErrArray, `sum: argument 1 "x": it is a string, want an array`},
		{sum, []any{1i}, constraints.ErrArray, `sum: argument 1 "x": it is a complex number, want an array; pass a slice of one`},
		{sum, []any{[]int{1}}, constraints.ErrArray, `sum: argument 1 "x": it is a slice of a type whose size depends on the machine, want an array; write []int32 or []int64`},
		{sum, []any{[]uintptr{1}}, constraints.ErrArray, `sum: argument 1 "x": it is a slice of a type whose size depends on the machine, want an array; write []int32 or []int64`},
		{sum, []any{[][]float64{x}}, constraints.ErrArray, `sum: argument 1 "x": it is a slice of slices, want an array; write a flat slice and memview.FromSlice(s, rows, cols)`},
		{sum, []any{[3]float64{}}, constraints.ErrArray, `sum: argument 1 "x": it is a Go array, want an array; slice it: x[:]`},
		{sum, []any{&[3]float64{}}, constraints.ErrArray, `sum: argument 1 "x": it is a Go array, want an array; slice it: x[:]`},
		{sum, []any{&x}, constraints.ErrArray, `sum: argument 1 "x": it is a pointer to a slice, want an array; pass the slice`},
		{sum, []any{&x[0]}, constraints.ErrArray, `sum: argument 1 "x": it is a Go pointer, want an array; an out scalar is found in the Result`},
		{sum, []any{&resident}, constraints.ErrArray, `sum: argument 1 "x": it is a pointer to an Array, want an array; pass the Array`},
		{sum, []any{[]string{"a"}}, constraints.ErrArray, `sum: argument 1 "x": it is []string, want an array`},
		{sum, []any{errors.New("x")}, constraints.ErrArray, `sum: argument 1 "x": it is an error, want an array`},
		{sum, []any{[]particle{{}}}, constraints.ErrArray, `sum: argument 1 "x": it is a Go value of another type, want an array; for slices of structs and n-d data write memview.FromSlice(s, shape...)`},
		{sum, []any{func() {}}, constraints.ErrArray, `sum: argument 1 "x": it is a Go function, want an array`},
		{sum, []any{wasmffi.InOut(wasmffi.New(3))}, constraints.ErrArray, `sum: argument 1 "x": it is wasmffi.New(...), want an array`},
		// scalars
		{daxpy, []any{"1", x, y}, constraints.ErrScalar, `daxpy: argument 1 "a": it is a string, want float64`},
		{daxpy, []any{x, x, y}, constraints.ErrScalar, `daxpy: argument 1 "a": it is a slice, want float64`},
		{daxpy, []any{uint64(math.MaxUint64), x, y}, constraints.ErrScalar, `daxpy: argument 1 "a": it is 18446744073709551615, want float64 that holds it exactly`},
		{modf, []any{1.5, "x"}, constraints.ErrScalar, `modf_parts: argument 2 "ip": it is a string, want float64`},
		// New
		{sum, []any{wasmffi.New(3)}, constraints.ErrArgs, `sum: argument 1 "x": it is wasmffi.New(...), want an array: only outputs can be allocated`},
		{daxpy, []any{1, x, wasmffi.New(3)}, constraints.ErrArgs, `daxpy: argument 3 "y": it is wasmffi.New(...), want an array: only outputs can be allocated`},
		{stencil, []any{x, wasmffi.New(4)}, memview.ErrShape, `stencil3: argument 2 "y": shape[0] is 4, want n=3 (from x.shape[0])`},
		{stencil, []any{x, wasmffi.New()}, constraints.ErrNDim, `stencil3: argument 2 "y": ndim is 0, want 1`},
		{stencil, []any{x, wasmffi.New(3, 1)}, constraints.ErrNDim, `stencil3: argument 2 "y": ndim is 2, want 1`},
		{stencil, []any{x, wasmffi.New(-3)}, memview.ErrShape, `stencil3: argument 2 "y": shape[0] is -3, want 0 or more`},
		{stencil, []any{x, wasmffi.Alloc{}}, constraints.ErrArray, `stencil3: argument 2 "y": it is no array, want an array`},
		{space, []any{0, 1, wasmffi.New(-1)}, memview.ErrShape, `linspace: argument 3 "y": shape[0] is -1, want 0 or more`},
		{space, []any{0, 1, wasmffi.New(1 << 30)}, memview.ErrShape, `linspace: argument 3 "y": shape is (1073741824,), want an array that fits in a linear memory`},
		{space, []any{0, 1}, constraints.ErrArgs, `linspace: parameter 4 "y": dimension n is not known, want an array for y, or wasmffi.New(...)`},
		// memory
		{sum, []any{foreign}, wasmffi.ErrMemory, `sum: argument 1 "x": it is in the memory of another library, want an array of this one; lib.Array(a) copies it here`},
		{stencil, []any{x, foreign}, wasmffi.ErrMemory, `stencil3: argument 2 "y": it is in the memory of another library, want an array of this one; lib.Array(a) copies it here`},
		{sum, []any{wasmffi.InOut(foreign)}, wasmffi.ErrMemory, `sum: argument 1 "x": it is in the memory of another library, want an array of this one; lib.Array(a) copies it here`},
		{sum, []any{nobody}, wasmffi.ErrMemory, `sum: argument 1 "x": it is in the memory of another library, want an array of this one; lib.Array(a) copies it here`},
		{sum, []any{lost}, wasmffi.ErrClosed, `sum: argument 1 "x": it is in the memory of a closed library, want an array that is still there`},
		{sum, []any{freed}, wasmffi.ErrFreed, `sum: argument 1 "x": it is freed, want an array that is still there`},
		{sum, []any{freedView}, wasmffi.ErrFreed, `sum: argument 1 "x": it is freed, want an array that is still there`},
		{sum, []any{wasmffi.InOut(freed)}, wasmffi.ErrFreed, `sum: argument 1 "x": it is freed, want an array that is still there`},
		{stencil, []any{x, freed}, wasmffi.ErrFreed, `stencil3: argument 2 "y": it is freed, want an array that is still there`},
		// access and layout
		{daxpy, []any{1, x, readOnly}, memview.ErrReadOnly, `daxpy: argument 3 "y": it is read-only, want a WRITEABLE array for inout`},
		{stencil, []any{x, readOnly}, memview.ErrReadOnly, `stencil3: argument 2 "y": it is read-only, want a WRITEABLE array for out`},
		{stencil, []any{x, resident.ReadOnly()}, memview.ErrReadOnly, `stencil3: argument 2 "y": it is read-only, want a WRITEABLE array for out`},
		{sum, []any{column}, memview.ErrLayout, `sum: argument 1 "x": layout is strides (24,) for shape (2,), want C order`},
		{stencil, []any{x[:2], column}, memview.ErrLayout, `stencil3: argument 2 "y": layout is strides (24,) for shape (2,), want C order`},
		{matmul, []any{fortran, matrix}, memview.ErrLayout, `matmul: argument 1 "a": layout is strides (8, 24) for shape (3, 2), want C order`},
		{sum, []any{odd}, constraints.ErrAlign, fmt.Sprintf(`sum: argument 1 "x": address is %#x, want a multiple of 8`, uint32(odd.Ptr()))},
	} {
		f := bind(t, lib, tt.sig)
		copies := fmt.Sprint(x, y, z, ints, small, raw, flags, values[float64](t, foreign), values[float64](t, big))
		before, beforeOther := digest(t, lib), digest(t, other)
		r, err := f.Call(bg, tt.args...)
		what := fmt.Sprintf("%s of %v", tt.sig, tt.text)
		require.Error(t, err, what)
		require.Equal(t, wasmffi.Result{}, r, what)
		require.Equal(t, before, digest(t, lib), what)
		require.Equal(t, beforeOther, digest(t, other), what)
		require.Equal(t, copies, fmt.Sprint(x, y, z, ints, small, raw, flags, values[float64](t, foreign), values[float64](t, big)), what)
		require.ErrorIs(t, err, wasmffi.ErrNotRun, what)
		require.ErrorIs(t, err, tt.kind, what)
		for _, no := range []error{wasmffi.ErrBusy, wasmffi.ErrPoisoned, wasmffi.ErrStopped} {
			require.NotErrorIs(t, err, no, what)
		}
		require.EqualError(t, err, tt.text)
		e := typeError(t, err)
		require.Equal(t, f.Name(), e.Func, what)
		require.Equal(t, f.Signature().String(), e.Signature, what)
		require.Contains(t, fmt.Sprintf("%+v", err), "\n  signature: "+e.Signature, what)
		require.Equal(t, tt.text, fmt.Sprintf("%v", err))
		if e.Index > 0 {
			require.Equal(t, e.Param, f.Signature().Params[e.Index-1].Name, what)
		}
	}
	// The library serves on.
	require.Equal(t, 32.0, call(t, bind(t, lib, dot), resident, y).Float64())
}

// The fields of a TypeError, one by one.
func TestTypeErrorFields(t *testing.T) {
	lib := open(t, wasm.Vec)
	dot := bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	daxpy := bind(t, lib, "daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])")
	_, err := dot.Call(bg, make([]float64, 128), make([]float64, 126))
	e := typeError(t, err)
	require.Equal(t, wasmffi.TypeError{
		Func: "dot", Arg: 2, Index: 2, Param: "y", Field: "shape[0]", Got: "126", Want: "n=128", From: "x.shape[0]", Kind: memview.ErrShape,
		Signature: "dot(x: f64[n], y: f64[n], n: size) -> f64", CalledAs: "dot(x: f64[128] in Go memory, y: f64[126] in Go memory)", Bound: "n=128 from x.shape[0]",
	}, *e)
	_, err = daxpy.Call(bg, 2, make([]float64, 3), make([]float32, 3)) // n is derived: positions differ by one
	e = typeError(t, err)
	require.Equal(t, []any{3, 4, "y", "dtype", "float32", "float64"}, []any{e.Arg, e.Index, e.Param, e.Field, e.Got, e.Want})
	require.Equal(t, "arrays are not converted implicitly", e.Hint)
	_, err = dot.Call(bg, []int{1}, []float64{1})
	require.Equal(t, "write []int32 or []int64", typeError(t, err).Hint)
}

// Not only TypeErrors refuse.
func TestRefusedContext(t *testing.T) {
	lib := open(t, wasm.Vec)
	scale := bind(t, lib, "scale(x: inout f64[n], n: size, a: f64)")
	x := []float64{1, 2}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(bg)
	cancel(cause)
	before := digest(t, lib)
	_, err := scale.Call(ctx, x, 2)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, wasmffi.ErrStopped)
	require.EqualError(t, err, "scale: enough")
	expired, done := context.WithTimeout(bg, 0)
	defer done()
	_, err = scale.Call(expired, x, 2)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = scale.Call(ctx, "nonsense") // the context is looked at first
	require.ErrorIs(t, err, cause)
	require.Equal(t, before, digest(t, lib))
	require.Equal(t, []float64{1, 2}, x)

	var none context.Context
	require.PanicsWithValue(t, "wasmffi: nil context", func() { scale.Call(none, x, 2) })
	require.PanicsWithValue(t, "wasmffi: nil context", func() { wasmffi.Compile(none, wasm.Vec, nil) })
	require.PanicsWithValue(t, "wasmffi: nil context", func() { lib.Module().Instantiate(none) })
	call(t, scale, x, 2)
	require.Equal(t, []float64{2, 4}, x)
}

// Arrays made by hand are refused for what they ask.
func TestRefusedArrays(t *testing.T) {
	lib := open(t, wasm.Vec)
	before := digest(t, lib)
	for name, tt := range map[string]struct {
		do   func() error
		kind error
		text string
	}{
		"zero Array":    {func() error { _, err := lib.Array(wasmffi.Array{}); return err }, nil, "wasmffi: Array: no array: the zero Array"},
		"InOut of that": {func() error { _, err := lib.Array(wasmffi.InOut(wasmffi.Array{})); return err }, nil, "wasmffi: Array: no array: the zero Array"},
		"nil":           {func() error { _, err := lib.Array(nil); return err }, memview.ErrDType, "wasmffi: Array: dtype does not fit: got nil, want a slice of numbers or an Array"},
		"[]int":         {func() error { _, err := lib.Array([]int{1}); return err }, memview.ErrDType, "wasmffi: Array: dtype does not fit: got a slice of a type whose size depends on the machine, want a slice of numbers or an Array; write []int32 or []int64"},
		"New":           {func() error { _, err := lib.Array(wasmffi.New(2)); return err }, memview.ErrDType, "wasmffi: Array: dtype does not fit: got wasmffi.New(...), want a slice of numbers or an Array"},
		"another shape": {func() error { _, err := lib.Array([]float64{1, 2}, 3); return err }, memview.ErrShape, "wasmffi: Array: memview: shape does not fit: a slice of 2 elements as shape (3,) (3 elements)"},
		"negative":      {func() error { _, err := lib.Empty(memview.F64, -1); return err }, memview.ErrShape, "wasmffi: Empty: memview: shape does not fit: shape (-1,) has a negative dimension"},
		"no dtype":      {func() error { _, err := lib.Empty(memview.DType{}, 1); return err }, memview.ErrDType, "wasmffi: Empty: memview: dtype does not fit: no dtype given"},
		"too large":     {func() error { _, err := lib.Empty(memview.U8, 1<<20, 1<<20); return err }, memview.ErrTooLarge, ""},
		"overflow":      {func() error { _, err := lib.Empty(memview.F64, math.MaxInt); return err }, memview.ErrTooLarge, ""},
		"over the limit": {func() error { _, err := lib.Empty(memview.U8, 256<<20+1); return err }, wasmffi.ErrMemoryLimit,
			"wasmffi: Empty: allocation failed: memory limit: array of 268435457 bytes, the library may have 268435456"},
	} {
		err := tt.do()
		require.Error(t, err, name)
		if tt.kind != nil {
			require.ErrorIs(t, err, tt.kind, name)
		}
		if tt.text != "" {
			require.EqualError(t, err, tt.text, name)
		}
	}
	require.Equal(t, before, digest(t, lib))
}
