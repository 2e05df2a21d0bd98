package wasmffi_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Several outputs in guest memory are all found in the result, call after call.
func TestSeveralResidentOutputs(t *testing.T) {
	lib := open(t, wasm.Vec)
	f := bind(t, lib, "daxpy(n: size, a: f64, x: inout f64[n], y: inout f64[n])")
	x, y := array(t, lib, []float64{1, 2}), array(t, lib, []float64{3, 4})
	first := call(t, f, 1, x, y)
	require.Equal(t, []float64{4, 6}, values[float64](t, first.Out("y")))
	z := array(t, lib, []float64{0, 0})
	second := call(t, f, 1, x, z)
	require.Equal(t, []float64{1, 2}, values[float64](t, second.Out("y")))
	require.Equal(t, y, first.Out("y"), "a result does not change with the next call")
	require.Zero(t, testing.AllocsPerRun(50, func() {
		if _, err := f.Call(bg, 0, x, z); err != nil {
			panic(err)
		}
	}))
}

func TestNestedInOutIsCheckedToo(t *testing.T) {
	lib, other := open(t, wasm.Vec), open(t, wasm.Vec)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	_, err := sum.Call(bg, wasmffi.InOut(wasmffi.InOut(array(t, other, []float64{1}))))
	require.ErrorIs(t, err, wasmffi.ErrMemory)
	freed := array(t, lib, []float64{1})
	require.NoError(t, lib.Free(freed))
	_, err = sum.Call(bg, wasmffi.InOut(wasmffi.InOut(freed)))
	require.ErrorIs(t, err, wasmffi.ErrFreed)
}

// A stale slice may be written; the next library in that address space has zeros.
func TestReusedAddressSpaceIsZero(t *testing.T) {
	m, err := wasmffi.Compile(bg, wasm.Mem, &wasmffi.Options{Limits: wasmffi.Limits{Memory: wasmffi.MaxMemory}})
	require.NoError(t, err)
	defer m.Close()
	for range 40 {
		lib, err := m.Instantiate(bg)
		require.NoError(t, err)
		s, err := memview.Slice[uint8](must(memview.AsArray(lib.Memory(), 300<<10, memview.U8, 16)))
		require.NoError(t, err)
		require.Equal(t, make([]uint8, 16), s)
		require.NoError(t, lib.Close())
		copy(s, "a secret of mine")
	}
}

// countdown is a context that ends itself when it has been asked a number of times.
type countdown struct {
	context.Context
	left   *atomic.Int64
	cancel context.CancelFunc
}

func (c countdown) Done() <-chan struct{} {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.Context.Done()
}

// A context that ends while a call that succeeded is tidied up changes nothing.
func TestContextEndsDuringCleanUp(t *testing.T) {
	for asked := range 12 {
		lib := openWith(t, wasm.Vec, wasmffi.Options{})
		f := bind(t, lib, "fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)")
		x := make([]float64, 1<<18)
		x[0] = 1
		ctx, cancel := context.WithCancel(bg)
		left := new(atomic.Int64)
		left.Store(int64(asked))
		_, err := f.Call(countdown{ctx, left, cancel}, x, 0)
		cancel()
		if err == nil {
			require.Equal(t, 2.0, x[0])
			call(t, f, x, 0)
		} else {
			require.Equal(t, 1.0, x[0], "nothing is written back when there is an error: %v", err)
		}
	}
}

// exit(0) leaves the library usable, and leaks nothing.
func TestExitFreesOutputs(t *testing.T) {
	lib := open(t, wasm.Exit)
	f := bind(t, lib, "half_then_exit(x: out f64[n], n: size, code: i32)")
	_, err := f.Call(bg, wasmffi.New(1000), 0)
	require.Error(t, err)
	size := lib.Memory().Size()
	for range 2000 {
		_, err := f.Call(bg, wasmffi.New(1000), 0)
		require.Error(t, err)
	}
	require.Equal(t, size, lib.Memory().Size())
}

func TestRestypeHonoursAligned(t *testing.T) {
	lib := open(t, wasm.Scalars)
	f, err := lib.FuncOf("id_ptr", []constraints.Type{wasmffi.Scalar{DType: memview.U32}},
		wasmffi.NDPointer{DType: memview.F64, Shape: []int{4}, Flags: memview.Aligned})
	require.NoError(t, err)
	_, err = f.Call(bg, 1001)
	require.ErrorIs(t, err, constraints.ErrAlign)
}

