package constraints_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func structOf(t testing.TB, fields ...memview.Field) memview.DType {
	t.Helper()
	d, err := memview.StructOf(fields...)
	require.NoError(t, err)
	return d
}

// A literal can say more than a text, and more that makes no sense.
func TestCompileRefusesLiterals(t *testing.T) {
	f64 := constraints.Scalar{DType: memview.F64}
	vector := constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{Name: "n"}}}
	params := func(types ...constraints.Type) []constraints.Param {
		var all []constraints.Param
		for _, t := range types {
			all = append(all, constraints.Param{Type: t})
		}
		return all
	}
	array := func(d memview.DType, dims ...constraints.Dim) []constraints.Param {
		return params(constraints.ArrayOf{Elems: []constraints.Elem{{DType: d}}, Dims: dims})
	}
	point := structOf(t, memview.Field{Name: "x", DType: memview.F32})
	packed, err := memview.PackedStructOf(memview.Field{Name: "a", DType: memview.U8}, memview.Field{Name: "b", DType: memview.F64})
	require.NoError(t, err)
	titled, err := memview.StructSpec{Fields: []memview.Field{{Name: "a", Title: "b", DType: memview.U8}}}.DType()
	require.NoError(t, err)
	empty := structOf(t)
	sub, err := memview.SubArrayOf(memview.F64, 3)
	require.NoError(t, err)
	one := int64(1)
	type decls = []constraints.StructDecl
	for _, tt := range []struct {
		s    constraints.Signature
		want string
	}{
		{constraints.Signature{}, `"": function has no name`},
		{constraints.Signature{Params: make([]constraints.Param, 65)}, `"": function has no name`},
		{constraints.Signature{Name: "f", Params: make([]constraints.Param, 65)}, "f: 65 parameters, want at most 64"},
		{constraints.Signature{Name: "f g", Params: params(nil)}, `"f g": parameter 1: no type given`},
		{constraints.Signature{Name: "f", Params: params(f64, &f64)}, "f: parameter 2: type is *constraints.Scalar, want one of this package by value"},
		{constraints.Signature{Name: "f", Params: params((*constraints.NDPointer)(nil))}, "f: parameter 1: type is *constraints.NDPointer, want one of this package by value"},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Name: "a b", Type: f64}}}, `f: parameter "a b": its name is no identifier`},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Name: "_", Type: f64}}}, `f: parameter "_": its name is no identifier`},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Name: "é", Type: f64}}}, `f: parameter "é": its name is no identifier`},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Name: "x", Type: f64}, {Name: "x", Type: f64}}}, `f: two parameters are named "x"`},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Dir: 3, Type: f64}}}, "f: parameter 1: direction is 3, want In, Out or InOut"},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Dir: constraints.Out, Type: constraints.NDPointer{Dir: constraints.InOut}}}}, "f: parameter 1: it is out and its ndpointer inout, want one direction"},
		{constraints.Signature{Name: "f", Params: params(constraints.NDPointer{NDim: 40})}, "f: parameter 1: ndpointer(ndim=40): ndim is 40, want 0 to 32"},
		{constraints.Signature{Name: "f", Params: params(constraints.Scalar{})}, "is no scalar; want bool, an integer"},
		{constraints.Signature{Name: "f", Params: params(constraints.Scalar{DType: memview.F64.BigEndian()})}, "f: parameter 1: >f8 is no scalar; want bool"},
		{constraints.Signature{Name: "f", Params: []constraints.Param{{Dir: constraints.Out, Type: constraints.Scalar{DType: memview.C128}}}}, "f: parameter 1: c128 is no scalar"},
		{constraints.Signature{Name: "f", Params: params(constraints.Scalar{DType: memview.F64, Name: "size"})}, `f: parameter 1: name "size" means uint32, but the dtype is float64`},
		{constraints.Signature{Name: "f", Params: params(constraints.Scalar{DType: memview.F64, Name: "double"})}, `f: parameter 1: unknown type "double"`},
		{constraints.Signature{Name: "f", Params: params(constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64, Name: "f32"}}})}, `f: parameter 1: name "f32" means float32, but the dtype is float64`},
		{constraints.Signature{Name: "f", Params: params(constraints.ArrayOf{Elems: []constraints.Elem{{DType: point, Name: "Pp"}}})}, `f: parameter 1: unknown type "Pp"`},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", point}}, Params: params(constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64, Name: "Pp"}}})}, "f: parameter 1: type Pp is declared as another struct than the dtype float64"},
		{constraints.Signature{Name: "f", Params: array(memview.DType{})}, "f: parameter 1: the guest does not learn which type any is: add desc, or a scalar = itemsize(1) or typecode(1)"},
		{constraints.Signature{Name: "f", Params: params(constraints.ArrayOf{})}, "f: parameter 1: array has no element type"},
		{constraints.Signature{Name: "f", Params: array(sub)}, "f: parameter 1: array has element type ('<f8', (3,)), want its dimensions in Dims"},
		{constraints.Signature{Name: "f", Params: array(memview.F64, constraints.Dim{N: -1})}, "f: parameter 1: dimension is -1, want 0 or more"},
		{constraints.Signature{Name: "f", Params: array(memview.F64, constraints.Dim{N: math.MinInt})}, "want 0 or more"},
		{constraints.Signature{Name: "f", Params: array(memview.F64, constraints.Dim{N: math.MaxInt})}, "f: parameter 1: array is larger than a linear memory"},
		{constraints.Signature{Name: "f", Params: array(memview.F64, make([]constraints.Dim, 9)...)}, "f: parameter 1: array has 9 dimensions, want at most 8"},
		{constraints.Signature{Name: "f", Params: array(memview.F64, constraints.Dim{Name: "n+1"})}, `f: parameter 1: dimension "n+1" is no name`},
		{constraints.Signature{Name: "f", Params: array(memview.F64, constraints.Dim{Name: "4"})}, `f: parameter 1: dimension "4" is no name`},
		{constraints.Signature{Name: "f", Result: constraints.Result{OK: &one}}, "f: result: there are conditions but no type"},
		{constraints.Signature{Name: "f", Result: constraints.Result{Nullable: true}}, "f: result: there are conditions but no type"},
		{constraints.Signature{Name: "f", Result: constraints.Result{Type: f64, Nullable: true}}, "f: result: nullable goes with a pointer"},
		{constraints.Signature{Name: "f", Result: constraints.Result{Type: constraints.NDPointer{}, OK: &one}}, "f: result: ok() goes with an integer"},
		{constraints.Signature{Name: "f", Result: constraints.Result{Type: vector}}, `f: result: nothing says what "n" is`},
		{constraints.Signature{Name: "f", Structs: make(decls, 257)}, "f: 257 types, want at most 256"},
		{constraints.Signature{Name: "f", Structs: decls{{"f64", point}}}, `f: name of a type is "f64", want a capital and at least one more character`},
		{constraints.Signature{Name: "f", Structs: decls{{"P", point}}}, `f: name of a type is "P", want a capital`},
		{constraints.Signature{Name: "f", Structs: decls{{"P q", point}}}, `f: name of a type is "P q", want a capital`},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", point}, {"Pp", point}}}, "f: type Pp is declared twice"},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", memview.F64}}}, "f: type Pp: dtype is float64, want a struct with fields"},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", memview.DType{}}}}, "want a struct with fields"},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", empty}}}, "want a struct with fields"},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", packed}}}, "f: type Pp: fields are not laid out as C does it"},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", titled}}}, `f: type Pp: field "a" is no name or has a title`},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", structOf(t, memview.Field{Name: "a b", DType: memview.F32})}}}, `f: type Pp: field "a b" is no name or has a title`},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", structOf(t, memview.Field{Name: "a", DType: memview.F32.BigEndian()})}}}, "f: type Pp: field a is >f4, want an element type or a struct that is declared before"},
		{constraints.Signature{Name: "f", Structs: decls{{"Pp", structOf(t, memview.Field{Name: "a", DType: point})}, {"Qq", point}}}, "want an element type or a struct that is declared before"},
	} {
		c, err := constraints.Compile(&tt.s)
		require.Nil(t, c)
		require.ErrorContains(t, err, tt.want)
		require.True(t, strings.HasPrefix(err.Error(), "constraints: signature "), err)
		require.Equal(t, 1, strings.Count(err.Error(), "constraints: "), err)
		require.NotPanics(t, func() { _ = tt.s.String() })
	}
	require.PanicsWithValue(t, "constraints: nil Signature", func() { _, _ = constraints.Compile(nil) })
}

