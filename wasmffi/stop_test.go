package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// runaways are functions of type () -> () that do not return, or not for years.
func runaways() []byte {
	var m made
	m.tables = append(m.tables, cat(funcref, 1, 1, uleb(1000)))
	m.fn("empty", "", "", opLoop, opEmpty, opBr, 0, opEnd)
	heavy := func(n int) []byte {
		b := cat(opLoop, opEmpty)
		for range n {
			b = append(b, cat(opGlobalGet, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0x40, 0xa3, opGlobalSet, 0)...) // g = g / 2
		}
		return cat(b, opBr, 0, opEnd)
	}
	m.globals = append(m.globals, cat(0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, opEnd))
	m.fn("heavy200", "", "", heavy(50))
	m.fn("heavy20000", "", "", heavy(5000))
	// f(n) calls f(n-1) twice: a tree without a loop.
	self := m.funcsIn + len(m.funcs)
	m.fn("", "i", "", opLocalGet, 0, 0x04, opEmpty, opLocalGet, 0, constant(1), opSub, opCall, leb(self), opLocalGet, 0, constant(1), opSub, opCall, leb(self), opEnd)
	m.fn("tree", "", "", constant(60), opCall, leb(self))
	m.fn("fill", "", "", opLoop, opEmpty, constant(0), constant(1), constant(65536*64), 0xfc, 11, 0, opBr, 0, opEnd)
	m.fn("copy", "", "", opLoop, opEmpty, constant(0), constant(64), constant(65536*63), 0xfc, 10, 0, 0, opBr, 0, opEnd)
	m.fn("tables", "", "", opLoop, opEmpty, constant(0), 0xd0, funcref, constant(1), 0xfc, 17, 0, opBr, 0, opEnd)
	m.fn("grow", "", "", opLoop, opEmpty, constant(1), opGrow, 0, opDrop, opBr, 0, opEnd)
	m.memory = append(m.memory, cat(0, 64))
	m.export("memory", kindMemory, 0)
	return m.bytes()
}

var runawayNames = []string{"empty", "heavy200", "heavy20000", "tree", "fill", "copy", "tables", "grow"}

// Whatever a guest does, the end of a context ends it, and the library can be used again.
func TestContextsStopGuests(t *testing.T) {
	lib := openWith(t, runaways(), wasmffi.Options{})
	cause := errors.New("enough")
	for _, name := range runawayNames {
		f := bind(t, lib, name+"()")
		for _, how := range []string{"cancel", "deadline"} {
			ctx, cancel := context.WithCancelCause(bg)
			want := cause
			if how == "deadline" {
				var stop context.CancelFunc
				ctx, stop = context.WithTimeout(bg, 5*time.Millisecond)
				defer stop()
				want = context.DeadlineExceeded
			} else {
				time.AfterFunc(5*time.Millisecond, func() { cancel(cause) })
			}
			_, err := f.Call(ctx)
			cancel(nil)
			require.ErrorIs(t, err, wasmffi.ErrStopped, name)
			require.ErrorIs(t, err, want, name)
			require.NotErrorIs(t, err, wasmffi.ErrNotRun, name)
			_, err = f.Call(bg)
			require.ErrorIs(t, err, wasmffi.ErrPoisoned, name)
			require.NoError(t, lib.Reset(bg, nil))
		}
	}
}

func TestTimeLimit(t *testing.T) {
	lib := openWith(t, runaways(), wasmffi.Options{Limits: wasmffi.Limits{Time: 5 * time.Millisecond}})
	for _, name := range runawayNames {
		_, err := bind(t, lib, name+"()").Call(bg)
		require.ErrorIs(t, err, wasmffi.ErrStopped, name)
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		require.NoError(t, lib.Reset(bg, nil))
	}
	long, err := bind(t, lib, "empty()").WithLimits(wasmffi.CallLimits{Fuel: 1000})
	require.NoError(t, err)
	_, err = long.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrFuel)
}

func TestFuelLimit(t *testing.T) {
	lib := openWith(t, runaways(), wasmffi.Options{Limits: wasmffi.Limits{Fuel: 1_000_000}})
	for _, name := range runawayNames {
		_, err := bind(t, lib, name+"()").Call(bg)
		require.ErrorIs(t, err, wasmffi.ErrStopped, name)
		require.ErrorIs(t, err, wasmffi.ErrFuel, name)
		require.NoError(t, lib.Reset(bg, nil))
	}
}

