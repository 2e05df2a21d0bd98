package memview_test

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// extreme are the numbers that break arithmetic.
func extreme(d *dice) int {
	switch d.roll(4) {
	case 0:
		return d.roll(6)
	case 1:
		return 1<<d.roll(bits.UintSize-2) + d.roll(3) - 1
	case 2:
		return -(1<<d.roll(bits.UintSize-2) + d.roll(3) - 1)
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
		beside := big.NewInt(max(item, 1))
		for i, n := range shape { // dims beside a 0, and strides that nobody uses
			beside.Mul(beside, big.NewInt(int64(max(n, 1))))
			tooLarge = tooLarge || n > 1<<20 || all[i].CmpAbs(big.NewInt(math.MaxInt)) > 0
		}
		tooLarge = tooLarge || beside.Cmp(big.NewInt(min(math.MaxInt, 1<<62))) > 0 // more is not computed
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
