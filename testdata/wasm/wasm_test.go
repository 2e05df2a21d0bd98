package wasm_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmffi/go/testdata/wasm"
)

// These tests drive the fixtures with wazero alone, so that a failure here is a failure of the fixture, and one
// elsewhere is not.

// fixtures says what is promised of each module besides its signatures.
var fixtures = []struct {
	name    string
	bytes   []byte
	alloc   bool // exports malloc and free
	imports []string
}{
	{"vec", wasm.Vec, true, nil},
	{"sigs", wasm.Sigs, true, nil},
	{"scalars", wasm.Scalars, false, nil},
	{"traps", wasm.Traps, true, nil},
	{"exit", wasm.Exit, true, []string{"wasi_snapshot_preview1.proc_exit"}},
	{"mem", wasm.Mem, true, nil},
	{"noalloc", wasm.NoAlloc, false, nil},
	{"badalloc", wasm.BadAlloc, true, nil},
	{"ctor", wasm.Ctor, false, nil},
	{"ctortrap", wasm.CtorTrap, false, nil},
	{"imports", wasm.Imports, true, []string{"env.scale", "env.sum", "env.fail", "env.missing"}},
	{"data", wasm.Data, true, nil},
	{"asalloc", wasm.ASAlloc, false, nil},
	{"bindgen", wasm.Bindgen, false, nil},
	{"sbrk", wasm.Sbrk, false, nil},
	{"callback", wasm.Callback, true, nil},
	{"callfixed", wasm.CallFixed, true, nil},
}

// binaryOf returns the bytes of a fixture: those of the directory WASMFFI_FIXTURES where that is set (an absolute path, of
// files that build.sh rebuilt with other tools), else the embedded ones.
func binaryOf(t testing.TB, name string) []byte {
	t.Helper()
	var b []byte
	var err error
	if dir := os.Getenv("WASMFFI_FIXTURES"); dir != "" {
		b, err = os.ReadFile(filepath.Join(dir, name+".wasm"))
	} else {
		b, err = wasm.FS.ReadFile(name + ".wasm")
	}
	require.NoError(t, err)
	return b
}

// guest is one fixture, compiled once and instantiated as often as wanted.
type guest struct {
	t        testing.TB
	rt       wazero.Runtime
	compiled wazero.CompiledModule
	called   map[string]bool // by export name, over all instances
	hosts    int             // modules of functions that were made for it
}

// instance is one instance of a guest; a test that traps takes its own.
type instance struct {
	api.Module
	g *guest
	t testing.TB
}

func compile(t testing.TB, name string) *guest {
	t.Helper()
	ctx := t.Context()
	cfg := wazero.NewRuntimeConfig().WithCustomSections(true).WithMemoryLimitPages(1024)
	if name == "traps" {
		cfg = cfg.WithCloseOnContextDone(true) // for spin
	}
	rt := wazero.NewRuntimeWithConfig(ctx, cfg)
	t.Cleanup(func() { require.NoError(t, rt.Close(context.Background())) })
	switch name {
	case "exit":
		wasi_snapshot_preview1.MustInstantiate(ctx, rt)
	case "imports":
		supply(t, rt)
	}
	compiled, err := rt.CompileModule(ctx, binaryOf(t, name))
	require.NoError(t, err)
	return &guest{t: t, rt: rt, compiled: compiled, called: map[string]bool{}}
}

func (g *guest) instantiate(t testing.TB) *instance {
	t.Helper()
	cfg := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	m, err := g.rt.InstantiateModule(t.Context(), g.compiled, cfg)
	require.NoError(t, err)
	return &instance{m, g, t}
}

func (in *instance) try(ctx context.Context, fn string, args ...uint64) (uint64, error) {
	in.t.Helper()
	in.g.called[fn] = true
	f := in.ExportedFunction(fn)
	require.NotNil(in.t, f, "no export %s", fn)
	res, err := f.Call(ctx, args...)
	if err != nil || len(res) == 0 {
		return 0, err
	}
	return res[0], nil
}

func (in *instance) call(fn string, args ...uint64) uint64 {
	in.t.Helper()
	r, err := in.try(in.t.Context(), fn, args...)
	require.NoError(in.t, err, fn)
	return r
}

