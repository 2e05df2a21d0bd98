package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// A borrowed slice is the guest's memory, in both directions.
func TestSliceIsShared(t *testing.T) {
	lib := open(t, wasm.Vec)
	a := array(t, lib, []float64{1, 2, 3})
	s, err := memview.Slice[float64](a)
	require.NoError(t, err)
	s[1] = 20
	require.Equal(t, 24.0, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), a).Float64())
	call(t, bind(t, lib, "scale(x: inout f64[n], n: size, a: f64)"), a, 10)
	require.Equal(t, []float64{10, 200, 30}, s)
	m, err := memview.AsMat[float64](must(a.Reshape(3, 1)))
	require.NoError(t, err)
	m.Set(2, 0, -1)
	require.Equal(t, -1.0, s[2])
}

// Growth of the memory moves nothing: slices stay the same memory.
func TestGrowthMovesNothing(t *testing.T) {
	lib := open(t, wasm.Mem)
	grow, pages := bind(t, lib, "grow(pages: u32) -> i32"), bind(t, lib, "pages() -> u32")
	peek, poke := bind(t, lib, "peek(p: u32) -> u32"), bind(t, lib, "poke(p: u32, v: u32)")
	a := array(t, lib, []uint32{1, 2, 3})
	s, err := memview.Slice[uint32](a)
	require.NoError(t, err)
	whole, err := lib.Memory().Bytes(0, 4096)
	require.NoError(t, err)
	for range 20 {
		size := lib.Memory().Size()
		require.EqualValues(t, size/65536, call(t, grow, 100).Int())
		require.Equal(t, size+100*65536, lib.Memory().Size())
		require.EqualValues(t, size/65536+100, call(t, pages).Uint())
		again, err := memview.Slice[uint32](a)
		require.NoError(t, err)
		require.Same(t, &s[0], &again[0])
		base, err := lib.Memory().Bytes(0, 1)
		require.NoError(t, err)
		require.Same(t, &whole[0], &base[0])

		s[0]++
		require.EqualValues(t, s[0], call(t, peek, a.Ptr()).Uint())
		call(t, poke, a.Ptr()+4, s[0])
		require.Equal(t, s[0], s[1])

		last := memview.Ptr(lib.Memory().Size() - 4) // the new end is there, and zero
		require.Zero(t, call(t, peek, last).Uint())
		call(t, poke, last, 7)
		b, err := lib.Memory().Bytes(last, 4)
		require.NoError(t, err)
		require.Equal(t, []byte{7, 0, 0, 0}, b)
		_, err = lib.Memory().Bytes(last, 5)
		require.ErrorIs(t, err, memview.ErrBounds)
	}
}

func TestMemoryLimit(t *testing.T) {
	lib := openWith(t, wasm.Mem, wasmffi.Options{Limits: wasmffi.Limits{Memory: 4<<20 + 1000}})
	grow, pages := bind(t, lib, "grow(pages: u32) -> i32"), bind(t, lib, "pages() -> u32")
	have := int(call(t, pages).Uint())
	require.EqualValues(t, -1, call(t, grow, 64-have+1).Int()) // whole pages only
	require.EqualValues(t, -1, call(t, grow, uint32(0xffffffff)).Int())
	require.EqualValues(t, have, call(t, grow, 64-have).Int())
	require.EqualValues(t, -1, call(t, grow, 1).Int())
	require.EqualValues(t, 64, call(t, grow, 0).Int())
	require.Equal(t, uint64(4<<20), lib.Memory().Size())
}

// malloc answers NULL at the limit: an error, after which the library goes on.
func TestMemoryLimitOfArrays(t *testing.T) {
	lib := openWith(t, wasm.Vec, wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}})
	_, err := lib.Empty(memview.U8, 4<<20)
	require.ErrorIs(t, err, wasmffi.ErrAlloc)
	require.ErrorContains(t, err, "returned NULL, memory has")
	_, err = lib.Empty(memview.U8, 4<<20+1)
	require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
	fill := func() int {
		var owned []wasmffi.Array
		for {
			a, err := lib.Empty(memview.U8, 100_000)
			if err != nil {
				require.ErrorIs(t, err, wasmffi.ErrAlloc)
				break
			}
			owned = append(owned, a)
		}
		for _, a := range owned {
			require.NoError(t, lib.Free(a))
		}
		return len(owned)
	}
	room := fill()
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	_, err = sum.Call(bg, make([]float64, 1<<20))
	require.ErrorIs(t, err, wasmffi.ErrAlloc)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	x := make([]float64, 200_000) // the output fits, the copy of x does not fit beside it
	for range 20 {
		_, err = stencil.Call(bg, x)
		require.ErrorIs(t, err, wasmffi.ErrAlloc)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
	}
	require.Equal(t, room, fill()) // what the failures took was given back
	require.Equal(t, 3.0, call(t, sum, []float64{1, 2}).Float64())
}

func TestMemoryNeedsMoreThanTheLimit(t *testing.T) {
	for _, limit := range []uint64{1, 65536, 1 << 20} {
		m, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Limits: wasmffi.Limits{Memory: limit}})
		require.NoError(t, err)
		for range 3 {
			_, err = m.Instantiate(bg)
			require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
			require.ErrorContains(t, err, "module needs ")
		}
		require.NoError(t, m.Close())
	}
	// The same of a memory that is not exported.
	hidden, err := wasmffi.Compile(bg, binary(section(secMemory, cat(0, 20))), &wasmffi.Options{Limits: wasmffi.Limits{Memory: 65536}})
	require.NoError(t, err)
	seen, ok := hidden.Memory()
	require.True(t, ok)
	require.Empty(t, seen.Names)
	_, err = hidden.Instantiate(bg)
	require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
	require.NoError(t, hidden.Close())

	// The largest limit there is.
	lib := openWith(t, wasm.Mem, wasmffi.Options{Limits: wasmffi.Limits{Memory: 1 << 40}})
	mt, ok := lib.Module().Memory()
	require.True(t, ok)
	require.Equal(t, uint64(wasmffi.MaxMemory), mt.Max)
	require.EqualValues(t, -1, call(t, bind(t, lib, "grow(pages: u32) -> i32"), 65536).Int())
}

func TestModuleWithoutMemory(t *testing.T) {
	m, err := wasmffi.Compile(bg, binary(section(secType, signature([]byte{i32}, []byte{i32})), section(secFunc, leb(0)),
		section(secExport, cat("id", kindFunc, 0)), section(secCode, code(opLocalGet, 0))), nil)
	require.NoError(t, err)
	defer m.Close()
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	defer lib.Close()
	require.Nil(t, lib.Memory())
	_, ok := m.Memory()
	require.False(t, ok)
	require.EqualValues(t, 5, call(t, bind(t, lib, "id(v: i32) -> i32"), 5).Int())
	for _, sig := range []string{"id(v: f64[_]) -> i32", "id(v: i32) -> f64[4]", "id(v: out i32) -> i32"} {
		_, err = lib.Func(sig)
		require.ErrorIs(t, err, wasmffi.ErrSignature, sig)
		require.EqualError(t, err, "wasmffi: id: signature does not match the export: the module has no memory for its arrays")
	}
	_, err = lib.Empty(memview.U8, 1)
	require.ErrorIs(t, err, wasmffi.ErrNoAllocator)
	require.Error(t, lib.Free(wasmffi.Array{}))
}
