package wasmffi

import (
	"reflect"

	"github.com/wasmffi/go/memview"
)

// basic is the type that has t's kind and no name of its own; t where there is none.
func basic(t reflect.Type) reflect.Type {
	if b, ok := basics[t.Kind()]; ok {
		return b
	}
	return t
}

var basics = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.Int: reflect.TypeFor[int](), reflect.Uint: reflect.TypeFor[uint](),
	reflect.Int8: reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](), reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
	reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](), reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](),
	reflect.Float32: reflect.TypeFor[float32](), reflect.Float64: reflect.TypeFor[float64](),
	reflect.Complex64: reflect.TypeFor[complex64](), reflect.Complex128: reflect.TypeFor[complex128](), reflect.String: reflect.TypeFor[string](),
}

// goDType is the dtype of a basic Go type in guest memory.
func goDType(t reflect.Type) (memview.DType, bool) {
	d, ok := map[reflect.Kind]memview.DType{
		reflect.Bool: memview.Bool, reflect.Int8: memview.I8, reflect.Int16: memview.I16, reflect.Int32: memview.I32, reflect.Int64: memview.I64,
		reflect.Uint8: memview.U8, reflect.Uint16: memview.U16, reflect.Uint32: memview.U32, reflect.Uint64: memview.U64,
		reflect.Float32: memview.F32, reflect.Float64: memview.F64, reflect.Complex64: memview.C64, reflect.Complex128: memview.C128,
	}[t.Kind()]
	return d, ok && t == basic(t)
}

// takesKind reports whether a number of that Go kind can be passed: an integer to
// integers and floats, a float to floats, a bool to bool.
func (n number) takesKind(k reflect.Kind) bool {
	switch {
	case k == reflect.Bool || n.kind == memview.Boolean:
		return k == reflect.Bool && n.kind == memview.Boolean
	case k >= reflect.Int && k <= reflect.Uint64:
		return true
	}
	return n.kind == memview.Float && (k == reflect.Float32 || k == reflect.Float64)
}

// goType is the Go type of the number.
func (n number) goType() reflect.Type { return reflect.TypeOf(n.value(0)) }

// widens reports whether every value of the number is one of that Go kind, on any
// machine.
func (n number) widens(k reflect.Kind) bool {
	switch n.kind {
	case memview.Float:
		return k == reflect.Float64 || k == reflect.Float32 && n.bits == 32
	case memview.Int:
		return k == reflect.Int64 || k == reflect.Int && n.bits <= 32
	case memview.Uint:
		return k == reflect.Uint64 || k == reflect.Uint && n.bits <= 32 || k == reflect.Int64 && n.bits <= 32 || k == reflect.Int && n.bits < 32
	}
	return false
}
