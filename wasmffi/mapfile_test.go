package wasmffi_test

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// saved writes an array to a read-only .npy file.
func saved(t testing.TB, a wasmffi.Array) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.npy")
	w, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, npy.Write(w, a))
	require.NoError(t, w.Close())
	require.NoError(t, os.Chmod(name, 0o400))
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func fileDigest(t testing.TB, f *os.File) [32]byte {
	t.Helper()
	b, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	return sha256.Sum256(b)
}

func TestMapNPY(t *testing.T) {
	x := make([]float64, 10_000)
	for i := range x {
		x[i] = float64(i * i % 97)
	}
	f := saved(t, goArray(t, x))
	before := fileDigest(t, f)
	for name, o := range map[string]*wasmffi.MapOptions{"copied": nil, "mapped": {Immutable: true}} {
		t.Run(name, func(t *testing.T) {
			lib := open(t, wasm.Vec)
			sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
			scale := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
			a, err := lib.MapNPY(f, o)
			require.NoError(t, err)
			require.Equal(t, []int{10_000}, a.Shape())
			require.Equal(t, call(t, sum, x).Float64(), call(t, sum, a).Float64())
			require.Equal(t, x, values[float64](t, a))

			call(t, scale, x, a) // the guest writes all of it
			require.NotEqual(t, x[5_000], must(a.At(5_000)))
			require.NoError(t, a.Set(1.0, 9_999))
			require.Equal(t, before, fileDigest(t, f))

			again, err := lib.MapNPY(f, o)
			require.NoError(t, err)
			require.Equal(t, x, values[float64](t, again))
			slice, err := memview.Slice[float64](again)
			require.NoError(t, err)
			require.Equal(t, 2, lib.MemoryStats().Arrays)
			require.NoError(t, lib.Free(a))
			require.NoError(t, lib.Free(again))
			require.ErrorIs(t, lib.Free(a), wasmffi.ErrFreed)
			if o != nil && runtime.GOOS == "linux" {
				require.Zero(t, slice[5_000]) // zero pages, and not the file
			}
			require.NoError(t, lib.CheckLeaks())
		})
	}
}

func TestMapFileParts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "raw")
	b := make([]byte, 20_000)
	for i := range b {
		b[i] = byte(i * 7)
	}
	require.NoError(t, os.WriteFile(name, b, 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	for _, lib := range []*wasmffi.Library{open(t, wasm.Vec), open(t, wasm.NoAlloc)} {
		for _, at := range []int{0, 1, 4095, 4096, 4097, 12_345, 19_999, 20_000} {
			for _, n := range []int{0, 1, 4096, 7_655} {
				for _, immutable := range []bool{false, true} {
					a, err := lib.MapFile(f, memview.U8, []int{n}, &wasmffi.MapOptions{Offset: int64(at), Immutable: immutable})
					if at+n > len(b) {
						require.ErrorIs(t, err, io.ErrUnexpectedEOF)
						continue
					}
					require.NoError(t, err)
					require.Equal(t, b[at:at+n], values[uint8](t, a))
					require.NoError(t, a.Zero())
					require.NoError(t, lib.Free(a))
				}
			}
		}
		require.NoError(t, lib.CheckLeaks())
		_, err = lib.MapFile(f, memview.U8, []int{1}, &wasmffi.MapOptions{Offset: -1})
		require.EqualError(t, err, "wasmffi: MapFile: offset is -1, want at least 0")
		_, err = lib.MapFile(f, memview.U8, []int{-1}, nil)
		require.ErrorIs(t, err, memview.ErrShape)
		_, err = lib.MapNPY(f, nil)
		require.ErrorIs(t, err, npy.ErrFormat)
		_, err = lib.MapNPY(f, &wasmffi.MapOptions{Offset: 1})
		require.Error(t, err)
	}
	after, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, b, after)
}

