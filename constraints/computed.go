package constraints

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// checkComputed is the second pass: the dimensions of outputs that are still to
// be made, extents and scalars that are expressions, and the conditions.
func (c *Checker) checkComputed(b *Binding) *TypeError {
	if e := c.outShapes(b); e != nil {
		return e
	}
	for k := range c.computed {
		if e := c.checkValue(b, &c.computed[k]); e != nil {
			return e
		}
	}
	for k := range c.conds {
		if e := c.checkCond(b, &c.conds[k]); e != nil {
			return e
		}
	}
	if c.early { // nobody is entered for a result that cannot be
		if c.ResultDType(b).IsZero() {
			return c.explain(b, -1, &TypeError{Field: "dtype of the result", Got: "not known", Want: "an array that has it", Kind: ErrArgs})
		}
		_, e := c.shape(b, -1, c.result)
		return e
	}
	return nil
}

// outShapes completes the shapes of all outputs to be made. One may be measured by the
// dimensions of another, in any order, so those that fail are tried again as long as
// others succeed.
func (c *Checker) outShapes(b *Binding) *TypeError {
	for before := len(c.outputs); ; {
		var first *TypeError
		failed := 0
		for _, i := range c.outputs {
			if !b.Arrays[i].IsZero() || b.IsNull(i) {
				continue
			}
			if e := c.outShape(b, i); e != nil {
				if failed++; first == nil {
					first = e
				}
			}
		}
		if failed == 0 || failed == before {
			return first
		}
		before = failed
	}
}

// outShape completes the shape of an output to be made, unless the caller gave it.
func (c *Checker) outShape(b *Binding, i int) *TypeError {
	p := &c.params[i]
	if c.OutDType(b, i).IsZero() {
		got := "left out"
		if b.Shapes[i] != nil {
			got = "no more than a shape"
		}
		return c.explain(b, i, &TypeError{Field: "it", Got: got, Want: "an array: its dtype is not fixed", Kind: ErrArgs})
	}
	if b.Shapes[i] != nil {
		return nil
	}
	if p.nd != nil {
		shape := p.nd.fixed()
		if shape == nil {
			return c.explain(b, i, &TypeError{Field: "it", Got: "left out", Want: "an array: its shape is not fixed", Kind: ErrArgs})
		}
		b.Shapes[i] = slices.Clone(shape)
		return nil
	}
	shape, e := c.shape(b, i, p.dims)
	b.Shapes[i] = shape
	return e
}

// OutShape is the shape of an output that is to be made, parameter i, after Check.
func (c *Checker) OutShape(b *Binding, i int) ([]int, *TypeError) {
	if e := c.outShape(b, i); e != nil {
		return nil, e
	}
	return slices.Clone(b.Shapes[i]), nil
}

// OutDType is the dtype of an output that is to be made, as far as it is known.
func (c *Checker) OutDType(b *Binding, i int) memview.DType {
	if p := &c.params[i]; p.variable >= 0 {
		return b.vars[p.variable]
	}
	return c.params[i].dtype
}

// checkValue computes an extent and compares it with the array's, or the value of a
// scalar and compares it with the type's range.
func (c *Checker) checkValue(b *Binding, v *computed) *TypeError {
	i := v.param
	var got int64
	if v.axis >= 0 {
		switch a := b.Arrays[i]; {
		case !a.IsZero():
			got = int64(a.Dim(v.axis))
		case b.Shapes[i] != nil:
			got = int64(b.Shapes[i][v.axis])
		default:
			return nil // NULL
		}
	}
	n, f := v.code.run(c, b)
	if f == noFault && v.axis >= 0 && n < 0 {
		f = notPositive
	}
	if f != noFault {
		return c.explain(b, i, c.fault(b, v.field(), v.expr, n, f))
	}
	if v.axis >= 0 {
		if got == n {
			return nil
		}
		return c.explain(b, i, &TypeError{Field: v.field(), Got: strconv.FormatInt(got, 10), Want: v.expr.String() + "=" + strconv.FormatInt(n, 10), From: c.values(b, v.expr), Kind: ErrShape})
	}
	p := &c.params[i]
	if n < p.least || n > p.most {
		want := fmt.Sprintf("%s from %d to %d", p.dtype, p.least, p.most)
		return c.explain(b, i, &TypeError{Field: "it", Got: v.expr.String() + "=" + strconv.FormatInt(n, 10), Want: want, From: c.values(b, v.expr), Kind: ErrScalar})
	}
	b.set(p.symbol, n, i, -1)
	return nil
}

