package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func ExampleLoadLibrary() {
	lib, err := wasmffi.LoadLibrary(context.Background(), "vec", "../testdata/wasm", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	fmt.Println(lib.Module().Name())

	_, err = wasmffi.LoadLibrary(context.Background(), "nosuch", "../testdata/wasm", nil)
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output:
	// vec
	// true
}

func ExampleCtypesLoadLibrary() {
	lib, err := wasmffi.CtypesLoadLibrary(context.Background(), "vec", "../testdata/wasm", nil)
	fmt.Println(lib != nil, err)
	lib.Close()
	// Output: true <nil>
}

// Modules are found in any file system: here one that is embedded in the program.
func ExampleLoadModule() {
	m, err := wasmffi.LoadModule(context.Background(), wasm.FS, "scalars", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	fmt.Println(m.Name())
	// Output: scalars
}

// Bytes that are part of the program, as go:embed gives them.
func ExampleCompile() {
	m, err := wasmffi.Compile(context.Background(), wasm.Ctor, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	lib, err := m.Instantiate(context.Background()) // runs the constructors
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	value, err := lib.Func("value() -> i32")
	if err != nil {
		log.Fatal(err)
	}
	r, err := value.Call(context.Background())
	fmt.Println(r.Int(), err)
	// Output: 7 <nil>
}

// One Module, any number of Libraries: each has a memory of its own.
func ExampleModule() {
	ctx := context.Background()
	m, err := wasmffi.Compile(ctx, wasm.Mem, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for range 2 {
		lib, err := m.Instantiate(ctx)
		if err != nil {
			log.Fatal(err)
		}
		counter, err := lib.Func("counter() -> i32")
		if err != nil {
			log.Fatal(err)
		}
		for range 3 {
			r, _ := counter.Call(ctx)
			fmt.Print(r.Int(), " ")
		}
		lib.Close()
	}
	// Output: 1 2 3 1 2 3
}

func ExampleExport() {
	m, err := wasmffi.Compile(context.Background(), wasm.NoAlloc, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for _, e := range m.Exports() {
		fmt.Println(e.Name, e.Type)
	}
	// Output:
	// _initialize ()
	// sum_i32 (i32, i32) -> i32
}

func ExampleFuncType() {
	t := wasmffi.FuncType{Params: []string{"i32", "f64"}, Results: []string{"f64"}}
	fmt.Println(t)
	// Output: (i32, f64) -> f64
}

func ExampleImport() {
	m, err := wasmffi.Compile(context.Background(), wasm.Exit, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	for _, i := range m.Imports() {
		fmt.Println(i.Module, i.Name, i.Type)
	}
	// Output: wasi_snapshot_preview1 proc_exit (i32)
}

func ExampleMemoryType() {
	m, err := wasmffi.Compile(context.Background(), wasm.Vec, &wasmffi.Options{Limits: wasmffi.Limits{Memory: 16 << 20}})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	t, ok := m.Memory()
	fmt.Println(t.Names, t.Min>>10, "KiB, at most", t.Max>>20, "MiB", ok)
	// Output: [memory] 1344 KiB, at most 16 MiB true
}

// A pin: only these bytes are loaded, whatever lies at the path.
func ExampleOptions() {
	pinned := &wasmffi.Options{Find: loader.Options{SHA256: "0000000000000000000000000000000000000000000000000000000000000000"}}
	_, err := wasmffi.LoadLibrary(context.Background(), "vec", "../testdata/wasm", pinned)
	fmt.Println(errors.Is(err, loader.ErrRefused))
	// Output: true
}

// A guest that asks for more than its limit gets -1 from memory.grow.
func ExampleLimits() {
	ctx := context.Background()
	m, err := wasmffi.Compile(ctx, wasm.Mem, &wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	lib, err := m.Instantiate(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	grow, err := lib.Func("grow(pages: u32) -> i32")
	if err != nil {
		log.Fatal(err)
	}
	r, _ := grow.Call(ctx, 1000)
	fmt.Println(r.Int())
	// Output: -1
}
