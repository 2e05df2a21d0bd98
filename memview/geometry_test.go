package memview_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// slow is an array as a plain list: where each element lies, in C order. Its
// views pick from the list; it knows no strides.
type slow struct {
	shape []int
	at    []int
}

func slowOf(shape, strides []int, at int) slow {
	s := slow{shape: slices.Clone(shape), at: []int{}}
	s.each(func(index []int) {
		p := at
		for i, x := range index {
			p += x * strides[i]
		}
		s.at = append(s.at, p)
	})
	return s
}

// each visits all indices in C order.
func (s slow) each(visit func(index []int)) {
	if slices.Contains(s.shape, 0) {
		return
	}
	index := make([]int, len(s.shape))
	for {
		visit(index)
		k := len(index) - 1
		for ; k >= 0; k-- {
			if index[k]++; index[k] < s.shape[k] {
				break
			}
			index[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

func (s slow) pos(index ...int) int {
	k := 0
	for i, x := range index {
		k = k*s.shape[i] + x
	}
	return s.at[k]
}

func (s slow) sub(axis, lo, hi, step int) slow {
	var picked []int
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		picked = append(picked, i)
	}
	v := slow{shape: slices.Clone(s.shape), at: []int{}}
	v.shape[axis] = len(picked)
	v.each(func(index []int) {
		from := slices.Clone(index)
		from[axis] = picked[index[axis]]
		v.at = append(v.at, s.pos(from...))
	})
	return v
}

func (s slow) drop(axis, i int) slow {
	v := slow{shape: slices.Delete(slices.Clone(s.shape), axis, axis+1), at: []int{}}
	v.each(func(index []int) { v.at = append(v.at, s.pos(slices.Insert(slices.Clone(index), axis, i)...)) })
	return v
}

func (s slow) transpose(axes []int) slow {
	v := slow{at: []int{}}
	for _, x := range axes {
		v.shape = append(v.shape, s.shape[x])
	}
	v.each(func(index []int) {
		from := make([]int, len(axes))
		for i, x := range axes {
			from[x] = index[i]
		}
		v.at = append(v.at, s.pos(from...))
	})
	return v
}

// strided reports whether some strides describe the list.
func (s slow) strided() bool {
	if len(s.at) == 0 {
		return true
	}
	strides := make([]int, len(s.shape))
	for i, d := range s.shape {
		if d > 1 {
			one := make([]int, len(s.shape))
			one[i] = 1
			strides[i] = s.pos(one...) - s.at[0]
		}
	}
	return slices.Equal(slowOf(s.shape, strides, s.at[0]).at, s.at)
}

func (s slow) dense(item int) bool {
	for k, p := range s.at {
		if p != s.at[0]+k*item {
			return false
		}
	}
	return true
}

// convert is one element in the byte order of another dtype.
func convert(elem []byte, to, from memview.DType) []byte {
	out := slices.Clone(elem)
	if spec, ok := from.StructSpec(); ok {
		for i, f := range spec.Fields {
			lo, hi := f.Offset, f.Offset+f.DType.ItemSize()
			copy(out[lo:hi], convert(elem[lo:hi], to.Field(i).DType, f.DType))
		}
		return out
	}
	if base, _, ok := from.SubArray(); ok {
		toBase, _, _ := to.SubArray()
		for n, at := base.ItemSize(), 0; n > 0 && at < len(elem); at += n {
			copy(out[at:at+n], convert(elem[at:at+n], toBase, base))
		}
		return out
	}
	if to.IsBigEndian() != from.IsBigEndian() {
		n := from.ItemSize()
		switch from.Kind() {
		case memview.Complex:
			n /= 2
		case memview.Unicode:
			n = 4
		}
		for at := 0; at < len(out); at += n {
			slices.Reverse(out[at : at+n])
		}
	}
	return out
}

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
			if d.data == nil && d.rand == nil { // the fuzzer has no more bytes
				a, err = memview.AsArray(m, 8, dt)
				require.NoError(t, err)
				shape, strides, p = []int{}, []int{}, 8
			} else {
				continue
			}
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
		require.ErrorIs(t, err, memview.ErrBounds)
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
		for n > 1 && d.roll(4) > 0 {
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

// extreme are the numbers that break arithmetic.
func extreme(d *dice) int {
	switch d.roll(4) {
	case 0:
		return d.roll(6)
	case 1:
		return 1<<d.roll(62) + d.roll(3) - 1
	case 2:
		return -(1<<d.roll(62) + d.roll(3) - 1)
	}
	return pick(d, math.MaxInt, math.MinInt, math.MaxInt32, math.MinInt32, math.MaxInt-7, 8, -8, 65536, 1<<31-8, 1<<30)
}

// hostile places arrays with any numbers in memories of any size, and compares with
// arithmetic that has no limits.
func hostile(t testing.TB, d *dice) {
	const top = 1<<32 - 65536
	m := sizeMemory{t: t, size: pick[uint64](d, 0, 1, 65536, top, 1<<31, 1<<31-1, 1<<28)}
	p := pick[memview.Ptr](d, 0, 1, 8, 65535, top-8, 1<<31, 1<<31-8, top, math.MaxUint32)
	dt := pick(d, memview.U8, memview.F64, memview.C128, memview.MustParseDType("V2147483647"), memview.MustParseDType("[]"), memview.MustParseDType("(3,0)f8"), memview.MustParseDType("(2,3)f4"))
	l := memview.Layout{}
	for range d.roll(5) {
		l.Shape = append(l.Shape, extreme(d))
	}
	if d.roll(3) > 0 {
		l.Strides = []int{}
		for range l.Shape {
			l.Strides = append(l.Strides, extreme(d))
		}
	}
	a, err := memview.NewArray(m, p, dt, l)

	base, inner, isSub := dt.SubArray()
	if !isSub {
		base = dt
	}
	item := int64(base.ItemSize())
	shape, strides := append(slices.Clone(l.Shape), inner...), slices.Clone(l.Strides)
	size, lo, hi, step := big.NewInt(1), big.NewInt(int64(p)), big.NewInt(int64(p)+item), big.NewInt(item)
	all := make([]*big.Int, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		all[i] = new(big.Int).Set(step)
		if i < len(strides) {
			all[i] = big.NewInt(int64(strides[i]))
		}
		step.Mul(step, big.NewInt(int64(max(shape[i], 1))))
	}
	bad := slices.ContainsFunc(shape, func(n int) bool { return n < 0 })
	for i, n := range shape {
		span := new(big.Int).Mul(big.NewInt(int64(n)-1), all[i])
		if span.Sign() < 0 {
			lo.Add(lo, span)
		} else {
			hi.Add(hi, span)
		}
		size.Mul(size, big.NewInt(int64(n)))
	}
	if bad {
		require.True(t, errors.Is(err, memview.ErrShape) || errors.Is(err, memview.ErrTooLarge) || p == 0 && errors.Is(err, memview.ErrNull), "%v", err)
		return
	}
	if size.Sign() == 0 {
		lo = big.NewInt(int64(p))
		hi = lo
	}
	if lo.Sign() <= 0 || hi.Cmp(new(big.Int).SetUint64(m.size)) > 0 {
		require.Error(t, err)
		return
	}
	if err != nil {
		if p == 0 {
			require.ErrorIs(t, err, memview.ErrNull)
			return
		}
		require.ErrorIs(t, err, memview.ErrTooLarge, "%v %v", l.Shape, l.Strides)
		whole := new(big.Int).Mul(size, big.NewInt(max(item, 1)))
		span := new(big.Int).Sub(hi, lo)
		limit := big.NewInt(max(int64(m.size), 1<<24))
		tooLarge := whole.Cmp(limit) > 0 && whole.Cmp(span) > 0 || span.Cmp(big.NewInt(math.MaxInt)) > 0
		for i, n := range shape { // dims beside a 0, and strides that nobody uses
			tooLarge = tooLarge || n > 1<<20 || all[i].CmpAbs(big.NewInt(math.MaxInt)) > 0
		}
		require.True(t, tooLarge, "%v %v: %v", l.Shape, l.Strides, err)
		return
	}
	require.Zero(t, size.Cmp(big.NewInt(int64(a.Size()))))
	gotLo, gotHi := a.Extent()
	require.Equal(t, []uint64{lo.Uint64(), hi.Uint64()}, []uint64{gotLo, gotHi})
	if gotHi > gotLo {
		require.ErrorIs(t, a.CheckAlive(), memview.ErrBounds) // it gave no bytes
	}
	_, err = memview.Values[float64](a)
	require.True(t, err != nil || a.Size() == 0)
	require.True(t, a.Zero() != nil || gotHi == gotLo)
	if a.NDim() > 0 {
		for _, step := range []int{1, -1, math.MaxInt, math.MinInt} {
			v, err := a.Sub(0, extreme(d), extreme(d), step)
			require.True(t, err == nil && v.Size() <= a.Size() || errors.Is(err, memview.ErrShape), "%v", err)
		}
		v, err := a.Drop(0, extreme(d))
		require.True(t, err == nil && v.Size() <= max(a.Size(), 0) || errors.Is(err, memview.ErrShape) || errors.Is(err, memview.ErrTooLarge), "%v", err)
		_, err = a.Transpose()
		require.NoError(t, err)
		_, err = a.Reshape(extreme(d), extreme(d))
		require.True(t, err == nil || errors.Is(err, memview.ErrShape) || errors.Is(err, memview.ErrLayout) || errors.Is(err, memview.ErrTooLarge), "%v", err)
		_, err = a.Reshape(-1)
		require.True(t, err == nil || errors.Is(err, memview.ErrLayout), "%v", err)
	}
}

func TestNewArrayHostile(t *testing.T) {
	for seed := range 20000 {
		hostile(t, seeded(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzNewArray(f *testing.F) {
	for seed := range 20 {
		d := seeded(seed)
		data := make([]byte, 40)
		for i := range data {
			data[i] = byte(d.roll(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { hostile(t, &dice{data: data}) })
}
