package wasmffi_test

import (
	"context"
	"fmt"
	"log"

	"github.com/wasmffi/go/wasmffi"
)

// The program of the README: find a library, bind a function, call it.
func Example() {
	ctx := context.Background()
	lib, err := wasmffi.LoadLibrary(ctx, "vec", "../testdata/wasm", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	dot, err := lib.Func("dot(x: f64[n], y: f64[n], n: size) -> f64")
	if err != nil {
		log.Fatal(err)
	}
	r, err := dot.Call(ctx, []float64{1, 2, 3}, []float64{4, 5, 6})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64())
	_, err = dot.Call(ctx, []float64{1, 2, 3}, []float64{4, 5})
	fmt.Println(err)
	// Output:
	// 32
	// dot: argument 2 "y": shape[0] is 2, want n=3 (from x.shape[0])
}
