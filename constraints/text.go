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
	for i, d := range s.Structs {
		b.WriteString("type " + d.Name + " = " + structText(d.DType, s.Structs[:i]) + "; ")
	}
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
	if s.Result.Type != nil {
		b.WriteString(" -> " + typeText(s.Result.Type))
		if s.Result.OK != nil {
			b.WriteString(" ok(" + strconv.FormatInt(*s.Result.OK, 10) + ")")
		}
		if s.Result.Nullable {
			b.WriteString(" nullable")
		}
	}
	return b.String()
}

func paramText(p Param) string {
	if p.Dir == In {
		return typeText(p.Type)
	}
	if nd, ok := p.Type.(NDPointer); ok {
		nd.Dir = p.Dir // it prints its direction itself
		return nd.String()
	}
	return p.Dir.String() + " " + typeText(p.Type)
}

func typeText(t Type) string {
	switch t := t.(type) {
	case Scalar:
		return elemText(t.DType, t.Name)
	case ArrayOf:
		dims := make([]string, len(t.Dims))
		for i, d := range t.Dims {
			dims[i] = d.String()
		}
		return elemText(t.DType, t.Name) + "[" + strings.Join(dims, ",") + "]"
	case NDPointer:
		return t.String()
	}
	return "?"
}

// String is the dimension as the language writes it.
func (d Dim) String() string {
	if d.Name != "" {
		return d.Name
	}
	return strconv.Itoa(d.N)
}

func nameText(name string) string {
	if isIdent(name) {
		return name
	}
	return strconv.Quote(name)
}

// structText is a declaration without its name. Fields name only types
// that are declared before, because Parse knows no others there.
func structText(d memview.DType, before []StructDecl) string {
	fields := make([]string, d.NumField())
	for i := range fields {
		f := d.Field(i)
		t, shape := split(f.DType)
		fields[i] = f.Name + ": " + elemText(t, structName(t, before)) + shapeText(shape)
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
