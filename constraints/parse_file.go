package constraints

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// File is what a file of signatures beside a module, or in one, holds.
type File struct {
	Structs    []StructDecl // in the order of the text
	Handles    []HandleDecl // in the order of the text
	Signatures []*Signature // in the order of the text, each with the declarations it names
}

// ParseFile reads a file of signatures: one each line or between semicolons, in any
// order with the declarations, "#" starting a comment, and lines "wasmffi 1"
// that name the version of the language. Equal lines are merged; two
// different signatures or declarations of one name are refused. Errors are *ParseError.
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

// decl is a declaration, and where it stands: more than once when several
// objects that were linked together declare the same.
type decl struct {
	name   string
	at     []int // token of each "type"
	opaque bool
	free   string
	dtype  memview.DType
	key    string  // the fields of a struct, see decl; only while it is read
	same   *decl   // the first with the same fields, whose dtype it shares; nil: none before
	uses   []*decl // structs that it names
	state  declState
}

type declState uint8

const (
	declUnread declState = iota
	declReading
	declRead
)

// file reads declarations first, wherever they stand, then signatures.
func (p *parser) file(versions bool) (*File, error) {
	sigs, err := p.statements(versions)
	if err != nil {
		return nil, err
	}
	f := &File{}
	for _, d := range p.order {
		if d.opaque {
			f.Handles = append(f.Handles, HandleDecl{d.name, d.free})
		} else {
			f.Structs = append(f.Structs, StructDecl{d.name, d.dtype})
		}
	}
	texts := map[string]string{}
	for _, i := range sigs {
		p.i = i
		s, err := p.sig()
		if err != nil {
			return nil, err
		}
		text := s.String()
		if len(text) > MaxText { // spaces and declarations were added: Parse would refuse it
			return nil, p.fail(p.toks[i].pos, "signature has %d bytes with its declarations, want at most %d", len(text), MaxText)
		}
		if first, ok := texts[s.Name]; !ok {
			texts[s.Name] = text
			f.Signatures = append(f.Signatures, s)
		} else if first != text {
			return nil, p.fail(p.toks[i].pos, "%s has two different signatures: %s and %s", nameText(s.Name), first, text)
		}
	}
	return f, nil
}

// statements reads the declarations and is the token of everything else: signatures, and what
// the caller takes for one.
func (p *parser) statements(versions bool) ([]int, error) {
	var sigs []int
	for p.peek().kind != tokEnd {
		at := p.peek()
		switch {
		case at.kind == tokBreak:
			p.i++
			continue
		case p.statement() > MaxText:
			return nil, p.fail(at.pos, "signature or declaration has %d bytes, want at most %d", p.statement(), MaxText)
		case at.is("type") && p.after().kind == tokIdent:
			d := p.decls[p.after().text]
			if d == nil {
				if d = (&decl{name: p.after().text}); len(p.order) == MaxStructs {
					return nil, p.fail(at.pos, "more than %d types", MaxStructs)
				}
				p.decls[d.name], p.order = d, append(p.order, d)
			}
			d.at = append(d.at, p.i)
		case versions && at.is("wasmffi") && p.after().kind == tokInt:
			if v := p.after(); v.text != "1" {
				return nil, p.fail(v.pos, "version is %s, want 1", v)
			}
			if p.i += 2; p.peek().kind != tokBreak && p.peek().kind != tokEnd {
				return nil, p.fail(p.peek().pos, "want the end of the line or \";\", got %s", p.peek())
			}
			continue
		default:
			if len(sigs) == MaxSignatures {
				return nil, p.fail(at.pos, "more than %d signatures", MaxSignatures)
			}
			sigs = append(sigs, p.i)
		}
		for p.peek().kind != tokBreak && p.peek().kind != tokEnd {
			p.i++
		}
	}
	for _, d := range p.order {
		if err := p.resolve(d, 0); err != nil {
			return nil, err
		}
	}
	return sigs, nil
}

// statement is the length in bytes of the one that begins here.
func (p *parser) statement() int {
	end := p.i
	for p.toks[end].kind != tokBreak && p.toks[end].kind != tokEnd {
		end++
	}
	return p.toks[end].pos - p.peek().pos
}

// resolve reads a declaration, and those that it names before it.
func (p *parser) resolve(d *decl, depth int) error {
	switch {
	case d.state == declRead:
		return nil
	case d.state == declReading:
		return p.fail(p.toks[d.at[0]].pos, "type %s holds itself", d.name)
	case depth > MaxDepth:
		return p.fail(p.toks[d.at[0]].pos, "type %s is nested more than %d deep", d.name, MaxDepth)
	}
	d.state = declReading
	for k, at := range d.at {
		p.i = at
		again := &decl{name: d.name}
		if err := p.decl(again, depth); err != nil {
			return err
		}
		if k == 0 {
			d.opaque, d.free, d.dtype, d.same, d.uses = again.opaque, again.free, again.dtype, again.same, again.uses
			if d.same == nil && !d.opaque {
				d.same = d
				p.alike[again.key] = d
			}
		} else if d.opaque != again.opaque || d.free != again.free || !d.opaque && d.same != again.same {
			return p.fail(p.toks[at+1].pos, "type %s is declared twice, in different ways", d.name)
		}
	}
	d.state = declRead
	return nil
}