func (v *computed) field() string {
	if v.axis < 0 {
		return "it"
	}
	return axisField(v.axis)
}

func (c *Checker) checkCond(b *Binding, cond *condition) *TypeError {
	x, f := cond.x.run(c, b)
	expr := cond.cond.X
	var y int64
	if f == noFault {
		expr = cond.cond.Y
		y, f = cond.y.run(c, b)
	}
	if f == noFault && cond.op.holds(x, y) {
		return nil
	}
	field := "condition " + cond.cond.String()
	if f != noFault {
		return c.explain(b, -1, c.fault(b, field, expr, 0, f))
	}
	from := c.values(b, cond.cond.X)
	if more := c.values(b, cond.cond.Y); more != "" && from != "" {
		from += ", " + more
	} else {
		from += more
	}
	return c.explain(b, -1, &TypeError{Field: field, Got: fmt.Sprintf("not met: %d %s %d", x, cond.cond.Op, y), From: from, Kind: ErrCondition})
}

// comparison says how two numbers must be: it has a bit each for less, equal and
// greater.
type comparison uint8

var comparisons = map[string]comparison{"<": 1, "<=": 3, "==": 2, "!=": 5, ">=": 6, ">": 4}

func (op comparison) holds(x, y int64) bool { return op>>(1+cmp.Compare(x, y))&1 != 0 }

// fault says why an expression has no value.
func (c *Checker) fault(b *Binding, field string, e *Expr, n int64, f fault) *TypeError {
	t := faultError(field, e, n, f)
	t.From = c.values(b, e)
	if f == unbound {
		missing, hint := c.missing(b, e)
		t.Got, t.Want, t.Kind = e.String()+", but "+missing+" is not known", hint, ErrArgs
	}
	return t
}

// faultError is that for all faults but unbound.
func faultError(field string, e *Expr, n int64, f fault) *TypeError {
	t := &TypeError{Field: field, Kind: ErrExpr}
	text := e.String()
	switch f {
	case overflow:
		t.Got = text + ", which overflows 64 bits"
	case divByZero:
		t.Got = text + ", which divides by zero"
	case negOperand:
		t.Got, t.Want = text+", which divides with a negative operand", "0 or more on both sides"
	case oddStride:
		t.Got = text + ", a stride that is no whole number of elements"
	case notPositive:
		t.Got, t.Want = fmt.Sprintf("%s=%d", text, n), "0 or more"
	}
	return t
}

// missing is the first name in e that has no value, and what would give it one.
func (c *Checker) missing(b *Binding, e *Expr) (name, hint string) {
	switch {
	case e == nil || e.Op == Num:
		return "", ""
	case e.Op == Name:
		if k := c.symbol(e.Name); k >= 0 && !b.bound(k) {
			return e.Name, c.wantedFor(e.Name)
		}
		return "", ""
	case e.Op.rank() < 3:
		if name, hint = c.missing(b, e.X); name != "" {
			return name, hint
		}
		return c.missing(b, e.Y)
	}
	d, _, ok := c.passed(b, c.paramNamed(e.Name))
	if !ok {
		return e.Name, "an array"
	}
	if d.IsZero() && e.Op != Count && e.Op != Stride {
		return "the dtype of " + e.Name, "an array"
	}
	if _, ok := typeCode(d); !ok && e.Op == TypeCode {
		return "the type code of " + d.String(), "a number or bool"
	}
	return "", ""
}

// wantedFor is what would bind a dimension.
func (c *Checker) wantedFor(name string) string {
	for _, i := range c.arrays {
		for _, d := range c.params[i].dims {
			if d.symbol >= 0 && c.symbols[d.symbol].name == name && c.params[i].dir == Out {
				return "an array for " + c.sig.label(i) + ", or wasmffi.New(...)"
			}
		}
	}
	return "an array that has it"
}

// values lists what the names in an expression stand for: "m=4, n=4".
func (c *Checker) values(b *Binding, e *Expr) string {
	return listed(func(e *Expr) string {
		if n, f := c.compile(nil, e).run(c, b); f == noFault {
			return strconv.FormatInt(n, 10)
		}
		return ""
	}, e)
}

