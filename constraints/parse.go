package constraints

import (
	"fmt"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// Limits of signatures, so that hostile text stays cheap.
const (
	MaxText    = 4096    // bytes of one signature with its declarations
	MaxFile    = 1 << 20 // bytes of a file of signatures
	MaxParams  = 64
	MaxDims    = 8
	MaxSymbols = 16
)

// Parse reads a signature, after the struct declarations that it names:
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

// File is what a file of signatures beside a module holds.
type File struct {
	Structs    []StructDecl
	Signatures []*Signature
}

// ParseFile reads a file of signatures: one each line or between semicolons, in any
// order with the declarations, "#" starting a comment, and lines "wasmffi 1"
// that name the version of the language. Equal signatures are merged; two
// different ones of one name are refused. Errors are *ParseError.
func ParseFile(text string) (*File, error) {
	if len(text) > MaxFile {
		return nil, &ParseError{text[:MaxText], 0, fmt.Sprintf("file has %d bytes, want at most %d", len(text), MaxFile)}
	}
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	return p.file(true)
}

// Lookup finds the signature of an export.
func (f *File) Lookup(name string) (*Signature, bool) {
	for _, s := range f.Signatures {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}

// parser is a recursive descent over tokens; the language nests nowhere, so
// that its recursion is bounded by the grammar itself.
type parser struct {
	text    string
	toks    []token
	i       int
	structs []StructDecl
}

func newParser(text string) (*parser, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	return &parser{text: text, toks: toks}, nil
}

func (p *parser) fail(pos int, format string, args ...any) error {
	return &ParseError{p.text, pos, fmt.Sprintf(format, args...)}
}

func (p *parser) peek() token { return p.toks[p.i] }

func (p *parser) next() token {
	t := p.toks[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

func (p *parser) is(text string) bool {
	t := p.peek()
	return t.text == text && (t.kind == tokPunct || t.kind == tokIdent)
}

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

// file reads declarations first, wherever they stand, then signatures.
func (p *parser) file(versions bool) (*File, error) {
	f := &File{}
	var sigs []int // token index of each signature
	for p.peek().kind != tokEnd {
		if p.peek().kind == tokBreak {
			p.i++
			continue
		}
		switch second := p.toks[p.i+1]; {
		case p.is("type") && second.kind == tokIdent:
			if err := p.decl(); err != nil {
				return nil, err
			}
		case versions && p.is("wasmffi") && second.kind == tokInt:
			if second.text != "1" {
				return nil, p.fail(second.pos, "version is %s, want 1", second.text)
			}
			p.i += 2
		default:
			sigs = append(sigs, p.i)
			for p.peek().kind != tokBreak && p.peek().kind != tokEnd {
				p.i++
			}
		}
		if k := p.peek().kind; k != tokBreak && k != tokEnd {
			return nil, p.fail(p.peek().pos, "want the end of the line or \";\", got %s", p.peek())
		}
	}
	f.Structs = p.structs
	texts := map[string]string{}
	for _, i := range sigs {
		p.i = i
		s, err := p.sig()
		if err != nil {
			return nil, err
		}
		text := s.String()
		if first, ok := texts[s.Name]; !ok {
			texts[s.Name] = text
			f.Signatures = append(f.Signatures, s)
		} else if first != text {
			return nil, p.fail(p.toks[i].pos, "%s has two different signatures: %s and %s", s.Name, first, text)
		}
	}
	return f, nil
}

// decl reads: type Name = { field: elem[dims], ... }
func (p *parser) decl() error {
	p.i++
	name := p.next()
	if len(name.text) < 2 || name.text[0] < 'A' || name.text[0] > 'Z' {
		return p.fail(name.pos, "name of a type is %s, want a capital and at least one more character", name)
	}
	if err := p.expect("=", "after the name of the type"); err != nil {
		return err
	}
	if err := p.expect("{", "to begin the fields of "+name.text); err != nil {
		return err
	}
	var fields []memview.Field
	for !p.accept("}") {
		if len(fields) > 0 {
			if err := p.expect(",", "or \"}\" after a field"); err != nil {
				return err
			}
		}
		n := p.next()
		if n.kind != tokIdent {
			return p.fail(n.pos, "want a field name, got %s", n)
		}
		if err := p.expect(":", "after the field name"); err != nil {
			return err
		}
		d, _, err := p.elem()
		if err != nil {
			return err
		}
		if p.accept("[") {
			var shape []int
			for more := true; more; more = p.accept(",") {
				k, err := p.integer("a dimension of the field")
				if err != nil {
					return err
				}
				shape = append(shape, k)
			}
			if err := p.expect("]", "after the dimensions"); err != nil {
				return err
			}
			if d, err = memview.SubArrayOf(d, shape...); err != nil {
				return p.fail(n.pos, "%v", err)
			}
		}
		fields = append(fields, memview.Field{Name: n.text, DType: d})
	}
	if len(fields) == 0 {
		return p.fail(name.pos, "type %s has no fields", name.text)
	}
	d, err := memview.StructOf(fields...)
	if err != nil {
		return p.fail(name.pos, "type %s: %v", name.text, err)
	}
	for _, s := range p.structs {
		if s.Name != name.text {
			continue
		}
		if s.DType.Equal(d) {
			return nil // sections of several objects repeat declarations
		}
		return p.fail(name.pos, "type %s is declared twice", name.text)
	}
	p.structs = append(p.structs, StructDecl{name.text, d})
	return nil
}

func (p *parser) integer(what string) (int, error) {
	t := p.next()
	if t.kind != tokInt {
		return 0, p.fail(t.pos, "want %s, got %s", what, t)
	}
	n, err := strconv.ParseInt(t.text, 10, 32)
	if err != nil {
		return 0, p.fail(t.pos, "%s is %s, want at most %d", what, t.text, 1<<31-1)
	}
	return int(n), nil
}

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

// names reports whether a declaration is needed to read s, directly or by a
// field of a struct that is.
func (s *Signature) names(d StructDecl, all []StructDecl) bool {
	uses := func(t Type) bool {
		a, ok := t.(ArrayOf)
		return ok && (a.Name == d.Name || holds(a.DType, d.DType) && a.Name != "")
	}
	for _, p := range s.Params {
		if uses(p.Type) {
			return true
		}
	}
	return uses(s.Result.Type)
}

// holds reports whether a struct has a field of dtype d, at any depth.
func holds(t, d memview.DType) bool {
	for i := range t.NumField() {
		f := t.Field(i).DType
		if base, _, ok := f.SubArray(); ok {
			f = base
		}
		if f.Equal(d) || holds(f, d) {
			return true
		}
	}
	return false
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

// cNames are types of C that a newcomer would write.
var cNames = map[string]string{
	"float": "f32 (C float)", "double": "f64 (C double)", "int": "i32 (C int)", "long": "i32 (C long on wasm32)",
	"char": "i8 or u8", "short": "i16 (C short)", "unsigned": "u32 (C unsigned)", "size_t": "size", "void": "no result at all",
	"float32": "f32", "float64": "f64", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
	"uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64", "complex64": "c64", "complex128": "c128", "float16": "f16",
	"f8": "f64 (the language counts bits)", "i1": "i8 (the language counts bits)", "u1": "u8 (the language counts bits)",
	"f4": "f32 (the language counts bits)", "i4": "i32 (the language counts bits)", "c8": "c64 (the language counts bits)", "c16": "c128 (the language counts bits)",
}

func (p *parser) elem() (d memview.DType, scalar bool, err error) {
	t := p.next()
	if t.kind == tokIdent {
		for _, e := range elems {
			if e.name == t.text {
				return e.dtype, e.scalar, nil
			}
		}
		for _, s := range p.structs {
			if s.Name == t.text {
				return s.DType, false, nil
			}
		}
		if c, ok := cNames[t.text]; ok {
			return d, false, p.fail(t.pos, "unknown type %q: write %s", t.text, c)
		}
		return d, false, p.fail(t.pos, "unknown type %q", t.text)
	}
	return d, false, p.fail(t.pos, "want a type, got %s", t)
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
