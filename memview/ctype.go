package memview

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// CIntp is the Go type of C's intptr_t on wasm32, numpy's c_intp of the guest.
type CIntp = int32

// CKind tells the forms of a CType apart.
type CKind uint8

// The forms of C types.
const (
	CScalar CKind = iota // a number, by its C name
	CVector              // Len times Elem
	CStruct              // Fields one after the other
	CUnion               // Fields at the same place
)

// CType is a C type as the wasm32 C ABI lays it out. [AsCTypesType] makes
// them; they are plain data, safe for concurrent use while nobody writes them.
type CType struct {
	Kind      CKind    // which of the fields below count
	Name      string   // of scalars: "double", "int8_t"
	Size      int      // bytes, padding included; of any kind
	Alignment int      // bytes; of any kind
	BigEndian bool     // of scalars: stored in the other byte order than C would
	Elem      *CType   // of arrays: the type of one element
	Len       int      // of arrays: the number of elements
	Fields    []CField // of structs and unions, in the order of their offsets
}

// CField is a member of a C struct or union.
type CField struct {
	Name   string // the dtype's, which need not be a C identifier; empty: inserted padding
	Offset int    // in bytes from the start of the struct
	Type   CType  // of the member
}

// AsCTypesType is the C type of a dtype on wasm32 (numpy rows 107-111): fields in the order of
// their offsets with padding made explicit, a union where all of several
// fields lie at offset 0. Unlike numpy it knows complex, half, text and
// datetime types, and keeps the alignment of structs. Fields that overlap in part
// are refused with ErrDType.
func AsCTypesType(d DType) (CType, error) {
	c, err := cTypeOf(d)
	if err != nil {
		return CType{}, fmt.Errorf("memview: %w", err)
	}
	return c, nil
}

func cTypeOf(d DType) (CType, error) {
	number := func(name string) CType {
		return CType{Name: name, Size: d.ItemSize(), Alignment: d.Alignment(), BigEndian: d.IsBigEndian()}
	}
	bits := strconv.Itoa(8 * d.ItemSize())
	switch d.Kind() {
	case Boolean:
		return number("_Bool"), nil
	case Int:
		return number("int" + bits + "_t"), nil
	case Datetime, Timedelta:
		return number("int64_t"), nil
	case Uint:
		return number("uint" + bits + "_t"), nil
	case Float:
		return number(map[int]string{2: "_Float16", 4: "float", 8: "double"}[d.ItemSize()]), nil
	case Complex:
		return number(map[int]string{8: "float _Complex", 16: "double _Complex"}[d.ItemSize()]), nil
	case Bytes:
		return cArray(CType{Name: "char", Size: 1, Alignment: 1}, d.ItemSize()), nil
	case Void:
		return cArray(CType{Name: "unsigned char", Size: 1, Alignment: 1}, d.ItemSize()), nil
	case Unicode:
		return cArray(CType{Name: "char32_t", Size: 4, Alignment: 4, BigEndian: d.IsBigEndian()}, d.ItemSize()/4), nil
	case SubArray:
		c, err := cTypeOf(d.t.base)
		return cArrays(c, d.t.shape), err
	case Struct:
		return cStruct(d)
	}
	return CType{}, fmt.Errorf("%w: C type of %s", ErrDType, d)
}

func cArray(elem CType, n int) CType {
	return CType{Kind: CVector, Size: elem.Size * n, Alignment: elem.Alignment, Elem: &elem, Len: n}
}

func cArrays(elem CType, shape []int) CType {
	for _, n := range slices.Backward(shape) {
		elem = cArray(elem, n)
	}
	return elem
}

func cStruct(d DType) (CType, error) {
	c := CType{Kind: CStruct, Size: d.ItemSize(), Alignment: d.Alignment()}
	fields := slices.Clone(d.t.fields)
	slices.SortStableFunc(fields, func(a, b Field) int { return a.Offset - b.Offset })
	if n := len(fields); n > 1 && fields[n-1].Offset == 0 {
		// Members without bytes overlap nothing. They are no reason for a
		// union, as they are in numpy, and stand first in the struct; a union
		// keeps the order of declaration.
		order := func(a, b Field) int { return min(a.DType.ItemSize(), 1) - min(b.DType.ItemSize(), 1) }
		emptyFirst := slices.SortedStableFunc(slices.Values(fields), order)
		if emptyFirst[n-2].DType.ItemSize() > 0 {
			c.Kind = CUnion
		} else {
			fields = emptyFirst
		}
	}
	pad := func(off, n int) {
		if n > 0 {
			c.Fields = append(c.Fields, CField{Offset: off, Type: cArray(CType{Name: "char", Size: 1, Alignment: 1}, n)})
		}
	}
	end := 0
	for _, f := range fields {
		t, err := cTypeOf(f.DType)
		if err != nil {
			return CType{}, fmt.Errorf("field %q: %w", f.Name, err)
		}
		if c.Kind == CStruct {
			if f.Offset < end {
				return CType{}, fmt.Errorf("%w: C type of %s: field %q at byte %d overlaps the one before, which ends at %d", ErrDType, d, f.Name, f.Offset, end)
			}
			pad(end, f.Offset-end)
		}
		c.Fields = append(c.Fields, CField{Name: f.Name, Offset: f.Offset, Type: t})
		end = max(end, f.Offset+t.Size)
	}
	if c.Kind == CStruct {
		pad(end, c.Size-end)
	} else if end < c.Size {
		pad(0, c.Size)
	}
	return c, nil
}

