package constraints

import "fmt"

// outer are the arrays of t without the dimensions that its own scalars decide, so that all
// names left are those of the signature.
func (t FuncType) outer() []ArrayOf {
	var all []ArrayOf
	for _, p := range t.Params {
		a, ok := p.Type.(ArrayOf)
		if !ok {
			continue
		}
		var dims []Dim
		for _, d := range a.Dims {
			if t.own(d.Name) < 0 && !t.names(d.Expr, MaxDepth) {
				dims = append(dims, d)
			}
		}
		a.Dims = dims
		all = append(all, a)
	}
	return all
}

// funcDim is an extent of an array of a func type that the call decides.
type funcDim struct {
	param, axis int
	expr        *Expr // nil: a name
	dim         dim
}

func (c *Checker) compileFunc(t FuncType) []funcDim {
	var all []funcDim
	for i, p := range t.Params {
		a, ok := p.Type.(ArrayOf)
		if !ok {
			continue
		}
		for axis, d := range a.Dims {
			q := funcDim{param: i, axis: axis, expr: d.Expr}
			switch {
			case d.Name == "_" || t.own(d.Name) >= 0 || t.names(d.Expr, MaxDepth):
				continue
			case d.Name != "":
				q.dim.symbol = c.symbol(d.Name)
			case d.Expr != nil:
				q.dim.symbol, q.dim.code = formula, c.compile(nil, d.Expr)
			default:
				continue
			}
			all = append(all, q)
		}
	}
	return all
}

// CheckFunc compares the type of a callback that is given for parameter i, one that the
// parameter's type [FuncType.Accepts], with what the call has bound: after Check, extents that
// the parameter has from the call must be the callback's, unless it takes them from its own
// scalars, and a type variable is the same dtype wherever it stands. A variable that no
// array has bound is bound. It does not allocate while the callback fits.
func (c *Checker) CheckFunc(b *Binding, i int, cb FuncType) *TypeError {
	p := &c.params[i]
	if p.role != Function {
		panic("constraints: CheckFunc of a parameter that is no func")
	}
	if len(cb.Params) != len(p.fn.Params) {
		return c.explain(b, i, p.fn.misfit(cb))
	}
	for k := range cb.Params {
		want, isArray := p.fn.Params[k].Type.(ArrayOf)
		if !isArray {
			continue
		}
		got, ok := cb.Params[k].Type.(ArrayOf)
		if !ok || len(got.Elems) != 1 || len(got.Dims) != len(want.Dims) {
			return c.explain(b, i, p.fn.misfit(cb))
		}
		if want.Elems[0].Var != "" {
			if e := c.checkFuncVar(b, i, k, want, got); e != nil {
				return c.explain(b, i, e)
			}
		}
	}
	for k := range p.fdims {
		if e := c.checkFuncDim(b, i, &p.fdims[k], cb); e != nil {
			return c.explain(b, i, e)
		}
	}
	return nil
}

func (c *Checker) checkFuncVar(b *Binding, i, k int, want, got ArrayOf) *TypeError {
	v, d := c.variable(want.Elems[0].Var), got.Elems[0].DType
	first := b.vars[v]
	switch {
	case first.Equal(d):
	case !first.IsZero():
		return &TypeError{Field: callbackField(k), Got: typeText(got), Want: typeText(want) + " with " + c.vars[v].name + "=" + first.String(), From: c.sig.label(b.first[v]) + ".dtype", Kind: ErrDType}
	case c.vars[v].in != nil && !takes(c.vars[v].in, d):
		return &TypeError{Field: callbackField(k), Got: typeText(got), Want: typeText(want) + " with " + c.vars[v].name + " in " + elemsText(c.vars[v].in), Kind: ErrDType}
	default:
		b.vars[v], b.first[v] = d, i
	}
	return nil
}

func (c *Checker) checkFuncDim(b *Binding, i int, d *funcDim, cb FuncType) *TypeError {
	got := cb.Params[d.param].Type.(ArrayOf)
	if q := got.Dims[d.axis]; q.Name != "" || q.Expr != nil {
		return nil
	}
	n, f := int64(0), noFault
	if d.dim.symbol >= 0 {
		if !b.bound(d.dim.symbol) {
			return c.unbound(b, i, d.dim.symbol)
		}
		n = b.slots[d.dim.symbol].value
	} else if n, f = d.dim.code.run(c, b); f != noFault {
		return c.fault(b, axisField(d.axis)+" of "+callbackField(d.param), d.expr, n, f)
	}
	if n == int64(got.Dims[d.axis].N) {
		return nil
	}
	want := c.params[i].fn.Params[d.param].Type.(ArrayOf)
	e := &TypeError{Field: callbackField(d.param), Got: typeText(got), Want: fmt.Sprintf("%s with %s=%d", typeText(want), want.Dims[d.axis], n), Kind: ErrShape}
	switch {
	case d.expr == nil:
		e.From = c.origin(b.slots[d.dim.symbol].from)
	case d.expr.Op.rank() < 3: // a function is said already
		e.From = c.values(b, d.expr)
	}
	return e
}
