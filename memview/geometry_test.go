package memview_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

var geometryDTypes = func() []memview.DType {
	var out []memview.DType
	for _, s := range []string{"u1", "?", "<i2", ">i2", "<f4", ">u4", "<f8", ">f8", "<c16", ">c8", "S3", ">U2", "M8[ns]",
		"i1,>i4,(2,3)<i2", "(2,)f4", "{'names':['a','b'],'formats':['>i2',[('x','>f4'),('y','i1')]],'offsets':[1,4],'itemsize':12}",
		"[('a',[('b','>u2'),('c','u1')],(2,))]", "[('a','?'),('b','?',(2,))]"} {
		out = append(out, memview.MustParseDType(s))
	}
	return out
}()

const geometryBytes = 1 << 10

// placed makes an array somewhere in memory, with its list. The list has no more than a few hundred elements.
func placed(t testing.TB, d *dice, m *fakeMemory, dt memview.DType) (memview.Array, slow) {
	item := dt.ItemSize()
	if base, _, ok := dt.SubArray(); ok {
		item = base.ItemSize()
	}
	for {
		shape, strides := []int{}, []int{}
		size, low := 1, 0
		for range d.roll(5) {
			n := pick(d, 1, 2, 3, 0, 4, 5, 7)
			if size*n > 300 {
				n = 1
			}
			if n > 0 {
				size *= n
			}
			s := pick(d, 0, item, -item, 2*item, 3*item, -2*item, 1, -3, d.roll(120), 12*item, 4*item)
			shape, strides = append(shape, n), append(strides, s)
		}
		if slices.Contains(shape, 0) {
			size = 0
		}
		l := memview.Layout{Shape: shape, Strides: strides, OwnData: d.roll(8) == 7}
		if d.roll(4) == 0 {
			l.Strides, strides = nil, make([]int, len(shape))
			s := dt.ItemSize()
			for i := len(shape) - 1; i >= 0; i-- {
				strides[i] = s
				s *= max(shape[i], 1)
			}
		}
		for i, s := range strides {
			low = min(low, s*(shape[i]-1))
		}
		p := pick(d, 1, 8, 64, 128, 256, 500) + d.roll(16)
		if d.roll(2) == 0 {
			p -= p % 8
			p = max(p, 8)
		}
		if d.roll(4) > 0 {
			p -= low
		}
		a, err := memview.NewArray(m, memview.Ptr(p), dt, l)
		if err != nil {
			require.True(t, errors.Is(err, memview.ErrBounds) || errors.Is(err, memview.ErrNull), "%v", err)
			continue // this ends: a fuzzer without bytes rolls 0, which is one element at 8
		}
		if _, inner, ok := dt.SubArray(); ok {
			s := item
			at := len(strides)
			shape = append(shape, inner...)
			for i := len(inner) - 1; i >= 0; i-- {
				strides = slices.Insert(strides, at, s)
				s *= inner[i]
			}
		}
		return a, slowOf(shape, strides, p)
	}
}

// geometry runs one random program of views, and copies and clears at its end.
func geometry(t testing.TB, d *dice) {
	m := newMemory(geometryBytes)
	for i := range m.buf {
		m.buf[i] = byte(i*131 + 7)
	}
	dt := pick(d, geometryDTypes...)
	a, s := placed(t, d, m, dt)
	checkArray(t, m, a, s)
	for range d.roll(5) {
		a, s = randomView(t, d, a, s)
		checkArray(t, m, a, s)
	}
	dt = a.DType()
	item := dt.ItemSize()

	if d.roll(4) == 0 {
		want := slices.Clone(m.buf)
		for _, p := range s.at {
			clear(want[p : p+item])
		}
		require.NoError(t, a.Zero())
		require.True(t, slices.Equal(want, m.buf))
		return
	}

	// Copy to another layout of the same memory or of another one. The target is made
	// of a larger array, so that the shapes agree.
	to := m
	if d.roll(2) == 0 {
		to = newMemory(geometryBytes)
	}
	other := dt
	switch d.roll(3) {
	case 1:
		other = dt.BigEndian()
	case 2:
		other = dt.LittleEndian()
	}
	b, bs := placedLike(t, d, to, other, s.shape)
	if d.roll(6) == 0 && other.Equal(dt) {
		b, bs, to = a, s, m
	}
	before, want := slices.Clone(m.buf), slices.Clone(to.buf)
	for k := range s.at {
		copy(want[bs.at[k]:], convert(before[s.at[k]:s.at[k]+item], other, dt))
	}
	require.NoError(t, memview.Copy(b, a))
	require.True(t, slices.Equal(want, to.buf), "Copy of %s %v %v at %d to %s %v %v at %d", dt, a.Shape(), a.Strides(), a.Ptr(), other, b.Shape(), b.Strides(), b.Ptr())
}

