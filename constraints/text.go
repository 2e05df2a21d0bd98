package constraints

import (
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// String is the text of the signature; Parse reads it back.
func (s *Signature) String() string {
	var b strings.Builder
	for _, d := range s.Structs {
		b.WriteString("type " + d.Name + " = " + structText(d.DType, s.Structs) + "; ")
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

func structText(d memview.DType, structs []StructDecl) string {
	fields := make([]string, d.NumField())
	for i := range fields {
		f := d.Field(i)
		t, dims := f.DType, ""
		if base, shape, ok := t.SubArray(); ok {
			t = base
			for k, n := range shape {
				if k > 0 {
					dims += ","
				}
				dims += strconv.Itoa(n)
			}
			dims = "[" + dims + "]"
		}
		name := ""
		for _, s := range structs {
			if s.DType.Equal(t) {
				name = s.Name
			}
		}
		fields[i] = f.Name + ": " + elemText(t, name) + dims
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
