package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// withImports instantiates a fixture with Go functions for its imports.
func withImports(imports map[string]*wasmffi.HostFunc) *wasmffi.Library {
	ctx := context.Background()
	m, err := wasmffi.Compile(ctx, wasm.Imports, &wasmffi.Options{Imports: imports})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close() // the library keeps the code
	lib, err := m.Instantiate(ctx)
	if err != nil {
		log.Fatal(err)
	}
	return lib
}

// A Go function in the place of one that the guest imports. The slice is the guest's memory.
func ExampleNewHostFunc() {
	sum, err := wasmffi.NewHostFunc("func(x: f64[n], n: size) -> f64", func(x []float64) float64 {
		s := 0.0
		for _, v := range x {
			s += v
		}
		return s
	})
	if err != nil {
		log.Fatal(err)
	}
	lib := withImports(map[string]*wasmffi.HostFunc{"env.sum": sum})
	defer lib.Close()
	f, err := lib.DeclaredFunc("call_sum")
	if err != nil {
		log.Fatal(err)
	}
	r, err := f.Call(context.Background(), []float64{1, 2, 3})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64())
	// Output: 6
}

// A HostFunc is good for any number of modules. One that does not fit is refused when the module is compiled.
func ExampleHostFunc() {
	scale, err := wasmffi.NewHostFunc("func(x: f32) -> f32", func(x float32) float32 { return 2 * x })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scale)
	_, err = wasmffi.Compile(context.Background(), wasm.Imports, &wasmffi.Options{
		Imports: map[string]*wasmffi.HostFunc{"env.scale": scale},
	})
	fmt.Println(errors.Is(err, wasmffi.ErrImport))
	// Output:
	// func(x: f32) -> f32
	// true
}

// Nothing is checked in the raw form, which fits every import.
func ExampleNewRawFunc() {
	scale := wasmffi.NewRawFunc(func(_ context.Context, _ memview.Memory, stack []uint64) error {
		fmt.Printf("%#x\n", stack[0])
		return nil // the result is the argument, which stands at the same place
	})
	lib := withImports(map[string]*wasmffi.HostFunc{"env.scale": scale})
	defer lib.Close()
	f, err := lib.DeclaredFunc("call_scale")
	if err != nil {
		log.Fatal(err)
	}
	r, err := f.Call(context.Background(), 1.0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64())
	// Output:
	// 0x3ff0000000000000
	// 1
}

// The stack holds the parameters, and takes the result.
func ExampleRawFunc() {
	var first wasmffi.RawFunc = func(_ context.Context, mem memview.Memory, stack []uint64) error {
		b, err := mem.Bytes(memview.Ptr(stack[0]), 8*uint32(stack[1]))
		if err != nil {
			return err
		}
		fmt.Println(len(b), "bytes")
		stack[0] = 0 // of an f64: 0.0
		return nil
	}
	lib := withImports(map[string]*wasmffi.HostFunc{"env.sum": wasmffi.NewRawFunc(first)})
	defer lib.Close()
	f, err := lib.DeclaredFunc("call_sum")
	if err != nil {
		log.Fatal(err)
	}
	r, err := f.Call(context.Background(), []float64{1, 2, 3})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64())
	// Output:
	// 24 bytes
	// 0
}

// The form that fits every signature and allocates nothing.
func ExampleArgs() {
	scale, err := wasmffi.NewHostFunc("func(x: f64) -> f64", func(a *wasmffi.Args) error {
		x := a.Float64(0)
		if x < 0 {
			return fmt.Errorf("got %v, want a number that is not negative", x)
		}
		a.SetFloat64(10 * x)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	lib := withImports(map[string]*wasmffi.HostFunc{"env.scale": scale})
	defer lib.Close()
	f, err := lib.DeclaredFunc("call_scale")
	if err != nil {
		log.Fatal(err)
	}
	r, err := f.Call(context.Background(), 1.5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64())
	_, err = f.Call(context.Background(), -1)
	fmt.Println(err)
	// Output:
	// 15
	// call_scale: env.scale: got -1, want a number that is not negative
}

// An array of the guest's as a slice, in a function that takes Args.
func ExampleArgSlice() {
	sum, err := wasmffi.NewHostFunc("func(x: f64[n], n: size) -> f64", func(a *wasmffi.Args) error {
		x := wasmffi.ArgSlice[float64](a, 0)
		a.SetFloat64(x[0] + x[len(x)-1])
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	lib := withImports(map[string]*wasmffi.HostFunc{"env.sum": sum})
	defer lib.Close()
	f, err := lib.DeclaredFunc("call_sum")
	if err != nil {
		log.Fatal(err)
	}
	r, err := f.Call(context.Background(), []float64{1, 2, 4, 8})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Float64())
	// Output: 9
}

// The error of a Go function ends the call that the host has made, with what the function returned inside.
func ExampleHostError() {
	fail, err := wasmffi.NewHostFunc("func(code: i32)", func(code int32) error {
		return fmt.Errorf("no such file: %w", os.ErrNotExist)
	})
	if err != nil {
		log.Fatal(err)
	}
	lib := withImports(map[string]*wasmffi.HostFunc{"env.fail": fail})
	defer lib.Close()
	f, err := lib.DeclaredFunc("call_fail")
	if err != nil {
		log.Fatal(err)
	}
	_, err = f.Call(context.Background(), 3)
	var host *wasmffi.HostError
	fmt.Println(errors.As(err, &host), errors.Is(err, os.ErrNotExist))
	fmt.Println(host.Func, "called", host.Host)
	// Output:
	// true true
	// call_fail called env.fail
}

// A Go function as a C function pointer.
func ExampleCallback() {
	ctx, lib := context.Background(), instantiate(wasm.Callback)
	defer lib.Close()
	integrate, err := lib.DeclaredFunc("integrate")
	if err != nil {
		log.Fatal(err)
	}
	square, err := lib.Callback("func(f64) -> f64", func(x float64) float64 { return x * x })
	if err != nil {
		log.Fatal(err)
	}
	defer square.Close()
	r, err := integrate.Call(ctx, square, 0, 3, 1000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", r.Float64())
	// Output: 9.0000
}
