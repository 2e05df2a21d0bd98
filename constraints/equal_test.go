package constraints_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Each group says one thing, and no two groups the same.
var alike = [][]string{
	{"f()", "  f ( ) ", "type Pp = {x: f32}; f()"},
	{"g()"},
	{"f() -> i32"},
	{"f() -> i32 ok(0)"},
	{"f() -> i32 ok(1)"},
	{"f() -> size", "f() -> u32", "f() -> ptr"},
	{"f() -> cstr"},
	{"f() -> cstr nullable"},
	{"f() -> f64[3]"},
	{"f() -> f64[3] nullable"},
	{"f() -> f64[3] owned"},
	{"f() -> f64[]"},
	{"f(x: f64[n], y: f64[n], n: size)", "f(a: f64[len], b: f64[len], len: u32)", "f(n: f64[k], x: f64[k], k: size)"},
	{"f(x: f64[n], y: f64[m], n: size)", "f(x: f64[m], y: f64[n], m: size)"},
	{"f(x: f64[n], y: f64[m], m: size)"},
	{"f(x: f64[n], y: f64[n], m: size)"},
	{"f(x: f64[n], y: f64[m], k: size)"},
	{"f(x: f64[n], y: f64[_], n: size)"},
	{"f(x: f64[n], n: size)"},
	{"f(x: f64[n], n: size, y: f64[n])"},
	{"f(x: f64[m,n])", "f(x: f64[n,m])"},
	{"f(x: f64[m,m])"},
	{"f(x: f64[3,m])"},
	{"f(x: f64[4,m])"},
	{"f(x: f32[m])"},
	{"f(x: out f32[m])"},
	{"f(x: inout f32[m])"},
	{"f(x: f32[m] F)"},
	{"f(x: f32[m] contig)"},
	{"f(x: f32[m] strided)"},
	{"f(x: f32[m] align(16))"},
	{"f(x: f32[m] align(32))"},
	{"f(x: f32[m] nullable)"},
	{"f(x: f32[m] mayalias)"},
	{"f(x: f32[m] finite)"},
	{"f(x: f32[m] desc)"},
	{"f(x: f32|f64[m] desc)"},
	{"f(x: f*[m] desc)"},
	{"f(x: u*[m] desc)"},
	{"f(x: any[m] desc)"},
	{"f(x: T[m] desc)", "f(y: U[k] desc)"},
	{"f(x: T[m] desc, y: T[m] desc)", "f(x: U[m] desc, y: U[m] desc)"},
	{"f(x: T[m] desc, y: U[m] desc)", "f(x: U[m] desc, y: T[m] desc)"},
	{"f(x: T[m] desc) where T in f32", "f(x: U[m] desc) where U in f32"},
	{"f(x: T[m] desc) where T in f32|f64"},
	{"f(x: T[m] desc, y: U[m] desc) where T in f32"},
	{"f(x: T[m] desc, y: U[m] desc) where U in f32"},
	{"f(n: i32, x: f64[n])", "f(i: i32, y: f64[i])"},
	{"f(n: i32, x: f64[m])"},
	{"f(n: i32, x: f64[m], k: i32 = m)", "f(k: i32, x: f64[n], m: i32 = n)"},
	{"f(n: i32, x: f64[m], k: i32 = n)"},
	{"f(n: i32, x: f64[m], k: i32 = n+1)", "f(n: i32, x: f64[m], k: i32 = (n) + 1)"},
	{"f(n: i32, x: f64[m], k: i32 = n-1)"},
	{"f(n: i32, x: f64[m], k: i32 = n+2)"},
	{"f(n: i32, x: f64[m], k: i32 = m+1)"},
	{"f(n: i32, x: f64[m], k: i32 = count(x))", "f(n: i32, y: f64[m], k: i32 = count(y))"},
	{"f(n: i32, x: f64[m], k: i32 = nbytes(x))"},
	{"f(n: i32, x: f64[m,k], s: i32 = stride(x,0))"},
	{"f(n: i32, x: f64[m,k], s: i32 = stride(x,1))"},
	{"f(x: f64[m,k], y: f64[m,k], s: i32 = stride(x,1))"},
	{"f(x: f64[m,k], y: f64[m,k], s: i32 = stride(y,1))"},
	{"f(x: f64[m]) where m > 1", "f(x: f64[n]) where n > 1"},
	{"f(x: f64[m]) where m >= 1"},
	{"f(x: f64[m]) where 1 > m"},
	{"f(x: f64[m]) where m > 1, m > 2"},
	{"f(x: f64[m]) where m > 2, m > 1"},
	{"f(x: out u8[n] len(result)) -> i32", "f(x: out u8[m] len(result)) -> i32"},
	{"f(x: out u8[n] len(s), s: out i32) -> i32", "f(x: out u8[n] len(result), result: out i32) -> i32"},
	{"f(x: out u8[n], s: out i32) -> i32"},
	{"f(x: out i32)"},
	{"f(x: inout i32)"},
	{"f(x: i32)"},
	{"f(x: i64)"},
	{"f(x: i32[])"},
	{"f(s: cstr)"},
	{"f(s: cstr nullable)"},
	{"type Aa = {x: f32}; f(p: Aa[n])", "type Bb = {x: f32}; f(p: Bb[n])", "type Cc = {x: i8}; type Aa = {x: f32}; f(p: Aa[n])"},
	{"type Aa = {y: f32}; f(p: Aa[n])"},
	{"type Aa = opaque; f(p: Aa)", "type Bb = opaque; f(q: Bb)"},
	{"type Aa = opaque; f(p: Aa nullable)"},
	{"type Aa = opaque free(g); f(p: Aa)", "type Bb = opaque free(g); f(q: Bb)"},
	{"type Aa = opaque free(h); f(p: Aa)"},
	{"type Aa = opaque; type Bb = opaque; f(p: Aa, q: Bb)", "type Aa = opaque; type Bb = opaque; f(p: Bb, q: Aa)"},
	{"type Aa = opaque; f(p: Aa, q: Aa)", "type Bb = opaque; f(p: Bb, q: Bb)"},
	{"type Aa = opaque; f() -> Aa"},
	{"type Aa = opaque; f() -> Aa nullable"},
	{"f(g: func())", "f(h: func())"},
	{"f(g: func() nullable)"},
	{"f(g: func(f64))"},
	{"f(g: func(f64) -> f64)"},
	{"f(g: func(f64) -> f32)"},
	{"f(g: func(f64[1]))"},
	{"f(g: func(T[1]))", "f(g: func(U[1]))"},
	{"f(n: i32, g: func(f64[n]))", "f(m: i32, g: func(f64[m]))"},
	{"f(g: func(f64[1] nullable))"},
	{"f(n: i32, g: func(x: f64[n], n: i32))", "f(m: i32, g: func(f64[k], k: i32))", "f(k: i32, g: func(y: f64[n], n: i32))"},
	{"f(n: i32, g: func(x: f64[n], m: i32))", "f(n: i32, g: func(f64[n], i32))"},
	{"f(g: func(a: i32, b: i32, f64[a,b]))", "f(g: func(b: i32, a: i32, f64[b,a]))"},
	{"f(g: func(a: i32, b: i32, f64[b,a]))"},
	{"f(g: func(a: i32, b: i32, f64[a*b]))", "f(g: func(b: i32, a: i32, f64[b*a]))"},
	{"f(y: f64[k], g: func(y: i32, f64[y+count(y)]))", "f(x: f64[k], g: func(y: i32, f64[y+count(x)]))"},
	{"f() -> func(f64) -> f64", "f() -> func(x: f64) -> f64"},
	{"f() -> func(f64) -> f64 nullable"},
	{"f() -> func(f64)"},
}

