package memview_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

func TestNewArrayRefusals(t *testing.T) {
	m := newMemory(1 << 16)
	huge := sizeMemory{t: t, size: 1<<32 - 1<<16}
	ones := func(n int) []int { return slices.Repeat([]int{1}, n) }
	for want, c := range map[string]struct {
		is error
		m  memview.Memory
		p  memview.Ptr
		d  memview.DType
		l  memview.Layout
	}{
		"NULL pointer: an array of uint8 at address 0":                                                        {memview.ErrNull, m, 0, memview.U8, memview.Layout{}},
		"memory is closed: no memory":                                                                         {memview.ErrClosed, nil, 8, memview.U8, memview.Layout{}},
		"dtype does not fit: no dtype given":                                                                  {memview.ErrDType, m, 8, memview.DType{}, memview.Layout{}},
		"shape does not fit: 33 dimensions, want at most 32":                                                  {memview.ErrShape, m, 8, memview.U8, memview.Layout{Shape: ones(33)}},
		"shape does not fit: 1 strides for 2 dimensions":                                                      {memview.ErrShape, m, 8, memview.U8, memview.Layout{Shape: []int{1, 1}, Strides: []int{1}}},
		"shape does not fit: 0 strides for 1 dimensions":                                                      {memview.ErrShape, m, 8, memview.U8, memview.Layout{Shape: []int{1}, Strides: []int{}}},
		"shape does not fit: shape (2, -1) has a negative dimension":                                          {memview.ErrShape, m, 8, memview.U8, memview.Layout{Shape: []int{2, -1}}},
		"out of bounds: uint8 of shape (65529,) covers bytes 0x8 to 0x10001, memory has 0x10000":              {memview.ErrBounds, m, 8, memview.U8, memview.Layout{Shape: []int{65529}}},
		"out of bounds: float64 of shape () covers bytes 0xfffc to 0x10004, memory has 0x10000":               {memview.ErrBounds, m, 0xfffc, memview.F64, memview.Layout{}},
		"out of bounds: uint8 of shape () covers bytes 0xffffffff to 0x100000000, memory has 0x10000":         {memview.ErrBounds, m, math.MaxUint32, memview.U8, memview.Layout{}},
		"out of bounds: uint8 of shape (0,) covers bytes 0x10001 to 0x10001, memory has 0x10000":              {memview.ErrBounds, m, 0x10001, memview.U8, memview.Layout{Shape: []int{0}}},
		"out of bounds: uint8 of shape (65536,) covers bytes 0xfffeffff to 0xffffffff, memory has 0xffff0000": {memview.ErrBounds, huge, 0xfffeffff, memview.U8, memview.Layout{Shape: []int{65536}}},
		"out of bounds: shape (3,) with strides (-8,) at 0x8 reaches below address 0 or wraps":                {memview.ErrBounds, m, 8, memview.F64, memview.Layout{Shape: []int{3}, Strides: []int{-8}}},
		"NULL pointer: shape (2,) with strides (-8,) at 0x8 reaches down to address 0":                        {memview.ErrNull, m, 8, memview.F64, memview.Layout{Shape: []int{2}, Strides: []int{-8}}},
		"array is too large: shape (65536, 65536, 65536, 65536)":                                              {memview.ErrTooLarge, m, 8, memview.U8, memview.Layout{Shape: []int{65536, 65536, 65536, 65536}}},
		"array is too large: shape (0, 65536, 65536, 65536, 65536)":                                           {memview.ErrTooLarge, m, 8, memview.U8, memview.Layout{Shape: []int{0, 65536, 65536, 65536, 65536}}},
		"array is too large: shape (16777217,) with strides (0,) has 16777217 bytes in all":                   {memview.ErrTooLarge, m, 8, memview.U8, memview.Layout{Shape: []int{1<<24 + 1}, Strides: []int{0}}},
	} {
		a, err := memview.NewArray(c.m, c.p, c.d, c.l)
		require.True(t, a.IsZero())
		require.ErrorIs(t, err, c.is, want)
		require.EqualError(t, err, "memview: "+want)
	}
	for _, n := range []int{math.MaxInt, math.MinInt, math.MaxInt32, math.MinInt32, -1, 1 << 30} {
		for _, shape := range [][]int{{2}, {2, 2}, {1, 2, 1, 2}} {
			_, err := memview.NewArray(m, 8, memview.F64, memview.Layout{Shape: shape, Strides: slices.Repeat([]int{n}, len(shape))})
			require.True(t, err != nil || n == -1, "%v times %d", shape, n)
			_, err = memview.AsArray(m, 8, memview.F64, slices.Repeat([]int{n}, len(shape))...)
			require.Error(t, err)
			_, err = memview.SizeOf(memview.F64, slices.Repeat([]int{n}, len(shape))...)
			require.Error(t, err)
			_, err = memview.Zeros(memview.F64, slices.Repeat([]int{n}, len(shape))...)
			require.Error(t, err)
		}
	}
}

