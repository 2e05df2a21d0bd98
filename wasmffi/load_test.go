package wasmffi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// gzipped compresses a module.
func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return z.Bytes()
}

func TestLoadLibrary(t *testing.T) {
	dir := t.TempDir()
	for name, b := range map[string][]byte{"vec.wasm": wasm.Vec, "packed.wasm.gz": gzipped(t, wasm.Vec), "libm.wasm": wasm.Mem, "program": []byte("x")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	for _, load := range []func(context.Context, string, string, *wasmffi.Options) (*wasmffi.Library, error){wasmffi.LoadLibrary, wasmffi.CtypesLoadLibrary} {
		for name, code := range map[string][]byte{"vec": wasm.Vec, "vec.wasm": wasm.Vec, "packed": wasm.Vec, "packed.wasm.gz": wasm.Vec, "m": wasm.Mem, "libm": wasm.Mem} {
			for _, path := range []string{dir, filepath.Join(dir, "program")} { // a file beside it will do
				lib, err := load(bg, name, path, nil)
				require.NoError(t, err, name)
				require.Equal(t, name, lib.Module().Name())
				require.Equal(t, len(code), lib.Module().Size())
				require.Equal(t, sha256.Sum256(code), lib.Module().Digest())
				require.NoError(t, lib.Close())
				_, err = lib.Module().Instantiate(bg) // the facade's module goes with its library
				require.Error(t, err)
			}
		}
		_, err := load(bg, "nosuch", dir, nil)
		require.ErrorIs(t, err, fs.ErrNotExist)
		var e *loader.Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Tried)
		_, err = load(bg, "program", dir, nil)
		require.ErrorIs(t, err, loader.ErrFormat)
		_, err = load(bg, "../vec", dir, nil)
		require.ErrorIs(t, err, loader.ErrRefused)
		_, err = load(bg, "vec", filepath.Join(dir, "nowhere"), nil)
		require.ErrorIs(t, err, fs.ErrNotExist)
		done, cancel := context.WithCancel(bg)
		cancel()
		_, err = load(done, "vec", dir, nil)
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestLoadModule(t *testing.T) {
	fsys := fstest.MapFS{"vec.wasm": {Data: wasm.Vec}, "m.wasm.gz": {Data: gzipped(t, wasm.Mem)}, "bad.wasm": {Data: []byte("\x00asm\x02\x00\x00\x00")}}
	for name, size := range map[string]int{"vec": len(wasm.Vec), "m": len(wasm.Mem)} {
		m, err := wasmffi.LoadModule(bg, fsys, name, nil)
		require.NoError(t, err, name)
		require.Equal(t, size, m.Size())
		require.NoError(t, m.Close())
	}
	_, err := wasmffi.LoadModule(bg, fsys, "bad", nil)
	require.ErrorIs(t, err, loader.ErrFormat)
	_, err = wasmffi.LoadModule(bg, fsys, "nosuch", nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "wasmffi: loader: find \"nosuch\"")
}

func TestCompile(t *testing.T) {
	sum := sha256.Sum256(wasm.Vec)
	pin := hex.EncodeToString(sum[:])
	pinned := &wasmffi.Options{Find: loader.Options{SHA256: pin}}
	for _, code := range [][]byte{wasm.Vec, gzipped(t, wasm.Vec)} { // the pin is of what was compressed
		m, err := wasmffi.Compile(bg, code, pinned)
		require.NoError(t, err)
		require.Equal(t, sum, m.Digest())
		require.NoError(t, m.Close())
	}
	_, err := wasmffi.Compile(bg, wasm.Mem, pinned)
	require.ErrorIs(t, err, loader.ErrRefused)
	_, err = wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Find: loader.Options{MaxSize: 100}})
	require.ErrorIs(t, err, loader.ErrRefused)
	for _, b := range [][]byte{nil, {}, []byte("\x00asm"), []byte("not wasm at all"), wasm.Vec[:7]} {
		_, err = wasmffi.Compile(bg, b, nil)
		require.ErrorIs(t, err, loader.ErrFormat)
	}
	for _, b := range [][]byte{wasm.Vec[:100], wasm.Vec[:len(wasm.Vec)-1], binary(section(secFunc, leb(7))), binary([]byte{99, 0})} {
		_, err = wasmffi.Compile(bg, b, nil)
		require.Error(t, err)
		require.True(t, errors.Is(err, wasmffi.ErrCompile) || errors.Is(err, loader.ErrFormat), "%v", err)
	}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(bg)
	cancel(cause)
	_, err = wasmffi.Compile(ctx, wasm.Vec, nil)
	require.EqualError(t, err, "wasmffi: compile module: enough")
	require.ErrorIs(t, err, cause)

	// Options are kept as they were.
	o := &wasmffi.Options{Limits: wasmffi.Limits{Memory: 16 << 20}}
	m, err := wasmffi.Compile(bg, wasm.Mem, o)
	require.NoError(t, err)
	o.Limits.Memory = 65536
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	require.NoError(t, lib.Close())
	require.NoError(t, m.Close())

	empty, err := wasmffi.Compile(bg, binary(), nil)
	require.NoError(t, err)
	lib, err = empty.Instantiate(bg)
	require.NoError(t, err)
	_, err = lib.Func("f()")
	require.EqualError(t, err, `wasmffi: no such export: "f"; the module exports no functions`)
	require.NoError(t, lib.Close())
	require.NoError(t, empty.Close())
}

