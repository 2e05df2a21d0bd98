package wasmffi_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func callback(t testing.TB, lib *wasmffi.Library, sig string, fn any) wasmffi.Callback {
	t.Helper()
	cb, err := lib.Callback(sig, fn)
	require.NoError(t, err)
	return cb
}

const (
	sigQsort     = "qsort(base: inout any[n], n: size, width: size = itemsize(base), cmp: func(any[1], any[1]) -> i32)"
	sigIntegrate = "integrate(f: func(f64) -> f64, a: f64, b: f64, n: i32) -> f64"
	sigApply     = "apply(f: func(f64) -> f64, x: inout f64[n], n: size)"
	sigRK4       = "rk4(f: func(f64, f64[n], f64[n]), y: inout f64[n], n: size, t0: f64, t1: f64, steps: i32) where steps > 0"
	sigMinimise  = "minimise(f: func(x: f64[n], n: size) -> f64, x: inout f64[n], n: size, step: f64, tol: f64, limit: i32) -> f64"
)

// tables are the ways in which a module has its table.
var tables = map[string][]byte{"exported, growable": wasm.Callback, "neither": wasm.CallFixed}

func TestCallback(t *testing.T) {
	for name, code := range tables {
		t.Run(name, func(t *testing.T) {
			lib := open(t, code)
			qsort := bind(t, lib, sigQsort)

			x := []float64{3, -1, math.Inf(1), 2, 2, 0}
			call(t, qsort, x, callback(t, lib, "func(f64[1], f64[1]) -> i32", func(a, b []float64) int32 { return int32(cmp.Compare(a[0], b[0])) }))
			require.Equal(t, []float64{-1, 0, 2, 2, 3, math.Inf(1)}, x)

			y := []uint8{3, 1, 2}
			call(t, qsort, y, callback(t, lib, "func(u8[1], u8[1]) -> i32", func(a, b []uint8) int { return int(b[0]) - int(a[0]) }))
			require.Equal(t, []uint8{3, 2, 1}, y)

			sin := callback(t, lib, "func(f64) -> f64", math.Sin)
			require.InDelta(t, 2, call(t, bind(t, lib, sigIntegrate), sin, 0, math.Pi, 1000).Float64(), 1e-9)
			require.InDelta(t, math.Pi, call(t, bind(t, lib, "root(f: func(f64) -> f64, a: f64, b: f64, tol: f64) -> f64"), sin, 3, 4, 1e-12).Float64(), 1e-9)

			z := []float64{1, 2}
			call(t, bind(t, lib, sigRK4), callback(t, lib, "func(f64, f64[2], f64[2])", func(_ float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] }), z, 0, math.Pi, 1000)
			require.InDeltaSlice(t, []float64{-1, -2}, z, 1e-6)

			p := []float64{-1, 1}
			bowl := callback(t, lib, "func(x: f64[n], n: size) -> f64", func(x []float64) float64 { return (x[0]-1)*(x[0]-1) + (x[1]+2)*(x[1]+2) })
			call(t, bind(t, lib, sigMinimise), bowl, p, 0.5, 1e-12, 10_000)
			require.InDeltaSlice(t, []float64{1, -2}, p, 1e-3)
		})
	}
}

