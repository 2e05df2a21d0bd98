package wasmffi_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// raw is an instance that wazero made without us.
func raw(t testing.TB, code []byte) api.Module {
	t.Helper()
	r := wazero.NewRuntime(bg)
	t.Cleanup(func() { require.NoError(t, r.Close(bg)) })
	_, err := wasi_snapshot_preview1.Instantiate(bg, r)
	require.NoError(t, err)
	m, err := r.InstantiateWithConfig(bg, code, wazero.NewModuleConfig().WithStartFunctions("_initialize"))
	require.NoError(t, err)
	return m
}

func TestAdopt(t *testing.T) {
	m := raw(t, wasm.Vec)
	lib, err := wasmffi.Adopt(m)
	require.NoError(t, err)
	dot := bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	require.Equal(t, 32.0, call(t, dot, []float64{1, 2, 3}, []float64{4, 5, 6}).Float64())

	// Arrays follow a memory that moves.
	a := array(t, lib, []float64{1, 2, 3})
	before := m.Memory().Size()
	big, err := lib.Empty(memview.U8, 8<<20)
	require.NoError(t, err)
	require.Greater(t, m.Memory().Size(), before)
	require.NoError(t, a.Set(7.0, 0))
	require.Equal(t, 12.0, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), a).Float64())
	v, ok := m.Memory().ReadFloat64Le(uint32(a.Ptr()))
	require.True(t, ok)
	require.Equal(t, 7.0, v)
	require.NoError(t, lib.Free(big))

	_, err = dot.Call(bg, a, []float64{1})
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = dot.Call(bg, array(t, open(t, wasm.Vec), []float64{1}), a)
	require.ErrorIs(t, err, wasmffi.ErrMemory)

	_, err = lib.Snapshot()
	require.ErrorIs(t, err, wasmffi.ErrCannotReset)
	require.ErrorIs(t, lib.Reset(bg, nil), wasmffi.ErrCannotReset)
	_, err = lib.Callback("func()", func() {})
	require.ErrorIs(t, err, wasmffi.ErrCallback)
	require.Equal(t, 12.0, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), a).Float64())

	mt, ok := lib.Module().Memory()
	require.True(t, ok)
	require.Equal(t, []string{"memory"}, mt.Names)
	require.NotEmpty(t, lib.Module().Exports())
	require.Empty(t, lib.Module().Imports())
	_, err = lib.Module().Instantiate(bg)
	require.Error(t, err)
	require.NoError(t, lib.Free(a))
	require.NoError(t, lib.CheckLeaks())

	require.NoError(t, lib.Close())
	require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrClosed)
	require.False(t, m.IsClosed())
	again, err := wasmffi.Adopt(m)
	require.NoError(t, err)
	sum := bind(t, again, "sum(x: f64[n], n: size) -> f64")
	require.Equal(t, 3.0, call(t, sum, []float64{1, 2}).Float64())
	require.NoError(t, m.Close(bg))
	_, err = sum.Call(bg, []float64{1, 2})
	require.Error(t, err)
	_, err = wasmffi.Adopt(m)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
	require.NoError(t, again.Close())
	require.PanicsWithValue(t, "wasmffi: Adopt: nil module", func() { wasmffi.Adopt(nil) })
}

func TestAdoptTraps(t *testing.T) {
	lib, err := wasmffi.Adopt(raw(t, wasm.Traps))
	require.NoError(t, err)
	for _, x := range lib.Module().Exports() {
		if len(x.Type.Params)+len(x.Type.Results) > 0 || x.Name == "_initialize" {
			continue
		}
		f, err := lib.Func(x.Name + "()")
		require.NoError(t, err)
		if _, err = f.Call(bg); err != nil {
			_, err = f.Call(bg)
			require.ErrorIs(t, err, wasmffi.ErrPoisoned)
			return
		}
	}
}

func TestSymbol(t *testing.T) {
	lib := open(t, wasm.Data)
	p, err := lib.Symbol("weights")
	require.NoError(t, err)
	w, err := memview.AsArray(lib.Memory(), p, memview.F64, 4)
	require.NoError(t, err)
	before := call(t, bind(t, lib, "weighted(x: f64[4]) -> f64"), []float64{1, 0, 0, 0}).Float64()
	require.Equal(t, before, values[float64](t, w)[0])
	require.NoError(t, w.Set(before+1, 0))
	require.Equal(t, before+1, call(t, bind(t, lib, "weighted(x: f64[4]) -> f64"), []float64{1, 0, 0, 0}).Float64())

	for name, text := range map[string]string{
		"weight":           `data "weight"; did you mean weights?`,
		"memory":           `data "memory"; the module exports `,
		"get_version":      `data "get_version"; the module exports `,
		"__stack_pointer":  `"__stack_pointer" is `,
		"wasmffi.global.0": `data "wasmffi.global.0"; the module exports `,
	} {
		_, err := lib.Symbol(name)
		require.ErrorIs(t, err, wasmffi.ErrNotFound, name)
		require.ErrorContains(t, err, text)
	}
	require.NoError(t, lib.Close())
	_, err = lib.Symbol("weights")
	require.ErrorIs(t, err, wasmffi.ErrClosed)
}

// An instance that the caller has made with the engine gets checked calls.
func ExampleAdopt() {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	m, err := r.Instantiate(ctx, wasm.Vec)
	if err != nil {
		fmt.Println(err)
		return
	}
	lib, err := wasmffi.Adopt(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	dot, err := lib.Func("dot(x: f64[n], y: f64[n], n: size) -> f64")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = dot.Call(ctx, []float64{1, 2, 3}, []float64{4, 5})
	fmt.Println(err)
	// Output: dot: argument 2 "y": shape[0] is 2, want n=3 (from x.shape[0])
}

func ExampleLibrary_Symbol() {
	ctx := context.Background()
	lib, err := wasmffi.LoadLibrary(ctx, "data", "../testdata/wasm", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lib.Close()
	p, err := lib.Symbol("weights") // double weights[4]
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := memview.AsArray(lib.Memory(), p, memview.F64, 4)
	fmt.Println(w, err)
	// Output: [0.5   0.25  0.125 0.125] <nil>
}
