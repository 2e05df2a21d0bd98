package constraints_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Dtypes that are not fixed.
func TestOpenTypes(t *testing.T) {
	a := func(d memview.DType, shape ...int) memview.Array { return guest(t, d, shape...) }
	const gemm = "gemm(a: T[m,k], b: T[k,n], c: out T[m,n], m: size, k: size, n: size, t: i32 = typecode(a)) where T in f32|f64"
	for _, tt := range []struct {
		sig    string
		arrays []memview.Array
		want   string // of Detail, after the signature
	}{
		{gemm, []memview.Array{a(memview.F32, 1, 1), a(memview.F32, 1, 1), a(memview.F32, 1, 1)}, ""},
		{gemm, []memview.Array{a(memview.F32, 1, 1), a(memview.F64, 1, 1), a(memview.F32, 1, 1)}, `gemm: argument 2 "b": dtype is float64, want T=float32 (from a.dtype)`},
		{gemm, []memview.Array{a(memview.I32, 1, 1), a(memview.I32, 1, 1), a(memview.I32, 1, 1)}, `gemm: argument 1 "a": dtype is int32, want f32|f64`},
		{gemm, []memview.Array{a(memview.F32.BigEndian(), 1, 1), a(memview.F32, 1, 1), none}, `gemm: argument 1 "a": dtype is >f4, want f32|f64`},
		{"f(x: i*|f64[n] desc)", []memview.Array{a(memview.I8, 1)}, ""},
		{"f(x: i*|f64[n] desc)", []memview.Array{a(memview.F64, 1)}, ""},
		{"f(x: i*|f64[n] desc)", []memview.Array{a(memview.U8, 1)}, `f: argument 1 "x": dtype is uint8, want i*|f64`},
		{"f(x: u*[n] desc)", []memview.Array{a(memview.U64, 1)}, ""},
		{"f(x: u*[n] desc)", []memview.Array{a(memview.Bool, 1)}, `f: argument 1 "x": dtype is bool, want u*`},
		{"f(x: f*[n] desc)", []memview.Array{a(memview.F16, 1)}, ""},
		{"f(x: f*[n] desc)", []memview.Array{a(memview.C64, 1)}, `f: argument 1 "x": dtype is complex64, want f*`},
		{"f(x: c*[n] desc)", []memview.Array{a(memview.C64, 1)}, ""},
		{"f(x: any[n], w: i32 = itemsize(x))", []memview.Array{a(memview.C128, 1)}, ""},
		{"f(y: out T[n], x: T[n], w: i32 = itemsize(x))", []memview.Array{none, a(memview.I16, 3)}, ""},
		{"f(y: out any[3], w: i32 = itemsize(y))", []memview.Array{none}, `f: parameter 1 "y": it is left out, want an array: its dtype is not fixed`},
	} {
		b, e := judge(t, compile(t, tt.sig), tt.arrays...)
		if tt.want == "" {
			require.Nil(t, e, tt.sig)
			continue
		}
		require.EqualError(t, e, tt.want)
		require.NotNil(t, b)
	}
	// An output that is made has the dtype that its variable got.
	c := compile(t, "f(y: out T[n], x: T[n], w: i32 = itemsize(y)*100+typecode(x)) -> T[n]")
	b, e := judge(t, c, none, a(memview.I16, 3))
	require.Nil(t, e)
	require.True(t, memview.I16.Equal(c.OutDType(b, 0)))
	require.True(t, memview.I16.Equal(c.ResultDType(b)))
	require.True(t, c.DType(0).IsZero())
	n, e := c.Value(b, 2)
	require.Nil(t, e)
	require.EqualValues(t, 216, n)
	// Given by its shape, it still needs one.
	c = compile(t, "f(y: out any[n] desc)")
	b = c.NewBinding()
	require.Nil(t, c.Start(b, 1))
	b.Shapes[0] = dims(3)
	require.EqualError(t, c.Check(b), `f: argument 1 "y": it is no more than a shape, want an array: its dtype is not fixed`)
	// The variable is among what is bound.
	_, e = judge(t, compile(t, gemm), a(memview.F32, 2, 3), a(memview.F32, 4, 4), a(memview.F32, 1, 1))
	require.Equal(t, "m=2 from a.shape[0], k=3 from a.shape[1], T=float32 from a.dtype", e.Bound)
	// In Go memory the byte order does not matter: it is copied.
	swapped, err := memview.Zeros(memview.F32.BigEndian(), 1, 1)
	require.NoError(t, err)
	_, e = judge(t, compile(t, gemm), swapped, a(memview.F32, 1, 1), none)
	require.Nil(t, e)
}

func TestLayoutsAndAlignment(t *testing.T) {
	c := guest(t, memview.F64, 2, 3)
	f := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(2, 3), Strides: dims(8, 16)})
	gaps := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(2, 3), Strides: dims(96, 16)})
	at8 := guestAt(t, 0x408, memview.F64, memview.Layout{Shape: dims(2, 3)})
	local := local[float64](t, 2, 3)
	for _, tt := range []struct {
		attr string
		a    memview.Array
		want string
	}{
		{"", c, ""}, {" C", c, ""}, {" contig", c, ""}, {" strided", c, ""},
		{" F", c, "layout is strides (24, 8) for shape (2, 3), want Fortran order"},
		{" F", f, ""}, {" contig", f, ""}, {" strided", f, ""},
		{"", f, "layout is strides (8, 16) for shape (2, 3), want C order"},
		{" contig", gaps, "layout is strides (96, 16) for shape (2, 3), want C or Fortran order"},
		{" strided", gaps, ""},
		{" F", local, ""},
		{"", at8, ""}, {" align(8)", at8, ""},
		{" align(16)", at8, "address is 0x408, want a multiple of 16"},
		{" align(16)", c, ""}, {" align(16)", local, ""},
	} {
		_, e := judge(t, compile(t, "f(x: f64[m,n]"+tt.attr+")"), tt.a)
		if tt.want == "" {
			require.Nil(t, e, tt.attr)
			continue
		}
		require.EqualError(t, e, `f: argument 1 "x": `+tt.want, tt.attr)
	}
}

