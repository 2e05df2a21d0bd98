package constraints

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// checkDecls refuses declarations that the language could not say: they would be
// printed as a text that means another struct. Those of Parse are right as they are.
func (s *Signature) checkDecls() error {
	if n := len(s.Structs) + len(s.Handles); n > MaxStructs {
		return fmt.Errorf("%d types, want at most %d", n, MaxStructs)
	}
	names := map[string]bool{}
	declare := func(name string) error {
		if !isIdent(name) || !isStructName(name) {
			return fmt.Errorf("name of a type is %q, want a capital and at least one more character", name)
		}
		if names[name] {
			return fmt.Errorf("type %s is declared twice", name)
		}
		names[name] = true
		return nil
	}
	for _, d := range s.Handles {
		if err := declare(d.Name); err != nil {
			return err
		}
	}
	for i, d := range s.Structs {
		if err := declare(d.Name); err != nil {
			return err
		}
		if err := checkStruct(d.DType, s.Structs[:i]); err != nil {
			return fmt.Errorf("type %s: %w", d.Name, err)
		}
	}
	return nil
}

func isStructName(name string) bool { return len(name) > 1 && name[0] >= 'A' && name[0] <= 'Z' }

func checkStruct(d memview.DType, before []StructDecl) error {
	if d.Kind() != memview.Struct || d.NumField() == 0 {
		return fmt.Errorf("dtype is %s, want a struct with fields", d)
	}
	fields := make([]memview.Field, d.NumField())
	for i := range fields {
		f := d.Field(i)
		base, _ := split(f.DType)
		if !isFieldName(f.Name) || f.Title != "" {
			return fmt.Errorf("field %q is no name or has a title", f.Name)
		}
		if !isElem(base) && structName(base, before) == "" {
			return fmt.Errorf("field %s is %s, want an element type or a struct that is declared before", f.Name, base)
		}
		fields[i] = f
	}
	if c, err := memview.StructOf(fields...); err != nil || !c.Equal(d) {
		return fmt.Errorf("fields are not laid out as C does it")
	}
	return nil
}

// isFieldName: unlike other names, that of a field may be a lone "_".
func isFieldName(name string) bool { return name == "_" || isIdent(name) }

// split takes a field's dtype apart: the element, and the dimensions of a block of them.
func split(d memview.DType) (memview.DType, []int) {
	if base, shape, ok := d.SubArray(); ok {
		return base, shape
	}
	return d, nil
}