// The same call takes the same fuel, and a call that may have just as much as it takes is not stopped.
func TestFuelIsExact(t *testing.T) {
	lib := openWith(t, wasm.Vec, wasmffi.Options{Limits: wasmffi.Limits{Fuel: 1 << 40}})
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	last := uint64(0)
	for _, n := range []int{0, 1, 10, 1000, 100_000} {
		x := array(t, lib, filled(n, 1))
		used := call(t, sum, x).Fuel()
		require.Greater(t, used, last)
		require.Equal(t, used, call(t, sum, x).Fuel(), n)
		last = used

		exact, err := sum.WithLimits(wasmffi.CallLimits{Fuel: used})
		require.NoError(t, err)
		require.Equal(t, used, call(t, exact, x).Fuel())
		if used < 20_000 {
			continue // a guest looks at its fuel after some thousands
		}
		less, err := sum.WithLimits(wasmffi.CallLimits{Fuel: used / 2})
		require.NoError(t, err)
		_, err = less.Call(bg, x)
		require.ErrorIs(t, err, wasmffi.ErrFuel)
		require.NoError(t, lib.Reset(bg, nil))
	}
	free, err := sum.WithLimits(wasmffi.CallLimits{})
	require.NoError(t, err)
	require.Zero(t, call(t, free, array(t, lib, []float64{1})).Fuel())

	lib = openWith(t, wasm.Vec, wasmffi.Options{Unmetered: true})
	_, err = bind(t, lib, "sum(x: f64[n], n: size) -> f64").WithLimits(wasmffi.CallLimits{Fuel: 1})
	require.ErrorContains(t, err, "not metered")
	_, err = wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Unmetered: true, Limits: wasmffi.Limits{Time: 1}})
	require.ErrorContains(t, err, "not metered")
}

// What runs before the first call is stopped, too: start functions and constructors.
func TestContextsStopConstructors(t *testing.T) {
	for name, how := range map[string]func(m *made, f int){
		"start":       func(m *made, f int) { m.start = leb(f) },
		"constructor": func(m *made, f int) { m.export("_initialize", kindFunc, f) },
	} {
		var m made
		how(&m, m.fn("", "", "", opLoop, opEmpty, opBr, 0, opEnd))
		mod := compile(t, m.bytes(), wasmffi.Options{})
		for range 3 {
			ctx, cancel := context.WithTimeout(bg, 5*time.Millisecond)
			_, err := mod.Instantiate(ctx)
			cancel()
			require.ErrorIs(t, err, wasmffi.ErrStopped, name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
		}
		limited := compile(t, m.bytes(), wasmffi.Options{Limits: wasmffi.Limits{Fuel: 1000}})
		_, err := limited.Instantiate(bg)
		require.ErrorIs(t, err, wasmffi.ErrFuel, name)
	}
}

// The collector gets in while guests run.
func TestCollectorGetsIn(t *testing.T) {
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error, 2)
	m := compile(t, runaways(), wasmffi.Options{})
	for range cap(done) {
		lib := instance(t, m)
		f := bind(t, lib, "heavy200()")
		go func() {
			_, err := f.Call(ctx)
			done <- err
		}()
	}
	time.Sleep(10 * time.Millisecond)
	for range 3 {
		runtime.GC() // which would wait for ever
	}
	cancel()
	for range cap(done) {
		require.ErrorIs(t, <-done, wasmffi.ErrStopped)
	}
}

// A call may take so many instructions, and is stopped when it needs more.
func ExampleCallLimits() {
	ctx := context.Background()
	lib, err := wasmffi.LoadLibrary(ctx, "vec", "../testdata/wasm", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lib.Close()
	sum, err := lib.Func("sum(x: f64[n], n: size) -> f64")
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err = sum.WithLimits(wasmffi.CallLimits{Fuel: 100_000, Time: time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := lib.Empty(memview.F64, 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := sum.Call(ctx, x)
	fmt.Println(r.Fuel() > 0, err)

	x, err = lib.Empty(memview.F64, 1_000_000)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = sum.Call(ctx, x)
	fmt.Println(err)
	// Output:
	// true <nil>
	// sum: stopped: fuel limit
}