// What Go functions may look like, and that each gets what the guest passes.
func TestCallbackForms(t *testing.T) {
	lib := open(t, wasm.Callback)
	x := []float64{1, 2, 3}
	for name, fn := range map[string]any{
		"plain":       func(v float64) float64 { return 2 * v },
		"with error":  func(v float64) (float64, error) { return 2 * v, nil },
		"context":     func(ctx context.Context, v float64) float64 { return 2 * v },
		"float32":     func(v float64) float32 { return float32(2 * v) },
		"args":        func(a *wasmffi.Args) error { a.SetFloat64(2 * a.Float64(0)); return nil },
		"all of them": func(ctx context.Context, v float64) (float64, error) { return 2 * v, ctx.Err() },
	} {
		cb := callback(t, lib, "func(f64) -> f64", fn)
		require.Equal(t, []float64{2, 4, 6}, func() []float64 {
			y := append([]float64{}, x...)
			call(t, bind(t, lib, sigApply), cb, y)
			return y
		}(), name)
		require.NoError(t, cb.Close())
	}
	block := bind(t, lib, "map_block(f: func(x: f64[n], n: size), x: inout f64[n], n: size)")
	for name, fn := range map[string]any{
		"slice":       func(x []float64) { x[1] = 7 },
		"both":        func(x []float64, n uint32) { x[n-2] = 7 },
		"array":       func(a memview.Array) error { return a.Set(7.0, 1) },
		"args":        func(a *wasmffi.Args) error { wasmffi.ArgSlice[float64](a, 0)[a.Int(1)-2] = 7; return nil },
		"slice error": func(x []float64) error { x[1] = 7; return nil },
	} {
		y := []float64{1, 2, 3}
		cb := callback(t, lib, "func(x: f64[n], n: size)", fn)
		call(t, block, cb, y)
		require.Equal(t, []float64{1, 7, 3}, y, name)
		require.NoError(t, cb.Close())
	}
	w := []float64{3, 1, 2}
	call(t, bind(t, lib, sigQsort), w, callback(t, lib, "func(f64[1], f64[1]) -> i32", func(a, b memview.Array) (int, error) {
		x, y := values[float64](t, a)[0], values[float64](t, b)[0]
		return cmp.Compare(x, y), nil
	}))
	require.Equal(t, []float64{1, 2, 3}, w)
	all := callback(t, lib, "func(i8, u16, i32, i64, f32, f64, size) -> f64", func(a int8, b uint16, c int32, d int64, e float32, x float64, y uint32) float64 {
		return float64(a) + float64(b) + float64(c) + float64(d) + float64(e) + x + float64(y)
	})
	pass := bind(t, lib, "pass(f: func(i8, u16, i32, i64, f32, f64, size) -> f64, a: i8, b: u16, c: i32, d: i64, e: f32, x: f64, y: size) -> f64")
	require.Equal(t, -1.0+65535-5+1<<40+0.5+0.25+4294967295, call(t, pass, all, -1, 65535, -5, int64(1)<<40, 0.5, 0.25, uint32(4294967295)).Float64())
}

func TestCallbackRefused(t *testing.T) {
	lib, other := open(t, wasm.Callback), open(t, wasm.Callback)
	for text, tt := range map[string]struct {
		sig string
		fn  any
	}{
		"got no function":                                        {"func(f64) -> f64", nil},
		"got a Go value of type int, want a func":                {"func(f64) -> f64", 3},
		"parameter arg1: Go type is int32, want float64":         {"func(f64) -> f64", func(int32) float64 { return 0 }},
		"of 2 parameters, want 1":                                {"func(f64) -> f64", func(a, b float64) float64 { return 0 }},
		"want a result for float64, then an error or nothing":    {"func(f64) -> f64", func(a float64) {}},
		"want no result, then an error or nothing":               {"func(f64)", func(a float64) float64 { return 0 }},
		"parameter x: Go type is []bool, want a slice of bool":   {"func(x: bool[3])", func([]bool) {}},
		"parameter arg1: Go type is []float32, want a slice of ": {"func(f64[1])", func([]float32) {}},
	} {
		_, err := lib.Callback(tt.sig, tt.fn)
		require.ErrorContains(t, err, text)
	}
	_, err := open(t, wasm.Vec).Callback("func(f64) -> f64", math.Sin)
	if err != nil {
		require.ErrorIs(t, err, wasmffi.ErrCallback)
	}

	integrate := bind(t, lib, sigIntegrate)
	closed := callback(t, lib, "func(f64) -> f64", math.Sin)
	require.NoError(t, closed.Close())
	require.NoError(t, closed.Close())
	for name, tt := range map[string]struct {
		arg  any
		kind error
		text string
	}{
		"nil":      {nil, nil, `integrate: argument 1 "f": `},
		"a func":   {math.Sin, nil, `integrate: argument 1 "f": it is a Go function, want a Callback, as lib.Callback(signature, fn) makes it`},
		"number":   {3, nil, `integrate: argument 1 "f": it is an integer, want a Callback`},
		"zero":     {wasmffi.Callback{}, nil, `integrate: argument 1 "f": it is the zero Callback, want a Callback`},
		"other's":  {callback(t, other, "func(f64) -> f64", math.Sin), wasmffi.ErrMemory, `integrate: argument 1 "f": it is a Callback of another library`},
		"closed":   {closed, wasmffi.ErrClosed, `integrate: argument 1 "f": it is a Callback that was closed`},
		"mistyped": {callback(t, lib, "func(f32) -> f64", func(float32) float64 { return 0 }), nil, `integrate: argument 1 "f": parameter 1 of the callback is f32, want f64`},
	} {
		_, err := integrate.Call(bg, tt.arg, 0, 1, 10)
		require.ErrorContains(t, err, tt.text, name)
		require.ErrorIs(t, err, wasmffi.ErrNotRun, name)
		if tt.kind != nil {
			require.ErrorIs(t, err, tt.kind, name)
		}
	}
	three := callback(t, lib, "func(f64, f64[3], f64[3])", func(_ float64, y, dy []float64) {})
	_, err = bind(t, lib, sigRK4).Call(bg, three, []float64{1, 2}, 0, 1, 10)
	require.ErrorContains(t, err, "n=2")
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}

