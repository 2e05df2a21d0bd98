package npy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

func TestReadOrders(t *testing.T) {
	elems := []byte{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0}
	c := read(t, file(dict("'<i2'", "(2, 3)"), elems...))
	require.Equal(t, []int{2, 3}, c.Shape())
	require.Equal(t, []int{6, 2}, c.Strides())
	require.Equal(t, memview.CContiguous|memview.Aligned|memview.Writeable|memview.OwnData, c.Flags())
	require.Nil(t, c.Memory())

	f := read(t, file("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", elems...))
	require.Equal(t, []int{2, 3}, f.Shape())
	require.Equal(t, []int{2, 4}, f.Strides())
	require.Equal(t, memview.FContiguous|memview.Aligned|memview.Writeable, f.Flags())
	v, err := memview.Values[int16](f)
	require.NoError(t, err)
	require.Equal(t, []int16{1, 3, 5, 2, 4, 6}, v)
}

// Every way to hand over the bytes gives the same array.
func TestReadSources(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 65536, 65537, 262144, 262145, 1_000_003} {
		for _, fortran := range []bool{false, true} {
			a := counting(t, n, 1, n, 1)
			if n%2 == 0 && fortran {
				a = counting(t, n, 2, n/2)
				a, _ = a.Transpose()
			}
			bin := write(t, a)
			name := filepath.Join(t.TempDir(), "a.npy")
			require.NoError(t, os.WriteFile(name, append([]byte("skip"), bin...), 0o600))
			f, err := os.Open(name)
			require.NoError(t, err)
			defer f.Close()
			_, err = f.Seek(4, io.SeekStart)
			require.NoError(t, err)
			for kind, r := range map[string]io.Reader{
				"bytes":  bytes.NewReader(bin),
				"stream": stream{bytes.NewReader(bin)},
				"half":   iotest.HalfReader(stream{bytes.NewReader(bin)}),
				"eof":    iotest.DataErrReader(stream{bytes.NewReader(bin)}),
				"file":   f,
			} {
				t.Run(fmt.Sprint(kind, n, fortran), func(t *testing.T) {
					got, err := npy.Read(r, nil)
					require.NoError(t, err)
					require.Equal(t, a.Shape(), got.Shape())
					require.True(t, bytes.Equal(bin, write(t, got)))
				})
			}
		}
	}
}

func TestReadConcatenated(t *testing.T) {
	r := bytes.NewReader(append(write(t, counting(t, 3, 3)), write(t, counting(t, 2, 1, 2))...))
	for _, shape := range [][]int{{3}, {1, 2}} {
		a, err := npy.Read(r, nil)
		require.NoError(t, err)
		require.Equal(t, shape, a.Shape())
	}
	_, err := npy.Read(r, nil)
	require.ErrorIs(t, err, io.EOF)
}

func TestReadTruncated(t *testing.T) {
	bin := write(t, counting(t, 5, 5))
	for n := range 20 {
		for _, r := range []io.Reader{bytes.NewReader(bin[:128+n]), stream{bytes.NewReader(bin[:128+n])}} {
			_, err := npy.Read(r, nil)
			require.ErrorIs(t, err, npy.ErrFormat)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.NotErrorIs(t, err, io.EOF)
			require.EqualError(t, err, fmt.Sprintf("npy: malformed .npy file: data has %d bytes, want 20: unexpected EOF", n))
		}
	}
}

func TestReadReaderFails(t *testing.T) {
	boom := errors.New("boom")
	bin := write(t, counting(t, 100_000, 100_000))
	_, err := npy.Read(io.MultiReader(bytes.NewReader(bin[:128+300_000]), iotest.ErrReader(boom)), nil)
	require.ErrorIs(t, err, boom)
	require.EqualError(t, err, "npy: reading the data, byte 300000 of 400000: boom")
}

func TestReadMaxBytes(t *testing.T) {
	bin := write(t, counting(t, 5, 5))
	for limit, ok := range map[int64]bool{-1: true, 0: true, 19: false, 20: true, 1 << 62: true} {
		_, err := npy.Read(bytes.NewReader(bin), &npy.Options{MaxBytes: limit})
		if ok {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, memview.ErrTooLarge)
		require.EqualError(t, err, "npy: array is too large: int32 of shape (5,) has 20 bytes, want at most 19")
	}
}

