package wasmffi_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// An allocator that lies gives errors or useless arrays, but never a panic, and
// no byte is written where the address would have led.
func TestAllocatorLies(t *testing.T) {
	for _, tt := range []struct {
		name string
		mode int
		text string // of the error; empty: it works all the same
	}{
		{"fine", 0, ""},
		{"NULL", 1, "allocation failed: malloc(32) returned NULL"},
		{"the end", 2, "allocation failed: malloc(32) returned 0x"},
		{"far outside", 3, "allocation failed: malloc(32) returned 0xfffffff0, which ends outside of the memory of 0x"},
		{"one block for all", 4, ""},
		{"misaligned", 6, ""},
	} {
		lib := open(t, wasm.BadAlloc)
		sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
		mode := bind(t, lib, "set_mode(m: i32)")
		call(t, mode, tt.mode)
		before := all(t, lib)
		x := []float64{1, 2, 4}
		r, err := sum.Call(bg, x)
		if tt.text == "" {
			require.NoError(t, err, tt.name)
			require.Equal(t, 7.0, r.Float64(), tt.name)
			a := array(t, lib, x)
			require.Zero(t, a.Ptr()%16, tt.name)
			require.Equal(t, 7.0, call(t, sum, a).Float64(), tt.name)
			require.NoError(t, lib.Free(a), tt.name)
			continue
		}
		require.ErrorIs(t, err, wasmffi.ErrAlloc, tt.name)
		require.ErrorIs(t, err, wasmffi.ErrNotRun, tt.name)
		require.ErrorContains(t, err, "sum: "+tt.text, tt.name)
		for n := range 40 { // small ones too, which fit before the end
			a, err := lib.Empty(memview.F64, n)
			if err == nil {
				require.LessOrEqual(t, n, 1)
				require.Equal(t, make([]float64, n), values[float64](t, a))
				continue
			}
			require.ErrorIs(t, err, wasmffi.ErrAlloc, tt.name)
		}
		_, err = lib.Array(x)
		require.ErrorIs(t, err, wasmffi.ErrAlloc, tt.name)
		after := all(t, lib)
		require.Equal(t, len(before), len(after))
		require.True(t, bytes.Equal(before[:len(before)-8], after[:len(after)-8]), tt.name)
		require.Equal(t, 0.0, call(t, sum, []float64{}).Float64(), tt.name) // needs none

		call(t, mode, 0) // no error of this kind poisons
		require.Equal(t, 7.0, call(t, sum, x).Float64(), tt.name)
	}
}

// all is a copy of the whole linear memory.
func all(t testing.TB, lib *wasmffi.Library) []byte {
	t.Helper()
	b, err := lib.Memory().Bytes(0, uint32(lib.Memory().Size()))
	require.NoError(t, err)
	return bytes.Clone(b)
}

// An allocator that is made of other types than malloc's is none: the host has to
// make room.
func TestAllocatorOfOtherTypes(t *testing.T) {
	types := section(secType, signature([]byte{i32}, []byte{i32}), signature([]byte{i32}, nil), signature([]byte{i64}, []byte{i32}))
	memory := section(secMemory, cat(0, 1))
	for name, tt := range map[string]struct {
		malloc, free []byte // type and body
		guest        bool   // the array comes from the guest's malloc
	}{
		"good":               {cat(0), cat(1), true},
		"malloc takes i64":   {cat(2), cat(1), false},
		"free returns":       {cat(0), cat(0), false},
		"malloc returns not": {cat(1), cat(1), false},
	} {
		bodies := map[byte][]byte{0: code(constant(64)), 1: code(), 2: code(constant(64))}
		m, err := wasmffi.Compile(bg, binary(types, section(secFunc, tt.malloc, tt.free), memory,
			section(secExport, cat("malloc", kindFunc, 0), cat("free", kindFunc, 1), cat("memory", kindMemory, 0)),
			section(secCode, bodies[tt.malloc[0]], bodies[tt.free[0]])), nil)
		require.NoError(t, err, name)
		lib, err := m.Instantiate(bg)
		require.NoError(t, err, name)
		a, err := lib.Empty(memview.U8, 8)
		require.NoError(t, err, name)
		require.Equal(t, tt.guest, a.Ptr() == 64, name) // else in a page that the host added
		require.Equal(t, tt.guest, lib.Memory().Size() == 65536, name)
		require.NoError(t, lib.Close())
		require.NoError(t, m.Close())
	}
}

// A free that traps poisons, and is told to whoever freed.
func TestFreeTraps(t *testing.T) {
	m, err := wasmffi.Compile(bg, binary(
		section(secType, signature([]byte{i32}, []byte{i32}), signature([]byte{i32}, nil)),
		section(secFunc, leb(0), leb(1), leb(0)), section(secMemory, cat(0, 1)), section(secGlobal, heapGlobal),
		section(secExport, cat("malloc", kindFunc, 0), cat("free", kindFunc, 1), cat("fill", kindFunc, 2), cat("memory", kindMemory, 0)),
		section(secCode, heapMalloc, code(opUnreachable), code(constant(7)))), nil)
	require.NoError(t, err)
	defer m.Close()
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	defer lib.Close()
	f := bind(t, lib, "fill(x: out u8[4]) -> i32")
	r := call(t, f)
	require.EqualValues(t, 7, r.Int())
	err = r.Free()
	require.ErrorIs(t, err, wasmffi.Unreachable)
	require.ErrorIs(t, r.Out("x").CheckAlive(), wasmffi.ErrFreed)
	poisoned(t, lib, f)

	lib, err = m.Instantiate(bg) // both errors of a failed call whose clean-up fails
	require.NoError(t, err)
	defer lib.Close()
	f = bind(t, lib, "fill(x: out u8[4]) -> i32 ok(0)")
	_, err = f.Call(bg)
	var status *wasmffi.StatusError
	require.ErrorAs(t, err, &status)
	require.ErrorIs(t, err, wasmffi.Unreachable)
	poisoned(t, lib, f)
}
