package constraints_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

var none memview.Array // an output that is left out, or an argument that is missing

func TestCheck(t *testing.T) {
	f := func(shape ...int) memview.Array { return guest(t, memview.F64, shape...) }
	fortran := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(2, 3), Strides: dims(8, 16)})
	strided := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(4), Strides: dims(16)})
	readOnly := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(4), ReadOnly: true})
	odd := guestAt(t, 0x401, memview.F64, memview.Layout{Shape: dims(4)})
	localStrided, err := local[float64](t, 8).Sub(0, 0, 8, 2)
	require.NoError(t, err)
	localSwapped, err := memview.Zeros(memview.F64.BigEndian(), 4)
	require.NoError(t, err)
	const dot = "dot(x: f64[n], y: f64[n], n: size) -> f64"
	for _, tt := range []struct {
		sig    string
		arrays []memview.Array
		want   string // empty: accepted
		kind   error
		hint   string
	}{
		{dot, []memview.Array{f(128), f(128)}, "", nil, ""},
		{dot, []memview.Array{f(0), f(0)}, "", nil, ""},
		{dot, []memview.Array{f(128), f(126)}, `dot: argument 2 "y": shape[0] is 126, want n=128 (from x.shape[0])`, constraints.ErrShape, ""},
		{dot, []memview.Array{none, f(126)}, `dot: argument 1 "x": it is no array, want an array`, constraints.ErrArray, ""},
		{dot, []memview.Array{f(1), f(1, 1)}, `dot: argument 2 "y": ndim is 2, want 1`, constraints.ErrNDim, ""},
		{dot, []memview.Array{guest(t, memview.F32, 4), f(4)}, `dot: argument 1 "x": dtype is float32, want float64`, constraints.ErrDType, "arrays are not converted implicitly"},
		{dot, []memview.Array{guest(t, memview.F64.BigEndian(), 4), f(4)}, `dot: argument 1 "x": dtype is >f8, want float64`, constraints.ErrDType, "only the byte order differs: memview.Values converts it"},
		{dot, []memview.Array{f(4), strided}, `dot: argument 2 "y": layout is strides (16,) for shape (4,), want C order`, constraints.ErrLayout, "a view of guest memory is never copied implicitly: lib.Array(a) makes a dense copy"},
		{dot, []memview.Array{f(4), odd}, `dot: argument 2 "y": address is 0x401, want a multiple of 8`, constraints.ErrAlign, ""},
		{dot, []memview.Array{readOnly, localStrided}, "", nil, ""},
		{dot, []memview.Array{localSwapped, f(4)}, "", nil, ""},
		// The order of the comparisons: dtype, ndim, dims, access, layout, alignment.
		{"f(x: f64[m,m])", []memview.Array{fortran}, `f: argument 1 "x": shape[1] is 3, want m=2 (from x.shape[0])`, constraints.ErrShape, ""},
		{"f(x: f64[m,n])", []memview.Array{fortran}, `f: argument 1 "x": layout is strides (8, 16) for shape (2, 3), want C order`, constraints.ErrLayout, "the array is in Fortran order: Transpose it, or lib.Array(a) makes a copy in C order"},
		{"f(x: inout f64[n])", []memview.Array{readOnly}, `f: argument 1 "x": it is read-only, want a WRITEABLE array for inout`, constraints.ErrAccess, "the array was made ReadOnly"},
		{"f(x: out f64[3])", []memview.Array{readOnly}, `f: argument 1 "x": shape[0] is 4, want 3`, constraints.ErrShape, ""},
		{"f(x: out f64[n])", []memview.Array{readOnly}, `f: argument 1 "x": it is read-only, want a WRITEABLE array for out`, constraints.ErrAccess, "the array was made ReadOnly"},
		{"f(x: inout f64[n])", []memview.Array{none}, `f: argument 1 "x": it is no array, want an array`, constraints.ErrArray, ""},
		// Dimensions.
		{"f(x: f64[_,_], y: f64[_])", []memview.Array{f(2, 3), f(4)}, "", nil, ""},
		{"f(x: f64[])", []memview.Array{f()}, "", nil, ""},
		{"f(x: f64[])", []memview.Array{f(1)}, `f: argument 1 "x": ndim is 1, want 0`, constraints.ErrNDim, ""},
		{"f(x: f64[0])", []memview.Array{f(0)}, "", nil, ""},
		{"f(x: f64[0])", []memview.Array{f(1)}, `f: argument 1 "x": shape[0] is 1, want 0`, constraints.ErrShape, ""},
		{"mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)", []memview.Array{f(2, 3), f(3, 4), f(2, 4)}, "", nil, ""},
		{"mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)", []memview.Array{f(2, 3), f(4, 4), f(2, 4)}, `mm: argument 2 "b": shape[0] is 4, want k=3 (from a.shape[1])`, constraints.ErrShape, ""},
		{"mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)", []memview.Array{f(2, 3), f(3, 4), f(2, 5)}, `mm: argument 3 "c": shape[1] is 5, want n=4 (from b.shape[1])`, constraints.ErrShape, ""},
		// Go arguments are counted as the caller gives them.
		{"f(n: size, a: i32, x: f64[n], s: out i32, y: f64[n])", []memview.Array{f(2), f(3)}, `f: argument 3 "y": shape[0] is 3, want n=2 (from x.shape[0])`, constraints.ErrShape, ""},
		{`"a b"(x: f64[1])`, []memview.Array{f(2)}, `"a b": argument 1 "x": shape[0] is 2, want 1`, constraints.ErrShape, ""},
		{"type Pp = {x: f64}; f(x: Pp[n])", []memview.Array{f(2)}, `f: argument 1 "x": dtype is float64, want {'names': ['x'], 'formats': ['<f8'], 'offsets': [0], 'itemsize': 8, 'aligned': True}`, constraints.ErrDType, ""},
	} {
		c := compile(t, tt.sig)
		_, e := judge(t, c, tt.arrays...)
		if tt.want == "" {
			require.Nil(t, e, tt.sig)
			continue
		}
		require.NotNil(t, e, tt.want)
		if tt.kind == constraints.ErrDType && len(tt.want) > 100 {
			require.Contains(t, e.Error(), tt.want[:60]) // the text of a struct is memview's
		} else {
			require.Equal(t, tt.want, e.Error())
		}
		require.ErrorIs(t, e, tt.kind)
		require.Equal(t, tt.hint, e.Hint)
		require.Equal(t, c.Signature().Params[e.Index-1].Name, e.Param)
		require.Equal(t, c.String(), e.Signature)
	}
}

