package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

const (
	sigScale    = "func(x: f64) -> f64"
	sigSum      = "func(x: f64[n], n: size) -> f64"
	callSum     = "call_sum(x: f64[n], n: size) -> f64"
	callScale   = "call_scale(x: f64) -> f64"
	callFail    = "call_fail(code: i32)"
	callMissing = "call_missing(x: i32) -> i32"
)

// Every form that a Go function may have for an array and its extent.
func TestImportForms(t *testing.T) {
	type key struct{}
	add := func(x []float64) (s float64) {
		for _, v := range x {
			s += v
		}
		return s
	}
	for name, fn := range map[string]any{
		"slice":              func(x []float64) float64 { return add(x) },
		"slice, error":       func(x []float64) (float64, error) { return add(x), nil },
		"slice, extent":      func(x []float64, n uint32) float64 { return add(x[:n]) },
		"slice, wide extent": func(x []float64, n uint64) (float64, error) { return add(x[:n]), nil },
		"array":              func(a memview.Array) float64 { return add(must(memview.Values[float64](a))) },
		"array, extent":      func(a memview.Array, n uint32) float64 { return add(must(memview.Values[float64](a))[:n]) },
		"context":            func(ctx context.Context, x []float64) float64 { return add(x) + ctx.Value(key{}).(float64) },
		"args":               func(a *wasmffi.Args) error { a.SetFloat64(add(wasmffi.ArgSlice[float64](a, 0))); return nil },
		"args, array":        func(a *wasmffi.Args) error { a.SetFloat64(add(must(memview.Values[float64](a.Array(0))))); return nil },
		"args, memory": func(a *wasmffi.Args) error {
			v := must(memview.AsArray(a.Memory(), a.Ptr(0), memview.F64, int(a.Uint(1))))
			a.SetFloat64(add(must(memview.Values[float64](v))) + a.Context().Value(key{}).(float64))
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.sum": {sigSum, fn}}))
			f := bind(t, lib, callSum)
			for _, x := range [][]float64{{}, {1}, {1, 2, 4}, filled(100_000, 1)} {
				r, err := f.Call(context.WithValue(bg, key{}, 0.0), x)
				require.NoError(t, err)
				require.Equal(t, add(x), r.Float64())
			}
			require.NoError(t, lib.CheckLeaks())
		})
	}
}

