package constraints

import (
	"fmt"
	"math"
	"strconv"
)

// Limits of signatures, so that hostile text stays cheap.
const (
	MaxText    = 4096    // bytes of one signature, and of one text for Parse with its declarations
	MaxFile    = 1 << 20 // bytes of a file of signatures
	MaxParams  = 64      // of a signature
	MaxDims    = 8       // of an array; an NDPointer may have 32
	MaxSymbols = 16      // names that stand for numbers in one signature
	MaxDepth   = 16      // of expressions, and of structs in structs

	MaxStructs    = 256  // types that one text declares
	MaxSignatures = 4096 // of a file
)

// Parse reads a signature, after the declarations that it names:
//
//	type Particle = {x: f32, y: f32, z: f32, id: i32}; centroid(p: Particle[n], n: size, out_xyz: out f64[3])
//
// See the package documentation for the language. Errors are *ParseError.
func Parse(text string) (*Signature, error) {
	if len(text) > MaxText {
		return nil, &ParseError{text[:MaxText], 0, fmt.Sprintf("text has %d bytes, want at most %d", len(text), MaxText)}
	}
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	f, err := p.file(false)
	if err != nil {
		return nil, err
	}
	if len(f.Signatures) != 1 {
		return nil, p.fail(len(text), "got %d signatures, want one", len(f.Signatures))
	}
	return f.Signatures[0], nil
}

// MustParse is Parse for constants: it panics on an error.
func MustParse(text string) *Signature {
	s, err := Parse(text)
	if err != nil {
		panic(err.Error())
	}
	return s
}

// parser is a recursive descent over tokens. It recurses for parentheses and
// for structs in structs only, both at most MaxDepth deep.
type parser struct {
	text  string
	toks  []token
	i     int
	depth int              // of parentheses
	decls map[string]*decl // by name
	order []*decl          // as in the text
	alike map[string]*decl // by their fields
	used  map[string]bool  // declarations that the signature being read names
}

func newParser(text string) (*parser, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	return &parser{text: text, toks: toks, decls: map[string]*decl{}, alike: map[string]*decl{}}, nil
}

func (p *parser) fail(pos int, format string, args ...any) error {
	return &ParseError{p.text, pos, fmt.Sprintf(format, args...)}
}

func (p *parser) peek() token { return p.toks[p.i] }

// after is the token behind the next one.
func (p *parser) after() token { return p.toks[min(p.i+1, len(p.toks)-1)] }

