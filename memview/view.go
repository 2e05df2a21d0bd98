package memview

import "fmt"

// Sub is the view of the elements lo, lo+step, ... before hi along one axis:
// numpy's a[..., lo:hi:step, ...], but bounds outside of the axis are refused with
// ErrShape, not clipped, and negative ones do not count from the end. The step is
// not zero. With a negative step the view runs down from lo to just above
// hi, which is -1 to reach element 0: Sub(0, n-1, -1, -1) turns the axis
// round. Where lo is hi the view is empty.
func (a Array) Sub(axis, lo, hi, step int) (Array, error) {
	if err := a.axis(axis); err != nil {
		return Array{}, err
	}
	n := a.a.shape[axis]
	count := 0
	switch {
	case step != 0 && lo == hi && (lo >= 0 || lo == -1 && step < 0) && hi <= n:
	case step > 0 && 0 <= lo && lo < hi && hi <= n:
		count = (hi-lo-1)/step + 1
	case step < 0 && -1 <= hi && hi < lo && lo < n:
		count = (lo-hi-1)/-step + 1
	default:
		return Array{}, fmt.Errorf("memview: %w: Sub(%d, %d, %d, %d) of an axis of %d elements", ErrShape, axis, lo, hi, step, n)
	}
	shape, strides, off := a.Shape(), a.Strides(), a.a.off
	shape[axis] = count
	if count > 0 && a.a.size > 0 {
		off += uint64(int64(lo) * int64(strides[axis]))
	}
	if count > 1 && a.a.size > 0 {
		strides[axis] *= step
	}
	return a.view(off, a.a.dtype, shape, strides)
}

// Drop is the view of the elements with index i along one axis, without that
// axis: numpy's a[..., i, ...]. Other indices are refused with ErrShape.
func (a Array) Drop(axis, i int) (Array, error) {
	if err := a.axis(axis); err != nil {
		return Array{}, err
	}
	if n := a.a.shape[axis]; i < 0 || i >= n {
		return Array{}, fmt.Errorf("memview: %w: Drop(%d, %d) of an axis of %d elements", ErrShape, axis, i, n)
	}
	off := a.a.off
	if a.a.size > 0 {
		off += uint64(int64(i) * int64(a.a.strides[axis]))
	}
	shape, strides := a.Shape(), a.Strides()
	return a.view(off, a.a.dtype, append(shape[:axis], shape[axis+1:]...), append(strides[:axis], strides[axis+1:]...))
}

// Transpose is the view with its axes in the given order: axis i of the result
// is axes[i] of a. Without arguments their order is reversed, as a.T in numpy. What
// is no order of all axes is refused with ErrShape.
func (a Array) Transpose(axes ...int) (Array, error) {
	nd := a.NDim()
	if len(axes) == 0 {
		axes = make([]int, nd) // not what the caller gave, which may have room
		for i := range axes {
			axes[i] = nd - 1 - i
		}
	}
	if a.a == nil || len(axes) != nd {
		return Array{}, fmt.Errorf("memview: %w: Transpose(%v) of %d dimensions", ErrShape, axes, nd)
	}
	var seen [MaxNDim]bool
	shape, strides := make([]int, nd), make([]int, nd)
	for i, x := range axes {
		if x < 0 || x >= nd || seen[x] {
			return Array{}, fmt.Errorf("memview: %w: Transpose(%v) of %d dimensions", ErrShape, axes, nd)
		}
		seen[x] = true
		shape[i], strides[i] = a.a.shape[x], a.a.strides[x]
	}
	return a.view(a.a.off, a.a.dtype, shape, strides)
}

