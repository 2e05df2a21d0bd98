package wasmffi_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/wasmffi"
)

// plainGuest is a module of the folder in the engine alone, without any check. What it imports returns
// 0, which is good enough for what is measured.
func plainGuest(b *testing.B, dir, file, constructor string) api.Module {
	b.Helper()
	wasm, err := os.ReadFile(filepath.Join(dir, file))
	require.NoError(b, err)
	r := wazero.NewRuntime(bg)
	b.Cleanup(func() { require.NoError(b, r.Close(bg)) })
	compiled, err := r.CompileModule(bg, wasm)
	require.NoError(b, err)
	hosts := map[string]wazero.HostModuleBuilder{}
	for _, f := range compiled.ImportedFunctions() {
		module, name, _ := f.Import()
		if hosts[module] == nil {
			hosts[module] = r.NewHostModuleBuilder(module)
		}
		nothing := api.GoFunc(func(_ context.Context, stack []uint64) {
			if len(stack) > 0 {
				stack[0] = 0
			}
		})
		hosts[module].NewFunctionBuilder().WithGoFunction(nothing, f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	for _, h := range hosts {
		_, err := h.Instantiate(bg)
		require.NoError(b, err)
	}
	m, err := r.InstantiateModule(bg, compiled, wazero.NewModuleConfig().WithStartFunctions(constructor))
	require.NoError(b, err)
	return m
}

// plainCall calls an export of the engine's.
func plainCall(b *testing.B, m api.Module, name string, args ...uint64) func() {
	f := m.ExportedFunction(name)
	require.NotNil(b, f, name)
	stack := make([]uint64, max(len(args), 1))
	return func() {
		copy(stack, args)
		if err := f.CallWithStack(bg, stack); err != nil {
			b.Fatal(err)
		}
	}
}

func timed(b *testing.B, name string, f func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
}

func calls(b *testing.B, f *wasmffi.Func, args ...any) func() {
	return func() {
		r, err := f.Call(bg, args...)
		if err == nil {
			err = r.Free()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRecipe2XXHash(b *testing.B) {
	dir := recipes(b)
	const size = 1 << 16
	lib := library(b, "xxhash", dir, nil)
	f := bind(b, lib, "xxh64(x: u8[n], n: size, seed: u64) -> u64")
	x := make([]byte, size)
	timed(b, "engine", plainCall(b, plainGuest(b, dir, "xxhash.wasm", ""), "xxh64", 0, size, 0))
	timed(b, "arrays", calls(b, f, array(b, lib, x), 0))
	timed(b, "slices", calls(b, f, x, 0))
}

// 1 MB of text, decompressed.
func BenchmarkRecipe3Zstd(b *testing.B) {
	dir := recipes(b)
	const size = 1 << 20
	c := library(b, "zstd", dir, &wasmffi.Options{Names: cNames(b, dir, "zstd.js")})
	r := call(b, bind(b, c, compressSig), wasmffi.New(size), bytes.Repeat([]byte("array data, "), size/12), 3)
	frame, err := wasmffi.Take[byte](r, "dst")
	require.NoError(b, err)

	m := plainGuest(b, dir, "zstddec.wasm", "")
	p, err := m.ExportedFunction("malloc").Call(bg, size+uint64(len(frame)))
	require.NoError(b, err)
	require.True(b, m.Memory().Write(uint32(p[0])+size, frame))
	timed(b, "engine", plainCall(b, m, "ZSTD_decompress", p[0], size, p[0]+size, uint64(len(frame))))

	lib := library(b, "zstddec", dir, nil)
	f := bind(b, lib, decompressSig)
	out := make([]byte, size)
	timed(b, "arrays", calls(b, f, array(b, lib, out), array(b, lib, frame)))
	timed(b, "slices", calls(b, f, out, frame))
}

func BenchmarkRecipe4PFFFT(b *testing.B) {
	dir := recipes(b)
	const n = 64
	names := cNames(b, dir, "pffft.js")
	m := plainGuest(b, dir, "pffft.wasm", names.Exports["__wasm_call_ctors"])
	setup, err := m.ExportedFunction(names.Exports["pffft_new_setup"]).Call(bg, n, 1)
	require.NoError(b, err)
	p, err := m.ExportedFunction(names.Exports["pffft_aligned_malloc"]).Call(bg, 3*8*n)
	require.NoError(b, err)
	timed(b, "engine", plainCall(b, m, names.Exports["pffft_transform_ordered"], setup[0], p[0], p[0]+8*n, p[0]+16*n, 0))

	lib := library(b, "pffft", dir, &wasmffi.Options{Names: names})
	s := call(b, bind(b, lib, newSetupSig), n, 1).Handle()
	f := bind(b, lib, transformSig)
	x := make([]complex64, n)
	y, work := make([]complex64, n), make([]complex64, n)
	timed(b, "arrays", calls(b, f, s, array(b, lib, x), array(b, lib, y), array(b, lib, work), 0))
	timed(b, "slices", calls(b, f, s, x, y, work, 0))
}

// The program of the test. Without clocks, which the engine alone does not give, the solver does not end.
func BenchmarkRecipe5HiGHS(b *testing.B) {
	dir := recipes(b)
	names := cNames(b, dir, "highs.js")
	inputs := []any{
		[]float64{1, 1}, []float64{0, 1}, []float64{4, 1e30}, []float64{-1e30, 5, 6}, []float64{7, 15, 1e30},
		[]int32{0, 2}, []int32{1, 2, 0, 1, 2}, []float64{1, 3, 1, 2, 2}}
	lib := library(b, "highs", dir, &wasmffi.Options{Names: names})
	given, slices := []any{1, 1, 3.0}, append([]any{1, 1, 3.0}, inputs...)
	for _, x := range inputs {
		given = append(given, array(b, lib, x))
	}
	f := bind(b, lib, lpCallSig)
	outs := []any{}
	for _, n := range []int{2, 2, 3, 3} {
		outs = append(outs, array(b, lib, make([]float64, n)))
	}
	outs = append(outs, array(b, lib, make([]int32, 2)), array(b, lib, make([]int32, 3)))
	timed(b, "arrays", calls(b, f, append(given, outs...)...))
	timed(b, "slices", calls(b, f, slices...))
}