// listed lists the names and functions in expressions with their values, each once; those
// that have none are left out.
func listed(value func(*Expr) string, all ...*Expr) string {
	var parts []string
	var visit func(e *Expr)
	visit = func(e *Expr) {
		switch {
		case e == nil || e.Op == Num:
		case e.Op.rank() < 3 && e.Op != Name:
			visit(e.X)
			visit(e.Y)
		default:
			v := value(e)
			text := e.String() + "=" + v
			if v != "" && !slices.Contains(parts, text) {
				parts = append(parts, text)
			}
		}
	}
	for _, e := range all {
		visit(e)
	}
	return strings.Join(parts, ", ")
}

// shape computes the dimensions of an array that is to be made or was returned.
func (c *Checker) shape(b *Binding, i int, dims []dim) ([]int, *TypeError) {
	shape := make([]int, len(dims))
	for axis, d := range dims {
		n := d.n
		switch {
		case d.symbol == free:
			return nil, c.explain(b, i, &TypeError{Field: "it", Got: "left out", Want: "an array or wasmffi.New(...): nothing says how long dimension _ is", Kind: ErrArgs})
		case d.symbol >= 0:
			if !b.bound(d.symbol) {
				return nil, c.unbound(b, i, d.symbol)
			}
			n = b.slots[d.symbol].value
		case d.symbol == formula:
			var f fault
			expr := c.dimExpr(i, axis)
			if n, f = d.code.run(c, b); f == noFault && n < 0 {
				f = notPositive
			}
			if f != noFault {
				return nil, c.explain(b, i, c.fault(b, axisField(axis), expr, n, f))
			}
		}
		if n < 0 || n > 1<<32 {
			return nil, c.explain(b, i, &TypeError{Field: axisField(axis), Got: strconv.FormatInt(n, 10), Want: "0 to 2^32", Kind: ErrShape})
		}
		if int64(int(n)) != n {
			return nil, c.explain(b, i, &TypeError{Field: axisField(axis), Got: strconv.FormatInt(n, 10), Want: "what this machine can address", Kind: ErrShape})
		}
		shape[axis] = int(n)
	}
	return shape, nil
}

func (c *Checker) dimExpr(i, axis int) *Expr {
	t := c.sig.Result.Type
	if i >= 0 {
		t = c.sig.Params[i].Type
	}
	return t.(ArrayOf).Dims[axis].Expr
}

func (c *Checker) unbound(b *Binding, i, symbol int) *TypeError {
	name := c.symbols[symbol].name
	return c.explain(b, i, &TypeError{Field: "dimension " + name, Got: "not known", Want: c.wantedFor(name), Kind: ErrArgs})
}

// Value is what the host passes for the derived parameter i, after Check. It fails
// when no array bound it or the parameter's type cannot hold it. An extent
// that only arrays given as nil have is 0.
func (c *Checker) Value(b *Binding, i int) (int64, *TypeError) {
	p := &c.params[i]
	if p.role != Derived {
		panic("constraints: Value of a parameter that is not derived")
	}
	s := &b.slots[p.symbol]
	if s.epoch != b.epoch || s.value > p.most {
		return 0, c.valueError(b, i)
	}
	return s.value, nil
}

func (c *Checker) valueError(b *Binding, i int) *TypeError {
	p := &c.params[i]
	if !b.bound(p.symbol) {
		return c.unbound(b, i, p.symbol)
	}
	s := b.slots[p.symbol]
	return c.explain(b, i, &TypeError{Field: "it", Got: strconv.FormatInt(s.value, 10), Want: "at most " + strconv.FormatInt(p.most, 10), From: c.origin(s.from), Kind: ErrScalar})
}

// bindNull makes 0 the extent that only arrays given as nil have.
func (c *Checker) bindNull(b *Binding) {
	for _, i := range c.arrays {
		if !b.IsNull(i) {
			continue
		}
		for axis, d := range c.params[i].dims {
			if d.symbol >= 0 && !b.bound(d.symbol) && c.onlyNull(b, d.symbol) {
				b.set(d.symbol, 0, i, axis)
			}
		}
	}
}

func (c *Checker) onlyNull(b *Binding, symbol int) bool {
	for _, i := range c.arrays {
		for _, d := range c.params[i].dims {
			if d.symbol == symbol && !b.IsNull(i) {
				return false
			}
		}
	}
	return true
}
