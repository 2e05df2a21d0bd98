package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/internal/pyliteral"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 20 // bytes of header text that are read or written
)

// Header is what stands before the elements in a .npy file. It is plain
// data; concurrent reads of it are safe.
type Header struct {
	Version int           // of the format: 1, 2 or 3; 0 is for AppendBinary only
	DType   memview.DType // of the elements
	Shape   []int         // extent of each axis; none: one element (0-d)
	Fortran bool          // the first axis varies fastest (fortran_order)
	Offset  int64         // bytes from the start of the file to the first element
}

// NBytes is the size of the elements in bytes, and math.MaxInt64 for a Shape
// that is not valid, which ReadHeader never returns.
func (h Header) NBytes() int64 {
	n, err := countBytes(h.Shape, h.DType.ItemSize())
	if err != nil {
		return math.MaxInt64
	}
	return n
}

// Layout is the shape of the array with the byte strides of its order: it places
// an array over a file that lies in memory, at Offset bytes from its start.
func (h Header) Layout() memview.Layout {
	l := memview.Layout{Shape: slices.Clone(h.Shape), Strides: make([]int, len(h.Shape))}
	step := h.DType.ItemSize()
	for i := range h.Shape {
		if !h.Fortran {
			i = len(h.Shape) - 1 - i
		}
		l.Strides[i] = step
		step *= max(h.Shape[i], 1)
	}
	return l
}

// ReadHeader reads the header of a .npy file and nothing behind it: r is left at
// the first element. Where r is at its end already, the error wraps [io.EOF].
// Errors wrap ErrFormat, memview.ErrDType or what r answered.
func ReadHeader(r io.Reader) (Header, error) {
	h, err := readHeader(r)
	if err != nil {
		return Header{}, fmt.Errorf("npy: %w", err)
	}
	return h, nil
}

func readHeader(r io.Reader) (Header, error) {
	var b [12]byte
	n, err := io.ReadFull(r, b[:8])
	if n == 0 && err == io.EOF {
		return Header{}, fmt.Errorf("%w: no bytes: %w", ErrFormat, err)
	}
	if string(b[:min(n, 6)]) != magic[:min(n, 6)] {
		return Header{}, fmt.Errorf("%w: starts with %q, want %q", ErrFormat, b[:min(n, 6)], magic)
	}
	if err != nil {
		return Header{}, short("magic string and version", int64(n), 8, err)
	}
	if b[6] < 1 || b[6] > 3 || b[7] != 0 {
		return Header{}, fmt.Errorf("%w: version is %d.%d, want 1.0, 2.0 or 3.0", ErrFormat, b[6], b[7])
	}
	h := Header{Version: int(b[6])}
	field := b[8 : 8+lengthSize(h.Version)]
	if n, err = io.ReadFull(r, field); err != nil {
		return Header{}, short("header length", int64(n), int64(len(field)), err)
	}
	size := uint64(binary.LittleEndian.Uint16(field))
	if h.Version > 1 {
		size = uint64(binary.LittleEndian.Uint32(field))
	}
	if size > maxHeader {
		return Header{}, fmt.Errorf("%w: header has %d bytes, want at most %d", ErrFormat, size, maxHeader)
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(size))) // grows as bytes arrive
	if err != nil {
		return Header{}, fmt.Errorf("reading the header: %w", err)
	}
	if uint64(len(text)) < size {
		return Header{}, short("header", int64(len(text)), int64(size), io.EOF)
	}
	h.Offset = int64(8+len(field)) + int64(size)
	return h, h.parse(text)
}

// lengthSize is the size of the field that gives the length of the header.
func lengthSize(version int) int {
	if version == 1 {
		return 2
	}
	return 4
}

// short is the error for a read of want bytes which gave got.
func short(what string, got, want int64, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %s has %d bytes, want %d: %w", ErrFormat, what, got, want, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("reading the %s, byte %d of %d: %w", what, got, want, err)
}

// parse reads the Python dict of the header into h.
func (h *Header) parse(text []byte) error {
	src := string(text)
	if h.Version < 3 {
		src = fromLatin1(text)
	} else if !utf8.Valid(text) {
		return fmt.Errorf("%w: header is not UTF-8", ErrFormat)
	}
	v, err := pyliteral.Parse(src)
	if err != nil {
		return fmt.Errorf("%w: header %w", ErrFormat, err)
	}
	d, ok := v.(pyliteral.Dict)
	if !ok {
		return fmt.Errorf("%w: header is %s, want a dict", ErrFormat, kindOf(v))
	}
	var have [3]any
	for i, key := range []string{"descr", "fortran_order", "shape"} {
		if have[i], ok = d.Get(key); !ok {
			return fmt.Errorf("%w: header has no %q", ErrFormat, key)
		}
	}
	if len(d) != len(have) {
		i := slices.IndexFunc(d, func(p pyliteral.Pair) bool {
			return !slices.Contains([]string{"descr", "fortran_order", "shape"}, p.Key)
		})
		return fmt.Errorf("%w: header has the key %.64q, want descr, fortran_order and shape only", ErrFormat, d[i].Key)
	}
	if h.Fortran, ok = have[1].(bool); !ok {
		return fmt.Errorf("%w: fortran_order is %s, want True or False", ErrFormat, kindOf(have[1]))
	}
	dims, ok := have[2].(pyliteral.Tuple)
	if !ok {
		return fmt.Errorf("%w: shape is %s, want a tuple", ErrFormat, kindOf(have[2]))
	}
	if h.Shape, err = shapeOf(dims); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if h.DType, err = dtypeOf(have[0]); err != nil {
		return fmt.Errorf("descr: %w", err)
	}
	if h.DType.Kind() == memview.SubArray {
		return fmt.Errorf("%w: descr is a sub-array, want its dimensions in the shape", ErrFormat)
	}
	if _, err := countBytes(h.Shape, h.DType.ItemSize()); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return nil
}

// shapeOf reads the dimensions of an array or of a sub-array.
func shapeOf(dims pyliteral.Tuple) ([]int, error) {
	if len(dims) > memview.MaxNDim {
		return nil, fmt.Errorf("shape has %d dimensions, want at most %d", len(dims), memview.MaxNDim)
	}
	shape := make([]int, len(dims))
	for i, d := range dims {
		n, ok := d.(int64)
		if !ok {
			return nil, fmt.Errorf("dimension %d of the shape is %s, want an integer", i, kindOf(d))
		}
		if n < 0 || n > math.MaxInt {
			return nil, fmt.Errorf("dimension %d of the shape is %d, want 0 to %d", i, n, math.MaxInt)
		}
		shape[i] = int(n)
	}
	return shape, nil
}

// countBytes is the size of an array. Like memview it multiplies the dimensions
// that are not 0 even where one is, so that strides fit an int too.
func countBytes(shape []int, item int) (int64, error) {
	if len(shape) > memview.MaxNDim {
		return 0, fmt.Errorf("shape has %d dimensions, want at most %d", len(shape), memview.MaxNDim)
	}
	const limit = min(math.MaxInt, 1<<62)
	n, empty := int64(max(item, 1)), item == 0
	for i, d := range shape {
		switch {
		case d < 0:
			return 0, fmt.Errorf("dimension %d of the shape is %d, want 0 or more", i, d)
		case d == 0:
			empty = true
		case n > limit/int64(d):
			return 0, fmt.Errorf("%w: shape %s of %d bytes each", memview.ErrTooLarge, memview.ShapeString(shape), item)
		default:
			n *= int64(d)
		}
	}
	if empty {
		return 0, nil
	}
	return n, nil
}

func fromLatin1(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}
