package memview

import (
	"fmt"
	"slices"
)

// Copy copies the elements of src to dst, of the same shape, whatever their
// layouts and byte orders; the dtypes must be equal but for byte order. The two
// may overlap: dst then receives what src held before. Bools that are copied into
// a Go slice become 0 or 1. On an error nothing was written.
func Copy(dst, src Array) error {
	if err := copyArray(dst, src); err != nil {
		return fmt.Errorf("memview: %w", err)
	}
	return nil
}

func copyArray(dst, src Array) error {
	if dst.a == nil || src.a == nil {
		return fmt.Errorf("%w: Copy with no array", ErrDType)
	}
	d, s := dst.a, src.a
	if d.flags&Writeable == 0 {
		return fmt.Errorf("%w: Copy to it", ErrReadOnly)
	}
	if !slices.Equal(d.shape, s.shape) {
		return fmt.Errorf("%w: Copy of shape %s to shape %s", ErrShape, ShapeString(s.shape), ShapeString(d.shape))
	}
	swaps, err := conversion(d.dtype, s.dtype)
	if err != nil {
		return err
	}
	from, fromBase, err := s.bytes()
	if err != nil {
		return err
	}
	to, toBase, err := d.bytes()
	if err != nil {
		return err
	}
	if d.size == 0 || d.dtype.ItemSize() == 0 {
		return nil
	}
	fromStrides := s.strides
	if overlap(to, from) && (fromBase != toBase || len(swaps) > 0 || !slices.Equal(d.strides, s.strides) || &to[0] != &from[0]) {
		dense := make([]byte, d.size*d.dtype.ItemSize())
		denseStrides := make([]int, len(s.shape))
		cStrides(denseStrides, s.shape, s.dtype.ItemSize())
		copyElements(dense, 0, denseStrides, from, fromBase, s.strides, s.shape, s.dtype.ItemSize(), nil)
		from, fromBase, fromStrides = dense, 0, denseStrides
	}
	fix := swaps
	if d.goBools {
		fix = append(fix, boolFixes(d.dtype, 0, nil)...)
	}
	copyElements(to, toBase, d.strides, from, fromBase, fromStrides, d.shape, d.dtype.ItemSize(), fix)
	return nil
}

// copyElements copies every element and then repairs it in place.
func copyElements(to []byte, toBase int, toStrides []int, from []byte, fromBase int, fromStrides, shape []int, item int, fix []repair) {
	for w := newWalk(shape, toStrides, fromStrides); w.next(); {
		t, f := toBase+w.off, fromBase+w.off2
		switch {
		case w.run == 1 || w.stride == item && w.stride2 == item:
			copy(to[t:t+w.run*item], from[f:f+w.run*item])
		case item == 8: // by words: the common strided case
			for i, t, f := 0, t, f; i < w.run; i, t, f = i+1, t+w.stride, f+w.stride2 {
				*(*[8]byte)(to[t:]) = *(*[8]byte)(from[f:])
			}
		case item == 4:
			for i, t, f := 0, t, f; i < w.run; i, t, f = i+1, t+w.stride, f+w.stride2 {
				*(*[4]byte)(to[t:]) = *(*[4]byte)(from[f:])
			}
		case item == 1:
			for i, t, f := 0, t, f; i < w.run; i, t, f = i+1, t+w.stride, f+w.stride2 {
				to[t] = from[f]
			}
		default:
			for i, t, f := 0, t, f; i < w.run; i, t, f = i+1, t+w.stride, f+w.stride2 {
				copy(to[t:t+item], from[f:f+item])
			}
		}
		if fix == nil {
			continue
		}
		step := w.stride
		if w.run == 1 {
			step = item
		}
		for range w.run {
			for _, r := range fix {
				r.apply(to[t : t+item])
			}
			t += step
		}
	}
}

// repair changes a part of an element after its bytes were copied: it turns
// count numbers of size bytes round, or makes count bools 0 or 1.
type repair struct {
	off, size, count int
	bools            bool
}

func (r repair) apply(elem []byte) {
	b := elem[r.off : r.off+r.size*r.count]
	if r.bools {
		for i, v := range b {
			if v > 1 {
				b[i] = 1
			}
		}
		return
	}
	for ; len(b) > 0; b = b[r.size:] {
		slices.Reverse(b[:r.size])
	}
}

// conversion lists the numbers whose byte order differs between two dtypes
// that are otherwise equal, and refuses other pairs.
func conversion(to, from DType) ([]repair, error) {
	if to.Equal(from) {
		return nil, nil
	}
	if !to.LittleEndian().Equal(from.LittleEndian()) {
		return nil, fmt.Errorf("%w: Copy of %s to %s", ErrDType, from, to)
	}
	fix := swapFixes(to, from, 0, nil)
	last := slices.Clone(fix)
	slices.SortFunc(last, func(a, b repair) int { return a.off - b.off })
	for i := range last[:max(len(last)-1, 0)] {
		if last[i].off+last[i].size*last[i].count > last[i+1].off {
			return nil, fmt.Errorf("%w: Copy of %s to %s: fields that overlap cannot change byte order", ErrDType, from, to)
		}
	}
	return fix, nil
}

func swapFixes(to, from DType, off int, fix []repair) []repair {
	switch to.Kind() {
	case Struct:
		for i, f := range to.t.fields {
			fix = swapFixes(f.DType, from.t.fields[i].DType, off+f.Offset, fix)
		}
		return fix
	case SubArray:
		return repeatFixes(swapFixes(to.t.base, from.t.base, 0, nil), to, off, fix)
	}
	if to.t.big == from.t.big {
		return fix
	}
	size, count := to.t.size, 1
	switch to.t.kind {
	case Complex:
		size, count = size/2, 2
	case Unicode:
		size, count = 4, size/4
	}
	return append(fix, repair{off: off, size: size, count: count})
}

func boolFixes(t DType, off int, fix []repair) []repair {
	switch {
	case !t.HasBool():
		return fix
	case t.Kind() == Struct:
		for _, f := range t.t.fields {
			fix = boolFixes(f.DType, off+f.Offset, fix)
		}
		return fix
	case t.Kind() == SubArray:
		return repeatFixes(boolFixes(t.t.base, 0, nil), t, off, fix)
	}
	return append(fix, repair{off: off, size: 1, count: 1, bools: true})
}

// repeatFixes applies what one element of a sub-array needs to all of them.
func repeatFixes(one []repair, t DType, off int, fix []repair) []repair {
	item := t.t.base.ItemSize()
	if len(one) == 1 && one[0].off == 0 && one[0].size*one[0].count == item {
		r := one[0]
		r.off, r.count = off, r.count*(t.t.size/item)
		return append(fix, r)
	}
	if len(one) > 0 {
		for at := 0; at+item <= t.t.size; at += item {
			for _, r := range one {
				r.off += off + at
				fix = append(fix, r)
			}
		}
	}
	return fix
}
