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
// mean one axis of len(s); else their product must be len(s). The dtype is
// DTypeOf[T] in the machine's byte order; the dimensions of an array type T are
// added to the shape. The Array keeps s alive and shares its elements: append
// may move the slice away from it.
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
// T; element 0 of the slice is the first element of the Array. It
// describes sub-matrices, images and other layouts with gaps.
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

// Zeros is a new zeroed Array in Go memory, in C order and owning its data.
func Zeros(t DType, shape ...int) (Array, error) {
	// A dry placement finds the size; the limit keeps it allocatable.
	probe, err := place(&array{dtype: t}, Layout{Shape: shape}, math.MaxInt64)
	if err != nil {
		return Array{}, fmt.Errorf("memview: %w", err)
	}
	n := probe.NBytes()
	if n > maxZeros {
		return Array{}, fmt.Errorf("memview: %w: Zeros of %s with shape %s has %d bytes, want at most %d", ErrTooLarge, t, ShapeString(shape), n, int64(maxZeros))
	}
	// Words, so that every element type is aligned.
	words := make([]complex128, n/16+1)
	v := *probe.a
	v.buf = sliceBytes(words)[:n]
	v.flags |= OwnData
	return Array{&v}, nil
}

// maxZeros is the size of the largest linear memory, as far as int goes.
const maxZeros = min(math.MaxUint32, math.MaxInt)
