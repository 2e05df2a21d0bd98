package wasm_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"

	"github.com/wasmffi/go/testdata/wasm"
)

// pointer puts a Go function, as WithFunc takes it, in a new slot of the guest's table and returns the slot. A module made for
// it imports the function and the table of the instance, which therefore has the name guest.
func (in *instance) pointer(fn any) uint64 {
	in.t.Helper()
	in.g.hosts++
	ctx, host := in.t.Context(), fmt.Sprintf("host%d", in.g.hosts)
	compiled, err := in.g.rt.NewHostModuleBuilder(host).NewFunctionBuilder().WithFunc(fn).Export("f").Compile(ctx)
	require.NoError(in.t, err)
	_, err = in.g.rt.InstantiateModule(ctx, compiled, wazero.NewModuleConfig())
	require.NoError(in.t, err)
	f := compiled.ExportedFunctions()["f"]

	list := func(b []byte) []byte { return append([]byte{byte(len(b))}, b...) }
	section := func(id byte, parts ...[]byte) []byte { return append([]byte{id}, list(slices.Concat(parts...))...) }
	text := func(s string) []byte { return list([]byte(s)) }
	b := slices.Concat([]byte("\x00asm\x01\x00\x00\x00"),
		section(1, []byte{2, 0x60}, list(f.ParamTypes()), list(f.ResultTypes()), []byte{0x60, 0, 1, api.ValueTypeI32}),
		section(2, []byte{2}, text(host), text("f"), []byte{0, 0}, text("guest"), text("__indirect_function_table"), []byte{1, 0x70, 0, 0}),
		section(3, []byte{1, 1}),
		section(7, []byte{1}, text("add"), []byte{0, 1}),
		section(9, []byte{1, 3, 0, 1, 0}),                                              // so that ref.func may name the import
		section(10, []byte{1}, list([]byte{0, 0xD2, 0, 0x41, 1, 0xFC, 0x0F, 0, 0x0B})), // ref.func 0, i32.const 1, table.grow
	)
	m, err := in.g.rt.InstantiateWithConfig(ctx, b, wazero.NewModuleConfig().WithName(""))
	require.NoError(in.t, err)
	slot, err := m.ExportedFunction("add").Call(ctx)
	require.NoError(in.t, err)
	require.NotEqual(in.t, uint64(math.MaxUint32), slot[0], "the table can grow")
	return slot[0]
}

func (in *instance) number(fn string, args ...uint64) float64 {
	in.t.Helper()
	return api.DecodeF64(in.call(fn, args...))
}

