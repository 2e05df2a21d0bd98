package constraints

import "slices"

// Equal reports whether s and t say the same of one export, whatever they call parameters,
// dimensions, type variables, structs and handles: two texts of one function, written
// by different hands. Structs are compared by dtype, and so are size, ptr and u32;
// handles by where they appear and by the export that frees them. Lists, as of
// conditions, are compared in order.
func (s *Signature) Equal(t *Signature) bool {
	if s == nil || t == nil {
		return s == t
	}
	p := &pairing{s: s.scope(), t: t.scope(), dims: map[[2]string]bool{}, vars: map[[2]string]bool{}, handles: map[[2]string]bool{}}
	return s.Name == t.Name &&
		slices.EqualFunc(s.Params, t.Params, p.param) &&
		p.result(s.Result, t.Result) &&
		slices.EqualFunc(s.Where, t.Where, p.cond) &&
		oneToOne(p.dims) && oneToOne(p.vars) && oneToOne(p.handles)
}

// pairing is a comparison under way. Names that stand at the same place in both
// are noted as pairs, and in the end must be one-to-one.
type pairing struct {
	s, t                *scope
	sf, tf              FuncType // whose parameters are compared; else zero
	dims, vars, handles map[[2]string]bool
}

func oneToOne(pairs map[[2]string]bool) bool {
	left, right := map[string]bool{}, map[string]bool{}
	for p := range pairs {
		left[p[0]], right[p[1]] = true, true
	}
	return len(left) == len(pairs) && len(right) == len(pairs)
}

func (p *pairing) param(a, b Param) bool {
	return directionOf(a) == directionOf(b) && p.typ(a.Type, b.Type) && p.expr(a.Value, b.Value)
}

func directionOf(p Param) Dir {
	if nd, ok := p.Type.(NDPointer); ok && p.Dir == In {
		return nd.dir()
	}
	return p.Dir
}

func (p *pairing) result(a, b Result) bool {
	if a.Nullable != b.Nullable || a.Owned != b.Owned || (a.OK == nil) != (b.OK == nil) || a.OK != nil && *a.OK != *b.OK {
		return false
	}
	return p.typ(a.Type, b.Type)
}

func (p *pairing) typ(a, b Type) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case Scalar:
		b, ok := b.(Scalar)
		return ok && a.DType.Equal(b.DType)
	case CString:
		b, ok := b.(CString)
		return ok && a == b
	case Handle:
		b, ok := b.(Handle)
		if !ok || a.Nullable != b.Nullable || freeOf(p.s.sig, a.Name) != freeOf(p.t.sig, b.Name) {
			return false
		}
		p.handles[[2]string{a.Name, b.Name}] = true
		return true
	case NDPointer:
		b, ok := b.(NDPointer) // its direction is that of the parameter
		return ok && a.DType.Equal(b.DType) && a.NDim == b.NDim && (a.Shape == nil) == (b.Shape == nil) && slices.Equal(a.Shape, b.Shape) && a.Flags == b.Flags
	case FuncType:
		b, ok := b.(FuncType)
		return ok && p.fn(a, b)
	case ArrayOf:
		b, ok := b.(ArrayOf)
		return ok && p.array(a, b)
	}
	return false
}

// fn compares func types. Those that hold others are none, and equal to none.
func (p *pairing) fn(a, b FuncType) bool {
	inner := *p
	inner.sf, inner.tf = a, b
	return a.Nullable == b.Nullable && (a.Result == nil) == (b.Result == nil) &&
		slices.EqualFunc(a.Params, b.Params, func(x, y Param) bool {
			_, nested := x.Type.(FuncType)
			return !nested && inner.param(x, y)
		}) && (a.Result == nil || a.Result.DType.Equal(b.Result.DType))
}

func (p *pairing) array(a, b ArrayOf) bool {
	return a.Layout == b.Layout && a.Align == b.Align && a.Nullable == b.Nullable && a.MayAlias == b.MayAlias && a.Finite == b.Finite && a.Desc == b.Desc &&
		slices.EqualFunc(a.Elems, b.Elems, p.elem) && slices.EqualFunc(a.Dims, b.Dims, p.dim) && p.expr(a.Len, b.Len)
}

func (p *pairing) elem(a, b Elem) bool {
	if a.Var != "" && b.Var != "" {
		p.vars[[2]string{a.Var, b.Var}] = true
		return true
	}
	return a.Var == b.Var && a.Kind == b.Kind && (a.DType.Equal(b.DType) || a.DType.IsZero() && b.DType.IsZero())
}

func (p *pairing) dim(a, b Dim) bool {
	switch {
	case (a.Name == "") != (b.Name == "") || (a.Name == "_") != (b.Name == "_"):
		return false
	case a.Name != "":
		return p.number(a.Name, b.Name)
	}
	return p.expr(a.Expr, b.Expr) && (a.Expr != nil || a.N == b.N)
}

// number compares two names that stand for numbers: of the same parameter, of the
// result, or of a dimension that is no parameter.
func (p *pairing) number(a, b string) bool {
	if i, k := p.sf.own(a), p.tf.own(b); i >= 0 || k >= 0 {
		return i == k
	}
	return p.outer(a, b)
}

// outer is number for names that no func type has.
func (p *pairing) outer(a, b string) bool {
	i, isParam := p.s.params[a]
	k, alsoParam := p.t.params[b]
	if isParam || alsoParam {
		return isParam && alsoParam && i == k
	}
	if p.s.isResult(a) || p.t.isResult(b) {
		return p.s.isResult(a) && p.t.isResult(b)
	}
	p.dims[[2]string{a, b}] = true
	return true
}

// isResult reports whether a name that is no parameter's stands for the result.
func (sc *scope) isResult(name string) bool {
	_, dim := sc.dims[name]
	return name == "result" && !dim
}

func (p *pairing) expr(a, b *Expr) bool { return p.exprTo(a, b, MaxDepth) }

func (p *pairing) exprTo(a, b *Expr, depth int) bool {
	switch {
	case a == nil || b == nil || depth == 0: // what is deeper is no expression
		return a == nil && b == nil
	case a.Op != b.Op:
		return false
	case a.Op == Num:
		return a.N == b.N
	case a.Op == Name:
		return p.number(a.Name, b.Name)
	case a.Op.rank() < 3:
		return p.exprTo(a.X, b.X, depth-1) && p.exprTo(a.Y, b.Y, depth-1)
	}
	return p.outer(a.Name, b.Name) && (a.Op != Stride || a.Axis == b.Axis)
}

func (p *pairing) cond(a, b Cond) bool {
	if (a.Var == "") != (b.Var == "") || a.Op != b.Op {
		return false
	}
	if a.Var != "" {
		p.vars[[2]string{a.Var, b.Var}] = true
	}
	return p.expr(a.X, b.X) && p.expr(a.Y, b.Y) && slices.EqualFunc(a.In, b.In, p.elem)
}

// freeOf is the export that frees a handle.
func freeOf(s *Signature, name string) string {
	for _, d := range s.Handles {
		if d.Name == name {
			return d.Free
		}
	}
	return ""
}
