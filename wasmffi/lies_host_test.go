package wasmffi_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// The engine passes numbers of 32 bits in words of 64, whose upper halves are what was there before: NULL is NULL all the same, and
// an address is one.
func TestUpperHalvesOfArguments(t *testing.T) {
	var m made
	wide := m.imp("env", "wide", "jjjj", "")
	f := m.imp("env", "f", "iiii", "i")
	m.pages(1)
	m.fn("call", "iiii", "i", 0x42, sleb(-1), 0x42, sleb(-1), 0x42, sleb(-1), 0x42, sleb(-1), opCall, leb(wide),
		opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opLocalGet, 3, opCall, leb(f))
	raw, err := wasmffi.NewHostFunc("func(i64, i64, i64, i64)", func(*wasmffi.Args) error { return nil })
	require.NoError(t, err)
	for name, fn := range map[string]any{
		"array": func(x memview.Array, n int32, b bool, c int8) int32 {
			if !x.IsZero() || b || c != 0 {
				return 1
			}
			return 0
		},
		"slice": func(ctx context.Context, x []float64, n int32, b bool, c int8) int32 {
			if x != nil || b || c != 0 {
				return 1
			}
			return 0
		},
		"Args": func(a *wasmffi.Args) error {
			if !a.Array(0).IsZero() || wasmffi.ArgSlice[float64](a, 0) != nil || a.Bool(2) || a.Int(3) != 0 {
				return a.SetInt(1)
			}
			return a.SetInt(0)
		},
	} {
		h, err := wasmffi.NewHostFunc("func(x: f64[n] nullable, n: i32, b: bool, c: i8) -> i32", fn)
		require.NoError(t, err, name)
		lib := openWith(t, m.bytes(), wasmffi.Options{Cache: wasmffi.NewCache(0), Imports: map[string]*wasmffi.HostFunc{"env.wide": raw, "env.f": h}})
		f := bind(t, lib, "call(x: ptr, n: i32, b: i32, c: i32) -> i32")
		for _, n := range []int32{0, 3, 1 << 20} { // elements, that NULL has none of
			t.Run(fmt.Sprint(name, " of ", n), func(t *testing.T) {
				require.NotPanics(t, func() {
					r, err := f.Call(bg, 0, n, 0, 0)
					require.NoError(t, err)
					require.Zero(t, r.Int(), "not NULL")
				})
			})
			require.NoError(t, lib.Reset(bg, nil))
		}
	}
}

// A guest may pass arrays of its own that overlap, and bools and small numbers with any bits.
func TestLiesToHostFunctions(t *testing.T) {
	var m made
	f := m.imp("env", "f", "iiii", "i")
	m.pages(1)
	m.fn("call", "iiii", "i", opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opLocalGet, 3, opCall, leb(f))
	o := given(t, map[string]goFunc{"env.f": {"func(x: f64[2], y: f64[2], b: bool, c: u8) -> bool", func(x, y []float64, b bool, c uint8) bool {
		x[1], y[0] = 1, 2 // the same place, or not
		return sound(b) && x[0] != 1 && c == 0xff
	}}})
	lib := openWith(t, m.bytes(), o)
	g := bind(t, lib, "call(x: ptr, y: ptr, b: u32, c: u32) -> bool")
	for _, b := range []uint32{0, 1, 2, 256, 1 << 31, 0xffffffff} {
		for _, y := range []uint32{1024, 1032, 1040, 65520} {
			r := call(t, g, 1024, y, b, uint32(0xabcd12ff))
			require.True(t, sound(r.Bool()) && r.Bool(), "%d %d", b, y)
		}
	}
	for _, y := range []uint32{65528, 0, 1, 0xfffffff8, 0xffffffff, 65536} {
		_, err := g.Call(bg, 1024, y, 1, 0)
		require.ErrorAs(t, err, new(*wasmffi.HostError), "%#x", y)
		require.NoError(t, lib.Reset(bg, nil))
	}
}

// While the guest grows its memory, in a call and from a Go function's side, slices stay where they are.
func TestGrowUnderSlices(t *testing.T) {
	var m made
	f := m.imp("env", "look", "", "")
	m.pages(1)
	m.fn("grow", "i", "i", opLocalGet, 0, opGrow, 0, opCall, leb(f), constant(1024), constant(77), opStore, 2, 0)
	var seen int32
	var view []int32
	lib := openWith(t, m.bytes(), given(t, map[string]goFunc{"env.look": {"func()", func() {
		seen = view[0]
		view[1]++
	}}}))
	a, err := memview.AsArray(lib.Memory(), 1024, memview.I32, 2)
	require.NoError(t, err)
	view, err = memview.Slice[int32](a)
	require.NoError(t, err)
	view[0] = 5
	grow := bind(t, lib, "grow(n: i32) -> i32")
	for k := range 3 {
		before := lib.Memory().Size()
		call(t, grow, 100)
		require.Equal(t, before+100<<16, lib.Memory().Size())
		require.Equal(t, []int32{77, int32(k + 1)}, view)
		require.EqualValues(t, []int32{5, 77, 77}[k], seen)
	}
	call(t, grow, -1) // refused
	require.Equal(t, []int32{77, 4}, view)
}

// hoarder is an allocator that answers the same block again and again.
func hoarder(answer int64) []byte {
	var m made
	m.pages(2)
	m.fn("malloc", "i", "i", constant(answer))
	m.fn("free", "i", "")
	m.fn("two", "iii", "i", constant(0), opDrop, opLocalGet, 0)
	m.fn("text", "ii", "i", opLocalGet, 0)
	m.fn("set", "iii", "", opLocalGet, 0, opLocalGet, 2, opStore, 2, 0)
	return m.bytes()
}

// An allocator that gives live blocks away spoils what the guest has, and nothing of the host's.
func TestOverlappingBlocks(t *testing.T) {
	for _, at := range []int64{16, 1, 1024, 4096, 131072 - 8192, 65535} {
		lib := instance(t, compile(t, hoarder(at), wasmffi.Options{}))
		a, b := must(lib.Empty(memview.U8, 64)), must(lib.Empty(memview.U8, 64))
		require.Equal(t, a.Ptr(), b.Ptr())
		require.Zero(t, a.Ptr()%16)
		two := bind(t, lib, "two(x: out f64[3], y: out f64[3], n: i32) -> i32")
		x, y := []float64{1, 2, 3}, []float64{4, 5, 6}
		call(t, two, x, y, 1)
		require.Equal(t, [][]float64{{0, 0, 0}, {0, 0, 0}}, [][]float64{x, y})
		r := call(t, two, 1) // both of them allocated, at one place
		require.Equal(t, r.Out("x").Ptr(), r.Out("y").Ptr())
		require.NoError(t, r.Free())
		require.NoError(t, r.Free())
		require.ErrorIs(t, r.Out("x").CheckAlive(), wasmffi.ErrFreed)
		require.NoError(t, lib.Free(a))
		require.ErrorIs(t, lib.Free(a), wasmffi.ErrFreed)
		require.NoError(t, lib.Free(b))
		set := bind(t, lib, "set(x: inout i32[2], n: i32, v: i32)")
		for range 3 {
			z := []int32{1, 2}
			call(t, set, z, 0, 9)
			require.Equal(t, []int32{9, 2}, z)
		}
	}
}
