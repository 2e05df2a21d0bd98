package constraints

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// Signature is what c was compiled from. It must not be changed.
func (c *Checker) Signature() *Signature { return c.sig }

// String is the text of the signature.
func (c *Checker) String() string { return c.text }

// Role is the part that parameter i plays in a call.
func (c *Checker) Role(i int) Role { return c.params[i].role }

// Dir is the direction of parameter i; for an NDPointer with WRITEABLE it is InOut.
func (c *Checker) Dir(i int) Dir { return c.params[i].dir }

// DType is the dtype of parameter i; zero where the signature leaves it open.
func (c *Checker) DType(i int) memview.DType { return c.params[i].dtype }

// Check compares the arrays of b with their parameters and binds the names, in two
// passes: first every array by itself with its bare dimensions, in order, then what
// is computed from these. The error is the first failure in the order nil,
// dtype, ndim, dimensions, access, layout, alignment, then expressions, conditions,
// overlap, elements. Arrays over Go memory are copied to a dense place for the call, so neither
// their strides nor their alignment matter to an [ArrayOf]; an [NDPointer]
// judges the array as it is.
//
// All arrays over guest memory must lie in the same one.
func (c *Checker) Check(b *Binding) *TypeError {
	for _, i := range c.arrays {
		if c.params[i].fits(b, i) {
			continue
		}
		if e := c.checkParam(b, i); e != nil {
			return c.explain(b, i, e)
		}
	}
	if b.null != 0 {
		c.bindNull(b)
	}
	if len(c.computed) > 0 || b.short || len(c.conds) > 0 || c.unfixed || c.early {
		if e := c.checkComputed(b); e != nil {
			return e
		}
	}
	for _, i := range c.written {
		if a := b.Arrays[i]; overlapsItself(a) {
			return c.explain(b, i, selfOverlap(a))
		}
	}
	for _, p := range c.pairs {
		if overlaps(b.Arrays[p[0]], b.Arrays[p[1]]) {
			return c.explain(b, int(p[1]), c.overlap(b, int(p[0]), int(p[1])))
		}
	}
	return c.Recheck(b)
}

// CheckAll is every failure that Check could report at first, joined; nil when
// there is none. Errors that follow from another one may be among them. It is
// for tools.
func (c *Checker) CheckAll(b *Binding) error {
	var errs []error
	add := func(e *TypeError) {
		if e != nil {
			errs = append(errs, e)
		}
	}
	for _, i := range c.arrays {
		if e := c.checkParam(b, i); e != nil {
			add(c.explain(b, i, e))
		}
	}
	if len(errs) == 0 {
		c.bindNull(b)
		add(c.checkComputed(b))
	}
	for _, i := range c.written {
		if a := b.Arrays[i]; overlapsItself(a) {
			add(c.explain(b, i, selfOverlap(a)))
		}
	}
	for _, p := range c.pairs {
		if overlaps(b.Arrays[p[0]], b.Arrays[p[1]]) {
			add(c.explain(b, int(p[1]), c.overlap(b, int(p[0]), int(p[1]))))
		}
	}
	for _, i := range c.finite {
		if e := checkFinite(b.Arrays[i]); e != nil {
			add(c.explain(b, i, e))
		}
	}
	return errors.Join(errs...)
}

// fits reports whether the array of parameter i is certainly right, and binds its
// bare dimensions. It is checkParam for the common case; what it does not know
// for certain is judged there, from the start.
func (p *param) fits(b *Binding, i int) bool {
	a := b.Arrays[i]
	if p.need == 0 || a.Flags()&p.need != p.need || a.DType() != p.dtype || a.NDim() != len(p.dims) {
		return false
	}
	for axis := range p.dims {
		d, n := &p.dims[axis], int64(a.Dim(axis))
		if k := d.symbol; k >= 0 {
			if s := &b.slots[k]; s.epoch != b.epoch {
				*s = slot{n, b.epoch, source{int16(i), int16(axis)}}
			} else if s.value != n {
				return false
			}
		} else if k == constant && d.n != n {
			return false
		}
	}
	return true
}

// overlapsItself and overlaps look at what is known at once before they ask memview.
func overlapsItself(a memview.Array) bool {
	return !a.IsZero() && a.Flags()&(memview.CContiguous|memview.FContiguous) == 0 && a.OverlapsItself()
}

func overlaps(x, y memview.Array) bool {
	if x.Memory() != nil && y.Memory() != nil {
		xlo, xhi := x.Extent()
		if ylo, yhi := y.Extent(); xhi <= ylo || yhi <= xlo {
			return false
		}
	}
	return memview.MayShareMemory(x, y)
}

