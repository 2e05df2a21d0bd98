package constraints

import (
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// String is the text of the signature. Parse reads it back if the language can say
// it: not an NDPointer, a parameter without a name, or a dtype that the
// language has no name for.
func (s *Signature) String() string {
	var b strings.Builder
	b.WriteString(structsText(s.Structs))
	for _, d := range s.Handles {
		b.WriteString("type " + d.Name + " = opaque")
		if d.Free != "" {
			b.WriteString(" free(" + nameText(d.Free) + ")")
		}
		b.WriteString("; ")
	}
	b.WriteString(s.line())
	return b.String()
}

// line is the text without the declarations.
func (s *Signature) line() string {
	var b strings.Builder
	b.WriteString(nameText(s.Name) + "(")
	for i, p := range s.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.Name != "" {
			b.WriteString(p.Name + ": ")
		}
		b.WriteString(paramText(p))
	}
	b.WriteString(")")
	if r := s.Result; r.Type != nil {
		b.WriteString(" -> " + typeText(r.Type))
		if r.OK != nil {
			b.WriteString(" ok(" + strconv.FormatInt(*r.OK, 10) + ")")
		}
		if r.Nullable {
			b.WriteString(" nullable")
		}
		if r.Owned {
			b.WriteString(" owned")
		}
	}
	for i, c := range s.Where {
		if i == 0 {
			b.WriteString(" where ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(c.String())
	}
	return b.String()
}

// String is the condition as the language writes it.
func (c Cond) String() string {
	if c.Var != "" {
		return c.Var + " in " + elemsText(c.In)
	}
	return c.X.String() + " " + c.Op + " " + c.Y.String()
}

// ParamText is parameter i as the language writes it, without its name.
func (s *Signature) ParamText(i int) string { return paramText(s.Params[i]) }

func paramText(p Param) string {
	text := typeText(p.Type)
	if nd, ok := p.Type.(NDPointer); ok && p.Dir != In {
		nd.Dir = p.Dir // it prints its direction itself
		text = nd.String()
	} else if p.Dir != In {
		text = p.Dir.String() + " " + text
	}
	if p.Value != nil {
		text += " = " + p.Value.String()
	}
	return text
}

func typeText(t Type) string {
	switch t := t.(type) {
	case Scalar:
		return dtypeText(t.DType, t.Name)
	case ArrayOf:
		return t.String()
	case NDPointer:
		return t.String()
	case CString:
		return "cstr" + nullableText(t.Nullable)
	case Handle:
		return t.Name + nullableText(t.Nullable)
	case FuncType:
		return t.line()
	}
	return "?"
}

func nullableText(nullable bool) string {
	if nullable {
		return " nullable"
	}
	return ""
}

// String is the type as the language writes it.
func (a ArrayOf) String() string {
	dims := make([]string, len(a.Dims))
	for i, d := range a.Dims {
		dims[i] = d.String()
	}
	var text strings.Builder
	text.WriteString(elemsText(a.Elems) + "[" + strings.Join(dims, ",") + "]")
	text.WriteString([...]string{COrder: "", FOrder: " F", Contiguous: " contig", Strided: " strided"}[min(a.Layout, Strided)])
	if a.Align != 0 {
		text.WriteString(" align(" + strconv.Itoa(a.Align) + ")")
	}
	text.WriteString(nullableText(a.Nullable))
	for _, f := range []struct {
		is   bool
		word string
	}{{a.MayAlias, " mayalias"}, {a.Finite, " finite"}, {a.Desc, " desc"}} {
		if f.is {
			text.WriteString(f.word)
		}
	}
	if a.Len != nil {
		text.WriteString(" len(" + a.Len.String() + ")")
	}
	return text.String()
}

// String is the dimension as the language writes it.
func (d Dim) String() string {
	switch {
	case d.Name != "":
		return d.Name
	case d.Expr != nil:
		return d.Expr.String()
	}
	return strconv.Itoa(d.N)
}

func nameText(name string) string {
	if isIdent(name) {
		return name
	}
	return strconv.Quote(name)
}

// structsText are declarations, each with a separator after it.
func structsText(all []StructDecl) string {
	var b strings.Builder
	for i, d := range all {
		b.WriteString("type " + d.Name + " = " + structText(d.DType, all[:i]) + "; ")
	}
	return b.String()
}

// structText is a declaration without its name. Fields name only types
// that are declared before.
func structText(d memview.DType, before []StructDecl) string {
	fields := make([]string, d.NumField())
	for i := range fields {
		f := d.Field(i)
		t, shape := split(f.DType)
		fields[i] = f.Name + ": " + dtypeText(t, structName(t, before)) + shapeText(shape)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// shapeText is the shape of a block of elements in a field: "[2,3]"; empty for one element.
func shapeText(shape []int) string {
	if len(shape) == 0 {
		return ""
	}
	dims := make([]string, len(shape))
	for i, n := range shape {
		dims[i] = strconv.Itoa(n)
	}
	return "[" + strings.Join(dims, ",") + "]"
}

// structName is the name of the first of some declarations that has the dtype d;
// empty when none has.
func structName(d memview.DType, declared []StructDecl) string {
	if d.Kind() == memview.Struct {
		for _, s := range declared { // of a text types are the same to the pointer
			if s.DType == d {
				return s.Name
			}
		}
		for _, s := range declared {
			if s.DType.Equal(d) {
				return s.Name
			}
		}
	}
	return ""
}

// label is how messages call a parameter.
func (s *Signature) label(i int) string {
	if s.Params[i].Name != "" {
		return s.Params[i].Name
	}
	return strconv.Itoa(i + 1)
}

// quoted is label in messages that are about the signature itself: "n" or 2.
func (s *Signature) quoted(i int) string {
	if s.Params[i].Name != "" {
		return strconv.Quote(s.Params[i].Name)
	}
	return strconv.Itoa(i + 1)
}
