package wasmffi_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// modules requires that a cache has so many.
func modules(t testing.TB, c *wasmffi.Cache, want int) {
	t.Helper()
	n, bytes := c.Len()
	require.Equal(t, want, n, "modules in the cache")
	if want == 0 {
		require.Zero(t, bytes)
	} else {
		require.Positive(t, bytes)
	}
}

func compileIn(t testing.TB, c *wasmffi.Cache, code []byte, o wasmffi.Options) *wasmffi.Module {
	t.Helper()
	o.Cache = c
	m, err := wasmffi.Compile(bg, code, &o)
	require.NoError(t, err)
	return m
}

// What changes the code tells entries apart, and nothing else does.
func TestCacheKeys(t *testing.T) {
	scale := hostFunc(t, sigScale, math.Sin)
	same := func(h *wasmffi.HostFunc) map[string]*wasmffi.HostFunc {
		return map[string]*wasmffi.HostFunc{"env.scale": h}
	}
	apart := []wasmffi.Options{
		{}, {Unmetered: true}, {Threads: true}, {Exceptions: true}, {Threads: true, Exceptions: true},
		{Imports: same(scale)}, {Imports: same(hostFunc(t, sigScale, math.Sin))}, {Imports: map[string]*wasmffi.HostFunc{"env.scal": scale}},
		{Globals: map[string]uint64{"env.x": 1}}, {Globals: map[string]uint64{"env.x": 2}}, {Globals: map[string]uint64{"env.x1": 2}},
		{Names: &loader.Names{Exports: map[string]string{"dot": "d"}}}, {Names: &loader.Names{Exports: map[string]string{"dot": "e"}}},
	}
	alike := []wasmffi.Options{
		{Limits: wasmffi.Limits{Memory: 8 << 20}}, {Constructor: "-"}, {Allocator: loader.Allocator{Kind: loader.AllocNone}}, {TraceAllocations: true},
		{WASI: wasmffi.WASI{Args: []string{"x"}}}, {Find: loader.Options{MaxSize: 1 << 20}},
	}
	c := wasmffi.NewCache(1 << 30)
	var all []*wasmffi.Module
	for range 2 {
		for i, o := range apart {
			all = append(all, compileIn(t, c, wasm.Imports, o))
			modules(t, c, map[bool]int{true: i + 1, false: len(apart)}[len(all) <= len(apart)])
		}
	}
	for _, o := range alike {
		all = append(all, compileIn(t, c, wasm.Imports, o))
		modules(t, c, len(apart))
	}
	all = append(all, compileIn(t, c, wasm.Ctor, wasmffi.Options{}))
	modules(t, c, len(apart)+1)
	other := wasmffi.NewCache(0)
	all = append(all, compileIn(t, other, wasm.Imports, wasmffi.Options{}))
	modules(t, c, len(apart)+1)
	for _, m := range all {
		require.NoError(t, m.Close())
		require.NoError(t, m.Close())
	}
	modules(t, c, len(apart)+1)
	modules(t, other, 0)
	require.NoError(t, c.Trim())
	modules(t, c, 0)
}

// Instances of shared code have what their own options say.
func TestCacheSharesCodeOnly(t *testing.T) {
	c := wasmffi.NewCache(1 << 30)
	small := compileIn(t, c, wasm.Mem, wasmffi.Options{Limits: wasmffi.Limits{Memory: 2 << 20}})
	large := compileIn(t, c, wasm.Mem, wasmffi.Options{Limits: wasmffi.Limits{Memory: 8 << 20}})
	modules(t, c, 1)
	for m, want := range map[*wasmffi.Module]uint64{small: 2 << 20, large: 8 << 20} {
		lib := instance(t, m)
		require.Equal(t, want, lib.MemoryStats().Reserved)
		require.EqualValues(t, 1, call(t, bind(t, lib, "counter() -> i32")).Int())
		memory, _ := m.Memory()
		require.Equal(t, want, memory.Max)
		require.NoError(t, m.Close())
	}
}

