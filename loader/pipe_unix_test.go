//go:build unix

package loader_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

// To open a named pipe for reading blocks until somebody writes: the test ends because it is not opened.
func TestFindPathPipe(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := syscall.Mkfifo(filepath.Join(dir, "vec"), 0o666); err != nil {
		t.Skip("no named pipes here:", err)
	}
	put(t, dir, "vec.wasm", []byte(empty))
	_, err := loader.FindPath("vec", ".", nil)
	requireError(t, err, loader.ErrRefused, `loader: find "vec" in .: vec: a named pipe, want a regular file`)

	_, err = loader.FindPath("null", "/dev", nil)
	requireError(t, err, loader.ErrRefused, `loader: find "null" in /dev: null: a device, want a regular file`)

	// The path may be any existing file, a pipe too.
	_, err = loader.FindPath("vec.wasm", filepath.Join(dir, "vec"), nil)
	require.NoError(t, err)
}

func TestFindPathPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	t.Chdir(t.TempDir())
	put(t, ".", "vec.wasm", []byte(empty))
	require.NoError(t, os.Chmod("vec.wasm", 0))
	_, err := loader.FindPath("vec", ".", nil)
	requireError(t, err, nil, `loader: find "vec" in .: vec.wasm: open: permission denied; tried vec, vec.wasm`)
	require.ErrorIs(t, err, os.ErrPermission)
}
