package constraints

import (
	"fmt"
	"math"
	"strconv"
)

// Limits of signatures, so that hostile text stays cheap.
const (
	MaxText       = 4096    // bytes of one signature with its declarations, also as String writes it
	MaxFile       = 1 << 20 // bytes of a file of signatures
	MaxSignatures = 4096    // signatures of a file
	MaxStructs    = 256     // declarations of a file or a signature
	MaxParams     = 64      // parameters of a signature
	MaxDims       = 8       // dimensions of an array in a signature
	MaxSymbols    = 16      // names of dimensions in a signature
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

// parser is a recursive descent over tokens; the language nests nowhere, so
// that its recursion is bounded by the grammar itself.
type parser struct {
	text    string
	toks    []token
	i       int
	structs []declared
	alike   map[string]int // fields of a struct -> place of their first declaration
}

func newParser(text string) (*parser, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	return &parser{text: text, toks: toks, alike: map[string]int{}}, nil
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

func (p *parser) integer(what string) (int, error) {
	t := p.next()
	if t.kind != tokInt {
		return 0, p.fail(t.pos, "want %s, got %s", what, t)
	}
	n, err := strconv.ParseInt(t.text, 10, 32)
	if err != nil {
		return 0, p.fail(t.pos, "dimension is %s, want at most %d", t, math.MaxInt32)
	}
	return int(n), nil
}
