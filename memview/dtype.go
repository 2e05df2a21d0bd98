package memview

import (
	"fmt"
	"slices"
)

// Kind is the class of a dtype, named by numpy's kind characters.
type Kind byte

// The kinds. Struct and SubArray have numpy's kind 'V'; they are told apart
// here because nearly all code treats them differently.
const (
	Invalid   Kind = 0
	Boolean   Kind = 'b'
	Int       Kind = 'i'
	Uint      Kind = 'u'
	Float     Kind = 'f'
	Complex   Kind = 'c'
	Bytes     Kind = 'S' // fixed width bytes, padded with NUL
	Unicode   Kind = 'U' // fixed width UCS-4 text, padded with NUL
	Void      Kind = 'V' // opaque bytes
	Datetime  Kind = 'M' // int64 ticks since 1970
	Timedelta Kind = 'm' // int64 ticks
	Struct    Kind = 's'
	SubArray  Kind = 'a'
)

// Limits of dtypes, so that hostile descriptions stay cheap.
const (
	// MaxNDim is the largest number of dimensions of an array, as in numpy.
	MaxNDim = 32
	// MaxItemSize is the largest size of one element in bytes.
	MaxItemSize = 1<<31 - 1
	maxFields   = 1 << 12
	maxMembers  = 1 << 16 // fields of a struct, with those of the structs in it
	maxDepth    = 32
)

// DType is the type of an array's elements: numpy's dtype for the types that
// have a fixed size. The zero value is no dtype; restrictions read it as
// "any". DTypes are immutable, small, and safe for concurrent use. Compare
// them with Equal, not with ==.
type DType struct{ t *dtype }

type dtype struct {
	kind    Kind
	big     bool // big-endian; never set for types without byte order
	aligned bool // struct with C layout (numpy's isalignedstruct)
	bools   bool // holds a bool somewhere
	depth   int8
	members int // fields at any depth; bounds every walk of a dtype, since structs may share types
	size    int
	align   int
	unit    string // of datetimes, "[ns]" or ""
	fields  []Field
	base    DType // of a sub-array
	shape   []int // of a sub-array
}

// The dtypes of one element, little-endian as wasm memory is.
var (
	Bool = scalar(Boolean, 1, 1)
	I8   = scalar(Int, 1, 1)
	I16  = scalar(Int, 2, 2)
	I32  = scalar(Int, 4, 4)
	I64  = scalar(Int, 8, 8)
	U8   = scalar(Uint, 1, 1)
	U16  = scalar(Uint, 2, 2)
	U32  = scalar(Uint, 4, 4)
	U64  = scalar(Uint, 8, 8)
	F16  = scalar(Float, 2, 2)
	F32  = scalar(Float, 4, 4)
	F64  = scalar(Float, 8, 8)
	C64  = scalar(Complex, 8, 4)
	C128 = scalar(Complex, 16, 8)
)

// bigEndian holds the byte-swapped twin of each builtin, so that equal
// dtypes are mostly equal pointers.
var bigEndian = func() map[*dtype]DType {
	m := map[*dtype]DType{}
	for _, d := range []DType{I16, I32, I64, U16, U32, U64, F16, F32, F64, C64, C128} {
		t := *d.t
		t.big = true
		m[d.t] = DType{&t}
	}
	return m
}()

func scalar(k Kind, size, align int) DType {
	return DType{&dtype{kind: k, size: size, align: align, bools: k == Boolean}}
}

// BytesOf is the dtype of n bytes of text, numpy's 'S<n>'.
func BytesOf(n int) (DType, error) { return sized(Bytes, n, 1, 1) }

// UnicodeOf is the dtype of text of n UCS-4 characters, numpy's 'U<n>'.
func UnicodeOf(n int) (DType, error) { return sized(Unicode, n, 4, 4) }

// VoidOf is the dtype of n opaque bytes, numpy's 'V<n>'.
func VoidOf(n int) (DType, error) { return sized(Void, n, 1, 1) }

