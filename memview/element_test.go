package memview_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// What Set takes At gives back, in either byte order, with the type that At promises.
func TestSetAt(t *testing.T) {
	for _, c := range []struct {
		dtype   string
		in, out any
	}{
		{"?", true, true}, {"?", false, false},
		{"i1", -128, int8(-128)}, {"i2", int64(32767), int16(32767)}, {"i4", uint8(200), int32(200)}, {"i8", int64(math.MinInt64), int64(math.MinInt64)},
		{"u1", uint64(255), uint8(255)}, {"u2", int8(7), uint16(7)}, {"u4", uint32(math.MaxUint32), uint32(math.MaxUint32)}, {"u8", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"f2", 0.1, float32(0.099975586)}, {"f2", 65504, float32(65504)}, {"f2", -2048, float32(-2048)}, {"f4", 0.1, float32(0.1)}, {"f4", 1 << 24, float32(1 << 24)},
		{"f4", 1e300, float32(math.Inf(1))}, {"f8", float32(0.5), 0.5}, {"f8", int64(-(1 << 53)), float64(-(1 << 53))}, {"f8", uint64(1 << 63), float64(1 << 63)},
		{"c8", 1.5, complex64(1.5)}, {"c8", 1 + 2i, complex64(1 + 2i)}, {"c16", complex64(1 - 2i), 1 - 2i}, {"c16", 3, complex128(3)},
		{"S3", "ab", "ab"}, {"S3", []byte("abc"), "abc"}, {"S3", "", ""}, {"V3", []byte{1}, []byte{1, 0, 0}}, {"V3", "abc", []byte("abc")},
		{"U3", "ä日", "ä日"}, {"U1", "\xff", "\ufffd"},
		{"M8[ns]", -1, int64(-1)}, {"m8", int64(5), int64(5)},
		{"i2,(2,)f4", []any{1, []any{2.5, 3}}, []any{int16(1), []any{float32(2.5), float32(3)}}},
		{"[('x',[('y','(2,2)?')])]", []any{[]any{[]any{[]any{true, false}, []any{false, true}}}}, []any{[]any{[]any{[]any{true, false}, []any{false, true}}}}},
		{"[('n','(0,5)i4'),('s','S1')]", []any{[]any{}, "a"}, []any{[]any{}, "a"}},
	} {
		for _, big := range []bool{false, true} {
			d := memview.MustParseDType(c.dtype)
			if big {
				d = d.BigEndian()
			}
			a, err := memview.Zeros(d, 3)
			require.NoError(t, err)
			require.NoError(t, a.Set(c.in, 1), "%s %v", d, c.in)
			require.Equal(t, c.out, must[any](t)(a.At(1)), "%s %v", d, c.in)
			require.NoError(t, a.Set(must[any](t)(a.At(1)), 0))
			require.Equal(t, must[any](t)(a.At(1)), must[any](t)(a.At(0)))
			require.Equal(t, must[any](t)(must[memview.Array](t)(memview.Zeros(d)).At()), must[any](t)(a.At(2)), "Set wrote beside its element")
		}
	}
}

// A value that does not fit is refused with its type, and nothing of it is written.
func TestSetRefusals(t *testing.T) {
	for _, c := range []struct {
		dtype, want string
		in          any
	}{
		{"?", `Set of "1" (int) in bool`, 1}, {"?", `Set of "<nil>" (<nil>) in bool`, nil},
		{"i1", `Set of "128" (int) in int8`, 128}, {"i1", `Set of "-129" (int) in int8`, -129}, {"u1", `Set of "-1" (int) in uint8`, -1}, {"u1", `Set of "256" (int) in uint8`, 256},
		{"i8", `Set of "9223372036854775808" (uint64) in int64`, uint64(1 << 63)}, {"i4", `Set of "1" (float64) in int32`, 1.0}, {"u8", `Set of "true" (bool) in uint64`, true},
		{"f4", `Set of "16777217" (int) in float32`, 1<<24 + 1}, {"f8", `Set of "9007199254740993" (int64) in float64`, int64(1<<53 + 1)}, {"f2", `Set of "65505" (int) in float16`, 65505},
		{"f2", `Set of "65536" (int) in float16`, 65536}, {"f8", `Set of "1" (string) in float64`, "1"}, {"f8", `Set of "(1+0i)" (complex128) in float64`, 1 + 0i},
		{"c8", `Set of "16777217" (int) in complex64`, 1<<24 + 1}, {"c16", `Set of "x" (string) in complex128`, "x"},
		{"S2", `Set of "abc" (string) in |S2`, "abc"}, {"U2", `Set of "abc" (string) in <U2`, "abc"}, {"U2", `Set of "[97]" ([]uint8) in <U2`, []byte("a")}, {"V2", `Set of "1" (int) in |V2`, 1},
		{"M8[s]", `Set of "2000" (string) in datetime64[s]`, "2000"},
	} {
		a, err := memview.Zeros(memview.MustParseDType(c.dtype), 1)
		require.NoError(t, err)
		err = a.Set(c.in, 0)
		require.ErrorIs(t, err, memview.ErrDType)
		require.EqualError(t, err, "memview: dtype does not fit: "+c.want)
	}
	a, err := memview.Zeros(memview.MustParseDType("i2,(2,)f4,i1"), 1)
	require.NoError(t, err)
	require.NoError(t, a.Set([]any{1, []any{2, 3}, 4}, 0))
	for want, v := range map[string]any{
		`field "f2": dtype does not fit: Set of "1000" (int) in int8`:                      []any{9, []any{9, 9}, 1000},
		`field "f1": dtype does not fit: Set of "[9]" in a sub-array of shape (2,)`:        []any{9, []any{9}, 9},
		`field "f1": dtype does not fit: Set of "9" in a sub-array of shape (2,)`:          []any{9, 9, 9},
		`field "f1": dtype does not fit: Set of "x" (string) in float32`:                   []any{9, []any{9, "x"}, 9},
		`dtype does not fit: Set of "[9 [9 9]]" ([]interface {}) in ` + a.DType().String(): []any{9, []any{9, 9}},
	} {
		require.EqualError(t, a.Set(v, 0), "memview: "+want)
		require.Equal(t, []any{int16(1), []any{float32(2), float32(3)}, int8(4)}, must[any](t)(a.At(0)))
	}
	for _, index := range [][]int{{}, {0, 0}, {1}, {-1}, {math.MaxInt}, {math.MinInt}} {
		_, err := a.At(index...)
		require.ErrorIs(t, err, memview.ErrShape)
		require.ErrorIs(t, a.Set(nil, index...), memview.ErrShape)
	}
}

