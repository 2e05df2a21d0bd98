package memview_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// badBools are what a guest may store in bools: 2 and 200 are no Go bools.
var badBools = []byte{0, 1, 2, 200, 255, 3, 128, 0}

// guestBools is a memory that holds bytes which are no bools all over.
func guestBools(n int) linear {
	m := make(linear, n)
	for i := range m {
		m[i] = badBools[i%len(badBools)]
	}
	return m
}

// requireBools fails unless every byte of every bool in s is 0 or 1.
func requireBools[T any](t testing.TB, s []T) {
	t.Helper()
	d, err := memview.DTypeOf[T]()
	require.NoError(t, err)
	for raw := memview.GoBytes(s); len(raw) > 0; raw = raw[d.ItemSize():] {
		for _, at := range boolsIn(d, 0) {
			require.LessOrEqual(t, raw[at], byte(1), "byte %d of %s", at, d)
		}
	}
}

// boolsIn lists where the bools of a dtype lie.
func boolsIn(d memview.DType, off int) (at []int) {
	if d.Kind() == memview.Boolean {
		return []int{off}
	}
	if base, shape, ok := d.SubArray(); ok {
		n := 1
		for _, k := range shape {
			n *= k
		}
		for i := range n {
			at = append(at, boolsIn(base, off+i*base.ItemSize())...)
		}
	}
	for i := range d.NumField() {
		at = append(at, boolsIn(d.Field(i).DType, off+d.Field(i).Offset)...)
	}
	return at
}

type boolPair struct {
	N int16
	B bool
	C [3]bool
}

type boolTree struct {
	A bool
	X int32
	P [2]boolPair
	Z bool
	_ [3]byte
}

// checkBools reads every layout of T over a guest's bytes by every way that there is.
func checkBools[T any](t *testing.T) {
	arr := must[memview.Array](t)
	d, err := memview.DTypeOf[T]()
	require.NoError(t, err)
	require.True(t, d.HasBool())
	item := d.ItemSize()
	for _, l := range []memview.Layout{
		{}, {Shape: []int{1}}, {Shape: []int{5}}, {Shape: []int{0}}, {Shape: []int{2, 3}},
		{Shape: []int{5}, Strides: []int{-item}}, {Shape: []int{5}, Strides: []int{2 * item}}, {Shape: []int{5}, Strides: []int{0}}, {Shape: []int{5}, Strides: []int{1}},
		{Shape: []int{3, 2}, Strides: []int{item, 3 * item}}, {Shape: []int{2, 2}, Strides: []int{-4 * item, 2 * item}},
	} {
		m := guestBools(32 * item)
		a, err := memview.NewArray(m, memview.Ptr(10*item), d, l)
		require.NoError(t, err)
		wide, err := memview.NewArray(m, memview.Ptr(10*item), d.BigEndian(), l)
		require.NoError(t, err)
		before := slices.Clone(m)
		for _, src := range []memview.Array{a, wide, a.ReadOnly()} {
			values, err := memview.Values[T](src)
			require.NoError(t, err)
			require.Len(t, values, src.Size())
			requireBools(t, values)

			// Into Go memory that is dense, and into any view of it.
			host := make([]T, 3*src.Size())
			dst := arr(memview.FromSlice(host[:src.Size()]))
			dst = arr(dst.Reshape(src.Shape()...))
			require.NoError(t, memview.Copy(dst, src))
			requireBools(t, host)
			if n := src.Size(); n > 0 {
				flat := arr(memview.FromSlice(host))
				flat = arr(flat.Sub(0, 3*n-1, -1, -3))
				flat = arr(flat.Reshape(src.Shape()...))
				require.NoError(t, memview.Copy(flat, src))
				requireBools(t, host)
				tr, trSrc := arr(flat.Transpose()), arr(src.Transpose())
				require.NoError(t, memview.Copy(tr, trSrc))
				requireBools(t, host)
				require.NoError(t, flat.Zero())
			}

			// Element by element, and from there into Go memory.
			if src.Size() > 0 {
				v, err := src.At(make([]int, src.NDim())...)
				require.NoError(t, err)
				requireBoolsIn(t, v)
				require.NoError(t, dst.Set(v, make([]int, src.NDim())...))
				requireBools(t, host)
			}

			// Bytes that are bools are not lent out as anything.
			refuseLoan[uint8](t, src)
			refuseLoan[int8](t, src)
			refuseLoan[uint64](t, src)
		}
		require.True(t, slices.Equal(before, m), "reading changed the guest's memory")
	}
}

func refuseLoan[T memview.Elem](t testing.TB, a memview.Array) {
	_, err := memview.Slice[T](a)
	require.ErrorIs(t, err, memview.ErrDType)
	_, err = memview.AsMat[T](a)
	require.ErrorIs(t, err, memview.ErrDType)
	for run, err := range memview.Runs[T](a) {
		require.Nil(t, run)
		require.ErrorIs(t, err, memview.ErrDType)
	}
	_, err = memview.Values[T](a)
	require.ErrorIs(t, err, memview.ErrDType)
}

// requireBoolsIn looks at the bools in what At returns.
func requireBoolsIn(t testing.TB, v any) {
	switch v := v.(type) {
	case bool:
		requireBools(t, []bool{v})
	case []any:
		for _, x := range v {
			requireBoolsIn(t, x)
		}
	}
}

