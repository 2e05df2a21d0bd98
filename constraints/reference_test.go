package constraints_test

import (
	"fmt"
	"slices"
	"strings"
)

// The reference: what a signature means, said once more as slowly and plainly as
// possible. It knows arrays only as the generator made them.

type refParam struct {
	name   string
	typ    string   // of the element
	dims   []string // nil: a scalar
	dir    string   // "in", "out", "inout"
	number bool
}

type refArray struct {
	typ      string
	big      bool // big-endian
	shape    []int
	local    bool // over Go memory
	dense    bool // C order
	readOnly bool
	odd      bool   // address
	given    string // "array", "shape", "nothing"
}

type refVerdict struct {
	param int    // from 1; 0: accepted, or the number of arguments is wrong
	kind  string // empty: accepted
	bound map[string]int
}

var refSizes = map[string]int{"u8": 1, "i16": 2, "f32": 4, "f64": 8, "c128": 16}

// misaligned: an odd address matters to all but single bytes, and, as in numpy, not where
// there are no elements.
func (a refArray) misaligned() bool { return a.odd && a.typ != "u8" && !slices.Contains(a.shape, 0) }

func reference(params []refParam, args map[int]refArray, nargs int) refVerdict {
	v := refVerdict{bound: map[string]int{}}
	symbol := map[string]bool{}
	for _, p := range params {
		for _, d := range p.dims {
			symbol[d] = true
		}
	}
	all, without := 0, 0
	for _, p := range params {
		switch {
		case p.number && p.dir == "out", p.number && p.dir == "in" && symbol[p.name]:
		case !p.number && p.dir == "out":
			all++
		default:
			all++
			without++
		}
	}
	if nargs != all && nargs != without {
		v.kind = "args"
		return v
	}
	short := nargs != all
	for i, p := range params {
		if p.number {
			continue
		}
		a := args[i]
		fail := func(kind string) refVerdict { v.param, v.kind = i+1, kind; return v }
		if a.given == "nothing" && p.dir == "out" && short {
			continue
		}
		if a.given == "nothing" || a.given == "shape" && p.dir != "out" {
			return fail("array")
		}
		if a.given == "array" && (a.typ != p.typ || a.big && !a.local) {
			return fail("dtype")
		}
		if slices.ContainsFunc(a.shape, func(n int) bool { return n < 0 }) {
			return fail("shape")
		}
		if len(a.shape) != len(p.dims) {
			return fail("ndim")
		}
		for axis, d := range p.dims {
			n := a.shape[axis]
			if d == "_" {
				continue
			}
			if strings.Trim(d, "0123456789") == "" {
				if fmt.Sprint(n) != d {
					return fail("shape")
				}
				continue
			}
			if want, ok := v.bound[d]; ok && want != n {
				return fail("shape")
			}
			v.bound[d] = n
		}
		if a.given == "shape" {
			continue
		}
		if p.dir != "in" && a.readOnly {
			return fail("access")
		}
		if a.local {
			continue
		}
		if !a.dense {
			return fail("layout")
		}
		if a.misaligned() {
			return fail("align")
		}
	}
	return v
}
