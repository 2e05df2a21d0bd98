package wasmffi_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"os"
	"testing/fstest"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// The same module is compiled once, and again for other options that change its code.
func ExampleCache() {
	ctx, cache := context.Background(), wasmffi.NewCache(1<<20)
	for _, o := range []wasmffi.Options{{}, {Constructor: "-"}, {Unmetered: true}} {
		o.Cache = cache
		m, err := wasmffi.Compile(ctx, wasm.Vec, &o)
		if err != nil {
			log.Fatal(err)
		}
		if err := m.Close(); err != nil {
			log.Fatal(err)
		}
		n, _ := cache.Len()
		fmt.Println(n)
	}
	if err := cache.Trim(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(cache)
	// Output:
	// 1
	// 1
	// 2
	// cache of 0 modules, 0 of at most 1048576 bytes
}

// A cache of no bytes keeps what is in use, and nothing else.
func ExampleNewCache() {
	cache := wasmffi.NewCache(0)
	m, err := wasmffi.Compile(context.Background(), wasm.Vec, &wasmffi.Options{Cache: cache})
	if err != nil {
		log.Fatal(err)
	}
	before, _ := cache.Len()
	if err := m.Close(); err != nil {
		log.Fatal(err)
	}
	after, _ := cache.Len()
	fmt.Println(before, after)
	// Output: 1 0
}

// What a guest sees of the world is what the options say, and nothing else.
func ExampleWASI() {
	m, err := wasmffi.Compile(context.Background(), wasm.Exit, &wasmffi.Options{WASI: wasmffi.WASI{
		Args:   []string{"solver", "-v"},
		Env:    []string{"LANG=C"},
		Stdout: os.Stdout,
		Mounts: map[string]fs.FS{"/": fstest.MapFS{"start.txt": {Data: []byte("1 2 3")}}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	lib, err := m.Instantiate(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer lib.Close()
	fmt.Println(len(m.Missing()), "imports that nobody supplies")
	// Output: 0 imports that nobody supplies
}
