package constraints_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// call is what a host does for each call: the arrays are there already.
func call(c *constraints.Checker, b *constraints.Binding, nargs int, arrays []memview.Array) *constraints.TypeError {
	if e := c.Start(b, nargs); e != nil {
		return e
	}
	copy(b.Arrays, arrays)
	if e := c.Check(b); e != nil {
		return e
	}
	for i := range b.Arrays {
		if c.Role(i) == constraints.Derived {
			if _, e := c.Value(b, i); e != nil {
				return e
			}
		}
	}
	return nil
}

func TestCheckAllocatesNothing(t *testing.T) {
	f := func(shape ...int) memview.Array { return guest(t, memview.F64, shape...) }
	for sig, arrays := range map[string][]memview.Array{
		"dot(x: f64[n], y: f64[n], n: size) -> f64":                                {f(128), f(128)},
		"mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)": {f(2, 3), f(3, 4), f(2, 4)},
		"f(x: f64[_,3], y: inout f64[])":                                           {f(7, 3), f()},
		"f(x: f64[n], y: f64[n], n: i32, z: f64[1])":                               {f(5), local[float64](t, 5), none, f(1)},
		"f(x: f64[n], y: out f64[n], v: i32 = count(x)*2+n) where n > 1, n%2 == 0": {f(4), f(4)},
		"f(x: T[n] strided, y: T[n], t: i32 = typecode(x)) where T in f32|f64":     {f(4), f(4)},
		"type Pp = {a: f32}; g(x: f64[a,b,c,d,e,f,g,h], a: i64, b: u64, c: u32)":   {f(1, 1, 1, 1, 1, 1, 1, 1)},
	} {
		c := compile(t, sig)
		b := c.NewBinding()
		nargs := 0
		for _, a := range arrays {
			if !a.IsZero() {
				nargs++
			}
		}
		require.Nil(t, call(c, b, nargs, arrays), sig)
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = call(c, b, nargs, arrays) }), sig)
	}
	nd := constraints.NDPointer{DType: memview.F64, NDim: 2, Shape: dims(2, constraints.Any), Flags: memview.CContiguous}
	a := f(2, 3)
	require.NoError(t, nd.Check(a))
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = nd.Check(a) }))
}

func BenchmarkCheck(b *testing.B) {
	c := compile(b, "mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)")
	arrays := []memview.Array{guest(b, memview.F64, 2, 3), guest(b, memview.F64, 3, 4), guest(b, memview.F64, 2, 4)}
	state := c.NewBinding()
	b.ReportAllocs()
	for b.Loop() {
		if e := call(c, state, 3, arrays); e != nil {
			b.Fatal(e)
		}
	}
}

func BenchmarkNDPointerCheck(b *testing.B) {
	p := constraints.NDPointer{DType: memview.F64, NDim: 1, Flags: memview.CContiguous}
	a := guest(b, memview.F64, 128)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Check(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := constraints.Parse("mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)"); err != nil {
			b.Fatal(err)
		}
	}
}