// String is the type as C declares it: "double[3][4]",
// "struct { float x; char _pad1[4]; double y; }". Names are written as they
// are; who compiles the text checks that they are C identifiers.
func (c CType) String() string { return c.declare("") }

// declare writes the declaration of name with type c.
func (c CType) declare(name string) string {
	var dims strings.Builder
	for c.Kind == CVector {
		dims.WriteString("[" + strconv.Itoa(c.Len) + "]")
		c = *c.Elem
	}
	if name != "" {
		name = " " + name
	}
	text := c.Name
	if c.Kind == CStruct || c.Kind == CUnion {
		text = map[CKind]string{CStruct: "struct", CUnion: "union"}[c.Kind]
		if c.isPacked() {
			text += " __attribute__((packed))"
		}
		var b strings.Builder
		for i, f := range c.Fields {
			n := f.Name
			if n == "" {
				n = "_pad" + strconv.Itoa(i)
			}
			b.WriteString(" " + f.Type.declare(n) + ";")
		}
		text += " {" + b.String() + " }"
	}
	if c.BigEndian {
		text += " /* big-endian */"
	}
	return text + name + dims.String()
}

// isPacked reports whether C would lay the members out differently without the
// packed attribute.
func (c CType) isPacked() bool {
	align := 1
	for _, f := range c.Fields {
		if f.Offset%f.Type.Alignment != 0 {
			return true
		}
		align = max(align, f.Type.Alignment)
	}
	return align != c.Alignment
}

// CArray is an array as C sees it: an address and a C type, what
// numpy.ctypeslib.as_ctypes returns. It keeps the array.
type CArray struct {
	Ptr   Ptr   // of the first element
	Type  CType // such as double[3][4]
	array Array
}

// Array is the array again, without a shape to give (numpy row 90).
func (c CArray) Array() Array { return c.array }

// ArrayInterface is implemented by what can show itself as an Array, like
// Python's __array_interface__. An Array can.
type ArrayInterface interface {
	// ArrayInterface returns an Array over the memory of the receiver, or the
	// zero Array where there is none.
	ArrayInterface() Array
}

// AsCTypes is the C view of an array in guest memory (numpy rows 102-106). As
// in numpy strided arrays are refused with ErrLayout and read-only ones with
// ErrReadOnly, in this order.
func AsCTypes(x ArrayInterface) (CArray, error) {
	var a Array
	if x != nil {
		a = x.ArrayInterface()
	}
	switch {
	case a.IsZero():
		return CArray{}, fmt.Errorf("memview: %w: C view of no array", ErrDType)
	case a.Flags()&CContiguous == 0:
		return CArray{}, fmt.Errorf("memview: %w: strided arrays have no C view: shape %s with strides %s is not C_CONTIGUOUS", ErrLayout, ShapeString(a.a.shape), ShapeString(a.a.strides))
	case a.Flags()&Writeable == 0:
		return CArray{}, fmt.Errorf("memview: %w: read-only arrays have no C view", ErrReadOnly)
	case a.Memory() == nil:
		return CArray{}, fmt.Errorf("memview: %w: an array in Go memory has no guest address", ErrNull)
	}
	c, err := cTypeOf(a.a.dtype)
	if err != nil {
		return CArray{}, fmt.Errorf("memview: %w", err)
	}
	return CArray{Ptr: a.Ptr(), Type: cArrays(c, a.a.shape), array: a}, nil
}

// ShapeAs is the shape as C integers of type T, [CIntp] for numpy's
// ndarray.ctypes.shape (row 112). A dimension that does not fit T is an error
// (ErrShape), not truncated.
func ShapeAs[T ~int8 | ~int16 | ~int32 | ~int64](a Array) ([]T, error) {
	return narrowAll[T](a.Shape(), "shape")
}

// StridesAs is the strides, in bytes, as C integers of type T, checked like
// ShapeAs.
func StridesAs[T ~int8 | ~int16 | ~int32 | ~int64](a Array) ([]T, error) {
	return narrowAll[T](a.Strides(), "strides")
}

func narrowAll[T ~int8 | ~int16 | ~int32 | ~int64](from []int, what string) ([]T, error) {
	out := make([]T, len(from))
	for i, n := range from {
		out[i] = T(n)
		if int64(out[i]) != int64(n) {
			return nil, fmt.Errorf("memview: %w: %s[%d] is %d and does not fit the C type", ErrShape, what, i, n)
		}
	}
	return out, nil
}