func TestImportRaw(t *testing.T) {
	type key struct{}
	raw := wasmffi.NewRawFunc(func(ctx context.Context, mem memview.Memory, stack []uint64) error {
		b, err := mem.Bytes(memview.Ptr(stack[0]), uint32(8*stack[1]))
		if err != nil {
			return err
		}
		x := must(memview.Elements[float64](b))
		x[0] = -1 // the guest's own
		stack[0] = math.Float64bits(x[1] + ctx.Value(key{}).(float64))
		return nil
	})
	lib := openWith(t, wasm.Imports, wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.sum": raw}})
	x := array(t, lib, []float64{1, 2, 3})
	r, err := bind(t, lib, callSum).Call(context.WithValue(bg, key{}, 40.0), x)
	require.NoError(t, err)
	require.Equal(t, 42.0, r.Float64())
	require.Equal(t, []float64{-1, 2, 3}, values[float64](t, x))
	require.PanicsWithValue(t, "wasmffi: NewRawFunc: nil function", func() { wasmffi.NewRawFunc(nil) })
}

func TestNewHostFuncRefuses(t *testing.T) {
	for _, tt := range []struct {
		sig  string
		fn   any
		want string
	}{
		{"func(", math.Sin, ""},
		{sigScale, nil, "got no function"},
		{sigScale, (func(float64) float64)(nil), "got no function"},
		{sigScale, 3, "got a Go value of type int, want a func"},
		{sigScale, fmt.Sprint, "want a func"},
		{sigScale, func() float64 { return 0 }, "of 0 parameters, want 1"},
		{sigScale, func(float32) float64 { return 0 }, "parameter"},
		{sigScale, func(float64) {}, "want a result for"},
		{sigScale, func(float64) int { return 0 }, "want a result for"},
		{sigScale, func(float64) (float64, int) { return 0, 0 }, "want a result for"},
		{"func(x: f64)", func(float64) float64 { return 0 }, "want no result"},
		{sigSum, func([]float32) float64 { return 0 }, "a slice of float64"},
		{sigSum, func([]float64, int8) float64 { return 0 }, "parameter"},
		{sigSum, func(x ...float64) float64 { return 0 }, "want a func"},
		{"func(x: bool[4])", func([]bool) {}, "memview.Array"}, // a byte 2 behind a Go bool
		{"func(x: u32)", func(int32) {}, "parameter"},
		{"func(x: i64)", func(int32) {}, "parameter"},
	} {
		_, err := wasmffi.NewHostFunc(tt.sig, tt.fn)
		require.ErrorContains(t, err, "wasmffi: NewHostFunc: ", "%s %T", tt.sig, tt.fn)
		require.ErrorContains(t, err, tt.want, "%s %T", tt.sig, tt.fn)
	}
}

// coded is an error of the user's, with a field.
type coded struct{ code int32 }

func (e *coded) Error() string { return fmt.Sprintf("code %d", e.code) }

func TestImportError(t *testing.T) {
	wrap := func(code int32) error { return fmt.Errorf("within: %w", &coded{code}) }
	for name, fn := range map[string]any{
		"plain":   func(code int32) error { return wrap(code) },
		"context": func(_ context.Context, code int32) error { return wrap(code) },
		"args":    func(a *wasmffi.Args) error { return wrap(int32(a.Int(0))) },
	} {
		lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.fail": {"func(code: i32)", fn}}))
		f := bind(t, lib, "half_then_fail(x: inout f64[n], n: size, code: i32)")
		x, in := []float64{1, 2, 3, 4}, array(t, lib, []float64{1, 2, 3, 4})
		_, err := f.Call(bg, in, 7)
		require.EqualError(t, err, "half_then_fail: env.fail: within: code 7", name)
		var host *wasmffi.HostError
		require.ErrorAs(t, err, &host)
		require.Equal(t, []string{"half_then_fail", "env.fail"}, []string{host.Func, host.Host})
		var own *coded
		require.ErrorAs(t, err, &own)
		require.EqualValues(t, 7, own.code)
		require.NotErrorIs(t, err, wasmffi.ErrNotRun)
		require.False(t, errors.As(err, new(*wasmffi.Trap)))
		require.Equal(t, []float64{-1, -1, 3, 4}, values[float64](t, in))
		poisoned(t, lib, f, x, 7)
		require.NoError(t, lib.Reset(bg, nil))
		_, err = f.Call(bg, x, 8)
		require.ErrorAs(t, err, &own)
		require.EqualValues(t, 8, own.code)
		require.Equal(t, []float64{1, 2, 3, 4}, x, "nothing is copied back")
		require.NoError(t, lib.Reset(bg, nil))
		require.Zero(t, call(t, bind(t, lib, "returned() -> i32")).Int())
		require.NoError(t, lib.CheckLeaks())
	}
}

func TestImportPanic(t *testing.T) {
	for name, value := range map[string]any{
		"text": "lost", "error": &coded{3}, "fs": fs.ErrNotExist, "number": 5, "nil": nil,
	} {
		lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.fail": {"func(code: i32)", func(int32) { panic(value) }}}))
		f := bind(t, lib, callFail)
		if value == nil {
			require.Panics(t, func() { f.Call(bg, 1) })
		} else {
			require.PanicsWithValue(t, value, func() { f.Call(bg, 1) }, name)
		}
		poisoned(t, lib, f, 1)
		require.NoError(t, lib.Reset(bg, nil))
		require.Panics(t, func() { f.Call(bg, 1) })
	}
	lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.scale": {sigScale, func(x float64) float64 {
		var list []float64
		return list[int(x)]
	}}}))
	require.Panics(t, func() { bind(t, lib, callScale).Call(bg, 3) }) // a runtime.Error
}

// The engine takes no notice of runtime.Goexit: the library is poisoned, and not busy for ever.
func TestImportGoexit(t *testing.T) {
	lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.fail": {"func(code: i32)", func(int32) { runtime.Goexit() }}}))
	f := bind(t, lib, callFail)
	returned := false
	var wg sync.WaitGroup
	wg.Go(func() {
		f.Call(bg, 1)
		returned = true
	})
	wg.Wait()
	require.False(t, returned)
	poisoned(t, lib, f, 1)
	require.NoError(t, lib.Reset(bg, nil))
	require.Zero(t, call(t, bind(t, lib, "returned() -> i32")).Int())
}

func TestImportMistyped(t *testing.T) {
	for _, tt := range []struct{ name, sig, got, want string }{
		{"env.scale", "func(x: f32) -> f64", "(f32) -> f64", "(f64) -> f64"},
		{"env.scale", "func(x: f64)", "(f64)", "(f64) -> f64"},
		{"env.sum", "func(x: f64[n], n: i64) -> f64", "(i32, i64) -> f64", "(i32, i32) -> f64"},
		{"env.fail", "func()", "()", "(i32)"},
		{"env.missing", "func(x: i32, y: i32) -> i32", "(i32, i32) -> i32", "(i32) -> i32"},
	} {
		h := hostFunc(t, tt.sig, func(*wasmffi.Args) error { return nil })
		_, err := wasmffi.Compile(bg, wasm.Imports, &wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{tt.name: h}})
		require.ErrorIs(t, err, wasmffi.ErrImport, tt)
		for _, part := range []string{tt.name, tt.got, tt.want, tt.sig} {
			require.ErrorContains(t, err, part, tt)
		}
	}
	// A name that nobody imports is nobody's business, and a nil HostFunc is none.
	o := given(t, map[string]goFunc{"env.other": {"func()", func() {}}})
	o.Imports["env.scale"] = nil
	m := compile(t, wasm.Imports, o)
	require.Len(t, m.Missing(), 4)
}