// A call may be repeated with other arrays: nothing stays bound.
func TestStartForgets(t *testing.T) {
	c := compile(t, "f(x: f64[n], y: out f64[n], n: size)")
	b := c.NewBinding()
	for _, n := range []int{3, 5, 0} {
		require.Nil(t, c.Start(b, 1))
		b.Arrays[0] = guest(t, memview.F64, n)
		require.Nil(t, c.Check(b))
		got, e := c.Value(b, 2)
		require.Nil(t, e)
		require.EqualValues(t, n, got)
		require.Nil(t, c.Start(b, 2))
		b.Shapes[1] = dims(n + 1)
		b.Arrays[0] = guest(t, memview.F64, n+1)
		require.Nil(t, c.Check(b))
	}
	require.Nil(t, c.Start(b, 1))
	require.True(t, b.Arrays[0].IsZero())
	require.Nil(t, b.Shapes[1])
	_, e := c.Value(b, 2)
	require.EqualError(t, e, `f: parameter 3 "n": dimension n is not known, want an array for y, or wasmffi.New(...)`)
}

func TestArity(t *testing.T) {
	for _, tt := range []struct {
		sig   string
		nargs int
		want  string // empty: accepted
	}{
		{"f()", 0, ""},
		{"f()", 1, "f: 1 argument, want 0 ()"},
		{"dot(x: f64[n], y: f64[n], n: size) -> f64", 2, ""},
		{"dot(x: f64[n], y: f64[n], n: size) -> f64", 1, "dot: 1 argument, want 2 (x: f64[n], y: f64[n])"},
		{"dot(x: f64[n], y: f64[n], n: size) -> f64", 3, "dot: 3 arguments, want 2 (x: f64[n], y: f64[n]); leave out n"},
		{"f(x: f64[n], y: out f64[n], z: out f64[n], a: inout i32, s: out i32)", 4, ""},
		{"f(x: f64[n], y: out f64[n], z: out f64[n], a: inout i32, s: out i32)", 2, ""},
		{"f(x: f64[n], y: out f64[n], z: out f64[n], a: inout i32, s: out i32)", 3, "f: 3 arguments, want 4 (x: f64[n], y: out f64[n], z: out f64[n], a: inout i32), or 2 without the out arrays"},
		{"f(x: f64[n], y: out f64[n], n: i32)", 0, "f: 0 arguments, want 2 (x: f64[n], y: out f64[n]), or 1 without the out arrays"},
		{"f(x: f64[n], y: out f64[n], n: i32)", -1, "f: -1 arguments, want 2 (x: f64[n], y: out f64[n]), or 1 without the out arrays"},
		{"f(x: f64[n], y: out f64[n], n: i32)", 3, "f: 3 arguments, want 2 (x: f64[n], y: out f64[n]), or 1 without the out arrays; leave out n"},
	} {
		c := compile(t, tt.sig)
		e := c.Start(c.NewBinding(), tt.nargs)
		if tt.want == "" {
			require.Nil(t, e, tt.sig)
			continue
		}
		require.EqualError(t, e, tt.want)
		require.ErrorIs(t, e, constraints.ErrArgs)
		require.Zero(t, e.Index)
	}
	e := compile(t, "f(x: f64[m,n], n: i32, m: size)").Start(compile(t, "f(x: f64[m,n], n: i32, m: size)").NewBinding(), 3)
	require.Equal(t, "n, m follow from the arrays: leave them out", e.Hint)
}