// decl reads: type Name = { field: elem[dims], ... } or type Name = opaque free(export)
func (p *parser) decl(d *decl, depth int) error {
	p.i++
	name := p.next()
	if len(name.text) < 2 || name.text[0] < 'A' || name.text[0] > 'Z' {
		return p.fail(name.pos, "name of a type is %s, want a capital and at least one more character", name)
	}
	if err := p.expect("=", "after the name of the type"); err != nil {
		return err
	}
	if p.accept("opaque") {
		d.opaque = true
		if p.accept("free") {
			if err := p.expect("(", "after free"); err != nil {
				return err
			}
			free := p.next()
			if free.kind != tokString && (free.kind != tokIdent || !isIdent(free.text)) || free.text == "" {
				return p.fail(free.pos, "want the name of the function that frees a %s, got %s", d.name, free)
			}
			d.free = free.text
			if err := p.expect(")", "after the name of the function"); err != nil {
				return err
			}
		}
		return p.endOfDecl()
	}
	if err := p.expect("{", "to begin the fields of "+d.name+", or opaque"); err != nil {
		return err
	}
	var fields []memview.Field
	// Types with the same fields share one dtype, so that comparing them is comparing
	// pointers: chains of structs that hold two of the one before would else take
	// exponential time. The key has each type of a field by its first name.
	key := ""
	for !p.accept("}") {
		if len(fields) > 0 {
			if err := p.expect(",", "or \"}\" after a field"); err != nil {
				return err
			}
		}
		f, text, err := p.field(d, depth)
		if err != nil {
			return err
		}
		fields, key = append(fields, f), key+f.Name+":"+text+","
	}
	if len(fields) == 0 {
		return p.fail(name.pos, "type %s has no fields", d.name)
	}
	if first := p.alike[key]; first != nil {
		d.same, d.dtype = first, first.dtype
		return p.endOfDecl()
	}
	var err error
	if d.dtype, err = memview.StructOf(fields...); err != nil {
		return p.fail(name.pos, "type %s: %v", d.name, err)
	}
	d.key = key
	return p.endOfDecl()
}

func (p *parser) endOfDecl() error {
	if k := p.peek().kind; k != tokBreak && k != tokEnd {
		return p.fail(p.peek().pos, "want the end of the line or \";\", got %s", p.peek())
	}
	return nil
}

// field reads: name: elem[dims]. The text is that of its type, by the first name
// that each struct had.
func (p *parser) field(d *decl, depth int) (f memview.Field, text string, err error) {
	n := p.next()
	if n.kind != tokIdent {
		return f, "", p.fail(n.pos, "want a field name, got %s", n)
	}
	if err := p.expect(":", "after the field name"); err != nil {
		return f, "", err
	}
	at := p.peek()
	inner := p.decls[at.text]
	if at.kind != tokIdent {
		inner = nil
	}
	if inner != nil {
		here := p.i
		if err := p.resolve(inner, depth+1); err != nil {
			return f, "", err
		}
		p.i = here
		d.uses = append(d.uses, inner.same)
	}
	e, err := p.elem()
	if err != nil {
		return f, "", err
	}
	if e.DType.IsZero() {
		return f, "", p.fail(at.pos, "field %s: %s has no fixed size", n.text, e)
	}
	f, text = memview.Field{Name: n.text, DType: e.DType}, dtypeText(e.DType, "")
	if inner != nil {
		text = inner.same.name
	}
	if !p.accept("[") {
		return f, text, nil
	}
	var shape []int
	for more := true; more; more = p.accept(",") {
		k, err := p.integer("a dimension of the field", 1<<31-1)
		if err != nil {
			return f, "", err
		}
		shape = append(shape, int(k))
	}
	if err := p.expect("]", "after the dimensions"); err != nil {
		return f, "", err
	}
	if f.DType, err = memview.SubArrayOf(f.DType, shape...); err != nil {
		return f, "", p.fail(n.pos, "%v", err)
	}
	return f, text + shapeText(shape), nil
}

// declare gives s the declarations that it names, structs after those in them.
func (p *parser) declare(s *Signature) {
	done, known := map[*decl]bool{}, map[*decl]bool{} // known: by the first with the same fields
	var visit func(d *decl)
	visit = func(d *decl) {
		if done[d] {
			return
		}
		done[d], known[d.same] = true, true
		for _, inner := range d.uses {
			if !known[inner.same] { // one name is enough for what fields are of
				visit(inner)
			}
		}
		if d.opaque {
			s.Handles = append(s.Handles, HandleDecl{d.name, d.free})
		} else {
			s.Structs = append(s.Structs, StructDecl{d.name, d.dtype})
		}
	}
	for _, d := range p.order {
		if p.used[d.name] {
			visit(d)
		}
	}
}
