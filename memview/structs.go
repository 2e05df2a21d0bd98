package memview

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Field is one member of a struct dtype.
type Field struct {
	Name   string // unique among names and titles; not empty
	Title  string // numpy's title, an alias; empty: none
	Offset int    // in bytes from the start of the struct
	DType  DType  // of the member; may be a sub-array
}

// StructSpec describes a struct dtype by explicit offsets, as numpy's dict form
// does. Fields may overlap (a union) and come in any order.
type StructSpec struct {
	Fields   []Field // in the order of declaration
	ItemSize int     // in bytes; 0: up to the end of the last field, rounded up when Aligned
	Aligned  bool    // offsets and size obey C alignment, and the struct has it
}

// StructOf is the dtype of a C struct with these members on wasm32 (numpy's
// align=True). Offsets in fields are ignored.
func StructOf(fields ...Field) (DType, error) { return sequential(fields, true) }

// PackedStructOf is the dtype of members without padding, as numpy makes it by
// default and __attribute__((packed)) does in C. Offsets in fields are ignored.
func PackedStructOf(fields ...Field) (DType, error) { return sequential(fields, false) }

func sequential(fields []Field, aligned bool) (DType, error) {
	fields = slices.Clone(fields)
	off, align := int64(0), 1
	for i := range fields {
		if aligned {
			off = roundUp(off, int64(fields[i].DType.Alignment()))
			align = max(align, fields[i].DType.Alignment())
		}
		if off > MaxItemSize {
			return DType{}, fmt.Errorf("%w: struct: field %q starts at byte %d, want at most %d", ErrDType, fields[i].Name, off, int64(MaxItemSize))
		}
		fields[i].Offset = int(off)
		off += int64(fields[i].DType.ItemSize())
	}
	off = roundUp(off, int64(align))
	if off > MaxItemSize {
		return DType{}, fmt.Errorf("%w: struct: size is %d bytes, want at most %d", ErrDType, off, int64(MaxItemSize))
	}
	return StructSpec{Fields: fields, ItemSize: int(off), Aligned: aligned}.DType()
}

// DType checks s and returns its dtype. It refuses unnamed and doubled names,
// fields without dtype or outside of ItemSize, and, when Aligned, offsets and
// sizes that C alignment does not allow.
func (s StructSpec) DType() (DType, error) {
	t := &dtype{kind: Struct, align: 1, aligned: s.Aligned, size: s.ItemSize, fields: slices.Clone(s.Fields)}
	bad := func(format string, args ...any) (DType, error) {
		return DType{}, fmt.Errorf("%w: struct: "+format, append([]any{ErrDType}, args...)...)
	}
	if len(t.fields) > maxFields {
		return bad("%d fields, want at most %d", len(t.fields), maxFields)
	}
	if s.ItemSize < 0 || s.ItemSize > MaxItemSize {
		return bad("size is %d bytes, want 0 to %d", s.ItemSize, int64(MaxItemSize))
	}
	seen := make(map[string]bool, len(t.fields))
	for i, f := range t.fields {
		if f.Name == "" {
			return bad("field %d has no name", i)
		}
		if !utf8.ValidString(f.Name) || !utf8.ValidString(f.Title) {
			return bad("name or title of field %d is not UTF-8", i)
		}
		for _, n := range []string{f.Name, f.Title} {
			if n != "" && seen[n] {
				return bad("two fields are named %q", n)
			}
			seen[n] = true
		}
		if f.DType.IsZero() {
			return bad("field %q has no dtype", f.Name)
		}
		if f.DType.t.depth >= maxDepth {
			return bad("field %q is nested more than %d deep", f.Name, maxDepth)
		}
		end := int64(f.Offset) + int64(f.DType.ItemSize())
		if f.Offset < 0 || end > MaxItemSize {
			return bad("field %q covers bytes %d to %d, want 0 to %d", f.Name, f.Offset, end, int64(MaxItemSize))
		}
		if s.ItemSize == 0 {
			t.size = max(t.size, int(end))
		} else if end > int64(s.ItemSize) {
			return bad("field %q ends at byte %d, size is %d", f.Name, end, s.ItemSize)
		}
		if s.Aligned {
			if f.Offset%f.DType.Alignment() != 0 {
				return bad("field %q starts at byte %d, want a multiple of %d", f.Name, f.Offset, f.DType.Alignment())
			}
			t.align = max(t.align, f.DType.Alignment())
		}
		t.bools = t.bools || f.DType.HasBool()
		t.depth = max(t.depth, f.DType.t.depth+1)
		if t.members += 1 + f.DType.t.members; t.members > maxMembers {
			return bad("more than %d fields, with those of the structs in it", maxMembers)
		}
	}
	if s.Aligned && s.ItemSize == 0 {
		size := roundUp(int64(t.size), int64(t.align))
		if size > MaxItemSize {
			return bad("size is %d bytes, want at most %d", size, int64(MaxItemSize))
		}
		t.size = int(size)
	}
	if s.Aligned && t.size%t.align != 0 {
		return bad("size is %d bytes, want a multiple of the alignment %d", t.size, t.align)
	}
	return DType{t}, nil
}

