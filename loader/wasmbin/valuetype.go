package wasmbin

import "fmt"

// ValueType is the type of a value: a number, a vector or a reference (core specification, section 5.3). Two of them are the
// same type if and only if they are ==, except that types of the module are told apart by their index. The zero value is no
// type.
type ValueType uint64

// The types without an operand. (ref null func), (ref null extern) and (ref null exn) are read as their short forms.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
	ExnRef    ValueType = 0x69
)

// The low byte of a reference type in its long form; the heap type, a signed number of 33 bits, is above it.
const (
	refNull    = 0x63
	refNonNull = 0x64
	heapBits   = 33
)

// heapNames are the heap types that are not types of the module, by the byte that they and their short forms are.
var heapNames = map[ValueType]string{FuncRef: "func", ExternRef: "extern", ExnRef: "exn"}

// RefTo is the type of references to functions of the type with that index.
func RefTo(index uint32, nullable bool) ValueType {
	if nullable {
		return refNull | ValueType(index)<<8
	}
	return refNonNull | ValueType(index)<<8
}

// heap is the heap type of a reference type.
func (t ValueType) heap() int64 {
	if b := byte(t); b != refNull && b != refNonNull {
		return int64(b) - 0x80 // the sign of a LEB128 number of one byte
	}
	return int64(t>>8) << (64 - heapBits) >> (64 - heapBits)
}

// IsRef is whether values of the type are references.
func (t ValueType) IsRef() bool {
	return t == FuncRef || t == ExternRef || t == ExnRef || byte(t) == refNull || byte(t) == refNonNull
}

// Nullable is whether the type is that of references of which one is null.
func (t ValueType) Nullable() bool { return t.IsRef() && byte(t) != refNonNull }

// TypeIndex is the type of the module that values of this type refer to; ok is false when it names none.
func (t ValueType) TypeIndex() (index uint32, ok bool) {
	if b := byte(t); b != refNull && b != refNonNull || t.heap() < 0 {
		return 0, false
	}
	return uint32(t.heap()), true
}

// String is the type in the text format, such as i32 or (ref null 3).
func (t ValueType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	}
	if !t.IsRef() {
		return fmt.Sprintf("ValueType(%#x)", uint64(t))
	}
	if name := heapNames[t]; name != "" {
		return name + "ref"
	}
	name := heapNames[ValueType(t.heap()+0x80)]
	if i, ok := t.TypeIndex(); ok {
		name = fmt.Sprint(i)
	}
	if t.Nullable() {
		return "(ref null " + name + ")"
	}
	return "(ref " + name + ")"
}

// valueType reads a type at b[pos:].
func valueType(b []byte, pos int) (t ValueType, next int, problem string) {
	if pos >= len(b) {
		return 0, pos, cutShort
	}
	switch t = ValueType(b[pos]); t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef, ExnRef:
		return t, pos + 1, ""
	case refNull, refNonNull:
		h, next, problem := heapType(b, pos+1)
		if t == refNull && h < 0 {
			return ValueType(h + 0x80), next, problem
		}
		return t | ValueType(h)&(1<<heapBits-1)<<8, next, problem
	}
	return 0, pos, fmt.Sprintf("got %#x, want a value type", b[pos])
}

// heapType reads what a reference refers to: a type of the module, or a negative number that stands for one of heapNames.
func heapType(b []byte, pos int) (h int64, next int, problem string) {
	h, next, problem = signed(b, pos, heapBits)
	// A name is one byte: a longer form of the number is none, and engines that took it would read on elsewhere.
	if problem == "" && h < 0 && (next-pos != 1 || heapNames[ValueType(h+0x80)] == "") {
		return 0, pos, fmt.Sprintf("got % x, want a heap type", b[pos:next])
	}
	return h, next, problem
}

// appendValueType appends the type as valueType reads it.
func appendValueType(b []byte, t ValueType) []byte {
	b = append(b, byte(t))
	if c := byte(t); c == refNull || c == refNonNull {
		b = appendSigned(b, t.heap())
	}
	return b
}
