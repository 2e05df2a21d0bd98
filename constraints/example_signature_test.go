package constraints_test

import (
	"fmt"
	"log"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func ExampleParse() {
	s, err := constraints.Parse(`
		type Particle = {x: f32, y: f32, z: f32, id: i32}
		centroid(p: Particle[n],      # read
		         n: size,
		         out_xyz: out f64[3])`)
	fmt.Println(s, err)
	_, err = constraints.Parse("f(x: f64[n]) -> f64[m]")
	fmt.Println(err)
	// Output:
	// type Particle = {x: f32, y: f32, z: f32, id: i32}; centroid(p: Particle[n], n: size, out_xyz: out f64[3]) <nil>
	// constraints: signature: column 1: result: nothing says what "m" is: no array has such a dimension, and no parameter that name
}

func ExampleMustParse() {
	s := constraints.MustParse("blur(img:inout u8[h,w,3],h:size,w:size)->i32 ok(0)")
	fmt.Println(s)
	// Output:
	// blur(img: inout u8[h,w,3], h: size, w: size) -> i32 ok(0)
}

func ExampleParseFile() {
	f, err := constraints.ParseFile(`
wasmffi 1
# The same line twice, from two objects, is one signature.
sum(x: f64[n], n: size) -> f64
sum(x: f64[n], n: size) -> f64
hue(p: Pixel[n], n: size, h: out f32[n])
type Pixel = {r: u8, g: u8, b: u8}
`)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range f.Signatures {
		fmt.Println(s)
	}
	// Output:
	// sum(x: f64[n], n: size) -> f64
	// type Pixel = {r: u8, g: u8, b: u8}; hue(p: Pixel[n], n: size, h: out f32[n])
}

func ExampleFile() {
	f, err := constraints.ParseFile("one() -> i32; two() -> i64")
	if err != nil {
		log.Fatal(err)
	}
	s, ok := f.Lookup("two")
	fmt.Println(s, ok)
	_, ok = f.Lookup("three")
	fmt.Println(ok)
	// Output:
	// two() -> i64 true
	// false
}

// A literal says the same as a text.
func ExampleSignature() {
	s := &constraints.Signature{
		Name: "scale",
		Params: []constraints.Param{
			{Name: "x", Dir: constraints.InOut, Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{Name: "n"}}}},
			{Name: "n", Type: constraints.Scalar{DType: memview.U32, Name: "size"}},
			{Name: "a", Type: constraints.Scalar{DType: memview.F64}},
		},
	}
	fmt.Println(s)
	// Output:
	// scale(x: inout f64[n], n: size, a: f64)
}

func ExampleStructDecl() {
	s := constraints.MustParse("type Pair = {key: u8, value: f64}; f(p: Pair[n], n: size)")
	d := s.Structs[0]
	fmt.Println(d.Name, d.DType.ItemSize(), d.DType.Field(1).Offset)
	// Output:
	// Pair 16 8
}

// Parameters without a name are called by their position.
func ExampleParam() {
	vector := constraints.NDPointer{DType: memview.F64, NDim: 1}
	c, err := constraints.Compile(&constraints.Signature{Name: "f", Params: []constraints.Param{{Type: vector}, {Type: vector}}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c)
	fmt.Println(c.Start(c.NewBinding(), 1))
	// Output:
	// f(ndpointer(float64, ndim=1), ndpointer(float64, ndim=1))
	// f: 1 argument, want 2 (1: ndpointer(float64, ndim=1), 2: ndpointer(float64, ndim=1))
}

func ExampleResult() {
	s := constraints.MustParse("run(x: inout f64[n], n: size) -> i32 ok(0)")
	fmt.Println(*s.Result.OK, s.Result.Nullable)
	s = constraints.MustParse("find(x: f64[n], n: size) -> f64[n] nullable")
	fmt.Println(s.Result.OK, s.Result.Nullable)
	// Output:
	// 0 false
	// <nil> true
}

// WRITEABLE alone makes an ndpointer inout: what is written is copied back.
func ExampleDir() {
	c, err := constraints.Compile(&constraints.Signature{Name: "f", Params: []constraints.Param{
		{Type: constraints.NDPointer{Flags: memview.Writeable}},
		{Type: constraints.NDPointer{Flags: memview.Writeable, Dir: constraints.Out}},
		{Type: constraints.NDPointer{}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Dir(0), c.Dir(1), c.Dir(2))
	// Output:
	// inout out in
}

func ExampleType() {
	s := constraints.MustParse("f(x: f64[n], a: f64)")
	for _, p := range s.Params {
		switch t := p.Type.(type) {
		case constraints.ArrayOf:
			fmt.Println("array of", t.Elems[0].DType)
		case constraints.Scalar:
			fmt.Println("number", t.DType)
		}
	}
	// Output:
	// array of float64
	// number float64
}

// The language counts bits, numpy counts bytes.
func ExampleScalar() {
	s := constraints.MustParse("f(x: i8, n: size)")
	fmt.Println(s.Params[0].Type.(constraints.Scalar).DType, memview.MustParseDType("i8"))
	n := s.Params[1].Type.(constraints.Scalar)
	fmt.Println(n.DType, n.Name)
	// Output:
	// int8 int64
	// uint32 size
}

func ExampleArrayOf() {
	s := constraints.MustParse("f(x: c128[m,_,3], one: f64[])")
	x := s.Params[0].Type.(constraints.ArrayOf)
	fmt.Println(x.Elems[0].DType, x.Dims)
	fmt.Println(len(s.Params[1].Type.(constraints.ArrayOf).Dims))
	// Output:
	// complex128 [m _ 3]
	// 0
}

func ExampleDim() {
	fmt.Println(constraints.Dim{Name: "n"}, constraints.Dim{N: 3}, constraints.Dim{Name: "_"})
	// Output:
	// n 3 _
}
