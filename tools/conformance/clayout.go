package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/memview"
)

// cLayout is a C struct or union, reduced to what the files record.
type cLayout struct {
	kind            string
	size, alignment int
	fields          []cField // in the order of their offsets; padding has no name
}

type cField struct {
	Name   string `json:"name"`
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
}

func (f cField) String() string { return fmt.Sprintf("%q at %d, %d bytes", f.Name, f.Offset, f.Size) }

// layoutOf is what memview made.
func layoutOf(c memview.CType) cLayout {
	l := cLayout{kind: map[memview.CKind]string{memview.CStruct: "struct", memview.CUnion: "union"}[c.Kind], size: c.Size, alignment: c.Alignment}
	for _, f := range c.Fields {
		l.fields = append(l.fields, cField{f.Name, f.Offset, f.Type.Size})
	}
	return l
}

// reading is whose rules turn a dtype into a C type.
type reading bool

const (
	numpy      reading = true
	documented reading = false // ours
)

const overlap = "NotImplementedError: Overlapping fields"

// cType states rows 107 to 111 for a struct, apart from memview: its C type,
// or why it has none. The two readings part at rows 107 to 109, nowhere else.
func (s *structSpec) cType(by reading) (l cLayout, refusal string) {
	l = cLayout{kind: "struct", size: s.ItemSize, alignment: s.Alignment}
	if by == numpy {
		l.alignment = 1 // row 108
	}
	last, places := 0, 0
	for _, f := range s.Fields {
		if refusal := f.DType.refusal(by); refusal != "" {
			return l, refusal
		}
		size := f.DType.size()
		l.fields = append(l.fields, cField{f.Name, f.Offset, size})
		last = max(last, f.Offset)
		if by == numpy || size > 0 {
			places++ // row 109
		}
	}
	if last == 0 && places > 1 {
		l.kind = "union"
		longest := slices.MaxFunc(l.fields, func(a, b cField) int { return a.Size - b.Size })
		if longest.Size != s.ItemSize {
			l.fields = append(l.fields, cField{Size: s.ItemSize})
		}
		return l, ""
	}
	slices.SortStableFunc(l.fields, func(a, b cField) int {
		if last == 0 {
			return min(a.Size, 1) - min(b.Size, 1) // the one with bytes, if any, comes last
		}
		return a.Offset - b.Offset
	})
	var padded []cField
	end := 0
	for _, f := range append(l.fields, cField{Offset: s.ItemSize}) {
		if f.Offset < end {
			return l, overlap
		}
		if f.Offset > end {
			padded = append(padded, cField{Offset: end, Size: f.Offset - end})
		}
		padded, end = append(padded, f), f.Offset+f.Size
	}
	l.fields = padded[:len(padded)-1]
	return l, ""
}

// refusal is why a dtype has no C type; empty when it has one.
func (s *dtypeSpec) refusal(by reading) string {
	switch {
	case s.block != nil:
		return s.block.Base.refusal(by)
	case s.fields != nil:
		_, refusal := s.fields.cType(by)
		return refusal
	case by == documented || slices.Contains(strings.Fields("b1 i1 u1 i2 u2 i4 u4 i8 u8 f4 f8"), strings.TrimLeft(s.text, "<>|=")):
		return ""
	}
	// Row 107, in which numpy names native numbers.
	name, named := map[string]string{"<f2": "float16", "<c8": "complex64", "<c16": "complex128"}[s.text]
	if !named {
		name = strings.TrimPrefix(s.text, "|")
	}
	return unconverted(name)
}

// unconverted is numpy's refusal of an element type.
func unconverted(name string) string {
	return "NotImplementedError: Converting dtype('" + name + "') to a ctypes type"
}

func (s *dtypeSpec) size() int {
	switch {
	case s.fields != nil:
		return s.fields.ItemSize
	case s.block != nil:
		n := s.block.Base.size()
		for _, d := range s.block.Shape {
			n *= d
		}
		return n
	}
	d, _ := s.build()
	return d.ItemSize()
}
