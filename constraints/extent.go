package constraints

import (
	"slices"
	"strconv"
)

// Value is the extent that the host passes for parameter i, after Check. It fails
// when no array bound it or the parameter's type cannot hold it. It panics when
// the parameter is not Derived.
func (c *Checker) Value(b *Binding, i int) (int64, *TypeError) {
	p := &c.params[i]
	if p.role != Derived {
		panic("constraints: Value of a parameter that is not derived")
	}
	n := b.value[p.symbol]
	if !b.bound[p.symbol] {
		return 0, c.unbound(b, i, p.symbol)
	}
	if n > p.most {
		return 0, c.explain(b, i, &TypeError{Field: "it", Got: strconv.FormatInt(n, 10), Want: "at most " + strconv.FormatInt(p.most, 10), From: c.origin(b.from[p.symbol]), Kind: ErrScalar})
	}
	return n, nil
}

// OutShape is the shape of an output that the host makes: parameter i, after Check.
// It fails when a dimension follows from nothing that was given, or
// the dtype is open.
func (c *Checker) OutShape(b *Binding, i int) ([]int, *TypeError) {
	p := &c.params[i]
	shape := b.Shapes[i]
	if p.nd != nil {
		if shape == nil {
			shape = p.nd.fixed()
		}
		if p.dtype.IsZero() || shape == nil {
			return nil, c.explain(b, i, &TypeError{Field: "it", Got: "left out", Want: "an array: its dtype and shape are not fixed", Kind: ErrArgs})
		}
	}
	if shape != nil {
		return slices.Clone(shape), nil
	}
	return c.shape(b, i, p.dims)
}

// ResultShape is the shape of the array that the function returned a pointer to,
// after Check; nil when it returns none or an NDPointer leaves the shape open.
func (c *Checker) ResultShape(b *Binding) ([]int, *TypeError) {
	switch t := c.sig.Result.Type.(type) {
	case NDPointer:
		return slices.Clone(t.Shape), nil
	case ArrayOf:
		return c.shape(b, -1, c.result)
	}
	return nil, nil
}

func (c *Checker) shape(b *Binding, i int, dims []dim) ([]int, *TypeError) {
	shape := make([]int, len(dims))
	for axis, d := range dims {
		n := d.n
		if d.free {
			return nil, c.explain(b, i, &TypeError{Field: "it", Got: "left out", Want: "an array or wasmffi.New(...): nothing says how long dimension _ is", Kind: ErrArgs})
		}
		if d.symbol >= 0 {
			if !b.bound[d.symbol] {
				return nil, c.unbound(b, i, d.symbol)
			}
			n = b.value[d.symbol]
		}
		shape[axis] = int(n)
	}
	return shape, nil
}

func (c *Checker) unbound(b *Binding, i, symbol int) *TypeError {
	name := c.symbols[symbol]
	return c.explain(b, i, &TypeError{Field: "dimension " + name, Got: "not known", Want: "an array that has it, or wasmffi.New(" + name + ")", Kind: ErrArgs})
}
