package wasmffi

import (
	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Names of the other packages that nearly every program needs, so that one
// import serves.
type (
	// Array is a view of an array in guest or Go memory.
	Array = memview.Array
	// NDPointer is a restriction on one array.
	NDPointer = constraints.NDPointer
	// Scalar is a number as a parameter or a result.
	Scalar = constraints.Scalar
	// TypeError says which argument of a call does not fit, and why.
	TypeError = constraints.TypeError
)