// put copies values into memory of the guest's own malloc.
func put[T any](in *instance, values []T) uint64 {
	in.t.Helper()
	b, err := binary.Append(nil, binary.LittleEndian, values)
	require.NoError(in.t, err)
	p := in.call("malloc", uint64(max(len(b), 1)))
	require.NotZero(in.t, p)
	require.True(in.t, in.Memory().Write(uint32(p), b), "malloc(%d) gave %#x, outside memory", len(b), p)
	return p
}

// get reads n values back.
func get[T any](in *instance, p uint64, n int) []T {
	in.t.Helper()
	values := make([]T, n)
	b, ok := in.Memory().Read(uint32(p), uint32(binary.Size(values)))
	require.True(in.t, ok, "%d values at %#x are outside memory", n, p)
	_, err := binary.Decode(b, binary.LittleEndian, values)
	require.NoError(in.t, err)
	return values
}

// ramp gives n small integers, positive and negative, whose sums and products are exact in any order.
func ramp[T int64 | float32 | float64 | uint8](n int) []T {
	values := make([]T, n)
	for i := range values {
		values[i] = T((i*7 + 3) % 23)
		if i%3 == 0 {
			values[i] = -values[i]
		}
	}
	return values
}

// mapped applies f to each index below n.
func mapped[T any](n int, f func(i int) T) []T {
	values := make([]T, n)
	for i := range values {
		values[i] = f(i)
	}
	return values
}

var f64 = api.EncodeF64

// lengths reach the loop bodies of every unrolling, and what is left over after them.
var lengths = []int{0, 1, 2, 3, 7, 16, 37, 100, 257}

// in gives the same instance to a subtest.
func (in *instance) in(t testing.TB) *instance { return &instance{in.Module, in.g, t} }

// requireAllCalled fails when an export was never called, so that a new function cannot go untested.
func (g *guest) requireAllCalled() {
	g.t.Helper()
	g.called["_initialize"] = true
	require.Equal(g.t, slices.Sorted(maps.Keys(g.compiled.ExportedFunctions())), slices.Sorted(maps.Keys(g.called)))
}

func TestScalars(t *testing.T) {
	g := compile(t, "scalars")
	in := g.instantiate(t)
	minus := func(v int64) uint64 { return uint64(v) }
	for _, c := range []struct {
		fn   string
		args []uint64
		want uint64
	}{
		{"id_bool", []uint64{1}, 1},
		{"id_bool", []uint64{0}, 0},
		{"id_i8", []uint64{api.EncodeI32(-128)}, api.EncodeI32(-128)},
		{"id_i16", []uint64{api.EncodeI32(-32768)}, api.EncodeI32(-32768)},
		{"id_i32", []uint64{api.EncodeI32(math.MinInt32)}, api.EncodeI32(math.MinInt32)},
		{"id_i64", []uint64{minus(math.MinInt64)}, minus(math.MinInt64)},
		{"id_u8", []uint64{255}, 255},
		{"id_u16", []uint64{65535}, 65535},
		{"id_u32", []uint64{math.MaxUint32}, math.MaxUint32},
		{"id_u64", []uint64{math.MaxUint64}, math.MaxUint64},
		{"id_f32", []uint64{api.EncodeF32(0.1)}, api.EncodeF32(0.1)},
		{"id_f64", []uint64{f64(-0.1)}, f64(-0.1)},
		{"id_size", []uint64{math.MaxUint32}, math.MaxUint32},
		{"id_ptr", []uint64{0xFFFFFFF0}, 0xFFFFFFF0},
		{"add_i64", []uint64{minus(-5), 1 << 40}, 1<<40 - 5},
		{"add_i64", []uint64{math.MaxInt64, 1}, minus(math.MinInt64)},
		{"no_args", nil, 42},
		{"no_result", []uint64{7}, 0},
		{"six", []uint64{api.EncodeI32(-1), 65535, minus(-1 << 40), api.EncodeF32(0.5), f64(0.25), math.MaxUint32}, f64(-1 + 65535 - 1<<40 + 0.75 + math.MaxUint32)},
	} {
		require.Equal(t, c.want, in.call(c.fn, c.args...), "%s(%v)", c.fn, c.args)
	}
	g.requireAllCalled()
}