// The guest sees nothing of a file but the array.
func TestMapFileShowsTheArrayOnly(t *testing.T) {
	name := filepath.Join(t.TempDir(), "raw")
	require.NoError(t, os.WriteFile(name, []byte("before the arrayARRAYbehind the array"), 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	for _, immutable := range []bool{false, true} {
		lib := open(t, wasm.Vec)
		a, err := lib.MapFile(f, memview.U8, []int{5}, &wasmffi.MapOptions{Offset: 16, Immutable: immutable})
		require.NoError(t, err)
		require.Equal(t, []byte("ARRAY"), values[uint8](t, a))
		b := all(t, lib)
		require.NotContains(t, string(b), "before the array")
		require.NotContains(t, string(b), "behind the array")
	}
}

// What is mapped survives a reset as it is, and what was mapped later is gone.
func TestMapFileAndReset(t *testing.T) {
	f := saved(t, goArray(t, []int64{1, 2, 3}))
	for _, immutable := range []bool{false, true} {
		lib := open(t, wasm.Vec)
		old, err := lib.MapNPY(f, &wasmffi.MapOptions{Immutable: immutable})
		require.NoError(t, err)
		s, err := lib.Snapshot()
		require.NoError(t, err)
		young, err := lib.MapNPY(f, &wasmffi.MapOptions{Immutable: immutable})
		require.NoError(t, err)
		if lib.MemoryStats().Size != s.Bytes() && immutable {
			require.ErrorIs(t, lib.Reset(bg, s), wasmffi.ErrCannotReset)
			continue
		}
		require.NoError(t, lib.Reset(bg, s))
		require.Equal(t, []int64{1, 2, 3}, values[int64](t, old))
		require.ErrorIs(t, young.CheckAlive(), wasmffi.ErrStale)
		require.NoError(t, lib.Free(old))
	}
}

func TestSharedArray(t *testing.T) {
	x := make([]float64, 5_000)
	for i := range x {
		x[i] = 1
	}
	one, two, three := open(t, wasm.Vec), open(t, wasm.Vec), open(t, wasm.NoAlloc)
	sum := func(lib *wasmffi.Library, a wasmffi.Array) float64 {
		return call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), a).Float64()
	}
	s, err := wasmffi.NewSharedArray(x, nil, 50, 100)
	require.NoError(t, err)
	require.Equal(t, []int{50, 100}, s.Shape())
	require.Equal(t, memview.F64, s.DType())
	a, b, c := must(one.Share(s)), must(two.Share(s)), must(three.Share(s))
	require.Equal(t, []int{50, 100}, c.Shape())
	require.NoError(t, s.Close()) // the libraries keep it
	require.NoError(t, s.Close())
	_, err = one.Share(s)
	require.Error(t, err)
	require.NoError(t, one.Free(must(one.Empty(memview.U8, 1)))) // and nothing stays behind
	require.Equal(t, 1, one.MemoryStats().Arrays)

	require.NoError(t, a.Set(100.0, 0, 0)) // its own from now on
	require.Equal(t, 5_099.0, sum(one, must(a.Reshape(5_000))))
	require.Equal(t, 5_000.0, sum(two, must(b.Reshape(5_000))))
	require.Equal(t, x, values[float64](t, must(c.Reshape(5_000))))
	require.NoError(t, one.Free(a))
	require.Equal(t, 5_000.0, sum(two, must(b.Reshape(5_000))))

	w, err := wasmffi.NewSharedArray(x, &wasmffi.SharedOptions{Writable: true})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("memory cannot be shared here")
	}
	require.NoError(t, err)
	a, b = must(one.Share(w)), must(two.Share(w))
	require.NoError(t, a.Set(100.0, 4_999))
	require.Equal(t, 5_099.0, sum(two, b))
	all, err := w.Array()
	require.NoError(t, err)
	require.Equal(t, 100.0, must(all.At(4_999)))
	require.NoError(t, one.Close())
	require.Equal(t, 5_099.0, sum(two, b)) // whatever becomes of the others
	require.NoError(t, w.Close())
	_, err = w.Array()
	require.ErrorIs(t, err, os.ErrClosed)
	empty, err := wasmffi.NewSharedArray([]float64{}, nil)
	require.NoError(t, err)
	require.Zero(t, must(two.Share(empty)).Size())
	_, err = wasmffi.NewSharedArray(5, nil)
	require.Error(t, err)
	for _, none := range []*wasmffi.SharedArray{nil, {}} {
		_, err = two.Share(none)
		require.EqualError(t, err, "wasmffi: Share: no shared array, want one of NewSharedArray")
	}
}

// A file that was mapped after the snapshot is no hindrance to a memory that has grown.
func TestResetOfLaterMaps(t *testing.T) {
	f := saved(t, goArray(t, make([]float64, 500_000)))
	lib := open(t, wasm.Vec)
	before := digest(t, lib)
	s, err := lib.Snapshot()
	require.NoError(t, err)
	for range 2 {
		a, err := lib.MapNPY(f, &wasmffi.MapOptions{Immutable: true})
		require.NoError(t, err)
		require.Greater(t, lib.Memory().Size(), s.Bytes())
		require.NoError(t, lib.Reset(bg, s))
		require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrStale)
		require.Equal(t, before, digest(t, lib))
	}
}
