package memview_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// shapesOf lists the shapes of n elements with at most nd dims.
func shapesOf(n, nd int) [][]int {
	if nd == 0 {
		if n == 1 {
			return [][]int{{}}
		}
		return nil
	}
	var all [][]int
	for d := 1; d <= n; d++ {
		if n%d == 0 {
			for _, rest := range shapesOf(n/d, nd-1) {
				all = append(all, append([]int{d}, rest...))
			}
		}
	}
	if n == 1 {
		all = append(all, []int{})
	}
	return all
}

// Reshape finds strides exactly where there are some, for all small shapes and
// strides of all signs.
func TestReshapeSmall(t *testing.T) {
	m := make(linear, 256)
	for i := range m {
		m[i] = byte(i)
	}
	views, refused := 0, 0
	for _, n := range []int{1, 4, 6, 8} {
		shapes := shapesOf(n, 3)
		for _, shape := range shapes {
			choice := []int{1, 2, -1, 4, 0, -6}
			total := 1
			for range shape {
				total *= len(choice)
			}
			for code := range total {
				strides := make([]int, len(shape))
				for i, c := 0, code; i < len(shape); i++ {
					strides[i], c = choice[c%len(choice)], c/len(choice)
				}
				a, err := memview.NewArray(m, 128, memview.U8, memview.Layout{Shape: shape, Strides: strides})
				require.NoError(t, err)
				at := slowOf(shape, strides, 128).at
				for _, to := range shapes {
					v, err := a.Reshape(to...)
					if !(slow{to, at}).strided() {
						require.ErrorIs(t, err, memview.ErrLayout)
						refused++
						continue
					}
					if err != nil || !slices.Equal(at, slowOf(v.Shape(), v.Strides(), int(v.Ptr())).at) || !slices.Equal(to, v.Shape()) {
						require.Fail(t, "wrong view", "%v %v to %v: %v %v", shape, strides, to, v.Strides(), err)
					}
					views++
				}
			}
		}
	}
	require.Greater(t, views, 1000)
	require.Greater(t, refused, 1000)
}

func TestReshapeRefusals(t *testing.T) {
	a, err := memview.FromSlice([]uint8{1, 2, 3, 4, 5, 6}, 2, 3)
	require.NoError(t, err)
	none, err := memview.FromSlice([]uint8{}, 0, 3)
	require.NoError(t, err)
	for want, c := range map[string]struct {
		a  memview.Array
		to []int
	}{
		"Reshape of (2, 3) (6 elements) to (4,)":                             {a, []int{4}},
		"Reshape of (2, 3) (6 elements) to ()":                               {a, nil},
		"Reshape of (2, 3) (6 elements) to (-1, -1)":                         {a, []int{-1, -1}},
		"Reshape of (2, 3) (6 elements) to (-2, -3)":                         {a, []int{-2, -3}},
		"Reshape of (2, 3) (6 elements) to (-1, 4)":                          {a, []int{-1, 4}},
		"Reshape of (2, 3) (6 elements) to (-1, 0)":                          {a, []int{-1, 0}},
		"Reshape of (2, 3) (6 elements) to (0,)":                             {a, []int{0}},
		"Reshape of (2, 3) (6 elements) to (65536, 65536, 65536, 65536, -1)": {a, []int{65536, 65536, 65536, 65536, -1}},
		"Reshape of (0, 3) (0 elements) to (1,)":                             {none, []int{1}},
		"Reshape of (0, 3) (0 elements) to (0, -1)":                          {none, []int{0, -1}},
		"Reshape of no array":                                                {memview.Array{}, []int{1}},
	} {
		_, err := c.a.Reshape(c.to...)
		require.ErrorIs(t, err, memview.ErrShape)
		require.EqualError(t, err, "memview: shape does not fit: "+want)
	}
	_, err = a.Reshape(append(slices.Repeat([]int{1}, 33), 6)...)
	require.EqualError(t, err, "memview: shape does not fit: Reshape to 34 dimensions, want at most 32")
	for _, to := range [][]int{{0}, {5, 0, 7}, {0, 3}, {-1, 5}} {
		v, err := none.Reshape(to...)
		require.NoError(t, err)
		require.Zero(t, v.Size())
	}
}

