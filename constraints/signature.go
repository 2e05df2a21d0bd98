package constraints

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// Signature describes a whole call: parameters one-to-one with those of the wasm
// function, and the result. Parse makes one from text; it may also be
// written as a literal. It is checked by Compile.
type Signature struct {
	Structs []StructDecl // types that the parameters name
	Name    string       // of the export
	Params  []Param
	Result  Result
}

// StructDecl names a struct dtype: type Particle = {x: f32, y: f32}.
type StructDecl struct {
	Name  string // a capital and at least one more character
	DType memview.DType
}

// Param is one parameter.
type Param struct {
	Name string // empty: called by its position in messages
	Dir  Dir    // of an NDPointer: In, its own field counts
	Type Type
}

// Result is what the function returns.
type Result struct {
	Type     Type   // nil: nothing
	OK       *int64 // the only value that means success; nil: every value does
	Nullable bool   // a pointer that may be NULL
}

// label is how messages call a parameter.
func (s *Signature) label(i int) string {
	if s.Params[i].Name != "" {
		return s.Params[i].Name
	}
	return fmt.Sprintf("%d", i+1)
}
