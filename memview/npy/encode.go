package npy

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

const (
	dataAlign  = 64 // numpy.lib.format.ARRAY_ALIGN
	growDigits = 21 // numpy.lib.format.GROWTH_AXIS_MAX_DIGITS
)

// AppendBinary appends the header as numpy writes it, all bytes up to the
// first element, to b: it is an [encoding.BinaryAppender]. Version 0 stands for the
// lowest version that can hold the rest; Offset is ignored. It refuses shapes and
// dtypes that ReadHeader would.
func (h Header) AppendBinary(b []byte) ([]byte, error) {
	out, err := h.append(b)
	if err != nil {
		return b, fmt.Errorf("npy: %w", err)
	}
	return out, nil
}

func (h Header) append(b []byte) ([]byte, error) {
	if _, err := countBytes(h.Shape, h.DType.ItemSize()); err != nil {
		return nil, err
	}
	if h.DType.Kind() == memview.SubArray {
		return nil, fmt.Errorf("%w: %s is a sub-array, want its dimensions in the shape", memview.ErrDType, h.DType)
	}
	descr, err := appendDescr(nil, h.DType)
	if err != nil {
		return nil, err
	}
	order, grows := "False", 0
	if h.Fortran {
		order, grows = "True", len(h.Shape)-1
	}
	text := "{'descr': " + string(descr) + ", 'fortran_order': " + order + ", 'shape': " + memview.ShapeString(h.Shape) + ", }"
	if len(h.Shape) > 0 { // numpy leaves room to grow the slowest axis in place
		text += strings.Repeat(" ", growDigits-len(strconv.Itoa(h.Shape[grows])))
	}
	body, isLatin := toLatin1(text)
	version := h.Version
	if version == 0 {
		switch {
		case !isLatin:
			version = 3
		case len(pad(1, body)) > math.MaxUint16:
			version = 2
		default:
			version = 1
		}
	}
	switch {
	case version < 1 || version > 3:
		return nil, fmt.Errorf("version is %d, want 1, 2 or 3, or 0 for the lowest that fits", version)
	case version == 3:
		body = []byte(text)
	case !isLatin:
		return nil, fmt.Errorf("version %d.0 holds names of Latin-1 only, want 3", version)
	}
	body = pad(version, body)
	limit := maxHeader
	if version == 1 {
		limit = math.MaxUint16
	}
	if len(body) > limit {
		return nil, fmt.Errorf("header has %d bytes, want at most %d in version %d.0", len(body), limit, version)
	}
	b = append(append(b, magic...), byte(version), 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(body)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	}
	return append(b, body...), nil
}

// pad ends the header text with 1 to 64 spaces and a newline so that the data
// are aligned. numpy never pads by 0.
func pad(version int, text []byte) []byte {
	n := 8 + lengthSize(version) + len(text) + 1
	text = slices.Concat(text, []byte(strings.Repeat(" ", dataAlign-n%dataAlign)))
	return append(text, '\n')
}

func toLatin1(s string) (b []byte, ok bool) {
	b = make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}
