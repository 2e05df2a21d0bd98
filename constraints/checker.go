package constraints

import (
	"fmt"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// Checker is a compiled signature: it checks the arrays of a call and binds
// the dimensions, without allocation while nothing is wrong. A Checker is immutable and
// safe for concurrent use; what changes in a call is in a [Binding].
type Checker struct {
	sig     *Signature
	text    string
	params  []param
	symbols []string
	given   int // Go arguments when all outputs are given
	outs    int // arrays among them that may be left out
	result  []dim
}

type param struct {
	role   Role
	dir    Dir
	dtype  memview.DType
	nd     *NDPointer // of an NDPointer parameter; then dims is nil
	dims   []dim
	symbol int     // of Derived
	most   int64   // largest value of Derived
	arg    [2]int8 // position among the Go arguments: outputs left out, given; -1: not there
}

// dim is an extent n, a symbol, or neither.
type dim struct {
	symbol int // -1: none
	n      int64
	free   bool
}

// Signature is a copy of what c was compiled from. It must not be changed.
func (c *Checker) Signature() *Signature { return c.sig }

// String is the text of the signature.
func (c *Checker) String() string { return c.text }

// Role is the part that parameter i plays in a call.
func (c *Checker) Role(i int) Role { return c.params[i].role }

// Dir is the direction of parameter i; for an NDPointer with WRITEABLE it is InOut.
func (c *Checker) Dir(i int) Dir { return c.params[i].dir }

// DType is the dtype of parameter i; zero where an NDPointer leaves it open.
func (c *Checker) DType(i int) memview.DType { return c.params[i].dtype }

// Check compares every array of b with its parameter, in order, and binds the
// dimensions. The error names the first parameter that does not fit. Arrays
// over Go memory are copied to a dense place for the call, so neither their
// strides nor their alignment matter to an [ArrayOf]; an [NDPointer] judges
// the array as it is.
func (c *Checker) Check(b *Binding) *TypeError {
	for i := range c.params {
		if c.params[i].role == Array {
			if e := c.checkParam(b, i); e != nil {
				return c.explain(b, i, e)
			}
		}
	}
	return nil
}

func (c *Checker) checkParam(b *Binding, i int) *TypeError {
	p, a := &c.params[i], b.Arrays[i]
	if a.IsZero() {
		if p.dir == Out && (b.short || b.Shapes[i] != nil) {
			return c.checkShape(b, i)
		}
		return arrayError()
	}
	if p.nd != nil {
		if e := p.nd.violation(a); e != nil {
			return e
		}
	} else if e := c.checkArray(b, i, a); e != nil {
		return e
	}
	if p.dir != In && a.Flags()&memview.Writeable == 0 {
		return &TypeError{Field: "it", Got: "read-only", Want: "a WRITEABLE array for " + p.dir.String(), Kind: ErrAccess, Hint: "the array was made ReadOnly"}
	}
	if p.nd == nil && a.Memory() != nil {
		return checkLayout(a)
	}
	return nil
}

// checkArray compares dtype and dimensions of an ArrayOf.
func (c *Checker) checkArray(b *Binding, i int, a memview.Array) *TypeError {
	p := &c.params[i]
	if !a.DType().Equal(p.dtype) && (a.Memory() != nil || !a.DType().LittleEndian().Equal(p.dtype)) {
		return dtypeError(a.DType(), p.dtype)
	}
	if a.NDim() != len(p.dims) {
		return ndimError(a.NDim(), len(p.dims))
	}
	for axis, d := range p.dims {
		if e := c.bind(b, i, axis, d, int64(a.Dim(axis))); e != nil {
			return e
		}
	}
	return nil
}

// checkShape binds the extents that the caller gave for an output to be made.
func (c *Checker) checkShape(b *Binding, i int) *TypeError {
	p, shape := &c.params[i], b.Shapes[i]
	if shape == nil {
		return nil
	}
	for axis, n := range shape {
		if n < 0 {
			return shapeError(axis, n, "0 or more")
		}
	}
	if p.nd != nil {
		return p.nd.shapeViolation(shape)
	}
	if len(shape) != len(p.dims) {
		return ndimError(len(shape), len(p.dims))
	}
	for axis, d := range p.dims {
		if e := c.bind(b, i, axis, d, int64(shape[axis])); e != nil {
			return e
		}
	}
	return nil
}

func (c *Checker) bind(b *Binding, i, axis int, d dim, n int64) *TypeError {
	want := d.n
	switch k := d.symbol; {
	case d.free:
		return nil
	case k >= 0 && !b.bound[k]:
		b.bound[k], b.value[k], b.from[k] = true, n, source{i, axis}
		return nil
	case k >= 0:
		want = b.value[k]
	}
	if n == want {
		return nil
	}
	e := shapeError(axis, int(n), strconv.FormatInt(want, 10))
	if d.symbol >= 0 {
		e.Want = c.symbols[d.symbol] + "=" + e.Want
		e.From = c.origin(b.from[d.symbol])
	}
	return e
}

func (c *Checker) origin(s source) string {
	return c.sig.label(s.param) + ".shape[" + strconv.Itoa(s.axis) + "]"
}

// checkLayout demands what C code expects of a pointer: C order and the
// natural alignment.
func checkLayout(a memview.Array) *TypeError {
	if a.Flags()&memview.CContiguous == 0 {
		e := &TypeError{Field: "layout", Got: "strides " + memview.ShapeString(a.Strides()) + " for shape " + memview.ShapeString(a.Shape()), Want: "C order", Kind: ErrLayout}
		e.Hint = "a view of guest memory is never copied implicitly: lib.Array(a) makes a dense copy"
		if a.Flags()&memview.FContiguous != 0 {
			e.Hint = "the array is in Fortran order: Transpose it, or lib.Array(a) makes a copy in C order"
		}
		return e
	}
	if a.Flags()&memview.Aligned == 0 {
		return &TypeError{Field: "address", Got: fmt.Sprintf("%#x", uint32(a.Ptr())), Want: fmt.Sprintf("a multiple of %d", a.DType().Alignment()), Kind: ErrAlign}
	}
	return nil
}