func sized(k Kind, n, unit, align int) (DType, error) {
	if n < 1 || n > MaxItemSize/unit {
		return DType{}, fmt.Errorf("%w: %c%d: length is %d, want 1 to %d", ErrDType, k, n, n, MaxItemSize/unit)
	}
	return DType{&dtype{kind: k, size: n * unit, align: align}}, nil
}

// IsZero reports whether d is no dtype.
func (d DType) IsZero() bool { return d.t == nil }

// Kind is the class of d; Invalid for the zero value.
func (d DType) Kind() Kind {
	if d.t == nil {
		return Invalid
	}
	return d.t.kind
}

// ItemSize is the size of one element in bytes.
func (d DType) ItemSize() int {
	if d.t == nil {
		return 0
	}
	return d.t.size
}

// Alignment is the alignment in bytes that the wasm32 C ABI gives the type:
// that of a component for complex, 1 for text bytes and packed structs
// (numpy row 74).
func (d DType) Alignment() int {
	if d.t == nil {
		return 1
	}
	return d.t.align
}

// IsBigEndian reports whether d stores its most significant byte first. Types
// without byte order, structs among them, are not.
func (d DType) IsBigEndian() bool { return d.t != nil && d.t.big }

// IsAlignedStruct reports whether d is a struct laid out as C does it.
func (d DType) IsAlignedStruct() bool { return d.t != nil && d.t.aligned }

// Unit is the unit of a datetime or timedelta, such as "ns" or "25s"; empty
// for other types and for the generic unit.
func (d DType) Unit() string {
	if d.t == nil || d.t.unit == "" {
		return ""
	}
	return d.t.unit[1 : len(d.t.unit)-1]
}

// HasBool reports whether d is bool or holds one. A guest can store any byte
// there, so such memory is never shared with Go as bool.
func (d DType) HasBool() bool { return d.t != nil && d.t.bools }

// SubArray returns the element and the shape of a sub-array dtype such as
// numpy's ('f8', (3,)), and whether d is one. The shape is a copy.
func (d DType) SubArray() (base DType, shape []int, ok bool) {
	if d.Kind() != SubArray {
		return DType{}, nil, false
	}
	return d.t.base, slices.Clone(d.t.shape), true
}

// BigEndian is d with its most significant byte first. Structs and
// sub-arrays have no byte order of their own: their fields are changed.
func (d DType) BigEndian() DType { return d.order(true) }

// LittleEndian is d with its least significant byte first, the order of wasm
// memory, fields included.
func (d DType) LittleEndian() DType { return d.order(false) }

func (d DType) order(big bool) DType {
	if d.t == nil {
		return d
	}
	switch d.t.kind {
	case Boolean, Bytes, Void:
		return d
	case Struct:
		t := *d.t
		t.fields = slices.Clone(t.fields)
		for i := range t.fields {
			t.fields[i].DType = t.fields[i].DType.order(big)
		}
		return DType{&t}
	case SubArray:
		t := *d.t
		t.base = t.base.order(big)
		return DType{&t}
	}
	if d.t.size == 1 || d.t.big == big {
		return d
	}
	if swapped, ok := bigEndian[d.t]; ok {
		return swapped
	}
	for little, swapped := range bigEndian {
		if swapped.t == d.t {
			return DType{little}
		}
	}
	t := *d.t
	t.big = big
	return DType{&t}
}

// Equal reports whether d and e describe the same bytes (numpy rows 61-63):
// kind, size, byte order and unit; for structs names in order, titles,
// offsets, item size and field dtypes. Alignment does not count.
func (d DType) Equal(e DType) bool {
	return d.t == e.t || d.equal(e) // inlined: equal dtypes are mostly one
}

func (d DType) equal(e DType) bool {
	if d.t == nil || e.t == nil {
		return false
	}
	a, b := d.t, e.t
	if a.kind != b.kind || a.size != b.size || a.big != b.big || a.unit != b.unit || len(a.fields) != len(b.fields) {
		return false
	}
	for i, f := range a.fields {
		g := b.fields[i]
		if f.Name != g.Name || f.Title != g.Title || f.Offset != g.Offset || !f.DType.Equal(g.DType) {
			return false
		}
	}
	return a.kind != SubArray || slices.Equal(a.shape, b.shape) && a.base.Equal(b.base)
}
