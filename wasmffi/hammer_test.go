package wasmffi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Many goroutines use, free and close the same libraries. Every answer is
// either right or says that the library is busy or closed.
func TestHammer(t *testing.T) {
	m := module(t, wasm.Vec)
	expected := func(err error) bool {
		return errors.Is(err, wasmffi.ErrBusy) || errors.Is(err, wasmffi.ErrClosed)
	}
	var right, turned atomic.Int64
	deadline := time.Now().Add(2 * time.Second)
	for seed := uint64(0); time.Now().Before(deadline); seed++ {
		lib, err := m.Instantiate(bg)
		require.NoError(t, err)
		shared := array(t, lib, []float64{1, 2, 3})
		var wg sync.WaitGroup
		fail := make(chan error, 64)
		for worker := range uint64(4) {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(seed, worker))
				sum, err := lib.Func("sum(x: f64[n], n: size) -> f64")
				if err != nil {
					if !expected(err) {
						fail <- err
					}
					return
				}
				stencil, err := lib.Func("stencil3(x: f64[n], y: out f64[n], n: size)")
				if err != nil {
					if !expected(err) {
						fail <- err
					}
					return
				}
				for range 60 {
					n := 1 + r.IntN(50)
					x, want := make([]float64, n), 0.0
					for i := range x {
						x[i] = float64(r.IntN(100))
						want += x[i]
					}
					var err error
					switch r.IntN(6) {
					case 0:
						var res wasmffi.Result
						if res, err = sum.Call(bg, x); err == nil && res.Float64() != want {
							err = fmt.Errorf("sum is %v, want %v", res.Float64(), want)
						}
					case 1:
						var res wasmffi.Result
						if res, err = sum.Call(bg, shared); err == nil && res.Float64() != 6 {
							err = fmt.Errorf("sum is %v, want 6", res.Float64())
						}
					case 2:
						var res wasmffi.Result
						if res, err = stencil.Call(bg, x); err == nil {
							y := res.Out("y")
							var v []float64
							// Reading does not enter the library: a Close in the midst of it shows zeros, as
							// with a borrowed slice. Whoever must know asks afterwards.
							if v, err = memview.Values[float64](y); err == nil {
								err = y.CheckAlive()
							}
							if err == nil && (len(v) != n || v[0] != x[0] || v[n-1] != x[n-1]) {
								err = fmt.Errorf("stencil3 of %v is %v", x, v)
							}
							if e := res.Free(); err == nil {
								err = e
							}
						}
					case 3:
						var a wasmffi.Array
						if a, err = lib.Array(x); err == nil {
							_ = a.String()
							err = lib.Free(a)
						}
					case 4:
						_, err = shared.At(r.IntN(3))
					case 5:
						if r.IntN(20) == 0 {
							err = lib.Close()
						} else {
							_, err = lib.Func("primes() -> f64[16]")
						}
					}
					switch {
					case err == nil:
						right.Add(1)
					case expected(err):
						turned.Add(1)
					default:
						fail <- err
						return
					}
				}
			})
		}
		wg.Wait()
		close(fail)
		for err := range fail {
			t.Error(err)
		}
		require.NoError(t, lib.Close())
		require.ErrorIs(t, shared.CheckAlive(), wasmffi.ErrClosed)
		if t.Failed() {
			return
		}
	}
	require.NotZero(t, right.Load())
	t.Logf("%d answers, %d turned away", right.Load(), turned.Load())
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
