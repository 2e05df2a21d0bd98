package memview

import (
	"fmt"
	"runtime"
	"slices"
)

// Values copies the elements of a in C order into a new Go slice: any layout,
// any byte order, bools and structs too. The result belongs to the caller and
// never goes stale. T must have a's dtype but for byte order (ErrDType); where T
// is an array type, a's last dimensions must be T's (ErrShape). A guest's bool
// other than 0 and 1 becomes true.
func Values[T any](a Array) ([]T, error) {
	if a.a == nil {
		return nil, fmt.Errorf("memview: %w: Values of no array", ErrDType)
	}
	t, err := DTypeOf[T]()
	if err != nil {
		return nil, fmt.Errorf("memview: %w", err)
	}
	outer := len(a.a.shape)
	if base, inner, ok := t.SubArray(); ok {
		t = base
		if outer -= len(inner); outer < 0 || !slices.Equal(a.a.shape[outer:], inner) {
			return nil, fmt.Errorf("memview: %w: Values of %s for shape %s", ErrShape, ShapeString(inner), ShapeString(a.a.shape))
		}
	}
	if _, err := conversion(t, a.a.dtype); err != nil {
		return nil, fmt.Errorf("memview: %w: Values of %s, array is %s", ErrDType, t, a.a.dtype)
	}
	if err := a.CheckAlive(); err != nil {
		return nil, err // prefixed
	}
	if n := int64(a.a.size) * int64(a.a.dtype.ItemSize()); n > maxDense {
		return nil, fmt.Errorf("memview: %w: Values of shape %s would take %d bytes", ErrTooLarge, ShapeString(a.a.shape), n)
	}
	n := 1
	for _, d := range a.a.shape[:outer] {
		n *= d
	}
	out := make([]T, n)
	dst, err := FromSlice(out, a.a.shape[:outer]...)
	if err == nil && outer == 0 {
		dst, err = dst.Reshape(a.a.shape...)
	}
	if err == nil {
		err = Copy(dst, a)
	}
	if err == nil { // memory that goes away in the midst of it reads as zero
		err = a.CheckAlive()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// At reads one element, by one index per axis, as the Go value of its dtype:
// bool, int8 to uint64, float32 (also for float16), float64, complex64,
// complex128, string for S and U without their padding, []byte for V, int64 ticks
// for datetimes, []any in field order for structs and nested for sub-arrays. The
// value is a copy. An index outside of its axis, negative ones too, is ErrShape. It
// is for tests and tools; loops over Slice, Mat or Values are ten times faster.
func (a Array) At(index ...int) (any, error) {
	b, err := a.elem(index)
	if err != nil {
		return nil, fmt.Errorf("memview: %w", err)
	}
	v := decode(b, a.a.dtype)
	runtime.KeepAlive(a.a)
	return v, nil
}

// Set stores one element, whole or not at all. It takes what At returns, any Go
// integer that the dtype holds exactly, and for float and complex dtypes any Go
// float, rounded; text that is shorter is padded with NUL. Other values are
// refused with ErrDType, and a read-only array with ErrReadOnly.
func (a Array) Set(v any, index ...int) error {
	b, err := a.elem(index)
	if err == nil && a.a.flags&Writeable == 0 {
		err = fmt.Errorf("%w: Set", ErrReadOnly)
	}
	if err == nil {
		err = encode(b, a.a.dtype, v)
		runtime.KeepAlive(a.a)
	}
	if err != nil {
		return fmt.Errorf("memview: %w", err)
	}
	return nil
}

// elem returns the bytes of one element, for as long as a is held.
func (a Array) elem(index []int) ([]byte, error) {
	if a.a == nil {
		return nil, fmt.Errorf("%w: an element of no array", ErrDType)
	}
	if len(index) != len(a.a.shape) {
		return nil, fmt.Errorf("%w: %d indices for %d dimensions", ErrShape, len(index), len(a.a.shape))
	}
	b, at, err := a.a.peek()
	if err != nil {
		return nil, err
	}
	for i, x := range index {
		if x < 0 || x >= a.a.shape[i] {
			return nil, fmt.Errorf("%w: index %d of an axis of %d elements", ErrShape, x, a.a.shape[i])
		}
		at += x * a.a.strides[i]
	}
	return b[at : at+a.a.dtype.ItemSize()], nil
}

// Zero sets every byte of every element to 0, the padding of structs too; gaps
// between elements stay as they are. A read-only array is refused with
// ErrReadOnly.
func (a Array) Zero() error {
	if a.a == nil {
		return fmt.Errorf("memview: %w: Zero of no array", ErrDType)
	}
	if a.a.flags&Writeable == 0 {
		return fmt.Errorf("memview: %w: Zero", ErrReadOnly)
	}
	b, base, err := a.a.peek()
	if err != nil {
		return fmt.Errorf("memview: %w", err)
	}
	if a.a.flags&(CContiguous|FContiguous) != 0 {
		clear(b)
		runtime.KeepAlive(a.a)
		return nil
	}
	item := a.a.dtype.ItemSize()
	for w := newWalk(a.a.shape, a.a.strides, a.a.strides); w.next(); {
		at := base + w.off
		if w.stride == item || w.run == 1 {
			clear(b[at : at+w.run*item])
			continue
		}
		for range w.run {
			clear(b[at : at+item])
			at += w.stride
		}
	}
	runtime.KeepAlive(a.a)
	return nil
}
