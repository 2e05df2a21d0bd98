package constraints

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// checkExpr judges an expression: its form, and that every name in it is known at
// that moment.
func (sc *scope) checkExpr(e *Expr, when moment) error {
	if e.depth(MaxDepth) > MaxDepth {
		return fmt.Errorf("expression is nested more than %d deep", MaxDepth)
	}
	return sc.checkNode(e, when)
}

func (sc *scope) checkNode(e *Expr, when moment) error {
	switch {
	case e == nil:
		return fmt.Errorf("expression has an operator without operand")
	case e.Op == Num:
		if e.N < 0 {
			return fmt.Errorf("number is %d, want 0 or more", e.N)
		}
		return nil
	case e.Op == Name:
		return sc.checkName(e.Name, when)
	case e.Op.rank() < 3:
		if err := sc.checkNode(e.X, when); err != nil {
			return err
		}
		return sc.checkNode(e.Y, when)
	case e.Op > Stride:
		return fmt.Errorf("operator %d is unknown", e.Op)
	}
	i, ok := sc.params[e.Name]
	if sc.alone {
		return fmt.Errorf("%s: want numbers and integer scalars of the func", e)
	}
	if !ok {
		return fmt.Errorf("%s: there is no parameter %q", e, e.Name)
	}
	a, ok := sc.sig.Params[i].Type.(ArrayOf)
	if !ok {
		return fmt.Errorf("%s: %s is %s, want an array", e, e.Name, typeText(sc.sig.Params[i].Type))
	}
	if e.Op == Stride && (e.Axis < 0 || e.Axis >= len(a.Dims)) {
		return fmt.Errorf("%s: %s has %s", e, e.Name, plural(len(a.Dims), "dimension"))
	}
	return nil
}

// checkName judges a name that stands for a number.
func (sc *scope) checkName(name string, when moment) error {
	if sc.fn != nil && sc.fn.own(name) >= 0 {
		return nil
	}
	if sc.alone {
		return fmt.Errorf("nothing says what %q is: no integer scalar of the func has that name", name)
	}
	if _, ok := sc.dims[name]; ok {
		return nil
	}
	i, ok := sc.params[name]
	if !ok && name == "result" && when == afterCall {
		if t, scalar := sc.sig.Result.Type.(Scalar); scalar && isInteger(t) {
			return nil
		}
		return fmt.Errorf("the result is no integer")
	}
	if !ok {
		return fmt.Errorf("nothing says what %q is: no array has such a dimension, and no parameter that name", name)
	}
	p := sc.sig.Params[i]
	t, scalar := p.Type.(Scalar)
	switch {
	case !scalar || !isInteger(t):
		return fmt.Errorf("%q is %s, want an integer", name, paramText(p))
	case p.Value != nil:
		return fmt.Errorf("%q is computed itself; write %s", name, p.Value)
	case p.Dir == Out && when == beforeCall:
		return fmt.Errorf("%q is known after the call only", name)
	}
	return nil
}

func isInteger(t Scalar) bool {
	return t.DType.Kind() == memview.Int || t.DType.Kind() == memview.Uint
}

// checkOpenTypes demands that a dtype which is not fixed reaches the guest, which
// would else take the elements for others: by a descriptor, or by a scalar
// that is computed from it.
func (sc *scope) checkOpenTypes() error {
	told := map[int]bool{}
	for _, p := range sc.sig.Params {
		sc.tells(p.Value, told)
	}
	vars := map[string]bool{}
	for i, p := range sc.sig.Params {
		a, ok := p.Type.(ArrayOf)
		if told[i] = told[i] || ok && a.Desc; told[i] && a.Elems[0].Var != "" {
			vars[a.Elems[0].Var] = true
		}
	}
	for i, p := range sc.sig.Params {
		a, ok := p.Type.(ArrayOf)
		if !ok || told[i] {
			continue
		}
		name := a.Elems[0].Var
		if _, one := fixed(a.Elems); !one && !vars[name] {
			return fmt.Errorf("parameter %s: the guest does not learn which type %s is: add desc, or a scalar = itemsize(%s) or typecode(%s)", sc.sig.quoted(i), elemsText(a.Elems), sc.sig.label(i), sc.sig.label(i))
		}
	}
	if a, ok := sc.sig.Result.Type.(ArrayOf); ok && a.Elems[0].Var != "" && !sc.hasVar(a.Elems[0].Var) {
		return fmt.Errorf("result: nothing says which type %s is", a.Elems[0].Var)
	}
	return nil
}

// tells notes the arrays whose dtype an expression depends on.
func (sc *scope) tells(e *Expr, told map[int]bool) {
	if e == nil {
		return
	}
	if e.Op == ItemSize || e.Op == TypeCode {
		told[sc.params[e.Name]] = true
	}
	sc.tells(e.X, told)
	sc.tells(e.Y, told)
}
