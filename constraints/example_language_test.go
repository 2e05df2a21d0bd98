package constraints_test

import (
	"fmt"
	"log"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// An element type is a dtype, a class of them, a variable, or any.
func ExampleElem() {
	s := constraints.MustParse("f(a: f32|u*[n] desc, b: T[n] desc, c: any[n] desc)")
	for _, p := range s.Params {
		for _, e := range p.Type.(constraints.ArrayOf).Elems {
			fmt.Printf("%s: dtype %v, kind %q, variable %q\n", e, e.DType, rune(e.Kind), e.Var)
		}
	}
	fmt.Println(constraints.Elem{DType: memview.I16}, constraints.Elem{Kind: memview.Complex}, constraints.Elem{})
	// Output:
	// f32: dtype float32, kind '\x00', variable ""
	// u*: dtype any, kind 'u', variable ""
	// T: dtype any, kind '\x00', variable "T"
	// any: dtype any, kind '\x00', variable ""
	// i16 c* any
}

// The full convolution of two vectors has m+n-1 elements.
func ExampleExpr() {
	s := constraints.MustParse("conv(x: f64[m], y: f64[n], z: out f64[(m+n)-1])")
	e := s.Params[2].Type.(constraints.ArrayOf).Dims[0].Expr
	fmt.Println(e, "is", e.X, "less", e.Y)

	c, err := constraints.Compile(s)
	if err != nil {
		log.Fatal(err)
	}
	x, _ := memview.FromSlice(make([]float64, 5))
	y, _ := memview.FromSlice(make([]float64, 3))
	b := c.NewBinding()
	c.Start(b, 2) // z is left out
	b.Arrays[0], b.Arrays[1] = x, y
	fmt.Println(c.Check(b), b.Shapes[2])
	// Output:
	// m+n-1 is m+n less 1
	// <nil> [7]
}

func ExampleOp() {
	n := &constraints.Expr{Op: constraints.Name, Name: "n"}
	half := &constraints.Expr{Op: constraints.Div, X: n, Y: &constraints.Expr{N: 2}}
	fmt.Println(&constraints.Expr{Op: constraints.Mul, X: &constraints.Expr{Op: constraints.Add, X: half, Y: &constraints.Expr{N: 1}}, Y: &constraints.Expr{Op: constraints.ItemSize, Name: "x"}})
	fmt.Println(&constraints.Expr{Op: constraints.Stride, Name: "x", Axis: 1})
	// Output:
	// (n/2+1)*itemsize(x)
	// stride(x,1)
}

func ExampleCond() {
	c, err := constraints.Compile(constraints.MustParse("fft(x: T[n], n: size, t: i32 = typecode(x)) where T in f32|f64, n % 2 == 0"))
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range c.Signature().Where {
		fmt.Println(w)
	}
	b := c.NewBinding()
	c.Start(b, 1)
	b.Arrays[0], _ = memview.FromSlice(make([]float32, 7))
	fmt.Println(c.Check(b))
	// Output:
	// T in f32|f64
	// n%2 == 0
	// fft: condition n%2 == 0 is not met: 1 == 0 (from n=7)
}

func ExampleCString() {
	s := constraints.MustParse("setenv(name: cstr, value: cstr nullable) -> i32 ok(0)")
	for _, p := range s.Params {
		fmt.Println(p.Name, p.Type.(constraints.CString).Nullable)
	}
	// Output:
	// name false
	// value true
}

func ExampleHandle() {
	s := constraints.MustParse("type Plan = opaque; execute(p: Plan, hints: Plan nullable)")
	for _, p := range s.Params {
		h := p.Type.(constraints.Handle)
		fmt.Println(p.Name, h.Name, h.Nullable)
	}
	// Output:
	// p Plan false
	// hints Plan true
}

func ExampleHandleDecl() {
	s := constraints.MustParse("type Plan = opaque free(destroy_plan); new_plan(n: size) -> Plan")
	fmt.Println(s.Handles[0].Name, s.Handles[0].Free)
	fmt.Println(s)
	// Output:
	// Plan destroy_plan
	// type Plan = opaque free(destroy_plan); new_plan(n: size) -> Plan
}

func ExampleFuncType() {
	s := constraints.MustParse("qsort(base: inout any[n], n: size, width: size = itemsize(base), cmp: func(any[1], any[1]) -> i32)")
	f := s.Params[3].Type.(constraints.FuncType)
	fmt.Println(len(f.Params), f.Params[0].Type, f.Result.DType, f.Nullable)
	// Output:
	// 2 any[1] int32 false
}

func ExampleFuncType_String() {
	s := constraints.MustParse("type Point = {x: f32, y: f32}; area(f: func(p: Point[n], n: size) -> f32 nullable)")
	fmt.Println(s.Params[0].Type)
	f, _ := s.Func(0) // by itself
	fmt.Println(f)
	// Output:
	// func(p: Point[n], n: size) -> f32 nullable
	// type Point = {x: f32, y: f32}; func(p: Point[n], n: size) -> f32
}

func ExampleSignature_Func() {
	s := constraints.MustParse("get_op(k: i32) -> func(f64) -> f64 nullable")
	op, ok := s.Func(-1)
	fmt.Println(op, ok)
	_, ok = s.Func(0)
	fmt.Println(ok)
	// Output:
	// func(f64) -> f64 true
	// false
}

func ExampleParseFunc() {
	f, err := constraints.ParseFunc("func(x: f64[n], n: size) -> f64")
	fmt.Println(f.Params[0].Name, f.Params[0].Type, err)
	_, err = constraints.ParseFunc("func(x: f64[n])")
	fmt.Println(err)
	_, err = constraints.ParseFunc("func(any[1], any[1]) -> i32")
	fmt.Println(err)
	// Output:
	// x f64[n] <nil>
	// constraints: signature: column 1: func parameter "x": nothing says what "n" is: no integer scalar of the func has that name
	// constraints: signature: column 1: func parameter 1: any[1]: the host must know of which type the elements are, want one dtype
}

// Views of guest memory must lie as the guest expects; Go memory is copied into that order.
func ExampleLayout() {
	for _, text := range []string{"f(x: f64[m,n])", "f(x: f64[m,n] F)", "f(x: f64[m,n] contig)", "f(x: f64[m,n] strided desc)"} {
		switch constraints.MustParse(text).Params[0].Type.(constraints.ArrayOf).Layout {
		case constraints.COrder:
			fmt.Println("C order")
		case constraints.FOrder:
			fmt.Println("Fortran order")
		case constraints.Contiguous:
			fmt.Println("either")
		case constraints.Strided:
			fmt.Println("any")
		}
	}
	// Output:
	// C order
	// Fortran order
	// either
	// any
}

func ExampleParseGUFunc() {
	s, err := constraints.ParseGUFunc("matmul", "(m,k),(k,n)->(m,n)", memview.F64, memview.F64, memview.F64)
	fmt.Println(s, err)
	_, err = constraints.ParseGUFunc("cross", "(3),(3)->(3)", memview.F64)
	fmt.Println(err)
	// Output:
	// matmul(x0: f64[m,k], x1: f64[k,n], y0: out f64[m,n], m: size, k: size, n: size) <nil>
	// constraints: gufunc "(3),(3)->(3)": got 1 dtypes for 3 arrays
}
