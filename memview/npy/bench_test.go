package npy_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

const benchBytes = 64 << 20

func BenchmarkRead(b *testing.B) {
	for i, dtype := range []string{"f8", "?", "[('a', '?'), ('b', '<f4')]"} {
		d := memview.MustParseDType(dtype)
		a, err := memview.Zeros(d, benchBytes/d.ItemSize())
		require.NoError(b, err)
		bin := write(b, a)
		name := filepath.Join(b.TempDir(), "a.npy")
		require.NoError(b, os.WriteFile(name, bin, 0o600))
		f, err := os.Open(name)
		require.NoError(b, err)
		defer f.Close()
		r := bytes.NewReader(bin)
		for kind, src := range map[string]io.Reader{"bytes": r, "stream": stream{r}, "file": f} {
			b.Run([]string{"f8", "bool", "struct"}[i]+"/"+kind, func(b *testing.B) {
				b.SetBytes(benchBytes)
				for b.Loop() {
					r.Reset(bin)
					f.Seek(0, io.SeekStart)
					if _, err := npy.Read(src, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	mem := &guest{buf: make([]byte, 2*benchBytes+64)}
	for _, c := range []struct {
		name, dtype string
		view        func(a memview.Array) (memview.Array, error)
	}{
		{"f8/C", "f8", func(a memview.Array) (memview.Array, error) { return a.Sub(0, 0, a.Dim(0)/2, 1) }},
		{"f8/rows", "f8", func(a memview.Array) (memview.Array, error) { return a.Sub(0, 0, a.Dim(0), 2) }},
		{"f8/columns", "f8", func(a memview.Array) (memview.Array, error) { return a.Sub(1, 0, a.Dim(1), 2) }},
		{"bool/C", "?", func(a memview.Array) (memview.Array, error) { return a.Sub(0, 0, a.Dim(0)/2, 1) }},
	} {
		d := memview.MustParseDType(c.dtype)
		a, err := memview.AsArray(mem, 64, d, 2*benchBytes/d.ItemSize()/1024, 1024)
		require.NoError(b, err)
		a, err = c.view(a)
		require.NoError(b, err)
		require.Equal(b, benchBytes, a.NBytes())
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(benchBytes)
			for b.Loop() {
				if err := npy.Write(io.Discard, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadSmall(b *testing.B) {
	bin := write(b, counting(b, 16, 4, 4))
	r := bytes.NewReader(bin)
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(bin)
		if _, err := npy.Read(r, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteSmall(b *testing.B) {
	a := counting(b, 16, 4, 4)
	b.ReportAllocs()
	for b.Loop() {
		if err := npy.Write(io.Discard, a); err != nil {
			b.Fatal(err)
		}
	}
}

// The floor: one copy of as many bytes into fresh memory.
func BenchmarkCopy(b *testing.B) {
	src := bytes.Repeat([]byte{1}, benchBytes)
	b.SetBytes(benchBytes)
	for b.Loop() {
		copy(make([]byte, benchBytes), src)
	}
}