// placedLike is an array of a given shape at random strides.
func placedLike(t testing.TB, d *dice, m *fakeMemory, dt memview.DType, shape []int) (memview.Array, slow) {
	item := dt.ItemSize()
	for tries := 0; ; tries++ {
		strides := make([]int, len(shape))
		low, step := 0, item
		for _, i := range pick(d, []int{0, 1, 2, 3, 4, 5, 6, 7}, []int{7, 6, 5, 4, 3, 2, 1, 0}, []int{1, 0, 3, 2, 5, 4, 7, 6}) {
			if i >= len(shape) {
				continue
			}
			strides[i] = step * pick(d, 1, 1, 1, -1)
			if d.roll(6) == 5 {
				strides[i] = pick(d, 0, 1, item, -2, 3)
			}
			step *= max(shape[i], 1) * pick(d, 1, 1, 2)
			low = min(low, strides[i]*(shape[i]-1))
		}
		p := 8 + d.roll(64) - low
		if tries > 20 { // one element for all
			clear(strides)
			p = 8
		}
		a, err := memview.NewArray(m, memview.Ptr(p), dt, memview.Layout{Shape: shape, Strides: strides})
		if err == nil {
			return a, slowOf(shape, strides, p)
		}
		require.True(t, errors.Is(err, memview.ErrBounds) || errors.Is(err, memview.ErrNull), "%v", err)
	}
}

func randomView(t testing.TB, d *dice, a memview.Array, s slow) (memview.Array, slow) {
	nd := a.NDim()
	var v memview.Array
	var err error
	switch d.roll(5) {
	case 0:
		if nd == 0 {
			return a, s
		}
		axis := d.roll(nd)
		n := s.shape[axis]
		lo, hi, step := d.roll(n+3)-1, d.roll(n+3)-1, pick(d, 1, -1, 2, -2, 3, 0, math.MaxInt, math.MinInt)
		v, err = a.Sub(axis, lo, hi, step)
		valid := step > 0 && 0 <= lo && lo <= hi && hi <= n || step < 0 && (-1 <= hi && hi < lo && lo < n || lo == hi && lo >= -1 && lo <= n)
		if !valid {
			require.ErrorIs(t, err, memview.ErrShape, "Sub(%d, %d, %d, %d) of %v", axis, lo, hi, step, s.shape)
			return a, s
		}
		require.NoError(t, err, "Sub(%d, %d, %d, %d) of %v", axis, lo, hi, step, s.shape)
		s = s.sub(axis, lo, hi, min(max(step, -1000), 1000))
	case 1:
		if nd == 0 {
			return a, s
		}
		axis := d.roll(nd)
		i := d.roll(s.shape[axis]+2) - 1
		v, err = a.Drop(axis, i)
		if i < 0 || i >= s.shape[axis] {
			require.ErrorIs(t, err, memview.ErrShape)
			return a, s
		}
		s = s.drop(axis, i)
	case 2:
		axes := make([]int, nd)
		for i := range axes {
			axes[i] = i
		}
		for i := range axes {
			j := d.roll(nd)
			axes[i], axes[j] = axes[j], axes[i]
		}
		if d.roll(3) == 0 {
			slices.Sort(axes)
			slices.Reverse(axes)
			v, err = a.Transpose()
		} else {
			v, err = a.Transpose(axes...)
		}
		s = s.transpose(axes)
	case 3:
		n := len(s.at)
		shape := []int{}
		for n > 1 && len(shape) < memview.MaxNDim-1 && d.roll(4) > 0 {
			f := pick(d, 2, 3, 5, 7, 1)
			if n%f == 0 {
				shape, n = append(shape, f), n/f
			}
		}
		shape = append(shape, n)
		ask := slices.Clone(shape)
		if d.roll(3) == 0 && len(s.at) > 0 {
			ask[d.roll(len(ask))] = -1
		}
		v, err = a.Reshape(ask...)
		r := slow{shape: shape, at: s.at}
		if !r.strided() {
			require.ErrorIs(t, err, memview.ErrLayout)
			return a, s
		}
		s = r
	case 4:
		spec, ok := a.DType().StructSpec()
		if !ok {
			_, err = a.Field("a")
			require.ErrorIs(t, err, memview.ErrDType)
			return a, s
		}
		f := pick(d, spec.Fields...)
		v, err = a.Field(f.Name)
		if nd+3 > memview.MaxNDim {
			return a, s
		}
		r := slow{shape: s.shape, at: []int{}}
		base, inner, isSub := f.DType.SubArray()
		n := 1
		if isSub {
			r.shape = append(slices.Clone(s.shape), inner...)
			for _, d := range inner {
				n *= d
			}
		} else {
			base = f.DType
		}
		for _, p := range s.at {
			for i := range n {
				r.at = append(r.at, p+f.Offset+i*base.ItemSize())
			}
		}
		s = r
	}
	require.NoError(t, err)
	return v, s
}

func TestGeometry(t *testing.T) {
	for seed := range 4000 {
		geometry(t, seeded(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzGeometry(f *testing.F) {
	for seed := range 40 {
		d := seeded(seed)
		data := make([]byte, 120)
		for i := range data {
			data[i] = byte(d.roll(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { geometry(t, &dice{data: data}) })
}
