package wasmffi_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

const (
	hostileSpace = 6 << 30           // that a child may reserve
	hostileTime  = 5 * time.Second   // that one module may take, from bytes to Close
	hostileStart = time.Second       // that its constructors may take
	hostileHeap  = uint64(600 << 20) // that a child may be resident with
)

// hostile is Options for modules that nobody trusts.
func hostile(cache *wasmffi.Cache) *wasmffi.Options {
	return &wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}, Cache: cache}
}

// endures compiles what may be no module, and instantiates what compiled. It reports how far that got, as
// an error or nil, and requires that it took no longer than it may.
func endures(t testing.TB, code []byte, o *wasmffi.Options) (compiled bool, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(bg, hostileStart)
	defer cancel()
	begin := time.Now()
	m, err := wasmffi.Compile(ctx, code, o)
	if err == nil {
		compiled = true
		var lib *wasmffi.Library
		if lib, err = m.Instantiate(ctx); err == nil {
			exercise(ctx, lib)
			require.NoError(t, lib.Close())
		}
		require.NoError(t, m.Close())
	}
	require.Less(t, time.Since(begin), hostileTime, "%d bytes that begin with %x", len(code), code[:min(len(code), 100)])
	return compiled, err
}

// exercise uses a library whose guest is not trusted in every way, without a look at what comes of it.
func exercise(ctx context.Context, lib *wasmffi.Library) {
	s, err := lib.Snapshot()
	numbers := map[string]any{"i32": 3, "i64": -1, "f32": 0.5, "f64": 2.5}
	for k, x := range lib.Module().Exports() {
		if k == 12 || ctx.Err() != nil || len(x.Type.Params) > 6 || len(x.Type.Results) > 1 {
			break
		}
		var args []any
		var params []string
		for _, p := range x.Type.Params {
			params, args = append(params, p), append(args, numbers[p])
		}
		result := ""
		if len(x.Type.Results) > 0 {
			result = " -> " + x.Type.Results[0]
		}
		if f, err := lib.Func(x.Name + "(" + strings.Join(numbered(params), ", ") + ")" + result); err == nil {
			f.Call(ctx, args...)
		}
		// Nothing can stop an allocator that Array or Free calls, but that of a call can be.
		if f, err := lib.Func(x.Name + "(x: inout f64[n], n: size)" + result); err == nil {
			f.Call(ctx, []float64{1, 2, 3})
		}
		if k%4 == 1 && err == nil {
			lib.Reset(ctx, s)
		}
	}
	if cb, err := lib.Callback("func(i32) -> i32", func(x int32) int32 { return x }); err == nil {
		if f, err := lib.FuncAt(cb.Pointer(), "func(i32) -> i32"); err == nil {
			f.Call(ctx, 1)
		}
		cb.Close()
	}
	if f, err := lib.FuncAt(1, "func(i32) -> i32"); err == nil {
		f.Call(ctx, 1)
	}
	lib.Reset(ctx, nil)
}

// tally is what became of many modules.
type tally struct{ refused, failed, ran int }

func (s *tally) add(compiled bool, err error) {
	switch {
	case !compiled:
		s.refused++
	case err != nil:
		s.failed++
	default:
		s.ran++
	}
}

// resident requires that the process has not taken much.
func (s *tally) resident(t *testing.T) {
	now := measure(t)
	fmt.Fprintf(os.Stderr, "%d refused, %d failed to start, %d ran; %v\n", s.refused, s.failed, s.ran, now)
	if !raced {
		require.Less(t, now.resident, hostileHeap)
	}
}

func TestTruncatedModules(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		for _, code := range [][]byte{wasm.Ctor, wasm.Exit, wasm.Imports, wasm.Data, wasm.Mem, wasm.ASAlloc, wasm.Bindgen, wasm.Callback} {
			step := 1
			if testing.Short() || raced {
				step = 13
			}
			for n := 0; n < len(code); n += step {
				s.add(endures(t, code[:n], o))
			}
		}
		require.Greater(t, s.refused, 1000)
		s.resident(t)
	})
}

// Whatever bits are flipped, a module is refused, fails, or runs.
func TestFlippedBits(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		for seed, code := range [][]byte{wasm.Ctor, wasm.Exit, wasm.Imports, wasm.Data, wasm.Mem, wasm.Sbrk, wasm.ASAlloc, starting(starts["start section"]), relocatable()} {
			r := rand.New(rand.NewPCG(uint64(seed), 4))
			for i := range sometimes(500) {
				bad := bytes.Clone(code)
				for range 1 + i%3 {
					bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
				}
				s.add(endures(t, bad, o))
			}
		}
		require.NotZero(t, s.refused)
		require.NotZero(t, s.ran)
		s.resident(t)
	})
}

func TestRandomBytes(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		r := rand.New(rand.NewPCG(1, 1))
		for i := range times(20_000) {
			b := binary()
			for len(b) < 9+i%200 {
				b = append(b, byte(r.Uint32()>>(r.IntN(5)*6))) // small numbers more often
			}
			if i%3 == 0 && len(b) > 10 {
				b[8], b[9] = byte(1+r.IntN(13)), byte(len(b)-10) // a section of that size
			}
			s.add(endures(t, b, o))
		}
		require.NotZero(t, s.refused)
		s.resident(t)
	})
}

