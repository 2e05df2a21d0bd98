package npy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/internal/pyliteral"
)

// dtypeOf reads a descr as numpy.lib.format.descr_to_dtype does: a type string, a
// (descr, shape) tuple, or a list of fields. The dict form and the nested text
// that memview.ParseDType also takes never stand in a file.
func dtypeOf(descr any) (memview.DType, error) {
	switch v := descr.(type) {
	case string:
		return dtypeOfString(v)
	case pyliteral.Tuple:
		if len(v) != 2 {
			return memview.DType{}, fmt.Errorf("%w: tuple of %d items, want (descr, shape)", ErrFormat, len(v))
		}
		base, err := dtypeOf(v[0])
		if err != nil {
			return memview.DType{}, err
		}
		return subArrayOf(base, v[1])
	case pyliteral.List:
		return structOf(v)
	}
	return memview.DType{}, fmt.Errorf("%w: %s, want a string, tuple or list", ErrFormat, kindOf(descr))
}

func dtypeOfString(s string) (memview.DType, error) {
	if strings.HasPrefix(strings.TrimLeft(s, "<>=|"), "O") {
		return memview.DType{}, fmt.Errorf("%w: %.64q: object arrays hold pickled Python objects, which only Python reads", memview.ErrDType, s)
	}
	if strings.ContainsAny(s, `'"`) {
		return memview.DType{}, fmt.Errorf("%w: %.64q is no type string", ErrFormat, s)
	}
	return memview.ParseDType(s)
}

func subArrayOf(base memview.DType, shape any) (memview.DType, error) {
	dims, ok := shape.(pyliteral.Tuple)
	if n, isInt := shape.(int64); isInt {
		if dims, ok = (pyliteral.Tuple{n}), true; n == 1 {
			return base, nil // numpy reads ('f8', 1) as f8, and ('f8', (1,)) as a sub-array
		}
	}
	if !ok {
		return memview.DType{}, fmt.Errorf("%w: shape of a sub-array is %s, want a tuple", ErrFormat, kindOf(shape))
	}
	if len(dims) == 0 {
		return base, nil
	}
	own, err := shapeOf(dims)
	if err != nil {
		return memview.DType{}, fmt.Errorf("%w: sub-array: %w", ErrFormat, err)
	}
	return memview.SubArrayOf(base, own...)
}

// structOf reads [(name, descr), (name, descr, shape), ...], where a name may be
// (title, name) and fields of void without a name are padding.
func structOf(items pyliteral.List) (memview.DType, error) {
	spec := memview.StructSpec{Fields: make([]memview.Field, 0, len(items))}
	off := int64(0)
	for i, item := range items {
		f, err := fieldOf(item)
		if err != nil {
			return memview.DType{}, fmt.Errorf("field %d: %w", i, err)
		}
		f.Offset = int(off)
		if off += int64(f.DType.ItemSize()); off > memview.MaxItemSize {
			return memview.DType{}, fmt.Errorf("%w: struct of more than %d bytes", memview.ErrDType, int64(memview.MaxItemSize))
		}
		// numpy's test for padding takes sub-arrays for void too.
		if k := f.DType.Kind(); f.Name != "" || k != memview.Void && k != memview.SubArray {
			spec.Fields = append(spec.Fields, f)
		}
	}
	spec.ItemSize = int(off)
	return spec.DType()
}

func fieldOf(item any) (memview.Field, error) {
	t, ok := item.(pyliteral.Tuple)
	if !ok || len(t) < 2 || len(t) > 3 {
		return memview.Field{}, fmt.Errorf("%w: got %s, want (name, descr) or (name, descr, shape)", ErrFormat, kindOf(item))
	}
	var f memview.Field
	switch n := t[0].(type) {
	case string:
		f.Name = n
	case pyliteral.Tuple:
		if len(n) == 2 {
			f.Title, _ = n[0].(string)
			f.Name, _ = n[1].(string)
		}
		if f.Title == "" || f.Name == "" {
			return memview.Field{}, fmt.Errorf("%w: name is %s, want (title, name) of two strings", ErrFormat, kindOf(n))
		}
	default:
		return memview.Field{}, fmt.Errorf("%w: name is %s, want a string", ErrFormat, kindOf(n))
	}
	var err error
	if f.DType, err = dtypeOf(t[1]); err == nil && len(t) == 3 {
		f.DType, err = subArrayOf(f.DType, t[2])
	}
	return f, err
}

// kindOf names what a literal is, for errors.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		return fmt.Sprintf("the string %.64q", v)
	case pyliteral.Tuple:
		return fmt.Sprintf("a tuple of %d items", len(v))
	case pyliteral.List:
		return "a list"
	}
	return "a dict"
}

// appendDescr appends Python's repr of what numpy.lib.format.dtype_to_descr gives.
func appendDescr(b []byte, d memview.DType) ([]byte, error) {
	switch d.Kind() {
	case memview.Invalid:
		return nil, fmt.Errorf("%w: no dtype given", memview.ErrDType)
	case memview.Struct:
		return appendFields(b, d)
	case memview.SubArray:
		base, shape, _ := d.SubArray()
		b, err := appendDescr(append(b, '('), base)
		return append(append(append(b, ", "...), memview.ShapeString(shape)...), ')'), err
	}
	return append(b, pyliteral.Quote(d.TypeString())...), nil
}

func appendFields(b []byte, d memview.DType) ([]byte, error) {
	b = append(b, '[')
	off := 0
	sep := ""
	padding := func(to int) {
		if to > off {
			b = fmt.Appendf(b, "%s('', '|V%d')", sep, to-off)
			sep, off = ", ", to
		}
	}
	for i := range d.NumField() {
		f := d.Field(i)
		if f.Offset < off {
			return nil, fmt.Errorf("%w: field %q starts at byte %d, after fields up to byte %d: a .npy file lists fields in order and without overlap", memview.ErrDType, f.Name, f.Offset, off)
		}
		padding(f.Offset)
		name := pyliteral.Quote(f.Name)
		if f.Title != "" {
			name = "(" + pyliteral.Quote(f.Title) + ", " + name + ")"
		}
		b = append(append(append(append(b, sep...), '('), name...), ", "...)
		t := f.DType
		base, shape, isSub := t.SubArray()
		if isSub {
			t = base
		}
		var err error
		if b, err = appendDescr(b, t); err != nil {
			return nil, err
		}
		if isSub && len(shape) > 0 {
			b = append(append(b, ", "...), memview.ShapeString(shape)...)
		}
		if len(b) > maxHeader { // dtypes that share fields can have huge text
			return nil, fmt.Errorf("%w: description of %d fields has more than %d bytes", memview.ErrDType, d.NumField(), maxHeader)
		}
		b = append(b, ')')
		sep, off = ", ", off+f.DType.ItemSize()
	}
	padding(d.ItemSize())
	return append(b, ']'), nil
}