func TestImportMissing(t *testing.T) {
	o := given(t, map[string]goFunc{
		"env.scale": {sigScale, func(x float64) float64 { return 2 * x }},
		"env.fail":  {"func(code: i32)", func(int32) error { return nil }},
	})
	m := compile(t, bare(wasm.Imports), o)
	var names []string
	for _, im := range m.Missing() {
		names = append(names, im.Module+"."+im.Name+" "+im.Type.String())
	}
	require.Equal(t, []string{"env.sum (i32, i32) -> f64", "env.missing (i32) -> i32"}, names)
	require.Len(t, m.Imports(), 4)
	lib := instance(t, m)
	require.Equal(t, 3.0, call(t, bind(t, lib, callScale), 1.5).Float64())
	call(t, bind(t, lib, callFail), 3)
	require.EqualValues(t, 2, call(t, bind(t, lib, "returned() -> i32")).Int())
	missing := bind(t, lib, callMissing)
	_, err := missing.Call(bg, 1)
	var trap *wasmffi.Trap
	require.ErrorAs(t, err, &trap)
	require.Equal(t, wasmffi.Unresolved, trap.Code)
	require.ErrorIs(t, err, wasmffi.ErrImport)
	require.ErrorIs(t, err, wasmffi.Unresolved)
	require.ErrorContains(t, err, "env.missing")
	poisoned(t, lib, missing, 1)

	o.StrictImports = true
	_, err = wasmffi.Compile(bg, wasm.Imports, &o)
	require.ErrorIs(t, err, wasmffi.ErrImport)
	require.ErrorContains(t, err, "nobody supplies function env.sum (i32, i32) -> f64, function env.missing (i32) -> i32")
	var many made
	for i := range 12 {
		many.imp("env", fmt.Sprint("f", i), "", "")
	}
	_, err = wasmffi.Compile(bg, many.bytes(), &wasmffi.Options{StrictImports: true})
	require.ErrorContains(t, err, "function env.f7 () and 4 more")
	require.NotContains(t, err.Error(), "\n")
}

// Values that the signature's type does not hold stop the guest; nothing is cut.
func TestImportResults(t *testing.T) {
	for _, tt := range []struct {
		sig  string
		fn   any
		want string
	}{
		{"func(x: i32) -> i32", func(int32) int64 { return 1 << 31 }, "2147483648"},
		{"func(x: i32) -> u8", func(int32) int { return -1 }, "-1"},
		{"func(x: i32) -> u8", func(int32) uint64 { return 256 }, "256"},
		{"func(x: i32) -> i8", func(a *wasmffi.Args) error { return a.SetInt(128) }, "128"},
		{"func(x: i32) -> u32", func(a *wasmffi.Args) error { return a.SetUint(1 << 32) }, "4294967296"},
		{"func(x: i32) -> i32", func(*wasmffi.Args) error { return nil }, "no result"},
	} {
		lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.missing": {tt.sig, tt.fn}}))
		_, err := bind(t, lib, callMissing).Call(bg, 1)
		require.ErrorAs(t, err, new(*wasmffi.HostError), tt)
		require.ErrorContains(t, err, tt.want, tt)
	}
	// To ask for what the signature does not have is a bug of the Go function, and panics.
	for name, fn := range map[string]func(*wasmffi.Args){
		"kind":       func(a *wasmffi.Args) { a.Float64(0) },
		"bool":       func(a *wasmffi.Args) { a.Bool(0) },
		"signed":     func(a *wasmffi.Args) { a.Uint(0) },
		"array":      func(a *wasmffi.Args) { a.Array(0) },
		"slice":      func(a *wasmffi.Args) { wasmffi.ArgSlice[int32](a, 0) },
		"index":      func(a *wasmffi.Args) { a.Int(1) },
		"negative":   func(a *wasmffi.Args) { a.Int(-1) },
		"result":     func(a *wasmffi.Args) { a.SetFloat64(1) },
		"set a bool": func(a *wasmffi.Args) { a.SetBool(true) },
	} {
		lib := openWith(t, wasm.Imports, given(t, map[string]goFunc{"env.missing": {"func(x: i32) -> i32", func(a *wasmffi.Args) error { fn(a); return nil }}}))
		require.Panics(t, func() { bind(t, lib, callMissing).Call(bg, 1) }, name)
	}
}
