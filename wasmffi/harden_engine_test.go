package wasmffi_test

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// These tests run hardened modules in the engine alone, with no host that knows what they are.

// hardened is a module with protection built in.
func hardened(tb testing.TB, code []byte, o *loader.HardenOptions) *loader.Hardened {
	tb.Helper()
	bin, err := loader.FromBytes("guest", code, nil)
	require.NoError(tb, err)
	h, err := loader.Harden(bin, o)
	require.NoError(tb, err)
	return h
}

// outOfFuel is what the engine says when a guest calls the function that nobody put into the table.
const outOfFuel = "wasm error: invalid table access"

// bareEngine is the engine with what the fixtures import.
func bareEngine(tb testing.TB) wazero.Runtime {
	tb.Helper()
	r := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigCompiler())
	tb.Cleanup(func() { require.NoError(tb, r.Close(bg)) })
	_, err := wasi_snapshot_preview1.Instantiate(bg, r)
	require.NoError(tb, err)
	compiled, err := r.CompileModule(bg, wasm.Imports)
	require.NoError(tb, err)
	env := r.NewHostModuleBuilder("env")
	for _, f := range compiled.ImportedFunctions() {
		_, name, _ := f.Import()
		nothing := api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
			if len(stack) > 0 {
				stack[0] = 0
			}
		})
		env.NewFunctionBuilder().WithGoModuleFunction(nothing, f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	_, err = env.Instantiate(bg)
	require.NoError(tb, err)
	return r
}

// bareInstance is an instance of which nothing was called but its start function.
func bareInstance(tb testing.TB, r wazero.Runtime, code []byte) api.Module {
	tb.Helper()
	m, err := r.InstantiateWithConfig(bg, code, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	require.NoError(tb, err)
	return m
}

// TestHardenFixturesEngine calls everything that the fixtures export, and wants the same results, traps and memory.
func TestHardenFixturesEngine(t *testing.T) {
	r := bareEngine(t)
	files, err := fs.Glob(wasm.FS, "*.wasm")
	require.NoError(t, err)
	calls := 0
	for _, file := range files {
		code, err := wasm.FS.ReadFile(file)
		require.NoError(t, err)
		h := hardened(t, code, nil)
		lib, err := wasmffi.Compile(bg, h.Wasm, nil)
		require.NoError(t, err, file)
		require.NoError(t, lib.Close())

		plain, hard := bareInstance(t, r, code), bareInstance(t, r, h.Wasm)
		names := slices.Sorted(maps.Keys(plain.ExportedFunctionDefinitions()))
		require.Equal(t, names, slices.Sorted(maps.Keys(hard.ExportedFunctionDefinitions())), file)
		for _, name := range names {
			if name == "spin" {
				continue
			}
			want, trap := callBare(plain, name)
			got, trapped := callBare(hard, name)
			require.Equal(t, trap, trapped, "%s: %s", file, name)
			require.Equal(t, want, got, "%s: %s", file, name)
			if strings.HasPrefix(trap, "module closed") { // by proc_exit
				plain, hard = bareInstance(t, r, code), bareInstance(t, r, h.Wasm)
			}
			before, ok := plain.Memory().Read(0, plain.Memory().Size())
			require.True(t, ok)
			after, ok := hard.Memory().Read(0, hard.Memory().Size())
			require.True(t, ok)
			require.True(t, string(before) == string(after), "%s: %s: other memory", file, name)
			calls++
		}
		fuel := int64(hard.ExportedGlobal(h.Fuel).Get())
		require.Positive(t, fuel)
		require.Less(t, fuel, int64(loader.DefaultFuel), file)
	}
	t.Logf("%d functions of %d modules", calls, len(files))
}

// callBare calls a function with small numbers. Of a trap it tells the first line.
func callBare(m api.Module, name string) (results []uint64, trap string) {
	f := m.ExportedFunction(name)
	var args []uint64
	for _, t := range f.Definition().ParamTypes() {
		switch t {
		case api.ValueTypeF32:
			args = append(args, api.EncodeF32(1.5))
		case api.ValueTypeF64:
			args = append(args, api.EncodeF64(1.5))
		default:
			args = append(args, 3)
		}
	}
	results, err := f.Call(bg, args...)
	if err != nil {
		trap, _, _ = strings.Cut(err.Error(), "\n")
	}
	return results, trap
}

func TestHardenKernelsEngine(t *testing.T) {
	r := bareEngine(t)
	h := hardened(t, wasm.Vec, nil)
	plain, hard := bareInstance(t, r, wasm.Vec), bareInstance(t, r, h.Wasm)
	sameKernels(t, plain, hard)
	_, ok := hard.Memory().Grow(256<<20>>16 - hard.Memory().Size()>>16)
	require.True(t, ok)
	_, ok = hard.Memory().Grow(1)
	require.False(t, ok, "above the maximum")
}

// hungry are modules whose function f takes one number: 1 for as much work as there is, and 0 for as good as none.
func hungry(tb testing.TB) map[string][]byte {
	i32 := wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.I32}, Results: []wasmbin.ValueType{wasmbin.I32}}
	const again, end = "\x20\x00\x0d\x00\x0b", "\x41\x07\x0b" // while the number is not 0; 7
	return map[string][]byte{
		"loop":        madeModule(tb, i32, "\x00\x03\x40"+again+end),
		"memory.fill": madeModule(tb, i32, "\x00\x03\x40\x41\x00\x41\x2a\x41\x80\x80\x04\xfc\x0b\x00"+again+end),
		"memory.grow": madeModule(tb, i32, "\x00\x03\x40\x41\x00\x40\x00\x1a"+again+end),
		// Calls of itself with the number 40 less one each, twice: 2**40 of them.
		"calls": madeModule(tb, i32, "\x00\x20\x00\x45\x04\x40\x41\x07\x0f\x0b\x20\x00\x41\x01\x46\x04\x40\x41\x28\x21\x00\x0b"+
			"\x20\x00\x41\x02\x46\x04\x40\x41\x07\x0f\x0b\x20\x00\x41\x01\x6b\x10\x00\x1a\x20\x00\x41\x01\x6b\x10\x00\x0b"),
	}
}

