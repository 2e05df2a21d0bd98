package constraints

import "fmt"

// File is what a file of signatures beside a module holds.
type File struct {
	Structs    []StructDecl // in the order of the file
	Signatures []*Signature // in the order of the file, one for each name
}

// ParseFile reads a file of signatures: one each line or between semicolons, in any
// order with the declarations, "#" starting a comment, and lines "wasmffi 1"
// that name the version of the language. Only a struct in a struct must be
// declared before. Equal signatures are merged; two different ones of one name are
// refused. Errors are *ParseError.
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
	var sigs []int // token index of each signature
	for p.peek().kind != tokEnd {
		if p.peek().kind == tokBreak {
			p.i++
			continue
		}
		end := p.i
		for p.toks[end].kind != tokBreak && p.toks[end].kind != tokEnd {
			end++
		}
		if size := p.toks[end].pos - p.peek().pos; size > MaxText {
			return nil, p.fail(p.peek().pos, "signature or declaration has %d bytes, want at most %d", size, MaxText)
		}
		switch second := p.toks[p.i+1]; {
		case p.is("type") && second.kind == tokIdent:
			if err := p.decl(); err != nil {
				return nil, err
			}
		case versions && p.is("wasmffi") && second.kind == tokInt:
			if second.text != "1" {
				return nil, p.fail(second.pos, "version is %s, want 1", second)
			}
			p.i += 2
		default:
			if len(sigs) == MaxSignatures {
				return nil, p.fail(p.peek().pos, "more than %d signatures", MaxSignatures)
			}
			sigs = append(sigs, p.i)
			p.i = end
		}
		if k := p.peek().kind; k != tokBreak && k != tokEnd {
			return nil, p.fail(p.peek().pos, "want the end of the line or \";\", got %s", p.peek())
		}
	}
	f := &File{}
	for _, s := range p.structs {
		f.Structs = append(f.Structs, s.StructDecl)
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