// Reshape is the view with another shape of as many elements, in the same C
// order. One dimension may be -1 and is then derived; no dims make one element
// 0-d. It never copies: where the strides do not allow the shape it fails
// with ErrLayout, and where the number of elements differs with ErrShape.
func (a Array) Reshape(shape ...int) (Array, error) {
	if a.a == nil {
		return Array{}, fmt.Errorf("memview: %w: Reshape of no array", ErrShape)
	}
	full, err := a.completeShape(shape)
	if err != nil {
		return Array{}, err
	}
	strides, ok := reshapeStrides(a.a.shape, a.a.strides, full, a.a.dtype.ItemSize())
	if !ok {
		return Array{}, fmt.Errorf("memview: %w: shape %s with strides %s cannot be seen as %s without a copy; Values makes one", ErrLayout, ShapeString(a.a.shape), ShapeString(a.a.strides), ShapeString(full))
	}
	return a.view(a.a.off, a.a.dtype, full, strides)
}

func (a Array) completeShape(shape []int) ([]int, error) {
	full := append([]int{}, shape...)
	bad := func() ([]int, error) {
		return nil, fmt.Errorf("memview: %w: Reshape of %s (%d elements) to %s", ErrShape, ShapeString(a.a.shape), a.a.size, ShapeString(shape))
	}
	if len(full) > MaxNDim { // not printed: it may have millions
		return nil, fmt.Errorf("memview: %w: Reshape to %d dimensions, want at most %d", ErrShape, len(full), MaxNDim)
	}
	free, n := -1, int64(1)
	for i, d := range full {
		if d == -1 && free < 0 {
			free = i
			continue
		}
		var ok bool
		if d < 0 {
			return bad()
		}
		if n, ok = mul(n, int64(d)); !ok {
			return bad()
		}
	}
	if free >= 0 {
		if n == 0 || int64(a.a.size)%n != 0 {
			return bad()
		}
		full[free] = int(int64(a.a.size) / n)
		n *= int64(full[free])
	}
	if n != int64(a.a.size) {
		return bad()
	}
	return full, nil
}

// reshapeStrides finds strides for the new shape over the old elements. It
// takes the axes of both sides in groups of equal products; within a group the old
// axes must lie like one.
func reshapeStrides(oldShape, oldStrides, shape []int, itemsize int) ([]int, bool) {
	strides := make([]int, len(shape))
	cStrides(strides, shape, itemsize)
	var os, ot []int // old axes that matter
	for i, d := range oldShape {
		if d == 0 {
			return strides, true
		}
		if d != 1 {
			os, ot = append(os, d), append(ot, oldStrides[i])
		}
	}
	i, j := 0, 0
	for i < len(os) && j < len(shape) {
		endI, endJ := i+1, j+1
		for n, m := os[i], shape[j]; n != m; {
			if m < n {
				m *= shape[endJ]
				endJ++
			} else {
				n *= os[endI]
				endI++
			}
		}
		for k := i; k < endI-1; k++ {
			if ot[k] != os[k+1]*ot[k+1] {
				return nil, false
			}
		}
		s := ot[endI-1]
		for k := endJ - 1; k >= j; k-- {
			strides[k] = s
			s *= shape[k]
		}
		i, j = endI, endJ
	}
	return strides, true
}

// Field is the view of one member of every element of an array of structs, found
// by name or title: numpy's a["x"]. Its strides are those of a, so that it is
// rarely contiguous. A sub-array field adds its dimensions at the end. A name that the
// dtype has not is refused with ErrDType.
func (a Array) Field(name string) (Array, error) {
	f, ok := a.DType().FieldByName(name)
	if !ok {
		return Array{}, fmt.Errorf("memview: %w: no field %q in %s", ErrDType, name, a.DType())
	}
	off := a.a.off
	if a.a.size > 0 {
		off += uint64(f.Offset)
	}
	return a.view(off, f.DType, a.a.shape, a.a.strides)
}

func (a Array) axis(axis int) error {
	if axis < 0 || axis >= a.NDim() {
		return fmt.Errorf("memview: %w: axis %d of %d dimensions", ErrShape, axis, a.NDim())
	}
	return nil
}

func (a Array) view(off uint64, t DType, shape, strides []int) (Array, error) {
	v, err := a.a.derive(off, t, shape, strides)
	if err != nil {
		return Array{}, fmt.Errorf("memview: %w", err)
	}
	return v, nil
}
