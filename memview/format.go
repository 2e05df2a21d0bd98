package memview

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"unicode/utf8"
)

// numpy's default print options (numpy.get_printoptions), the ones that
// concern the layout. They are not configurable: the text of an array is the
// same everywhere.
const (
	printThreshold = 1000 // more elements than this are summarised
	printEdge      = 3    // items kept at each end of a summarised axis
	printWidth     = 75   // columns of a line
)

// Bounds of what String visits, where numpy has none. Summaries keep at most
// six items per axis, which is no bound for 32 axes whose strides are 0, and none
// for the fields of one element. The first number admits seven summarised axes.
const (
	maxPrintValues = 300_000
	maxPrintBytes  = 1 << 22
)

// String is the text that Python's str gives for the array: numpy's
// array2string with its default print options, for every dtype, byte order and
// layout (numpy/core/arrayprint.py, _array2string and _formatArray). An array
// of more than 1000 elements is summarised with "..."; of such an array only
// the items that are printed are read. A 0-d array prints as its scalar does.
//
// Three texts are not numpy's: "<no array>" for the zero Array, the dtype,
// shape and cause for an array whose elements are out of reach, and
// the dtype and shape where even the summary would print more
// than 300,000 values or 4 MiB of elements.
func (a Array) String() string {
	if a.a == nil {
		return "<no array>"
	}
	cells, err := a.a.printed()
	if err != nil {
		return fmt.Sprintf("<array of %s %s: %v>", a.a.dtype, ShapeString(a.a.shape), err)
	}
	if len(a.a.shape) == 0 {
		return scalarText(cells[0], a.a.dtype)
	}
	if a.a.size == 0 {
		return "[]"
	}
	p := printer{shape: a.a.shape, summary: a.a.summarised(), cells: cells}
	p.format = newCellFormat(cells, a.a.dtype, false)
	p.block(0)
	return p.out.String()
}

func (a *array) summarised() bool { return a.size > printThreshold }

// printed copies the elements that the text shows, in C order (numpy's
// _leading_trailing). It is a copy so that a guest which writes meanwhile
// cannot change an element between the measuring and the printing of it.
func (a *array) printed() ([][]byte, error) {
	mem, base, err := a.peek()
	if err != nil || a.size == 0 {
		return nil, err
	}
	shape := slices.Clone(a.shape)
	values := float64(printedValues(a.dtype)) // a product of dims that cannot wrap
	count := 1.0
	for i, n := range shape {
		if a.summarised() {
			shape[i] = min(n, 2*printEdge)
		}
		count *= float64(shape[i])
	}
	item := a.dtype.ItemSize()
	if values*count > maxPrintValues || float64(item)*count > maxPrintBytes {
		return nil, fmt.Errorf("%w to print", ErrTooLarge)
	}
	cells := make([][]byte, 0, int(count))
	all := make([]byte, int(count)*item)
	var gather func(axis, at int)
	gather = func(axis, at int) {
		if axis == len(shape) {
			var cell []byte
			cell, all = all[:item:item], all[item:]
			copy(cell, mem[at:])
			cells = append(cells, cell)
			return
		}
		for i := range shape[axis] {
			if i >= printEdge && shape[axis] < a.shape[axis] {
				i += a.shape[axis] - shape[axis]
			}
			gather(axis+1, at+i*a.strides[axis])
		}
	}
	gather(0, base)
	runtime.KeepAlive(a)
	return cells, nil
}

// printedValues counts the values and brackets in the text of one element, up
// to one more than maxPrintValues: the extents of sub-arrays have no bound.
func printedValues(d DType) int {
	n := 1
	switch d.Kind() {
	case Struct:
		for _, f := range d.t.fields {
			n += printedValues(f.DType)
		}
	case SubArray:
		n = printedValues(d.t.base)
		for _, dim := range d.t.shape {
			if dim > maxPrintValues/n {
				return maxPrintValues + 1
			}
			n *= max(dim, 1) // an empty row has brackets, too
		}
	}
	return min(n, maxPrintValues+1)
}

// printer lays elements out in brackets, rows and blocks.
type printer struct {
	out     bytes.Buffer
	shape   []int
	summary bool
	cells   [][]byte // those left to print
	format  cellFormat
}

func (p *printer) word() []byte {
	cell := p.cells[0]
	p.cells = p.cells[1:]
	return []byte(p.format(cell))
}

// block prints the rest of the array from axis on. The cursor stands where
// the opening bracket goes, in column axis; everything below is
// indented by one more.
func (p *printer) block(axis int) {
	n, dots := p.shape[axis], -1
	if p.summary && n > 2*printEdge {
		n, dots = 2*printEdge+1, printEdge
	}
	p.out.WriteByte('[')
	if axis == len(p.shape)-1 {
		p.row(axis, n, dots)
	} else {
		for i := range n {
			if i > 0 {
				// One line end, and a blank line for each axis in between.
				p.newline(len(p.shape)-1-axis, axis+1)
			}
			if i == dots {
				p.out.WriteString("...")
			} else {
				p.block(axis + 1)
			}
		}
	}
	p.out.WriteByte(']')
}

// row prints n items of the last axis, in as many lines as they need.
func (p *printer) row(axis, n, dots int) {
	indent := axis + 1
	// Columns for items: all closing brackets but the own take one off, the
	// own bracket or the separator another.
	width := printWidth - axis - 1
	column := indent
	for i := range n {
		word := []byte("...")
		if i != dots {
			word = p.word()
		}
		length := utf8.RuneCount(word)
		// A first item that is too long stays: a new line would not help.
		if column+length > width && column > indent {
			p.out.Truncate(len(bytes.TrimRight(p.out.Bytes(), " ")))
			p.newline(1, indent)
			column = indent
		}
		p.out.Write(word)
		column += length
		if i < n-1 {
			p.out.WriteByte(' ')
			column++
		}
	}
}

func (p *printer) newline(count, indent int) {
	for range count {
		p.out.WriteByte('\n')
	}
	for range indent {
		p.out.WriteByte(' ')
	}
}
