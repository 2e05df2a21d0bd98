package memview_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// hostOrder is d in the order in which Go stores numbers here.
func hostOrder(t testing.TB, d memview.DType) memview.DType {
	if must[memview.DType](t)(memview.DTypeOf[int16]()).IsBigEndian() {
		return d.BigEndian()
	}
	return d
}

// A borrowed slice and the memory are one: a write on either side is seen on the other.
func TestSliceShares(t *testing.T) {
	arr := must[memview.Array](t)
	m := newMemory(256)
	a := arr(memview.AsArray(m, 16, hostOrder(t, memview.F64), 2, 3))
	s, err := memview.Slice[float64](a)
	require.NoError(t, err)
	require.Equal(t, []int{6, 6}, []int{len(s), cap(s)}, "append must not write behind the array")

	s[4] = 2.5
	require.Equal(t, 2.5, must[any](t)(a.At(1, 1)))
	require.NoError(t, a.Set(-1.5, 0, 2))
	require.Equal(t, -1.5, s[2])
	copy(m.buf[16:24], m.buf[16+8*4:])
	require.Equal(t, 2.5, s[0])

	again, err := memview.Slice[float64](arr(a.Reshape(6)))
	require.NoError(t, err)
	require.Same(t, &s[0], &again[0])

	m.closed = true
	_, err = memview.Slice[float64](a)
	require.ErrorIs(t, err, memview.ErrClosed)
	require.EqualError(t, err, "memview: memory is closed")
}

func TestFromSliceShares(t *testing.T) {
	arr := must[memview.Array](t)
	host := []float32{1, 2, 3, 4, 5, 6}
	a := arr(memview.FromSlice(host, 3, 2))
	require.NoError(t, a.Set(float32(9), 2, 0))
	require.Equal(t, float32(9), host[4])
	s, err := memview.Slice[float32](a)
	require.NoError(t, err)
	require.Same(t, &host[0], &s[0])
	m, err := memview.AsMat[float32](a)
	require.NoError(t, err)
	require.Same(t, &host[3], &m.Row(1)[1])
}

// Each refusal names its cause first and the way out last.
func TestSliceRefusals(t *testing.T) {
	arr := must[memview.Array](t)
	m := newMemory(256)
	little := must[memview.DType](t)(memview.DTypeOf[float64]()).Equal(memview.F64)
	if !little {
		t.Skip("the texts are those of a little-endian host")
	}
	a := arr(memview.AsArray(m, 16, memview.F64, 2, 3))
	for want, a := range map[string]memview.Array{
		"memview: dtype does not fit: Slice of no array":                                                                                 {},
		"memview: dtype does not fit: Slice of float64, array is int64":                                                                  arr(memview.AsArray(m, 16, memview.I64, 2)),
		"memview: dtype does not fit: Slice of float64, array is >f8; Values converts the byte order":                                    arr(memview.AsArray(m, 16, memview.F64.BigEndian(), 2)),
		"memview: array is read-only: Slice would allow writes; Values copies":                                                           a.ReadOnly(),
		"memview: layout does not fit: Slice of float64 at 0x11 with strides (8,), which is not ALIGNED; Values copies":                  arr(memview.AsArray(m, 17, memview.F64, 2)),
		"memview: layout does not fit: Slice of shape (2, 2) with strides (24, 8), which is not C_CONTIGUOUS; Values copies any layout":  arr(a.Sub(1, 0, 2, 1)),
		"memview: layout does not fit: Slice of shape (2,) with strides (0,), which is not C_CONTIGUOUS; Values copies any layout":       arr(memview.NewArray(m, 16, memview.F64, memview.Layout{Shape: []int{2}, Strides: []int{0}})),
		"memview: layout does not fit: Slice of shape (2, 3) with strides (-24, 8), which is not C_CONTIGUOUS; Values copies any layout": arr(a.Sub(0, 1, -1, -1)),
		"memview: layout does not fit: Slice of memory that the host has not aligned for float64; Values copies":                         arr(memview.AsArray(&fakeMemory{buf: make([]byte, 1<<16)[1:]}, 16, memview.F64, 2)),
		"memview: out of bounds: memory gave 15 bytes at 0x10, want 16":                                                                  arr(memview.AsArray(&fakeMemory{buf: make([]byte, 64), lie: -1}, 16, memview.F64, 2)),
		"memview: out of bounds: memory gave 17 bytes at 0x10, want 16":                                                                  arr(memview.AsArray(&fakeMemory{buf: make([]byte, 64), lie: 1}, 16, memview.F64, 2)),
		"memview: layout does not fit: Slice of float64 at 0x10 with strides (9,), which is not ALIGNED; Values copies":                  arr(memview.NewArray(m, 16, memview.F64, memview.Layout{Shape: []int{2}, Strides: []int{9}})),
		"memview: dtype does not fit: Slice of float64, array is |V8":                                                                    arr(memview.Zeros(memview.MustParseDType("V8"), 2)),
		"memview: dtype does not fit: Slice of float64, array is datetime64[ns]":                                                         arr(memview.Zeros(memview.MustParseDType("M8[ns]"), 2)),
	} {
		_, err := memview.Slice[float64](a)
		require.EqualError(t, err, want)
	}
}

