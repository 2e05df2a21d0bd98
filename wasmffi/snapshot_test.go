package wasmffi_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// small and large are memories on both sides of what a reset copies whole.
func bothSizes(t *testing.T, test func(t *testing.T, lib *wasmffi.Library)) {
	for _, pages := range []int{0, 40} {
		t.Run(fmt.Sprintf("%d more pages", pages), func(t *testing.T) {
			lib := open(t, wasm.Mem)
			require.Positive(t, call(t, bind(t, lib, "grow(pages: u32) -> i32"), pages).Int())
			test(t, lib)
		})
	}
}

func TestReset(t *testing.T) {
	bothSizes(t, func(t *testing.T, lib *wasmffi.Library) {
		counter := bind(t, lib, "counter() -> i32")
		old := array(t, lib, []float64{1, 2, 3})
		gone := array(t, lib, []float64{7})
		borrowed := must(memview.AsArray(lib.Memory(), old.Ptr(), memview.F64, 3))
		require.EqualValues(t, 1, call(t, counter).Int())
		before := digest(t, lib)
		s, err := lib.Snapshot()
		require.NoError(t, err)
		require.Equal(t, lib.Memory().Size(), s.Bytes())
		slice, err := memview.Slice[float64](old)
		require.NoError(t, err)
		require.NoError(t, lib.Free(gone))

		for range 3 {
			require.EqualValues(t, 2, call(t, counter).Int())
			require.EqualValues(t, 3, call(t, counter).Int())
			young := array(t, lib, []float64{4, 5})
			require.NoError(t, old.Set(99.0, 1))
			mem := lib.Memory()
			require.NoError(t, lib.Reset(bg, s))

			require.Equal(t, []float64{1, 2, 3}, slice)
			require.Equal(t, []float64{1, 2, 3}, values[float64](t, old))
			for _, a := range []wasmffi.Array{young, borrowed, must(young.Sub(0, 0, 1, 1))} {
				require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrStale)
				_, err = memview.Slice[float64](a)
				require.ErrorIs(t, err, wasmffi.ErrStale)
			}
			require.ErrorIs(t, lib.Free(young), wasmffi.ErrStale)
			_, err = mem.Bytes(0, 1)
			require.ErrorIs(t, err, wasmffi.ErrStale)
			require.ErrorIs(t, gone.CheckAlive(), wasmffi.ErrFreed)
			require.Equal(t, 1, lib.MemoryStats().Arrays)
		}
		require.NotEqual(t, before, digest(t, lib)) // gone was freed again
		require.EqualValues(t, 2, call(t, counter).Int())
		require.NoError(t, lib.Free(old))
		require.NoError(t, lib.Reset(bg, s))
		require.ErrorIs(t, old.CheckAlive(), wasmffi.ErrFreed)

		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		err = lib.Reset(bg, s)
		require.ErrorIs(t, err, wasmffi.ErrClosed)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		require.EqualValues(t, 2, call(t, counter).Int())
	})
}

// A memory that has grown since is as small as before, for the guest as well.
func TestResetAfterGrowth(t *testing.T) {
	bothSizes(t, func(t *testing.T, lib *wasmffi.Library) {
		counter, pages, grow := bind(t, lib, "counter() -> i32"), bind(t, lib, "pages() -> u32"), bind(t, lib, "grow(pages: u32) -> i32")
		old := array(t, lib, []int32{5, 6})
		slice, err := memview.Slice[int32](old)
		require.NoError(t, err)
		call(t, counter)
		before, size := digest(t, lib), call(t, pages).Uint()
		s, err := lib.Snapshot()
		require.NoError(t, err)
		for range 3 {
			call(t, counter)
			require.Positive(t, call(t, grow, 10).Int())
			require.Equal(t, size+10, call(t, pages).Uint())
			slice[0] = -1
			require.NoError(t, lib.Reset(bg, s))
			require.Equal(t, before, digest(t, lib))
			require.Equal(t, size, call(t, pages).Uint())
			require.Equal(t, []int32{5, 6}, slice) // the base has not moved
			require.Equal(t, []int32{5, 6}, values[int32](t, old))
		}
		require.EqualValues(t, 2, call(t, counter).Int())
	})
}

