package constraints_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// An extent must fit the parameter that carries it.
func TestValueFits(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		n    uint64
		want string
	}{
		{"i32", 1<<31 - 1, ""},
		{"i32", 1 << 31, `f: parameter 2 "n": it is 2147483648, want at most 2147483647 (from x.shape[0])`},
		{"u32", 1<<32 - 1, ""},
		{"size", 1<<32 - 1, ""},
		{"size", 1 << 32, `f: parameter 2 "n": it is 4294967296, want at most 4294967295 (from x.shape[0])`},
		{"i64", 1 << 32, ""},
		{"u64", 1 << 32, ""},
	} {
		if tt.n > uint64(^uint(0)>>1) {
			continue // no array of a 32-bit host is so long
		}
		c := compile(t, fmt.Sprintf("f(x: out u8[n], n: %s)", tt.typ))
		b := c.NewBinding()
		require.Nil(t, c.Start(b, 1))
		b.Shapes[0] = dims(int(tt.n)) // no memory is needed to bind it
		require.Nil(t, c.Check(b))
		got, e := c.Value(b, 1)
		if tt.want == "" {
			require.Nil(t, e)
			require.EqualValues(t, tt.n, got)
			continue
		}
		require.EqualError(t, e, tt.want)
		require.ErrorIs(t, e, constraints.ErrScalar)
		require.Equal(t, 2, e.Index)
	}
	c := compile(t, "f(x: u8[n], n: i32)")
	b, e := judge(t, c, guest(t, memview.U8, 7))
	require.Nil(t, e)
	require.PanicsWithValue(t, "constraints: Value of a parameter that is not derived", func() { _, _ = c.Value(b, 0) })
}

func TestOutputs(t *testing.T) {
	c := compile(t, "f(x: f64[m,k], y: out f64[m], z: out f64[k,3], v: out f64[])")
	b, e := judge(t, c, guest(t, memview.F64, 2, 5), none, none, none)
	require.Nil(t, e)
	for i, want := range [][]int{1: dims(2), 2: dims(5, 3), 3: dims()} {
		if want == nil {
			continue
		}
		shape, e := c.OutShape(b, i)
		require.Nil(t, e)
		require.Equal(t, want, shape)
		require.Equal(t, want, b.Shapes[i])
		require.True(t, memview.F64.Equal(c.OutDType(b, i)))
	}
	// What does not follow from the arrays is told by Check.
	for sig, want := range map[string]string{
		"f(x: f64[m,k], z: out f64[k,3,n])": `f: parameter 2 "z": dimension n is not known, want an array for z, or wasmffi.New(...)`,
		"f(x: f64[m,k], w: out f64[_])":     `f: parameter 2 "w": it is left out, want an array or wasmffi.New(...): nothing says how long dimension _ is`,
	} {
		c := compile(t, sig)
		b, e := judge(t, c, guest(t, memview.F64, 2, 5), none)
		require.EqualError(t, e, want)
		require.ErrorIs(t, e, constraints.ErrArgs)
		_, e = c.OutShape(b, 1)
		require.EqualError(t, e, want)
	}
	c = compile(t, "f(x: f64[m,k], y: out f64[m], z: out f64[k,3,n], w: out f64[_], v: out f64[])")
	b = c.NewBinding()
	// With shapes in place of arrays.
	for _, tt := range []struct {
		y, z, w, v []int
		want       string
	}{
		{dims(2), dims(5, 3, 7), dims(9), dims(), ""},
		{dims(2), dims(5, 3, 7), dims(0), dims(), ""},
		{dims(3), dims(5, 3, 7), dims(9), dims(), `f: argument 2 "y": shape[0] is 3, want m=2 (from x.shape[0])`},
		{dims(2), dims(5, 4, 7), dims(9), dims(), `f: argument 3 "z": shape[1] is 4, want 3`},
		{dims(2), dims(5, 3), dims(9), dims(), `f: argument 3 "z": ndim is 2, want 3`},
		{dims(2), dims(5, 3, -7), dims(9), dims(), `f: argument 3 "z": shape[2] is -7, want 0 or more`},
		{dims(2), dims(5, 3, 7), dims(-9), dims(), `f: argument 4 "w": shape[0] is -9, want 0 or more`},
		{dims(2), dims(5, 3, 7), dims(9), dims(1), `f: argument 5 "v": ndim is 1, want 0`},
		{dims(2), nil, dims(9), dims(), `f: argument 3 "z": it is no array, want an array`},
	} {
		require.Nil(t, c.Start(b, 5))
		b.Arrays[0] = guest(t, memview.F64, 2, 5)
		b.Shapes[1], b.Shapes[2], b.Shapes[3], b.Shapes[4] = tt.y, tt.z, tt.w, tt.v
		e := c.Check(b)
		if tt.want != "" {
			require.EqualError(t, e, tt.want)
			continue
		}
		require.Nil(t, e)
		shape, e := c.OutShape(b, 2)
		require.Nil(t, e)
		require.Equal(t, tt.z, shape)
		shape[0] = 99
		require.Equal(t, 5, tt.z[0], "the caller's slice is not handed out")
	}
	// An array beside a shape.
	require.Nil(t, c.Start(b, 5))
	b.Arrays[0], b.Arrays[1] = guest(t, memview.F64, 2, 5), guest(t, memview.F64, 2)
	b.Shapes[2], b.Shapes[3], b.Shapes[4] = dims(5, 3, 1), dims(1), dims()
	require.Nil(t, c.Check(b))
}

