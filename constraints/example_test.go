package constraints_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// As in numpy: ndpointer(float64, ndim=1, flags="C_CONTIGUOUS").
func ExampleNDPointer() {
	p := constraints.NDPointer{DType: memview.F64, NDim: 1, Flags: memview.CContiguous}
	fmt.Println(p)

	vector, _ := memview.FromSlice([]float64{1, 2, 3, 4})
	single, _ := memview.FromSlice([]float32{1, 2, 3, 4})
	matrix, _ := vector.Reshape(2, 2)
	strided, _ := vector.Sub(0, 0, 4, 2)
	for _, a := range []memview.Array{vector, single, matrix, strided} {
		err := p.Check(a)
		var te *constraints.TypeError
		fmt.Println(errors.As(err, &te), err)
	}
	// Output:
	// ndpointer(float64, ndim=1, C_CONTIGUOUS)
	// false <nil>
	// true dtype is float32, want float64
	// true ndim is 2, want 1
	// true flags is ALIGNED, WRITEABLE, want C_CONTIGUOUS
}

// A dimension may be left open; all failures may be had at once.
func ExampleNDPointer_CheckAll() {
	p := constraints.NDPointer{DType: memview.U8, Shape: []int{constraints.Any, 3}}
	a, err := memview.FromSlice([]int8{1, 2, 3, 4}, 2, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	for _, e := range p.CheckAll(a) {
		fmt.Println(e)
	}
	// Output:
	// ndpointer(uint8, shape=(_, 3))
	// dtype is int8, want uint8
	// shape[1] is 2, want 3
}

// What no array can meet is refused at once; numpy finds out at the call.
func ExampleNewNDPointer() {
	ndim := 2
	p, err := constraints.NewNDPointer(memview.F64, &ndim, nil, "C, W")
	fmt.Println(p, err)
	_, err = constraints.NewNDPointer(memview.F64, &ndim, []int{4})
	fmt.Println(err)
	// Output:
	// ndpointer(float64, ndim=2, C_CONTIGUOUS, WRITEABLE, inout) <nil>
	// constraints: ndpointer(float64, ndim=2, shape=(4,)): ndim 2 contradicts shape (4,) of 1 dimensions
}

// A failure is one line; Detail and %+v give the whole call.
func ExampleTypeError() {
	c, err := constraints.Compile(constraints.MustParse("dot(x: f64[n], y: f64[n], n: size) -> f64"))
	if err != nil {
		log.Fatal(err)
	}
	x, _ := memview.FromSlice(make([]float64, 128))
	y, _ := memview.FromSlice(make([]float64, 126))
	b := c.NewBinding()
	if e := c.Start(b, 2); e != nil {
		log.Fatal(e)
	}
	b.Arrays[0], b.Arrays[1] = x, y
	e := c.Check(b)
	fmt.Printf("%v\n\n%+v\n\n", e, e)
	fmt.Println(e.Arg, e.Param, e.Field, errors.Is(e, constraints.ErrShape))
	// Output:
	// dot: argument 2 "y": shape[0] is 126, want n=128 (from x.shape[0])
	//
	// dot: argument 2 "y": shape[0] is 126, want n=128 (from x.shape[0])
	//   signature: dot(x: f64[n], y: f64[n], n: size) -> f64
	//   called as: dot(x: f64[128] in Go memory, y: f64[126] in Go memory)
	//   bound:     n=128 from x.shape[0]
	//
	// 2 y shape[0] true
}

func ExampleParseError() {
	_, err := constraints.Parse("dot(x: double[n], n: size) -> f64")
	var pe *constraints.ParseError
	if errors.As(err, &pe) {
		fmt.Println(pe.Detail())
	}
	// Output:
	// constraints: signature: column 8: unknown type "double": write f64 (C double)
	//   dot(x: double[n], n: size) -> f64
	//          ^
}

// A Checker serves all calls; what changes in a call is in the Binding.
func ExampleChecker() {
	c, err := constraints.Compile(constraints.MustParse("sum(x: f64[n], n: size) -> f64"))
	if err != nil {
		log.Fatal(err)
	}
	b := c.NewBinding()
	for _, s := range [][]float64{{1, 2, 3}, {}} {
		if e := c.Start(b, 1); e != nil {
			log.Fatal(e)
		}
		b.Arrays[0], _ = memview.FromSlice(s)
		if e := c.Check(b); e != nil {
			log.Fatal(e)
		}
		n, e := c.Value(b, 1)
		fmt.Println(n, e == nil)
	}
	// Output:
	// 3 true
	// 0 true
}

// An output that is left out is made by the host, in the shape that follows from
// the arrays that were given, or from the one that stands for it.
func ExampleBinding() {
	c, err := constraints.Compile(constraints.MustParse("outer(x: f64[m], m: size, z: out f64[m,n], n: size)"))
	if err != nil {
		log.Fatal(err)
	}
	x, _ := memview.FromSlice([]float64{1, 2, 3})
	b := c.NewBinding()
	c.Start(b, 1) // z is left out
	b.Arrays[0] = x
	fmt.Println(c.Check(b))

	c.Start(b, 2)
	b.Arrays[0], b.Shapes[2] = x, []int{3, 5}
	fmt.Println(c.Check(b) == nil)
	n, _ := c.Value(b, 3)
	fmt.Println("n =", n)
	// Output:
	// outer: parameter 3 "z": dimension n is not known, want an array for z, or wasmffi.New(...)
	// true
	// n = 5
}

func ExampleRole() {
	c, err := constraints.Compile(constraints.MustParse("f(a: f64, x: f64[n], n: size, s: out i32, t: inout i32)"))
	if err != nil {
		log.Fatal(err)
	}
	names := map[constraints.Role]string{
		constraints.Given: "given", constraints.Derived: "derived", constraints.Array: "array",
		constraints.OutScalar: "out scalar", constraints.InOutScalar: "inout scalar",
	}
	b := c.NewBinding()
	for i, p := range c.Signature().Params {
		fmt.Println(p.Name, names[c.Role(i)], c.Arg(b, i))
	}
	// Output:
	// a given 0
	// x array 1
	// n derived -1
	// s out scalar -1
	// t inout scalar 2
}

// Compile finds what makes no sense, also in literals.
func ExampleCompile() {
	_, err := constraints.Compile(&constraints.Signature{
		Name: "f",
		Params: []constraints.Param{
			{Name: "x", Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: memview.F64}}, Dims: []constraints.Dim{{Name: "n"}}}},
			{Name: "n", Type: constraints.Scalar{DType: memview.F64}},
		},
	})
	fmt.Println(err)
	// Output:
	// constraints: signature f: parameter "n": it is f64, and a dimension of x: want i32, i64, u32, u64 or size
}
