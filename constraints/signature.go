package constraints

import (
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Signature describes a whole call: parameters one-to-one with those of the wasm
// function, and the result. Parse makes one from text; it may also be
// written as a literal. It is checked by Compile.
type Signature struct {
	Structs []StructDecl // types that the parameters name
	Name    string       // of the export
	Params  []Param
	Result  Result
}

// StructDecl names a struct dtype: type Particle = {x: f32, y: f32}.
type StructDecl struct {
	Name  string // a capital and at least one more character
	DType memview.DType
}

// Param is one parameter.
type Param struct {
	Name string // empty: called by its position in messages
	Dir  Dir    // of an NDPointer: In, its own field counts
	Type Type
}

// Result is what the function returns.
type Result struct {
	Type     Type   // nil: nothing
	OK       *int64 // the only value that means success; nil: every value does
	Nullable bool   // a pointer that may be NULL
}

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

func elemText(d memview.DType, name string) string {
	if name != "" {
		return name
	}
	for _, e := range elems {
		if e.dtype.Equal(d) && !e.alias {
			return e.name
		}
	}
	return d.String()
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

// elems is the signature language's own table of element types. It counts
// bits, where numpy counts bytes: i8 is int8 here.
var elems = []struct {
	name   string
	dtype  memview.DType
	scalar bool // may be passed by value
	alias  bool // another name for a dtype that has one
}{
	{"bool", memview.Bool, true, false},
	{"i8", memview.I8, true, false}, {"i16", memview.I16, true, false}, {"i32", memview.I32, true, false}, {"i64", memview.I64, true, false},
	{"u8", memview.U8, true, false}, {"u16", memview.U16, true, false}, {"u32", memview.U32, true, false}, {"u64", memview.U64, true, false},
	{"f16", memview.F16, false, false}, {"f32", memview.F32, true, false}, {"f64", memview.F64, true, false},
	{"c64", memview.C64, false, false}, {"c128", memview.C128, false, false},
	{"size", memview.U32, true, true}, {"ptr", memview.U32, true, true},
}
