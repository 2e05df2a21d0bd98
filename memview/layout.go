package memview

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Layout is the geometry and access of an array: numpy's shape, strides and the
// flags that do not follow from them. The zero value is one writeable element.
type Layout struct {
	Shape    []int // extent of each axis; none: one element (0-d)
	Strides  []int // bytes from one element to the next along each axis, of either sign or zero; nil: C order
	ReadOnly bool  // the array is not WRITEABLE
	OwnData  bool  // the array was allocated for its user and has an owner who frees it
}

// extent is what geometry says about an array, in 64 bits and overflow-checked.
type extent struct {
	size   int64 // elements
	lo, hi int64 // bytes touched, relative to the first element: [lo, hi)
}

// measure computes the extent of a shape of at most MaxNDim dims with as many
// strides. Their values may be hostile. A shape that holds a 0 touches nothing.
func measure(shape, strides []int, itemsize int) (extent, error) {
	size, empty := int64(1), false
	for i, d := range shape {
		if d < 0 {
			return extent{}, fmt.Errorf("%w: shape %s has a negative dimension", ErrShape, ShapeString(shape))
		}
		if d == 0 {
			empty = true
			continue
		}
		var ok bool
		if size, ok = mul(size, int64(d)); !ok {
			return extent{}, fmt.Errorf("%w: shape %s", ErrTooLarge, ShapeString(shape[:i+1]))
		}
	}
	if n, ok := mul(size, int64(max(itemsize, 1))); !ok || n > math.MaxInt {
		return extent{}, fmt.Errorf("%w: shape %s of %d bytes each", ErrTooLarge, ShapeString(shape), itemsize)
	}
	if empty {
		return extent{}, nil
	}
	e := extent{size: size, hi: int64(itemsize)}
	for i, d := range shape {
		span, ok := mul(int64(d)-1, int64(strides[i]))
		if span < 0 {
			e.lo += span
		} else {
			e.hi += span
		}
		// No single term may pass 2^62, so that no sum of two wraps.
		if !ok || e.lo < -1<<62 || e.hi > 1<<62 {
			return extent{}, fmt.Errorf("%w: shape %s with strides %s", ErrTooLarge, ShapeString(shape), ShapeString(strides))
		}
	}
	return e, nil
}

// mul multiplies a non-negative a with b and reports whether the product
// stays within 2^62.
func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(max(b, -b)))
	if hi != 0 || lo > 1<<62 || b == math.MinInt64 {
		return 0, false
	}
	if b < 0 {
		return -int64(lo), true
	}
	return int64(lo), true
}

// cStrides fills strides for C order. The shape must have been measured or be
// small; overflow saturates nowhere because callers measure right after.
func cStrides(strides, shape []int, itemsize int) {
	s := itemsize
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = s
		s *= max(shape[i], 1)
	}
}

// layoutFlags derives contiguity and alignment as numpy does with relaxed
// strides (numpy rows 70-74). off is the address of the first element.
func layoutFlags(shape, strides []int, itemsize, align int, off uint64) Flags {
	if slices.Contains(shape, 0) {
		return CContiguous | FContiguous | Aligned
	}
	var f Flags
	if contiguous(shape, strides, itemsize, len(shape)-1, -1) {
		f |= CContiguous
	}
	if contiguous(shape, strides, itemsize, 0, 1) {
		f |= FContiguous
	}
	bits := off
	for i, d := range shape {
		if d > 1 {
			bits |= uint64(strides[i])
		}
	}
	if bits%uint64(align) == 0 {
		f |= Aligned
	}
	return f
}

// contiguous walks the axes from the fastest one.
func contiguous(shape, strides []int, itemsize, from, step int) bool {
	want := itemsize
	for i := from; i >= 0 && i < len(shape); i += step {
		if shape[i] != 1 {
			if strides[i] != want {
				return false
			}
			want *= shape[i]
		}
	}
	return true
}