// A header may promise anything; memory follows the bytes that come.
func TestReadHostileSizes(t *testing.T) {
	grown := func(f func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	zip := make([]byte, 100)
	for name, c := range map[string]struct {
		descr, shape string
		is           error
	}{
		"2^40":        {"'<f8'", "(1099511627776,)", memview.ErrTooLarge},
		"4 GiB":       {"'|u1'", "(4294967295,)", io.ErrUnexpectedEOF},
		"one element": {"'|V2147483647'", "()", io.ErrUnexpectedEOF},
		"sub-array":   {"[('a', '?', (1000000, 2000))]", "(2,)", io.ErrUnexpectedEOF},
		"structs":     {"[('a', [('b', '?'), ('c', 'f4')], (1000000, 400))]", "(2,)", io.ErrUnexpectedEOF},
		"no bytes":    {"[]", "(4611686018427387904,)", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{
				bytes.NewReader(file(dict(c.descr, c.shape), zip...)),
				stream{bytes.NewReader(file(dict(c.descr, c.shape), zip...))},
			} {
				var err error
				n := grown(func() { _, err = npy.Read(r, nil) })
				if math.MaxInt == math.MaxInt32 { // most are more than a slice can hold
					require.Error(t, err)
				} else {
					require.ErrorIs(t, err, c.is)
				}
				require.Less(t, n, uint64(2<<20))
			}
		})
	}
	t.Run("stream", func(t *testing.T) { // 5 of 256 MiB come
		head, err := npy.Header{DType: memview.U8, Shape: []int{1 << 28}}.AppendBinary(nil)
		require.NoError(t, err)
		n := grown(func() { _, err = npy.Read(stream{bytes.NewReader(append(head, make([]byte, 5<<20)...))}, nil) })
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Less(t, n, uint64(32<<20))
	})
	t.Run("long header", func(t *testing.T) { // 1 MiB is claimed
		n := grown(func() {
			_, err := npy.Read(strings.NewReader("\x93NUMPY\x03\x00\x00\x00\x10\x00{"), nil)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		})
		require.Less(t, n, uint64(1<<16))
	})
}

// Every bool is 0 or 1, however deep it lies.
func TestReadBools(t *testing.T) {
	for descr, c := range map[string]struct{ in, want string }{
		"'|b1'":                                    {"\x00\x01\x02\xff", "\x00\x01\x01\x01"},
		"[('a', '?'), ('b', 'i1')]":                {"\x02\x02\x00\x03\x01\x04\x80\x05", "\x01\x02\x00\x03\x01\x04\x01\x05"},
		"[('b', 'i1'), ('a', '?', (3,))]":          {"\x02\x02\x00\x03\x02\x02\x01\x09\x02\x02\x02\x02\x02\x02\x02\x02", "\x02\x01\x00\x01\x02\x01\x01\x01\x02\x01\x01\x01\x02\x01\x01\x01"},
		"[('s', [('b', 'i1'), ('a', '?')], (2,))]": {"\x02\x02\x02\x02\x03\x03\x03\x03\x04\x04\x04\x04\x05\x05\x05\x05", "\x02\x01\x02\x01\x03\x01\x03\x01\x04\x01\x04\x01\x05\x01\x05\x01"},
		"[('s', [('a', '?')], (0,)), ('b', 'i1')]": {"\x02\x02\x02\x02", "\x02\x02\x02\x02"},
		"[('s', ('?', (2,)), (2,))]":               {"\x02\x02\x02\x02\x00\x01\x02\x03\x02\x02\x02\x02\x02\x02\x02\x02", "\x01\x01\x01\x01\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"},
		"[('e', []), ('a', '?')]":                  {"\x02\x02\x02\x02", "\x01\x01\x01\x01"},
	} {
		t.Run(descr, func(t *testing.T) {
			require.Equal(t, c.want, string(data(t, write(t, read(t, file(dict(descr, "(4,)"), []byte(c.in)...))))))
		})
	}
	long := bytes.Repeat([]byte{0, 1, 0, 1, 0, 1, 0, 1, 2}, 100_000)
	got := data(t, write(t, read(t, file(dict("'?'", "(900000,)"), long...))))
	require.True(t, bytes.Equal(bytes.Repeat([]byte{0, 1, 0, 1, 0, 1, 0, 1, 1}, 100_000), got))
}

// Elements larger than a chunk.
func TestReadLargeElements(t *testing.T) {
	const item = 700_001
	in := make([]byte, 7*item)
	for i := range in {
		in[i] = byte(i * 7 >> 3)
	}
	whole := file(dict(fmt.Sprintf("[('a', '|V%d'), ('b', '?')]", item-1), "(7,)"), in...)
	for i := item - 1; i < len(in); i += item {
		in[i] = min(in[i], 1)
	}
	for _, r := range []io.Reader{bytes.NewReader(whole), stream{bytes.NewReader(whole)}} {
		a, err := npy.Read(r, nil)
		require.NoError(t, err)
		require.True(t, bytes.Equal(in, data(t, write(t, a))))
	}
}

func TestReadFileThatIsNone(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	require.NoError(t, err)
	defer dir.Close()
	_, err = npy.Read(dir, nil)
	require.Error(t, err)
	require.NotErrorIs(t, err, npy.ErrFormat)

	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	go func() {
		defer w.Close()
		w.Write(file(dict("'i1'", "(3,)"), 1, 2, 3))
	}()
	a, err := npy.Read(r, nil)
	require.NoError(t, err)
	require.Equal(t, 3, a.Size())
}
