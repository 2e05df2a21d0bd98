package wasmffi_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestExitZero(t *testing.T) {
	lib := open(t, wasm.Exit)
	exit := bind(t, lib, "exit_with(code: i32)")
	half := bind(t, lib, "half_then_exit(x: inout f64[n], n: size, code: i32)")
	resident := array(t, lib, []float64{1, 2, 3, 4})
	x := []float64{1, 2, 3, 4}
	for range 10_000 { // more often than an unrestored stack of 1 MiB would bear
		_, err := exit.Call(bg, 0)
		var e *wasmffi.ExitError
		require.ErrorAs(t, err, &e)
		if *e != (wasmffi.ExitError{Func: "exit_with", Code: 0}) {
			t.Fatal(err)
		}
	}
	for range 1000 {
		_, err := half.Call(bg, x, 0)
		require.EqualError(t, err, "half_then_exit: guest exited with code 0")
		require.NotErrorIs(t, err, wasmffi.ErrNotRun)
		require.Equal(t, []float64{1, 2, 3, 4}, x) // not a success: nothing is copied back
	}
	_, err := half.Call(bg, resident, 0)
	require.Error(t, err)
	require.Equal(t, []float64{-1, -1, 3, 4}, values[float64](t, resident))
	require.NoError(t, lib.Free(resident))
}

func TestExitOtherCodes(t *testing.T) {
	for _, code := range []int32{1, 2, 255, -1, -2, 0x7fffffff, -0x10000001 /* the engine's own for a deadline */} {
		lib := open(t, wasm.Exit)
		exit := bind(t, lib, "exit_with(code: i32)")
		_, err := exit.Call(bg, code)
		var e *wasmffi.ExitError
		require.ErrorAs(t, err, &e)
		require.Equal(t, wasmffi.ExitError{Func: "exit_with", Code: uint32(code)}, *e)
		require.NotErrorIs(t, err, wasmffi.ErrStopped)
		require.NotErrorIs(t, err, context.Canceled)
		poisoned(t, lib, exit, 0)
	}
	lib := open(t, wasm.Exit)
	half := bind(t, lib, "half_then_exit(x: inout f64[n], n: size, code: i32)")
	x := []float64{1, 2}
	_, err := half.Call(bg, x, 3)
	require.EqualError(t, err, "half_then_exit: guest exited with code 3")
	require.Equal(t, []float64{1, 2}, x)
	poisoned(t, lib, half, x, 0)
}

// A guest that exits does not take its neighbours along.
func TestExitOfOneInstance(t *testing.T) {
	one, two := open(t, wasm.Exit), open(t, wasm.Exit)
	_, err := bind(t, one, "exit_with(code: i32)").Call(bg, 1)
	require.Error(t, err)
	a := array(t, two, []float64{1})
	require.Equal(t, []float64{1}, values[float64](t, a))
	_, err = bind(t, two, "exit_with(code: i32)").Call(bg, 0)
	require.Error(t, err)
	require.NoError(t, two.Free(a))
}
