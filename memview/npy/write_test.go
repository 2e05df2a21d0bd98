package npy_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

func ints(t *testing.T, file []byte) []int32 {
	b := data(t, file)
	out := make([]int32, len(b)/4)
	_, err := binary.Decode(b, binary.LittleEndian, out)
	require.NoError(t, err)
	return out
}

func TestWriteOrders(t *testing.T) {
	a := counting(t, 6, 2, 3)
	for name, c := range map[string]struct {
		view    func() (memview.Array, error)
		fortran bool
		want    []int32
	}{
		"C":           {func() (memview.Array, error) { return a, nil }, false, []int32{0, 1, 2, 3, 4, 5}},
		"F":           {func() (memview.Array, error) { return a.Transpose() }, true, []int32{0, 1, 2, 3, 4, 5}},
		"columns":     {func() (memview.Array, error) { return a.Sub(1, 0, 3, 2) }, false, []int32{0, 2, 3, 5}},
		"backwards":   {func() (memview.Array, error) { return a.Sub(1, 2, -1, -1) }, false, []int32{2, 1, 0, 5, 4, 3}},
		"upside down": {func() (memview.Array, error) { return a.Sub(0, 1, -1, -1) }, false, []int32{3, 4, 5, 0, 1, 2}},
		"column":      {func() (memview.Array, error) { return a.Drop(1, 1) }, false, []int32{1, 4}},
		"one row":     {func() (memview.Array, error) { return a.Sub(0, 1, 2, 1) }, false, []int32{3, 4, 5}},
		"none":        {func() (memview.Array, error) { return a.Sub(1, 1, 1, 1) }, false, []int32{}},
		"broadcast":   {func() (memview.Array, error) { return memview.FromStrided([]int32{7, 8}, []int{2, 2}, []int{0, 1}) }, false, []int32{7, 8, 7, 8}},
		"gaps": {func() (memview.Array, error) {
			return memview.FromStrided([]int32{1, 2, 3, 4, 5, 6, 7, 8}, []int{2, 2}, []int{1, 4})
		}, false, []int32{1, 5, 2, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := c.view()
			require.NoError(t, err)
			file := write(t, v)
			h, err := npy.ReadHeader(bytes.NewReader(file))
			require.NoError(t, err)
			require.Equal(t, c.fortran, h.Fortran)
			require.Equal(t, v.Shape(), h.Shape)
			require.Equal(t, c.want, ints(t, file))
			back := read(t, file)
			want, err := memview.Values[int32](v)
			require.NoError(t, err)
			got, err := memview.Values[int32](back)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// Chunks of any shape come in the right order.
func TestWriteChunks(t *testing.T) {
	for _, shape := range [][]int{{300, 400, 3}, {3, 300, 400}, {2, 3, 60_000}, {2, 65_537, 2}, {65_536, 1, 5}, {1, 1, 1, 300_001}} {
		n := 1
		for _, d := range shape {
			n *= d
		}
		s := make([]int32, 2*n)
		for i := range s {
			s[i] = int32(i)
		}
		strides := make([]int, len(shape)) // every second one, backwards along the last axis
		step := 2
		for i := len(shape) - 1; i >= 0; i-- {
			strides[i], step = step, step*shape[i]
		}
		a, err := memview.FromStrided(s, shape, strides)
		require.NoError(t, err)
		last := len(shape) - 1
		a, err = a.Sub(last, shape[last]-1, -1, -1)
		require.NoError(t, err)
		want, err := memview.Values[int32](a)
		require.NoError(t, err)
		require.True(t, slices.Equal(want, ints(t, write(t, a))), "%v", shape)
	}
}

func TestWriteGuest(t *testing.T) {
	mem := &guest{buf: make([]byte, 64)}
	copy(mem.buf[16:], "\x02\x00\xff\x01")
	a, err := memview.AsArray(mem, 16, memview.Bool, 2, 2)
	require.NoError(t, err)
	require.Equal(t, "\x01\x00\x01\x01", string(data(t, write(t, a))))
	require.Equal(t, "\x02\x00\xff\x01", string(mem.buf[16:20]), "the guest's bytes stay")

	mem.closed = true
	var b bytes.Buffer
	err = npy.Write(&b, a)
	require.ErrorIs(t, err, memview.ErrClosed)
	require.EqualError(t, err, "npy: memory is closed")
	require.Zero(t, b.Len(), "nothing was written")
}

func TestWriteRefuses(t *testing.T) {
	err := npy.Write(io.Discard, memview.Array{})
	require.EqualError(t, err, "npy: dtype does not fit: Write of no array")

	u, err := memview.StructSpec{Fields: []memview.Field{{Name: "i", DType: memview.I32}, {Name: "f", DType: memview.F32}}}.DType()
	require.NoError(t, err)
	a, err := memview.Zeros(u, 3)
	require.NoError(t, err)
	var b bytes.Buffer
	err = npy.Write(&b, a)
	require.ErrorIs(t, err, memview.ErrDType)
	require.ErrorContains(t, err, `field "f" starts at byte 0, after fields up to byte 4`)
	require.Zero(t, b.Len())
}

// limited fails after n bytes, with err or by writing less.
type limited struct {
	n   int
	err error
}

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.n {
		return l.n, l.err
	}
	l.n -= len(b)
	return len(b), nil
}

func TestWriteWriterFails(t *testing.T) {
	a := counting(t, 100_000, 100_000)
	boom := errors.New("boom")
	require.EqualError(t, npy.Write(&limited{n: 100, err: boom}, a), "npy: writing the header: boom")
	require.EqualError(t, npy.Write(&limited{n: 300_000, err: boom}, a), "npy: writing element 65536 of 100000: boom")
	require.ErrorIs(t, npy.Write(&limited{n: 1000, err: boom}, a), boom)
	require.ErrorIs(t, npy.Write(&limited{n: 1000}, a), io.ErrShortWrite)
}

func TestWriteAllocations(t *testing.T) {
	a := counting(t, 4<<20, 4<<20)
	n := testing.AllocsPerRun(3, func() { require.NoError(t, npy.Write(io.Discard, a)) })
	require.Less(t, n, 64.0*10) // 64 chunks
}