// An array may end where the memory does, also without elements.
func TestNewArrayAtTheEnd(t *testing.T) {
	m := newMemory(1 << 16)
	for _, c := range []struct {
		p     memview.Ptr
		shape []int
	}{{0xfff8, nil}, {0x10000, []int{0}}, {0x10000, []int{3, 0}}, {0x8, []int{8191}}} {
		a, err := memview.AsArray(m, c.p, memview.F64, c.shape...)
		require.NoError(t, err)
		require.NoError(t, a.CheckAlive())
		_, err = memview.Values[float64](a)
		require.NoError(t, err)
		require.NoError(t, a.Zero())
	}
}

// 32 axes work everywhere, and views that would have more are refused.
func TestMostDimensions(t *testing.T) {
	arr := must[memview.Array](t)
	m := newMemory(1 << 12)
	for i := range m.buf {
		m.buf[i] = byte(i)
	}
	d := must[memview.DType](t)(memview.SubArrayOf(memview.U8, 2))
	s := must[memview.DType](t)(memview.PackedStructOf(memview.Field{Name: "x", DType: d}))
	shape := slices.Repeat([]int{1}, memview.MaxNDim)
	shape[0], shape[15], shape[31] = 2, 3, 2

	a := arr(memview.AsArray(m, 8, s, shape...))
	require.Equal(t, memview.MaxNDim, a.NDim())
	_, err := a.Field("x")
	require.EqualError(t, err, "memview: shape does not fit: 33 dimensions, want at most 32")
	_, err = memview.AsArray(m, 8, d, shape...)
	require.ErrorIs(t, err, memview.ErrShape)
	x := arr(arr(a.Drop(1, 0)).Field("x"))
	require.Equal(t, memview.MaxNDim, x.NDim())
	require.Equal(t, []uint8{8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}, must[[]uint8](t)(memview.Values[uint8](x)))
	back := arr(arr(x.Transpose()).Transpose())
	require.Equal(t, x.Strides(), back.Strides())
	require.NotEmpty(t, arr(x.Transpose()).String())
	flat := arr(x.Reshape(-1))
	require.Equal(t, 24, flat.Dim(0))
	require.Equal(t, 1, flat.Stride(0))
	require.Equal(t, x.Shape(), arr(flat.Reshape(x.Shape()...)).Shape())

	// All axes of stride 0: 2^24 elements over one byte, and not one more.
	same := memview.Layout{Shape: slices.Repeat([]int{2}, 24), Strides: make([]int, 24)}
	require.Equal(t, 1<<24, arr(memview.NewArray(m, 8, memview.U8, same)).Size())
	same = memview.Layout{Shape: slices.Repeat([]int{2}, 25), Strides: make([]int, 25)}
	_, err = memview.NewArray(m, 8, memview.U8, same)
	require.ErrorIs(t, err, memview.ErrTooLarge)
}

