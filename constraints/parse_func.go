package constraints

import "fmt"

// ParseFunc reads the type of a function by itself, after the declarations that it names:
//
//	type Point = {x: f32, y: f32}; func(p: Point[n], n: size) -> f32
//
// The dimensions of its arrays are numbers, its own integer scalars, or expressions of
// these, and the elements have one dtype. Limits are those of Parse; errors are *ParseError.
func ParseFunc(text string) (FuncType, error) {
	if len(text) > MaxText {
		return FuncType{}, &ParseError{text[:MaxText], 0, fmt.Sprintf("text has %d bytes, want at most %d", len(text), MaxText)}
	}
	p, err := newParser(text)
	if err != nil {
		return FuncType{}, err
	}
	found, err := p.statements(false)
	if err != nil {
		return FuncType{}, err
	}
	if len(found) != 1 {
		return FuncType{}, p.fail(len(text), "got %s, want one", plural(len(found), "func type"))
	}
	p.i, p.used = found[0], map[string]bool{}
	start := p.next()
	if !start.is("func") {
		return FuncType{}, p.fail(start.pos, "want func, got %s", start)
	}
	t, err := p.funcType()
	if err != nil {
		return FuncType{}, err
	}
	if k := p.peek().kind; k != tokBreak && k != tokEnd {
		return FuncType{}, p.fail(p.peek().pos, "unexpected %s after the func type", p.peek())
	}
	var s Signature
	p.declare(&s)
	t.Structs = s.Structs
	if err := t.check(); err != nil {
		return FuncType{}, p.fail(start.pos, "%v", err)
	}
	if n := len(t.String()); n > MaxText { // spaces were added: it could not be read back
		return FuncType{}, p.fail(start.pos, "func type has %d bytes with its declarations, want at most %d", n, MaxText)
	}
	return t, nil
}

// funcType reads: func(name: type, ...) -> scalar
func (p *parser) funcType() (FuncType, error) {
	var f FuncType
	if err := p.expect("(", "after func"); err != nil {
		return f, err
	}
	for !p.accept(")") {
		if len(f.Params) > 0 {
			if err := p.expect(",", "or \")\" after a type"); err != nil {
				return f, err
			}
		}
		if len(f.Params) == MaxParams {
			return f, p.fail(p.peek().pos, "more than %d parameters", MaxParams)
		}
		q, err := p.funcParam()
		if err != nil {
			return f, err
		}
		f.Params = append(f.Params, q)
	}
	if p.accept("->") {
		at := p.peek()
		t, err := p.plain("the result of a func is a scalar")
		if err != nil {
			return f, err
		}
		sc, ok := t.(Scalar)
		if !ok {
			return f, p.fail(at.pos, "the result of a func is a scalar, got %s", typeText(t))
		}
		f.Result = &sc
	}
	return f, nil
}

// funcParam reads: name: scalar, or name: array nullable; the name may be left out.
func (p *parser) funcParam() (Param, error) {
	var q Param
	if name := p.peek(); name.kind == tokIdent && p.after().is(":") {
		if !isIdent(name.text) {
			return q, p.fail(name.pos, "want the name of a parameter, got %s", name)
		}
		q.Name = name.text
		p.i += 2
	}
	if at := p.peek(); at.is("in") || at.is("out") || at.is("inout") {
		return q, p.fail(at.pos, "a parameter of a func has no direction")
	}
	t, err := p.plain("a parameter of a func is a scalar or an array")
	if a, array := t.(ArrayOf); array && err == nil {
		a.Nullable = p.accept("nullable")
		t = a
	}
	q.Type = t
	return q, err
}

// plain reads a scalar or an array without attributes.
func (p *parser) plain(rule string) (Type, error) {
	at := p.peek()
	if at.is("func") { // here, so that no text nests them
		return nil, p.fail(at.pos, "%s, got func", rule)
	}
	t, err := p.typ(true)
	if err != nil {
		return nil, err
	}
	switch t.(type) {
	case Scalar, ArrayOf:
		return t, nil
	}
	return nil, p.fail(at.pos, "%s, got %s", rule, typeText(t))
}