func TestTraps(t *testing.T) {
	g := compile(t, "traps")
	in := g.instantiate(t)
	// Short of the trap each function works.
	p := in.call("malloc", 16)
	in.call("oob_store", p)
	require.Equal(t, int32(-1), int32(in.call("oob_load", p)))
	in.call("free", p)
	require.Equal(t, int32(-3), int32(in.call("div0", api.EncodeI32(7), api.EncodeI32(-2))))
	require.Equal(t, int32(math.MinInt32/7), int32(in.call("int_overflow", 7)))
	require.Equal(t, int32(-2), int32(in.call("bad_convert", f64(-2.9))))
	require.EqualValues(t, 42, in.call("bad_table", 1))
	require.Equal(t, recurse(100), int32(in.call("recurse", 100)))
	require.EqualValues(t, 20, in.call("shadow_overflow", 20))

	pageEnd := uint64(in.Memory().Size())
	for _, c := range []struct {
		fn   string
		args []uint64
		want string
	}{
		{"unreachable_", nil, "wasm error: unreachable"},
		{"oob_load", []uint64{pageEnd - 3}, "wasm error: out of bounds memory access"},
		{"oob_load", []uint64{math.MaxUint32}, "wasm error: out of bounds memory access"},
		{"oob_store", []uint64{pageEnd}, "wasm error: out of bounds memory access"},
		{"div0", []uint64{1, 0}, "wasm error: integer divide by zero"},
		{"int_overflow", []uint64{api.EncodeI32(-1)}, "wasm error: integer overflow"},
		{"int_overflow", []uint64{0}, "wasm error: integer divide by zero"},
		{"bad_convert", []uint64{f64(math.NaN())}, "wasm error: invalid conversion to integer"},
		{"bad_convert", []uint64{f64(3e9)}, "wasm error: integer overflow"},
		{"bad_table", []uint64{1000}, "wasm error: invalid table access"},
		{"bad_table", []uint64{math.MaxUint32}, "wasm error: invalid table access"},
		{"bad_table", []uint64{2}, "wasm error: indirect call type mismatch"},
		{"null_func", nil, "wasm error: invalid table access"},
		{"bad_sig", nil, "wasm error: indirect call type mismatch"},
		{"recurse", []uint64{math.MaxInt32}, "stack overflow"},
		{"shadow_overflow", []uint64{64}, "wasm error: out of bounds memory access"},
	} {
		_, err := g.instantiate(t).try(t.Context(), c.fn, c.args...)
		require.ErrorContains(t, err, c.want, "%s(%v)", c.fn, c.args)
	}

	t.Run("half_then_trap", func(t *testing.T) {
		in := g.instantiate(t)
		p := put(in, []float64{1, 2, 3, 4, 5})
		_, err := in.try(t.Context(), "half_then_trap", p, 5)
		require.ErrorContains(t, err, "wasm error: unreachable")
		require.Equal(t, []float64{-1, -1, 3, 4, 5}, get[float64](in, p, 5))
	})

	t.Run("spin", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := g.instantiate(t).try(ctx, "spin")
		require.EqualError(t, err, "module closed with context deadline exceeded")
	})
	g.requireAllCalled()
}

// recurse is traps.c's, in a loop.
func recurse(n int32) int32 {
	var r uint32
	for i := int32(1); i <= n; i++ {
		r = r*3 ^ uint32(i)
	}
	return int32(r)
}

func TestExit(t *testing.T) {
	g := compile(t, "exit")
	for _, code := range []uint32{0, 3, 255} {
		in := g.instantiate(t)
		_, err := in.try(t.Context(), "exit_with", uint64(code))
		requireExit(t, err, code)

		in = g.instantiate(t)
		p := put(in, []float64{1, 2, 3, 4, 5})
		mem := in.Memory()
		_, err = in.try(t.Context(), "half_then_exit", p, 5, uint64(code))
		requireExit(t, err, code)
		first, ok := mem.ReadFloat64Le(uint32(p) + 8)
		require.True(t, ok)
		third, ok := mem.ReadFloat64Le(uint32(p) + 16)
		require.True(t, ok)
		require.Equal(t, []float64{-1, 3}, []float64{first, third})
	}
	in := g.instantiate(t)
	in.call("free", in.call("malloc", 8))
	g.requireAllCalled()
}

