package memview

import (
	"fmt"

	"github.com/wasmffi/go/memview/internal/pyliteral"
)

// dtypeOfLiteral reads the list, dict and tuple forms. Structs are aligned
// inside of aligned ones, as numpy reads them.
func dtypeOfLiteral(v any, depth int, aligned bool) (DType, error) {
	if depth > maxDepth {
		return DType{}, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case string:
		return parseWithin(v, aligned)
	case pyliteral.Tuple: // (base, shape)
		if len(v) != 2 {
			return DType{}, fmt.Errorf("tuple has %d items, want (dtype, shape)", len(v))
		}
		base, err := dtypeOfLiteral(v[0], depth+1, aligned)
		if err != nil {
			return DType{}, err
		}
		shape, err := literalShape(v[1])
		if err != nil {
			return DType{}, err
		}
		return SubArrayOf(base, shape...)
	case pyliteral.List:
		return structOfList(v, depth, aligned)
	case pyliteral.Dict:
		return structOfDict(v, depth, aligned)
	}
	return DType{}, fmt.Errorf("want a string, tuple, list or dict")
}

// literalShape reads a tuple, list or number. The number 1 is no dimension at
// all, as in numpy.
func literalShape(v any) ([]int, error) {
	var items []any
	switch v := v.(type) {
	case pyliteral.Tuple:
		items = v
	case pyliteral.List:
		items = v
	default:
		if v != int64(1) {
			items = []any{v}
		}
	}
	shape := make([]int, len(items))
	for i, x := range items {
		n, ok := x.(int64)
		if !ok || n < 0 || n > MaxItemSize {
			return nil, fmt.Errorf("dimension %v of a shape is no integer from 0 to %d", x, int64(MaxItemSize))
		}
		shape[i] = int(n)
	}
	return shape, nil
}

// structOfList reads [(name, dtype), (name, dtype, shape), ...]. A name may be
// a (title, name) pair; fields without a name are padding, as in .npy files.
func structOfList(items pyliteral.List, depth int, aligned bool) (DType, error) {
	fields := make([]Field, 0, len(items))
	off, align := int64(0), 1
	for i, item := range items {
		t, ok := item.(pyliteral.Tuple)
		if !ok || len(t) < 2 || len(t) > 3 {
			return DType{}, fmt.Errorf("field %d is no (name, dtype) or (name, dtype, shape)", i)
		}
		f := Field{}
		switch n := t[0].(type) {
		case string:
			f.Name = n
		case pyliteral.Tuple:
			if len(n) == 2 {
				f.Title, _ = n[0].(string)
				f.Name, _ = n[1].(string)
			}
			if f.Title == "" || f.Name == "" {
				return DType{}, fmt.Errorf("field %d has no (title, name)", i)
			}
		default:
			return DType{}, fmt.Errorf("field %d has no name", i)
		}
		d, err := dtypeOfLiteral(t[1], depth+1, aligned)
		if err != nil {
			return DType{}, err
		}
		if len(t) == 3 {
			shape, err := literalShape(t[2])
			if err != nil {
				return DType{}, err
			}
			if d, err = SubArrayOf(d, shape...); err != nil {
				return DType{}, err
			}
		}
		if aligned {
			align = max(align, d.Alignment())
			off = roundUp(off, int64(d.Alignment()))
		}
		if off > MaxItemSize {
			return DType{}, fmt.Errorf("struct is larger than %d bytes", int64(MaxItemSize))
		}
		f.DType, f.Offset = d, int(off)
		off += int64(d.ItemSize())
		if f.Name != "" {
			fields = append(fields, f)
		} else if d.Kind() != Void {
			return DType{}, fmt.Errorf("field %d has no name", i)
		}
	}
	if off = roundUp(off, int64(align)); off > MaxItemSize {
		return DType{}, fmt.Errorf("struct is larger than %d bytes", int64(MaxItemSize))
	}
	return StructSpec{Fields: fields, ItemSize: int(off), Aligned: aligned}.DType()
}

// structOfDict reads {'names': [...], 'formats': [...], 'offsets': [...],
// 'titles': [...], 'itemsize': n, 'aligned': bool}.
func structOfDict(d pyliteral.Dict, depth int, aligned bool) (DType, error) {
	lists := map[string][]any{}
	for _, p := range d {
		switch p.Key {
		case "itemsize", "aligned":
		case "names", "formats", "offsets", "titles":
			switch v := p.Value.(type) {
			case pyliteral.List:
				lists[p.Key] = append([]any{}, v...)
			case pyliteral.Tuple:
				lists[p.Key] = append([]any{}, v...)
			default:
				return DType{}, fmt.Errorf("%s are no list", p.Key)
			}
		default:
			return DType{}, fmt.Errorf("unknown key %s", clip(p.Key))
		}
	}
	nms, formats, offsets, titles := lists["names"], lists["formats"], lists["offsets"], lists["titles"]
	if len(nms) != len(formats) || offsets != nil && len(offsets) != len(nms) || titles != nil && len(titles) != len(nms) {
		return DType{}, fmt.Errorf("%d names, %d formats, %d offsets, %d titles: want as many of each", len(nms), len(formats), len(offsets), len(titles))
	}
	s := StructSpec{Fields: make([]Field, len(nms)), Aligned: aligned}
	if v, ok := d.Get("aligned"); ok {
		own, ok := v.(bool)
		if !ok {
			return DType{}, fmt.Errorf("aligned is no bool")
		}
		// Inside of an aligned struct numpy does not hear False. Beside
		// offsets it says nothing of the layout, and String needs it.
		if own || offsets != nil {
			s.Aligned = own
		}
	}
	for i := range nms {
		f := &s.Fields[i]
		var ok bool
		if f.Name, ok = nms[i].(string); !ok {
			return DType{}, fmt.Errorf("name %d is no string", i)
		}
		var err error
		if f.DType, err = dtypeOfLiteral(formats[i], depth+1, s.Aligned); err != nil {
			return DType{}, err
		}
		if offsets != nil {
			n, ok := offsets[i].(int64)
			if !ok || n < 0 || n > MaxItemSize {
				return DType{}, fmt.Errorf("offset of %q is no integer from 0 to %d", f.Name, int64(MaxItemSize))
			}
			f.Offset = int(n)
		}
		if titles != nil && titles[i] != nil {
			if f.Title, ok = titles[i].(string); !ok {
				return DType{}, fmt.Errorf("title of %q is no string", f.Name)
			}
		}
	}
	if offsets == nil {
		seq, err := sequential(s.Fields, s.Aligned)
		if err != nil {
			return DType{}, err
		}
		s, _ = seq.StructSpec()
	}
	if v, ok := d.Get("itemsize"); ok {
		n, ok := v.(int64)
		if !ok || n < 0 || n > MaxItemSize {
			return DType{}, fmt.Errorf("itemsize is no integer from 0 to %d", int64(MaxItemSize))
		}
		s.ItemSize = int(n)
		if t, err := s.DType(); err != nil || int64(t.ItemSize()) == n {
			return t, err
		}
		return DType{}, fmt.Errorf("itemsize is 0, fields have more")
	}
	return s.DType()
}
