package constraints

import (
	"slices"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// declared is a struct declaration that was read. Types with the same fields
// share one DType, so that comparing them is comparing pointers: chains of structs that
// hold two of the one before would else take exponential time.
type declared struct {
	StructDecl
	same int   // place of the first declaration with the same fields
	uses []int // places of the declarations that the fields name, the first of each that are the same
}

// decl reads: type Name = { field: elem[dims], ... }
func (p *parser) decl() error {
	p.i++
	name := p.next()
	if !isStructName(name.text) {
		return p.fail(name.pos, "name of a type is %s, want a capital and at least one more character", name)
	}
	if err := p.expect("=", "after the name of the type"); err != nil {
		return err
	}
	if err := p.expect("{", "to begin the fields of "+name.text); err != nil {
		return err
	}
	d := declared{StructDecl: StructDecl{Name: name.text}, same: len(p.structs)}
	var fields []memview.Field
	key := "" // the fields with each type by the first name that it had
	for !p.accept("}") {
		if len(fields) > 0 {
			if err := p.expect(",", "or \"}\" after a field"); err != nil {
				return err
			}
		}
		f, elem, err := p.field()
		if err != nil {
			return err
		}
		_, shape := split(f.DType)
		key += f.Name + ":"
		if elem.decl >= 0 {
			first := p.structs[elem.decl].same
			key += strconv.Itoa(first)
			if !slices.Contains(d.uses, first) {
				d.uses = append(d.uses, first)
			}
		} else {
			key += elemText(elem.dtype, "")
		}
		key += shapeText(shape) + ","
		fields = append(fields, f)
	}
	if len(fields) == 0 {
		return p.fail(name.pos, "type %s has no fields", name.text)
	}
	if first, ok := p.alike[key]; ok {
		d.same, d.DType = first, p.structs[first].DType
	} else {
		var err error
		if d.DType, err = memview.StructOf(fields...); err != nil {
			return p.fail(name.pos, "type %s: %v", name.text, err)
		}
	}
	for _, s := range p.structs {
		if s.Name == d.Name && s.same == d.same {
			return nil // sections of several objects repeat declarations
		} else if s.Name == d.Name {
			return p.fail(name.pos, "type %s is declared twice, with different fields", name.text)
		}
	}
	if len(p.structs) == MaxStructs {
		return p.fail(name.pos, "more than %d types", MaxStructs)
	}
	p.alike[key] = d.same
	p.structs = append(p.structs, d)
	return nil
}

// field reads: name: elem[dims]
func (p *parser) field() (memview.Field, element, error) {
	n := p.next()
	if n.kind != tokIdent {
		return memview.Field{}, element{}, p.fail(n.pos, "want a field name, got %s", n)
	}
	if err := p.expect(":", "after the field name"); err != nil {
		return memview.Field{}, element{}, err
	}
	elem, err := p.elem()
	if err != nil {
		return memview.Field{}, element{}, err
	}
	f := memview.Field{Name: n.text, DType: elem.dtype}
	if !p.accept("[") {
		return f, elem, nil
	}
	var shape []int
	for more := true; more; more = p.accept(",") {
		k, err := p.integer("a dimension of the field")
		if err != nil {
			return f, elem, err
		}
		shape = append(shape, k)
	}
	if err := p.expect("]", "after the dimensions"); err != nil {
		return f, elem, err
	}
	if f.DType, err = memview.SubArrayOf(f.DType, shape...); err != nil {
		return f, elem, p.fail(n.pos, "%v", err)
	}
	return f, elem, nil
}

// needed are the declarations without which a signature cannot be read: those that it
// names, and those that their fields need.
func (p *parser) needed(named []int) []StructDecl {
	if len(named) == 0 {
		return nil
	}
	need := make([]bool, len(p.structs))
	for len(named) > 0 {
		i := named[len(named)-1]
		named = named[:len(named)-1]
		if !need[i] {
			need[i] = true
			named = append(named, p.structs[i].uses...)
		}
	}
	var out []StructDecl
	for i, s := range p.structs {
		if need[i] {
			out = append(out, s.StructDecl)
		}
	}
	return out
}