func requireExit(t *testing.T, err error, code uint32) {
	t.Helper()
	var exit *sys.ExitError
	require.True(t, errors.As(err, &exit), "got %v, want an exit code", err)
	require.Equal(t, code, exit.ExitCode())
}

func TestMem(t *testing.T) {
	g := compile(t, "mem")
	in := g.instantiate(t)
	pages := in.call("pages")
	require.EqualValues(t, in.Memory().Size()/65536, pages)
	require.Equal(t, pages, in.call("grow", 2))
	require.Equal(t, pages+2, in.call("pages"))
	require.Equal(t, int32(-1), int32(in.call("grow", 65536)))

	p := (pages+2)*65536 - 4 // the last word of the new pages
	require.Zero(t, in.call("peek", p))
	in.call("poke", p, 0xDEADBEEF)
	require.Equal(t, uint64(0xDEADBEEF), in.call("peek", p))
	_, err := in.try(t.Context(), "peek", p+1)
	require.ErrorContains(t, err, "wasm error: out of bounds memory access")

	// malloc copes with pages that it did not ask for.
	block := in.call("malloc", 1<<20)
	require.Zero(t, block%16)
	in.call("free", block)

	for want := range 3 {
		require.EqualValues(t, want+1, in.call("counter"))
	}
	require.EqualValues(t, 1, g.instantiate(t).call("counter"), "a new instance counts from the start")

	table := in.ExportedGlobal("table")
	require.NotNil(t, table)
	require.Equal(t, []float64{1, 2, 4, 8, 16, 32, 64, 128}, get[float64](in, table.Get(), 8))
	g.requireAllCalled()
}

func TestNoAlloc(t *testing.T) {
	g := compile(t, "noalloc")
	in := g.instantiate(t)
	p := in.Memory().Size() // no data, so memory ends with the stack and the host has to make room
	_, ok := in.Memory().Grow(1)
	require.True(t, ok)
	for _, n := range lengths {
		var want int32
		for i := range n {
			v := int32(i)*int32(i) - 50
			require.True(t, in.Memory().WriteUint32Le(p+uint32(4*i), uint32(v)))
			want += v
		}
		require.Equal(t, want, int32(in.call("sum_i32", uint64(p), uint64(n))))
	}
	g.requireAllCalled()
}

func TestBadAlloc(t *testing.T) {
	g := compile(t, "badalloc")
	in := g.instantiate(t)
	malloc := func(mode, n uint64) uint64 {
		in.call("set_mode", mode)
		return in.call("malloc", n)
	}
	a, b := malloc(0, 20), malloc(0, 20)
	require.Zero(t, a%16)
	require.Equal(t, a+32, b)
	big := malloc(0, 1<<20)
	require.Greater(t, uint64(in.Memory().Size()), big+1<<20-1, "grows memory")
	require.Zero(t, malloc(0, math.MaxUint32))

	require.Zero(t, malloc(1, 8))
	require.EqualValues(t, in.Memory().Size()-8, malloc(2, 16))
	require.Equal(t, uint64(0xFFFFFFF0), malloc(3, 16))
	require.Equal(t, malloc(4, 16), malloc(4, 8))
	require.EqualValues(t, 4, malloc(6, 16)%8)

	in.call("set_mode", 5)
	_, err := in.try(t.Context(), "malloc", 8)
	require.ErrorContains(t, err, "wasm error: unreachable")

	in = g.instantiate(t)
	for _, n := range lengths {
		x, want := ramp[float64](n), 0.0
		for _, v := range x {
			want += v
		}
		p := put(in, x)
		require.Equal(t, want, api.DecodeF64(in.call("sum", p, uint64(n))))
		in.call("free", p)
	}
	g.requireAllCalled()
}