func (p *parser) next() token {
	t := p.toks[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

func (t token) is(text string) bool {
	return t.text == text && (t.kind == tokPunct || t.kind == tokIdent)
}

func (p *parser) is(text string) bool { return p.peek().is(text) }

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(text, after string) error {
	if !p.accept(text) {
		return p.fail(p.peek().pos, "want %q %s, got %s", text, after, p.peek())
	}
	return nil
}

func (p *parser) integer(what string, most int64) (int64, error) {
	t := p.next()
	if t.kind != tokInt {
		return 0, p.fail(t.pos, "want %s, got %s", what, t)
	}
	n, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil || n > most {
		return 0, p.fail(t.pos, "%s is %s, want at most %d", what, t.text, most)
	}
	return n, nil
}

// sig reads: name(param, ...) -> result where cond, ...
func (p *parser) sig() (*Signature, error) {
	name := p.next()
	if name.kind != tokString && (name.kind != tokIdent || !isIdent(name.text)) {
		return nil, p.fail(name.pos, "want the name of a function, got %s", name)
	}
	p.used = map[string]bool{}
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
	if p.accept("where") {
		for more := true; more; more = p.accept(",") {
			c, err := p.cond()
			if err != nil {
				return nil, err
			}
			s.Where = append(s.Where, c)
		}
	}
	if k := p.peek().kind; k != tokBreak && k != tokEnd {
		return nil, p.fail(p.peek().pos, "unexpected %s after the signature", p.peek())
	}
	if n := p.peek().pos - name.pos; n > MaxText {
		return nil, p.fail(name.pos, "signature has %d bytes, want at most %d", n, MaxText)
	}
	p.declare(s)
	if err := s.check(); err != nil {
		return nil, p.fail(name.pos, "%v", err)
	}
	return s, nil
}

func (p *parser) param() (Param, error) {
	name := p.next()
	if name.is(".") {
		return Param{}, p.fail(name.pos, "a variable number of arguments cannot be checked: name every parameter")
	}
	if name.kind != tokIdent || !isIdent(name.text) {
		return Param{}, p.fail(name.pos, "want the name of a parameter, got %s", name)
	}
	if err := p.expect(":", "after the parameter name"); err != nil {
		return Param{}, err
	}
	param := Param{Name: name.text}
	if at := p.peek(); at.is("in") || at.is("out") || at.is("inout") {
		p.i++
		switch at.text {
		case "out":
			param.Dir = Out
		case "inout":
			param.Dir = InOut
		}
	}
	at := p.peek()
	var err error
	if param.Type, err = p.typ(false); err != nil {
		return Param{}, err
	}
	_, scalar := param.Type.(Scalar)
	_, array := param.Type.(ArrayOf)
	if param.Dir != In && !scalar && !array {
		return Param{}, p.fail(at.pos, "%s cannot be %s: it is passed as it is", typeText(param.Type), param.Dir)
	}
	if p.is("=") {
		at := p.next()
		if !scalar || param.Dir != In {
			return Param{}, p.fail(at.pos, "only a scalar that is passed by value can be computed")
		}
		if param.Value, err = p.expr(); err != nil {
			return Param{}, err
		}
	}
	return param, nil
}

func (p *parser) result(s *Signature) error {
	if t := p.peek(); t.is("(") {
		return p.fail(t.pos, "a function has one result; C returns more through out parameters")
	} else if t.is("out") || t.is("inout") || t.is("in") {
		return p.fail(t.pos, "a result has no direction")
	}
	var err error
	if s.Result.Type, err = p.typ(true); err != nil {
		return err
	}
	_, scalar := s.Result.Type.(Scalar)
	_, array := s.Result.Type.(ArrayOf)
	for {
		at := p.peek()
		switch {
		case at.is("ok") && scalar && s.Result.OK == nil:
			p.i++
			n, err := p.okValue()
			if err != nil {
				return err
			}
			s.Result.OK = &n
		case at.is("nullable") && !scalar && !s.Result.Nullable:
			p.i++
			s.Result.Nullable = true
		case at.is("owned") && array && !s.Result.Owned:
			p.i++
			s.Result.Owned = true
		case at.is("ok") && s.Result.OK != nil, at.is("nullable") && s.Result.Nullable, at.is("owned") && s.Result.Owned:
			return p.fail(at.pos, "%s is said twice", at.text)
		case at.is("ok"):
			return p.fail(at.pos, "ok() goes with a scalar, the result is %s", typeText(s.Result.Type))
		case at.is("nullable"):
			return p.fail(at.pos, "nullable goes with a pointer, the result is %s", typeText(s.Result.Type))
		case at.is("owned"):
			return p.fail(at.pos, "owned goes with an array, the result is %s", typeText(s.Result.Type))
		default:
			return nil
		}
	}
}

func (p *parser) okValue() (int64, error) {
	if err := p.expect("(", "after ok"); err != nil {
		return 0, err
	}
	minus := ""
	if p.accept("-") {
		minus = "-"
	}
	t := p.next()
	n, err := strconv.ParseInt(minus+t.text, 10, 64)
	if t.kind != tokInt || err != nil {
		return 0, p.fail(t.pos, "want a 64-bit integer in ok(), got %s", t)
	}
	return n, p.expect(")", "after the value of ok")
}

// cond reads a comparison, or the choice of a type variable.
func (p *parser) cond() (Cond, error) {
	if t := p.peek(); t.kind == tokIdent && isVar(t.text) && p.after().is("in") {
		p.i += 2
		c := Cond{Var: t.text}
		var err error
		c.In, err = p.elems()
		return c, err
	}
	var c Cond
	var err error
	if c.X, err = p.expr(); err != nil {
		return c, err
	}
	op := p.next()
	if comparisons[op.text] == 0 || op.kind != tokPunct {
		return c, p.fail(op.pos, "want a comparison after %s, got %s", c.X, op)
	}
	c.Op = op.text
	c.Y, err = p.expr()
	return c, err
}

// expr reads sums of products of atoms.
func (p *parser) expr() (*Expr, error) {
	return p.operators(p.term, map[string]Op{"+": Add, "-": Subtract})
}

func (p *parser) term() (*Expr, error) {
	return p.operators(p.atom, map[string]Op{"*": Mul, "/": Div, "%": Mod})
}

func (p *parser) operators(operand func() (*Expr, error), ops map[string]Op) (*Expr, error) {
	x, err := operand()
	for err == nil && p.peek().kind == tokPunct {
		op, ok := ops[p.peek().text]
		if !ok {
			break
		}
		at := p.next()
		e := &Expr{Op: op, X: x}
		if e.Y, err = operand(); err == nil && e.depth(MaxDepth) > MaxDepth {
			err = p.fail(at.pos, "expression is nested more than %d deep", MaxDepth)
		}
		x = e
	}
	return x, err
}

var functions = map[string]Op{"itemsize": ItemSize, "nbytes": NBytes, "count": Count, "typecode": TypeCode, "stride": Stride}

func (p *parser) atom() (*Expr, error) {
	t := p.peek()
	op, isFunc := functions[t.text]
	switch {
	case t.kind == tokInt:
		n, err := p.integer("a number", math.MaxInt64)
		return &Expr{N: n}, err
	case t.is("("):
		if p.depth++; p.depth > MaxDepth {
			return nil, p.fail(t.pos, "expression is nested more than %d deep", MaxDepth)
		}
		p.i++
		e, err := p.expr()
		if err == nil {
			err = p.expect(")", "after the expression")
		}
		p.depth--
		return e, err
	case t.kind == tokIdent && isFunc && p.after().is("("):
		p.i += 2
		of := p.next()
		if of.kind != tokIdent || !isIdent(of.text) {
			return nil, p.fail(of.pos, "want the name of an array in %s(), got %s", t.text, of)
		}
		e := &Expr{Op: op, Name: of.text}
		if op == Stride {
			if err := p.expect(",", "and an axis after the array"); err != nil {
				return nil, err
			}
			axis, err := p.integer("an axis", MaxDims-1)
			if err != nil {
				return nil, err
			}
			e.Axis = int(axis)
		}
		return e, p.expect(")", "after "+t.text)
	case t.kind == tokIdent && isIdent(t.text):
		p.i++
		return &Expr{Op: Name, Name: t.text}, nil
	}
	return nil, p.fail(t.pos, "want a number, a name or a function of an array, got %s", t)
}