func TestCompileLiterals(t *testing.T) {
	point := structOf(t, memview.Field{Name: "x", DType: memview.F32})
	line := structOf(t, memview.Field{Name: "a", DType: point}, memview.Field{Name: "b", DType: point})
	for want, s := range map[string]constraints.Signature{
		"f()": {Name: "f"},
		"type Pp = {x: f32}; type Ll = {a: Pp, b: Pp}; f(x: Ll[2])": {
			Name: "f", Structs: []constraints.StructDecl{{"Pp", point}, {"Ll", line}},
			Params: []constraints.Param{{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: line, Name: "Ll"}}, Dims: []constraints.Dim{{N: 2}}}}},
		},
		// A dimension with a name does not use N.
		"f(x: f64[n,_])": {Name: "f", Params: []constraints.Param{{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64, Name: "f64"}}, Dims: []constraints.Dim{{Name: "n", N: -5}, {Name: "_", N: -5}}}}}},
		// What the language has no words for is printed as numpy does.
		"f(>f8[3], ndpointer(float64, out), ndpointer(WRITEABLE, out)) -> ndpointer(float64, shape=(2,)) nullable": {
			Name: "f",
			Params: []constraints.Param{
				{Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64.BigEndian()}}, Dims: []constraints.Dim{{N: 3}}}},
				{Type: constraints.NDPointer{DType: memview.F64, Dir: constraints.Out}},
				{Dir: constraints.Out, Type: constraints.NDPointer{Flags: memview.Writeable}},
			},
			Result: constraints.Result{Type: constraints.NDPointer{DType: memview.F64, Shape: []int{2}}, Nullable: true},
		},
	} {
		c, err := constraints.Compile(&s)
		require.NoError(t, err)
		require.Equal(t, want, c.String())
		require.Equal(t, want, c.Signature().String())
	}
}

// A Checker stays what it was, whatever the caller does to the literal.
func TestCompileCopies(t *testing.T) {
	ok := int64(3)
	dims, shape := []constraints.Dim{{Name: "n"}}, []int{2, 3}
	point := structOf(t, memview.Field{Name: "x", DType: memview.F32})
	s := &constraints.Signature{
		Name:    "f",
		Structs: []constraints.StructDecl{{"Pp", point}},
		Params: []constraints.Param{
			{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: point, Name: "Pp"}}, Dims: dims}},
			{Name: "y", Type: constraints.NDPointer{Shape: shape}},
		},
		Result: constraints.Result{Type: constraints.Scalar{DType: memview.I32}, OK: &ok},
	}
	c, err := constraints.Compile(s)
	require.NoError(t, err)
	want := s.String()
	s.Name, s.Structs[0].Name, s.Params[0].Name, ok, dims[0].Name, shape[0] = "g", "Qq", "z", 4, "m", 9
	s.Params[1].Type = nil
	require.Equal(t, want, c.Signature().String())
	require.Equal(t, want, c.String())
	_, e := judge(t, c, guest(t, point, 5), guest(t, memview.F64, 2, 3))
	require.Nil(t, e)
}
