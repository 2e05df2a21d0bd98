package memview

import (
	"fmt"
	"reflect"
	"strings"
)

// DTypeOf is the dtype of a Go type whose values have the same bytes on every
// machine: bool, the sized integers, floats, complex numbers, arrays of them,
// and structs of them.
//
// A struct must be laid out by Go as C does it on wasm32, which Go does for
// fields of fixed size on 64-bit hosts; where it does not (int64 fields on 32-bit
// hosts) DTypeOf refuses and names the field. A field is named by its tag, else
// by its Go name: `dtype:"x"`. A tag may also give the dtype, of the same
// size: `dtype:"when,M8[ns]"` on an int64, `dtype:"tag,S8"` on a [8]byte,
// `dtype:"h,f2"` on a uint16. Blank fields are padding.
//
// Refused: int, uint and uintptr, whose size depends on the machine, and
// everything that holds a Go pointer. Errors wrap ErrDType.
func DTypeOf[T any]() (DType, error) {
	t := reflect.TypeFor[T]()
	d, err := dtypeOfGo(t, 0)
	if err != nil {
		return DType{}, dtypeError("Go type "+t.String(), err)
	}
	return d, nil
}

func dtypeOfGo(t reflect.Type, depth int) (DType, error) {
	if depth > maxDepth {
		return DType{}, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	switch t.Kind() {
	case reflect.Bool:
		return Bool, nil
	case reflect.Int8:
		return I8, nil
	case reflect.Int16:
		return native(I16), nil
	case reflect.Int32:
		return native(I32), nil
	case reflect.Int64:
		return native(I64), nil
	case reflect.Uint8:
		return U8, nil
	case reflect.Uint16:
		return native(U16), nil
	case reflect.Uint32:
		return native(U32), nil
	case reflect.Uint64:
		return native(U64), nil
	case reflect.Float32:
		return native(F32), nil
	case reflect.Float64:
		return native(F64), nil
	case reflect.Complex64:
		return native(C64), nil
	case reflect.Complex128:
		return native(C128), nil
	case reflect.Int:
		return DType{}, fmt.Errorf("size of int depends on the machine; write int32 or int64")
	case reflect.Uint, reflect.Uintptr:
		return DType{}, fmt.Errorf("size of %s depends on the machine; write uint32 or uint64", t.Kind())
	case reflect.Array:
		elem, err := dtypeOfGo(t.Elem(), depth+1)
		if err != nil {
			return DType{}, err
		}
		shape := []int{t.Len()}
		if base, inner, ok := elem.SubArray(); ok {
			elem, shape = base, append(shape, inner...)
		}
		return SubArrayOf(elem, shape...)
	case reflect.Struct:
		return dtypeOfGoStruct(t, depth)
	}
	return DType{}, fmt.Errorf("a %s holds Go pointers or has no fixed size, and cannot lie in guest memory", t.Kind())
}

func dtypeOfGoStruct(t reflect.Type, depth int) (DType, error) {
	s := StructSpec{ItemSize: int(t.Size()), Aligned: true}
	align := 1
	for i := range t.NumField() {
		f := t.Field(i)
		d, err := dtypeOfGo(f.Type, depth+1)
		if err != nil {
			return DType{}, fmt.Errorf("field %s: %w", f.Name, err)
		}
		if f.Name == "_" {
			if d.HasBool() { // copied as it is, and Go can print it
				return DType{}, fmt.Errorf("blank field %d is a bool; use bytes as padding", i)
			}
			continue
		}
		name, spelled, given := strings.Cut(f.Tag.Get("dtype"), ",")
		if name == "" {
			name = f.Name
		}
		if given {
			if d, err = retype(d, spelled); err != nil {
				return DType{}, fmt.Errorf("field %s of type %s: dtype %s: %w", f.Name, f.Type, clip(spelled), err)
			}
		}
		if int(f.Offset)%d.Alignment() != 0 {
			return DType{}, fmt.Errorf("field %s lies at byte %d, C on wasm32 wants a multiple of %d", f.Name, f.Offset, d.Alignment())
		}
		align = max(align, d.Alignment())
		s.Fields = append(s.Fields, Field{Name: name, Offset: int(f.Offset), DType: d})
	}
	if s.ItemSize%align != 0 {
		return DType{}, fmt.Errorf("struct has %d bytes, C on wasm32 wants a multiple of %d", s.ItemSize, align)
	}
	if s.ItemSize == 0 {
		return DType{}, fmt.Errorf("struct has no bytes")
	}
	return s.DType()
}

// retype is the dtype that a tag gives to a Go type of dtype d.
func retype(d DType, spelled string) (DType, error) {
	own, err := parseDType(spelled)
	if err != nil {
		return DType{}, err
	}
	base := d
	if b, _, ok := d.SubArray(); ok {
		base = b
	}
	if base.IsBigEndian() { // numbers of this machine, whatever they mean
		own = own.BigEndian()
	}
	if own.ItemSize() != d.ItemSize() {
		return DType{}, fmt.Errorf("it has %d bytes, the Go type has %d", own.ItemSize(), d.ItemSize())
	}
	// Any other mixture would let a byte that is no bool into a Go bool.
	if (own.HasBool() || d.HasBool()) && !own.Equal(d) {
		return DType{}, fmt.Errorf("a bool stays a bool")
	}
	return own, nil
}
