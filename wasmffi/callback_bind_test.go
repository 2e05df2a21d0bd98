package wasmffi_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestBindCallbacks(t *testing.T) {
	lib := open(t, wasm.Callback)
	integrate, err := wasmffi.Bind[func(context.Context, wasmffi.Callback, float64, float64, int32) (float64, error)](lib, sigIntegrate)
	require.NoError(t, err)
	sin := callback(t, lib, "func(f64) -> f64", math.Sin)
	v, err := integrate(bg, sin, 0, math.Pi, 100)
	require.NoError(t, err)
	require.InDelta(t, 2, v, 1e-6)

	get, err := wasmffi.Bind[func(context.Context, int32) (*wasmffi.Func, error)](lib, "get_op(k: i32) -> func(f64) -> f64 nullable")
	require.NoError(t, err)
	op, err := get(bg, 0)
	require.NoError(t, err)
	require.Equal(t, "func(f64) -> f64 @", op.Name()[:18])
	_, err = op.Call(bg, 1)
	require.NoError(t, err)
	_, err = get(bg, -1)
	require.ErrorIs(t, err, memview.ErrNull)

	_, err = wasmffi.Bind[func(context.Context, func(float64) float64, float64, float64, int32) (float64, error)](lib, sigIntegrate)
	require.ErrorContains(t, err, "want wasmffi.Callback")

	// Prepared calls notice that a callback was closed.
	p, err := bind(t, lib, sigIntegrate).Prepare(sin, 0, 1, 10)
	require.NoError(t, err)
	_, err = p.Call(bg)
	require.NoError(t, err)
	require.NoError(t, sin.Close())
	_, err = p.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}