func TestNDPointerOutputs(t *testing.T) {
	nd := func(p constraints.NDPointer) *constraints.Checker {
		p.Dir = constraints.Out
		c, err := constraints.Compile(&constraints.Signature{Name: "f", Params: []constraints.Param{{Name: "y", Type: p}}})
		require.NoError(t, err)
		return c
	}
	const noDType = `f: parameter 1 "y": it is left out, want an array: its dtype is not fixed`
	const noShape = `f: parameter 1 "y": it is left out, want an array: its shape is not fixed`
	for _, tt := range []struct {
		p     constraints.NDPointer
		given []int // nil: left out
		shape []int
		want  string
	}{
		{constraints.NDPointer{DType: memview.F64, Shape: dims(2, 3)}, nil, dims(2, 3), ""},
		{constraints.NDPointer{DType: memview.F64, Shape: dims()}, nil, dims(), ""},
		{constraints.NDPointer{DType: memview.F64, NDim: constraints.ZeroD}, nil, dims(), ""},
		{constraints.NDPointer{Shape: dims(2, 3)}, nil, nil, noDType},
		{constraints.NDPointer{}, nil, nil, noDType},
		{constraints.NDPointer{Shape: dims(2, 3)}, dims(2, 3), nil, `f: argument 1 "y": it is no more than a shape, want an array: its dtype is not fixed`},
		{constraints.NDPointer{DType: memview.F64}, nil, nil, noShape},
		{constraints.NDPointer{DType: memview.F64, NDim: 2}, nil, nil, noShape},
		{constraints.NDPointer{DType: memview.F64, Shape: dims(2, constraints.Any)}, nil, nil, noShape},
		{constraints.NDPointer{DType: memview.F64, Shape: dims(2, constraints.Any)}, dims(2, 4), dims(2, 4), ""},
		{constraints.NDPointer{DType: memview.F64, NDim: 1}, dims(7), dims(7), ""},
		{constraints.NDPointer{DType: memview.F64, NDim: 1}, dims(7, 1), nil, `f: argument 1 "y": ndim is 2, want 1`},
		{constraints.NDPointer{DType: memview.F64, Shape: dims(2, constraints.Any)}, dims(3, 4), nil, `f: argument 1 "y": shape[0] is 3, want 2`},
		{constraints.NDPointer{DType: memview.F64, Shape: dims(2, constraints.Any)}, dims(2), nil, `f: argument 1 "y": shape is (2,), want (2, _)`},
		{constraints.NDPointer{DType: memview.F64}, dims(-1), nil, `f: argument 1 "y": shape[0] is -1, want 0 or more`},
	} {
		c := nd(tt.p)
		b := c.NewBinding()
		nargs := 0
		if tt.given != nil {
			nargs = 1
		}
		require.Nil(t, c.Start(b, nargs))
		b.Shapes[0] = tt.given
		e := c.Check(b)
		var shape []int
		if e == nil {
			shape, e = c.OutShape(b, 0)
		}
		if tt.want != "" {
			require.EqualError(t, e, tt.want)
			continue
		}
		require.Nil(t, e)
		require.Equal(t, tt.shape, shape)
		require.True(t, memview.F64.Equal(c.DType(0)))
	}
}

func TestResultShape(t *testing.T) {
	for sig, want := range map[string][]int{
		"f(x: f64[m,n]) -> f64[n,3,m]": {5, 3, 2},
		"f(x: f64[m,n]) -> f64[]":      {},
		"f(x: f64[m,n]) -> f64":        nil,
		"f(x: f64[m,n])":               nil,
	} {
		c := compile(t, sig)
		b, e := judge(t, c, guest(t, memview.F64, 2, 5))
		require.Nil(t, e)
		shape, e := c.ResultShape(b)
		require.Nil(t, e)
		require.Equal(t, want, shape, sig)
	}
	c, err := constraints.Compile(&constraints.Signature{Name: "f", Result: constraints.Result{Type: constraints.NDPointer{DType: memview.F64, Shape: dims(2, 3)}}})
	require.NoError(t, err)
	for range 2 {
		shape, e := c.ResultShape(c.NewBinding())
		require.Nil(t, e)
		require.Equal(t, dims(2, 3), shape)
		shape[0] = 9 // of a copy
	}
}