// Modules that say that they have very much.
func TestClaims(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		for id := range 20 {
			for _, n := range []uint64{1 << 16, 1 << 24, 1<<31 - 1, 1 << 31, math.MaxUint32, math.MaxUint32 + 1, 1 << 35, 1 << 62} {
				s.add(endures(t, binary(cat(id, uleb(n))), o))                                           // a section of n bytes
				s.add(endures(t, binary(cat(id, leb(len(uleb(n))), uleb(n))), o))                        // of n items
				s.add(endures(t, binary(cat(id, leb(len(uleb(n))+100), uleb(n)), make([]byte, 100)), o)) // some of which are there
			}
		}
		ran := s.ran
		for name, code := range claims() {
			compiled, err := endures(t, code, o)
			require.Error(t, err, name)
			s.add(compiled, err)
			fmt.Fprintf(os.Stderr, "%s: %.150v\n", name, err)
		}
		require.Equal(t, ran, s.ran)
		s.resident(t)
	})
}

// claims are modules that are well formed, and want what nobody can have.
func claims() map[string][]byte {
	max32 := uleb(math.MaxUint32)
	memory := func(limits ...any) []byte {
		m := made{memory: [][]byte{cat(limits...)}}
		return m.bytes()
	}
	imported := func(entity ...any) []byte {
		m := made{imports: [][]byte{cat("env", "x", cat(entity...))}}
		return m.bytes()
	}
	list := map[string][]byte{
		"memory of 4 GiB":              memory(0, leb(65536)),
		"memory of more":               memory(0, max32),
		"shared memory of 4 GiB":       memory(3, leb(65536), leb(65536)),
		"memory of 64 bits":            memory(4, leb(1)),
		"imported memory of 4 GiB":     imported(kindMemory, 0, leb(65536)),
		"imported memory of 64 MiB":    imported(kindMemory, 0, leb(1024)), // above the limit
		"imported table of 4 G":        imported(kindTable, funcref, 0, max32),
		"imported table of 100 M":      imported(kindTable, funcref, 0, leb(100_000_000)),
		"imported function of no type": imported(kindFunc, leb(3)),
		"imported global of no type":   imported(kindGlobal, 0x11, 0),
		"imported thing of no kind":    imported(9, 0),
		"two memories":                 (&made{imports: [][]byte{cat("a", "a", kindMemory, 0, 1), cat("a", "b", kindMemory, 0, 1)}}).bytes(),
		"memory imported and defined":  (&made{imports: [][]byte{cat("a", "a", kindMemory, 0, 1)}, memory: [][]byte{cat(0, 1)}}).bytes(),
		"data outside of memory":       (&made{memory: [][]byte{cat(0, 1)}, data: [][]byte{cat(0, constant(65536), opEnd, leb(1), 7)}}).bytes(),
		"50,000 locals":                locals(50_000),
		"4 G locals":                   locals(math.MaxUint32),
		"name that is no UTF-8":        (&made{imports: [][]byte{cat("env", "\xff\xfe", kindMemory, 0, 1)}}).bytes(),
		"name of 4 GiB":                binary(cat(secImport, leb(12), leb(1), max32, "abc", 0, 0)),
	}
	var m made
	for range 4 { // of 3 M each, which is more than all may have
		m.imports = append(m.imports, cat("env", "t", kindTable, funcref, 0, leb(3_000_000)))
	}
	list["tables of 12 M"] = m.bytes()
	return list
}

// locals is a function with n locals.
func locals(n uint64) []byte {
	body := cat(leb(1), uleb(n), i32, opEnd)
	m := made{funcs: [][]byte{leb(0)}, bodies: [][]byte{cat(leb(len(body)), body)}}
	m.typ("", "")
	return m.bytes()
}

// What a dylink.0 section asks for is as bounded as what the module says itself.
func TestClaimsOfRelocatable(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		for _, n := range []uint64{0, 1, 1 << 16, 1 << 20, 20_000_000, 1 << 27, math.MaxInt32, math.MaxUint32, math.MaxUint32 + 1, 1 << 40} {
			for k := range 4 {
				info := [4][]byte{leb(16), leb(4), leb(1), leb(0)}
				info[k] = uleb(n)
				for _, tables := range []int{1, 50} {
					code := relocatableWith(info, tables)
					compiled, err := endures(t, code, o)
					s.add(compiled, err)
					if n >= 20_000_000 && k == 2 {
						require.Error(t, err, "table of %d", n)
					}
				}
			}
		}
		s.resident(t)
	})
}