// A call that was refused because of an earlier one is not stopped, trapped or refused as that was.
func TestPoisonHidesItsCause(t *testing.T) {
	lib := open(t, wasm.Traps)
	div := bind(t, lib, "div0(a: i32, b: i32) -> i32")
	_, err := div.Call(bg, 1, 0)
	require.ErrorIs(t, err, wasmffi.DivideByZero)
	_, err = div.Call(bg, 1, 1)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.NotErrorIs(t, err, wasmffi.DivideByZero)
	require.ErrorContains(t, err, "integer divide by zero")
}

func TestInstantiateRefusesADoneContext(t *testing.T) {
	ctx, cancel := context.WithCancel(bg)
	cancel()
	_, err := module(t, wasm.Vec).Instantiate(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// A library is enough to make more of the same code, as long as it is open.
func TestModuleOfALoadedLibrary(t *testing.T) {
	lib, err := wasmffi.LoadLibrary(bg, "vec", "../testdata/wasm", nil)
	require.NoError(t, err)
	more, err := lib.Module().Instantiate(bg)
	require.NoError(t, err)
	require.NoError(t, lib.Close())
	_, err = lib.Module().Instantiate(bg) // more is open
	require.NoError(t, err)
	require.NoError(t, lib.Module().Close())
	require.NoError(t, lib.Module().Close())
	_, err = lib.Module().Instantiate(bg)
	require.ErrorContains(t, err, "module is closed")
	require.NoError(t, more.Close())
}

// What people print says something.
func TestStrings(t *testing.T) {
	lib := open(t, wasm.Vec)
	modf := bind(t, lib, "modf_parts(x: f64, ip: out f64) -> f64")
	require.Equal(t, "modf_parts(x: f64, ip: out f64) -> f64", modf.String())
	require.Equal(t, "-0.75, ip = -2.0", call(t, modf, -2.75).String())
	require.Equal(t, "[ 2.  3.  5.  7. 11. 13. 17. 19. 23. 29. 31. 37. 41. 43. 47. 53.]", call(t, bind(t, lib, "primes() -> f64[16]")).String())
	require.Equal(t, "y = [1. 2.]", call(t, bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)"), []float64{1, 2}).String())
	require.Equal(t, "<no result>", wasmffi.Result{}.String())
	require.Equal(t, "library module", lib.String())
	require.Regexp(t, "^module module, [0-9]+ bytes, sha256 [0-9a-f]{64}$", lib.Module().String())
}

// In place: an output that is an input as well keeps what it holds.
func TestOutputThatAliasesAnInput(t *testing.T) {
	lib := open(t, wasm.Vec)
	sum := bind(t, lib, "prefix_sum(x: i64[n], y: out i64[n] mayalias, n: size)")
	a := array(t, lib, []int64{1, 2, 3})
	call(t, sum, a, a)
	require.Equal(t, []int64{1, 3, 6}, values[int64](t, a))
	s := []int64{1, 2, 3}
	call(t, sum, s, s)
	require.Equal(t, []int64{1, 3, 6}, s)
	b := array(t, lib, []int64{9, 9, 9})
	call(t, bind(t, lib, "prefix_sum(x: i64[0], y: out i64[3] mayalias, n: u32)"), []int64{}, b, 0)
	require.Equal(t, []int64{0, 0, 0}, values[int64](t, b), "what overlaps nothing is zeroed")
}

// A result that cannot be is refused before the guest is entered.
func TestImpossibleResultIsNotRun(t *testing.T) {
	lib := open(t, wasm.Vec)
	f := bind(t, lib, "nothing_or(x: i32) -> f64[x-1]")
	_, err := f.Call(bg, 0)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.ErrorIs(t, err, constraints.ErrExpr)
	require.Equal(t, []float64{2, 3}, values[float64](t, call(t, f, 3).Array()))
}

func TestOwnDataOfAnAllocatedOutput(t *testing.T) {
	lib := open(t, wasm.Vec)
	f, err := lib.FuncOf("linspace", []constraints.Type{
		wasmffi.Scalar{DType: memview.F64}, wasmffi.Scalar{DType: memview.F64}, wasmffi.Scalar{DType: memview.U32},
		wasmffi.NDPointer{DType: memview.F64, Shape: []int{3}, Flags: memview.OwnData, Dir: constraints.Out},
	}, nil)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, 2}, values[float64](t, call(t, f, 0, 2, 3).Out("arg4")))
}

func TestBindJudgesArrayResults(t *testing.T) {
	_, err := wasmffi.Bind[func(context.Context) ([]int8, error)](open(t, wasm.Vec), "primes() -> f64[16]")
	require.ErrorContains(t, err, "Go type is []int8")
}
