package constraints

import (
	"strconv"

	"github.com/wasmffi/go/memview"
)

func (p *parser) sig() (*Signature, error) {
	name := p.next()
	if name.kind != tokString && (name.kind != tokIdent || !isIdent(name.text)) {
		return nil, p.fail(name.pos, "want the name of a function, got %s", name)
	}
	s := &Signature{Name: name.text}
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
		param, err := p.param()
		if err != nil {
			return nil, err
		}
		s.Params = append(s.Params, param)
	}
	if p.accept("->") {
		if err := p.result(s); err != nil {
			return nil, err
		}
	}
	if k := p.peek().kind; k != tokBreak && k != tokEnd {
		return nil, p.fail(p.peek().pos, "unexpected %s after the signature", p.peek())
	}
	for _, d := range p.structs {
		if s.names(d, p.structs) {
			s.Structs = append(s.Structs, d)
		}
	}
	if err := s.check(); err != nil {
		return nil, p.fail(name.pos, "%v", err)
	}
	return s, nil
}

func (p *parser) param() (Param, error) {
	name := p.next()
	if name.kind != tokIdent || !isIdent(name.text) {
		return Param{}, p.fail(name.pos, "want the name of a parameter, got %s", name)
	}
	if err := p.expect(":", "after the parameter name"); err != nil {
		return Param{}, err
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
	var err error
	param.Type, err = p.typ()
	return param, err
}

// typ reads a scalar, or an array when dimensions follow.
func (p *parser) typ() (Type, error) {
	at := p.peek()
	d, scalar, err := p.elem()
	if err != nil {
		return nil, err
	}
	name := at.text
	if name != "size" && name != "ptr" && d.Kind() != memview.Struct {
		name = ""
	}
	if !p.accept("[") {
		if !scalar {
			return nil, p.fail(at.pos, "%s cannot be passed by value; C passes a pointer: %s[1]", at.text, at.text)
		}
		return Scalar{DType: d, Name: name}, nil
	}
	a := ArrayOf{DType: d, Name: name}
	for !p.accept("]") {
		if len(a.Dims) > 0 {
			if err := p.expect(",", "or \"]\" after a dimension"); err != nil {
				return nil, err
			}
		}
		if len(a.Dims) == MaxDims {
			return nil, p.fail(p.peek().pos, "more than %d dimensions", MaxDims)
		}
		if t := p.peek(); t.kind == tokIdent {
			p.i++
			a.Dims = append(a.Dims, Dim{Name: t.text})
			continue
		}
		n, err := p.integer("a dimension: a name, an integer or _")
		if err != nil {
			return nil, err
		}
		a.Dims = append(a.Dims, Dim{N: n})
	}
	return a, nil
}

func (p *parser) result(s *Signature) error {
	at := p.peek()
	var err error
	if s.Result.Type, err = p.typ(); err != nil {
		return err
	}
	_, scalar := s.Result.Type.(Scalar)
	switch {
	case p.is("ok") && scalar:
		p.i++
		if err := p.expect("(", "after ok"); err != nil {
			return err
		}
		minus := ""
		if p.accept("-") {
			minus = "-"
		}
		t := p.next()
		n, err := strconv.ParseInt(minus+t.text, 10, 64)
		if t.kind != tokInt || err != nil {
			return p.fail(t.pos, "want a 64-bit integer in ok(), got %s", t)
		}
		s.Result.OK = &n
		return p.expect(")", "after the value of ok")
	case p.is("nullable") && !scalar:
		p.i++
		s.Result.Nullable = true
	case p.is("ok"):
		return p.fail(at.pos, "ok() goes with a scalar result")
	}
	return nil
}
