package constraints

import "fmt"

// Accepts is nil when a callback of type c, which must be able to stand by itself, can be
// given for a parameter of type t: as many parameters, the same scalars, elements that t may
// have, as many dimensions, the same result, and NULL expected where t has it. A dimension
// that t leaves to the call ([Checker.CheckFunc]) is not judged; one that t has from its own
// scalars must be so in c. Else the error is a *TypeError about the callback.
func (t FuncType) Accepts(c FuncType) error {
	if e := t.misfit(c); e != nil {
		return e
	}
	return nil
}

func (t FuncType) misfit(c FuncType) *TypeError {
	if len(t.Params) != len(c.Params) {
		return &TypeError{Field: "the callback", Got: c.line() + " with " + plural(len(c.Params), "parameter"), Want: fmt.Sprintf("%d: %s", len(t.Params), t.line()), Kind: ErrArgs}
	}
	if err := c.check(); err != nil {
		return &TypeError{Field: "the callback", Got: c.line() + ", which cannot stand by itself: " + err.Error(), Kind: ErrArgs}
	}
	for i := range t.Params {
		if e := t.paramMisfit(c, i); e != nil {
			e.Field, e.Got = callbackField(i), typeText(c.Params[i].Type)
			if e.Want == "" {
				e.Want = typeText(t.Params[i].Type)
			}
			return e
		}
	}
	if (t.Result == nil) != (c.Result == nil) || t.Result != nil && !t.Result.DType.Equal(c.Result.DType) {
		return &TypeError{Field: "the result of the callback", Got: resultText(c), Want: resultText(t), Kind: ErrScalar}
	}
	return nil
}

func callbackField(i int) string { return fmt.Sprintf("parameter %d of the callback", i+1) }

func resultText(t FuncType) string {
	if t.Result == nil {
		return "none"
	}
	return typeText(*t.Result)
}

// paramMisfit says why parameter i of c is not that of t: the kind, and what is
// wanted beside the type.
func (t FuncType) paramMisfit(c FuncType, i int) *TypeError {
	want, wantArray := t.Params[i].Type.(ArrayOf)
	got, isArray := c.Params[i].Type.(ArrayOf)
	if !wantArray || !isArray {
		x, ok := t.Params[i].Type.(Scalar)
		y, also := c.Params[i].Type.(Scalar)
		if ok && also && x.DType.Equal(y.DType) {
			return nil
		}
		return &TypeError{Kind: ErrScalar}
	}
	d := got.Elems[0].DType
	switch {
	case !takes(want.Elems, d):
		return &TypeError{Kind: ErrDType}
	case len(got.Dims) != len(want.Dims):
		return &TypeError{Kind: ErrNDim}
	case want.Nullable && !got.Nullable:
		return &TypeError{Kind: ErrArray}
	}
	if v := want.Elems[0].Var; v != "" {
		for k := range i {
			a, ok := t.Params[k].Type.(ArrayOf)
			if !ok || a.Elems[0].Var != v {
				continue
			}
			if first := c.Params[k].Type.(ArrayOf).Elems[0].DType; !first.Equal(d) {
				return &TypeError{Want: typeText(want) + " with " + v + "=" + first.String(), From: callbackField(k), Kind: ErrDType}
			}
		}
	}
	for axis := range want.Dims {
		if e := t.dimMisfit(c, want, want.Dims[axis], got.Dims[axis]); e != nil {
			return e
		}
	}
	return nil
}

// dimMisfit compares a dimension of t, of the array a, with one of c, which is a number or
// made of scalars of c.
func (t FuncType) dimMisfit(c FuncType, a ArrayOf, want, got Dim) *TypeError {
	number, gotNumber := want.Name == "" && want.Expr == nil, got.Name == "" && got.Expr == nil
	k := t.own(want.Name)
	switch {
	case want.Name == "_":
	case number && (!gotNumber || want.N != got.N), !gotNumber && k >= 0 && k != c.own(got.Name):
		return &TypeError{Kind: ErrShape}
	case gotNumber && (k >= 0 || t.names(want.Expr, MaxDepth)):
		return &TypeError{Want: typeText(a) + ", where the guest says " + want.String() + " in every call", Kind: ErrShape,
			Hint: "give the scalar a name in the callback's type, and let the dimension be that name"}
	}
	return nil
}

// names reports whether a scalar of t stands in an expression.
func (t FuncType) names(e *Expr, depth int) bool {
	return e != nil && depth > 0 && (e.Op == Name && t.own(e.Name) >= 0 || t.names(e.X, depth-1) || t.names(e.Y, depth-1))
}
