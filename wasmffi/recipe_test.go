package wasmffi_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/wasmffi"
)

// The recipes call libraries of other people's making, as they are published: of several toolchains, with names of C and
// minified ones. They are fetched, never committed.

// recipes is the folder with the libraries.
func recipes(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WASMFFI_RECIPES")
	if dir == "" {
		t.Skip("WASMFFI_RECIPES is not set: fetch the libraries by `go run ./tools/recipes DIR` and set it to DIR")
	}
	dir, err := filepath.Abs(dir)
	require.NoError(t, err)
	return dir
}

// cNames are the C names of a minified module, from the JavaScript that was published with it.
func cNames(t testing.TB, dir, js string) *loader.Names {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, js))
	require.NoError(t, err)
	names, err := loader.ParseNames(text)
	require.NoError(t, err)
	return names
}

// library loads a library of the folder for one test.
func library(t testing.TB, name, dir string, o *wasmffi.Options) *wasmffi.Library {
	t.Helper()
	lib, err := wasmffi.LoadLibrary(bg, name, dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lib.Close()) })
	return lib
}
