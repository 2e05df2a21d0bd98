package npy_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

// file is a .npy file of version 1.0 with this header text and data.
func file(header string, data ...byte) []byte { return fileOf(1, header, data...) }

func fileOf(version byte, header string, data ...byte) []byte {
	b := append([]byte("\x93NUMPY"), version, 0, byte(len(header)), byte(len(header)>>8))
	if version > 1 {
		b = append(b, byte(len(header)>>16), byte(len(header)>>24))
	}
	return append(append(b, header...), data...)
}

// dict is a header text.
func dict(descr, shape string) string {
	return fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }\n", descr, shape)
}

func write(t testing.TB, a memview.Array) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, npy.Write(&b, a))
	return b.Bytes()
}

func read(t testing.TB, file []byte) memview.Array {
	t.Helper()
	a, err := npy.Read(bytes.NewReader(file), nil)
	require.NoError(t, err)
	return a
}

// data is what stands behind the header.
func data(t testing.TB, file []byte) []byte {
	t.Helper()
	h, err := npy.ReadHeader(bytes.NewReader(file))
	require.NoError(t, err)
	return file[h.Offset:]
}

// counting is an array of n consecutive numbers.
func counting(t testing.TB, n int, shape ...int) memview.Array {
	t.Helper()
	s := make([]int32, n)
	for i := range s {
		s[i] = int32(i)
	}
	a, err := memview.FromSlice(s, shape...)
	require.NoError(t, err)
	return a
}

// guest is a linear memory.
type guest struct {
	buf    []byte
	closed bool
}

func (g *guest) Size() uint64 { return uint64(len(g.buf)) }

func (g *guest) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if g.closed {
		return nil, memview.ErrClosed
	}
	if uint64(p)+uint64(n) > uint64(len(g.buf)) {
		return nil, memview.ErrBounds
	}
	return g.buf[p:][:n], nil
}

// stream hides how long a reader is.
type stream struct{ r io.Reader }

func (s stream) Read(b []byte) (int, error) { return s.r.Read(b) }
