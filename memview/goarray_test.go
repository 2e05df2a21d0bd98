package memview_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

func TestFromSlice(t *testing.T) {
	arr := must[memview.Array](t)
	a := arr(memview.FromSlice([][2]float32{{1, 2}, {3, 4}, {5, 6}}))
	require.Equal(t, []int{3, 2}, a.Shape())
	require.Equal(t, "float32", a.DType().LittleEndian().String())
	require.Nil(t, a.Memory())
	require.Zero(t, a.Ptr())
	require.Zero(t, a.Flags()&memview.OwnData)
	require.NoError(t, a.CheckAlive())
	require.Equal(t, []int{1, 1, 3, 2}, arr(memview.FromSlice([][2]float32{{1, 2}, {3, 4}, {5, 6}}, 1, 1, 3)).Shape())
	require.Equal(t, []int{0}, arr(memview.FromSlice([]float64(nil))).Shape())
	require.Equal(t, []int{2, 0}, arr(memview.FromSlice([]float64{}, 2, 0)).Shape())
	require.Equal(t, []int{3, 0}, arr(memview.FromSlice(make([][0]int32, 3))).Shape())

	for want, f := range map[string]func() (memview.Array, error){
		"memview: shape does not fit: a slice of 3 elements as shape (2, 2) (4 elements)":                                              func() (memview.Array, error) { return memview.FromSlice(make([]int8, 3), 2, 2) },
		"memview: shape does not fit: shape (-1,)":                                                                                     func() (memview.Array, error) { return memview.FromSlice(make([]int8, 3), -1) },
		"memview: shape does not fit: shape (-1, -3)":                                                                                  func() (memview.Array, error) { return memview.FromSlice(make([]int8, 3), -1, -3) },
		"memview: shape does not fit: shape (65536, 65536, 65536, 65536)":                                                              func() (memview.Array, error) { return memview.FromSlice([]int8{}, 65536, 65536, 65536, 65536) },
		"memview: shape does not fit: 33 dimensions, want at most 32":                                                                  func() (memview.Array, error) { return memview.FromSlice([]int8{}, make([]int, 33)...) },
		"memview: dtype does not fit: Go type string: a string holds Go pointers or has no fixed size, and cannot lie in guest memory": func() (memview.Array, error) { return memview.FromSlice([]string{"a"}) },
	} {
		_, err := f()
		require.EqualError(t, err, want)
	}
	_, err := memview.FromSlice([]int8{}, math.MinInt)
	require.ErrorIs(t, err, memview.ErrShape)
}

func TestFromStrided(t *testing.T) {
	arr := must[memview.Array](t)
	s := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, c := range []struct {
		from           int
		shape, strides []int
		want           []int32
	}{
		{0, []int{2, 3}, []int{5, 2}, []int32{0, 2, 4, 5, 7, 9}}, {3, []int{2}, []int{6}, []int32{3, 9}}, {4, []int{2, 2}, []int{0, 1}, []int32{4, 5, 4, 5}},
		{9, []int{1}, []int{-7}, []int32{9}}, {0, []int{0}, []int{3}, []int32{}}, {7, nil, nil, []int32{7}}, {7, []int{}, []int{}, []int32{7}},
	} {
		a := arr(memview.FromStrided(s[c.from:], c.shape, c.strides))
		require.Equal(t, c.want, must[[]int32](t)(memview.Values[int32](a)))
	}
	rows := arr(memview.FromStrided([][2]int32{{1, 2}, {3, 4}, {5, 6}}, []int{2}, []int{2}))
	require.Equal(t, []int{16, 4}, rows.Strides())
	require.Equal(t, [][2]int32{{1, 2}, {5, 6}}, must[[][2]int32](t)(memview.Values[[2]int32](rows)))

	for want, c := range map[string]struct {
		is             error
		shape, strides []int
	}{
		"1 strides for 2 dimensions":                          {memview.ErrShape, []int{1, 1}, []int{1}},
		"1 strides for 0 dimensions":                          {memview.ErrShape, nil, []int{1}},
		"of shape (11,) covers bytes 0x0 to 0x2c, memory has": {memview.ErrBounds, []int{11}, []int{1}},
		"reaches below address 0 or wraps":                    {memview.ErrBounds, []int{2}, []int{-1}},
		"has 20000000 bytes in all":                           {memview.ErrTooLarge, []int{5_000_000}, []int{0}},
		"has a negative dimension":                            {memview.ErrShape, []int{-1}, []int{1}},
	} {
		_, err := memview.FromStrided(s, c.shape, c.strides)
		require.ErrorIs(t, err, c.is)
		require.ErrorContains(t, err, want)
	}
	for _, n := range []int{math.MaxInt, math.MinInt, math.MaxInt / 2, math.MinInt / 4} {
		_, err := memview.FromStrided(s, []int{2}, []int{n})
		require.Error(t, err)
	}
}

// Values turns the byte order round, reads any layout, and takes structs as they are.
func TestValues(t *testing.T) {
	arr := must[memview.Array](t)
	m := make(linear, 64)
	copy(m[8:], "\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06")
	a := arr(memview.AsArray(m, 8, memview.U16.BigEndian(), 2, 3))
	require.Equal(t, []uint16{1, 2, 3, 4, 5, 6}, must[[]uint16](t)(memview.Values[uint16](a)))
	require.Equal(t, []uint16{1, 4, 2, 5, 3, 6}, must[[]uint16](t)(memview.Values[uint16](arr(a.Transpose()))))
	require.Equal(t, [][3]uint16{{1, 2, 3}, {4, 5, 6}}, must[[][3]uint16](t)(memview.Values[[3]uint16](a)))
	require.Equal(t, [][2][3]uint16{{{1, 2, 3}, {4, 5, 6}}}, must[[][2][3]uint16](t)(memview.Values[[2][3]uint16](a)))
	require.Equal(t, []uint16{4}, must[[]uint16](t)(memview.Values[uint16](arr(arr(a.Drop(0, 1)).Drop(0, 0)))))

	type header struct {
		Magic uint16    `dtype:"magic"`
		Size  uint16    `dtype:"size"`
		Rest  [2]uint16 `dtype:"rest"`
	}
	d := must[memview.DType](t)(memview.DTypeOf[header]())
	h := arr(memview.AsArray(m, 8, d.BigEndian()))
	require.Equal(t, []header{{1, 2, [2]uint16{3, 4}}}, must[[]header](t)(memview.Values[header](h)))

	for want, f := range map[string]func() error{
		"memview: dtype does not fit: Values of int16, array is >u2":                                             func() error { _, err := memview.Values[int16](a); return err },
		"memview: shape does not fit: Values of (2,) for shape (2, 3)":                                           func() error { _, err := memview.Values[[2]uint16](a); return err },
		"memview: shape does not fit: Values of (1, 2, 3) for shape (2, 3)":                                      func() error { _, err := memview.Values[[1][2][3]uint16](a); return err },
		"memview: dtype does not fit: Values of no array":                                                        func() error { _, err := memview.Values[uint16](memview.Array{}); return err },
		"memview: dtype does not fit: Go type uint: size of uint depends on the machine; write uint32 or uint64": func() error { _, err := memview.Values[uint](a); return err },
	} {
		require.EqualError(t, f(), want)
	}
}
