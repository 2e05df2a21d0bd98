package wasmffi_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestPrepare(t *testing.T) {
	lib := open(t, wasm.Vec)
	dot := bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	x, y := array(t, lib, []float64{1, 2, 3}), array(t, lib, []float64{4, 5, 6})
	p, err := dot.Prepare(x, y)
	require.NoError(t, err)
	require.Same(t, dot, p.Func())
	for range 3 {
		r, err := p.Call(bg)
		require.NoError(t, err)
		require.EqualValues(t, 32, r.Float64())
	}
	// Calls in between, of the same function too, change nothing.
	call(t, dot, x, x)
	require.NoError(t, x.Set(10.0, 0))
	r, err := p.Call(bg)
	require.NoError(t, err)
	require.EqualValues(t, 68, r.Float64())

	_, err = dot.Prepare(x, array(t, lib, []float64{1}))
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.ErrorIs(t, err, constraints.ErrShape)
	cancelled, cancel := context.WithCancelCause(bg)
	cancel(errors.New("enough"))
	_, err = p.Call(cancelled)
	require.EqualError(t, err, "dot: enough")
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.NoError(t, lib.Free(y))
	_, err = p.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrFreed)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}

func TestPreparedStages(t *testing.T) {
	lib := open(t, wasm.Vec)
	scale := bind(t, lib, "scale(x: inout f64[n], n: size, a: f64)")
	x := []float64{1, 2}
	p, err := scale.Prepare(x, 2)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2}, x)
	for range 2 {
		_, err := p.Call(bg)
		require.NoError(t, err)
	}
	require.Equal(t, []float64{4, 8}, x)

	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	p, err = stencil.Prepare(x)
	require.NoError(t, err)
	size := lib.Memory().Size()
	for range 2000 { // each call has an output of its own
		r, err := p.Call(bg)
		require.NoError(t, err)
		require.Equal(t, x, take[float64](t, r, "y"))
	}
	require.Equal(t, size, lib.Memory().Size())
	modf := bind(t, lib, "modf_parts(x: f64, ip: out f64) -> f64")
	p, err = modf.Prepare(2.5)
	require.NoError(t, err)
	for range 2 {
		r, err := p.Call(bg)
		require.NoError(t, err)
		require.Equal(t, []float64{0.5, 2}, []float64{r.Float64(), r.OutFloat("ip")})
	}
}

func TestPreparedLooksAtElementsAgain(t *testing.T) {
	lib := open(t, wasm.Sigs)
	mean := bind(t, lib, "mean(x: f64[n] finite, n: size) -> f64 where n > 0")
	x := []float64{1, 2, 3}
	p, err := mean.Prepare(x)
	require.NoError(t, err)
	_, err = p.Call(bg)
	require.NoError(t, err)
	x[1] = math.NaN()
	_, err = p.Call(bg)
	require.ErrorIs(t, err, constraints.ErrFinite)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}

func TestPreparedHandles(t *testing.T) {
	lib := open(t, wasm.Sigs)
	const decl = "type Setup = opaque free(setup_free); "
	s := call(t, bind(t, lib, decl+"setup_new(n: i32, kind: i32) -> Setup"), 2, 1).Handle()
	p, err := bind(t, lib, decl+"setup_scale(s: Setup, x: inout f64[n], n: size)").Prepare(s, []float64{1, 2})
	require.NoError(t, err)
	_, err = p.Call(bg)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = p.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrFreed)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}

func TestPreparedAllocatesNothing(t *testing.T) {
	lib := open(t, wasm.Vec)
	x, y, z := array(t, lib, []float64{1, 2, 3}), array(t, lib, []float64{4, 5, 6}), array(t, lib, []float64{0, 0, 0})
	for sig, args := range map[string][]any{
		"dot(x: f64[n], y: f64[n], n: size) -> f64":          {x, y},
		"daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])": {2.5, x, y},
		"stencil3(x: f64[n], y: out f64[n], n: size)":        {x, z},
	} {
		p, err := bind(t, lib, sig).Prepare(args...)
		require.NoError(t, err, sig)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if _, err := p.Call(bg); err != nil {
				panic(err)
			}
		}), sig)
	}
}

func TestCheckAll(t *testing.T) {
	lib := open(t, wasm.Vec)
	dot := bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	require.NoError(t, dot.CheckAll([]float64{1}, []float64{2}))
	err := dot.CheckAll([]float32{1}, []int32{2})
	require.EqualError(t, err, "dot: argument 1 \"x\": dtype is float32, want float64\ndot: argument 2 \"y\": dtype is int32, want float64")
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	err = dot.CheckAll("text", 5)
	require.ErrorContains(t, err, "argument 1")
	require.ErrorContains(t, err, "argument 2")
	require.Error(t, dot.CheckAll(1))
}