func TestResetToTheStart(t *testing.T) {
	lib := open(t, wasm.Mem)
	counter := bind(t, lib, "counter() -> i32")
	before := digest(t, lib)
	a := array(t, lib, []int8{1})
	for range 3 {
		require.EqualValues(t, 1, call(t, counter).Int())
		require.EqualValues(t, 2, call(t, counter).Int())
		call(t, bind(t, lib, "grow(pages: u32) -> i32"), 3)
		require.NoError(t, lib.Reset(bg, nil))
		require.Equal(t, before, digest(t, lib))
		require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrStale)
	}
	require.NoError(t, lib.CheckLeaks())
	lib = open(t, wasm.Ctor) // constructors run again
	want := digest(t, lib)
	require.NoError(t, lib.Reset(bg, nil))
	require.Equal(t, want, digest(t, lib))
}

func TestResetUnpoisons(t *testing.T) {
	for name, snapshot := range map[string]bool{"to a snapshot": true, "to the start": false} {
		t.Run(name, func(t *testing.T) {
			lib := open(t, wasm.Traps)
			var s *wasmffi.Snapshot
			var err error
			if snapshot {
				s, err = lib.Snapshot()
				require.NoError(t, err)
			}
			for _, sig := range []string{"unreachable_()", "null_func()"} {
				f := bind(t, lib, sig)
				for range 2 {
					_, err = f.Call(bg)
					require.ErrorAs(t, err, new(*wasmffi.Trap))
					poisoned(t, lib, f)
					require.NoError(t, lib.Reset(bg, s))
				}
			}
			deep := bind(t, lib, "recurse(n: i32) -> i32")
			want := call(t, deep, 1000).Int()
			_, err = deep.Call(bg, 1<<30)
			require.ErrorIs(t, err, wasmffi.StackOverflow)
			require.NoError(t, lib.Reset(bg, s))
			require.Equal(t, want, call(t, deep, 1000).Int())
		})
	}
}

// A prepared call is as good as its arrays.
func TestResetAndPrepared(t *testing.T) {
	lib := open(t, wasm.Vec)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	old := array(t, lib, []float64{1, 2, 3})
	s, err := lib.Snapshot()
	require.NoError(t, err)
	first, err := sum.Prepare(old)
	require.NoError(t, err)
	second, err := sum.Prepare(array(t, lib, []float64{4}))
	require.NoError(t, err)
	third, err := sum.Prepare(must(memview.AsArray(lib.Memory(), old.Ptr(), memview.F64, 3)))
	require.NoError(t, err)
	require.NoError(t, old.Set(10.0, 0))
	require.NoError(t, lib.Reset(bg, s))
	r, err := first.Call(bg)
	require.NoError(t, err)
	require.Equal(t, 6.0, r.Float64())
	for _, p := range []*wasmffi.Prepared{second, third} {
		_, err = p.Call(bg)
		require.ErrorIs(t, err, wasmffi.ErrStale)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
	}
	require.Equal(t, 6.0, call(t, sum, []float64{1, 2, 3}).Float64())
	stale := must(memview.AsArray(lib.Memory(), old.Ptr(), memview.F64, 3))
	require.NoError(t, lib.Reset(bg, s))
	_, err = sum.Call(bg, stale)
	require.EqualError(t, err, `sum: argument 1 "x": it is older than a reset, want an array that is still there`)
	require.ErrorIs(t, err, wasmffi.ErrStale)
}

