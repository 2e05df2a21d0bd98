package wasmffi_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// A typed Go function: a wrong Go type is an error of Bind, or does not compile.
func ExampleBind() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	dot, err := wasmffi.Bind[func(ctx context.Context, x, y []float64) (float64, error)](lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dot(ctx, []float64{1, 2, 3}, []float64{4, 5, 6}))
	// Output: 32 <nil>
}

// Arguments that stay the same are checked once.
func ExamplePrepared() {
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
	double, err := scale.Prepare(x, 2)
	if err != nil {
		log.Fatal(err)
	}
	for range 10 {
		if _, err := double.Call(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(x)
	// Output: [1024. 2048. 3072.]
}

// What only the guest looks into is a Handle, and Close is its destructor.
func ExampleHandle() {
	ctx, lib := context.Background(), instantiate(wasm.Sigs)
	defer lib.Close()
	const setup = "type Setup = opaque free(setup_free); "
	create, err := lib.Func(setup + "setup_new(n: i32, kind: i32) -> Setup")
	if err != nil {
		log.Fatal(err)
	}
	scale, err := lib.Func(setup + "setup_scale(s: Setup, x: inout f64[n], n: size)")
	if err != nil {
		log.Fatal(err)
	}
	r, err := create.Call(ctx, 3, 2)
	if err != nil {
		log.Fatal(err)
	}
	h := r.Handle()
	x := []float64{1, 2, 3}
	_, err = scale.Call(ctx, h, x)
	fmt.Println(h.Type(), err, h.Close())
	_, err = scale.Call(ctx, h, x)
	fmt.Println(err)
	// Output:
	// Setup <nil> <nil>
	// setup_scale: argument 1 "s": it is a Handle that was closed, want an open one
}

// A module found by package loader, whose file beside it has the signatures.
func ExampleCompileBinary() {
	bin, err := loader.Find(os.DirFS("../testdata/wasm"), "vec", nil)
	if err != nil {
		log.Fatal(err)
	}
	m, err := wasmffi.CompileBinary(context.Background(), bin, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	f, err := m.Signatures()
	if err != nil {
		log.Fatal(err)
	}
	s, ok := f.Lookup("dot")
	fmt.Println(s, ok)
	// Output: dot(x: f64[n], y: f64[n], n: size) -> f64 true
}

// A plugin is what it must be, or it is not loaded: all that is missing is named.
func ExampleModule_Implements() {
	m, err := wasmffi.Compile(context.Background(), wasm.Vec, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	fmt.Println(m.Implements("dot(x: f64[n], y: f64[n], n: size) -> f64"))
	fmt.Println(m.Implements("dots(x: f64[n], n: size) -> f64"))
	// Output:
	// <nil>
	// wasmffi: module: no such export: "dots"; did you mean dot?
}

// A tool may take the module's own word for what a function wants. Then only what is wrapped
// in InOut is written.
func ExampleLibrary_DeclaredFunc() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	scale, err := lib.DeclaredFunc("scale")
	if err != nil {
		log.Fatal(err)
	}
	x := []float64{1, 2}
	_, err = scale.Call(ctx, x, 10)
	fmt.Println(err)
	_, err = scale.Call(ctx, wasmffi.InOut(x), 10)
	fmt.Println(x, err)
	// Output:
	// scale: argument 1 "x": it is Go memory, want wasmffi.InOut(x): the module's own signature says inout
	// [10 20] <nil>
}
