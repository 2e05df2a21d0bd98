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

// Type is what parameters and results are made of: a [Scalar], an [ArrayOf], an
// [NDPointer], a [CString], a [Handle] or a [FuncType]. The set is closed.
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
	Elems    []Elem // what the elements may be; more than one: any of them
	Dims     []Dim  // none: one element (0-d)
	Layout   Layout // that the guest expects
	Align    int    // of the address in bytes, a power of two; 0: that of the elements
	Nullable bool   // nil is passed as NULL
	MayAlias bool   // may overlap other arrays although one of them is written
	Finite   bool   // no element is NaN or infinite
	Desc     bool   // passed as a DLTensor*, which describes it
	Len      *Expr  // of an output: how many of its items along axis 0 were written; nil: all
}

// CString is text that ends with a NUL byte: const char *.
type CString struct {
	Nullable bool // may be NULL
}

// Handle is a pointer to what only the guest knows the insides of.
type Handle struct {
	Name     string // of the HandleDecl
	Nullable bool   // may be NULL
}

// Layout is how the elements of an array must lie.
type Layout uint8

// The layouts. Arrays over Go memory are brought into them when they are
// copied for the call; views of guest memory must have them.
const (
	COrder     Layout = iota // dense, the last axis fastest
	FOrder                   // dense, the first axis fastest
	Contiguous               // dense, either
	Strided                  // any; the guest gets the strides in other parameters or by a descriptor
)

// Elem is one dtype that the elements of an array may have, or a class of them.
// The zero Elem takes any.
type Elem struct {
	DType memview.DType // this one; zero: see the fields below
	Name  string        // how the signature calls it when it is "size", "ptr" or a struct; else empty
	Kind  memview.Kind  // any of this kind: Int, Uint, Float or Complex (i*, u*, f*, c*)
	Var   string        // a capital other than C and F: the same dtype wherever it stands
}

// Dim is one dimension of an [ArrayOf].
type Dim struct {
	Name string // of a dimension that must be the same wherever it stands; "_": any extent
	Expr *Expr  // an extent that is computed; nil: none
	N    int    // the extent when there is neither name nor expression
}

func (NDPointer) isType() {}
func (Scalar) isType()    {}
func (ArrayOf) isType()   {}
func (CString) isType()   {}
func (Handle) isType()    {}