func TestConstructors(t *testing.T) {
	for _, c := range []struct {
		name, init string
		value      uint64
	}{
		{"ctor", "", 7},
		{"ctortrap", "wasm error: unreachable", 7}, // it stores first
	} {
		g := compile(t, c.name)
		m, err := g.rt.InstantiateModule(t.Context(), g.compiled, wazero.NewModuleConfig().WithStartFunctions())
		require.NoError(t, err)
		in := &instance{m, g, t}
		require.Zero(t, in.call("value"), "%s: no constructor has run yet", c.name)
		_, err = in.try(t.Context(), "_initialize")
		if c.init == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.init)
		}
		require.Equal(t, c.value, in.call("value"), c.name)
		g.requireAllCalled()
	}
}

// TestModules checks what every module promises: imports, exports, layout, and nothing of the machine that built it.
func TestModules(t *testing.T) {
	files, err := fs.Glob(wasm.FS, "*.wasm")
	require.NoError(t, err)
	require.Len(t, files, len(fixtures), "every embedded module stands in the table")
	for _, fx := range fixtures {
		t.Run(fx.name, func(t *testing.T) {
			embedded, err := wasm.FS.ReadFile(fx.name + ".wasm")
			require.NoError(t, err)
			require.Equal(t, embedded, fx.bytes, "the variable and FS hold the same bytes")

			b := binaryOf(t, fx.name)
			for _, path := range []string{"/work", "/tmp", "/root", "/home", "/usr", "/build"} {
				require.False(t, bytes.Contains(b, []byte(path)), "contains %q", path)
			}

			g := compile(t, fx.name)
			var imports []string
			for _, f := range g.compiled.ImportedFunctions() {
				module, name, _ := f.Import()
				imports = append(imports, module+"."+name)
			}
			require.Equal(t, fx.imports, imports)
			require.Empty(t, g.compiled.ImportedMemories())
			var signatures []string
			for _, s := range g.compiled.CustomSections() {
				require.NotEqual(t, "producers", s.Name())
				require.False(t, strings.HasPrefix(s.Name(), ".debug"), s.Name())
				if s.Name() == "wasmffi" {
					require.True(t, bytes.HasSuffix(s.Data(), []byte("\n")), "linkers put sections end to end")
					signatures = append(signatures, declared(s.Data())...)
				}
			}
			text, err := wasm.FS.ReadFile(fx.name + ".sig")
			require.NoError(t, err)
			require.ElementsMatch(t, declared(text), signatures, "section and sidecar")

			var functions []string
			for name := range g.compiled.ExportedFunctions() {
				functions = append(functions, name)
			}
			want := append(sidecar(t, fx.name), "_initialize")
			if fx.alloc {
				want = append(want, "malloc", "free")
			}
			require.ElementsMatch(t, want, functions, "exports and sidecar")
			require.Contains(t, g.compiled.ExportedMemories(), "memory")

			m, err := g.rt.InstantiateModule(t.Context(), g.compiled, wazero.NewModuleConfig().WithStartFunctions())
			require.NoError(t, err)
			sp, heap := m.ExportedGlobal("__stack_pointer"), m.ExportedGlobal("__heap_base")
			require.NotNil(t, sp)
			require.NotNil(t, heap)
			require.EqualValues(t, 1<<20, sp.Get(), "the stack lies first")
			require.GreaterOrEqual(t, heap.Get(), uint64(1<<20))
		})
	}
}

// declared returns the lines of a sidecar or section that are no comments.
func declared(text []byte) (lines []string) {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// sidecar returns the names of the functions that NAME.sig declares.
func sidecar(t *testing.T, name string) (functions []string) {
	t.Helper()
	b, err := wasm.FS.ReadFile(name + ".sig")
	require.NoError(t, err)
	lines := declared(b)
	require.Equal(t, "wasmffi 1", lines[0])
	for _, line := range lines[1:] {
		if strings.HasPrefix(line, "type ") {
			continue
		}
		fn, _, ok := strings.Cut(line, "(")
		require.True(t, ok, "%s.sig: no function in %q", name, line)
		functions = append(functions, strings.Trim(fn, `"`))
	}
	return functions
}