func TestEqual(t *testing.T) {
	for i, group := range alike {
		for _, x := range group {
			s := constraints.MustParse(x)
			require.True(t, s.Equal(s))
			for k, other := range alike {
				for _, y := range other {
					require.Equal(t, i == k, s.Equal(constraints.MustParse(y)), "%s\n%s", x, y)
				}
			}
		}
	}
	var none *constraints.Signature
	require.True(t, none.Equal(nil))
	require.False(t, none.Equal(constraints.MustParse("f()")))
	require.False(t, constraints.MustParse("f()").Equal(nil))
}

// Literals say what no text can.
func TestEqualLiterals(t *testing.T) {
	type nd = constraints.NDPointer
	sig := func(p ...constraints.Param) *constraints.Signature {
		return &constraints.Signature{Name: "f", Params: p}
	}
	loop := &constraints.Expr{Op: constraints.Add, X: &constraints.Expr{N: 1}}
	loop.Y = loop
	groups := [][]*constraints.Signature{
		{sig(constraints.Param{Type: nd{}}), sig(constraints.Param{Name: "x", Type: nd{}})},
		{sig(constraints.Param{Type: nd{DType: memview.F64}})},
		{sig(constraints.Param{Type: nd{NDim: 1}})},
		{sig(constraints.Param{Type: nd{NDim: constraints.ZeroD}})},
		{sig(constraints.Param{Type: nd{Shape: []int{}}})},
		{sig(constraints.Param{Type: nd{Shape: []int{1}}})},
		{sig(constraints.Param{Type: nd{Flags: memview.CContiguous}})},
		{sig(constraints.Param{Type: nd{Flags: memview.Writeable}}), sig(constraints.Param{Dir: constraints.InOut, Type: nd{Flags: memview.Writeable}})},
		{sig(constraints.Param{Type: nd{Dir: constraints.Out}}), sig(constraints.Param{Dir: constraints.Out, Type: nd{}})},
		{sig(constraints.Param{})},
		{sig(constraints.Param{Type: constraints.Scalar{DType: memview.I32}, Value: loop})},
		// A parameter without a name is no dimension.
		{sig(constraints.Param{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{Name: "n"}}}}, constraints.Param{Name: "n", Type: constraints.Scalar{DType: memview.I32}})},
		{sig(constraints.Param{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{Name: "n"}}}}, constraints.Param{Type: constraints.Scalar{DType: memview.I32}}),
			sig(constraints.Param{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{Name: "n", N: 7}}}}, constraints.Param{Name: "z", Type: constraints.Scalar{DType: memview.I32}})},
	}
	for i, group := range groups {
		for _, s := range group {
			for k, other := range groups {
				for _, u := range other {
					endless := s.Params[0].Value != nil // no expression at all
					require.Equal(t, i == k && !endless, s.Equal(u), "%s\n%s", s, u)
				}
			}
		}
	}
}

func ExampleSignature_Equal() {
	mine := constraints.MustParse("dot(x: f64[n], y: f64[n], n: size) -> f64")
	theirs := constraints.MustParse("dot(a: f64[len], b: f64[len], len: size) -> f64")
	fmt.Println(mine.Equal(theirs))
	theirs = constraints.MustParse(strings.Replace(theirs.String(), "a: ", "a: inout ", 1))
	fmt.Println(mine.Equal(theirs))
	// Output:
	// true
	// false
}