func TestCacheEvicts(t *testing.T) {
	probe := wasmffi.NewCache(1 << 30)
	require.NoError(t, compileIn(t, probe, wasm.Ctor, wasmffi.Options{}).Close())
	_, weight := probe.Len()
	require.NoError(t, probe.Trim())

	// Four of the same weight, and room for two of them.
	c := wasmffi.NewCache(2*weight + weight/2)
	option := func(i int) wasmffi.Options {
		return wasmffi.Options{Unmetered: i&1 != 0, Threads: i&2 != 0}
	}
	var open []*wasmffi.Module
	for i := range 4 {
		open = append(open, compileIn(t, c, wasm.Ctor, option(i)))
		modules(t, c, i+1) // in use, whatever their size
	}
	for i, want := range []int{3, 2, 2, 2} {
		require.NoError(t, open[i].Close())
		modules(t, c, want)
	}
	// 2 and 3 are there, 2 the longest unused. To use it makes 3 that.
	lib := instance(t, compileIn(t, c, wasm.Ctor, option(2)))
	require.NoError(t, lib.Module().Close())
	modules(t, c, 2)
	require.NoError(t, lib.Close())
	require.NoError(t, compileIn(t, c, wasm.Ctor, option(0)).Close())
	modules(t, c, 2)
	begin := time.Now()
	require.NoError(t, compileIn(t, c, wasm.Ctor, option(2)).Close())
	t.Log("from the cache:", time.Since(begin))
	require.NoError(t, c.Trim())
	modules(t, c, 0)

	// A library keeps its code in the cache.
	m := compileIn(t, c, wasm.Ctor, wasmffi.Options{})
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	require.NoError(t, m.Close())
	require.NoError(t, c.Trim())
	modules(t, c, 1)
	require.EqualValues(t, 7, call(t, bind(t, lib, "value() -> i32")).Int())
	_, err = m.Instantiate(bg)
	require.ErrorContains(t, err, "closed")
	require.NoError(t, lib.Close())
	require.NoError(t, c.Trim())
	modules(t, c, 0)
	require.NoError(t, wasmffi.NewCache(-5).Trim())
}

// What fails is in no cache, and whatever failed after the code was there gives it back.
func TestCacheFailures(t *testing.T) {
	c := wasmffi.NewCache(0)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := wasmffi.Compile(bg, binary(cat(secCode, 1, 5)), &wasmffi.Options{Cache: c})
			if err == nil {
				t.Error("no error")
			}
		})
	}
	wg.Wait()
	modules(t, c, 0)
	for name, o := range map[string]wasmffi.Options{
		"strict":      {StrictImports: true},
		"require":     {Require: []string{"nothing(x: f64) -> f64"}},
		"allocator":   {Allocator: loader.Allocator{Kind: "x"}},
		"constructor": {Constructor: "nothing"},
		"import":      {Imports: map[string]*wasmffi.HostFunc{"env.scale": hostFunc(t, "func()", func() {})}},
	} {
		o.Cache = c
		_, err := wasmffi.Compile(bg, wasm.Imports, &o)
		require.Error(t, err, name)
		modules(t, c, 0)
	}
}

// Of many who want the same module some give up: they get the cause, and the others the module.
func TestCacheContexts(t *testing.T) {
	cause := errors.New("no longer wanted")
	for round := range 10 {
		c := wasmffi.NewCache(0)
		var wg sync.WaitGroup
		var made atomic.Int32
		for k := range 12 {
			wg.Go(func() {
				ctx, cancel := context.WithCancelCause(bg)
				defer cancel(nil)
				if k%3 == 0 {
					time.AfterFunc(time.Duration(round*k)*100*time.Microsecond, func() { cancel(cause) })
				}
				m, err := wasmffi.Compile(ctx, wasm.Vec, &wasmffi.Options{Cache: c})
				switch {
				case err == nil:
					made.Add(1)
					if n, _ := c.Len(); n != 1 {
						t.Errorf("%d modules", n)
					}
					if err := m.Close(); err != nil {
						t.Error(err)
					}
				case k%3 != 0:
					t.Errorf("%d: %v", k, err)
				case !errors.Is(err, cause):
					t.Errorf("got %v, want the cause", err)
				}
			})
		}
		wg.Wait()
		require.GreaterOrEqual(t, made.Load(), int32(8))
		modules(t, c, 0)
	}
}

