package constraints

import "github.com/wasmffi/go/memview"

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

// isElem reports whether the language has a name for d that is not a struct's.
func isElem(d memview.DType) bool {
	for _, e := range elems {
		if e.dtype.Equal(d) {
			return true
		}
	}
	return false
}

// cNames are types of C that a newcomer would write.
var cNames = map[string]string{
	"float": "f32 (C float)", "double": "f64 (C double)", "int": "i32 (C int)", "long": "i32 (C long on wasm32)",
	"char": "i8 or u8", "short": "i16 (C short)", "unsigned": "u32 (C unsigned)", "size_t": "size", "void": "no result at all",
	"float32": "f32", "float64": "f64", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
	"uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64", "complex64": "c64", "complex128": "c128", "float16": "f16",
	"f8": "f64 (the language counts bits)", "i1": "i8 (the language counts bits)", "u1": "u8 (the language counts bits)",
	"f4": "f32 (the language counts bits)", "i4": "i32 (the language counts bits)", "c8": "c64 (the language counts bits)", "c16": "c128 (the language counts bits)",
}

// element is an element type as a text named it.
type element struct {
	dtype  memview.DType
	name   string // how it was named, where the dtype does not say so; else empty
	scalar bool   // may be passed by value
	decl   int    // of a struct: the place of its declaration; else -1
}

func (p *parser) elem() (element, error) {
	t := p.next()
	if t.kind != tokIdent {
		return element{}, p.fail(t.pos, "want a type, got %s", t)
	}
	for _, e := range elems {
		if e.name == t.text {
			name := ""
			if e.alias {
				name = e.name
			}
			return element{e.dtype, name, e.scalar, -1}, nil
		}
	}
	for i, s := range p.structs {
		if s.Name == t.text {
			return element{s.DType, s.Name, false, i}, nil
		}
	}
	if c, ok := cNames[t.text]; ok {
		return element{}, p.fail(t.pos, "unknown type %s: write %s", t, c)
	}
	return element{}, p.fail(t.pos, "unknown type %s", t)
}