// StructSpec returns the description that d was made of, and whether d is a
// struct. The fields are a copy.
func (d DType) StructSpec() (StructSpec, bool) {
	if d.Kind() != Struct {
		return StructSpec{}, false
	}
	return StructSpec{Fields: slices.Clone(d.t.fields), ItemSize: d.t.size, Aligned: d.t.aligned}, true
}

// NumField is the number of fields of a struct, and 0 for other types.
func (d DType) NumField() int {
	if d.t == nil {
		return 0
	}
	return len(d.t.fields)
}

// Field is the i-th field of a struct in the order of declaration. It panics
// when there is none.
func (d DType) Field(i int) Field { return d.t.fields[i] }

// FieldByName finds a field of a struct by name or title.
func (d DType) FieldByName(name string) (Field, bool) {
	if d.t != nil && name != "" {
		for _, f := range d.t.fields {
			if f.Name == name || f.Title == name {
				return f, true
			}
		}
	}
	return Field{}, false
}

// SubArrayOf is the dtype of a fixed block of elements inside a struct field,
// numpy's (base, shape). An array never has such a dtype: its shape takes the
// dimensions up. No dimensions give base itself.
func SubArrayOf(base DType, shape ...int) (DType, error) {
	if base.IsZero() {
		return DType{}, fmt.Errorf("%w: sub-array without dtype", ErrDType)
	}
	if base.t.depth >= maxDepth {
		return DType{}, fmt.Errorf("%w: sub-array is nested more than %d deep", ErrDType, maxDepth)
	}
	if len(shape) > MaxNDim {
		return DType{}, fmt.Errorf("%w: sub-array has %d dimensions, want at most %d", ErrDType, len(shape), MaxNDim)
	}
	if len(shape) == 0 {
		return base, nil
	}
	// An extent of 0 does not excuse the others, nor does a base of 0 bytes.
	n, size := int64(max(base.ItemSize(), 1)), base.ItemSize()
	for _, d := range shape {
		if d < 0 {
			return DType{}, fmt.Errorf("%w: sub-array shape %s has a negative dimension", ErrDType, ShapeString(shape))
		}
		if d > 0 && n > MaxItemSize/int64(d) {
			return DType{}, fmt.Errorf("%w: sub-array of shape %s is larger than %d bytes", ErrDType, ShapeString(shape), int64(MaxItemSize))
		}
		n *= int64(max(d, 1))
		size *= d
	}
	return DType{&dtype{kind: SubArray, size: size, align: base.t.align, bools: base.t.bools, depth: base.t.depth + 1, members: base.t.members, base: base, shape: slices.Clone(shape)}}, nil
}

func roundUp(n, align int64) int64 {
	if r := n % align; r != 0 {
		return n + align - r
	}
	return n
}
