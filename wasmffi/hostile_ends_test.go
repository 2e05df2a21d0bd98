package wasmffi_test

import (
	"errors"
	"runtime"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// What may become of an attack.

// stopped is a call that ends in each of those ways; then the library is poisoned until it is reset, and a
// new one of the same module is not.
func stopped(ways ...way) func(*attack) {
	return func(a *attack) {
		for _, w := range ways {
			m := a.module(w.limit)
			lib, f := a.start(m)
			a.stop(w, f)
			a.poisoned(lib, f)
			a.stop(w, f)
			require.NoError(a, lib.Close())
			lib, f = a.start(m)
			a.stop(w, f)
			require.NoError(a, errors.Join(lib.Close(), m.Close()))
		}
	}
}

// stop is one call that is stopped.
func (a *attack) stop(w way, f *wasmffi.Func) {
	a.Helper()
	ctx, cancel := w.ctx()
	defer cancel()
	err := a.during(func() error {
		_, err := f.Call(ctx)
		return err
	})
	require.ErrorIs(a, err, wasmffi.ErrStopped, w.name)
	require.ErrorIs(a, err, w.want, w.name)
	require.NotErrorIs(a, err, wasmffi.ErrNotRun, w.name)
}

// poisoned requires that a library is, and resets it.
func (a *attack) poisoned(lib *wasmffi.Library, f *wasmffi.Func) {
	a.Helper()
	_, err := f.Call(bg)
	require.ErrorIs(a, err, wasmffi.ErrPoisoned)
	require.ErrorIs(a, err, wasmffi.ErrNotRun)
	require.NoError(a, lib.Reset(bg, nil))
}

// neverStarted is a guest of which there is no instance, because its start function or constructor is stopped.
func neverStarted(ways ...way) func(*attack) {
	return func(a *attack) {
		for _, w := range ways {
			m := a.module(w.limit)
			for range 2 {
				ctx, cancel := w.ctx()
				err := a.during(func() error {
					_, err := m.Instantiate(ctx)
					return err
				})
				cancel()
				require.ErrorIs(a, err, wasmffi.ErrStopped, w.name)
				require.ErrorIs(a, err, w.want, w.name)
			}
			require.NoError(a, m.Close())
		}
	}
}

// failsToStart is one whose start function or constructor ends with all these errors.
func failsToStart(kinds ...error) func(*attack) {
	return func(a *attack) {
		m := a.module(nil)
		for range 3 {
			err := a.during(func() error {
				_, err := m.Instantiate(bg)
				return err
			})
			for _, kind := range kinds {
				require.ErrorIs(a, err, kind)
			}
			require.Error(a, err)
		}
		require.NoError(a, m.Close())
	}
}

// refused is a guest that is not compiled, for a reason of one of these kinds which says so.
func refused(kind error, text string) func(*attack) {
	return func(a *attack) {
		for range 3 {
			err := a.during(func() error {
				_, err := a.compile(nil)
				return err
			})
			require.ErrorIs(a, err, kind)
			require.ErrorContains(a, err, text)
		}
	}
}

// returns is an attack that comes to an end, and may be repeated. The check looks at what it has done.
func returns(check func(a *attack, lib *wasmffi.Library)) func(*attack) {
	return func(a *attack) {
		m := a.module(nil)
		lib, f := a.start(m)
		for range 2 {
			require.NoError(a, a.during(func() error {
				_, err := f.Call(bg)
				return err
			}))
			if check != nil {
				check(a, lib)
			}
			require.NoError(a, lib.Reset(bg, nil))
		}
		require.NoError(a, errors.Join(lib.Close(), m.Close()))
	}
}

// traps is an attack that ends by a trap with these codes, also after a reset and in another instance.
func traps(kinds ...error) func(*attack) {
	return func(a *attack) {
		m := a.module(nil)
		for range 2 {
			lib, f := a.start(m)
			for range 2 {
				err := a.during(func() error {
					_, err := f.Call(bg)
					return err
				})
				require.ErrorAs(a, err, new(*wasmffi.Trap))
				for _, kind := range kinds {
					require.ErrorIs(a, err, kind)
				}
				a.poisoned(lib, f)
			}
			require.NoError(a, lib.Close())
		}
		require.NoError(a, m.Close())
	}
}

// stackOverflow is a recursion without end. The stack of tens of megabytes is given back when the call has failed, while the
// library and all its functions are still there.
func stackOverflow(a *attack) {
	m := a.module(nil)
	lib, f := a.start(m)
	g, err := f.WithLimits(wasmffi.CallLimits{Fuel: 1 << 40})
	require.NoError(a, err)
	before := settle(a.T, func(footprint) bool { return true })
	for _, f := range []*wasmffi.Func{f, g, bind(a, lib, "attack()")} {
		err := a.during(func() error {
			_, err := f.Call(bg)
			return err
		})
		require.ErrorIs(a, err, wasmffi.ErrStackOverflow)
		require.NotErrorIs(a, err, wasmffi.ErrStopped)
		after := settle(a.T, func(now footprint) bool { return nearResident(now.resident, before.resident) })
		require.True(a, nearResident(after.resident, before.resident), "before: %v; after: %v", before, after)
		a.poisoned(lib, f)
	}
	require.NoError(a, errors.Join(lib.Close(), m.Close()))
}

// stacksReturned requires that stacks which were deep are given back while the library is open.
func stacksReturned(a *attack) {
	m := a.module(nil)
	lib, f := a.start(m)
	before := settle(a.T, func(footprint) bool { return true })
	for _, x := range m.Exports() {
		f = bind(a, lib, x.Name+"()")
		require.NoError(a, a.during(func() error {
			_, err := f.Call(bg)
			return err
		}))
	}
	after := settle(a.T, func(now footprint) bool { return nearResident(now.resident, before.resident) })
	require.True(a, nearResident(after.resident, before.resident), "before: %v; after: %v", before, after)
	runtime.KeepAlive(f)
	require.NoError(a, errors.Join(lib.Close(), m.Close()))
}

// stoppedOrOverflows is a recursion that is deep, and ends by whichever comes first.
func stoppedOrOverflows(ways ...way) func(*attack) {
	return func(a *attack) {
		for _, w := range ways {
			m := a.module(w.limit)
			lib, f := a.start(m)
			for range 2 {
				ctx, cancel := w.ctx()
				err := a.during(func() error {
					_, err := f.Call(ctx)
					return err
				})
				cancel()
				if !errors.Is(err, wasmffi.ErrStackOverflow) {
					require.ErrorIs(a, err, wasmffi.ErrStopped, w.name)
					require.ErrorIs(a, err, w.want, w.name)
				}
				a.poisoned(lib, f)
			}
			require.NoError(a, errors.Join(lib.Close(), m.Close()))
		}
	}
}
