package wasmffi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// hammerTime is how long TestHammer runs: WASMFFI_HAMMER, a Go duration, or two seconds.
func hammerTime(t *testing.T) time.Duration {
	t.Helper()
	if s := os.Getenv("WASMFFI_HAMMER"); s != "" {
		d, err := time.ParseDuration(s)
		require.NoError(t, err)
		return d
	}
	if testing.Short() {
		return 200 * time.Millisecond
	}
	return 2 * time.Second
}

// anvil is one library and what all goroutines that hit it share.
type anvil struct {
	lib    *wasmffi.Library
	shared atomic.Pointer[wasmffi.Array]    // 1, 2, 3; whoever frees it makes another
	saved  atomic.Pointer[wasmffi.Snapshot] // to go back to; nil at first, which is to the start
}

// blow is one use of a library, with n numbers x whose sum is sum. It checks its answer.
type blow func(w *anvil, r *rand.Rand, x []float64, sum float64) error

// blows are those of every library, and more of one that has the fixtures' functions.
var (
	blows    = []blow{hitArray, hitArray, hitShared, hitRead, hitFreeShared, hitGrow, hitSnapshot, hitReset, hitReset, hitStart, hitClose, hitFunc}
	vecBlows = append([]blow{hitSum, hitSum, hitSumShared, hitSumOwn, hitStencil, hitStencil}, blows...)
	memBlows = append([]blow{hitMemoryGrow, hitPeek, hitPeek, hitCounter, hitPages}, blows...)
)

// refusals are the answers that are not wrong.
var refusals = []error{wasmffi.ErrBusy, wasmffi.ErrClosed, wasmffi.ErrStale, wasmffi.ErrFreed}

// Many goroutines use the same library in every way: call, allocate, free, grow, go back to
// snapshots, close. Every answer is right, or says that the library is busy or closed, or the array freed
// or stale.
func TestHammer(t *testing.T) {
	var right atomic.Int64
	refused := make([]atomic.Int64, len(refusals))
	deadline := time.Now().Add(hammerTime(t))
	for seed := uint64(0); seed < 4 || time.Now().Before(deadline); seed++ {
		code, all := wasm.Vec, vecBlows
		if seed%2 == 1 {
			code, all = wasm.Mem, memBlows
		}
		lib, err := module(t, code).Instantiate(bg)
		require.NoError(t, err)
		w := &anvil{lib: lib}
		shared := array(t, lib, []float64{1, 2, 3})
		w.shared.Store(&shared)
		var wg sync.WaitGroup
		for worker := range uint64(4) {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(seed, worker))
				for range 100 {
					x, sum := make([]float64, 1+r.IntN(50)), 0.0
					for i := range x {
						x[i] = float64(1 + r.IntN(100))
						sum += x[i]
					}
					at := r.IntN(len(all))
					err := all[at](w, r, x, sum)
					if err == nil {
						right.Add(1)
						continue
					}
					kind := slices.IndexFunc(refusals, func(e error) bool { return errors.Is(err, e) })
					if kind < 0 {
						t.Errorf("seed %d, blow %d: %v", seed, at, err)
						return
					}
					refused[kind].Add(1)
				}
			})
		}
		wg.Wait()
		require.NoError(t, lib.Close())
		require.Error(t, w.shared.Load().CheckAlive())
		if t.Failed() {
			return
		}
	}
	require.NotZero(t, right.Load())
	for i := range refused {
		t.Logf("%d times: %v", refused[i].Load(), refusals[i])
	}
	for i := range 2 { // busy and closed; the others take luck in a short run
		require.NotZero(t, refused[i].Load(), refusals[i])
	}
	t.Logf("%d times: right", right.Load())
}

// wrong is an answer that is none of what was wanted.
func wrong(what string, got, want any) error {
	return fmt.Errorf("%s: got %v, want %v", what, got, want)
}

// called binds and calls.
func (w *anvil) called(sig string, args ...any) (wasmffi.Result, error) {
	f, err := w.lib.Func(sig)
	if err != nil {
		return wasmffi.Result{}, err
	}
	return f.Call(bg, args...)
}

const hammerSum = "sum(x: f64[n], n: size) -> f64"

// sumIs calls sum on x.
func (w *anvil) sumIs(x any, want float64) error {
	r, err := w.called(hammerSum, x)
	if err == nil && r.Float64() != want {
		err = wrong("sum", r.Float64(), want)
	}
	return err
}

// readIs reads an array, which does not enter the library: while another goroutine
// closes or resets it there are zeros. Whoever must know asks afterwards.
func readIs(a wasmffi.Array, want []float64) error {
	got, err := memview.Values[float64](a)
	if err == nil {
		err = a.CheckAlive()
	}
	if err != nil {
		return err
	}
	for i, v := range got {
		if v != want[i] && v != 0 {
			return wrong("array", got, want)
		}
	}
	return nil
}

func hitSum(w *anvil, _ *rand.Rand, x []float64, sum float64) error { return w.sumIs(x, sum) }

func hitSumShared(w *anvil, _ *rand.Rand, _ []float64, _ float64) error {
	return w.sumIs(*w.shared.Load(), 6)
}

// hitSumOwn leaves every other array to the next reset.
func hitSumOwn(w *anvil, r *rand.Rand, x []float64, sum float64) error {
	a, err := w.lib.Array(x)
	if err == nil {
		err = w.sumIs(a, sum)
	}
	if err == nil && r.IntN(2) == 0 {
		err = w.lib.Free(a)
	}
	return err
}

