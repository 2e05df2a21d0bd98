package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// supply instantiates what the fixture imports asks for, as a module env. What nobody supplies panics with its name.
func supply(t testing.TB, rt wazero.Runtime) {
	t.Helper()
	_, err := rt.NewHostModuleBuilder("env").
		NewFunctionBuilder().WithFunc(func(x float64) float64 { return 10 * x }).Export("scale").
		NewFunctionBuilder().WithFunc(func(_ context.Context, m api.Module, x, n uint32) (s float64) {
		for i := range n {
			v, ok := m.Memory().ReadFloat64Le(x + 8*i)
			if !ok {
				panic("sum: outside memory")
			}
			s += v
		}
		return s
	}).Export("sum").
		NewFunctionBuilder().WithFunc(func(code int32) { panic(fmt.Errorf("failed with %d", code)) }).Export("fail").
		NewFunctionBuilder().WithFunc(func(int32) int32 { panic(errors.New("env.missing")) }).Export("missing").
		Instantiate(t.Context())
	require.NoError(t, err)
}

func TestImports(t *testing.T) {
	g := compile(t, "imports")
	in := g.instantiate(t)
	require.Equal(t, f64(25), in.call("call_scale", f64(2.5)))
	p := put(in, []float64{1, 2, 3.5})
	require.Equal(t, f64(6.5), in.call("call_sum", p, 3))
	require.Equal(t, f64(0), in.call("call_sum", p, 0))
	in.call("scale_all", p, 3)
	require.Equal(t, []float64{10, 20, 35}, get[float64](in, p, 3))

	_, err := in.try(t.Context(), "call_fail", 7)
	require.ErrorContains(t, err, "failed with 7")
	_, err = in.try(t.Context(), "half_then_fail", p, 3, 8)
	require.ErrorContains(t, err, "failed with 8")
	require.Equal(t, []float64{-1, 20, 35}, get[float64](in, p, 3))
	_, err = in.try(t.Context(), "call_missing", 1)
	require.ErrorContains(t, err, "env.missing")
	require.EqualValues(t, 4, in.call("returned"))
	in.call("free", p)
	g.requireAllCalled()
}

func TestData(t *testing.T) {
	g := compile(t, "data")
	in := g.instantiate(t)
	symbol := func(name string) uint64 {
		s := in.ExportedGlobal(name)
		require.NotNil(t, s, name)
		return s.Get()
	}
	require.Equal(t, []float64{0.5, 0.25, 0.125, 0.125}, get[float64](in, symbol("weights"), 4))
	require.Equal(t, []int32{10203}, get[int32](in, symbol("version"), 1))
	require.Equal(t, "hello from a guest\x00", string(get[byte](in, symbol("greeting"), 19)))
	require.Equal(t, make([]byte, 32), get[byte](in, symbol("blank"), 32))
	motto := in.call("get_motto")
	require.Equal(t, []uint32{uint32(motto)}, get[uint32](in, symbol("motto"), 1))
	require.Equal(t, "one pointer further\x00", string(get[byte](in, motto, 20)))

	x := put(in, []float64{8, 8, 8, 16})
	require.Equal(t, f64(9), in.call("weighted", x))
	require.True(t, in.Memory().WriteFloat64Le(uint32(symbol("weights")), 2))
	require.Equal(t, f64(21), in.call("weighted", x), "sees what the host wrote")
	in.call("free", x)
	require.True(t, in.Memory().WriteUint32Le(uint32(symbol("version")), 5))
	require.EqualValues(t, 5, in.call("get_version"))
	in.call("set_version", 6)
	require.Equal(t, []int32{6}, get[int32](in, symbol("version"), 1))
	g.requireAllCalled()
}
