package wasmffi_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestMemoryStats(t *testing.T) {
	lib := openWith(t, wasm.Vec, wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}})
	s := lib.MemoryStats()
	require.EqualValues(t, 4<<20, s.Reserved)
	require.Equal(t, lib.Memory().Size(), s.Size)
	require.GreaterOrEqual(t, s.Committed, s.Size)
	require.Positive(t, s.GuestHeap)
	require.Less(t, s.GuestHeap, s.Size)
	require.Zero(t, s.Arrays)
	a := array(t, lib, make([]float64, 100_000))
	s = lib.MemoryStats()
	require.Equal(t, 1, s.Arrays)
	require.EqualValues(t, 800_000, s.ArrayBytes)
	require.NoError(t, lib.Free(a))
	call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), []float64{1, 2}) // staging is no array
	s = lib.MemoryStats()
	require.Zero(t, s.Arrays)
	require.Zero(t, s.ArrayBytes)
	require.NoError(t, lib.Close())
	require.Zero(t, lib.MemoryStats())
}

func TestLeaks(t *testing.T) {
	lib := openWith(t, wasm.Vec, wasmffi.Options{TraceAllocations: true})
	require.NoError(t, lib.CheckLeaks())
	a := must(lib.EmptyAligned(4096, memview.F64, 3))
	require.Zero(t, a.Ptr()%4096)
	r := call(t, bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)"), []float64{1, 2, 3, 4})
	require.Regexp(t, regexp.MustCompile(`(?s)^wasmffi: 2 arrays of 56 bytes were not freed
  24 bytes at 0x\w+ by .*/stats_test.go:\d+
  32 bytes at 0x\w+ by .*/helper_test.go:\d+$`), lib.CheckLeaks().Error())
	require.Len(t, lib.Leaks(), 2)
	require.NoError(t, r.Free())
	require.NoError(t, lib.Free(a))
	require.NoError(t, lib.CheckLeaks())
	for range 25 {
		must(lib.Empty(memview.U8, 1))
	}
	require.Regexp(t, `\n  and 5 more$`, lib.CheckLeaks().Error())
	for _, align := range []int{0, -1, 3, 8192} {
		_, err := lib.EmptyAligned(align, memview.U8, 1)
		require.ErrorContains(t, err, "want a power of two up to 4096")
	}
}

// A module without malloc has arrays in pages of the host's.
func TestArenaArrays(t *testing.T) {
	lib := openWith(t, wasm.NoAlloc, wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}})
	sum := bind(t, lib, "sum_i32(x: i32[n], n: size) -> i32")
	require.EqualValues(t, 6, call(t, sum, []int32{1, 2, 3}).Int())
	a, b := array(t, lib, []int32{4, 5}), must(lib.EmptyAligned(4096, memview.I32, 1000))
	require.Zero(t, b.Ptr()%4096)
	require.EqualValues(t, 9, call(t, sum, a).Int())
	require.NoError(t, lib.Free(a))
	require.ErrorIs(t, lib.Free(a), wasmffi.ErrFreed)
	size := lib.Memory().Size()
	for range 1000 {
		require.NoError(t, lib.Free(array(t, lib, make([]int32, 10_000))))
	}
	require.LessOrEqual(t, lib.Memory().Size(), size+1<<20)
	_, err := lib.Empty(memview.U8, 4<<20)
	require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
	require.ErrorIs(t, err, wasmffi.ErrAlloc)
	s, err := lib.Snapshot()
	require.NoError(t, err)
	c := array(t, lib, []int32{1})
	require.NoError(t, lib.Reset(bg, s))
	require.Equal(t, c.Ptr(), array(t, lib, []int32{1}).Ptr()) // the books went back as well
	require.NoError(t, lib.Free(b))
}
