package constraints

import (
	"slices"

	"github.com/wasmffi/go/memview"
)

// Signature describes a whole call: parameters one-to-one with those of the wasm
// function, and the result. Parse makes one from text; it may also be
// written as a literal. It is checked by Compile, which takes a copy.
type Signature struct {
	Structs []StructDecl // types that the parameters name, each after those of its fields
	Handles []HandleDecl // opaque types that they name
	Name    string       // of the export
	Params  []Param      // in the order of the wasm function
	Result  Result       // what the function returns
	Where   []Cond       // what must hold besides
}

// StructDecl names a struct dtype: type Particle = {x: f32, y: f32}.
type StructDecl struct {
	Name  string        // a capital and at least one more character
	DType memview.DType // a struct as C lays it out, of elements that the language has
}

// HandleDecl names a type of pointers that only the guest looks behind: type
// Setup = opaque free(destroy_setup).
type HandleDecl struct {
	Name string // a capital and at least one more character
	Free string // the export that ends one; empty: none
}

// Param is one parameter.
type Param struct {
	Name  string // empty: called by its position in messages
	Dir   Dir    // of an NDPointer: In, its own field counts
	Type  Type   // what it is
	Value *Expr  // of a scalar that the host computes: how; nil: the caller gives it, or it is an extent
}

// Result is what the function returns.
type Result struct {
	Type     Type   // nil: nothing
	OK       *int64 // of an integer: the only value that means success; nil: every value does
	Nullable bool   // a pointer that may be NULL
	Owned    bool   // an array that is freed with the result of the call
}

// Cond is a condition: a comparison of two expressions, or the dtypes that a type
// variable may stand for.
type Cond struct {
	X, Y *Expr  // both sides
	Op   string // "<", "<=", "==", "!=", ">=", ">"
	Var  string // the variable; then there is no comparison
	In   []Elem // what it may be: dtypes and kinds
}

// clone is a deep copy, so that no later change by the caller reaches a Checker.
func (s *Signature) clone() *Signature {
	c := *s
	c.Structs, c.Handles = slices.Clone(s.Structs), slices.Clone(s.Handles)
	c.Params, c.Where = slices.Clone(s.Params), slices.Clone(s.Where)
	for i := range c.Params {
		p := &c.Params[i]
		p.Type, p.Value = cloneType(p.Type), p.Value.clone()
	}
	for i := range c.Where {
		w := &c.Where[i]
		w.X, w.Y, w.In = w.X.clone(), w.Y.clone(), slices.Clone(w.In)
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
		t.Elems, t.Dims, t.Len = slices.Clone(t.Elems), slices.Clone(t.Dims), t.Len.clone()
		for i := range t.Dims {
			t.Dims[i].Expr = t.Dims[i].Expr.clone()
		}
		return t
	case FuncType:
		return t.clone()
	}
	return t
}