func TestArg(t *testing.T) {
	c := compile(t, "f(n: size, y: out f64[n], x: f64[n], s: out i32, z: out f64[n], a: i32, t: inout i32)")
	b := c.NewBinding()
	args := func(nargs int) (all []int) {
		require.Nil(t, c.Start(b, nargs))
		for i := range c.Signature().Params {
			all = append(all, c.Arg(b, i))
		}
		return all
	}
	require.Equal(t, []int{-1, 0, 1, -1, 2, 3, 4}, args(5))
	require.Equal(t, []int{-1, -1, 0, -1, -1, 1, 2}, args(3))
}

func TestNDPointerParameters(t *testing.T) {
	c, err := constraints.Compile(&constraints.Signature{Name: "f", Params: []constraints.Param{
		{Type: constraints.NDPointer{DType: memview.F64, NDim: 1, Flags: memview.CContiguous}},
		{Name: "y", Type: constraints.NDPointer{Dir: constraints.InOut}},
	}})
	require.NoError(t, err)
	ok := guest(t, memview.F64, 4)
	strided := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(4), Strides: dims(16)})
	for _, tt := range []struct {
		x, y memview.Array
		want string
	}{
		{ok, ok, ""},      // as in numpy, they may overlap
		{ok, strided, ""}, // as in numpy, no flag: no demand on the layout
		{strided, ok, "f: argument 1: flags is ALIGNED, WRITEABLE, want C_CONTIGUOUS"},
		{ok, ok.ReadOnly(), `f: argument 2 "y": it is read-only, want a WRITEABLE array for inout`},
		{none, ok, "f: argument 1: it is no array, want an array"},
	} {
		_, e := judge(t, c, tt.x, tt.y)
		if tt.want == "" {
			require.Nil(t, e)
			continue
		}
		require.EqualError(t, e, tt.want)
	}
}
