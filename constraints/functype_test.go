package constraints_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Func types by themselves, with what String makes of them; empty: the same.
var acceptedFuncs = []struct{ text, want string }{
	{"func()", ""},
	{"func() -> i32", ""},
	{"func(f64[1], f64[1]) -> i32", ""},
	{" func ( f64 [ 0003 ] , n : size )\n", "func(f64[3], n: size)"},
	{"func(x: f64[n], n: size) -> f64", ""},
	{"func(n: i32, x: f64[n,2*n+1,3] nullable, y: c128[n/2])", ""},
	{"func(func: i32, in: f64[func])", ""},
	{"func(n: ptr, x: u8[n], k: i8, y: u8[k])", ""},
	{"type P1 = {x: f32}; func(P1[1]) -> i32", ""},
	{"func(P1[1]) -> i32; type P1 = {x: f32}", "type P1 = {x: f32}; func(P1[1]) -> i32"},
	{"type Bb = {x: Aa}; type Aa = {x: f32}; type Cc = {x: i8}; func(Bb[n], n: i32)", "type Aa = {x: f32}; type Bb = {x: Aa}; func(Bb[n], n: i32)"},
	{"# nothing\n;func();", "func()"},
	{"type Hh = opaque; func()", "func()"},
}

func TestParseFunc(t *testing.T) {
	for _, tt := range acceptedFuncs {
		f, err := constraints.ParseFunc(tt.text)
		require.NoError(t, err, tt.text)
		want := tt.want
		if want == "" {
			want = tt.text
		}
		require.Equal(t, want, f.String())
		again, err := constraints.ParseFunc(f.String())
		require.NoError(t, err)
		require.Equal(t, f, again)
	}
}

func TestParseFuncRefuses(t *testing.T) {
	for _, tt := range []struct {
		text string
		pos  int
		want string
	}{
		{"", 0, "got 0 func types, want one"},
		{"type Aa = {x: f32}", 18, "got 0 func types, want one"},
		{"func(); func()", 14, "got 2 func types, want one"},
		{"f()", 0, `want func, got "f"`},
		{`"func"()`, 0, `want func, got "func"`},
		{"func", 4, `want "(" after func, got the end`},
		{"func() nullable", 7, `unexpected "nullable" after the func type`},
		{"func() where 1 < 2", 7, `unexpected "where" after the func type`},
		{"func(f64[_])", 0, "func parameter 1: nothing says how long dimension _ is"},
		{"func(x: f64[n])", 0, `func parameter "x": nothing says what "n" is: no integer scalar of the func has that name`},
		{"func(x: f64[n], n: f64)", 0, `func parameter "x": nothing says what "n" is: no integer scalar of the func has that name`},
		{"func(x: f64[n+x], n: i32)", 0, `func parameter "x": nothing says what "x" is: no integer scalar of the func has that name`},
		{"func(x: f64[2], y: f64[count(x)])", 0, `func parameter "y": count(x): want numbers and integer scalars of the func`},
		{"func(f*[1])", 0, "func parameter 1: f*[1]: the host must know of which type the elements are, want one dtype"},
		{"func(any[1])", 0, "func parameter 1: any[1]: the host must know of which type the elements are, want one dtype"},
		{"func(T[1])", 0, "func parameter 1: T[1]: the host must know of which type the elements are, want one dtype"},
		{"func(f32|f64[1])", 0, "func parameter 1: f32|f64[1]: the host must know of which type the elements are, want one dtype"},
		{"func(f32|f32[1])", 0, "func parameter 1: f32|f32[1]: the host must know of which type the elements are, want one dtype"},
		{"func(cstr)", 5, "a parameter of a func is a scalar or an array, got cstr"},
		{"type Hh = opaque; func(Hh)", 23, "a parameter of a func is a scalar or an array, got Hh"},
		{"func(func())", 5, "a parameter of a func is a scalar or an array, got func"},
		{"func() -> f64[1]", 10, "the result of a func is a scalar, got f64[1]"},
		{"func(x: i32, x: i32)", 0, `func has two parameters named "x"`},
		{"func(u8[65536,65536])", 0, "func parameter 1: array is larger than a linear memory"},
		{"func(n: i32, f64[" + strings.Repeat("(", 17) + "n" + strings.Repeat(")", 17) + "])", 33, "expression is nested more than 16 deep"},
		{"func(i32" + strings.Repeat(",i32", 64) + ")", 261, "more than 64 parameters"},
		{strings.Repeat(" ", constraints.MaxText) + "func()", 0, "text has 4102 bytes, want at most 4096"},
		{"func(" + strings.Repeat("i8[1,1,1,1,1,1,1,1],", 63) + "i8[1]" + strings.Repeat(" ", 64) + ")", 0, ""},
	} {
		_, err := constraints.ParseFunc(tt.text)
		if tt.want == "" {
			require.NoError(t, err, tt.text)
			continue
		}
		var pe *constraints.ParseError
		require.True(t, errors.As(err, &pe), "%s: %v", tt.text, err)
		require.Equal(t, tt.want, pe.Msg, tt.text)
		require.Equal(t, tt.pos, pe.Pos, tt.text)
	}
}

