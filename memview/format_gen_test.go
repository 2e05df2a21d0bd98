package memview_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// formatGen makes random arrays with the values at which printing changes.
type formatGen struct{ *rand.Rand }

func formatPick[T any](g *formatGen, of ...T) T { return of[g.IntN(len(of))] }

// next is an array of random dtype, shape, strides and values.
func (g *formatGen) next(t *testing.T) formatCase {
	dtype := g.dtype(0)
	shape := g.shape(dtype)
	item := dtype.ItemSize()
	// Axes in random order, gaps between items, and some turned around:
	// every layout that has no two elements in one place.
	strides := make([]int, len(shape))
	span, off := item, 0
	gap := formatPick(g, 0, 0, 0, 1, 7)
	for _, axis := range g.axes(len(shape)) {
		strides[axis] = span + gap
		span = (span + gap) * max(shape[axis], 1)
		if shape[axis] > 0 && g.IntN(4) == 0 {
			off += strides[axis] * (shape[axis] - 1)
			strides[axis] = -strides[axis]
		}
	}
	off += 8
	m := make(linear, 8+span)
	cell := g.cells(dtype)
	var fill func(axis, at int)
	fill = func(axis, at int) {
		if axis == len(shape) {
			cell(m[at : at+item])
			return
		}
		for i := range shape[axis] {
			fill(axis+1, at+i*strides[axis])
		}
	}
	if !slices.Contains(shape, 0) {
		fill(0, off)
	}
	a, err := memview.NewArray(m, memview.Ptr(off), dtype, memview.Layout{Shape: shape, Strides: strides})
	require.NoError(t, err, "%s %v %v", dtype, shape, strides)
	k := dtype.Kind()
	return formatCase{
		DType: dtype.String(), Shape: shape, Strides: strides, Offset: off, Data: m, array: a,
		// What At gives for these is what Python prints: not ticks, not float32 for float16.
		Scalar: k == memview.Boolean || k == memview.Int || k == memview.Uint || k == memview.Complex || k == memview.Unicode || k == memview.Void || k == memview.Float && item > 2,
	}
}

func (g *formatGen) axes(n int) []int {
	if g.IntN(2) == 0 {
		return g.Perm(n)
	}
	axes := make([]int, n)
	for i := range axes {
		axes[i] = n - 1 - i
	}
	return axes
}