func TestCallback(t *testing.T) {
	g := compile(t, "callback")
	m, err := g.rt.InstantiateModule(t.Context(), g.compiled, wazero.NewModuleConfig().WithName("guest").WithStartFunctions("_initialize"))
	require.NoError(t, err)
	in := &instance{m, g, t}

	// qsort, with comparators that lie, too: they see addresses in the array only, and leave a permutation.
	for name, order := range map[string]func(a, b uint64) int{
		"ascending": cmp.Compare[uint64], "descending": func(a, b uint64) int { return cmp.Compare(b, a) },
		"less": func(uint64, uint64) int { return -1 }, "equal": func(uint64, uint64) int { return 0 }, "greater": func(uint64, uint64) int { return 1 },
		"absurd": func(a, b uint64) int { return int(a*31+b*17)%3 - 1 },
	} {
		for _, n := range lengths {
			for _, width := range []int{1, 3, 8, 24} {
				x := mapped(n*width, func(i int) byte { return byte(i * i * 31 >> 3 % 7) })
				base := put(in, append(slices.Clone(x), 99))
				key := func(p uint32) (k uint64) {
					require.True(t, uint64(p) >= base && uint64(p) < base+uint64(n*width) && (uint64(p)-base)%uint64(width) == 0, "%#x", p)
					for _, v := range get[byte](in, uint64(p), min(width, 8)) {
						k = k<<8 | uint64(v)
					}
					return k
				}
				in.call("qsort", base, uint64(n), uint64(width), in.pointer(func(a, b uint32) int32 { return int32(order(key(a), key(b))) }))
				got := get[byte](in, base, n*width+1)
				require.EqualValues(t, 99, got[n*width])
				sorted, want := slices.Collect(slices.Chunk(got[:n*width], width)), slices.SortedFunc(slices.Chunk(x, width), bytes.Compare)
				if name == "ascending" && width <= 8 {
					require.Equal(t, want, sorted, "n=%d width=%d", n, width)
				}
				require.ElementsMatch(t, want, sorted, "%s n=%d width=%d", name, n, width)
				in.call("free", base)
			}
		}
	}

	// Quadrature, roots, minima and a differential equation.
	sin := in.pointer(math.Sin)
	require.InDelta(t, 2, in.number("integrate", sin, f64(0), f64(math.Pi), 100), 1e-7)
	require.InDelta(t, 2, in.number("integrate_adaptive", sin, f64(0), f64(math.Pi), f64(1e-10), 40), 1e-9)
	calls := 0
	nan := in.pointer(func(float64) float64 { calls++; return math.NaN() })
	require.True(t, math.IsNaN(in.number("integrate_adaptive", nan, f64(0), f64(1), f64(1e-9), 10)))
	require.Equal(t, 3+2*(1<<11-1), calls)
	times := in.pointer(func(x, y float64) float64 { return x * x * y })
	require.InDelta(t, 9*8, in.number("integrate2", times, f64(0), f64(3), f64(0), f64(4), 10), 1e-12)
	for want, f := range map[float64]func(float64) float64{
		math.Sqrt2: func(x float64) float64 { return x*x - 2 }, math.Log(3): func(x float64) float64 { return 3 - math.Exp(x) },
		math.Cbrt(1e-9): func(x float64) float64 { return x*x*x - 1e-9 }, 1: func(x float64) float64 { return math.Copysign(1, x-1) },
	} {
		calls = 0
		p := in.pointer(func(x float64) float64 { calls++; return f(x) })
		require.InDelta(t, want, in.number("root", p, f64(0), f64(2), f64(1e-13)), 1e-12)
		require.Less(t, calls, 80, want)
	}
	require.True(t, math.IsNaN(in.number("root", sin, f64(1), f64(2), f64(1e-9))), "no change of sign")

	rosenbrock := in.pointer(func(_ context.Context, p, n uint32) float64 {
		x := get[float64](in, uint64(p), int(n))
		return 100*math.Pow(x[1]-x[0]*x[0], 2) + math.Pow(1-x[0], 2)
	})
	x := put(in, []float64{-1.2, 1})
	require.InDelta(t, 0, in.number("minimise", rosenbrock, x, 2, f64(0.5), f64(1e-16), 1000), 1e-9)
	require.InDeltaSlice(t, []float64{1, 1}, get[float64](in, x, 2), 1e-4)

	circle := in.pointer(func(_ float64, y, dy uint32) {
		v := get[float64](in, uint64(y), 2)
		in.write(uint64(dy), -v[1], v[0])
	})
	in.write(x, 1, 0)
	in.call("rk4", circle, x, 2, f64(0), f64(2*math.Pi), 200)
	require.InDeltaSlice(t, []float64{1, 0}, get[float64](in, x, 2), 1e-6)

	// Arrays, and every type there and back.
	in.call("apply", in.pointer(math.Exp), x, 2)
	require.InDeltaSlice(t, []float64{math.E, 1}, get[float64](in, x, 2), 1e-5)
	in.call("map_block", in.pointer(func(p, n uint32) { in.write(uint64(p), float64(n), 7) }), x, 2)
	require.Equal(t, []float64{2, 7}, get[float64](in, x, 2))
	require.Equal(t, 7-(2-(-10.)), in.number("fold_f64", in.pointer(func(a, b float64) float64 { return b - a }), x, 2, f64(-10)))
	i32s := put(in, []int32{1, -2, math.MinInt32})
	require.EqualValues(t, int32(7^1^-2^math.MinInt32), int32(in.call("fold_i32", in.pointer(func(a, b int32) int32 { return a ^ b }), i32s, 3, 7)))
	i64s := put(in, []int64{1 << 40, -3})
	require.EqualValues(t, int64(1<<40+2), int64(in.call("fold_i64", in.pointer(func(a, b int64) int64 { return a + b }), i64s, 2, 5)))
	f32s := put(in, []float32{0.5, 0.25})
	require.Equal(t, float32(1.75), api.DecodeF32(in.call("fold_f32", in.pointer(func(a, b float32) float32 { return a + b }), f32s, 2, api.EncodeF32(1))))
	u8s := put(in, []uint8{200, 0, 255, 7})
	require.EqualValues(t, 2, in.call("count_bytes", in.pointer(func(b uint32) uint32 { return b >> 7 }), u8s, 4))
	pass := in.pointer(func(a int32, b uint32, c int32, d int64, e float32, x float64, y uint32) float64 {
		return float64(a) + float64(b) + float64(c) + float64(d) + float64(e) + x + float64(y)
	})
	require.Equal(t, -128+65535-1+1<<40+0.5+0.25+math.MaxUint32, in.number("pass", pass,
		api.EncodeI32(-128), 65535, api.EncodeI32(-1), 1<<40, api.EncodeF32(0.5), f64(0.25), math.MaxUint32))
	var seen []int32
	in.call("repeat", in.pointer(func(user uint32, i int32) { seen = append(seen, int32(user)+i) }), 100, 3)
	require.Equal(t, []int32{100, 101, 102}, seen)
	points := put(in, make([]byte, 3*24))
	visit := in.pointer(func(p uint32) int32 { in.write(uint64(p), float64(p), 1); return int32(p) - int32(points) - 24 })
	require.EqualValues(t, 1, in.call("visit", visit, points, 3))
	require.EqualValues(t, 3, in.call("visit", in.pointer(func(uint32) int32 { return 0 }), points, 3))

	// Pointers that are kept and nested.
	_, err = in.try(t.Context(), "call_kept", f64(1))
	require.ErrorContains(t, err, "invalid table access")
	in.call("keep", sin)
	require.Equal(t, math.Sin(1), in.number("call_kept", f64(1)))
	require.Equal(t, math.Sin(math.Sin(1)), in.number("call_twice", sin, f64(1)))
	require.Equal(t, math.Sin(math.Exp(1)), in.number("compose", sin, in.pointer(math.Exp), f64(1)))
	require.EqualValues(t, 1000, in.call("nest", in.pointer(func(x int32) int32 { return x + 1 }), 1000))
	require.Zero(t, in.call("get_op", api.EncodeI32(-1)))
	g.requireAllCalled()
}