func TestViewRefusals(t *testing.T) {
	arr := must[memview.Array](t)
	a := arr(memview.FromSlice([]uint8{1, 2, 3, 4, 5, 6}, 2, 3))
	refuse := func(is error, want string) func(memview.Array, error) {
		return func(v memview.Array, err error) {
			t.Helper()
			require.True(t, v.IsZero())
			require.ErrorIs(t, err, is)
			require.EqualError(t, err, "memview: "+is.Error()+": "+want)
		}
	}
	refuse(memview.ErrShape, "axis 2 of 2 dimensions")(a.Sub(2, 0, 1, 1))
	refuse(memview.ErrShape, "axis -1 of 2 dimensions")(a.Drop(-1, 0))
	refuse(memview.ErrShape, "Sub(1, 0, 3, 0) of an axis of 3 elements")(a.Sub(1, 0, 3, 0))
	refuse(memview.ErrShape, "Sub(1, 2, 1, 1) of an axis of 3 elements")(a.Sub(1, 2, 1, 1))
	refuse(memview.ErrShape, "Sub(1, -1, 3, 1) of an axis of 3 elements")(a.Sub(1, -1, 3, 1))
	refuse(memview.ErrShape, "Drop(1, 3) of an axis of 3 elements")(a.Drop(1, 3))
	refuse(memview.ErrShape, "Transpose([0 0]) of 2 dimensions")(a.Transpose(0, 0))
	refuse(memview.ErrShape, "Transpose([1]) of 2 dimensions")(a.Transpose(1))
	refuse(memview.ErrShape, "Transpose([0 2]) of 2 dimensions")(a.Transpose(0, 2))
	refuse(memview.ErrDType, `no field "x" in uint8`)(a.Field("x"))
	// The zero Array has no views, and no panic either.
	var none memview.Array
	refuse(memview.ErrShape, "axis 0 of 0 dimensions")(none.Sub(0, 0, 0, 1))
	refuse(memview.ErrShape, "axis 0 of 0 dimensions")(none.Drop(0, 0))
	refuse(memview.ErrShape, "Transpose([]) of 0 dimensions")(none.Transpose())
	refuse(memview.ErrDType, `no field "x" in any`)(none.Field("x"))
}

// Transpose leaves the slice of axes alone, also what lies behind its end.
func TestTransposeKeepsAxes(t *testing.T) {
	a, err := memview.FromSlice([]uint8{1, 2, 3, 4, 5, 6}, 2, 3)
	require.NoError(t, err)
	room := []int{7, 8, 9}
	v, err := a.Transpose(room[:0]...)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2}, v.Shape())
	require.Equal(t, []int{7, 8, 9}, room)
}

// A view owns nothing and has the access of what it views.
func TestViewFlags(t *testing.T) {
	arr := must[memview.Array](t)
	a := arr(memview.Zeros(memview.F64, 2, 3))
	require.NotZero(t, a.Flags()&memview.OwnData)
	require.Zero(t, arr(a.Reshape(6)).Flags()&memview.OwnData)
	require.Zero(t, a.ReadOnly().Flags()&(memview.OwnData|memview.Writeable))
	require.Zero(t, arr(a.ReadOnly().Sub(0, 0, 1, 1)).Flags()&memview.Writeable)
	require.True(t, memview.Array{}.ReadOnly().IsZero())
	for _, err := range []error{a.ReadOnly().Set(1, 0, 0), a.ReadOnly().Zero(), arr(a.ReadOnly().Transpose()).Zero()} {
		require.ErrorIs(t, err, memview.ErrReadOnly)
	}
	require.Equal(t, a.Flags(), a.ArrayInterface().Flags())
}