func TestNull(t *testing.T) {
	x := guest(t, memview.F64, 3)
	c := compile(t, "f(x: f64[n] nullable, n: size, y: f64[m], m: size, v: i32 = n*10+m, c: i32 = count(x)+nbytes(x)+itemsize(x), s: i32 = stride(x,0)) -> f64[n]")
	for _, null := range []bool{true, false} {
		b := c.NewBinding()
		require.Nil(t, c.Start(b, 2))
		b.Arrays[2] = guest(t, memview.F64, 4)
		want := []int64{0, 4, 4, 8, 1}
		if null {
			require.Nil(t, c.SetNull(b, 0))
		} else {
			b.Arrays[0] = x
			want = []int64{3, 4, 34, 35, 1}
		}
		require.Nil(t, c.Check(b))
		for k, i := range []int{1, 3, 4, 5, 6} {
			got, e := c.Value(b, i)
			require.Nil(t, e)
			require.Equal(t, want[k], got, "parameter %d", i+1)
		}
		shape, e := c.ResultShape(b)
		require.Nil(t, e)
		require.Equal(t, dims(int(want[0])), shape)
		require.Equal(t, null, b.IsNull(0))
	}
	// The extent is that of the array which is there.
	c = compile(t, "f(x: f64[n] nullable, y: f64[n] nullable, n: size)")
	b := c.NewBinding()
	require.Nil(t, c.Start(b, 2))
	require.Nil(t, c.SetNull(b, 0))
	b.Arrays[1] = x
	require.Nil(t, c.Check(b))
	n, e := c.Value(b, 2)
	require.Nil(t, e)
	require.EqualValues(t, 3, n)

	c = compile(t, "type Hh = opaque; f(x: f64[n], s: cstr, h: Hh, g: func(), a: f64[1] nullable, b: cstr nullable, c: Hh nullable, d: func() nullable)")
	b = c.NewBinding()
	for i, want := range []string{"f64[n]", "cstr", "Hh", "func()"} {
		require.Nil(t, c.Start(b, 8))
		e := c.SetNull(b, i)
		require.Equal(t, "nil, want "+want+", which is not nullable", e.Got+", want "+e.Want)
		require.ErrorIs(t, e, constraints.ErrArray)
		require.False(t, b.IsNull(i))
		require.Nil(t, c.SetNull(b, i+4))
		require.True(t, b.IsNull(i+4))
	}
	// What is not known of NULL: which type it does not have.
	c = compile(t, "f(x: any[n] nullable, t: i32 = typecode(x))")
	b = c.NewBinding()
	require.Nil(t, c.Start(b, 1))
	require.Nil(t, c.SetNull(b, 0))
	require.EqualError(t, c.Check(b), `f: parameter 2 "t": it is typecode(x), but the dtype of x is not known, want an array`)
}

// What the guest says of its own outputs is not believed.
func TestLen(t *testing.T) {
	c := compile(t, "f(x: out u8[cap] len(result-k), cap: size, k: out i32) -> i64")
	require.True(t, c.HasLen(0))
	require.False(t, c.HasLen(1))
	require.True(t, c.Named(-1))
	require.True(t, c.Named(2))
	require.False(t, c.Named(1))
	b, e := judge(t, c, guest(t, memview.U8, 5))
	require.Nil(t, e)
	_, e = c.Len(b, 0, 5)
	require.EqualError(t, e, "f: length of output x is result-k, but result is not known, want an array that has it")
	for _, tt := range []struct {
		result, k int64
		want      string
	}{
		{5, 0, ""}, {0, 0, ""}, {3, -2, ""},
		{6, 0, "length of output x is result-k=6, want 0 to 5"},
		{-1, 0, "length of output x is result-k=-1, want 0 to 5"},
		{-1 << 63, 1, "length of output x is result-k, which overflows 64 bits (from result=-9223372036854775808, k=1)"},
	} {
		c.SetNumber(b, -1, tt.result)
		c.SetNumber(b, 2, tt.k)
		got, e := c.Len(b, 0, 5)
		if tt.want == "" {
			require.Nil(t, e)
			require.EqualValues(t, tt.result-tt.k, got)
			continue
		}
		require.EqualError(t, e, "f: "+tt.want)
	}
	// A shape that the guest says.
	c = compile(t, "get(n: out i64) -> f64[n,2] nullable owned")
	b = c.NewBinding()
	require.Nil(t, c.Start(b, 0))
	require.Nil(t, c.Check(b))
	c.SetNumber(b, 0, 7)
	shape, e := c.ResultShape(b)
	require.Nil(t, e)
	require.Equal(t, dims(7, 2), shape)
	for n, want := range map[int64]string{-1: "get: shape[0] is -1, want 0 to 2^32", 1 << 33: "get: shape[0] is 8589934592, want 0 to 2^32"} {
		c.SetNumber(b, 0, n)
		_, e = c.ResultShape(b)
		require.EqualError(t, e, want)
	}
}
