package wasmffi_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// Whatever an allocator of any kind answers, arrays lie in the memory, are aligned, and are made once and freed once.
func TestLiesOfAllocators(t *testing.T) {
	kinds := map[string]struct {
		allocator   loader.Allocator
		alloc, free string // types
	}{
		"malloc":           {loader.Allocator{Kind: loader.AllocMalloc, Alloc: "alloc", Free: "free"}, "i", "i"},
		"bindgen":          {loader.Allocator{Kind: loader.AllocBindgen, Alloc: "alloc", Free: "free"}, "i", "ii"},
		"bindgen, aligned": {loader.Allocator{Kind: loader.AllocBindgenAligned, Alloc: "alloc", Free: "free"}, "ii", "iii"},
		"AssemblyScript":   {loader.Allocator{Kind: loader.AllocAssemblyScript, Alloc: "alloc", Pin: "pin", Unpin: "free"}, "ii", "i"},
		"sbrk":             {loader.Allocator{Kind: loader.AllocSbrk, Alloc: "alloc"}, "i", "i"},
	}
	for name, k := range kinds {
		for _, answer := range []int64{0, 1, 8, 15, 16, 1024, 65536, 65535, 2*65536 - 4096, 2*65536 - 1, 2 * 65536, 20 * 65536, math.MaxInt32, -1, -16, -4096, math.MinInt32} {
			var m made
			m.pages(20)
			m.fn("alloc", k.alloc, "i", constant(answer))
			m.fn("free", k.free, "")
			m.fn("pin", "i", "i", constant(3))
			m.fn("set", "ii", "", opLocalGet, 0, opLocalGet, 1, opStore, 2, 0)
			lib := openWith(t, m.bytes(), wasmffi.Options{Cache: wasmffi.NewCache(0), Allocator: k.allocator, Limits: wasmffi.Limits{Memory: 8 << 20}})
			size := lib.Memory().Size()
			var arrays []memview.Array
			for i := range 40 {
				a, err := lib.Empty(memview.F64, 1+i*i*20)
				what := fmt.Sprintf("%s that answers %#x, array %d", name, uint32(answer), i)
				if err != nil {
					require.ErrorIs(t, err, wasmffi.ErrAlloc, what)
					continue
				}
				require.NotZero(t, a.Ptr(), what)
				require.Zero(t, a.Ptr()%8, what)
				inMemory(t, a, size, what)
				arrays = append(arrays, a)
			}
			x := []int32{1, 2, 3}
			if _, err := bind(t, lib, "set(x: inout i32[3], v: i32)").Call(bg, x, 7); err == nil {
				require.Equal(t, []int32{7, 2, 3}, x, "%s that answers %#x", name, answer)
			} else {
				require.ErrorIs(t, err, wasmffi.ErrAlloc)
				require.Equal(t, []int32{1, 2, 3}, x)
			}
			for _, a := range arrays {
				require.NoError(t, lib.Free(a), name)
				require.ErrorIs(t, lib.Free(a), wasmffi.ErrFreed)
			}
			require.Equal(t, size, lib.Memory().Size())
		}
	}
}

// What modules tell of their memory by the names of globals has any type and any value.
func TestLiesOfGlobals(t *testing.T) {
	for name, global := range map[string][]byte{
		"negative": cat(i32, 0, constant(-1), opEnd), "large": cat(i32, 0, constant(math.MaxInt32), opEnd), "mutable": cat(i32, 1, constant(-8), opEnd), "odd": cat(i32, 0, constant(13), opEnd),
		"i64": cat(i64, 0, 0x42, sleb(math.MinInt64), opEnd), "mutable i64": cat(i64, 1, 0x42, sleb(-1), opEnd),
		"f64": cat(f64, 1, opF64Const, make([]byte, 8), opEnd), "reference": cat(funcref, 0, 0xd0, funcref, opEnd),
	} {
		for _, end := range []int64{0, 1} {
			var m made
			exit := m.imp("wasi_snapshot_preview1", "proc_exit", "i", "")
			m.pages(2)
			m.globals = append(m.globals, global)
			for _, x := range []string{"__heap_base", "__stack_pointer", "__data_end", "__stack_low", "__memory_base", "__table_base", "__indirect_function_table_base"} {
				m.export(x, kindGlobal, 0)
			}
			m.fn("leave", "i", "", opLocalGet, 0, opCall, leb(exit))
			m.fn("sum", "ii", "i", opLocalGet, 1)
			lib := openWith(t, m.bytes(), wasmffi.Options{Cache: wasmffi.NewCache(0), Limits: wasmffi.Limits{Memory: 8 << 20}})
			a, err := lib.Array([]float64{1, 2, 3})
			require.NoError(t, err, name)
			inMemory(t, a, lib.Memory().Size(), name)
			require.EqualValues(t, 3, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> size"), a).Uint())
			_, err = bind(t, lib, "leave(code: i32)").Call(bg, end)
			require.ErrorAs(t, err, new(*wasmffi.ExitError), name)
			for _, x := range []string{"__heap_base", "__stack_pointer", "__memory_base"} {
				if p, err := lib.Symbol(x); err == nil {
					_, err = memview.AsArray(lib.Memory(), p, memview.U8, int(lib.Memory().Size()))
					require.Error(t, err, name)
				}
			}
			s, err := lib.Snapshot()
			if err == nil {
				require.NoError(t, lib.Reset(bg, s), name)
			}
		}
	}
}

// A longjmp whose value is 0 has the value 1, whatever is in the upper half of the word that the engine passes it in.
func TestLongjmpOfUpperHalf(t *testing.T) {
	var m made
	wide := m.imp("env", "wide", "jj", "")
	jump := m.imp("env", "emscripten_longjmp", "ii", "")
	m.pages(1)
	m.fn("setThrew", "ii", "", constant(1024), opLocalGet, 1, opStore, 2, 0)
	m.fn("call", "ii", "", 0x42, sleb(-1), 0x42, sleb(-1), opCall, leb(wide), opLocalGet, 0, opLocalGet, 1, opCall, leb(jump))
	lib := openWith(t, m.bytes(), given(t, map[string]goFunc{"env.wide": {"func(i64, i64)", func(int64, int64) {}}}))
	_, err := bind(t, lib, "call(env: ptr, v: i32)").Call(bg, 2048, 0)
	require.Error(t, err, "nobody catches it")
	threw := must(memview.AsArray(lib.Memory(), 1024, memview.I32, 1))
	require.Equal(t, []int32{1}, values[int32](t, threw))
}