// Without elements there is nothing to lend, but also nothing to refuse.
func TestSliceOfNothing(t *testing.T) {
	arr := must[memview.Array](t)
	m := newMemory(64)
	for _, shape := range [][]int{{0}, {0, 3}, {3, 0}, {1 << 10, 0, 1 << 10}} {
		a := arr(memview.AsArray(m, 17, hostOrder(t, memview.F64), shape...))
		s, err := memview.Slice[float64](a)
		require.NoError(t, err)
		require.NotNil(t, s)
		require.Empty(t, s)
		for range memview.Runs[float64](a) {
			t.Fatal("a run of nothing")
		}
		if len(shape) == 2 {
			mat, err := memview.AsMat[float64](a)
			require.NoError(t, err)
			require.Equal(t, shape, []int{mat.Rows, mat.Cols})
			require.Equal(t, shape, mat.Array().Shape())
			for i := range mat.Rows {
				require.Empty(t, mat.Row(i))
			}
		}
	}
}

func TestAsMat(t *testing.T) {
	arr := must[memview.Array](t)
	m := newMemory(1024)
	a := arr(memview.AsArray(m, 16, hostOrder(t, memview.I32), 4, 5))
	s, err := memview.Slice[int32](a)
	require.NoError(t, err)
	for i := range s {
		s[i] = int32(i)
	}
	inner := arr(arr(a.Sub(0, 0, 4, 2)).Sub(1, 1, 4, 1))
	mat, err := memview.AsMat[int32](inner)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3, 10, 13}, []int{mat.Rows, mat.Cols, mat.Stride, len(mat.Data)})
	require.Equal(t, []int32{11, 12, 13}, mat.Row(1))
	require.Equal(t, 3, cap(mat.Row(0)), "append to a row must not write into the next")
	mat.Set(1, 2, -1)
	require.Equal(t, int32(-1), s[13])
	require.Panics(t, func() { mat.Row(2) })

	// A single row or column has no stride of its own.
	row, err := memview.AsMat[int32](arr(inner.Sub(0, 1, 2, 1)))
	require.NoError(t, err)
	require.Equal(t, []int{1, 3, 3}, []int{row.Rows, row.Cols, row.Stride})
	column, err := memview.AsMat[int32](arr(inner.Sub(1, 1, 2, 1)))
	require.NoError(t, err)
	require.Equal(t, []int{2, 1, 10}, []int{column.Rows, column.Cols, column.Stride})
	require.Equal(t, []int32{2, 12}, []int32{column.At(0, 0), column.At(1, 0)})

	for want, a := range map[string]memview.Array{
		"AsMat of 1 dimensions, want 2": arr(a.Drop(0, 0)),
		"AsMat of shape (5, 4) with strides (4, 20): want contiguous rows in ascending order":  arr(a.Transpose()),
		"AsMat of shape (4, 5) with strides (-20, 4): want contiguous rows in ascending order": arr(a.Sub(0, 3, -1, -1)),
		"AsMat of shape (4, 5) with strides (20, -4): want contiguous rows in ascending order": arr(a.Sub(1, 4, -1, -1)),
		"AsMat of shape (3, 2) with strides (4, 4): want contiguous rows in ascending order":   arr(memview.NewArray(m, 16, a.DType(), memview.Layout{Shape: []int{3, 2}, Strides: []int{4, 4}})),
		"AsMat of shape (3, 2) with strides (0, 4): want contiguous rows in ascending order":   arr(memview.NewArray(m, 16, a.DType(), memview.Layout{Shape: []int{3, 2}, Strides: []int{0, 4}})),
		"AsMat would allow writes; Values copies":                                              a.ReadOnly(),
	} {
		_, err := memview.AsMat[int32](a)
		require.ErrorContains(t, err, want)
	}
}

func TestMatArrayPanics(t *testing.T) {
	for _, m := range []memview.Mat[int32]{{Rows: 1, Cols: 1}, {Data: make([]int32, 5), Rows: 2, Cols: 3, Stride: 3}, {Rows: -1}, {Data: make([]int32, 5), Rows: 2, Cols: 1, Stride: -1}} {
		require.Panics(t, func() { m.Array() })
	}
	require.Zero(t, memview.Mat[int32]{}.Array().Size())
}

// A sequence of runs stops when its reader does, and can be read again.
func TestRunsStopAndStartAgain(t *testing.T) {
	arr := must[memview.Array](t)
	host := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	m := newMemory(256)
	a := arr(memview.AsArray(m, 16, hostOrder(t, memview.I32), 3, 4))
	require.NoError(t, memview.Copy(a, arr(memview.FromSlice(host, 3, 4))))
	left := arr(a.Sub(1, 0, 2, 1))
	runs := memview.Runs[int32](left)
	for range 2 {
		seen := 0
		for run, err := range runs {
			require.NoError(t, err)
			require.Equal(t, []int32{0, 1}, run)
			require.Equal(t, 2, cap(run), "append must not write behind the run")
			seen++
			break
		}
		require.Equal(t, 1, seen)
	}
	var got []int32
	for run, err := range runs {
		require.NoError(t, err)
		for i := range run {
			run[i] += 100 // seen by the array
		}
		got = append(got, run...)
	}
	require.Equal(t, []int32{100, 101, 104, 105, 108, 109}, got)
	require.Equal(t, int32(105), must[any](t)(a.At(1, 1)))

	// One run for what is dense, one per element for what is not.
	down := arr(arr(a.Drop(0, 2)).Sub(0, 3, -1, -1))
	for want, v := range map[int]memview.Array{1: a, 3: left, 12: arr(a.Transpose()), 4: down} {
		n := 0
		for _, err := range memview.Runs[int32](v) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, want, n)
	}

	// The sequence asks the memory when it is read, not when it was made.
	m.closed = true
	n := 0
	for run, err := range runs {
		require.Nil(t, run)
		require.ErrorIs(t, err, memview.ErrClosed)
		n++
	}
	require.Equal(t, 1, n)
	for _, err := range memview.Runs[int32](left.ReadOnly()) {
		require.ErrorIs(t, err, memview.ErrReadOnly)
	}
}