func TestManyImports(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		entities := map[string][]byte{
			"functions": cat(kindFunc, 0), "memories": cat(kindMemory, 0, 1), "tables": cat(kindTable, funcref, 0, 1),
			"globals": cat(kindGlobal, i32, 0), "mutable globals": cat(kindGlobal, i64, 1),
		}
		for what, entity := range entities {
			for _, n := range []int{9_000, 100_000} {
				var m made
				m.typ("i", "i")
				for i := range n {
					m.imports = append(m.imports, cat("env", fmt.Sprint("x", i%5000), entity))
				}
				begin := time.Now()
				compiled, err := endures(t, m.bytes(), o)
				s.add(compiled, err)
				fmt.Fprintf(os.Stderr, "%d %s: %v, %.150v\n", n, what, time.Since(begin).Round(time.Millisecond), err)
				if n == 100_000 {
					require.False(t, compiled, what)
				}
			}
		}
		s.resident(t)
	})
}

// Imports of the same name are told apart by their place, whatever their types.
func TestImportsOfOneName(t *testing.T) {
	var m made
	types := []struct{ params, results string }{{"", "i"}, {"i", "i"}, {"j", "i"}, {"ii", "i"}, {"d", "i"}, {"", "j"}, {"", ""}}
	for _, module := range []string{"env", "wasi_snapshot_preview1", "host", "guest", "", "wasmffi.callback (i32) -> i32"} {
		for _, typ := range types {
			m.imp(module, "fd_close", typ.params, typ.results)
		}
	}
	n := m.funcsIn
	m.pages(1)
	for i := range n {
		typ := types[i%len(types)]
		var args []any
		for k := range len(typ.params) {
			args = append(args, opLocalGet, k)
		}
		m.fn(fmt.Sprint("f", i), typ.params, typ.results, append(args, opCall, leb(i))...)
	}
	mod := compile(t, m.bytes(), wasmffi.Options{})
	lib := instance(t, mod)
	require.Len(t, mod.Imports(), n)
	missing := 0
	for i := range n {
		typ := types[i%len(types)]
		sig := map[string]string{"": "()", "i": "(x: i32)", "j": "(x: i64)", "d": "(x: f64)", "ii": "(x: i32, y: i32)"}[typ.params]
		if r := map[string]string{"i": " -> i32", "j": " -> i64"}[typ.results]; r != "" {
			sig += r
		}
		f := bind(t, lib, fmt.Sprint("f", i)+sig)
		args := make([]any, len(typ.params))
		for k := range args {
			args[k] = 77
		}
		if r, err := f.Call(bg, args...); err != nil {
			require.ErrorIs(t, err, wasmffi.Unresolved, "%d", i)
			require.NoError(t, lib.Reset(bg, nil))
			missing++
		} else {
			require.EqualValues(t, 8, r.Int(), "%d: of no open file", i)
		}
	}
	require.Len(t, mod.Missing(), missing)
	require.Equal(t, n-2, missing, "but for those of WASI's type")
}

// Names that the host uses are nobody's to have.
func TestPrivateNames(t *testing.T) {
	var m made
	for _, module := range []string{"wasmffi.callback (i32) -> i32", "wasmffi.callback () -> ()", "guest", "host", "host0", "host1", "wasi_snapshot_preview1", "", "env\x00", "a.b"} {
		for _, name := range []string{"call", "0", "1", "callback", "proc_exit", "wasmffi.table", "", "table"} {
			m.imp(module, name, "i", "i")
		}
	}
	m.imports = append(m.imports, cat("guest", "wasmffi.table", kindTable, funcref, 0, 1), cat("guest", "wasmffi.global.0", kindGlobal, i32, 1))
	m.pages(1)
	m.fn("call", "i", "i", opLocalGet, 0, opCall, 0)
	m.fn("apply", "ii", "i", opLocalGet, 1, opLocalGet, 0, opCallIndirect, leb(m.typ("i", "i")), 0)
	for _, prefix := range []string{"wasmffi.table", "wasmffi.global", "wasmffi.call", "wasmffi.shadow"} {
		for _, end := range []string{"", ".0", ".1", "_", "_.0", "__", "__.0", "_._.0"} {
			m.fn(prefix+end, "", "i", constant(int64(len(prefix+end))))
		}
	}
	m.export("global", kindGlobal, 0)
	m.export("table", kindTable, 0)
	code := m.bytes()
	mod := compile(t, code, wasmffi.Options{})
	lib := instance(t, mod)
	_, err := bind(t, lib, "call(x: i32) -> i32").Call(bg, 1)
	require.ErrorIs(t, err, wasmffi.Unresolved)
	require.NoError(t, lib.Reset(bg, nil))
	names := 0
	for _, x := range mod.Exports() {
		if strings.HasPrefix(x.Name, "wasmffi.") {
			names++
		}
	}
	require.Equal(t, 32, names, "those that the module has itself")
	plus := callback(t, lib, "func(i32) -> i32", func(x int32) int32 { return x + 1 })
	require.EqualValues(t, 42, call(t, bind(t, lib, "apply(f: func(i32) -> i32, x: i32) -> i32"), plus, 41).Int())
	s, err := lib.Snapshot()
	require.NoError(t, err)
	require.NoError(t, lib.Reset(bg, s))
	require.EqualValues(t, 42, call(t, bind(t, lib, "apply(f: func(i32) -> i32, x: i32) -> i32"), plus, 41).Int())
}