func (g *formatGen) dtype(depth int) memview.DType {
	units := []string{"Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "25s", "7D", "3M", "10us"}
	var text string
	switch n := g.IntN(26); {
	case n < 4:
		text = formatPick(g, "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
	case n < 14:
		text = formatPick(g, "f2", "f4", "f8", "f8")
	case n < 18:
		text = formatPick(g, "c8", "c16")
	case n < 20:
		text = formatPick(g, "S", "U", "V") + strconv.Itoa(1+g.IntN(9))
	case n < 22:
		text = "M8[" + formatPick(g, units...) + "]"
	case n < 23:
		text = formatPick(g, "m8["+formatPick(g, units...)+"]", "m8")
	case depth < 3:
		return g.structOf(depth)
	default:
		text = "f8"
	}
	d := memview.MustParseDType(text)
	// numpy 1.24 forgets to swap the bytes of big-endian times without a unit,
	// and so takes NaT for a number when it measures the column.
	if g.IntN(4) == 0 && text != "m8" {
		d = d.BigEndian()
	}
	return d
}

func (g *formatGen) structOf(depth int) memview.DType {
	// The text of a dtype, which tells Python of it, does not say which of
	// several nested structs are aligned.
	aligned := depth == 0 && g.IntN(2) == 0
	fields := make([]memview.Field, g.IntN(5))
	aligned = aligned && len(fields) > 0
	for i := range fields {
		d := g.dtype(depth + 1)
		aligned = aligned && d.Kind() != memview.Struct
		if g.IntN(3) == 0 {
			shape := make([]int, 1+g.IntN(3))
			for k := range shape {
				shape[k] = g.IntN(4)
			}
			d, _ = memview.SubArrayOf(d, shape...)
		}
		fields[i] = memview.Field{Name: string(rune('a' + i)), DType: d}
	}
	d, _ := memview.PackedStructOf(fields...)
	if aligned {
		d, _ = memview.StructOf(fields...)
	}
	return d
}

func (g *formatGen) shape(d memview.DType) []int {
	var shape []int
	for range formatPick(g, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5) {
		shape = append(shape, formatPick(g, 1, 2, 3, 4, 5, 6, 7, 8))
	}
	if shape == nil {
		return []int{}
	}
	i := g.IntN(len(shape))
	switch g.IntN(12) {
	case 0:
		shape[i] = 0
	case 1, 2:
		shape[i] = g.IntN(60)
	case 3, 4:
		shape[i] = 1001 + g.IntN(300)
	case 5:
		shape[i] = 1000
	}
	// Keep the bytes for Python few.
	n := max(d.ItemSize(), 1)
	for i, dim := range shape {
		if n *= max(dim, 1); n > 100_000 {
			return shape[:i]
		}
	}
	return shape
}

// cells returns what fills an element. Values of one array are of a kind, so that
// not every array has an exponent.
func (g *formatGen) cells(d memview.DType) func([]byte) {
	var o binary.ByteOrder = binary.LittleEndian
	if d.IsBigEndian() {
		o = binary.BigEndian
	}
	n := d.ItemSize()
	switch d.Kind() {
	case memview.Boolean:
		return func(b []byte) { b[0] = byte(g.IntN(2)) }
	case memview.Int, memview.Uint:
		bits := 1 + g.IntN(64)
		return func(b []byte) { putFormatBits(b, o, uint64(int64(g.Uint64())>>(64-bits))) }
	case memview.Datetime, memview.Timedelta:
		bits := 1 + g.IntN(64)
		nat := formatPick(g, 0, 0, 4, 1)
		return func(b []byte) {
			v := int64(g.Uint64()) >> (64 - bits)
			if nat > 0 && g.IntN(nat) == 0 {
				v = math.MinInt64
			}
			putFormatBits(b, o, uint64(v))
		}
	case memview.Float:
		value := g.floats(8 * n)
		return func(b []byte) { putFormatBits(b, o, value()) }
	case memview.Complex:
		re, im := g.floats(4*n), g.floats(4*n)
		return func(b []byte) { putFormatBits(b[:n/2], o, re()); putFormatBits(b[n/2:], o, im()) }
	case memview.Unicode:
		chars := []rune("aZ '\"\\\n\t\r\x00\x01\x7f\x85\xa0\xad\u00e9\u03b1\u2028\ud7ff\ue000\U0001F600\U0010FFFF")
		return func(b []byte) {
			for i := range g.IntN(n/4 + 1) {
				o.PutUint32(b[4*i:], uint32(formatPick(g, chars...)))
			}
		}
	case memview.Bytes, memview.Void:
		return func(b []byte) {
			for i := range g.IntN(n + 1) {
				b[i] = formatPick(g, 'a', '\'', '"', '\\', '\n', 0, ' ', byte(g.Uint32()))
			}
		}
	case memview.SubArray:
		base, _, _ := d.SubArray()
		cell, size := g.cells(base), base.ItemSize()
		return func(b []byte) {
			for ; size > 0 && len(b) > 0; b = b[size:] {
				cell(b[:size])
			}
		}
	}
	var fields []func([]byte)
	for i := range d.NumField() {
		f := d.Field(i)
		cell := g.cells(f.DType)
		fields = append(fields, func(b []byte) { cell(b[f.Offset:][:f.DType.ItemSize()]) })
	}
	return func(b []byte) {
		for _, f := range fields {
			f(b)
		}
	}
}

func putFormatBits(b []byte, o binary.ByteOrder, v uint64) {
	switch len(b) {
	case 1:
		b[0] = byte(v)
	case 2:
		o.PutUint16(b, uint16(v))
	case 4:
		o.PutUint32(b, uint32(v))
	default:
		o.PutUint64(b, v)
	}
}

// floats returns a source of float bits of a size.
func (g *formatGen) floats(bits int) func() uint64 {
	// The package's own conversion makes the halves; the others are Go's.
	half, _ := memview.Zeros(memview.F16)
	m := make(linear, 16)
	halfBits, _ := memview.AsArray(m, 8, memview.F16)
	encode := func(x float64) uint64 {
		switch bits {
		case 32:
			return uint64(math.Float32bits(float32(x)))
		case 64:
			return math.Float64bits(x)
		}
		_ = half.Set(x)
		_ = memview.Copy(halfBits, half)
		return uint64(binary.LittleEndian.Uint16(m[8:]))
	}
	power := formatPick(g, 3., 5, 9, 40, 300)
	digits := math.Pow(10, float64(g.IntN(18)))
	twos := g.IntN(4) + 1
	kind := g.IntN(10)
	special := formatPick(g, 0, 0, 3, 30, 1)
	// Bounds of the choice of an exponent, and ties of rounding.
	edges := []float64{1e8, 99999999.5, 1e-4, 9.9999e-5, 1, 1000, 1000.5, 1001, 0.001, 0.99999999949, 1e16, 123456789}
	signs := formatPick(g, 1, 2, 1000)
	one := func() float64 {
		switch kind {
		case 0: // any bits
			if bits == 64 {
				return math.Float64frombits(g.Uint64())
			}
			return float64(math.Float32frombits(g.Uint32()))
		case 1: // any magnitude
			return math.Pow(10, power*(2*g.Float64()-1))
		case 2: // few digits
			return math.Round(g.Float64()*digits) / digits
		case 3:
			return float64(g.IntN(2000))
		case 4: // ends in an exact half of the last digit
			return float64(g.IntN(4096)) / 512 * math.Pow(10, float64(g.IntN(twos)))
		case 5: // powers of two, where the margins differ
			return math.Ldexp(1, g.IntN(twos*60)-twos*30)
		case 6:
			return formatPick(g, edges...)
		case 7: // subnormal in each size
			return float64(g.IntN(1000)) * formatPick(g, 0x1p-1074, 0x1p-149, 0x1p-24)
		case 8:
			return 1 + g.Float64()*999
		}
		return g.Float64() * digits
	}
	return func() uint64 {
		x := one()
		if g.IntN(signs) == 1 {
			x = -x
		}
		if special > 0 && g.IntN(special) == 0 {
			x = formatPick(g, math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1))
		}
		return encode(x)
	}
}
