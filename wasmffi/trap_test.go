package wasmffi_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestTraps(t *testing.T) {
	for _, tt := range []struct {
		sig  string
		args []any
		code wasmffi.TrapCode
		text string
	}{
		{"unreachable_()", nil, wasmffi.Unreachable, "unreachable_: trap: unreachable"},
		{"oob_load(p: u32) -> i32", []any{uint32(0xfffffffc)}, wasmffi.OutOfBounds, "oob_load: trap: out of bounds memory access"},
		{"oob_store(p: u32)", []any{uint32(0x7fffffff)}, wasmffi.OutOfBounds, "oob_store: trap: out of bounds memory access"},
		{"div0(a: i32, b: i32) -> i32", []any{1, 0}, wasmffi.DivideByZero, "div0: trap: integer divide by zero"},
		{"int_overflow(a: i32) -> i32", []any{-1}, wasmffi.IntegerOverflow, "int_overflow: trap: integer overflow"},
		{"bad_convert(x: f64) -> i32", []any{math.NaN()}, wasmffi.InvalidConversion, "bad_convert: trap: invalid conversion to integer"},
		{"bad_convert(x: f64) -> i32", []any{1e300}, wasmffi.IntegerOverflow, "bad_convert: trap: integer overflow"},
		{"bad_table(i: i32) -> i32", []any{1 << 20}, wasmffi.InvalidTableAccess, "bad_table: trap: invalid table access"},
		{"null_func()", nil, wasmffi.InvalidTableAccess, "null_func: trap: invalid table access"},
		{"bad_sig()", nil, wasmffi.IndirectCallType, "bad_sig: trap: indirect call type mismatch"},
		{"recurse(n: i32) -> i32", []any{1 << 30}, wasmffi.StackOverflow, "recurse: trap: stack overflow"},
		{"shadow_overflow(n: i32) -> i32", []any{1000}, wasmffi.OutOfBounds, "shadow_overflow: trap: out of bounds memory access"},
	} {
		lib := open(t, wasm.Traps)
		f := bind(t, lib, tt.sig)
		kept := array(t, lib, []float64{1, 2, 3})
		r, err := f.Call(bg, tt.args...)
		require.EqualError(t, err, tt.text)
		require.Equal(t, wasmffi.Result{}, r)
		require.NotErrorIs(t, err, wasmffi.ErrNotRun)
		require.NotErrorIs(t, err, wasmffi.ErrStopped)
		require.ErrorIs(t, err, tt.code)
		var trap *wasmffi.Trap
		require.ErrorAs(t, err, &trap)
		require.Equal(t, f.Name(), trap.Func)
		require.Equal(t, tt.code, trap.Code)
		if tt.code != wasmffi.StackOverflow { // of which the engine shows no stack
			require.Contains(t, trap.Stack, f.Name(), tt.sig)
			require.Contains(t, trap.Detail(), tt.text+"\n  ", tt.sig)
		}
		for code := wasmffi.OtherTrap; code <= wasmffi.StackOverflow; code++ {
			require.Equal(t, code == tt.code, errors.Is(err, code), "%s is %s", tt.sig, code)
		}

		poisoned(t, lib, f, tt.args...)
		require.ErrorIs(t, lib.Free(kept), wasmffi.ErrPoisoned)
		require.Equal(t, []float64{1, 2, 3}, values[float64](t, kept)) // what was computed can still be read
		_, err = f.Call(bg, tt.args...)
		require.ErrorContains(t, err, tt.text) // the reason is remembered
		require.NoError(t, lib.Close())
		_, err = f.Call(bg, tt.args...)
		require.ErrorIs(t, err, wasmffi.ErrClosed)
	}
}

// A fresh instance of the same module is not affected, nor is one that runs beside.
func TestTrapPoisonsOneInstance(t *testing.T) {
	one, two := open(t, wasm.Traps), open(t, wasm.Traps)
	_, err := bind(t, one, "unreachable_()").Call(bg)
	require.ErrorIs(t, err, wasmffi.Unreachable)
	for _, lib := range []*wasmffi.Library{two, open(t, wasm.Traps)} {
		require.EqualValues(t, 2, call(t, bind(t, lib, "div0(a: i32, b: i32) -> i32"), 7, 3).Int())
		require.EqualValues(t, 42, call(t, bind(t, lib, "bad_table(i: i32) -> i32"), 1).Int())
		call(t, bind(t, lib, "recurse(n: i32) -> i32"), 1000)
		call(t, bind(t, lib, "shadow_overflow(n: i32) -> i32"), 10)
	}
	// Binding is not entering: it still works, and so does asking what there is.
	bind(t, one, "spin()")
	require.NotEmpty(t, one.Module().Exports())
}

// After the stack overflowed natively the process goes on, and so does the runtime.
func TestStackOverflowsAgainAndAgain(t *testing.T) {
	for range 5 {
		lib := open(t, wasm.Traps)
		f := bind(t, lib, "recurse(n: i32) -> i32")
		_, err := f.Call(bg, 1<<30)
		require.ErrorIs(t, err, wasmffi.StackOverflow)
	}
	require.NotZero(t, call(t, bind(t, open(t, wasm.Traps), "recurse(n: i32) -> i32"), 10_000).Int())
}

func TestTrapInConstructor(t *testing.T) {
	for range 3 { // a failed start leaves the module usable
		_, err := module(t, wasm.CtorTrap).Instantiate(bg)
		var trap *wasmffi.Trap
		require.ErrorAs(t, err, &trap)
		require.Equal(t, "_initialize", trap.Func)
		require.EqualError(t, err, "wasmffi: instantiate module: _initialize: trap: unreachable")
	}
	require.EqualValues(t, 7, call(t, bind(t, open(t, wasm.Ctor), "value() -> i32")).Int())
}

func TestTrapCodeText(t *testing.T) {
	require.Equal(t, "trap", wasmffi.OtherTrap.Error())
	require.Equal(t, "trap", wasmffi.TrapCode(200).Error())
	require.Equal(t, "f: trap: x", (&wasmffi.Trap{Func: "f", Text: "x"}).Detail())
}

// What the guest's allocator does is a fault like any other.
func TestTrapInAllocator(t *testing.T) {
	lib := open(t, wasm.BadAlloc)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	call(t, bind(t, lib, "set_mode(m: i32)"), 5)
	x := []float64{1}
	_, err := sum.Call(bg, x)
	require.ErrorIs(t, err, wasmffi.Unreachable)
	var trap *wasmffi.Trap
	require.ErrorAs(t, err, &trap)
	require.Equal(t, "malloc", trap.Func)
	require.ErrorIs(t, err, wasmffi.ErrNotRun) // sum itself was not entered
	poisoned(t, lib, sum, x)

	lib = open(t, wasm.BadAlloc)
	call(t, bind(t, lib, "set_mode(m: i32)"), 5)
	_, err = lib.Empty(memview.F64, 3)
	require.ErrorIs(t, err, wasmffi.Unreachable)
	_, err = lib.Empty(memview.F64, 3)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
}