// Without an exported table there are the functions of the guest itself.
func TestCallFixed(t *testing.T) {
	g := compile(t, "callfixed")
	in := g.instantiate(t)
	for k, want := range []float64{9, 1.5, -3, 1. / 3} {
		op := in.call("get_op", uint64(k))
		require.NotZero(t, op)
		f := table.LookupFunction(in.Module, 0, uint32(op), []api.ValueType{api.ValueTypeF64}, []api.ValueType{api.ValueTypeF64})
		res, err := f.Call(t.Context(), f64(3))
		require.NoError(t, err)
		require.Equal(t, []uint64{f64(want)}, res)
		in.call("keep", op)
		require.Equal(t, want, in.number("call_kept", f64(3)))
	}
	require.Zero(t, in.call("get_op", 4))
	require.Zero(t, in.call("get_op", uint64(uint32(1<<31))))
	require.Equal(t, 9.0, in.number("integrate", in.call("get_op", 0), f64(0), f64(3), 3))
	require.Equal(t, 81.0, in.number("call_twice", in.call("get_op", 0), f64(3)))

	text, err := wasm.FS.ReadFile("callback.sig")
	require.NoError(t, err)
	same, err := wasm.FS.ReadFile("callfixed.sig")
	require.NoError(t, err)
	require.Equal(t, string(text), string(same), "one source, one sidecar")
}
