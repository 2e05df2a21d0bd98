package constraints

import (
	"fmt"
)

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