// Two snapshots, in any order: what is older than both survives both.
func TestSeveralSnapshots(t *testing.T) {
	bothSizes(t, func(t *testing.T, lib *wasmffi.Library) {
		counter := bind(t, lib, "counter() -> i32")
		a := array(t, lib, []int32{1})
		one, err := lib.Snapshot()
		require.NoError(t, err)
		call(t, counter)
		b := array(t, lib, []int32{2})
		two, err := lib.Snapshot()
		require.NoError(t, err)
		c := array(t, lib, []int32{3})

		require.NoError(t, lib.Reset(bg, two))
		require.Equal(t, []int32{2}, values[int32](t, b))
		require.ErrorIs(t, c.CheckAlive(), wasmffi.ErrStale)
		require.EqualValues(t, 2, call(t, counter).Int())
		require.NoError(t, lib.Reset(bg, one))
		require.Equal(t, []int32{1}, values[int32](t, a))
		require.ErrorIs(t, b.CheckAlive(), wasmffi.ErrStale)
		require.EqualValues(t, 1, call(t, counter).Int())
		d := array(t, lib, []int32{4})
		require.NoError(t, lib.Reset(bg, two)) // forward again
		require.EqualValues(t, 2, call(t, counter).Int())
		require.ErrorIs(t, d.CheckAlive(), wasmffi.ErrStale)
		require.Equal(t, []int32{1}, values[int32](t, a))
		require.ErrorIs(t, b.CheckAlive(), wasmffi.ErrStale) // as it was, and its block is not lost
		require.Equal(t, 1, lib.MemoryStats().Arrays)
		require.Equal(t, b.Ptr(), array(t, lib, []int32{5}).Ptr())
		require.NoError(t, lib.Reset(bg, nil))
		for _, x := range []wasmffi.Array{a, b, c, d} {
			require.ErrorIs(t, x.CheckAlive(), wasmffi.ErrStale)
		}
		require.NoError(t, lib.Reset(bg, two)) // and from the start
		require.EqualValues(t, 2, call(t, counter).Int())
		require.NoError(t, lib.CheckLeaks())
		require.Equal(t, a.Ptr(), array(t, lib, []int32{6}).Ptr())
	})
}

func TestSnapshotRefused(t *testing.T) {
	one, two := open(t, wasm.Mem), open(t, wasm.Mem)
	s, err := one.Snapshot()
	require.NoError(t, err)
	require.ErrorIs(t, two.Reset(bg, s), wasmffi.ErrMemory)
	require.NoError(t, one.Close())
	require.ErrorIs(t, one.Reset(bg, s), wasmffi.ErrClosed)
	_, err = one.Snapshot()
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	require.NoError(t, s.Close())
	var none context.Context
	require.Panics(t, func() { two.Reset(none, nil) })
}

// A handle is a pointer into a memory that a reset takes back.
func TestResetAndHandles(t *testing.T) {
	lib := open(t, wasm.Sigs)
	const decl = "type Setup = opaque free(setup_free); "
	create := bind(t, lib, decl+"setup_new(n: i32, kind: i32) -> Setup")
	scale := bind(t, lib, decl+"setup_scale(s: Setup, x: inout f64[n], n: size)")
	old := call(t, create, 2, 2).Handle()
	s, err := lib.Snapshot()
	require.NoError(t, err)
	young := call(t, create, 2, 3).Handle()
	x := []float64{1, 2}
	prepared, err := scale.Prepare(young, x)
	require.NoError(t, err)
	require.NoError(t, lib.Reset(bg, s))
	call(t, scale, old, x)
	require.NotEqual(t, []float64{1, 2}, x)
	_, err = scale.Call(bg, young, x)
	require.ErrorIs(t, err, wasmffi.ErrStale)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = prepared.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrStale)
	require.NoError(t, young.Close()) // nothing to do
	count := bind(t, lib, "setup_count() -> i32")
	require.EqualValues(t, 1, call(t, count).Int())
	require.NoError(t, old.Close())
}

// Snapshots that are closed while others go back to them, and bindings meanwhile: nothing
// races, and no Reset fails but with ErrClosed.
func TestSnapshotClosedDuringReset(t *testing.T) {
	lib := open(t, wasm.Sigs)
	require.Positive(t, array(t, lib, make([]byte, 2<<20)).Ptr()) // an image is mapped
	for range 100 {
		s, err := lib.Snapshot()
		require.NoError(t, err)
		var wg sync.WaitGroup
		wg.Go(func() { s.Close() })
		wg.Go(func() {
			_, err := lib.Func("get(k: i32, n_out: out size) -> f64[n_out] nullable owned")
			if err != nil {
				t.Error(err)
			}
		})
		if err := lib.Reset(bg, s); err != nil {
			require.ErrorIs(t, err, wasmffi.ErrClosed)
			require.ErrorIs(t, err, wasmffi.ErrNotRun)
		}
		wg.Wait()
		require.NoError(t, lib.Free(must(lib.Empty(memview.U8, 1)))) // not poisoned
	}
}

// What a call allocated before a Reset is gone, and giving it back is no error.
func TestResetAndResults(t *testing.T) {
	lib := open(t, wasm.Vec)
	r := call(t, bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)"), []float64{1, 2, 3})
	require.NoError(t, lib.Reset(bg, nil))
	require.ErrorIs(t, r.Out("y").CheckAlive(), wasmffi.ErrStale)
	require.NoError(t, r.Free())
}
