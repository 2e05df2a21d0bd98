package wasmffi_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// What hostile guests are run with.

func withThreads(*testing.T) wasmffi.Options { return wasmffi.Options{Threads: true} }

func withExceptions(*testing.T) wasmffi.Options { return wasmffi.Options{Exceptions: true} }

func withClocks(*testing.T) wasmffi.Options {
	return wasmffi.Options{WASI: wasmffi.WASI{Clocks: true}}
}

func strict(*testing.T) wasmffi.Options { return wasmffi.Options{StrictImports: true} }

func withLimits(l wasmffi.Limits) func(*testing.T) wasmffi.Options {
	return func(*testing.T) wasmffi.Options { return wasmffi.Options{Limits: l} }
}

func ticking(t *testing.T) wasmffi.Options {
	return given(t, map[string]goFunc{"env.tick": {"func()", func() {}}})
}

// zeros can be read without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func reading(*testing.T) wasmffi.Options {
	return wasmffi.Options{WASI: wasmffi.WASI{Stdin: zeros{}}}
}

// What is particular to one of them.

// memoryIs requires that the guest got all memory that it may have, and no more.
func memoryIs(bytes uint64) func(*attack, *wasmffi.Library) {
	return func(a *attack, lib *wasmffi.Library) {
		a.Helper()
		require.Equal(a, bytes, lib.Memory().Size())
	}
}

// allocatorLoops stops malloc and free, which are called without a context, and for the arrays of a call.
func allocatorLoops(a *attack) {
	for _, w := range []way{byTime, byFuel} {
		m := a.module(w.limit)
		lib, f := a.start(m)
		for _, ask := range []func() error{
			func() error { _, err := lib.Empty(memview.F64, 10); return err },
			func() error { _, err := lib.Array([]float64{1, 2, 3}); return err },
		} {
			err := a.during(ask)
			require.ErrorIs(a, err, wasmffi.ErrStopped, w.name)
			require.ErrorIs(a, err, w.want, w.name)
			a.poisoned(lib, f)
		}
		require.NoError(a, errors.Join(lib.Close(), m.Close()))
	}
}

// trapsUnderSlices lets the guest trap while Go has slices of its memory.
func trapsUnderSlices(a *attack) {
	m := a.module(nil)
	lib, f := a.start(m)
	view := array(a.T, lib, make([]float64, 600))
	slice := sliceOf(a.T, view)
	s, err := lib.Snapshot()
	require.NoError(a, err)
	for range 3 {
		slice[0], slice[599] = 1, 2
		err := a.during(func() error {
			_, err := f.Call(bg)
			return err
		})
		require.ErrorIs(a, err, wasmffi.Unreachable)
		require.NoError(a, view.CheckAlive())
		require.NotEqual(a, 1.0, slice[0], "the guest wrote to it")
		slice[1] = 3
		require.Equal(a, 3.0, values[float64](a, view)[1])
		_, err = f.Call(bg)
		require.ErrorIs(a, err, wasmffi.ErrPoisoned)
		require.NoError(a, lib.Reset(bg, s))
		require.Zero(a, slice[0])
	}
	require.NoError(a, errors.Join(s.Close(), lib.Close(), m.Close()))
	usable(a.T, slice)
	require.Error(a, view.CheckAlive())
}

// exitsAtStart is proc_exit before there is an instance.
func exitsAtStart(a *attack) {
	m := a.module(nil)
	for range 3 {
		err := a.during(func() error {
			_, err := m.Instantiate(bg)
			return err
		})
		var exit *wasmffi.ExitError
		require.ErrorAs(a, err, &exit)
		require.EqualValues(a, 3, exit.Code)
	}
	require.NoError(a, m.Close())
}

// callbackStorm gives the guest a function pointer to call for ever.
func callbackStorm(a *attack) {
	for _, w := range byAll {
		m := a.module(w.limit)
		lib, f := a.start(m)
		calls := 0
		for range 2 {
			cb, err := lib.Callback("func(i32) -> i32", func(x int32) int32 { calls++; return x })
			require.NoError(a, err)
			call(a, bind(a, lib, "give(f: func(i32) -> i32)"), cb)
			a.stop(w, f)
			require.Positive(a, calls)
			a.poisoned(lib, f)
			require.NoError(a, cb.Close())
		}
		require.NoError(a, errors.Join(lib.Close(), m.Close()))
	}
}

// reenters lets the host call the library that calls it, in every way that there is, and another instance of it.
func reenters(a *attack) {
	var lib, other *wasmffi.Library
	var f *wasmffi.Func
	var errs []error
	depth := 0
	a.options = given(a.T, map[string]goFunc{"env.reenter": {"func()", func(ctx context.Context) {
		if depth++; depth > 1 {
			return
		}
		_, err := f.Call(ctx)
		errs = append(errs, err, lib.Reset(ctx, nil))
		_, err = lib.Snapshot()
		errs = append(errs, err)
		g, err := other.Func("attack()")
		require.NoError(a, err)
		_, err = g.Call(ctx)
		require.NoError(a, err, "that is another instance")
	}}})
	a.options.Cache = wasmffi.NewCache(0)
	m := a.module(nil)
	other, _ = a.start(m)
	lib, f = a.start(m)
	for range 2 {
		depth, errs = 0, nil
		require.NoError(a, a.during(func() error {
			_, err := f.Call(bg)
			return err
		}))
		require.Len(a, errs, 3)
		for _, err := range errs {
			require.ErrorIs(a, err, wasmffi.ErrBusy)
			require.ErrorIs(a, err, wasmffi.ErrNotRun)
		}
		require.Equal(a, 2, depth)
	}
	a.note(0, errs[0])
	require.NoError(a, errors.Join(lib.Close(), other.Close(), m.Close()))
}

// slowWriter takes its time, and counts.
type slowWriter struct{ n int }

func (w *slowWriter) Write(b []byte) (int, error) {
	time.Sleep(10 * time.Microsecond)
	w.n += len(b)
	return len(b), nil
}

// floods requires that the writer gets just as many bytes as a call may write.
func floods(limit uint64) func(*attack) {
	return func(a *attack) {
		var out slowWriter
		var _ io.Writer = &out
		a.options.WASI.Stdout, a.options.WASI.Stderr = &out, &out
		w := byOutput(limit)
		m := a.module(w.limit)
		lib, f := a.start(m)
		for range 2 {
			out.n = 0
			a.stop(w, f)
			require.EqualValues(a, limit, out.n)
			a.poisoned(lib, f)
		}
		require.NoError(a, errors.Join(lib.Close(), m.Close()))
	}
}