func TestSizeOf(t *testing.T) {
	for _, c := range []struct {
		d     memview.DType
		shape []int
		want  int
	}{
		{memview.F64, nil, 8}, {memview.F64, []int{3, 4}, 96}, {memview.F64, []int{3, 0}, 0}, {memview.U8, []int{1<<31 - 1}, 1<<31 - 1},
		{memview.MustParseDType("(2,3)f4"), []int{2}, 48}, {memview.MustParseDType("[]"), []int{5}, 0}, {memview.MustParseDType("V2147483647"), nil, 1<<31 - 1},
	} {
		n, err := memview.SizeOf(c.d, c.shape...)
		require.NoError(t, err)
		require.Equal(t, c.want, n)
	}
	for want, c := range map[string]struct {
		is    error
		d     memview.DType
		shape []int
	}{
		"shape does not fit: shape (2, -1) has a negative dimension": {memview.ErrShape, memview.U8, []int{2, -1}},
		"shape does not fit: 33 dimensions, want at most 32":         {memview.ErrShape, memview.U8, make([]int, 33)},
		"dtype does not fit: no dtype given":                         {memview.ErrDType, memview.DType{}, nil},
		"array is too large: shape (65536, 65536, 65536, 65536)":     {memview.ErrTooLarge, memview.U8, []int{65536, 65536, 65536, 65536}},
	} {
		_, err := memview.SizeOf(c.d, c.shape...)
		require.ErrorIs(t, err, c.is)
		require.EqualError(t, err, "memview: "+want)
		_, err = memview.Zeros(c.d, c.shape...)
		require.EqualError(t, err, "memview: "+want)
	}
	_, err := memview.SizeOf(memview.U8, 1<<16, 1<<16)
	require.ErrorIs(t, err, memview.ErrTooLarge)
}

// The zero Array answers every question, and lends nothing.
func TestZeroArray(t *testing.T) {
	var a memview.Array
	require.True(t, a.IsZero())
	require.True(t, a.DType().IsZero())
	require.Zero(t, a.NDim()+a.Size()+a.NBytes()+int(a.Flags())+int(a.Ptr()))
	require.Nil(t, a.Shape())
	require.Nil(t, a.Strides())
	require.Nil(t, a.Memory())
	lo, hi := a.Extent()
	require.Zero(t, lo+hi)
	require.ErrorIs(t, a.CheckAlive(), memview.ErrClosed)
	require.ErrorIs(t, a.Zero(), memview.ErrDType)
	_, err := a.At()
	require.EqualError(t, err, "memview: dtype does not fit: an element of no array")
	require.ErrorIs(t, a.Set(1), memview.ErrDType)
	_, err = memview.Values[float64](a)
	require.ErrorIs(t, err, memview.ErrDType)
	_, err = memview.AsCTypes(a)
	require.ErrorIs(t, err, memview.ErrDType)
	_, err = memview.AsCTypes(nil)
	require.ErrorIs(t, err, memview.ErrDType)
}

// A memory that goes takes its arrays with it, and no access panics.
func TestGoneMemory(t *testing.T) {
	m := newMemory(256)
	a, err := memview.AsArray(m, 8, memview.F64, 2, 3)
	require.NoError(t, err)
	m.closed = true
	_, at := a.At(0, 0)
	_, values := memview.Values[float64](a)
	_, mat := memview.AsMat[float64](a)
	for _, err := range []error{a.CheckAlive(), at, values, mat, a.Set(1.0, 0, 0), a.Zero(), memview.Copy(a, a)} {
		require.ErrorIs(t, err, memview.ErrClosed)
		require.EqualError(t, err, "memview: memory is closed")
	}
	v, err := a.Reshape(6) // a view asks for no bytes
	require.NoError(t, err)
	require.ErrorIs(t, v.CheckAlive(), memview.ErrClosed)
}
