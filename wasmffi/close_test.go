package wasmffi_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestCloseEndsEverything(t *testing.T) {
	lib := open(t, wasm.Vec)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	a := array(t, lib, []float64{1, 2, 3})
	view := must(a.Sub(0, 1, 3, 1))
	primes := call(t, bind(t, lib, "primes() -> f64[16]")).Array()
	r := call(t, stencil, []float64{1, 2, 3})
	s, err := memview.Slice[float64](a)
	require.NoError(t, err)
	m, err := memview.AsMat[float64](must(a.Reshape(1, 3)))
	require.NoError(t, err)
	mem := lib.Memory()
	require.Equal(t, []float64{1, 2, 3}, s)

	require.NoError(t, lib.Close())
	require.NoError(t, lib.Close())
	require.NoError(t, lib.CloseContext(bg))
	done, cancel := context.WithCancel(bg)
	cancel()
	require.NoError(t, lib.CloseContext(done)) // it is closed, whatever the context says

	require.Equal(t, []float64{0, 0, 0}, s) // not a fault
	s[0] = 1                                // nor is this
	require.Equal(t, 1.0, m.At(0, 0))
	for _, gone := range []wasmffi.Array{a, view, primes, r.Out("y"), a.ReadOnly()} {
		require.ErrorIs(t, gone.CheckAlive(), wasmffi.ErrClosed)
		_, err = memview.Values[float64](gone)
		require.ErrorIs(t, err, wasmffi.ErrClosed)
		_, err = gone.At(0)
		require.ErrorIs(t, err, wasmffi.ErrClosed)
		_, err = memview.Slice[float64](gone.ReadOnly())
		require.Error(t, err)
		require.NotPanics(t, func() { _ = gone.String() })
	}
	require.ErrorIs(t, a.Zero(), wasmffi.ErrClosed)
	require.ErrorIs(t, a.Set(1.0, 0), wasmffi.ErrClosed)
	require.Zero(t, mem.Size())
	_, err = mem.Bytes(64, 1)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	_, err = memview.AsArray(mem, 64, memview.U8, 1)
	require.Error(t, err)

	for _, args := range [][]any{{a}, {[]float64{1}}, {}, {"nonsense"}} {
		_, err = sum.Call(bg, args...)
		require.ErrorIs(t, err, wasmffi.ErrClosed)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		require.EqualError(t, err, "sum: memory is closed")
	}
	_, err = lib.Func("sum(x: f64[n], n: size) -> f64")
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	_, err = lib.Empty(memview.U8, 1)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = lib.Array([]uint8{1})
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	_, err = lib.Array(a)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	require.ErrorIs(t, lib.Free(a), wasmffi.ErrClosed)
	require.NoError(t, r.Free()) // its memory is gone with the library
	_, err = wasmffi.Take[float64](r, "y")
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	require.NotEmpty(t, lib.Module().Exports())
}

func TestModuleClosesAfterItsLibraries(t *testing.T) {
	m, err := wasmffi.Compile(bg, wasm.Vec, nil)
	require.NoError(t, err)
	one, err := m.Instantiate(bg)
	require.NoError(t, err)
	two, err := m.Instantiate(bg)
	require.NoError(t, err)
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	_, err = m.Instantiate(bg)
	require.EqualError(t, err, "wasmffi: module module: module is closed")
	for _, lib := range []*wasmffi.Library{one, two} { // they run on, each with a memory of its own
		require.Equal(t, 14.0, call(t, bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64"), []float64{1, 2, 3}, []float64{1, 2, 3}).Float64())
		require.NoError(t, lib.Close())
	}
	require.NotEmpty(t, m.Exports()) // what it was can still be asked
	require.Equal(t, "module", m.Name())
	require.Equal(t, len(wasm.Vec), m.Size())
}

func TestLibrariesAreIndependent(t *testing.T) {
	one, two := open(t, wasm.Mem), open(t, wasm.Mem)
	for want := range 3 {
		require.EqualValues(t, want+1, call(t, bind(t, one, "counter() -> i32")).Int())
	}
	require.EqualValues(t, 1, call(t, bind(t, two, "counter() -> i32")).Int())
	before := digest(t, two)
	call(t, bind(t, one, "poke(p: u32, v: u32)"), 4096, 1)
	call(t, bind(t, one, "grow(pages: u32) -> i32"), 10)
	require.Equal(t, before, digest(t, two))
	require.NoError(t, one.Close())
	require.EqualValues(t, 2, call(t, bind(t, two, "counter() -> i32")).Int())
}

// untilFree repeats a call that met one of the test's own probes inside.
func untilFree(call func() error) error {
	for {
		if err := call(); !errors.Is(err, wasmffi.ErrBusy) {
			return err
		}
	}
}

// spinning starts a call that ends only with its context.
func spinning(t *testing.T, ctx context.Context) (*wasmffi.Library, *wasmffi.Func, chan error) {
	t.Helper()
	lib := openWith(t, wasm.Traps, wasmffi.Options{})
	spin := bind(t, lib, "spin()")
	done := make(chan error, 1)
	go func() { done <- untilFree(func() error { _, err := spin.Call(ctx); return err }) }()
	require.Eventually(t, func() bool { // until it is inside
		a, err := lib.Empty(memview.U8, 1)
		if err == nil {
			return lib.Free(a) != nil
		}
		return errors.Is(err, wasmffi.ErrBusy)
	}, 5*time.Second, 100*time.Microsecond)
	return lib, spin, done
}

func TestBusy(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(bg)
	defer cancel(nil)
	lib, spin, done := spinning(t, ctx)
	_, err := spin.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrBusy)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.EqualError(t, err, "spin: library is busy: a call is inside, and each goroutine needs an instance of its own")
	require.ErrorIs(t, lib.Free(wasmffi.Array{}), wasmffi.ErrBusy)
	_, err = lib.Array([]uint8{1})
	require.ErrorIs(t, err, wasmffi.ErrBusy)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	f, err := lib.Func("div0(a: i32, b: i32) -> i32") // binding does not enter
	require.NoError(t, err)
	_, err = f.Call(bg, 1, 1)
	require.ErrorIs(t, err, wasmffi.ErrBusy)
	_, err = f.Call(bg, "nonsense")
	require.ErrorIs(t, err, wasmffi.ErrBusy)

	cancel(cause)
	err = <-done
	require.ErrorIs(t, err, wasmffi.ErrStopped)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, wasmffi.ErrNotRun)
	require.EqualError(t, err, "spin: stopped: enough")
	poisoned(t, lib, spin)
}