func hitStencil(w *anvil, _ *rand.Rand, x []float64, _ float64) error {
	res, err := w.called("stencil3(x: f64[n], y: out f64[n], n: size)", x)
	if err != nil {
		return err
	}
	y, n := res.Out("y"), len(x)
	got, err := memview.Values[float64](y)
	if err == nil {
		err = y.CheckAlive()
	}
	if err == nil && (len(got) != n || got[0] != x[0] && got[0] != 0 || got[n-1] != x[n-1] && got[n-1] != 0) {
		err = wrong("stencil3", got, x)
	}
	if e := res.Free(); err == nil {
		err = e
	}
	return err
}

func hitArray(w *anvil, _ *rand.Rand, x []float64, _ float64) error {
	a, err := w.lib.Array(x)
	if err != nil {
		return err
	}
	_ = a.String()
	err = readIs(a, x)
	if e := w.lib.Free(a); err == nil {
		err = e
	}
	return err
}

func hitShared(w *anvil, _ *rand.Rand, _ []float64, _ float64) error {
	return readIs(*w.shared.Load(), []float64{1, 2, 3})
}

// hitRead reads through a slice, which must only not fault.
func hitRead(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	s, err := memview.Slice[float64](*w.shared.Load())
	if err == nil {
		_ = s[r.IntN(3)]
	}
	return err
}

func hitFreeShared(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	old := *w.shared.Load()
	if old.CheckAlive() == nil && r.IntN(4) != 0 {
		return nil
	}
	a, err := w.lib.Array([]float64{1, 2, 3})
	if err == nil {
		w.shared.Store(&a)
		err = w.lib.Free(old)
	}
	return err
}

// hitGrow allocates what the memory has to grow for.
func hitGrow(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	if r.IntN(4) != 0 {
		return nil
	}
	a, err := w.lib.Empty(memview.U8, 1<<20)
	if err == nil {
		err = w.lib.Free(a)
	}
	return err
}

func hitSnapshot(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	if r.IntN(4) != 0 {
		return nil
	}
	s, err := w.lib.Snapshot()
	if err != nil {
		return err
	}
	if old := w.saved.Swap(s); old != nil && r.IntN(2) == 0 {
		return old.Close() // maybe while somebody goes back to it
	}
	return nil
}

func hitReset(w *anvil, _ *rand.Rand, _ []float64, _ float64) error {
	return w.lib.Reset(bg, w.saved.Load())
}

func hitStart(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	if r.IntN(10) != 0 {
		return nil
	}
	return w.lib.Reset(bg, nil)
}

func hitClose(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	if r.IntN(20) != 0 {
		return nil
	}
	return w.lib.Close()
}

// hitFunc does what does not enter, and is never refused but for Close.
func hitFunc(w *anvil, _ *rand.Rand, _ []float64, _ float64) error {
	_ = w.lib.MemoryStats()
	_ = w.lib.Leaks()
	_, err := w.lib.Func(w.lib.Module().Exports()[0].Name + "()")
	if errors.Is(err, wasmffi.ErrSignature) {
		err = nil
	}
	return err
}

func hitMemoryGrow(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	res, err := w.called("grow(pages: u32) -> i32", 1+r.IntN(20))
	if err == nil && res.Int() <= 0 {
		err = wrong("grow", res.Int(), "what there was")
	}
	return err
}

func hitPeek(w *anvil, r *rand.Rand, _ []float64, _ float64) error {
	want := r.Uint32()
	a, err := w.lib.Array([]uint32{want})
	if err != nil {
		return err
	}
	res, err := w.called("peek(p: u32) -> u32", a.Ptr())
	if err == nil {
		err = a.CheckAlive() // an address says nothing about its array
	}
	if err == nil && uint32(res.Uint()) != want {
		err = wrong("peek", res.Uint(), want)
	}
	if e := w.lib.Free(a); err == nil {
		err = e
	}
	return err
}

func hitCounter(w *anvil, _ *rand.Rand, _ []float64, _ float64) error {
	res, err := w.called("counter() -> i32")
	if err == nil && (res.Int() < 1 || res.Int() > 400) {
		err = wrong("counter", res.Int(), "1 to 400")
	}
	return err
}

func hitPages(w *anvil, _ *rand.Rand, _ []float64, _ float64) error {
	res, err := w.called("pages() -> u32")
	if err == nil && (res.Uint() == 0 || res.Uint()*65536 > wasmffi.DefaultMemory) {
		err = wrong("pages", res.Uint(), "1 to the limit")
	}
	return err
}

// A library each is how work is shared: nobody is ever turned away.
func TestLibraryForEachGoroutine(t *testing.T) {
	m := module(t, wasm.Vec)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for range 20 {
				lib, err := m.Instantiate(bg)
				if err != nil {
					t.Error(err)
					return
				}
				dot, err := lib.Func("dot(x: f64[n], y: f64[n], n: size) -> f64")
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 20 {
					x := []float64{float64(worker), float64(i), 1}
					r, err := dot.Call(bg, x, x)
					if err != nil || r.Float64() != float64(worker*worker+i*i+1) {
						t.Error(r.Float64(), err)
					}
				}
				if err := lib.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
