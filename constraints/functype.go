package constraints

import (
	"fmt"
	"slices"
	"strings"
)

// FuncType is the type of a pointer to a function: of a callback that the host
// supplies, as a parameter, or of a function of the guest, as a result.
//
//	func(x: f64[n], n: size) -> f64
//
// is C's double (*)(const double *x, size_t n). Names in the dimensions of its arrays
// are its own integer scalars, or else names of the signature that it stands in.
// [ParseFunc] reads one that stands by itself.
type FuncType struct {
	Structs  []StructDecl // of one by itself: types that it names, each after those of its fields; in a signature those of the signature count
	Params   []Param      // Scalar and ArrayOf, without direction and value; a name may be empty
	Result   *Scalar      // nil: nothing
	Nullable bool         // of a parameter: may be NULL
}

func (FuncType) isType() {}

// String is the text of the type, after the declarations in Structs. ParseFunc reads it
// back where the type can stand by itself and is not nullable.
func (t FuncType) String() string { return structsText(t.Structs) + t.line() }

// line is the text without the declarations. What no func can be made of, another func
// among the parameters, is not looked into: a literal may hold itself.
func (t FuncType) line() string {
	params := make([]string, len(t.Params))
	for i, p := range t.Params {
		if _, nested := p.Type.(FuncType); nested {
			params[i] = "func(...)"
		} else {
			params[i] = paramText(p)
		}
		if p.Name != "" {
			params[i] = p.Name + ": " + params[i]
		}
	}
	text := "func(" + strings.Join(params, ", ") + ")"
	if t.Result != nil {
		text += " -> " + typeText(*t.Result)
	}
	return text + nullableText(t.Nullable)
}

// own is the position of the integer scalar of that name among the parameters; -1: there
// is none.
func (t FuncType) own(name string) int {
	return slices.IndexFunc(t.Params, func(p Param) bool {
		s, ok := p.Type.(Scalar)
		return ok && p.Name == name && name != "" && isInteger(s)
	})
}

// label is how messages call a parameter: "n" or 2.
func (t FuncType) label(i int) string { return (&Signature{Params: t.Params}).quoted(i) }

func (t FuncType) clone() FuncType {
	t.Structs, t.Params = slices.Clone(t.Structs), slices.Clone(t.Params)
	for i := range t.Params {
		p := &t.Params[i]
		if _, nested := p.Type.(FuncType); !nested {
			p.Type, p.Value = cloneType(p.Type), p.Value.clone()
		}
	}
	if t.Result != nil {
		r := *t.Result
		t.Result = &r
	}
	return t
}

// Func is the func type of parameter i, or of the result with i = -1, by itself: with
// the declarations of the structs that it names, and not nullable. It is false where
// the type is another one.
func (s *Signature) Func(i int) (FuncType, bool) {
	of := s.Result.Type
	if i >= 0 {
		of = s.Params[i].Type
	}
	t, ok := of.(FuncType)
	if !ok {
		return FuncType{}, false
	}
	t = t.clone()
	t.Structs, t.Nullable = s.structsOf(t), false
	return t, true
}

// structsOf are the declarations that a func type needs.
func (s *Signature) structsOf(t FuncType) []StructDecl {
	used := map[string]bool{}
	for _, p := range t.Params {
		if a, ok := p.Type.(ArrayOf); ok {
			for _, e := range a.Elems {
				used[e.Name] = true
			}
		}
	}
	var all []StructDecl
	for i, d := range slices.Backward(s.Structs) { // what a struct names stands before it
		if !used[d.Name] {
			continue
		}
		all = append(all, d)
		for k := range d.DType.NumField() {
			base, _ := split(d.DType.Field(k).DType)
			used[structName(base, s.Structs[:i])] = true
		}
	}
	slices.Reverse(all)
	return all
}

// check refuses what cannot stand by itself: an extent that is not known, or elements
// of which the host does not know what to make.
func (t FuncType) check() error {
	s := &Signature{Structs: t.Structs}
	if err := s.checkDecls(); err != nil {
		return err
	}
	return s.scope().checkFunc(t, true)
}

// checkFunc judges a func type: within a signature, or alone, where only its own
// scalars have names.
func (sc *scope) checkFunc(t FuncType, alone bool) error {
	if len(t.Params) > MaxParams {
		return fmt.Errorf("func has %d parameters, want at most %d", len(t.Params), MaxParams)
	}
	inner := *sc
	inner.fn, inner.alone = &t, alone
	names := map[string]bool{}
	for i, p := range t.Params {
		if p.Name != "" && names[p.Name] {
			return fmt.Errorf("func has two parameters named %q", p.Name)
		}
		names[p.Name] = true
		if err := inner.checkFuncParam(p); err != nil {
			return fmt.Errorf("func parameter %s: %w", t.label(i), err)
		}
	}
	if t.Result != nil {
		if err := sc.checkType(*t.Result, true); err != nil {
			return fmt.Errorf("func result: %w", err)
		}
	}
	return nil
}

func (sc *scope) checkFuncParam(p Param) error {
	switch {
	case p.Name != "" && !isIdent(p.Name):
		return fmt.Errorf("its name is no identifier")
	case p.Dir != In || p.Value != nil:
		return fmt.Errorf("direction and value go with the parameters of the function itself")
	}
	switch q := p.Type.(type) {
	case Scalar:
		return sc.checkType(q, true)
	case ArrayOf:
		plain := ArrayOf{Elems: q.Elems, Dims: q.Dims, Nullable: q.Nullable}
		if typeText(plain) != typeText(q) {
			return fmt.Errorf("%s: attributes go with the parameters of the function itself", typeText(q))
		}
		if _, one := fixed(q.Elems); sc.alone && len(q.Elems) > 0 && !one {
			return fmt.Errorf("%s: the host must know of which type the elements are, want one dtype", typeText(q))
		}
		return sc.checkArray(q, beforeCall)
	}
	return fmt.Errorf("%s: want a scalar or an array", typeText(p.Type))
}