func TestHardenStopsEngine(t *testing.T) {
	const fuel = 1_000_000
	r := bareEngine(t)
	for name, code := range hungry(t) {
		t.Run(name, func(t *testing.T) {
			h := hardened(t, code, &loader.HardenOptions{Fuel: fuel})
			m := bareInstance(t, r, h.Wasm)
			global := m.ExportedGlobal(h.Fuel).(api.MutableGlobal)
			require.EqualValues(t, fuel, global.Get())
			f := m.ExportedFunction("f")
			for range 3 {
				begin := time.Now()
				_, err := f.Call(bg, 1)
				require.ErrorContains(t, err, outOfFuel)
				require.Less(t, time.Since(begin), 5*time.Second)
				left := int64(global.Get())
				require.Negative(t, left)
				require.Greater(t, left, int64(-2*wasmbin.DefaultBudget-1<<17))

				global.Set(fuel) // by the host, which need not know more
				got, err := f.Call(bg, 0)
				require.NoError(t, err)
				require.Equal(t, []uint64{7}, got)
				require.Less(t, global.Get(), uint64(fuel))
			}
			global.Set(0)
			_, err := f.Call(bg, 1)
			require.ErrorContains(t, err, outOfFuel)
			_, err = f.Call(bg, 1)
			require.ErrorContains(t, err, outOfFuel, "until there is fuel again")
		})
	}
}

// TestHardenStartEngine wants a start function that is paid out of the fuel that an instance has at first.
func TestHardenStartEngine(t *testing.T) {
	const fuel = 1_000_000
	r := bareEngine(t)
	for body, want := range map[string]string{
		"\x02\x00\x0b":                                 "",        // nothing
		"\x06\x00\x41\x07\x24\x00\x0b":                 "",        // global 0 = 7
		"\x07\x00\x03\x40\x0c\x00\x0b\x0b":             outOfFuel, // a loop without end
		"\x05\x00\x00\x01\x01\x0b":                     "unreachable",
		"\x0a\x00\x03\x40\x01\x01\x01\x0c\x00\x0b\x0b": outOfFuel,
	} {
		module := "\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x06\x06\x01\x7f\x01\x41\x00\x0b" +
			"\x08\x01\x00" + "\x0a" + string(rune(1+len(body))) + "\x01" + body
		h := hardened(t, []byte(module), &loader.HardenOptions{Fuel: fuel})
		m, err := r.InstantiateWithConfig(bg, h.Wasm, wazero.NewModuleConfig().WithName(""))
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.LessOrEqual(t, m.ExportedGlobal(h.Fuel).Get(), uint64(fuel))
	}
}

// TestHardenPollEngine puts a function into the table, which gives fuel 100 times and then stops the guest.
func TestHardenPollEngine(t *testing.T) {
	r := bareEngine(t)
	h := hardened(t, hungry(t)["loop"], &loader.HardenOptions{Fuel: 1})
	m := bareInstance(t, r, h.Wasm)
	global := m.ExportedGlobal(h.Fuel).(api.MutableGlobal)
	polls := 0
	_, err := r.NewHostModuleBuilder("host").NewFunctionBuilder().WithFunc(func() {
		if polls++; polls > 100 {
			panic(errStopped)
		}
		global.Set(100_000)
	}).Export("refill").Instantiate(bg)
	require.NoError(t, err)
	resolved := experimental.WithImportResolver(bg, func(name string) api.Module {
		if name == "guest" {
			return m
		}
		return nil
	})
	_, err = r.InstantiateWithConfig(resolved, wasmbin.EncodeRefill("host", "refill", "guest", h.Poll), wazero.NewModuleConfig().WithName(""))
	require.NoError(t, err)
	_, err = m.ExportedFunction("f").Call(bg, 1)
	require.ErrorIs(t, err, errStopped)
	require.Equal(t, 101, polls)
}