// What literals can say and texts cannot; and one that holds itself.
func TestFuncTypeLiterals(t *testing.T) {
	endless := constraints.FuncType{Params: make([]constraints.Param, 1)}
	endless.Params[0].Type = endless
	n := constraints.Param{Name: "n", Type: constraints.Scalar{DType: memview.I32}}
	for want, f := range map[string]constraints.FuncType{
		"func parameter 1: func(func(...)): want a scalar or an array":                                                endless,
		"func parameter 1: ?: want a scalar or an array":                                                              {Params: make([]constraints.Param, 1)},
		"func parameter 1: direction and value go with the parameters of the function itself":                         {Params: []constraints.Param{{Dir: constraints.Out, Type: n.Type}}},
		`func parameter "n": direction and value go with the parameters of the function itself`:                       {Params: []constraints.Param{{Name: "n", Type: n.Type, Value: &constraints.Expr{}}}},
		`func parameter "a b": its name is no identifier`:                                                             {Params: []constraints.Param{{Name: "a b", Type: n.Type}}},
		"func has 65 parameters, want at most 64":                                                                     {Params: make([]constraints.Param, 65)},
		"func parameter 1: array has no element type":                                                                 {Params: []constraints.Param{{Type: constraints.ArrayOf{}}}},
		"func parameter 1: f64[1] F: attributes go with the parameters of the function itself":                        {Params: []constraints.Param{{Type: constraints.ArrayOf{Layout: constraints.FOrder, Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{N: 1}}}}}},
		"func result: float16 is no scalar; want bool, an integer of 8 to 64 bits, float32 or float64, little-endian": {Result: &constraints.Scalar{DType: memview.F16}},
		"func result: name \"size\" means uint32, but the dtype is float64":                                           {Result: &constraints.Scalar{DType: memview.F64, Name: "size"}},
	} {
		require.NotPanics(t, func() { _ = f.String() })
		s := &constraints.Signature{Name: "f", Params: []constraints.Param{{Type: f}}}
		require.NotPanics(t, func() { s.Equal(s) })
		_, err := constraints.Compile(s)
		require.ErrorContains(t, err, strings.ReplaceAll(want, "float16 is", "f16 is"))
	}
	_, err := constraints.Compile(&constraints.Signature{Name: "f", Result: constraints.Result{Type: constraints.FuncType{Nullable: true}}})
	require.EqualError(t, err, "constraints: signature f: result: func() nullable: say nullable in Result")
}

// What is read holds what is promised, whatever the guest says of its scalars.
func FuzzParseFunc(f *testing.F) {
	for _, tt := range acceptedFuncs {
		f.Add(tt.text, int64(3), int64(-1))
	}
	f.Fuzz(func(t *testing.T, text string, even, odd int64) {
		ft, err := constraints.ParseFunc(text)
		if err != nil {
			wellRefused(t, err)
			return
		}
		wellFormedFunc(t, ft, even, odd)
	})
}

// wellFormedFunc holds a func type that stands by itself to what is promised of every one.
func wellFormedFunc(t *testing.T, f constraints.FuncType, even, odd int64) {
	again, err := constraints.ParseFunc(f.String())
	require.NoError(t, err, "String is read back: %s", f)
	require.Equal(t, f.String(), again.String())
	require.NoError(t, f.Accepts(again))
	if s, err := f.Signature("f"); err == nil {
		_, err = constraints.Compile(s)
		require.NoError(t, err)
	}
	c, err := constraints.CompileFunc(f)
	require.NoError(t, err)
	scalars := make([]int64, len(f.Params))
	for i := range scalars {
		scalars[i] = []int64{even, odd}[i%2]
	}
	for i, p := range f.Params {
		a, ok := p.Type.(constraints.ArrayOf)
		if !ok {
			continue
		}
		shape, e := c.Extents(i, scalars, nil)
		if e != nil {
			require.NotEmpty(t, e.Detail())
			require.Nil(t, shape)
			continue
		}
		require.Len(t, shape, len(a.Dims))
		bytes := uint64(a.Elems[0].DType.ItemSize())
		for _, n := range shape {
			bytes *= uint64(n)
		}
		require.LessOrEqual(t, bytes, uint64(1)<<32)
	}
}
