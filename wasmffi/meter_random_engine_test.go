package wasmffi_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// randomModule is a valid module that binaryen makes of random bytes. Its loops and recursions end by themselves.
func randomModule(t *testing.T, rng *rand.Rand, bulk bool) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "random"), filepath.Join(dir, "module.wasm")
	seed := make([]byte, 200+rng.IntN(6000))
	for i := range seed {
		seed[i] = byte(rng.Uint32())
	}
	require.NoError(t, os.WriteFile(in, seed, 0o600))
	args := []string{in, "-ttf", "--denan", "-o", out, "--enable-multivalue", "--enable-sign-ext",
		"--enable-nontrapping-float-to-int", "--enable-mutable-globals", "--enable-tail-call"}
	if bulk {
		args = append(args, "--enable-bulk-memory", "--enable-reference-types")
	}
	text, err := exec.Command("wasm-opt", args...).CombinedOutput()
	require.NoError(t, err, "%s", text)
	code, err := os.ReadFile(out)
	require.NoError(t, err)
	return code
}

// logging is what such a module imports: functions that take one number.
func logging(tb testing.TB, r wazero.Runtime, log *[]uint64) {
	tb.Helper()
	b := r.NewHostModuleBuilder("fuzzing-support")
	for name, t := range map[string]api.ValueType{"log-i32": api.ValueTypeI32, "log-i64": api.ValueTypeI64, "log-f32": api.ValueTypeF32, "log-f64": api.ValueTypeF64} {
		b = b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
			v := stack[0]
			if t == api.ValueTypeI32 || t == api.ValueTypeF32 {
				v = uint64(uint32(v)) // above it is anything
			}
			*log = append(*log, v)
		}), []api.ValueType{t}, nil).Export(name)
	}
	_, err := b.Instantiate(bg)
	require.NoError(tb, err)
}

// randomRun is an instance of a random module in one form.
type randomRun struct {
	m    api.Module
	fuel api.MutableGlobal // what is counted, or nil
	log  []uint64
}

// call calls an export with zeros: what comes of it, in words, and how much was counted.
func (r *randomRun) call(name string) (outcome string, spent uint64) {
	f := r.m.ExportedFunction(name)
	words := 0
	for _, t := range f.Definition().ParamTypes() {
		words++
		if t == 0x7b {
			words++
		}
	}
	if r.fuel != nil {
		r.fuel.Set(1 << 40)
	}
	results, err := f.Call(bg, make([]uint64, words)...)
	if r.fuel != nil {
		spent = 1<<40 - r.fuel.Get()
	}
	if err != nil {
		return failure(err), 0
	}
	return show(f.Definition().ResultTypes(), results), spent
}

// dynamic is whether a module has instructions that cost more than a unit.
func dynamic(t *testing.T, code []byte) bool {
	t.Helper()
	m, err := wasmbin.Decode(code)
	require.NoError(t, err)
	for _, b := range m.Code {
		for ins, err := range wasmbin.Instructions(b.Code) {
			require.NoError(t, err)
			if ins.Op == wasmbin.OpMemoryGrow || ins.Op >= wasmbin.OpMemoryInit && ins.Op <= wasmbin.OpTableFill {
				return true
			}
		}
	}
	return false
}

// TestMeterRandomEngine runs modules of random code in four forms in step: as they are, with an exact count, metered, and
// metered with a look after every unit. Results, traps, what is logged and memory are the same; fuel is within its bounds.
func TestMeterRandomEngine(t *testing.T) {
	if _, err := exec.LookPath("wasm-opt"); err != nil {
		t.Skip(err)
	}
	rng := rand.New(rand.NewPCG(9, 10))
	modules, modulesRun, calls, traps, priced := 250, 0, 0, 0, 0
	if testing.Short() {
		modules = 20
	}
	least, most := 2.0, 1.0
	for i := range modules {
		code := randomModule(t, rng, i%3 == 0)
		config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(everyFeature)
		var plain, exact, metered, tight randomRun
		r := wazero.NewRuntimeWithConfig(bg, config)
		logging(t, r, &plain.log)
		var err error
		if plain.m, err = r.Instantiate(bg, code); err != nil {
			require.NoError(t, r.Close(bg))
			continue // binaryen has references that are not of the type they are for
		}
		modulesRun++
		again := wazero.NewRuntimeWithConfig(bg, config)
		logging(t, again, &exact.log)
		exact.m, err = again.Instantiate(bg, counted(t, code))
		require.NoError(t, err)
		exact.fuel = exact.m.ExportedGlobal("exact").(api.MutableGlobal)
		for _, run := range []*randomRun{&metered, &tight} {
			h := newMeterHost(t, config)
			if run == &tight {
				h.o.Budget, h.slice = 1, 1
			}
			logging(t, h.r, &run.log)
			run.m, err = h.instantiate(code, "")
			require.NoError(t, err)
			if run == &metered {
				run.fuel = h.fuel[run.m]
			}
		}
		changes := dynamic(t, code)
		for _, x := range exportedFunctions(t, code) {
			for _, name := range []string{"hangLimitInitializer", x, "hashMemory"} {
				want, _ := plain.call(name)
				_, instructions := exact.call(name)
				got, units := metered.call(name)
				closely, _ := tight.call(name)
				what := fmt.Sprintf("module %d, %s", i, name)
				require.Equal(t, want, got, what)
				require.Equal(t, want, closely, what)
				require.Equal(t, plain.log, metered.log, what)
				require.Equal(t, plain.log, tight.log, what)
				calls++
				if units == 0 {
					traps++
					continue
				}
				require.GreaterOrEqual(t, units, instructions, what)
				if !changes {
					require.LessOrEqual(t, units, 2*instructions, what)
					least, most = min(least, float64(units)/float64(instructions)), max(most, float64(units)/float64(instructions))
					priced++
				}
			}
		}
		require.NoError(t, r.Close(bg))
		require.NoError(t, again.Close(bg))
	}
	t.Logf("%d calls of %d modules, of which %d trap; fuel is %.2f to %.2f times the exact count in %d", calls, modulesRun, traps, least, most, priced)
	require.Positive(t, priced)
}

// exportedFunctions are the names of the functions that a module exports.
func exportedFunctions(t *testing.T, code []byte) (names []string) {
	t.Helper()
	m, err := wasmbin.Decode(code)
	require.NoError(t, err)
	for _, x := range m.Exports {
		if x.Kind == wasmbin.KindFunc {
			names = append(names, x.Name)
		}
	}
	return names
}