// All use of one cache at once.
func TestCacheHammer(t *testing.T) {
	c := wasmffi.NewCache(300 << 10)
	var wg sync.WaitGroup
	codes := [][]byte{wasm.Ctor, wasm.Exit, wasm.Imports, wasm.Data, wasm.Mem}
	for k := range 6 {
		wg.Go(func() {
			for i := range times(150) {
				m, err := wasmffi.Compile(bg, codes[(i*(k+1))%len(codes)], &wasmffi.Options{Cache: c, Unmetered: i%7 == 0})
				if err != nil {
					t.Error(err)
					return
				}
				lib, err := m.Instantiate(bg)
				if err != nil {
					t.Error(err)
				} else if i%2 == 0 {
					err = errors.Join(lib.Close(), m.Close())
				} else {
					err = errors.Join(m.Close(), lib.Close(), m.Close())
				}
				if i%10 == 0 {
					err = errors.Join(err, c.Trim())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, c.Trim())
	modules(t, c, 0)
}

// The collector gives back what nobody closed.
func TestCacheDropped(t *testing.T) {
	for _, how := range []struct {
		name string
		drop func(m *wasmffi.Module)
	}{
		{"module", func(*wasmffi.Module) {}},
		{"module, its library closed", func(m *wasmffi.Module) { must(m.Instantiate(bg)).Close() }},
		{"both", func(m *wasmffi.Module) { must(m.Instantiate(bg)) }},
		{"library, its module closed", func(m *wasmffi.Module) { must(m.Instantiate(bg)); m.Close() }},
		{"library in a callback of its own", func(m *wasmffi.Module) {
			lib := must(m.Instantiate(bg))
			must(lib.Callback("func() -> i32", func() int32 { return int32(len(lib.String())) }))
		}},
	} {
		c := wasmffi.NewCache(0)
		how.drop(compileIn(t, c, wasm.Callback, wasmffi.Options{}))
		gone := func() bool {
			runtime.GC()
			n, _ := c.Len()
			return n == 0
		}
		require.Eventually(t, gone, 10*time.Second, 5*time.Millisecond, how.name)
	}
	// What imports close over may be the library itself.
	c := wasmffi.NewCache(0)
	func() {
		var lib *wasmffi.Library
		m := compileIn(t, c, wasm.Imports, wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.scale": hostFunc(t, sigScale, func(x float64) float64 { return x + float64(len(lib.String())) })}})
		lib = must(m.Instantiate(bg))
		require.Equal(t, 15.0, call(t, bind(t, lib, callScale), 1.0).Float64())
		require.NoError(t, lib.Close())
		require.NoError(t, m.Close())
	}()
	modules(t, c, 0)
}

func TestModulesLeaveNothing(t *testing.T) {
	alone(t, 0, func(t *testing.T) {
		sin := hostFunc(t, sigScale, math.Sin)
		leavesNothing(t, 100, sometimes(1000), 0, func(i int) {
			o := wasmffi.Options{Cache: wasmffi.NewCache(0)}
			code := wasm.Ctor
			if i%2 == 0 {
				code, o.Imports = wasm.Imports, map[string]*wasmffi.HostFunc{"env.scale": sin}
			}
			m, err := wasmffi.Compile(bg, code, &o)
			require.NoError(t, err)
			lib, err := m.Instantiate(bg)
			require.NoError(t, err)
			if i%2 == 0 {
				require.Zero(t, call(t, bind(t, lib, callScale), 0).Float64())
			}
			if i%3 != 0 { // else they are dropped
				require.NoError(t, lib.Close())
				require.NoError(t, m.Close())
			}
		})
	})
}

// A Binary whose digest is not that of its bytes gets no code but its own, and gives it to nobody.
func TestCacheTrustsNoDigest(t *testing.T) {
	c := wasmffi.NewCache(1 << 30)
	vec, err := loader.FromBytes("vec", wasm.Vec, nil)
	require.NoError(t, err)
	false1 := &loader.Binary{Name: "false", Bytes: wasm.Ctor, Digest: vec.Digest}
	one, err := wasmffi.CompileBinary(bg, false1, &wasmffi.Options{Cache: c})
	require.NoError(t, err)
	defer one.Close()
	two, err := wasmffi.CompileBinary(bg, vec, &wasmffi.Options{Cache: c})
	require.NoError(t, err)
	defer two.Close()
	modules(t, c, 2)
	require.NoError(t, two.Implements("sum(x: f64[n], n: size) -> f64"))
	require.Error(t, one.Implements("sum(x: f64[n], n: size) -> f64"))
}
