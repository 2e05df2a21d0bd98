package constraints

import (
	"slices"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// Signature describes a whole call: parameters one-to-one with those of the wasm
// function, and the result. Parse makes one from text; it may also be
// written as a literal. It is checked by Compile, which takes a copy.
type Signature struct {
	Structs []StructDecl // types that the parameters name, each after those of its fields
	Name    string       // of the export
	Params  []Param      // in the order of the wasm function's
	Result  Result       // the zero Result: the function returns nothing
}

// StructDecl names a struct dtype: type Particle = {x: f32, y: f32}.
type StructDecl struct {
	Name  string        // a capital and at least one more character
	DType memview.DType // a struct as C lays it out, of elements that the language has
}

// Param is one parameter.
type Param struct {
	Name string // empty: called by its position in messages
	Dir  Dir    // of an NDPointer: In, its own field counts
	Type Type   // an NDPointer, a Scalar or an ArrayOf; not nil
}

// Result is what the function returns.
type Result struct {
	Type     Type   // nil: nothing
	OK       *int64 // the only value that means success; nil: every value does
	Nullable bool   // a pointer that may be NULL
}

// clone is a deep copy, so that no later change by the caller reaches a Checker.
func (s *Signature) clone() *Signature {
	c := *s
	c.Structs = slices.Clone(s.Structs)
	c.Params = slices.Clone(s.Params)
	for i := range c.Params {
		c.Params[i].Type = cloneType(c.Params[i].Type)
	}
	c.Result.Type = cloneType(c.Result.Type)
	if s.Result.OK != nil {
		ok := *s.Result.OK
		c.Result.OK = &ok
	}
	return &c
}

func cloneType(t Type) Type {
	switch t := t.(type) {
	case NDPointer:
		t.Shape = slices.Clone(t.Shape)
		return t
	case ArrayOf:
		t.Dims = slices.Clone(t.Dims)
		return t
	}
	return t
}

// label is how messages call a parameter.
func (s *Signature) label(i int) string {
	if s.Params[i].Name != "" {
		return s.Params[i].Name
	}
	return strconv.Itoa(i + 1)
}

// structName is the name of the first of some declarations that has the dtype d;
// empty when none has.
func structName(d memview.DType, declared []StructDecl) string {
	if d.Kind() == memview.Struct {
		for _, s := range declared {
			if s.DType.Equal(d) {
				return s.Name
			}
		}
	}
	return ""
}
