package memview_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// checkArray compares an array with its list.
func checkArray(t testing.TB, m *fakeMemory, a memview.Array, s slow) {
	item := a.DType().ItemSize()
	require.Equal(t, len(s.shape), a.NDim())
	require.Equal(t, append([]int{}, s.shape...), a.Shape())
	require.Equal(t, len(s.at), a.Size())
	require.Equal(t, len(s.at)*item, a.NBytes())
	require.True(t, slices.Equal(slowOf(a.Shape(), a.Strides(), int(a.Ptr())).at, s.at), "%v %v at %d", a.Shape(), a.Strides(), a.Ptr())
	lo, hi := a.Extent()
	if len(s.at) > 0 {
		require.Equal(t, []uint64{uint64(slices.Min(s.at)), uint64(slices.Max(s.at) + item)}, []uint64{lo, hi})
	} else {
		require.Equal(t, lo, hi)
	}
	require.Equal(t, s.dense(item), a.Flags()&memview.CContiguous != 0, "C of %v %v", a.Shape(), a.Strides())
	rev := make([]int, len(s.shape))
	for i := range rev {
		rev[i] = len(rev) - 1 - i
	}
	require.Equal(t, s.transpose(rev).dense(item), a.Flags()&memview.FContiguous != 0, "F of %v %v", a.Shape(), a.Strides())
	aligned := true
	for _, p := range s.at {
		aligned = aligned && p%a.DType().Alignment() == 0
	}
	require.Equal(t, aligned, a.Flags()&memview.Aligned != 0)

	s.each(func(index []int) {
		v, err := a.At(index...)
		require.NoError(t, err)
		p := s.pos(index...)
		one, err := memview.AsArray(m, memview.Ptr(p), a.DType())
		require.NoError(t, err)
		want, err := one.At()
		require.NoError(t, err)
		require.True(t, fmt.Sprint(want) == fmt.Sprint(v), "%v: %v, want %v", index, v, want)
	})

	// A dense copy, by Copy and by Values.
	want := []byte{}
	for _, p := range s.at {
		want = append(want, m.buf[p:p+item]...)
	}
	target := newMemory(max(len(want), 1) + 8)
	dense, err := memview.AsArray(target, 8, a.DType(), a.Shape()...)
	require.NoError(t, err)
	require.NoError(t, memview.Copy(dense, a))
	require.True(t, slices.Equal(want, target.buf[8:8+len(want)]))
	switch a.DType().String() {
	case "float64":
		checkNumbers[float64](t, m, a, s)
	case "uint8":
		checkNumbers[uint8](t, m, a, s)
	case "int16":
		checkNumbers[int16](t, m, a, s)
	case "complex128":
		checkNumbers[complex128](t, m, a, s)
	case "bool":
		got, err := memview.Values[bool](a)
		require.NoError(t, err)
		for k, p := range s.at {
			require.Equal(t, m.buf[p] != 0, got[k])
		}
	}
}

// checkNumbers compares all typed ways to read.
func checkNumbers[T memview.Elem](t testing.TB, m *fakeMemory, a memview.Array, s slow) {
	item := a.DType().ItemSize()
	bits := func(v T) string { return fmt.Sprintf("%b", v) }
	want := make([]T, len(s.at))
	for k, p := range s.at {
		one, err := memview.AsArray(m, memview.Ptr(p), a.DType())
		require.NoError(t, err)
		v, err := one.At()
		require.NoError(t, err)
		want[k] = v.(T)
	}
	same := func(got []T) {
		t.Helper()
		require.Equal(t, len(want), len(got))
		for k := range want {
			require.Equal(t, bits(want[k]), bits(got[k]))
		}
	}
	got, err := memview.Values[T](a)
	require.NoError(t, err)
	same(got)

	aligned := a.Flags()&memview.Aligned != 0
	got, err = memview.Slice[T](a)
	if aligned && s.dense(item) {
		require.NoError(t, err)
		same(got)
	} else {
		require.ErrorIs(t, err, memview.ErrLayout)
	}

	got = nil
	runs := 0
	for run, err := range memview.Runs[T](a) {
		if !aligned {
			require.ErrorIs(t, err, memview.ErrLayout)
			break
		}
		require.NoError(t, err)
		got = append(got, run...)
		runs++
	}
	if aligned {
		same(got)
		if s.dense(item) {
			require.LessOrEqual(t, runs, 1)
		}
	}

	mat, err := memview.AsMat[T](a)
	if len(s.shape) != 2 {
		require.Error(t, err)
		return
	}
	rows, cols := s.shape[0], s.shape[1]
	ok := aligned
	for i := range rows {
		for j := range cols {
			ok = ok && s.pos(i, j) == s.pos(i, 0)+j*item && (i == 0 || (s.pos(i, 0)-s.pos(i-1, 0)) >= cols*item && (s.pos(i, 0)-s.pos(i-1, 0))%item == 0)
		}
	}
	if !ok {
		require.ErrorIs(t, err, memview.ErrLayout)
		return
	}
	require.NoError(t, err)
	got = nil
	for i := range rows {
		require.Len(t, mat.Row(i), cols)
		for j := range cols {
			require.Equal(t, bits(mat.Row(i)[j]), bits(mat.At(i, j)))
			got = append(got, mat.At(i, j))
		}
	}
	same(got)
	back, err := memview.Values[T](mat.Array())
	require.NoError(t, err)
	same(back)
}
