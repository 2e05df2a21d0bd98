package constraints

import (
	"fmt"
	"slices"

	"github.com/wasmffi/go/memview"
)

// ResultShape is the shape of the array that the function returned a pointer to.
func (c *Checker) ResultShape(b *Binding) ([]int, *TypeError) {
	switch t := c.sig.Result.Type.(type) {
	case NDPointer:
		return slices.Clone(t.fixed()), nil
	case ArrayOf:
		return c.shape(b, -1, c.result)
	}
	return nil, nil
}

// ResultDType is the dtype of that array; zero where nothing says it.
func (c *Checker) ResultDType(b *Binding) memview.DType {
	switch t := c.sig.Result.Type.(type) {
	case NDPointer:
		return t.DType
	case ArrayOf:
		if v := t.Elems[0].Var; v != "" {
			return b.vars[c.variable(v)]
		}
		return t.Elems[0].DType
	}
	return memview.DType{}
}

// HasLen reports whether len() says how much of the output i was written.
func (c *Checker) HasLen(i int) bool { return c.params[i].length != nil }

// Len is how many items of the output i, of capacity items, were written, after
// SetNumber of the result and of the out scalars. What the guest says is believed only
// from 0 to the capacity.
func (c *Checker) Len(b *Binding, i, capacity int) (int, *TypeError) {
	expr := c.sig.Params[i].Type.(ArrayOf).Len
	n, f := c.params[i].length.run(c, b)
	field := "length of output " + c.sig.label(i)
	if f != noFault {
		return 0, c.explain(b, -1, c.fault(b, field, expr, n, f))
	}
	if n < 0 || n > int64(capacity) {
		return 0, c.explain(b, -1, &TypeError{Field: field, Got: fmt.Sprintf("%s=%d", expr, n), Want: fmt.Sprintf("0 to %d", capacity), Kind: ErrShape})
	}
	return int(n), nil
}
