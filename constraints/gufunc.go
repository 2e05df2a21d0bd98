package constraints

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/memview"
)

// ParseGUFunc makes a signature of numpy's notation for generalised universal
// functions, "(m,k),(k,n)->(m,n)", and a dtype for each array. The
// inputs are called x0, x1, ..., the outputs y0, y1, ...; after the arrays come
// the named dimensions as parameters of type size, in the order of their first
// appearance, as in:
//
//	matmul(x0: f64[m,k], x1: f64[k,n], y0: out f64[m,n], m: size, k: size, n: size)
//
// Of numpy's extensions fixed sizes such as (3) are read, but neither optional
// dimensions (m?) nor broadcast ones (m|1): they have no place in the parameters
// of a C function.
func ParseGUFunc(name, text string, dtypes ...memview.DType) (*Signature, error) {
	fail := func(format string, args ...any) (*Signature, error) {
		return nil, fmt.Errorf("constraints: gufunc %q: %s", clip(text), fmt.Sprintf(format, args...))
	}
	if len(text) > MaxText {
		return fail("text has %d bytes, want at most %d", len(text), MaxText)
	}
	inputs, outputs, ok := strings.Cut(text, "->")
	if !ok || strings.Contains(outputs, "->") {
		return fail("want inputs and outputs with one -> between them")
	}
	s := &Signature{Name: name}
	var order []string
	for side, list := range []string{inputs, outputs} {
		cores, err := gufuncCores(list)
		if err != nil {
			return fail("%v", err)
		}
		for k, dims := range cores {
			p := Param{Name: fmt.Sprintf("%c%d", "xy"[side], k), Dir: [...]Dir{In, Out}[side]}
			a := ArrayOf{}
			if len(s.Params) < len(dtypes) {
				a.Elems = []Elem{{DType: dtypes[len(s.Params)]}}
			}
			for _, d := range dims {
				if d.Name != "" && !slices.Contains(order, d.Name) {
					order = append(order, d.Name)
				}
				a.Dims = append(a.Dims, d)
			}
			p.Type = a
			s.Params = append(s.Params, p)
		}
	}
	if len(s.Params) != len(dtypes) {
		return fail("got %d dtypes for %d arrays", len(dtypes), len(s.Params))
	}
	for _, d := range order {
		s.Params = append(s.Params, Param{Name: d, Type: Scalar{DType: memview.U32, Name: "size"}})
	}
	if err := s.check(); err != nil {
		return fail("%v", err)
	}
	return s, nil
}

// gufuncCores reads "(m,k),(k,n)"; white space does not count.
func gufuncCores(list string) ([][]Dim, error) {
	var cores [][]Dim
	rest := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n", r) {
			return -1
		}
		return r
	}, list)
	if rest == "" {
		return nil, nil
	}
	for {
		inner, ok := strings.CutPrefix(rest, "(")
		core, after, closed := strings.Cut(inner, ")")
		if !ok || !closed {
			return nil, fmt.Errorf("want ( and ) around the dimensions of every array, got %q", clip(rest))
		}
		var dims []Dim
		if core != "" {
			for d := range strings.SplitSeq(core, ",") {
				switch {
				case isIdent(d):
					dims = append(dims, Dim{Name: d})
				case d != "" && strings.Trim(d, "0123456789") == "" && len(d) < 10:
					n := 0
					for _, c := range d {
						n = 10*n + int(c-'0')
					}
					dims = append(dims, Dim{N: n})
				default:
					return nil, fmt.Errorf("dimension %q: want a name or a number", clip(d))
				}
			}
		}
		cores = append(cores, dims)
		if after == "" {
			return cores, nil
		}
		if rest, ok = strings.CutPrefix(after, ","); !ok {
			return nil, fmt.Errorf("want a comma between arrays, got %q", clip(after))
		}
	}
}

// clip keeps a piece of hostile text short.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "..."
	}
	return s
}