func TestStoppedByDeadline(t *testing.T) {
	lib := openWith(t, wasm.Traps, wasmffi.Options{})
	ctx, cancel := context.WithTimeout(bg, 10*time.Millisecond)
	defer cancel()
	_, err := bind(t, lib, "spin()").Call(ctx)
	require.ErrorIs(t, err, wasmffi.ErrStopped)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	var exit *wasmffi.ExitError
	require.False(t, errors.As(err, &exit))
	poisoned(t, lib, bind(t, lib, "recurse(n: i32) -> i32"), 1)

	// A call that ends in time is not affected, nor is the next one.
	lib = openWith(t, wasm.Traps, wasmffi.Options{})
	f := bind(t, lib, "recurse(n: i32) -> i32")
	for range 10 {
		ctx, cancel := context.WithTimeout(bg, time.Minute)
		_, err = f.Call(ctx, 10)
		require.NoError(t, err)
		cancel()
	}
	_, err = bind(t, lib, "unreachable_()").Call(bg)
	require.ErrorIs(t, err, wasmffi.Unreachable)
}

// Close waits for the call in flight.
func TestCloseWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	lib, spin, done := spinning(t, ctx)
	kept := must(memview.AsArray(lib.Memory(), 1024, memview.U8, 4))

	short, stop := context.WithTimeoutCause(bg, 5*time.Millisecond, errors.New("no patience"))
	defer stop()
	require.EqualError(t, lib.CloseContext(short), "wasmffi: close: no patience")
	require.NoError(t, kept.CheckAlive()) // still there: the guest is inside
	_, err := spin.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrClosed) // but nobody comes in any more
	_, err = lib.Func("spin()")
	require.ErrorIs(t, err, wasmffi.ErrClosed)

	closed := make(chan error, 2)
	for range 2 {
		go func() { closed <- lib.Close() }()
	}
	select {
	case err := <-closed:
		t.Fatal("closed while a call was inside: ", err)
	case <-time.After(5 * time.Millisecond):
	}
	cancel()
	require.ErrorIs(t, <-done, wasmffi.ErrStopped)
	require.NoError(t, <-closed)
	require.NoError(t, <-closed)
	require.ErrorIs(t, kept.CheckAlive(), wasmffi.ErrClosed)
}

// A call during which Close was asked for still gives its results, in Go memory.
func TestCloseDuringCall(t *testing.T) {
	lib := open(t, wasm.Vec)
	const n = 360
	matmul := bind(t, lib, "matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)")
	ones := make([]float64, n*n)
	for i := range ones {
		ones[i] = 1
	}
	a, c := goArray(t, ones, n, n), make([]float64, n*n)
	done := make(chan error, 1)
	go func() {
		done <- untilFree(func() error { _, err := matmul.Call(bg, a, a, goArray(t, c, n, n)); return err })
	}()
	require.Eventually(t, func() bool { // until it is inside, or over already
		_, err := lib.Empty(memview.U8, 0)
		return errors.Is(err, wasmffi.ErrBusy) || len(done) > 0
	}, 5*time.Second, 100*time.Microsecond)
	require.NoError(t, lib.Close())
	require.NoError(t, <-done)
	require.Equal(t, float64(n), c[0])
	require.Equal(t, float64(n), c[n*n-1])
}
