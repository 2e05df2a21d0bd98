package memview

import (
	"fmt"
	"runtime"
	"slices"
)

// Copy copies the elements of src to dst, of the same shape (ErrShape), whatever
// their layouts and byte orders; the dtypes must be equal but for byte order
// (ErrDType). Either may be guest or Go memory. The two may overlap: dst then
// receives what src held before. Where elements of dst overlap each other, the
// last one in C order stays. Bools that are copied into a Go slice become 0 or 1.
// On an error nothing was written.
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
	from, fromBase, err := s.peek()
	if err != nil {
		return err
	}
	to, toBase, err := d.peek()
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
		fix = append(fix, boolFixes(d.dtype, 0)...)
	}
	copyElements(to, toBase, d.strides, from, fromBase, fromStrides, d.shape, d.dtype.ItemSize(), fix)
	runtime.KeepAlive(d)
	runtime.KeepAlive(s)
	return nil
}

// copyElements copies every element and then repairs it in place.
func copyElements(to []byte, toBase int, toStrides []int, from []byte, fromBase int, fromStrides, shape []int, item int, fix []repair) {
	for w := newWalk(shape, toStrides, fromStrides); w.next(); {
		t, f := toBase+w.off, fromBase+w.off2
		switch {
		case fix != nil: // one by one: elements of dst may overlap, and the last one wins
			for range w.run {
				elem := to[t : t+item]
				copy(elem, from[f:f+item])
				repairAll(elem, fix)
				t, f = t+w.stride, f+w.stride2
			}
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
	}
}

// repair changes a part of an element after its bytes were copied: of count
// items of size bytes at off it turns each round, makes each a bool of 0 or 1, or
// repairs each in turn.
type repair struct {
	off, size, count int
	bools            bool
	inner            []repair
}

func repairAll(elem []byte, fix []repair) {
	for _, r := range fix {
		b := elem[r.off : r.off+r.size*r.count]
		switch {
		case r.bools:
			for i, v := range b {
				if v > 1 {
					b[i] = 1
				}
			}
		case r.inner != nil:
			for ; len(b) > 0; b = b[r.size:] {
				repairAll(b[:r.size], r.inner)
			}
		default:
			for ; len(b) > 0; b = b[r.size:] {
				slices.Reverse(b[:r.size])
			}
		}
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
	fix, ok := swapFixes(to, from, 0)
	if !ok {
		return nil, fmt.Errorf("%w: Copy of %s to %s: fields that overlap cannot change byte order", ErrDType, from, to)
	}
	return fix, nil
}

// swapFixes turns round what differs in byte order. It reports false where
// that would change another field too.
func swapFixes(to, from DType, off int) (fix []repair, ok bool) {
	switch to.Kind() {
	case Struct:
		changed := make([]bool, len(to.t.fields))
		for i, f := range to.t.fields {
			part, ok := swapFixes(f.DType, from.t.fields[i].DType, off+f.Offset)
			if !ok {
				return nil, false
			}
			fix, changed[i] = append(fix, part...), len(part) > 0
		}
		return fix, len(fix) == 0 || apart(to.t.fields, changed)
	case SubArray:
		one, ok := swapFixes(to.t.base, from.t.base, 0)
		return repeatFixes(one, to, off), ok
	}
	if to.t.big == from.t.big {
		return nil, true
	}
	size, count := to.t.size, 1
	switch to.t.kind {
	case Complex:
		size, count = size/2, 2
	case Unicode:
		size, count = 4, size/4
	}
	return []repair{{off: off, size: size, count: count}}, true
}

// apart reports whether no field that changes overlaps another one.
func apart(fields []Field, changed []bool) bool {
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return fields[i].Offset - fields[j].Offset })
	end, endChanged := 0, 0
	for _, i := range order {
		f := fields[i]
		if f.DType.ItemSize() == 0 {
			continue
		}
		if f.Offset < endChanged || changed[i] && f.Offset < end {
			return false
		}
		end = max(end, f.Offset+f.DType.ItemSize())
		if changed[i] {
			endChanged = end
		}
	}
	return true
}

func boolFixes(t DType, off int) (fix []repair) {
	switch {
	case !t.HasBool():
		return nil
	case t.Kind() == Struct:
		for _, f := range t.t.fields {
			fix = append(fix, boolFixes(f.DType, off+f.Offset)...)
		}
		return fix
	case t.Kind() == SubArray:
		return repeatFixes(boolFixes(t.t.base, 0), t, off)
	}
	return []repair{{off: off, size: 1, count: 1, bools: true}}
}

// repeatFixes applies what one element of a sub-array needs to all of them. It
// never lists them: their number may be hostile.
func repeatFixes(one []repair, t DType, off int) []repair {
	if len(one) == 0 || t.t.size == 0 {
		return nil
	}
	item := t.t.base.ItemSize()
	n := t.t.size / item
	if r := one[0]; len(one) == 1 && r.inner == nil && r.size*r.count == item {
		r.off, r.count = off, r.count*n
		return []repair{r}
	}
	return []repair{{off: off, size: item, count: n, inner: one}}
}
