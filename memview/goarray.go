package memview

import (
	"encoding/binary"
	"fmt"
	"math"
)

// hostBig is true on machines that store numbers in the other order than wasm.
var hostBig = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// native is a little-endian dtype in the order in which Go stores it here.
func native(d DType) DType {
	if hostBig {
		return d.BigEndian()
	}
	return d
}

// FromSlice is an Array over the memory of a Go slice, without a copy. No dims
// mean one axis of len(s); else their product must be len(s) (ErrShape). The
// dtype is DTypeOf[T], whose errors it has too, in the machine's byte order; the
// dimensions of an array type T are added to the shape. The Array keeps s alive
// and shares its elements, for as long as append does not move the slice away.
//
// A call copies such an Array into guest memory and, for outputs, back.
func FromSlice[T any](s []T, shape ...int) (Array, error) {
	if len(shape) == 0 {
		shape = []int{len(s)}
	}
	n := int64(1)
	for _, d := range shape {
		var ok bool
		if n, ok = mul(n, int64(d)); d < 0 || !ok {
			return Array{}, fmt.Errorf("memview: %w: shape %s", ErrShape, ShapeString(shape))
		}
	}
	if n != int64(len(s)) {
		return Array{}, fmt.Errorf("memview: %w: a slice of %d elements as shape %s (%d elements)", ErrShape, len(s), ShapeString(shape), n)
	}
	return fromGo(s, shape, nil)
}

// FromStrided is an Array over a Go slice with strides counted in elements of
// T, not in bytes; element 0 of the slice is the first element of the Array. It
// describes sub-matrices, images and other layouts with gaps. Elements outside
// of the slice are refused with ErrBounds; start the slice later, or turn a view
// round with Sub, where a stride is negative.
func FromStrided[T any](s []T, shape, strides []int) (Array, error) {
	if len(strides) != len(shape) {
		return Array{}, fmt.Errorf("memview: %w: %d strides for %d dimensions", ErrShape, len(strides), len(shape))
	}
	return fromGo(s, shape, strides)
}

func fromGo[T any](s []T, shape, strides []int) (Array, error) {
	t, err := DTypeOf[T]()
	if err != nil {
		return Array{}, fmt.Errorf("memview: %w", err)
	}
	buf := sliceBytes(s)
	if strides != nil {
		bytes := make([]int, len(strides))
		for i, n := range strides {
			b, ok := mul(int64(t.ItemSize()), int64(n))
			if !ok || b > math.MaxInt || b < math.MinInt {
				return Array{}, fmt.Errorf("memview: %w: stride %d of %s", ErrTooLarge, n, t)
			}
			bytes[i] = int(b)
		}
		strides = bytes
	}
	a, err := place(&array{buf: buf, dtype: t, goBools: t.HasBool()}, Layout{Shape: shape, Strides: strides}, uint64(len(buf)))
	if err != nil {
		return Array{}, fmt.Errorf("memview: %w", err)
	}
	return a, nil
}

// Zeros is a new zeroed Array in Go memory, in C order and owning its data: what
// Copy fills to take any array out of a guest, whatever its dtype. Its errors are those
// of SizeOf.
func Zeros(t DType, shape ...int) (Array, error) {
	a, err := dense(t, shape)
	if err != nil {
		return Array{}, fmt.Errorf("memview: %w", err)
	}
	n := a.NBytes()
	// Words, so that every element type is aligned.
	a.a.buf = sliceBytes(make([]complex128, n/16+1))[:n]
	a.a.flags |= OwnData
	return a, nil
}
