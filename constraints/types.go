package constraints

import "github.com/wasmffi/go/memview"

// Dir is the direction in which the elements of an argument travel.
type Dir uint8

// The directions. What is written must be writeable; what is only
// written (Out) is zero before the call.
const (
	In    Dir = iota // read by the guest
	Out              // written by the guest
	InOut            // read and written
)

// String is the word of the signature language: "in", "out", "inout".
func (d Dir) String() string {
	switch d {
	case Out:
		return "out"
	case InOut:
		return "inout"
	}
	return "in"
}

// Type is what parameters and results are made of: an [NDPointer], a [Scalar]
// or an [ArrayOf]. The set is closed.
type Type interface{ isType() }

// Scalar is a number: by value as a parameter or a result, and as a pointer to
// one value as an out or inout parameter.
type Scalar struct {
	DType memview.DType // bool, 8 to 64 bit integers, float32 or float64
	Name  string        // "size" or "ptr" where the signature says so; else empty
}

// ArrayOf is an array of the signature language: a pointer to elements whose
// dimensions may be tied to those of other arrays by name.
type ArrayOf struct {
	DType memview.DType // of the elements
	Name  string        // how the signature names it when it is "size", "ptr" or a struct; else empty
	Dims  []Dim         // none: one element (0-d)
}

// Dim is one dimension of an [ArrayOf].
type Dim struct {
	Name string // of a dimension that must be the same wherever it stands; "_": any extent; empty: exactly N
	N    int    // the extent when there is no name
}

func (NDPointer) isType() {}
func (Scalar) isType()    {}
func (ArrayOf) isType()   {}
