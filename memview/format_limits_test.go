package memview_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// formatClosed is a memory that can be closed.
type formatClosed struct {
	linear
	err error
}

func (m *formatClosed) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if m.err != nil {
		return nil, m.err
	}
	return m.linear.Bytes(p, n)
}

// formatHuge is a memory of 4 GiB whose first bytes alone are ever touched.
type formatHuge struct{ linear }

func (formatHuge) Size() uint64 { return math.MaxUint32 }

func TestStringOfNoArray(t *testing.T) {
	require.Equal(t, "<no array>", memview.Array{}.String())
	require.Equal(t, "<no array>", fmt.Sprint(memview.Array{}))
}

func TestStringOfGoneMemory(t *testing.T) {
	m := &formatClosed{linear: make(linear, 64)}
	a, err := memview.AsArray(m, 8, memview.F64, 3)
	require.NoError(t, err)
	empty, err := memview.AsArray(m, 8, memview.I16, 0, 2)
	require.NoError(t, err)
	require.Equal(t, "[0. 0. 0.]", a.String())
	m.err = memview.ErrClosed
	require.Equal(t, "<array of float64 (3,): memory is closed>", a.String())
	require.Equal(t, "<array of int16 (0, 2): memory is closed>", empty.String())
	m.err = fmt.Errorf("%w: freed at line 7", memview.ErrFreed)
	require.Equal(t, "<array of float64 (3,): array was freed: freed at line 7>", a.String())
}

// TestStringIsBounded prints arrays that describe far more elements than there
// are bytes in their memory, as a guest can.
func TestStringIsBounded(t *testing.T) {
	m := formatHuge{make(linear, 64)}
	same := func(dtype memview.DType, shape ...int) memview.Array {
		a, err := memview.NewArray(m, 8, dtype, memview.Layout{Shape: shape, Strides: make([]int, len(shape))})
		require.NoError(t, err)
		return a
	}
	sub := func(d memview.DType, shape ...int) memview.DType {
		s, err := memview.SubArrayOf(d, shape...)
		require.NoError(t, err)
		s, err = memview.PackedStructOf(memview.Field{Name: "x", DType: s})
		require.NoError(t, err)
		return s
	}
	twos := make([]int, 32)
	for i := range twos {
		twos[i] = 2
	}
	wide, err := memview.BytesOf(1 << 23)
	require.NoError(t, err)
	long, err := memview.Zeros(wide, 1)
	require.NoError(t, err)
	start := time.Now()
	for name, a := range map[string]memview.Array{
		"axes":       same(memview.U8, twos[:30]...),
		"rows":       same(sub(memview.F64, 1<<26, 0), 1),
		"nested":     same(sub(sub(memview.F64, 0), 1<<20, 1<<10), 1),
		"long bytes": long,
	} {
		text := a.String()
		require.True(t, strings.HasPrefix(text, "<array of "), name)
		require.True(t, strings.HasSuffix(text, ": array is too large to print>"), name)
	}
	huge := same(memview.I16, 1<<29) // fits a 32-bit host, too
	require.Equal(t, "[0 0 0 ... 0 0 0]", huge.String())
	require.Less(t, time.Since(start), 10*time.Second)
	seven := same(memview.U8, 7, 7, 7, 7, 7, 7, 7).String()
	require.Equal(t, 279936, strings.Count(seven, "0"), "seven summarised axes are printed as numpy does")
}

func TestStringOfBrokenText(t *testing.T) {
	// What no Python str and no Go string can hold, but memory can.
	m := make(linear, 32)
	copy(m[8:], "a\x00\x00\x00\x00\xd8\x00\x00\x00\x00\x11\x00\xff\xff\xff\xff")
	d, err := memview.UnicodeOf(4)
	require.NoError(t, err)
	a, err := memview.AsArray(m, 8, d, 1)
	require.NoError(t, err)
	require.Equal(t, `['a\ud800\U00110000\Uffffffff']`, a.String())
	zero, err := a.Reshape()
	require.NoError(t, err)
	require.Equal(t, "a\ufffd\ufffd\ufffd", zero.String())
}

// numpy has no text for these, so they show the ticks.
func TestStringOfDateWithoutUnit(t *testing.T) {
	a := formatValues(t, "M8", []int{2}, 5, -10)
	require.Equal(t, "[  '5' '-10']", a.String())
	require.Equal(t, "5", formatValues(t, "M8", nil, 5).String())
}

func TestStringOfGoMemory(t *testing.T) {
	type point struct {
		X, Y  float32
		Flags [2]bool
	}
	a, err := memview.FromSlice([]point{{1, 2.5, [2]bool{true, false}}})
	require.NoError(t, err)
	require.Equal(t, "[(1., 2.5, [ True, False])]", a.String())
	b, err := memview.FromStrided([]int32{1, 2, 3, 4, 5, 6}, []int{2, 2}, []int{3, 2})
	require.NoError(t, err)
	require.Equal(t, "[[1 3]\n [4 6]]", b.String())
}

func TestFormatScalar(t *testing.T) {
	for want, v := range map[string]any{
		"True": true, "False": false,
		"-8": int8(-8), "16": int16(16), "-32": int32(-32), "64": int64(64), "7": 7,
		"8": uint8(8), "17": uint16(17), "33": uint32(33), "18446744073709551615": ^uint64(0),
		"32.0": 32., "0.1": float32(0.1), "1e+16": 1e16, "1e-05": 1e-5, "0.0001": 1e-4, "1e-04": float32(1e-4), "123456790.0": float32(123456789),
		"1.5e-07": 1.5e-7, "0.3333333333333333": 1. / 3, "1234567890123456.8": 1234567890123456.7,
		"(1+2j)": complex64(1 + 2i), "2j": 2i, "(0.5-1e+16j)": 0.5 - 1e16i,
		"a'b\n": "a'b\n", `b'\x61\xFF'`: []byte("a\xff"), "[1 2]": []int{1, 2},
	} {
		require.Equal(t, want, memview.FormatScalar(v), "%T", v)
	}
}

// The time must not depend on the size.
func BenchmarkArrayString(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000_000} {
		a, err := memview.NewArray(formatHuge{make(linear, 16)}, 8, memview.F64, memview.Layout{Shape: []int{n}, Strides: []int{0}})
		require.NoError(b, err)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = a.String()
			}
		})
	}
}
