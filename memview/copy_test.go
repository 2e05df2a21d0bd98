package memview_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// layoutsWithin lists the layouts of a shape with strides from -3 to 3 that lie in bytes 1 to n-1 of m.
func layoutsWithin(t testing.TB, m linear, d memview.DType, shape []int) (arrays []memview.Array, lists []slow) {
	strides := make([]int, len(shape))
	for i := range strides {
		strides[i] = -3
	}
	for {
		for p := 1; p < len(m); p++ {
			s := slowOf(shape, strides, p)
			if slices.Min(s.at) < 1 || slices.Max(s.at)+d.ItemSize() > len(m) {
				continue
			}
			a, err := memview.NewArray(m, memview.Ptr(p), d, memview.Layout{Shape: shape, Strides: strides})
			require.NoError(t, err)
			arrays, lists = append(arrays, a), append(lists, s)
		}
		k := len(strides) - 1
		for ; k >= 0; k-- {
			if strides[k]++; strides[k] <= 3 {
				break
			}
			strides[k] = -3
		}
		if k < 0 {
			return arrays, lists
		}
	}
}

// Copy between all small layouts of the same bytes does what a copy of the bytes, taken
// before, says. Elements overlap in all the ways that there are.
func TestCopyOverlap(t *testing.T) {
	for name, c := range map[string]struct {
		to, from string
		n        int
		shape    []int
	}{
		"bytes":         {"u1", "u1", 16, []int{3}},
		"bytes 2-d":     {"u1", "u1", 12, []int{2, 2}},
		"words":         {"<u2", "<u2", 16, []int{3}},
		"words swapped": {">u2", "<u2", 16, []int{3}},
		"four bytes":    {"<f4", "<f4", 16, []int{3}},
		"eight bytes":   {"<f8", "<f8", 20, []int{3}},
		"three bytes":   {"S3", "S3", 16, []int{3}},
		"struct":        {"[('a','i1'),('b','>i2')]", "[('a','i1'),('b','<i2')]", 14, []int{3}},
	} {
		t.Run(name, func(t *testing.T) {
			m := make(linear, c.n)
			to, from := memview.MustParseDType(c.to), memview.MustParseDType(c.from)
			dsts, dstLists := layoutsWithin(t, m, to, c.shape)
			srcs, srcLists := layoutsWithin(t, m, from, c.shape)
			item := to.ItemSize()
			before, want := make([]byte, c.n), make([]byte, c.n)
			for i, dst := range dsts {
				for k, src := range srcs {
					for b := range m {
						before[b] = byte(b*37 + 11)
					}
					copy(want, before)
					copy(m, before)
					for e, p := range srcLists[k].at {
						copy(want[dstLists[i].at[e]:], convert(before[p:p+item], to, from))
					}
					err := memview.Copy(dst, src)
					if err != nil || !slices.Equal(want, m) {
						require.NoError(t, err)
						require.Equal(t, want, []byte(m), "from %d %v to %d %v", src.Ptr(), src.Strides(), dst.Ptr(), dst.Strides())
					}
				}
			}
		})
	}
}

func TestCopyRefusals(t *testing.T) {
	arr := must[memview.Array](t)
	m := newMemory(256)
	overlapping := func(a, b string) memview.DType {
		return memview.MustParseDType(fmt.Sprintf("{'names':['a','b'],'formats':['%si4','%si2'],'offsets':[0,2]}", a, b))
	}
	a := arr(memview.AsArray(m, 16, memview.F64, 2, 3))
	gone := newMemory(256)
	dead := arr(memview.AsArray(gone, 16, memview.F64, 2, 3))
	gone.closed = true
	for want, c := range map[string]struct {
		is       error
		dst, src memview.Array
	}{
		"memview: dtype does not fit: Copy with no array":                      {memview.ErrDType, memview.Array{}, a},
		"memview: array is read-only: Copy to it":                              {memview.ErrReadOnly, a.ReadOnly(), a},
		"memview: shape does not fit: Copy of shape (2, 3) to shape (3, 2)":    {memview.ErrShape, arr(a.Transpose()), a},
		"memview: shape does not fit: Copy of shape (2, 3) to shape (6,)":      {memview.ErrShape, arr(a.Reshape(6)), a},
		"memview: dtype does not fit: Copy of float64 to int64":                {memview.ErrDType, arr(memview.Zeros(memview.I64, 2, 3)), a},
		"memview: dtype does not fit: Copy of datetime64[ns] to datetime64[s]": {memview.ErrDType, arr(memview.Zeros(memview.MustParseDType("M8[s]"), 1)), arr(memview.Zeros(memview.MustParseDType("M8[ns]"), 1))},
		"memview: memory is closed":                                            {memview.ErrClosed, a, dead},
		"memview: dtype does not fit: Copy of " + overlapping("<", "<").String() + " to " + overlapping(">", "<").String() + ": fields that overlap cannot change byte order": {
			memview.ErrDType, arr(memview.Zeros(overlapping(">", "<"), 1)), arr(memview.Zeros(overlapping("<", "<"), 1))},
	} {
		before := slices.Clone(m.buf)
		err := memview.Copy(c.dst, c.src)
		require.ErrorIs(t, err, c.is)
		require.EqualError(t, err, want)
		require.True(t, slices.Equal(before, m.buf))
	}
	require.ErrorIs(t, memview.Copy(dead, a), memview.ErrClosed)
	require.ErrorIs(t, memview.Copy(a, memview.Array{}), memview.ErrDType)
	// Fields that overlap are copied where no byte moves within them.
	require.NoError(t, memview.Copy(arr(memview.Zeros(overlapping("<", "<"), 1)), arr(memview.Zeros(overlapping("<", "<"), 1))))
}
