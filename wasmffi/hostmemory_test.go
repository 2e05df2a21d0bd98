package wasmffi_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// A Go function sees the memory as it is when it is called, also what has grown in the same call.
func TestImportSeesGrowth(t *testing.T) {
	var m made
	f := m.imp("env", "f", "ijj", "j")
	m.pages(1)
	// Grows by a page, stores 7 at the begin of it, and passes that.
	m.fn("grown", "", "j", constant(1), opGrow, 0, opDrop,
		constant(65536), constant(7), opStore, 2, 0, constant(65536), 0x42, 1, 0x42, 0, opCall, leb(f))
	m.fn("call", "ijj", "j", opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opCall, leb(f))
	var kept memview.Array
	var sizes []uint64
	lib := openWith(t, m.bytes(), given(t, map[string]goFunc{"env.f": {"func(x: i32[n], n: i64, m: i64) -> i64", func(a *wasmffi.Args) error {
		sizes = append(sizes, a.Memory().Size())
		kept = a.Array(0)
		x := wasmffi.ArgSlice[int32](a, 0)
		x[0]++
		return a.SetInt(int64(x[0]))
	}}}))
	grown := bind(t, lib, "grown() -> i64")
	require.EqualValues(t, 8, call(t, grown).Int())
	require.Equal(t, []uint64{2 * 65536}, sizes)
	require.Equal(t, []int32{8}, values[int32](t, kept), "an Array may be kept")
	x := array(t, lib, []int32{40, 1})
	require.EqualValues(t, 41, call(t, bind(t, lib, "call(x: inout i32[n], n: i64, m: i64) -> i64"), x, 0).Int())
	require.Equal(t, []int32{41, 1}, values[int32](t, x))
	require.Equal(t, x.Ptr(), kept.Ptr())

	require.NoError(t, lib.Reset(bg, nil))
	_, err := memview.Values[int32](kept)
	require.ErrorIs(t, err, wasmffi.ErrStale)
	require.EqualValues(t, 8, call(t, grown).Int(), "in the memory of a page again")
	require.Equal(t, []int32{8}, values[int32](t, kept))
	require.NoError(t, lib.Close())
	_, err = memview.Values[int32](kept)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
}

// A guest without a memory has no arrays but NULL.
func TestImportWithoutMemory(t *testing.T) {
	var m made
	f := m.imp("env", "f", "ijj", "j")
	m.fn("call", "ijj", "j", opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opCall, leb(f))
	for name, fn := range map[string]any{
		"array": func(x memview.Array, n, m int64) int64 { return 9 },
		"slice": func(x []uint8, m int64) int64 { return int64(9 + len(x)) },
		"args": func(a *wasmffi.Args) error {
			if a.Memory() != nil || a.Array(0).Ptr() != 0 || a.Len() != 3 {
				t.Error("a memory")
			}
			return a.SetInt(9)
		},
	} {
		lib := openWith(t, m.bytes(), given(t, map[string]goFunc{"env.f": {"func(x: u8[n] nullable, n: i64, m: i64) -> i64", fn}}))
		g := bind(t, lib, "call(p: u32, n: u64, m: u64) -> i64")
		require.EqualValues(t, 9, call(t, g, 0, 5, 5).Int(), name)
		for _, p := range []int{1, 1024} {
			_, err := g.Call(bg, p, 0, 0)
			require.ErrorContains(t, err, `parameter 1 "x": what the guest passes is`, name)
			require.ErrorIs(t, err, memview.ErrBounds)
			require.NoError(t, lib.Reset(bg, nil))
		}
	}
	lib := openWith(t, m.bytes(), wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.f": wasmffi.NewRawFunc(func(_ context.Context, mem memview.Memory, stack []uint64) error {
		if mem != nil {
			t.Error("a memory")
		}
		stack[0] += stack[1] + stack[2]
		return nil
	})}})
	require.EqualValues(t, 6, call(t, bind(t, lib, "call(p: u32, n: u64, m: u64) -> i64"), 1, 2, 3).Int())
}

// Function pointers are of the table of functions, whichever it is.
func TestCallbackSecondTable(t *testing.T) {
	const externref = 0x6f
	var m made
	m.tables = append(m.tables, cat(externref, 0, 4), cat(funcref, 1, 3, 3))
	m.fn("apply", "ii", "i", opLocalGet, 1, opLocalGet, 0, opCallIndirect, leb(m.typ("i", "i")), 1)
	lib := openWith(t, m.bytes(), wasmffi.Options{})
	plus := callback(t, lib, "func(i32) -> i32", func(x int32) int32 { return x + 1 })
	apply := bind(t, lib, "apply(f: func(i32) -> i32, x: i32) -> i32")
	require.EqualValues(t, 42, call(t, apply, plus, 41).Int())
	at, err := lib.FuncAt(plus.Pointer(), "func(i32) -> i32")
	require.NoError(t, err)
	require.EqualValues(t, 8, call(t, at, 7).Int())
	require.NoError(t, lib.Reset(bg, nil))
	require.EqualValues(t, 42, call(t, apply, plus, 41).Int())

	none := made{tables: [][]byte{cat(externref, 0, 4)}}
	lib = openWith(t, none.bytes(), wasmffi.Options{})
	_, err = lib.Callback("func()", func() {})
	require.ErrorIs(t, err, wasmffi.ErrCallback)
	_, err = lib.FuncAt(1, "func()")
	require.ErrorIs(t, err, wasmffi.ErrNotFound)
}
