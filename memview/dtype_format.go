package memview

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview/internal/pyliteral"
)

// String is the text that Python's str gives for the dtype: a name for
// native types ("float64"), the type string for others (">f8", "|S3",
// "<U2"), and a list or dict for structs. ParseDType reads it back, but for
// structs inside of another dtype that are C-aligned where it is not, or not
// where it is: there numpy's text says nothing (numpy/core/_dtype.py, _struct_str).
func (d DType) String() string {
	switch d.Kind() {
	case Invalid:
		return "any"
	case Struct:
		return d.structText(true)
	case SubArray:
		return d.subArrayText()
	case Boolean:
		return "bool"
	case Bytes, Unicode, Void:
		return d.TypeString()
	}
	if d.t.big {
		return d.TypeString()
	}
	return d.longName()
}

func (d DType) longName() string {
	name := map[Kind]string{Int: "int", Uint: "uint", Float: "float", Complex: "complex", Datetime: "datetime", Timedelta: "timedelta"}[d.t.kind]
	return name + strconv.Itoa(8*d.t.size) + d.t.unit
}

// TypeString is numpy's dtype.str: byte order, kind and size in bytes, such
// as "<f8" or "|b1". Structs and sub-arrays are opaque there: "|V12".
func (d DType) TypeString() string {
	order := "<"
	kind := d.Kind()
	n := d.ItemSize()
	switch {
	case kind == Invalid:
		return "any"
	case kind == Struct || kind == SubArray:
		kind, order = Void, "|"
	case kind == Unicode:
		n /= 4
		fallthrough
	default:
		if d.t.big {
			order = ">"
		} else if kind == Boolean || kind == Bytes || kind == Void || d.t.size == 1 {
			order = "|"
		}
	}
	return order + string(rune(kind)) + strconv.Itoa(n) + d.t.unit
}

// construction is numpy's _construction_repr in the short form: what stands
// for a dtype inside of another one's text.
func (d DType) construction() string {
	switch d.Kind() {
	case Struct:
		return d.structText(false)
	case SubArray:
		return d.subArrayText()
	case Boolean:
		return "'?'"
	}
	return "'" + strings.TrimPrefix(d.TypeString(), "|") + "'"
}

func (d DType) subArrayText() string {
	return "(" + d.t.base.construction() + ", " + ShapeString(d.t.shape) + ")"
}

func (d DType) structText(showAligned bool) string {
	if !(showAligned && d.t.aligned) && d.isSequential() {
		items := make([]string, len(d.t.fields))
		for i, f := range d.t.fields {
			name := pyliteral.Quote(f.Name)
			if f.Title != "" {
				name = "(" + pyliteral.Quote(f.Title) + ", " + name + ")"
			}
			if base, shape, ok := f.DType.SubArray(); ok {
				items[i] = "(" + name + ", " + base.construction() + ", " + ShapeString(shape) + ")"
			} else {
				items[i] = "(" + name + ", " + f.DType.construction() + ")"
			}
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	var names, formats, offsets, titles []string
	for _, f := range d.t.fields {
		names = append(names, pyliteral.Quote(f.Name))
		formats = append(formats, f.DType.construction())
		offsets = append(offsets, strconv.Itoa(f.Offset))
		title := "None"
		if f.Title != "" {
			title = pyliteral.Quote(f.Title)
		}
		titles = append(titles, title)
	}
	text := fmt.Sprintf("{'names': [%s], 'formats': [%s], 'offsets': [%s]", strings.Join(names, ", "), strings.Join(formats, ", "), strings.Join(offsets, ", "))
	if slices.ContainsFunc(d.t.fields, func(f Field) bool { return f.Title != "" }) {
		text += ", 'titles': [" + strings.Join(titles, ", ") + "]"
	}
	text += ", 'itemsize': " + strconv.Itoa(d.t.size)
	if showAligned && d.t.aligned {
		text += ", 'aligned': True"
	}
	return text + "}"
}

// isSequential reports whether the fields lie where StructOf or PackedStructOf
// would put them, whichever d is, so that the list form says all to who knows
// that (numpy's _is_packed).
func (d DType) isSequential() bool {
	seq, err := sequential(d.t.fields, d.t.aligned)
	return err == nil && seq.t.size == d.t.size && slices.EqualFunc(seq.t.fields, d.t.fields, func(f, g Field) bool { return f.Offset == g.Offset })
}

// ShapeString writes a shape as Python writes a tuple: "(2, 3)", "(4,)", "()".
func ShapeString(shape []int) string {
	b := []byte{'('}
	for i, n := range shape {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	if len(shape) == 1 {
		b = append(b, ',')
	}
	return string(append(b, ')'))
}