// Every half is read exactly and stored back as it was; between two of them a float goes
// to the nearer one, and from the middle to the even one.
func TestHalves(t *testing.T) {
	arr := must[memview.Array](t)
	bits := make([]uint16, 1<<16)
	m := make(linear, 8+2<<16)
	raw, halves := arr(memview.AsArray(m, 8, memview.U16, 1<<16)), arr(memview.AsArray(m, 8, memview.F16, 1<<16))
	for i := range bits {
		bits[i] = uint16(i)
	}
	require.NoError(t, memview.Copy(raw, arr(memview.FromSlice(bits))))
	value := func(i int) float64 { return float64(must[any](t)(halves.At(i)).(float32)) }
	one := arr(memview.AsArray(make(linear, 16), 8, memview.F16))
	store := func(f float64) float64 {
		require.NoError(t, one.Set(f))
		return float64(must[any](t)(one.At()).(float32))
	}
	for i := 0; i <= 0x7c00; i++ { // up to infinity
		f := value(i)
		require.True(t, f == store(f) && -f == value(0x8000|i), "%#x", i)
		want := float64(i&1023) / 1024
		switch e := i >> 10; e {
		case 0:
			want = math.Ldexp(want, -14)
		case 31:
			want = math.Inf(1)
		default:
			want = math.Ldexp(1+want, e-15)
		}
		require.True(t, want == f, "%#x: %v, want %v", i, f, want)
		if i < 0x7c00 {
			next := value(i + 1)
			if i == 0x7bff {
				next = 65536 // infinity begins where the next half would be
			}
			mid, even := (f+next)/2, value(i+i&1)
			require.True(t, store(mid) == even, "%#x: %v", i, mid)
			require.True(t, store(math.Nextafter(mid, 0)) == f && store(-math.Nextafter(mid, 0)) == -f, "%#x", i)
			require.True(t, store(math.Nextafter(mid, math.Inf(1))) == value(i+1), "%#x", i)
		}
	}
	for i := 0x7c01; i < 0x8000; i++ {
		require.True(t, math.IsNaN(value(i)))
	}
	require.True(t, math.IsNaN(store(math.NaN())))
	require.True(t, math.Signbit(store(math.Copysign(0, -1))))
}

// Zero clears elements and nothing between them.
func TestZeroKeepsGaps(t *testing.T) {
	for _, c := range []struct {
		shape, strides []int
		cleared        []int
	}{
		{[]int{3}, []int{4}, []int{8, 9, 12, 13, 16, 17}}, {[]int{2, 2}, []int{8, -2}, []int{6, 7, 8, 9, 14, 15, 16, 17}}, {nil, nil, []int{8, 9}}, {[]int{0}, nil, nil},
		{[]int{2}, []int{1}, []int{8, 9, 10}}, {[]int{3}, []int{0}, []int{8, 9}},
	} {
		m := make(linear, 32)
		for i := range m {
			m[i] = 0xff
		}
		a, err := memview.NewArray(m, 8, memview.U16, memview.Layout{Shape: c.shape, Strides: c.strides})
		require.NoError(t, err)
		require.NoError(t, a.Zero())
		for i, b := range m {
			require.Equal(t, slices.Contains(c.cleared, i), b == 0, fmt.Sprint(c, i))
		}
	}
}
