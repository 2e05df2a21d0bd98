package constraints

import (
	"strings"

	"github.com/wasmffi/go/memview"
)

// builtins is the signature language's own table of element types. It counts
// bits, where numpy counts bytes: i8 is int8 here.
var builtins = []struct {
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

// builtin finds an element type by its name.
func builtin(name string) (d memview.DType, scalar, ok bool) {
	for _, e := range builtins {
		if e.name == name {
			return e.dtype, e.scalar, true
		}
	}
	return d, false, false
}

// isElem reports whether the language has a name for d that is not a struct's.
func isElem(d memview.DType) bool {
	for _, e := range builtins {
		if e.dtype.Equal(d) {
			return true
		}
	}
	return false
}

// kinds are the classes of dtypes that the language has names for.
var kinds = map[string]memview.Kind{"i": memview.Int, "u": memview.Uint, "f": memview.Float, "c": memview.Complex}

// String is the element as the language writes it.
func (e Elem) String() string {
	switch {
	case e.Var != "":
		return e.Var
	case e.Kind != memview.Invalid:
		return string(rune(e.Kind)) + "*"
	case e.DType.IsZero():
		return "any"
	}
	return dtypeText(e.DType, e.Name)
}

// dtypeText is the name of a dtype in the language; name is what the signature
// calls it, if it has a name of its own.
func dtypeText(d memview.DType, name string) string {
	if name != "" {
		return name
	}
	for _, e := range builtins {
		if e.dtype.Equal(d) && !e.alias {
			return e.name
		}
	}
	return d.String()
}

func elemsText(elems []Elem) string {
	names := make([]string, len(elems))
	for i, e := range elems {
		names[i] = e.String()
	}
	return strings.Join(names, "|")
}

// fixed is the dtype that the elements must have, when they may have only one.
func fixed(elems []Elem) (memview.DType, bool) {
	if len(elems) == 1 && !elems[0].DType.IsZero() {
		return elems[0].DType, true
	}
	return memview.DType{}, false
}

// Takes reports whether the element may be of dtype d, whatever its variable
// says.
func (e Elem) Takes(d memview.DType) bool {
	switch {
	case e.Var != "":
		return true
	case e.Kind != memview.Invalid:
		return d.Kind() == e.Kind && !d.IsBigEndian()
	case e.DType.IsZero():
		return true
	}
	return d.Equal(e.DType)
}
