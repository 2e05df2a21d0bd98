package constraints

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// FuncChecker is a compiled func type: it computes how long the arrays are that the guest
// passes to a callback. It is immutable and safe for concurrent use.
type FuncChecker struct {
	fn   FuncType
	text string
	dims [][]dim // by parameter; nil for scalars. Symbols are parameters
}

// CompileFunc checks a func type that stands by itself, as [ParseFunc] reads it and
// [Signature.Func] takes it out of a signature, and makes it ready for calls. The FuncChecker
// keeps a copy.
func CompileFunc(t FuncType) (*FuncChecker, error) {
	t = t.clone()
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("constraints: func type %s: %w", t.line(), err)
	}
	c := &FuncChecker{fn: t, text: t.String(), dims: make([][]dim, len(t.Params))}
	for i, p := range t.Params {
		a, ok := p.Type.(ArrayOf)
		if !ok {
			continue
		}
		c.dims[i] = make([]dim, len(a.Dims))
		for axis, d := range a.Dims {
			q := dim{symbol: constant, n: int64(d.N)}
			switch {
			case d.Name != "":
				q.symbol = t.own(d.Name)
			case d.Expr != nil:
				q.symbol, q.code = formula, compileExpr(nil, d.Expr, t.own, nil)
				for k := range q.code {
					if in := &q.code[k]; in.op == Name && t.isUnsigned(int(in.arg)) {
						in.axis = unsigned
					}
				}
			}
			c.dims[i][axis] = q
		}
	}
	return c, nil
}

// isUnsigned reports whether parameter i is an unsigned integer.
func (t FuncType) isUnsigned(i int) bool {
	s, ok := t.Params[i].Type.(Scalar)
	return ok && s.DType.Kind() == memview.Uint
}

// Type is what c was compiled from. It must not be changed.
func (c *FuncChecker) Type() FuncType { return c.fn }

// String is the text of the func type.
func (c *FuncChecker) String() string { return c.text }

// maxBytes is the size of a linear memory, and the largest extent.
const maxBytes = 1 << 32

// Extents appends the extents of parameter i, an array, to shape, for the values of the
// integer scalars in a call: scalars has one for each parameter, with any value for
// those that are no integer, and uint64 as the int64 of the same bits. It does not allocate while
// shape has room. The guest is not believed: the error is a *TypeError, and shape
// as it was, where an extent has no value or is not 0 to 2^32, or the array has more
// bytes than a linear memory. Whether it lies in memory is not known here. Extents panics
// when i is no array or scalars is short.
func (c *FuncChecker) Extents(i int, scalars []int64, shape []int) ([]int, *TypeError) {
	a, ok := c.fn.Params[i].Type.(ArrayOf)
	if !ok {
		panic("constraints: Extents of a parameter that is no array")
	}
	if len(scalars) < len(c.fn.Params) {
		panic("constraints: Extents without a value for each parameter")
	}
	out := shape
	size := uint64(max(a.Elems[0].DType.ItemSize(), 1)) // as if no extent were 0
	fits := size <= maxBytes
	for axis := range c.dims[i] {
		d := &c.dims[i][axis]
		n, f := d.n, noFault
		switch {
		case d.symbol >= 0:
			n = scalars[d.symbol]
		case d.symbol == formula:
			if n, f = d.code.eval(nil, nil, scalars); f == noFault && n < 0 {
				f = notPositive
			}
		}
		if f != noFault || n < 0 || n > maxBytes || int64(int(n)) != n {
			return shape, c.extentError(i, axis, scalars, n, f)
		}
		if n > 0 && fits {
			fits = size <= maxBytes/uint64(n)
			size *= uint64(n)
		}
		out = append(out, int(n))
	}
	if !fits {
		return shape, c.sizeError(i, scalars, out[len(shape):])
	}
	return out, nil
}

func (c *FuncChecker) extentError(i, axis int, scalars []int64, n int64, f fault) *TypeError {
	d := c.fn.Params[i].Type.(ArrayOf).Dims[axis]
	if f != noFault {
		e := faultError(axisField(axis), d.Expr, n, f)
		e.From = c.values(scalars, d)
		return c.explain(i, e)
	}
	e := &TypeError{Field: axisField(axis), Want: "0 to 2^32", Kind: ErrShape}
	switch {
	case d.Name != "":
		e.Got = c.values(scalars, d)
	default:
		e.Got, e.From = d.String()+"="+strconv.FormatInt(n, 10), c.values(scalars, d)
	}
	if n >= 0 && n <= maxBytes {
		e.Want = "what this machine can address"
	}
	return c.explain(i, e)
}

func (c *FuncChecker) sizeError(i int, scalars []int64, shape []int) *TypeError {
	a := c.fn.Params[i].Type.(ArrayOf)
	dims := make([]string, len(shape))
	for axis, n := range shape {
		dims[axis] = strconv.Itoa(n)
	}
	return c.explain(i, &TypeError{Field: "it", Got: elemsText(a.Elems) + "[" + strings.Join(dims, ",") + "]", Want: "at most 2^32 bytes", From: c.values(scalars, a.Dims...), Kind: ErrShape})
}

// values lists the scalars in dimensions with their values.
func (c *FuncChecker) values(scalars []int64, dims ...Dim) string {
	all := make([]*Expr, len(dims))
	for i, d := range dims {
		if all[i] = d.Expr; d.Name != "" {
			all[i] = &Expr{Op: Name, Name: d.Name}
		}
	}
	return listed(func(e *Expr) string {
		k := c.fn.own(e.Name)
		if c.fn.isUnsigned(k) {
			return strconv.FormatUint(uint64(scalars[k]), 10)
		}
		return strconv.FormatInt(scalars[k], 10)
	}, all...)
}

func (c *FuncChecker) explain(i int, e *TypeError) *TypeError {
	e.Index, e.Param, e.Signature = i+1, c.fn.Params[i].Name, c.text
	return e
}

// Signature is that of calling a function of the guest that a pointer of this type leads to,
// under a name that messages have. Arrays are inout, for the type does not say what the
// guest does with them; a scalar of 32 or 64 bits that is an extent is derived. The errors
// are those of [Compile], as for an extent that is an i8.
func (t FuncType) Signature(name string) (*Signature, error) {
	t = t.clone()
	s := &Signature{Structs: t.Structs, Name: name, Params: slices.Clone(t.Params)}
	if t.Result != nil {
		s.Result.Type = *t.Result
	}
	err := t.check()
	if err == nil {
		for i := range s.Params {
			if _, ok := s.Params[i].Type.(ArrayOf); ok {
				s.Params[i].Dir = InOut
			}
		}
		err = s.check()
	}
	if err != nil {
		return nil, fmt.Errorf("constraints: func type %s: %w", t.line(), err)
	}
	return s, nil
}
