package constraints

import (
	"fmt"
)

// Compile checks a signature and makes it ready for calls. The Checker keeps a
// copy: s may be changed afterwards. It panics when s is nil.
func Compile(s *Signature) (*Checker, error) {
	if s == nil {
		panic("constraints: nil Signature")
	}
	s = s.clone()
	err := s.checkStructs()
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return nil, fmt.Errorf("constraints: signature %s: %w", nameText(s.Name), err)
	}
	c := &Checker{sig: s, text: s.String(), params: make([]param, len(s.Params))}
	for i, p := range s.Params {
		q := &c.params[i]
		q.dir = p.Dir
		switch t := p.Type.(type) {
		case NDPointer:
			q.role, q.nd, q.dtype = Array, &t, t.DType
			if p.Dir == In {
				q.dir = t.dir()
			}
		case ArrayOf:
			q.role, q.dtype, q.dims = Array, t.DType, c.dims(t.Dims)
		case Scalar:
			q.dtype = t.DType
			if p.Dir != In {
				// A pointer to one value: an output of no dimensions.
				q.role, q.dims = OutScalar, []dim{}
				if p.Dir == InOut {
					q.role = InOutScalar
				}
			}
		}
	}
	for i, p := range s.Params { // all symbols are known now
		q := &c.params[i]
		if k := c.symbol(p.Name); q.role == Given && k >= 0 {
			q.role, q.symbol = Derived, k
			_, q.most = limits(q.dtype)
		}
		q.arg = [2]int8{-1, -1}
		if q.role == Given || q.role == Array || q.role == InOutScalar {
			if q.arg[1] = int8(c.given); q.dir == Out {
				c.outs++
			} else {
				q.arg[0] = int8(c.given - c.outs)
			}
			c.given++
		}
	}
	if a, ok := s.Result.Type.(ArrayOf); ok {
		c.result = c.dims(a.Dims)
	}
	return c, nil
}

func (c *Checker) dims(from []Dim) []dim {
	out := make([]dim, len(from))
	for i, d := range from {
		out[i] = dim{symbol: -1, n: int64(d.N)}
		switch {
		case d.Name == "_":
			out[i].free = true
		case d.Name != "":
			if out[i].symbol = c.symbol(d.Name); out[i].symbol < 0 {
				out[i].symbol = len(c.symbols)
				c.symbols = append(c.symbols, d.Name)
			}
		}
	}
	return out
}

func (c *Checker) symbol(name string) int {
	for i, s := range c.symbols {
		if s == name {
			return i
		}
	}
	return -1
}
