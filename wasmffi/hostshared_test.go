package wasmffi_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Whoever is called by a library cannot enter it.
func TestImportBusy(t *testing.T) {
	var lib *wasmffi.Library
	var f *wasmffi.Func
	var errs []error
	lib = openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.scale": {sigScale, func(x float64) float64 {
		note := func(_ any, err error) { errs = append(errs, err) }
		note(f.Call(bg, x))
		note(lib.Array([]float64{1}))
		note(lib.Empty(memview.F64, 1))
		note(lib.Func(callScale))
		note(lib.Snapshot())
		note(nil, lib.Reset(bg, nil))
		note(lib.FuncAt(1, "func()"))
		return 2 * x
	}}}))
	f = bind(t, lib, callScale)
	require.Equal(t, 3.0, call(t, f, 1.5).Float64())
	for i, err := range errs {
		if i == 3 && err == nil {
			continue // to bind does not enter
		}
		require.ErrorIs(t, err, wasmffi.ErrBusy, i)
	}
	require.Equal(t, 3.0, call(t, f, 1.5).Float64())
}

// A Go function may enter another library, of the same module even.
func TestImportOfAnother(t *testing.T) {
	var libs [3]*wasmffi.Library
	depth := 0
	m := compile(t, bare(wasm.Imports), given(t, map[string]goFunc{"env.scale": {sigScale, func(x float64) (float64, error) {
		if depth++; depth == len(libs) {
			depth = 0
			return 0, &coded{9}
		}
		f, err := libs[depth].Func(callScale)
		if err != nil {
			return 0, err
		}
		r, err := f.Call(bg, x+1)
		if err != nil {
			return 0, err
		}
		return r.Float64(), nil
	}}}))
	for i := range libs {
		libs[i] = instance(t, m)
	}
	_, err := bind(t, libs[0], callScale).Call(bg, 1)
	var own *coded
	require.ErrorAs(t, err, &own)
	require.EqualError(t, err, strings.Repeat("call_scale: env.scale: ", 3)+"code 9")
	for _, lib := range libs {
		_, err := lib.Empty(memview.F64, 1)
		require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	}
}

// One HostFunc and one module serve many instances at once, each with its own memory.
func TestImportShared(t *testing.T) {
	m := compile(t, bare(wasm.Imports), given(t, map[string]goFunc{
		"env.sum": {sigSum, func(x []float64) float64 {
			s := 0.0
			for i, v := range x {
				s += v
				x[i] = -v
			}
			return s
		}},
		"env.scale": {sigScale, func(a *wasmffi.Args) error {
			a.SetFloat64(2 * a.Float64(0))
			return nil
		}},
		"env.missing": {"func(x: i32) -> i32", func(ctx context.Context, x int32) (int32, error) { return x + 1, nil }},
	}))
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			for round := range 5 {
				lib, err := m.Instantiate(bg)
				if err != nil {
					t.Error(err)
					return
				}
				sum, scale, missing := bind(t, lib, callSum), bind(t, lib, "scale_all(x: inout f64[n], n: size)"), bind(t, lib, callMissing)
				x := filled(100+k, float64(k+1))
				a := array(t, lib, x)
				for i := range 20 {
					r, err := sum.Call(bg, a)
					want := float64((100 + k) * (k + 1))
					if i%2 == 1 {
						want = -want
					}
					if err != nil || r.Float64() != want {
						t.Errorf("instance %d, round %d: got %v, %v, want %v", k, round, r.Float64(), err, want)
						return
					}
					if r, err := missing.Call(bg, i); err != nil || r.Int() != int64(i+1) {
						t.Errorf("got %v, want %d", err, i+1)
					}
				}
				if _, err := scale.Call(bg, x); err != nil || x[0] != float64(2*k+2) {
					t.Errorf("got %v, %v", x[0], err)
				}
				if err := lib.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
