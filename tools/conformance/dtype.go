package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wasmffi/go/memview"
)

// dtypeSpec is a dtype as the files describe it: a text that numpy reads, or
// an object for structs and sub-arrays.
type dtypeSpec struct {
	text   string
	fields *structSpec
	block  *subArraySpec
}

type structSpec struct {
	Fields    []fieldSpec `json:"struct"`
	ItemSize  int         `json:"itemsize"`
	Alignment int         `json:"alignment"`
	Aligned   bool        `json:"aligned"`
}

type fieldSpec struct {
	Name   string    `json:"name"`
	Title  *string   `json:"title"`
	Offset int       `json:"offset"`
	DType  dtypeSpec `json:"dtype"`
}

type subArraySpec struct {
	Base  dtypeSpec `json:"base"`
	Shape []int     `json:"shape"`
}

func (s *dtypeSpec) UnmarshalJSON(b []byte) error {
	*s = dtypeSpec{}
	if b[0] == '"' {
		return json.Unmarshal(b, &s.text)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b, &keys); err != nil || keys == nil {
		return fmt.Errorf("dtype %.40q is neither a string nor an object", b)
	}
	if _, ok := keys["struct"]; ok {
		s.fields = new(structSpec)
		return decode(b, s.fields)
	}
	s.block = new(subArraySpec)
	return decode(b, s.block)
}

// build is the dtype, with the offsets that the description gives.
func (s *dtypeSpec) build() (memview.DType, error) {
	switch {
	case s.fields != nil:
		return s.fields.build()
	case s.block != nil:
		base, err := s.block.Base.build()
		if err != nil {
			return memview.DType{}, err
		}
		return memview.SubArrayOf(base, s.block.Shape...)
	}
	return memview.ParseDType(s.text)
}

func (s *structSpec) build() (memview.DType, error) {
	fields, err := s.members()
	if err != nil {
		return memview.DType{}, err
	}
	d, err := memview.StructSpec{Fields: fields, ItemSize: s.ItemSize, Aligned: s.Aligned}.DType()
	if err == nil && (d.ItemSize() != s.ItemSize || d.Alignment() != s.Alignment || d.IsAlignedStruct() != s.Aligned) {
		err = fmt.Errorf("itemsize %d, alignment %d, aligned %t; numpy has %d, %d, %t",
			d.ItemSize(), d.Alignment(), d.IsAlignedStruct(), s.ItemSize, s.Alignment, s.Aligned)
	}
	return d, err
}

// members are the fields in the order of their declaration.
func (s *structSpec) members() ([]memview.Field, error) {
	fields := make([]memview.Field, len(s.Fields))
	for i, f := range s.Fields {
		d, err := f.DType.build()
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
		fields[i] = memview.Field{Name: f.Name, Offset: f.Offset, DType: d}
		if f.Title != nil {
			fields[i].Title = *f.Title
		}
	}
	return fields, nil
}

// alike reports whether the structs in the dtype are all aligned, or none is.
func (s *dtypeSpec) alike(aligned bool) bool {
	switch {
	case s.block != nil:
		return s.block.Base.alike(aligned)
	case s.fields != nil:
		return s.fields.Aligned == aligned &&
			!slices.ContainsFunc(s.fields.Fields, func(f fieldSpec) bool { return !f.DType.alike(aligned) })
	}
	return true
}
