package wasmffi_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// sums compiles vec with a cache in a directory, and uses it.
func sums(t testing.TB, dir string) {
	t.Helper()
	cache, err := wasmffi.NewDiskCache(0, dir)
	require.NoError(t, err)
	m, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Cache: cache})
	require.NoError(t, err)
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	require.Equal(t, 6.0, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), []float64{1, 2, 3}).Float64())
	require.NoError(t, lib.Close())
	require.NoError(t, m.Close())
}

// codeFiles are the entries.
func codeFiles(t testing.TB, dir string) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func TestDiskCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "code")
	sums(t, dir)
	files := codeFiles(t, dir)
	require.NotEmpty(t, files)
	whole := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		whole[f] = b
		if runtime.GOOS != "windows" {
			st, err := os.Stat(filepath.Dir(f))
			require.NoError(t, err)
			require.Zero(t, st.Mode().Perm()&0o077)
		}
	}
	sums(t, dir)
	require.Equal(t, files, codeFiles(t, dir))

	// Damage of every kind is made good.
	for name, spoil := range map[string]func([]byte) []byte{
		"flipped": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"cut":     func(b []byte) []byte { return b[:len(b)/2] },
		"empty":   func([]byte) []byte { return nil },
		"header":  func(b []byte) []byte { b[0] ^= 0xff; return b },
		"longer":  func(b []byte) []byte { return append(b, b...) },
	} {
		for f, b := range whole {
			require.NoError(t, os.WriteFile(f, spoil(append([]byte{}, b...)), 0o600), name)
		}
		sums(t, dir)
		sums(t, dir)
	}
}

func TestDiskCacheRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes here")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	open := filepath.Join(dir, "open")
	require.NoError(t, os.Mkdir(open, 0o700))
	require.NoError(t, os.Chmod(open, 0o755))
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(t.TempDir(), link))
	for name, text := range map[string]string{
		"":   "no name given",
		open: "has mode 0755, want 0700",
		link: "want a directory",
	} {
		_, err := wasmffi.NewDiskCache(1<<20, name)
		require.ErrorIs(t, err, wasmffi.ErrCacheDir)
		require.ErrorContains(t, err, text)
	}
	_, err := wasmffi.NewDiskCache(1<<20, file)
	require.Error(t, err)
	if os.Geteuid() == 0 {
		other := filepath.Join(dir, "other")
		require.NoError(t, os.Mkdir(other, 0o700))
		require.NoError(t, os.Chown(other, 12345, 12345))
		_, err := wasmffi.NewDiskCache(1<<20, other)
		require.ErrorIs(t, err, wasmffi.ErrCacheDir)
		require.ErrorContains(t, err, "belongs to user 12345, want 0")
	}
}

// Processes that begin at the same time share a directory.
func TestDiskCacheProcesses(t *testing.T) {
	const name = "WASMFFI_DISK_CACHE"
	if dir := os.Getenv(name); dir != "" {
		for range 10 {
			sums(t, dir)
		}
		return
	}
	self, err := os.Executable()
	if err != nil || runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes here")
	}
	dir := filepath.Join(t.TempDir(), "code")
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			child := exec.Command(self, "-test.run=^TestDiskCacheProcesses$", "-test.timeout=60s")
			child.Env = append(os.Environ(), name+"="+dir)
			_, errs[i] = child.CombinedOutput()
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	for _, f := range codeFiles(t, dir) {
		require.NotContains(t, f, ".tmp")
	}
}

// Machine code is kept from one run of a program to the next.
func ExampleNewDiskCache() {
	dir, err := os.MkdirTemp("", "code") // rather a folder of os.UserCacheDir
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	cache, err := wasmffi.NewDiskCache(wasmffi.DefaultCacheBytes, dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := wasmffi.Compile(context.Background(), wasm.Vec, &wasmffi.Options{Cache: cache})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	n, _ := cache.Len()
	fmt.Println(n, "module in the cache")
	// Output: 1 module in the cache
}

func BenchmarkDiskCache(b *testing.B) {
	b.Run("without", func(b *testing.B) {
		for b.Loop() {
			m, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Cache: wasmffi.NewCache(0)})
			require.NoError(b, err)
			require.NoError(b, m.Close())
		}
	})
	b.Run("memory", func(b *testing.B) {
		for b.Loop() {
			m, err := wasmffi.Compile(bg, wasm.Vec, nil)
			require.NoError(b, err)
			require.NoError(b, m.Close())
		}
	})
	b.Run("disk", func(b *testing.B) {
		cache, err := wasmffi.NewDiskCache(0, filepath.Join(b.TempDir(), "code"))
		require.NoError(b, err)
		for b.Loop() {
			m, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Cache: cache})
			require.NoError(b, err)
			require.NoError(b, m.Close())
		}
	})
}
