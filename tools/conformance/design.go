package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/wasmffi/go/constraints"
)

// rule is a deliberate difference from numpy. It foretells the whole difference
// from what was given to numpy, both sides of it: a case in which either side
// says something else is a defect, and so is one that does not differ.
type rule struct {
	row      string // of numpy's contract
	reason   string
	foretell func(evidence any) []difference // none where the rule does not apply
}

// design is every deliberate difference. What no rule foretells is a defect.
var design = []rule{
	{"32", "an ndim below 0 or above 32, which numpy takes and no array has, is refused when built",
		on(func(c *ctorCase) []difference {
			return only(c.ndim != nil && (*c.ndim < 0 || *c.ndim > 32), refusedByUs)
		})},
	{"35", "a shape holds integers only, which the compiler sees to; numpy takes anything but lists",
		on(func(c *ctorCase) []difference {
			nested := bytes.LastIndexByte(c.Value, '[') > 0
			return only(c.Arg == "shape" && c.alien && !nested, refusedByUs)
		})},
	{"35", "-1 in a shape stands for one free dimension; numpy compares with it and rejects every array",
		on(func(c *ctorCase) []difference {
			free := slices.Contains(c.shape.dims, constraints.Any)
			return only(free && fits(c.shape.dims, 2, 3), differing("on (2, 3)", "reject for shape", "accept"))
		})},
	{"39", "a comma in an item of a list separates names, as in a string; numpy refuses it",
		on(func(c *ctorCase) []difference {
			_, or, known := c.flags.combine()
			return only(known && c.flags.commas(), differing("ok", false, true), differing("num", "refused", flagText(or)))
		})},
	{"40", "flag bits without a meaning are refused when built, and a bool by the compiler; numpy takes any mask",
		on(func(c *ctorCase) []difference {
			mask := c.flags.mask
			unknown := mask != nil && *mask >= 0 && *mask&^allFlags != 0
			return only(c.Arg == "flags" && (unknown || c.flags.json == "true" || c.flags.json == "false"), refusedByUs)
		})},
	{"42", "U and UPDATEIFCOPY are read as X, with which no restriction is built; numpy 1.23 and later do not know them",
		on(func(c *ctorCase) []difference {
			old := len(c.flags.names) == 1 && (c.flags.names[0] == "U" || c.flags.names[0] == "UPDATEIFCOPY")
			return only(old, differing("num", "refused", flagText(flagX)))
		})},
	{"48", "a flag named twice is that flag; numpy adds the values up to another one",
		on(func(c *ctorCase) []difference {
			sum, or, known := c.flags.combine()
			if !known || sum == or || c.flags.commas() {
				return nil
			}
			differs := []difference{differing("num", flagText(sum), flagText(or))}
			if reported(sum) != reported(or) {
				differs = append(differs, differing("reported", reported(sum), reported(or)))
			}
			return differs
		})},
	{"49", "masks that no array has, -1 and X, are refused when built; numpy rejects every array",
		on(func(c *ctorCase) []difference {
			if mask := c.flags.mask; mask != nil {
				return only(*mask == -1 || *mask&^allFlags == 0 && *mask&flagX != 0, refusedByUs)
			}
			_, or, known := c.flags.combine()
			return only(known && or&flagX != 0 && !c.flags.commas(), refusedByUs)
		})},
	{"106", "arrays of structs, complex and half numbers, text and times have C types; numpy has none",
		on(func(c *arrayCase) []difference {
			// numpy sees the type string only, in which a struct is bytes.
			refusal := c.Array.DType.refusal(numpy)
			if c.Array.DType.fields != nil {
				refusal = unconverted(fmt.Sprintf("V%d", c.Array.ItemSize))
			}
			return only(c.Flags.C && c.Flags.W && refusal != "", differing("as_ctypes", refusal, "ok"))
		})},
	{"107", "complex and half numbers, text and times in structs have C types; numpy has none",
		on(func(c *layoutCase) []difference {
			theirs, ours := c.Spec.refusal(numpy), c.Spec.refusal(documented)
			return only(theirs != "" && ours == "", differing("ctypes", theirs, "ok"))
		})},
	{"108", "C types of structs keep their alignment; numpy packs them all",
		on(func(c *layoutCase) []difference {
			return only(c.Spec.refusal(numpy) == "" && c.Alignment != 1, differing("ctypes.alignment", 1, c.Alignment))
		})},
	{"109", "members without bytes do not make a struct a union",
		on(func(c *layoutCase) []difference {
			theirs, refusal := c.Spec.fields.cType(numpy)
			ours, _ := c.Spec.fields.cType(documented)
			if refusal != "" || theirs.kind == ours.kind {
				return nil
			}
			differs := []difference{differing("ctypes.kind", "union", "struct")}
			if !slices.Equal(theirs.fields, ours.fields) {
				differs = append(differs, differing("ctypes.fields", theirs.fields, ours.fields))
			}
			return differs
		})},
}

// on foretells from evidence of one type and none other.
func on[E any](foretell func(E) []difference) func(any) []difference {
	return func(evidence any) []difference {
		if e, ok := evidence.(E); ok {
			return foretell(e)
		}
		return nil
	}
}

// refusedByUs is what numpy takes and we do not.
var refusedByUs = differing("ok", true, false)

func only(applies bool, differs ...difference) []difference {
	if applies {
		return differs
	}
	return nil
}

// fits reports whether a shape with free dimensions takes one.
func fits(want []int, shape ...int) bool {
	return slices.EqualFunc(want, shape, func(w, d int) bool { return w == constraints.Any || w == d })
}

// settle takes the foretold differences away and returns the rules, by index,
// that they belong to. What was foretold and is not so becomes a difference.
func (o *outcome) settle() (rules []int) {
	found := o.differs
	o.differs = nil
	for i, r := range design {
		foretold := r.foretell(o.evidence)
		if len(foretold) > 0 {
			rules = append(rules, i)
		}
		for _, d := range foretold {
			if at := slices.Index(found, d); at >= 0 {
				found = slices.Delete(found, at, at+1)
				continue
			}
			d.field = "foretold by row " + r.row + ": " + d.field
			o.differs = append(o.differs, d)
		}
	}
	o.differs = append(found, o.differs...)
	return rules
}
