package memview_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// touched are the bytes that the elements of a cover, one by one; ok is false
// where one is covered twice.
func touched(a memview.Array) (set map[int]bool, ok bool) {
	set, ok = map[int]bool{}, true
	index := make([]int, a.NDim())
	for n := range a.Size() {
		at := int(a.Ptr())
		for axis, k := a.NDim()-1, n; axis >= 0; axis-- {
			index[axis], k = k%a.Dim(axis), k/a.Dim(axis)
			at += index[axis] * a.Stride(axis)
		}
		for b := range a.DType().ItemSize() {
			if set[at+b] {
				ok = false
			}
			set[at+b] = true
		}
	}
	return set, ok
}

func TestOverlapAgainstByteSets(t *testing.T) {
	d := seeded(7)
	m := newMemory(4096)
	some := func() memview.Array {
		for {
			nd := d.roll(4)
			shape, strides := make([]int, nd), make([]int, nd)
			for i := range shape {
				shape[i], strides[i] = d.roll(5), pick(d, 1, 2, 3, 4, 8, 12, 16, 24, 5)*pick(d, 1, 1, 1, 2, -1, 0)
			}
			dt := memview.MustParseDType(pick(d, "u1", "i2", "f4", "f8", "V3"))
			a, err := memview.NewArray(m, memview.Ptr(400+d.roll(96)), dt, memview.Layout{Shape: shape, Strides: strides})
			if err == nil {
				return a
			}
		}
	}
	pairs, overlaps, falsely, self, selfFalsely := 200_000, 0, 0, 0, 0
	if testing.Short() {
		pairs = 20_000
	}
	for range pairs {
		a, b := some(), some()
		x, alone := touched(a)
		y, _ := touched(b)
		shared := false
		for at := range x {
			shared = shared || y[at]
		}
		got := memview.MayShareMemory(a, b)
		require.Equal(t, got, memview.MayShareMemory(b, a))
		require.False(t, shared && !got, "missed: %s %v %v @%d, %s %v %v @%d", a.DType(), a.Shape(), a.Strides(), a.Ptr(), b.DType(), b.Shape(), b.Strides(), b.Ptr())
		require.False(t, !alone && !a.OverlapsItself(), "missed: %s %v %v", a.DType(), a.Shape(), a.Strides())
		if shared {
			overlaps++
		} else if got {
			falsely++
		}
		if !alone {
			self++
		} else if a.OverlapsItself() {
			selfFalsely++
		}
	}
	t.Logf("%d pairs: %d overlap, %d reported falsely; %d overlap themselves, %d reported falsely", pairs, overlaps, falsely, self, selfFalsely)
	require.Greater(t, overlaps, pairs/20)
	require.Less(t, falsely, pairs/10)
	require.Greater(t, self, pairs/20)
	require.Less(t, selfFalsely, pairs/10)
}

func TestOverlapOfGoMemory(t *testing.T) {
	s := make([]float64, 12)
	a := must[memview.Array](t)(memview.FromSlice(s[:6]))
	for _, c := range []struct {
		name string
		b    memview.Array
		want bool
	}{
		{"itself", a, true},
		{"the rest", must[memview.Array](t)(memview.FromSlice(s[6:])), false},
		{"one in common", must[memview.Array](t)(memview.FromSlice(s[5:])), true},
		{"another slice", must[memview.Array](t)(memview.FromSlice(make([]float64, 6))), false},
		{"no elements", must[memview.Array](t)(memview.FromSlice(s[:0])), false},
	} {
		require.Equal(t, c.want, memview.MayShareMemory(a, c.b), c.name)
		require.Equal(t, c.want, memview.MayShareMemory(c.b, a), c.name)
	}
	even := must[memview.Array](t)(memview.FromStrided(s, []int{6}, []int{2}))
	odd := must[memview.Array](t)(memview.FromStrided(s[1:], []int{5}, []int{2}))
	require.False(t, memview.MayShareMemory(even, odd))
	guest := must[memview.Array](t)(memview.AsArray(newMemory(64), 8, memview.F64, 2))
	require.False(t, memview.MayShareMemory(a, guest))
	require.False(t, memview.MayShareMemory(a, memview.Array{}))
}
