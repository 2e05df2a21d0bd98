package main

import (
	"slices"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// rule is a deliberate difference from numpy.
type rule struct {
	row    string // of numpy's contract
	reason string
	fields []string       // the comparisons that may differ
	covers func(any) bool // judges the evidence of an outcome: that numpy did what the row says, and that we do what we document
}

// design is every deliberate difference. What no rule covers is a defect.
var design = []rule{
	{"32", "an ndim below 0 or above 32, which numpy takes and no array has, is refused when built",
		[]string{"ok"}, on(func(c *ctorCase) bool {
			return c.ndim != nil && (*c.ndim < 0 || *c.ndim > memview.MaxNDim) && c.OK && c.refused != nil
		})},
	{"35", "a shape holds integers only, which the compiler sees to; numpy takes anything",
		[]string{"ok"}, on(func(c *ctorCase) bool { return c.Arg == "shape" && c.alien && c.OK })},
	{"35", "-1 in a shape stands for one free dimension; numpy compares with it and rejects every array",
		[]string{"on (2, 3)"}, on(func(c *ctorCase) bool {
			return slices.Contains(c.shape.dims, constraints.Any) && c.refused == nil && c.Message != "" && fits(c.shape.dims, 2, 3)
		})},
	{"39", "a comma in an item of a list separates names, as in a string; numpy refuses it",
		[]string{"ok", "num"}, on(func(c *ctorCase) bool {
			_, or, known := c.flags.combine()
			comma := slices.ContainsFunc(c.flags.names, func(s string) bool { return strings.Contains(s, ",") })
			return c.flags.list && comma && !c.OK && known && c.refused == nil && c.p.Flags == or
		})},
	{"40", "flag bits without a meaning are refused when built, and a bool by the compiler; numpy takes any mask",
		[]string{"ok"}, on(func(c *ctorCase) bool {
			if c.alien {
				return c.Arg == "flags" && c.OK && (c.flags.json == "true" || c.flags.json == "false")
			}
			mask := c.flags.mask
			return mask != nil && *mask >= 0 && memview.Flags(*mask)&^memview.AllFlags != 0 && c.OK && c.refused != nil
		})},
	{"42", "U and UPDATEIFCOPY are read as X, with which no restriction is built; numpy 1.23 and later do not know them",
		[]string{"num"}, on(func(c *ctorCase) bool {
			old := func(s string) bool { return s == "U" || s == "UPDATEIFCOPY" }
			return len(c.flags.names) == 1 && old(c.flags.names[0]) && !c.OK && c.named == nil && c.p.Flags == memview.WriteBackIfCopy && c.refused != nil
		})},
	{"48", "a flag named twice is that flag; numpy adds the values up to another one",
		[]string{"num", "reported"}, on(func(c *ctorCase) bool {
			sum, or, known := c.flags.combine()
			return known && sum != int64(or) && c.Num != nil && *c.Num == sum && c.refused == nil && c.p.Flags == or
		})},
	{"49", "masks that no array has, -1 and X, are refused when built; numpy rejects every array",
		[]string{"ok"}, on(func(c *ctorCase) bool {
			all := c.flags.mask != nil && *c.flags.mask == -1
			x := c.named == nil && c.p.Flags&memview.WriteBackIfCopy != 0 && c.p.Flags&^memview.AllFlags == 0
			return c.Arg == "flags" && !c.alien && (all || x) && c.OK && c.refused != nil
		})},
	{"106", "arrays of structs, complex and half numbers, text and times have C types; numpy has none",
		[]string{"as_ctypes"}, on(func(c *arrayCase) bool {
			d := c.Array.DType
			return (d.fields != nil || !d.hasCTypes()) && unconverted(c.AsCTypes.String()) && c.isDocumentedView()
		})},
	{"107", "complex and half numbers, text and times in structs have C types; numpy has none",
		[]string{"ctypes"}, on(func(c *layoutCase) bool {
			return !c.Spec.hasCTypes() && unconverted(c.CTypes.outcome()) && c.isDocumented()
		})},
	{"108", "C types of structs keep their alignment; numpy packs them all",
		[]string{"ctypes.alignment"}, on(func(c *layoutCase) bool {
			return *c.CTypes.Alignment == 1 && c.Alignment > 1 && c.isDocumented()
		})},
	{"109", "members without bytes do not make a struct a union",
		[]string{"ctypes.kind", "ctypes.fields"}, on(func(c *layoutCase) bool {
			return c.Spec.fields.emptyFirst() && *c.CTypes.Kind == "union" && c.isDocumented()
		})},
}

// on judges evidence of one type and none other.
func on[E any](covers func(E) bool) func(any) bool {
	return func(evidence any) bool {
		e, ok := evidence.(E)
		return ok && covers(e)
	}
}

// deliberate finds the row that a difference belongs to.
func deliberate(d difference, evidence any) (row string, ok bool) {
	for _, r := range design {
		if slices.Contains(r.fields, d.field) && r.covers(evidence) {
			return r.row, true
		}
	}
	return "", false
}

// unconverted recognises numpy's refusal of an element type.
func unconverted(outcome string) bool {
	return strings.HasPrefix(outcome, "NotImplementedError: Converting dtype(")
}

// fits reports whether a shape with free dimensions takes one.
func fits(want []int, shape ...int) bool {
	return slices.EqualFunc(want, shape, func(w, d int) bool { return w == constraints.Any || w == d })
}

// isDocumented reports whether our C type is the one that rows 108 to 111 give.
func (c *layoutCase) isDocumented() bool {
	want, ok := c.Spec.fields.documented()
	want.alignment = c.Alignment
	return ok && c.ours != nil && want.equal(*c.ours)
}

// isDocumentedView reports whether our view has the array's address and
// dimensions, and elements as rows 108 to 111 give them.
func (c *arrayCase) isDocumentedView() bool {
	t := &c.view.Type
	for _, n := range c.Array.Shape {
		if t == nil || t.Kind != memview.CVector || t.Len != n {
			return false
		}
		t = t.Elem
	}
	if t == nil || c.view.Ptr != base+memview.Ptr(c.Array.Offset) {
		return false
	}
	if s := c.Array.DType.fields; s != nil {
		want, ok := s.documented()
		return ok && want.equal(layoutOf(*t))
	}
	return t.Size == c.Array.ItemSize && t.Alignment == c.Array.Alignment
}
