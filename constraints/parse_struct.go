package constraints

import (
	"github.com/wasmffi/go/memview"
)

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