var errEnough = errors.New("enough")

func TestCallbackFails(t *testing.T) {
	lib := open(t, wasm.Callback)
	integrate := bind(t, lib, sigIntegrate)
	n := 0
	fails := callback(t, lib, "func(f64) -> f64", func(x float64) (float64, error) {
		if n++; n == 5 {
			return 0, fmt.Errorf("at %v: %w", x, errEnough)
		}
		return x, nil
	})
	_, err := integrate.Call(bg, fails, 0, 1, 10)
	require.ErrorIs(t, err, errEnough)
	require.NotErrorIs(t, err, wasmffi.ErrNotRun)
	var he *wasmffi.HostError
	require.ErrorAs(t, err, &he)
	require.Equal(t, "integrate", he.Func)
	require.Equal(t, "func(f64) -> f64", he.Host)
	_, err = integrate.Call(bg, fails, 0, 1, 10)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.NoError(t, lib.Reset(bg, nil))
	require.InDelta(t, 0.5, call(t, integrate, fails, 0, 1, 10).Float64(), 1e-12)

	type mine struct{ x int }
	panics := callback(t, lib, "func(f64) -> f64", func(x float64) float64 { panic(mine{7}) })
	require.PanicsWithValue(t, mine{7}, func() { integrate.Call(bg, panics, 0, 1, 10) })
	_, err = integrate.Call(bg, fails, 0, 1, 10)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.NoError(t, lib.Reset(bg, nil))

	done := make(chan struct{})
	goexit := callback(t, lib, "func(f64) -> f64", func(x float64) float64 { runtime.Goexit(); return 0 })
	go func() {
		defer close(done)
		integrate.Call(bg, goexit, 0, 1, 10)
	}()
	<-done
	_, err = integrate.Call(bg, fails, 0, 1, 10)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.NoError(t, lib.Reset(bg, nil))
	require.InDelta(t, 0.5, call(t, integrate, fails, 0, 1, 10).Float64(), 1e-12)
}

func TestCallbackReentry(t *testing.T) {
	lib := open(t, wasm.Callback)
	apply := bind(t, lib, sigApply)
	a := array(t, lib, []float64{1})
	var errs []error
	cb := callback(t, lib, "func(f64) -> f64", func(x float64) float64 {
		_, err := apply.Call(bg, nil, a)
		errs = append(errs, err)
		_, err = lib.Empty(memview.F64, 3)
		errs = append(errs, err, lib.Free(a), lib.Reset(bg, nil))
		_, err = lib.Snapshot()
		errs = append(errs, err)
		_, err = lib.Callback("func()", func() {})
		errs = append(errs, err)
		return x + 1
	})
	call(t, apply, cb, a)
	require.Len(t, errs, 6)
	for _, err := range errs {
		require.ErrorIs(t, err, wasmffi.ErrBusy)
	}
	require.Equal(t, []float64{2}, values[float64](t, a))
}

