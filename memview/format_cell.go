package memview

import (
	"math"
	"strconv"
	"strings"
)

// cellFormat gives the text of one element, whose bytes it gets.
type cellFormat func(cell []byte) string

// newCellFormat chooses how the elements of an array are printed, having seen
// all that will be (numpy's _get_format_function). scalar says that they are
// one element of a 0-d array, which numpy does not align.
func newCellFormat(cells [][]byte, d DType, scalar bool) cellFormat {
	switch d.t.kind {
	case Boolean:
		return boolFormat(scalar)
	case Int, Uint:
		return intFormat(cells, d)
	case Float:
		f := newFloatFormat(floats(cells, d), 8*d.t.size, false)
		return func(cell []byte) string { return f.text(floatOf(cell, d)) }
	case Complex:
		return complexFormat(cells, d)
	case Datetime, Timedelta:
		return timeFormat(cells, d)
	case Bytes:
		return bytesText
	case Unicode:
		return func(cell []byte) string { return unicodeText(cell, d) }
	case Struct:
		return structFormat(cells, d, scalar)
	case SubArray:
		return subArrayFormat(cells, d, scalar)
	}
	return voidText
}

// boolFormat pads True to the width of False, as numpy's BoolFormat does.
func boolFormat(scalar bool) cellFormat {
	return func(cell []byte) string {
		switch {
		case cell[0] == 0:
			return "False"
		case scalar:
			return "True"
		}
		return " True"
	}
}

// intFormat aligns integers on the right (numpy's IntegerFormat).
func intFormat(cells [][]byte, d DType) cellFormat {
	width := 0
	for _, c := range cells {
		width = max(width, len(intText(c, d)))
	}
	return func(cell []byte) string { return padLeft(intText(cell, d), width) }
}

func intText(cell []byte, d DType) string {
	neg, mag, _ := integer(decode(cell, d))
	if neg {
		return "-" + strconv.FormatUint(mag, 10)
	}
	return strconv.FormatUint(mag, 10)
}

// complexFormat aligns the parts each for themselves; the imaginary one always
// has a sign, and its j stands before its padding (numpy's
// ComplexFloatingFormat).
func complexFormat(cells [][]byte, d DType) cellFormat {
	part := F64
	if d.t.size == 8 {
		part = F32
	}
	part = part.order(d.t.big)
	n := part.ItemSize()
	re, im := make([]float64, len(cells)), make([]float64, len(cells))
	for i, c := range cells {
		re[i], im[i] = floatOf(c[:n], part), floatOf(c[n:], part)
	}
	r, i := newFloatFormat(re, 8*n, false), newFloatFormat(im, 8*n, true)
	return func(cell []byte) string {
		text := i.text(floatOf(cell[n:], part))
		digits := strings.TrimRight(text, " ")
		return r.text(floatOf(cell[:n], part)) + digits + "j" + text[len(digits):]
	}
}

// floats reads elements of a float dtype; float64 holds all of them exactly.
func floats(cells [][]byte, d DType) []float64 {
	vals := make([]float64, len(cells))
	for i, c := range cells {
		vals[i] = floatOf(c, d)
	}
	return vals
}

func floatOf(cell []byte, d DType) float64 {
	o := d.t.order()
	switch d.t.size {
	case 2:
		return float64(halfToFloat(o.Uint16(cell)))
	case 4:
		return float64(math.Float32frombits(o.Uint32(cell)))
	}
	return math.Float64frombits(o.Uint64(cell))
}

// structFormat prints a tuple, each field aligned over the array (numpy's
// StructuredVoidFormat).
func structFormat(cells [][]byte, d DType, scalar bool) cellFormat {
	formats := make([]cellFormat, len(d.t.fields))
	member := func(cell []byte, f Field) []byte { return cell[f.Offset : f.Offset+f.DType.ItemSize()] }
	for i, f := range d.t.fields {
		column := make([][]byte, len(cells))
		for k, c := range cells {
			column[k] = member(c, f)
		}
		formats[i] = newCellFormat(column, f.DType, scalar)
	}
	return func(cell []byte) string {
		texts := make([]string, len(formats))
		for i, f := range d.t.fields {
			texts[i] = formats[i](member(cell, f))
		}
		if len(texts) == 1 {
			return "(" + texts[0] + ",)"
		}
		return "(" + strings.Join(texts, ", ") + ")"
	}
}

// subArrayFormat prints a block in a field as nested lists on one line, never
// summarised (numpy's SubArrayFormat).
func subArrayFormat(cells [][]byte, d DType, scalar bool) cellFormat {
	base, shape := d.t.base, d.t.shape
	for base.Kind() == SubArray { // numpy has one shape for blocks of blocks
		shape = append(shape[:len(shape):len(shape)], base.t.shape...)
		base = base.t.base
	}
	if len(shape) == 0 {
		return newCellFormat(cells, base, scalar)
	}
	n := base.ItemSize()
	count := 1
	for _, dim := range shape {
		count *= dim
	}
	items := make([][]byte, 0, count*len(cells))
	for _, c := range cells {
		for i := range count {
			items = append(items, c[i*n:(i+1)*n])
		}
	}
	format := newCellFormat(items, base, false)
	return func(cell []byte) string {
		var b strings.Builder
		listText(&b, cell, shape, n, format)
		return b.String()
	}
}

// listText prints a block and returns the bytes behind it.
func listText(b *strings.Builder, rest []byte, shape []int, n int, format cellFormat) []byte {
	if len(shape) == 0 {
		b.WriteString(format(rest[:n]))
		return rest[n:]
	}
	b.WriteByte('[')
	for i := range shape[0] {
		if i > 0 {
			b.WriteString(", ")
		}
		rest = listText(b, rest, shape[1:], n, format)
	}
	b.WriteByte(']')
	return rest
}

// padLeft and padRight fill up with spaces to width characters.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-len(s), 0)) + s
}

func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(width-len(s), 0))
}