func TestNoInvalidBool(t *testing.T) {
	t.Run("bool", checkBools[bool])
	t.Run("struct", checkBools[boolPair])
	t.Run("tree", checkBools[boolTree])
}

// Array types of T take up dimensions of a.
func TestNoInvalidBoolInRows(t *testing.T) {
	arr := must[memview.Array](t)
	a := arr(memview.AsArray(guestBools(64), 8, memview.Bool, 3, 4))
	rows, err := memview.Values[[4]bool](a)
	require.NoError(t, err)
	requireBools(t, rows)
	require.Equal(t, [][4]bool{{false, true, true, true}, {true, true, true, false}, {false, true, true, true}}, rows)
	all, err := memview.Values[[3][4]bool](a)
	require.NoError(t, err)
	requireBools(t, all)
	require.Equal(t, rows, all[0][:])
	none, err := memview.Values[[0]bool](arr(memview.AsArray(guestBools(64), 8, memview.Bool, 3, 0)))
	require.NoError(t, err)
	require.Len(t, none, 3)
}

// The fields of a guest's structs, and of Go structs, are arrays of bools too.
func TestNoInvalidBoolInFields(t *testing.T) {
	arr := must[memview.Array](t)
	d := must[memview.DType](t)(memview.DTypeOf[boolTree]())
	guest := arr(memview.AsArray(guestBools(8*d.ItemSize()), 8, d, 4))
	host := make([]boolTree, 4)
	own := arr(memview.FromSlice(host))
	for _, path := range [][]string{{"A"}, {"Z"}, {"P", "B"}, {"P", "C"}, {"P"}} {
		from, to := guest, own
		for _, name := range path {
			from, to = arr(from.Field(name)), arr(to.Field(name))
		}
		require.NoError(t, memview.Copy(to, from), path)
		requireBools(t, host)
		refuseLoan[uint8](t, from)
		refuseLoan[uint8](t, to)
		if from.DType().Kind() == memview.Boolean {
			got, err := memview.Values[bool](from)
			require.NoError(t, err)
			requireBools(t, got)
		}
	}
	again, err := memview.Values[boolTree](guest)
	require.NoError(t, err)
	for i := range host {
		require.Equal(t, again[i].P, host[i].P)
		require.Equal(t, again[i].A, host[i].A)
	}
	// A field that is no bool may be lent, and reaches no further than itself.
	x, err := memview.AsMat[int32](arr(arr(own.Field("X")).Reshape(4, 1)))
	require.NoError(t, err)
	for i := range x.Rows {
		x.Set(i, 0, -1)
	}
	requireBools(t, host)
}

// Overlapping copies within Go memory and those that turn numbers round keep bools, too.
func TestNoInvalidBoolWhenSwapped(t *testing.T) {
	arr := must[memview.Array](t)
	d := must[memview.DType](t)(memview.DTypeOf[boolPair]())
	m := guestBools(128)
	m[8], m[9] = 0x12, 0x34
	swapped := arr(memview.AsArray(m, 8, d.BigEndian(), 2))
	if d.Field(0).DType.IsBigEndian() {
		t.Skip("on this host nothing is turned round")
	}
	got, err := memview.Values[boolPair](swapped)
	require.NoError(t, err)
	requireBools(t, got)
	require.Equal(t, int16(0x1234), got[0].N)
	require.True(t, got[0].B)

	host := make([]boolPair, 6)
	own := arr(memview.FromSlice(host))
	require.NoError(t, memview.Copy(arr(own.Sub(0, 0, 2, 1)), swapped))
	require.NoError(t, memview.Copy(arr(own.Sub(0, 1, 6, 1)), arr(own.Sub(0, 0, 5, 1))))
	requireBools(t, host)
	require.Equal(t, host[0], host[1])
}

// No tag makes a Go bool of bytes that were checked as something else, or the reverse.
func TestBoolTags(t *testing.T) {
	refuse := func(_ memview.DType, err error) {
		t.Helper()
		require.ErrorIs(t, err, memview.ErrDType)
		require.ErrorContains(t, err, "bool")
	}
	refuse(memview.DTypeOf[struct {
		B bool `dtype:"b,u1"`
	}]())
	refuse(memview.DTypeOf[struct {
		B uint8 `dtype:"b,?"`
	}]())
	refuse(memview.DTypeOf[struct {
		B [4]bool `dtype:"b,V4"`
	}]())
	refuse(memview.DTypeOf[struct {
		B [4]bool `dtype:"b,(2,2)?"`
	}]())
	refuse(memview.DTypeOf[struct {
		B boolPair `dtype:"b,V6"`
	}]())
	refuse(memview.DTypeOf[struct {
		A, _ bool
	}]())
	refuse(memview.DTypeOf[struct {
		A uint16
		_ struct{ B bool }
	}]())
	d, err := memview.DTypeOf[struct {
		B bool `dtype:"b,?"`
	}]()
	require.NoError(t, err)
	require.Equal(t, "b", d.Field(0).Name)
}

// What a guest stored prints as Python prints it, and counts as true.
func TestBoolText(t *testing.T) {
	arr := must[memview.Array](t)
	a := arr(memview.AsArray(linear{0, 0, 1, 2, 200}, 1, memview.Bool, 4))
	require.Equal(t, "[False  True  True  True]", fmt.Sprint(a))
}