// The guest keeps a pointer until Close, through resets; a snapshot of before the callback and one of after.
func TestCallbackKept(t *testing.T) {
	for name, code := range tables {
		t.Run(name, func(t *testing.T) {
			lib := open(t, code)
			keep, kept := bind(t, lib, "keep(f: func(f64) -> f64 nullable)"), bind(t, lib, "call_kept(x: f64) -> f64")
			double := callback(t, lib, "func(f64) -> f64", func(x float64) float64 { return 2 * x })
			call(t, keep, double)
			require.Equal(t, 6.0, call(t, kept, 3).Float64())
			s, err := lib.Snapshot()
			require.NoError(t, err)
			call(t, keep, callback(t, lib, "func(f64) -> f64", func(x float64) float64 { return 3 * x }))
			require.Equal(t, 9.0, call(t, kept, 3).Float64())
			require.NoError(t, lib.Reset(bg, s))
			require.Equal(t, 6.0, call(t, kept, 3).Float64())

			// The memory grows, so that the engine's instance is made anew.
			arr, err := lib.Empty(memview.U8, 4<<20)
			require.NoError(t, err)
			require.NoError(t, lib.Reset(bg, s))
			require.Error(t, arr.CheckAlive())
			require.Equal(t, 6.0, call(t, kept, 3).Float64())
			require.NoError(t, lib.Reset(bg, nil))
			call(t, keep, double)
			require.Equal(t, 6.0, call(t, kept, 3).Float64())

			require.NoError(t, double.Close())
			_, err = kept.Call(bg, 3)
			require.ErrorIs(t, err, wasmffi.ErrClosed)
			require.ErrorContains(t, err, "whose Callback was closed")
		})
	}
}

func TestFunctionPointers(t *testing.T) {
	lib := open(t, wasm.Callback)
	get := bind(t, lib, "get_op(k: i32) -> func(f64) -> f64 nullable")
	op, err := call(t, get, 0).Func()
	require.NoError(t, err)
	require.NotZero(t, call(t, op, 2).Float64())
	_, err = call(t, get, 1000).Func()
	require.ErrorIs(t, err, memview.ErrNull)

	// One of Go's, called through the guest's table.
	cb := callback(t, lib, "func(f64) -> f64", func(x float64) float64 { return x + 1 })
	plus, err := lib.FuncAt(cb.Pointer(), "func(f64) -> f64")
	require.NoError(t, err)
	require.Equal(t, 3.0, call(t, plus, 2).Float64())
	for p, code := range map[memview.Ptr]wasmffi.TrapCode{0: wasmffi.InvalidTableAccess, 1 << 20: wasmffi.InvalidTableAccess, 1<<32 - 1: wasmffi.InvalidTableAccess, cb.Pointer(): wasmffi.IndirectCallType} {
		f, err := lib.FuncAt(p, "func(f32) -> f64")
		require.NoError(t, err)
		_, err = f.Call(bg, 1)
		require.ErrorIs(t, err, code)
		require.NoError(t, lib.Reset(bg, nil))
	}
	op, err = call(t, get, 0).Func()
	require.NoError(t, err)
	require.NoError(t, lib.Reset(bg, nil))
	_, err = op.Call(bg, 2)
	require.ErrorIs(t, err, wasmffi.ErrStale)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}

