package wasmffi_test

import (
	"context"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// A table without a maximum, or with a large one, grows by no more than was admitted.
func TestTablesAreBounded(t *testing.T) {
	for name, limits := range map[string][]byte{"no maximum": {0, 1}, "a large one": cat(1, 1, uleb(1<<32-1))} {
		var m made
		m.tables = append(m.tables, cat(funcref, limits))
		m.fn("grow", "i", "i", 0xd0, funcref, opLocalGet, 0, 0xfc, 15, 0)
		m.fn("size", "", "i", 0xfc, 16, 0)
		lib := openWith(t, m.bytes(), wasmffi.Options{})
		grow := bind(t, lib, "grow(n: u32) -> i32")
		require.EqualValues(t, -1, call(t, grow, 1_000_000_000).Int(), name)
		require.EqualValues(t, -1, call(t, grow, 10_100_000).Int(), name)
		require.EqualValues(t, 1, call(t, grow, 1000).Int(), name)
		require.EqualValues(t, 1001, call(t, bind(t, lib, "size() -> i32")).Int(), name)
		cb := callback(t, lib, "func()", func() {})
		require.EqualValues(t, 1001, cb.Pointer(), name)
	}
}

// Function pointers leave nothing when the library is closed or reset, and survive what a context closes.
func TestFuncAtLeavesNothing(t *testing.T) {
	var m made
	m.tables = append(m.tables, cat(funcref, 0, uleb(10_000)))
	f := m.fn("", "", "i", constant(7))
	m.elems = append(m.elems, cat(0, constant(1), opEnd, 1, leb(f)))
	mod := compile(t, m.bytes(), wasmffi.Options{})
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	use := func(lib *wasmffi.Library) {
		f, err := lib.FuncAt(1, "func() -> i32")
		require.NoError(t, err)
		require.EqualValues(t, 7, call(t, f).Int())
	}
	once := func() {
		lib, err := mod.Instantiate(bg)
		require.NoError(t, err)
		use(lib)
		require.NoError(t, lib.Reset(bg, nil))
		use(lib)
		require.NoError(t, lib.Close())
	}
	once()
	before := heap()
	for range 100 {
		once()
	}
	require.Less(t, heap(), before+1<<20)
}

func TestFuncAtAfterStop(t *testing.T) {
	more := 1
	again := hostFunc(t, "func() -> i32", func() int { return more })
	var m made
	h := m.imp("env", "again", "", "i")
	m.tables = append(m.tables, cat(funcref, 0, 2))
	f := m.fn("f", "", "", opLoop, opEmpty, opCall, leb(h), opBrIf, 0, opEnd)
	m.pages(1).elems = append(m.elems, cat(0, constant(1), opEnd, 1, leb(f)))
	lib := openWith(t, m.bytes(), wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.again": again}})
	at, err := lib.FuncAt(1, "func()")
	require.NoError(t, err)
	s, err := lib.Snapshot()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
	defer cancel()
	_, err = at.Call(ctx)
	require.ErrorIs(t, err, wasmffi.ErrStopped)
	require.NoError(t, lib.Reset(bg, s))
	more = 0
	call(t, at)
	call(t, bind(t, lib, "f()"))
}

// An entry of the table that is an import is called for the library, too.
func TestFuncAtImport(t *testing.T) {
	var m made
	h := m.imp("env", "five", "", "i")
	m.tables = append(m.tables, cat(funcref, 0, 2))
	m.elems = append(m.elems, cat(0, constant(1), opEnd, 1, leb(h)))
	lib := openWith(t, m.pages(1).bytes(), wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.five": hostFunc(t, "func() -> i32", func() int { return 5 })}})
	f, err := lib.FuncAt(1, "func() -> i32")
	require.NoError(t, err)
	require.EqualValues(t, 5, call(t, f).Int())
}

// What is built in works while the start function runs.
func TestBuiltinAtStart(t *testing.T) {
	var m made
	now := m.imp("env", "emscripten_get_now", "", "d")
	m.globals = append(m.globals, cat(0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, opEnd))
	s := m.fn("", "", "", opCall, leb(now), opGlobalSet, 0)
	m.start = leb(s)
	lib := openWith(t, m.bytes(), wasmffi.Options{})
	require.Empty(t, lib.Module().Missing())
}

func TestAdoptWithoutMemory(t *testing.T) {
	var m made
	m.fn("seven", "", "i", constant(7))
	r := wazero.NewRuntime(bg)
	defer r.Close(bg)
	inst, err := r.Instantiate(bg, m.bytes())
	require.NoError(t, err)
	lib, err := wasmffi.Adopt(inst)
	require.NoError(t, err)
	require.Nil(t, lib.Memory())
	require.EqualValues(t, 7, call(t, bind(t, lib, "seven() -> i32")).Int())
	require.NoError(t, lib.Close())
}

// The result is not seen before the function returns: it lies where the first argument does.
func TestResultKeepsArguments(t *testing.T) {
	h := hostFunc(t, "func(x: f64[2]) -> i32", func(a *wasmffi.Args) error {
		before := wasmffi.ArgSlice[float64](a, 0)
		err := a.SetInt(64)
		require.Equal(t, &before[0], &wasmffi.ArgSlice[float64](a, 0)[0])
		require.EqualValues(t, 16, a.Ptr(0))
		return err
	})
	var m made
	f := m.imp("env", "f", "i", "i")
	m.fn("call", "", "i", constant(16), opCall, leb(f))
	lib := openWith(t, m.pages(1).bytes(), wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.f": h}})
	require.EqualValues(t, 64, call(t, bind(t, lib, "call() -> i32")).Int())
}

// A function that the guest calls may close the library: it is closed when the call returns.
func TestCloseInside(t *testing.T) {
	m, err := wasmffi.Compile(bg, wasm.Callback, nil)
	require.NoError(t, err)
	defer m.Close()
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	var inside error
	cb := callback(t, lib, "func(f64) -> f64", func(x float64) float64 {
		inside = lib.Close()
		return x
	})
	call(t, bind(t, lib, sigApply), cb, []float64{1})
	require.ErrorIs(t, inside, wasmffi.ErrBusy)
	require.NoError(t, lib.Close())
	_, err = lib.Func(sigApply)
	require.ErrorIs(t, err, wasmffi.ErrClosed)
}

func TestCheckAllCallbacks(t *testing.T) {
	lib := open(t, wasm.Callback)
	f := bind(t, lib, sigRK4)
	three := callback(t, lib, "func(f64, f64[3], f64[3])", func(_ float64, y, dy []float64) {})
	_, err := f.Call(bg, three, []float64{1, 2}, 0, 1, 10)
	require.Error(t, err)
	require.EqualError(t, f.CheckAll(three, []float64{1, 2}, 0, 1, 10), err.Error())
}

// Modules that share code have a report each.
func TestReportOfSharedCode(t *testing.T) {
	fsys := fstest.MapFS{"one.wasm": {Data: bare(wasm.Vec)}, "one.sig": {Data: []byte("sum(x: f64[n], n: size) -> f64\n")}, "two.wasm": {Data: bare(wasm.Vec)}}
	for _, tt := range [][3]string{{"one", "one.wasm", "one.sig"}, {"two", "two.wasm", ""}} {
		m, err := wasmffi.LoadModule(bg, fsys, tt[0], nil)
		require.NoError(t, err)
		defer m.Close()
		r := m.Report()
		require.Equal(t, tt, [3]string{r.Name, r.Path, r.Signatures})
	}
}
