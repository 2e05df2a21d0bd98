package npy_test

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

func seeds(f *testing.F) {
	for _, descr := range []string{"'<f8'", "'|b1'", "'>U2'", "'|S3'", "'|V4'", "'<M8[25s]'", "'<f2'", "'>c16'", "'|O'",
		"[('a', '<f8'), ('', '|V4'), (('t', 'b'), '>i2', (2, 3))]", "[('s', [('x', '?'), ('y', '<f4')], (2,))]", "[]", "('<f8', (2,))",
		"[('é', ('<f8', (1,)), (2,))]"} {
		for v, shape := range []string{"()", "(2, 3)", "(0, 4)", "(1099511627776,)"} {
			f.Add(fileOf(byte(v%3+1), dict(descr, shape), make([]byte, 300)...))
		}
	}
	f.Add(fileOf(1, "{'descr': '<i4', 'fortran_order': True, 'shape': (3, 2L), }", make([]byte, 24)...))
	f.Add([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{}"))
}

// A header that is read is one that is written, and says the same again.
func FuzzReadHeader(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		r := bytes.NewReader(file)
		h, err := npy.ReadHeader(r)
		if err != nil {
			return
		}
		require.EqualValues(t, len(file)-r.Len(), h.Offset)
		require.GreaterOrEqual(t, h.NBytes(), int64(0))
		require.Len(t, h.Layout().Strides, len(h.Shape))
		b, err := npy.Header{DType: h.DType, Shape: h.Shape, Fortran: h.Fortran}.AppendBinary(nil)
		if err != nil { // escapes and lists can be longer than what was read
			require.Greater(t, len(file), 1<<16)
			return
		}
		again, err := npy.ReadHeader(bytes.NewReader(b))
		require.NoError(t, err)
		require.True(t, h.DType.Equal(again.DType), "%s read back as %s", h.DType, again.DType)
		require.Equal(t, h.Shape, again.Shape)
		require.Equal(t, h.Fortran, again.Fortran)
		require.EqualValues(t, len(b), again.Offset)
		require.Zero(t, again.Offset%64)
	})
}

// What is read is written, and reads back equal; memory follows the input.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := npy.Read(bytes.NewReader(file), nil)
		runtime.ReadMemStats(&after)
		// Fields and limits of a literal cost some hundred bytes for each.
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20+400*len(file)))
		b, errStream := npy.Read(stream{bytes.NewReader(file)}, nil)
		if err != nil {
			require.EqualError(t, errStream, err.Error())
			return
		}
		require.NoError(t, errStream)
		var once, twice, streamed bytes.Buffer
		if err := npy.Write(&once, a); err != nil {
			require.Greater(t, len(file), 1<<16)
			return
		}
		require.NoError(t, npy.Write(&streamed, b))
		require.True(t, bytes.Equal(once.Bytes(), streamed.Bytes()))
		back, err := npy.Read(bytes.NewReader(once.Bytes()), nil)
		require.NoError(t, err)
		require.True(t, a.DType().Equal(back.DType()))
		require.Equal(t, a.Shape(), back.Shape())
		require.NoError(t, npy.Write(&twice, back))
		require.True(t, bytes.Equal(once.Bytes(), twice.Bytes()))
	})
}

// Arrays of any layout write what a dense copy of them does.
func FuzzWrite(f *testing.F) {
	f.Add([]byte{2, 3, 4}, []byte{1, 0, 2}, []byte{9, 1, 3}, byte(0))
	f.Add([]byte{100, 100, 40}, []byte{2, 1, 0}, []byte{0, 1, 2}, byte(2))
	f.Fuzz(func(t *testing.T, dims, axes, cuts []byte, kind byte) {
		types := []string{"i1", "?", ">u2", "[('a', '?'), ('b', '<f4')]", "V3", "f8"}
		d := memview.MustParseDType(types[int(kind)%len(types)])
		var shape []int
		n := 1
		for _, x := range dims[:min(len(dims), 5)] {
			shape = append(shape, int(x))
			n *= max(int(x), 1)
		}
		if n > 1<<20 {
			return
		}
		mem := &guest{buf: make([]byte, 64+n*d.ItemSize())}
		for i := range mem.buf {
			mem.buf[i] = byte(i * 31 >> 2)
		}
		a, err := memview.AsArray(mem, 64, d, shape...)
		require.NoError(t, err)
		var order []int
		for _, x := range axes[:min(len(axes), len(shape))] {
			order = append(order, int(x))
		}
		if v, err := a.Transpose(order...); err == nil {
			a = v
		}
		for i, c := range cuts[:min(len(cuts), a.NDim())] {
			step := int(c%7) - 3
			lo, hi := int(c>>3)%(a.Dim(i)+1), a.Dim(i)
			if step < 0 {
				lo, hi = hi-1, lo-1
			}
			if v, err := a.Sub(i, lo, hi, step); err == nil {
				a = v
			}
		}
		dense, err := memview.Zeros(d, a.Shape()...)
		require.NoError(t, err)
		require.NoError(t, memview.Copy(dense, a))
		var got, want bytes.Buffer
		require.NoError(t, npy.Write(&got, a))
		require.NoError(t, npy.Write(&want, dense))
		back, err := npy.Read(&got, nil)
		require.NoError(t, err)
		require.NoError(t, memview.Copy(dense, back))
		got.Reset()
		require.NoError(t, npy.Write(&got, dense))
		require.True(t, bytes.Equal(want.Bytes(), got.Bytes()))
		require.NoError(t, npy.Write(io.Discard, back))
	})
}