// A guest passes addresses and extents that do not hold.
func TestCallbackHostileArguments(t *testing.T) {
	repeat := "repeat(f: func(ptr, i32), user: ptr, n: i32)"
	for name, tt := range map[string]struct {
		sig string
		ptr uint32
		n   int
	}{
		"NULL":           {"func(f64[1], i32)", 0, 1},
		"out of bounds":  {"func(f64[1], i32)", 0xfffffff8, 1},
		"misaligned":     {"func(f64[1], i32)", 4097, 1},
		"too many":       {"func(f64[100000000], i32)", 4096, 1},
		"overflowing":    {"func(u8[2147483647], i32)", 4096, 1},
		"by the guest's": {"func(f64[n-1], n: i32)", 4096, 1}, // which counts from 0
	} {
		lib := open(t, wasm.Callback)
		called := false
		cb, err := lib.Callback(tt.sig, func(a *wasmffi.Args) error { called = true; return nil })
		require.NoError(t, err, name)
		// The parameter is a ptr in the signature: a callback that takes an array there is of another type, so
		// that the function pointer is passed as the number that it is.
		f := bind(t, lib, "repeat(f: ptr, user: ptr, n: i32)")
		_, err = f.Call(bg, cb.Pointer(), tt.ptr, tt.n)
		require.Error(t, err, name)
		var te *wasmffi.TypeError
		require.ErrorAs(t, err, &te, name)
		require.False(t, called, name)
	}
	lib := open(t, wasm.Callback)
	sum := 0
	call(t, bind(t, lib, repeat), callback(t, lib, "func(ptr, i32)", func(p memview.Ptr, i int32) { sum += int(p) + int(i) }), 5, 4)
	require.Equal(t, 26, sum)
}

// A million callbacks leave nothing, neither calls of one nor ones that are made and closed.
func TestCallbackLeavesNothing(t *testing.T) {
	lib := open(t, wasm.Callback)
	apply := bind(t, lib, sigApply)
	x, err := lib.Empty(memview.F64, 1000)
	require.NoError(t, err)
	count := 0
	cb := callback(t, lib, "func(f64) -> f64", func(x float64) float64 { count++; return x + 1 })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 1000 {
		call(t, apply, cb, x)
	}
	require.Equal(t, 1_000_000, count)
	for range times(100_000) {
		c := callback(t, lib, "func(f64) -> f64", math.Sin)
		require.Less(t, uint32(c.Pointer()), uint32(100))
		require.NoError(t, c.Close())
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, after.HeapAlloc, before.HeapAlloc+1<<20)
	require.Equal(t, 1e3, values[float64](t, x)[0])
}

func TestCallbackAllocations(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	lib := open(t, wasm.Callback)
	apply, qsort := bind(t, lib, sigApply), bind(t, lib, sigQsort)
	x := array(t, lib, make([]float64, 100))
	cb := callback(t, lib, "func(f64) -> f64", func(x float64) float64 { return x + 1 })
	less := callback(t, lib, "func(f64[1], f64[1]) -> i32", func(a, b []float64) int32 { return int32(cmp.Compare(a[0], b[0])) })
	raw := callback(t, lib, "func(f64[1], f64[1]) -> i32", func(a *wasmffi.Args) error {
		return a.SetInt(int64(cmp.Compare(wasmffi.ArgSlice[float64](a, 0)[0], wasmffi.ArgSlice[float64](a, 1)[0])))
	})
	require.Zero(t, testing.AllocsPerRun(100, func() { apply.Call(bg, cb, x) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { qsort.Call(bg, x, less) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { qsort.Call(bg, x, raw) }))
}

func BenchmarkCallback(b *testing.B) {
	lib := open(b, wasm.Callback)
	const n = 1000
	x := array(b, lib, make([]float64, n))
	for name, tt := range map[string]struct {
		f, sig string
		fn     any
	}{
		"float64": {sigApply, "func(f64) -> f64", func(x float64) float64 { return x }},
		"args":    {sigApply, "func(f64) -> f64", func(a *wasmffi.Args) error { a.SetFloat64(a.Float64(0)); return nil }},
		"reflect": {sigApply, "func(f64) -> f64", func(_ context.Context, x float64) float64 { return x }},
	} {
		f, cb := bind(b, lib, tt.f), callback(b, lib, tt.sig, tt.fn)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Call(bg, cb, x); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/callback")
		})
	}
	fold := bind(b, lib, sigQsort)
	less := callback(b, lib, "func(f64[1], f64[1]) -> i32", func(a, b []float64) int32 { return int32(cmp.Compare(a[0], b[0])) })
	b.Run("slices", func(b *testing.B) {
		calls := 0
		count := callback(b, lib, "func(f64[1], f64[1]) -> i32", func(x, y []float64) int32 { calls++; return int32(cmp.Compare(x[0], y[0])) })
		call(b, fold, x, count)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := fold.Call(bg, x, less); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(calls), "ns/callback")
	})
}
