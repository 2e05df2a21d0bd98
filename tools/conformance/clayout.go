package main

import (
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

// layoutOf is what memview made.
func layoutOf(c memview.CType) cLayout {
	l := cLayout{kind: map[memview.CKind]string{memview.CStruct: "struct", memview.CUnion: "union"}[c.Kind], size: c.Size, alignment: c.Alignment}
	for _, f := range c.Fields {
		l.fields = append(l.fields, cField{f.Name, f.Offset, f.Type.Size})
	}
	return l
}

func (l cLayout) equal(m cLayout) bool {
	return l.kind == m.kind && l.size == m.size && l.alignment == m.alignment && slices.Equal(l.fields, m.fields)
}

// documented is the C type that rows 108 to 111 give a struct, whatever the
// types of its fields, written apart from memview. It fails when fields
// overlap in part.
func (s *structSpec) documented() (l cLayout, ok bool) {
	l = cLayout{kind: "struct", size: s.ItemSize, alignment: s.Alignment}
	for _, f := range s.Fields {
		if !f.DType.convertible() || f.Offset == nil {
			return l, false
		}
		l.fields = append(l.fields, cField{f.Name, *f.Offset, f.DType.size()})
	}
	slices.SortStableFunc(l.fields, func(a, b cField) int { return a.Offset - b.Offset })
	if n := len(l.fields); n > 1 && l.fields[n-1].Offset == 0 && !s.emptyFirst() {
		l.kind = "union"
		if longest := slices.MaxFunc(l.fields, func(a, b cField) int { return a.Size - b.Size }); longest.Size != s.ItemSize {
			l.fields = append(l.fields, cField{Size: s.ItemSize})
		}
		return l, true
	}
	var padded []cField
	end := 0
	for _, f := range append(l.fields, cField{Offset: s.ItemSize}) {
		if f.Offset < end {
			return l, false
		}
		if f.Offset > end {
			padded = append(padded, cField{Offset: end, Size: f.Offset - end})
		}
		padded, end = append(padded, f), f.Offset+f.Size
	}
	l.fields = padded[:len(padded)-1]
	return l, true
}

// emptyFirst reports whether all fields but the last have no bytes, so that
// lying at offset 0 does not make them a union.
func (s *structSpec) emptyFirst() bool {
	return !slices.ContainsFunc(s.Fields[:len(s.Fields)-1], func(f fieldSpec) bool { return f.DType.size() > 0 })
}

// convertible reports whether every struct in the dtype has a C type.
func (s *dtypeSpec) convertible() bool {
	switch {
	case s.block != nil:
		return s.block.Base.convertible()
	case s.fields != nil:
		_, ok := s.fields.documented()
		return ok
	}
	return true
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

// hasCTypes reports whether numpy.ctypeslib knows every number in the dtype:
// bools, integers, float32 and float64.
func (s *dtypeSpec) hasCTypes() bool {
	switch {
	case s.fields != nil:
		return !slices.ContainsFunc(s.fields.Fields, func(f fieldSpec) bool { return !f.DType.hasCTypes() })
	case s.block != nil:
		return s.block.Base.hasCTypes()
	}
	name := strings.TrimLeft(s.text, "<>|=")
	return name != "" && strings.IndexByte("biuf", name[0]) >= 0 && name != "f2"
}
