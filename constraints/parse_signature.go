package constraints

import "strconv"

func (p *parser) sig() (*Signature, error) {
	name := p.next()
	if name.kind != tokString && (name.kind != tokIdent || !isIdent(name.text)) {
		return nil, p.fail(name.pos, "want the name of a function, got %s", name)
	}
	s := &Signature{Name: name.text}
	var named []int // places of the declarations that are named
	if err := p.expect("(", "after the function name"); err != nil {
		return nil, err
	}
	for !p.accept(")") {
		if len(s.Params) == MaxParams {
			return nil, p.fail(p.peek().pos, "more than %d parameters", MaxParams)
		}
		if len(s.Params) > 0 {
			if err := p.expect(",", "or \")\" after a parameter"); err != nil {
				return nil, err
			}
		}
		param, decl, err := p.param()
		if err != nil {
			return nil, err
		}
		s.Params = append(s.Params, param)
		if decl >= 0 {
			named = append(named, decl)
		}
	}
	if p.accept("->") {
		decl, err := p.result(s)
		if err != nil {
			return nil, err
		}
		if decl >= 0 {
			named = append(named, decl)
		}
	}
	if k := p.peek().kind; k != tokBreak && k != tokEnd {
		return nil, p.fail(p.peek().pos, "unexpected %s after the signature", p.peek())
	}
	s.Structs = p.needed(named)
	if err := s.check(); err != nil {
		return nil, p.fail(name.pos, "%v", err)
	}
	return s, nil
}

// param reads a parameter; decl is the place of the struct declaration that it names, or -1.
func (p *parser) param() (_ Param, decl int, err error) {
	name := p.next()
	if name.kind != tokIdent || !isIdent(name.text) {
		return Param{}, -1, p.fail(name.pos, "want the name of a parameter, got %s", name)
	}
	if err := p.expect(":", "after the parameter name"); err != nil {
		return Param{}, -1, err
	}
	param := Param{Name: name.text}
	if p.toks[min(p.i+1, len(p.toks)-1)].kind == tokIdent {
		switch {
		case p.accept("in"):
		case p.accept("out"):
			param.Dir = Out
		case p.accept("inout"):
			param.Dir = InOut
		}
	}
	param.Type, decl, err = p.typ()
	return param, decl, err
}

// typ reads a scalar, or an array when dimensions follow; decl is as in param.
func (p *parser) typ() (_ Type, decl int, err error) {
	at := p.peek()
	elem, err := p.elem()
	if err != nil {
		return nil, -1, err
	}
	if !p.accept("[") {
		if !elem.scalar {
			return nil, -1, p.fail(at.pos, "%s cannot be passed by value; C passes a pointer: %s[1]", at.text, at.text)
		}
		return Scalar{DType: elem.dtype, Name: elem.name}, -1, nil
	}
	a := ArrayOf{DType: elem.dtype, Name: elem.name}
	for !p.accept("]") {
		if len(a.Dims) > 0 {
			if err := p.expect(",", "or \"]\" after a dimension"); err != nil {
				return nil, -1, err
			}
		}
		if len(a.Dims) == MaxDims {
			return nil, -1, p.fail(p.peek().pos, "more than %d dimensions", MaxDims)
		}
		if t := p.peek(); t.kind == tokIdent {
			p.i++
			a.Dims = append(a.Dims, Dim{Name: t.text})
			continue
		}
		n, err := p.integer("a dimension: a name, an integer or _")
		if err != nil {
			return nil, -1, err
		}
		a.Dims = append(a.Dims, Dim{N: n})
	}
	return a, elem.decl, nil
}

// result reads what stands behind "->"; decl is as in param.
func (p *parser) result(s *Signature) (decl int, err error) {
	at := p.peek()
	if s.Result.Type, decl, err = p.typ(); err != nil {
		return -1, err
	}
	_, scalar := s.Result.Type.(Scalar)
	switch {
	case p.is("ok") && scalar:
		p.i++
		if err := p.expect("(", "after ok"); err != nil {
			return -1, err
		}
		minus := ""
		if p.accept("-") {
			minus = "-"
		}
		t := p.next()
		n, err := strconv.ParseInt(minus+t.text, 10, 64)
		if t.kind != tokInt || err != nil {
			return -1, p.fail(t.pos, "want a 64-bit integer in ok(), got %s", t)
		}
		s.Result.OK = &n
		return decl, p.expect(")", "after the value of ok")
	case p.is("nullable") && !scalar:
		p.i++
		s.Result.Nullable = true
	case p.is("ok"):
		return -1, p.fail(at.pos, "ok() goes with a scalar result")
	}
	return decl, nil
}
