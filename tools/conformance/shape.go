package main

import (
	"encoding/json"
	"slices"

	"github.com/wasmffi/go/memview"
)

// shapeSpec is a value that was given to numpy as a shape: null, an int that
// means one dimension, or a list.
type shapeSpec struct {
	dims  []int // nil for null
	alien bool  // a value that no Go call can give: floats, strings, lists of other things than integers
}

func (s *shapeSpec) UnmarshalJSON(b []byte) error {
	*s = shapeSpec{}
	var one int
	var items []*int
	switch {
	case string(b) == "null":
	case json.Unmarshal(b, &one) == nil:
		s.dims = []int{one}
	case json.Unmarshal(b, &items) == nil && !slices.Contains(items, nil):
		s.dims = make([]int, len(items))
		for i, d := range items {
			s.dims[i] = *d
		}
	default:
		s.alien = true
	}
	return nil
}

// String is the shape as a tuple, or None for null.
func (s shapeSpec) String() string {
	if s.dims == nil {
		return "None"
	}
	return memview.ShapeString(s.dims)
}