func TestModuleDescription(t *testing.T) {
	m := module(t, wasm.Exit)
	require.Equal(t, []wasmffi.Import{{Module: "wasi_snapshot_preview1", Name: "proc_exit", Type: wasmffi.FuncType{Params: []string{"i32"}, Results: []string{}}}}, m.Imports())
	names := []string{}
	for _, e := range m.Exports() {
		names = append(names, e.Name)
	}
	require.IsIncreasing(t, names)
	require.Contains(t, names, "exit_with")
	mt, ok := m.Memory()
	require.True(t, ok)
	mt.Names[0] = "changed"
	again, _ := m.Memory()
	require.Equal(t, []string{"memory"}, again.Names)
	require.Equal(t, uint64(wasmffi.DefaultMemory), again.Max)
	require.Equal(t, "(i32, f64) -> i64", wasmffi.FuncType{Params: []string{"i32", "f64"}, Results: []string{"i64"}}.String())
	require.Equal(t, "()", wasmffi.FuncType{}.String())
}

// A function that nobody supplies is a trap that names it, or refused if that is asked for. Memories,
// tables and globals are the host's to give.
func TestImports(t *testing.T) {
	nullary := section(secType, signature(nil, nil), signature([]byte{i32, f64}, []byte{i64}))
	strict := &wasmffi.Options{StrictImports: true}
	for name, tt := range map[string]struct {
		imports []byte
		text    string
	}{
		"a function":     {cat("env", "log", kindFunc, 1), "wasmffi: compile module: unresolved import: nobody supplies function env.log (i32, f64) -> i64"},
		"a memory":       {cat("env", "memory", kindMemory, 0, 1), ""},
		"a table":        {cat("env", "t", kindTable, 0x70, 0, 1), ""},
		"a global":       {cat("env", "g", kindGlobal, i32, 0), ""},
		"WASI, mistyped": {cat("wasi_snapshot_preview1", "proc_exit", kindFunc, 1), "function wasi_snapshot_preview1.proc_exit (i32, f64) -> i64"},
		"odd names":      {cat("\x01", "a b\n", kindFunc, 0), "nobody supplies function "},
	} {
		b := binary(nullary, section(secImport, tt.imports))
		m, err := wasmffi.Compile(bg, b, nil)
		require.NoError(t, err, name)
		for range 2 {
			lib, err := m.Instantiate(bg)
			require.NoError(t, err, name)
			require.NoError(t, lib.Close())
		}
		require.Len(t, m.Missing(), len(m.Imports()))
		require.NoError(t, m.Close(), name)

		m, err = wasmffi.Compile(bg, b, strict)
		if tt.text == "" {
			require.NoError(t, err, name)
			require.NoError(t, m.Close())
			continue
		}
		require.ErrorIs(t, err, wasmffi.ErrImport, name)
		require.ErrorContains(t, err, tt.text, name)
	}
	var many [][]byte
	for i := range 20 {
		many = append(many, cat("env", string(rune('a'+i)), kindFunc, 0))
	}
	_, err := wasmffi.Compile(bg, binary(nullary, section(secImport, many...)), strict)
	require.ErrorContains(t, err, "function env.h () and 12 more")
}

// The start section runs before anything else, and may fail like any call.
func TestStartSection(t *testing.T) {
	types := section(secType, signature(nil, nil), signature([]byte{i32}, nil))
	start := func(body []byte) []byte {
		return binary(types, section(secFunc, leb(0)), section(secMemory, cat(0, 1)), section(secExport, cat("memory", kindMemory, 0)), cat(secStart, 1, 0), section(secCode, body))
	}
	m, err := wasmffi.Compile(bg, start(code(constant(64), constant(7), opStore8, 0, 0)), nil)
	require.NoError(t, err)
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	b, err := lib.Memory().Bytes(64, 1)
	require.NoError(t, err)
	require.Equal(t, []byte{7}, b)
	require.NoError(t, lib.Close())
	require.NoError(t, m.Close())

	m, err = wasmffi.Compile(bg, start(code(opUnreachable)), nil)
	require.NoError(t, err)
	for range 2 {
		_, err = m.Instantiate(bg)
		var trap *wasmffi.Trap
		require.ErrorAs(t, err, &trap)
		require.Equal(t, wasmffi.Unreachable, trap.Code)
		require.NotEmpty(t, trap.Stack)
	}
	require.NoError(t, m.Close())

	exit := binary(types, section(secImport, cat("wasi_snapshot_preview1", "proc_exit", kindFunc, 1)), section(secFunc, leb(0)), cat(secStart, 1, 1), section(secCode, code(constant(3), opCall, 0)))
	m, err = wasmffi.Compile(bg, exit, nil)
	require.NoError(t, err)
	_, err = m.Instantiate(bg)
	var e *wasmffi.ExitError
	require.ErrorAs(t, err, &e)
	require.EqualValues(t, 3, e.Code)
	require.NoError(t, m.Close())

	// A data segment outside of memory.
	m, err = wasmffi.Compile(bg, binary(section(secMemory, cat(0, 1)), section(secData, cat(0, constant(65535), opEnd, 2, 1, 2))), nil)
	require.NoError(t, err)
	_, err = m.Instantiate(bg)
	require.ErrorContains(t, err, "out of bounds memory access")
	require.NoError(t, m.Close())
}