func (c *Checker) checkParam(b *Binding, i int) *TypeError {
	p, a := &c.params[i], b.Arrays[i]
	if a.IsZero() {
		switch {
		case b.null>>i&1 != 0:
			return nil
		case p.dir == Out && (b.short || b.Shapes[i] != nil):
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
		return p.checkPlace(a)
	}
	return nil
}

// checkArray compares dtype and bare dimensions of an ArrayOf.
func (c *Checker) checkArray(b *Binding, i int, a memview.Array) *TypeError {
	p := &c.params[i]
	if p.open {
		if e := c.checkOpen(b, i, a); e != nil {
			return e
		}
	} else if !a.DType().Equal(p.dtype) && (a.Memory() != nil || !a.DType().LittleEndian().Equal(p.dtype)) {
		return dtypeError(a.DType(), p.dtype)
	}
	if a.NDim() != len(p.dims) {
		e := ndimError(a.NDim(), len(p.dims))
		if a.Memory() == nil && a.NDim() == 1 && len(p.dims) > 1 {
			e.Hint = "a flat slice has one axis: memview.FromSlice(s, rows, cols) gives it its shape"
		}
		return e
	}
	for axis := range p.dims {
		if e := c.bind(b, i, axis, int64(a.Dim(axis))); e != nil {
			return e
		}
	}
	return nil
}

// checkOpen compares a dtype with what the parameter may be, and with the other
// arrays of its type variable.
func (c *Checker) checkOpen(b *Binding, i int, a memview.Array) *TypeError {
	p, d := &c.params[i], a.DType()
	if d.IsBigEndian() && a.Memory() == nil {
		d = d.LittleEndian() // as it is copied
	}
	elems := p.elems
	if p.variable >= 0 {
		v := p.variable
		if first := b.vars[v]; !first.IsZero() {
			if first.Equal(d) {
				return nil
			}
			return &TypeError{Field: "dtype", Got: d.String(), Want: c.vars[v].name + "=" + first.String(), From: c.sig.label(b.first[v]) + ".dtype", Kind: ErrDType}
		}
		if elems = c.vars[v].in; elems == nil || takes(elems, d) {
			b.vars[v], b.first[v] = d, i
			return nil
		}
	} else if takes(elems, d) {
		return nil
	}
	e := &TypeError{Field: "dtype", Got: d.String(), Want: elemsText(elems), Kind: ErrDType}
	if d.IsBigEndian() {
		e.Hint = "the guest's memory is little-endian: memview.Values converts the byte order"
	}
	return e
}

func takes(elems []Elem, d memview.DType) bool {
	for i := range elems {
		if elems[i].Takes(d) {
			return true
		}
	}
	return false
}

// checkShape binds the bare extents that the caller gave for an output to be made.
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
	for axis, n := range shape {
		if e := c.bind(b, i, axis, int64(n)); e != nil {
			return e
		}
	}
	return nil
}

// bind compares an extent with a bare dimension, or binds it. Expressions wait
// for the second pass.
func (c *Checker) bind(b *Binding, i, axis int, n int64) *TypeError {
	d := &c.params[i].dims[axis]
	want := d.n
	switch k := d.symbol; {
	case k == free || k == formula:
		return nil
	case k >= 0 && !b.bound(k):
		b.set(k, n, i, axis)
		return nil
	case k >= 0:
		want = b.slots[k].value
	}
	if n == want {
		return nil
	}
	e := &TypeError{Field: axisField(axis), Got: strconv.FormatInt(n, 10), Want: strconv.FormatInt(want, 10), Kind: ErrShape}
	if d.symbol >= 0 {
		e.Want = c.symbols[d.symbol].name + "=" + e.Want
		e.From = c.origin(b.slots[d.symbol].from)
	}
	return e
}

func axisField(axis int) string { return "shape[" + strconv.Itoa(axis) + "]" }

// checkPlace demands of a view of guest memory what C code expects of the
// pointer: the layout and the alignment.
func (p *param) checkPlace(a memview.Array) *TypeError {
	f := a.Flags()
	ok := false
	switch p.layout {
	case COrder:
		ok = f&memview.CContiguous != 0
	case FOrder:
		ok = f&memview.FContiguous != 0
	case Contiguous:
		ok = f&(memview.CContiguous|memview.FContiguous) != 0
	case Strided:
		ok = true
	}
	if !ok {
		return p.layoutError(a)
	}
	if f&memview.Aligned == 0 {
		return alignError(a, a.DType().Alignment())
	}
	if p.align > 1 && int(a.Ptr())%p.align != 0 {
		return alignError(a, p.align)
	}
	return nil
}

func alignError(a memview.Array, want int) *TypeError {
	return &TypeError{Field: "address", Got: fmt.Sprintf("%#x", uint32(a.Ptr())), Want: fmt.Sprintf("a multiple of %d", want), Kind: ErrAlign}
}

func (p *param) layoutError(a memview.Array) *TypeError {
	want := [...]string{COrder: "C order", FOrder: "Fortran order", Contiguous: "C or Fortran order"}[p.layout]
	e := &TypeError{Field: "layout", Got: "strides " + memview.ShapeString(a.Strides()) + " for shape " + memview.ShapeString(a.Shape()), Want: want, Kind: ErrLayout}
	e.Hint = "a view of guest memory is never copied implicitly: lib.Array(a) makes a dense copy"
	if p.layout == COrder && a.Flags()&memview.FContiguous != 0 {
		e.Hint = "the array is in Fortran order: Transpose it, or lib.Array(a) makes a copy in C order"
	} else if p.layout == FOrder && a.Flags()&memview.CContiguous != 0 {
		e.Hint = "the array is in C order: Transpose it"
	}
	return e
}

// Recheck looks again at what may change between two calls with the same arrays: their elements,
// where the signature wants them finite.
func (c *Checker) Recheck(b *Binding) *TypeError {
	for _, i := range c.finite {
		if e := checkFinite(b.Arrays[i]); e != nil {
			return c.explain(b, i, e)
		}
	}
	return nil
}
