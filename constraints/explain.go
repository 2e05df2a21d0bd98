package constraints

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Explain fills in what a TypeError about parameter i says of the call; -1 stands for
// the result.
func (c *Checker) Explain(b *Binding, i int, e *TypeError) *TypeError { return c.explain(b, i, e) }

func (c *Checker) explain(b *Binding, i int, e *TypeError) *TypeError {
	e.Func, e.Signature = c.sig.Name, c.text
	if e.Index = i + 1; i >= 0 {
		e.Param = c.sig.Params[i].Name
		e.Arg = c.Arg(b, i) + 1
	}
	var called, bound []string
	for k, p := range c.params {
		switch a := b.Arrays[k]; {
		case p.role != Array:
		case !a.IsZero():
			called = append(called, c.sig.label(k)+": "+c.describe(a))
		case b.IsNull(k):
			called = append(called, c.sig.label(k)+": NULL")
		}
	}
	for k, s := range c.symbols {
		switch v := b.slots[k]; {
		case !b.bound(k):
		case v.from.axis >= 0:
			bound = append(bound, s.name+"="+strconv.FormatInt(v.value, 10)+" from "+c.origin(v.from))
		case s.param < 0 || c.params[s.param].role != Derived:
			bound = append(bound, s.name+"="+strconv.FormatInt(v.value, 10))
		}
	}
	for k, v := range c.vars {
		if d := b.vars[k]; !d.IsZero() {
			bound = append(bound, v.name+"="+d.String()+" from "+c.sig.label(b.first[k])+".dtype")
		}
	}
	if called != nil {
		e.CalledAs = nameText(c.sig.Name) + "(" + strings.Join(called, ", ") + ")"
	}
	e.Bound = strings.Join(bound, ", ")
	return e
}

func (c *Checker) origin(s source) string {
	switch {
	case s.param < 0:
		return "the result"
	case s.axis < 0:
		return c.sig.label(int(s.param))
	}
	return c.sig.label(int(s.param)) + ".shape[" + strconv.Itoa(int(s.axis)) + "]"
}

// describe names an array by dtype, shape and place; never by its data.
func (c *Checker) describe(a memview.Array) string {
	dims := make([]string, a.NDim())
	for i := range dims {
		dims[i] = strconv.Itoa(a.Dim(i))
	}
	text := dtypeText(a.DType(), structName(a.DType(), c.sig.Structs)) + "[" + strings.Join(dims, ",") + "]"
	if a.Memory() == nil {
		return text + " in Go memory"
	}
	return text + fmt.Sprintf(" @%#x", uint32(a.Ptr()))
}

func (c *Checker) overlap(b *Binding, i, k int) *TypeError {
	x, y := b.Arrays[i], b.Arrays[k]
	e := &TypeError{Field: "it", Got: "overlapping " + c.sig.label(i), Want: "disjoint arrays where one is written, or mayalias in the signature", Kind: ErrOverlap}
	if x.Memory() != nil && y.Memory() != nil {
		xlo, xhi := x.Extent()
		ylo, yhi := y.Extent()
		e.Got = fmt.Sprintf("at %#x to %#x, overlapping %s at %#x to %#x", ylo, yhi, c.sig.label(i), xlo, xhi)
	}
	return e
}

func selfOverlap(a memview.Array) *TypeError {
	return &TypeError{Field: "it", Got: "overlapping itself: strides " + memview.ShapeString(a.Strides()) + " for shape " + memview.ShapeString(a.Shape()), Want: "an element of its own at every index, as it is written", Kind: ErrOverlap}
}
