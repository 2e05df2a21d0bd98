package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Arrays in guest memory: calls take them without a copy, and Go shares them.
func ExampleLibrary() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	scale, err := lib.Func("scale(x: inout f64[n], n: size, a: f64)")
	if err != nil {
		log.Fatal(err)
	}
	x, err := lib.Array([]float64{1, 2, 3})
	if err != nil {
		log.Fatal(err)
	}
	shared, err := memview.Slice[float64](x)
	if err != nil {
		log.Fatal(err)
	}
	shared[0] = 10 // the guest sees it
	if _, err := scale.Call(ctx, x, 2); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shared)
	fmt.Println(lib.Free(x), errors.Is(lib.Free(x), wasmffi.ErrFreed))
	// Output:
	// [20 4 6]
	// <nil> true
}

// What does not fit is refused before the guest is entered, with all that a
// person needs to see why.
func ExampleFunc() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	daxpy, err := lib.Func("daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])")
	if err != nil {
		log.Fatal(err)
	}
	y := []float64{1, 1, 1}
	_, err = daxpy.Call(ctx, 0.5, []float64{2, 4, 6}, y) // n follows from x
	fmt.Println(y, err)
	_, err = daxpy.Call(ctx, 0.5, []float32{2, 4, 6}, y)
	fmt.Printf("%+v\n", err)
	// Output:
	// [2 3 4] <nil>
	// daxpy: argument 2 "x": dtype is float32, want float64
	//   signature: daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])
	//   called as: daxpy(x: f32[3] in Go memory, y: f64[3] in Go memory)
	//   hint:      arrays are not converted implicitly
}

func ExampleResult() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	modf, err := lib.Func("modf_parts(x: f64, ip: out f64) -> f64")
	if err != nil {
		log.Fatal(err)
	}
	r, err := modf.Call(ctx, -2.75)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64(), r.OutFloat("ip"))
	// Output: -0.75 -2
}

// Outputs may be left out; Take copies one to Go memory and frees it.
func ExampleTake() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	smooth, err := lib.Func("stencil3(x: f64[n], y: out f64[n], n: size)")
	if err != nil {
		log.Fatal(err)
	}
	r, err := smooth.Call(ctx, []float64{0, 3, 6, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wasmffi.Take[float64](r, "y"))
	// Output: [0 3 3 0] <nil>
}

func ExampleNew() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	linspace, err := lib.Func("linspace(a: f64, b: f64, n: size, y: out f64[n])")
	if err != nil {
		log.Fatal(err)
	}
	_, err = linspace.Call(ctx, 0, 1)
	fmt.Println(err)
	r, err := linspace.Call(ctx, 0, 1, wasmffi.New(3))
	fmt.Println(r.Out("y"), err)
	// Output:
	// linspace: parameter 4 "y": dimension n is not known, want an array for y, or wasmffi.New(...)
	// [0.  0.5 1. ] <nil>
}

// An Alloc is a value: one can serve many calls.
func ExampleAlloc() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	linspace, err := lib.Func("linspace(a: f64, b: f64, n: size, y: out f64[n])")
	if err != nil {
		log.Fatal(err)
	}
	var three wasmffi.Alloc = wasmffi.New(3)
	for _, end := range []float64{1, 2} {
		r, err := linspace.Call(ctx, 0, end, three)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Out("y"))
		r.Free()
	}
	// Output:
	// [0.  0.5 1. ]
	// [0. 1. 2.]
}

func ExampleInOut() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	scale, err := lib.Func("scale(x: inout f64[n], n: size, a: f64)")
	if err != nil {
		log.Fatal(err)
	}
	x := []float64{1, 2}
	_, err = scale.Call(ctx, wasmffi.InOut(x), 10)
	fmt.Println(x, err)
	// Output: [10 20] <nil>
}

func ExampleWritable() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	scale, err := lib.Func("scale(x: inout f64[n], n: size, a: f64)")
	if err != nil {
		log.Fatal(err)
	}
	x := []float64{1, 2}
	var w wasmffi.Writable = wasmffi.InOut(x) // may be kept and passed again
	scale.Call(ctx, w, 2)
	scale.Call(ctx, w, 2)
	fmt.Println(x)
	// Output: [4 8]
}

// A fault of the guest ends the call and poisons the library.
func ExampleTrap() {
	ctx := context.Background()
	m, err := wasmffi.Compile(ctx, wasm.Traps, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	lib, err := m.Instantiate(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	div, err := lib.Func("div0(a: i32, b: i32) -> i32")
	if err != nil {
		log.Fatal(err)
	}
	_, err = div.Call(ctx, 1, 0)
	fmt.Println(err)
	trap := (*wasmffi.Trap)(nil)
	fmt.Println(errors.As(err, &trap) && trap.Code == wasmffi.DivideByZero)
	_, err = div.Call(ctx, 1, 1)
	fmt.Println(err)
	fmt.Println(errors.Is(err, wasmffi.ErrPoisoned), errors.Is(err, wasmffi.ErrNotRun))
	// Output:
	// div0: trap: integer divide by zero
	// true
	// div0: library is poisoned: an earlier call failed: div0: trap: integer divide by zero
	// true true
}

// A code is an error, for errors.Is.
func ExampleTrapCode() {
	err := fmt.Errorf("plugin: %w", &wasmffi.Trap{Func: "f", Code: wasmffi.OutOfBounds, Text: "out of bounds memory access"})
	fmt.Println(errors.Is(err, wasmffi.OutOfBounds), errors.Is(err, wasmffi.StackOverflow))
	// Output: true false
}

func ExampleStatusError() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	f, err := lib.Func("fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)")
	if err != nil {
		log.Fatal(err)
	}
	x := []float64{1, 2}
	_, err = f.Call(ctx, x, -5) // the function doubles x and then fails
	fmt.Println(err, x)
	// Output: fill_status: status is -5, want 0 [1 2]
}

func ExampleExitError() {
	ctx := context.Background()
	m, err := wasmffi.Compile(ctx, wasm.Exit, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	lib, err := m.Instantiate(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	f, err := lib.Func("exit_with(code: i32)")
	if err != nil {
		log.Fatal(err)
	}
	_, err = f.Call(ctx, 3)
	fmt.Println(err)
	exit := (*wasmffi.ExitError)(nil)
	fmt.Println(errors.As(err, &exit) && exit.Code == 3)
	// Output:
	// exit_with: guest exited with code 3
	// true
}
