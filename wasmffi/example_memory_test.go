package wasmffi_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// A library goes back to how it was set up, also after a trap.
func ExampleSnapshot() {
	ctx := context.Background()
	lib, _ := wasmffi.LoadLibrary(ctx, "mem", "../testdata/wasm", nil)
	defer lib.Close()
	counter, _ := lib.Func("counter() -> i32")
	s, _ := lib.Snapshot()
	defer s.Close()
	for range 2 {
		one, _ := counter.Call(ctx)
		two, _ := counter.Call(ctx)
		fmt.Println(one.Int(), two.Int())
		if err := lib.Reset(ctx, s); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// 1 2
	// 1 2
}

// A file as an array, without a copy: nobody else may change the file.
func ExampleMapOptions() {
	ctx := context.Background()
	lib, _ := wasmffi.LoadLibrary(ctx, "vec", "../testdata/wasm", nil)
	defer lib.Close()
	name := filepath.Join(os.TempDir(), "wasmffi-example.raw")
	defer os.Remove(name)
	os.WriteFile(name, []byte{1, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 0o600)
	f, _ := os.Open(name)
	defer f.Close()
	a, err := lib.MapFile(f, memview.U8, []int{8}, &wasmffi.MapOptions{Immutable: true})
	fmt.Println(a, err)
	// Output: [  1   0   0   0   0   0 240  63] <nil>
}

// Two libraries see one table.
func ExampleSharedArray() {
	ctx := context.Background()
	table, _ := wasmffi.NewSharedArray([]float64{1, 2, 3}, nil)
	for range 2 {
		lib, _ := wasmffi.LoadLibrary(ctx, "vec", "../testdata/wasm", nil)
		defer lib.Close()
		sum, _ := lib.Func("sum(x: f64[n], n: size) -> f64")
		a, _ := lib.Share(table)
		r, err := sum.Call(ctx, a)
		fmt.Println(r.Float64(), err)
	}
	table.Close()
	// Output:
	// 6 <nil>
	// 6 <nil>
}

func ExampleNewSharedArray() {
	table, err := wasmffi.NewSharedArray([]float32{1, 2, 3, 4, 5, 6}, nil, 2, 3)
	fmt.Println(table.DType(), table.Shape(), err)
	table.Close()
	// Output: float32 [2 3] <nil>
}

// What one library writes, the other reads.
func ExampleSharedOptions() {
	ctx := context.Background()
	buffer, _ := wasmffi.NewSharedArray([]int64{0, 0}, &wasmffi.SharedOptions{Writable: true})
	defer buffer.Close()
	one, _ := wasmffi.LoadLibrary(ctx, "vec", "../testdata/wasm", nil)
	defer one.Close()
	two, _ := one.Module().Instantiate(ctx)
	defer two.Close()
	a, _ := one.Share(buffer)
	b, _ := two.Share(buffer)
	a.Set(42, 1)
	fmt.Println(b)
	// Output: [ 0 42]
}

func ExampleMemoryStats() {
	lib, _ := wasmffi.LoadLibrary(context.Background(), "vec", "../testdata/wasm", nil)
	defer lib.Close()
	lib.Empty(memview.F64, 1000)
	s := lib.MemoryStats()
	fmt.Println(s.Reserved>>20, "MiB reserved,", s.Arrays, "array of", s.ArrayBytes, "bytes")
	// Output: 256 MiB reserved, 1 array of 8000 bytes
}

// What a test has forgotten to free. With TraceAllocations, Where is the line.
func ExampleLeak() {
	lib, _ := wasmffi.LoadLibrary(context.Background(), "vec", "../testdata/wasm", nil)
	defer lib.Close()
	lib.Empty(memview.F64, 2)
	for _, leak := range lib.Leaks() {
		fmt.Println(leak.Bytes, "bytes", leak.Where)
	}
	// Output: 16 bytes
}
