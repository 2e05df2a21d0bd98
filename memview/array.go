package memview

import (
	"fmt"
	"math"
	"slices"
)

// Array is a view of an n-dimensional array in a linear memory or in Go
// memory: address, dtype, shape and byte strides. It is a small value, passed by
// value, and immutable: what a view method changes, it changes in the result. The
// elements are shared with whoever else sees the memory.
//
// The zero Array is no array; it has no dtype and no bytes. Reading
// an Array's description is safe for concurrent use; its elements
// are guarded by nothing.
//
// An Array over guest memory stays valid when the memory grows. It
// answers ErrClosed or ErrFreed once its memory is gone. It never dangles.
type Array struct {
	// One pointer and nothing else: such a value fits into an interface
	// without allocation, which keeps calls that take ...any free of garbage.
	a *array
}

type array struct {
	mem            Memory // nil: Go memory
	buf            []byte // Go memory only
	goBools        bool   // Go reads bools in buf: only 0 and 1 may be stored
	off            uint64 // first element, from the start of the memory
	lo, hi         uint64 // bytes that the elements touch: [lo, hi)
	dtype          DType
	flags          Flags
	size           int
	shape, strides []int
}

// NewArray is an array of any layout whose first element lies at p in m. It
// shares the memory and takes nothing from the guest on trust: l may be hostile.
// A sub-array dtype adds its dimensions to the shape.
//
// It refuses address 0 and elements there (ErrNull), elements outside of the
// memory (ErrBounds), sizes that overflow (ErrTooLarge), negative dimensions,
// more than MaxNDim of them and strides that do not go with them (ErrShape), the
// zero dtype (ErrDType), and a nil Memory (ErrClosed). Elements may overlap,
// down to stride 0, but all together they hold no more than the memory has, or
// 16 MiB (ErrTooLarge).
func NewArray(m Memory, p Ptr, t DType, l Layout) (Array, error) {
	if m == nil {
		return Array{}, fmt.Errorf("memview: %w: no memory", ErrClosed)
	}
	if p == 0 {
		return Array{}, fmt.Errorf("memview: %w: an array of %s at address 0", ErrNull, t)
	}
	a, err := place(&array{mem: m, off: uint64(p), dtype: t}, l, m.Size())
	if err != nil {
		return Array{}, fmt.Errorf("memview: %w", err)
	}
	return a, nil
}

// AsArray is an array in C order at p, sharing the memory of m
// (numpy.ctypeslib.as_array of a pointer; numpy rows 91-96). No dims give a 0-d
// array of one element. It is writeable. Its errors are those of NewArray.
func AsArray(m Memory, p Ptr, t DType, shape ...int) (Array, error) {
	return NewArray(m, p, t, Layout{Shape: shape})
}

// maxRepeated is how much an array of elements that overlap, as with stride 0,
// may hold in any memory. More than that, and more than the memory, would let a
// hostile shape over a few bytes fill the host's memory when it is copied.
const maxRepeated = 1 << 24

// SizeOf is the number of bytes that a dense array takes: what to allocate for
// it. A shape without elements has 0 bytes. It refuses a negative or 33rd
// dimension (ErrShape), the zero dtype (ErrDType), and sizes that overflow or
// exceed 4 GiB, or 2 GiB on 32-bit hosts (ErrTooLarge).
func SizeOf(t DType, shape ...int) (int, error) {
	a, err := dense(t, shape)
	if err != nil {
		return 0, fmt.Errorf("memview: %w", err)
	}
	return a.NBytes(), nil
}

// maxDense is the size of the largest linear memory, as far as int goes.
const maxDense = min(math.MaxUint32, math.MaxInt)

// dense describes an array in C order that no memory can be too small for; it
// has no bytes yet.
func dense(t DType, shape []int) (Array, error) {
	a, err := place(&array{dtype: t}, Layout{Shape: shape}, math.MaxInt64)
	if n := a.NBytes(); err == nil && n > maxDense {
		err = fmt.Errorf("%w: %s of shape %s has %d bytes, want at most %d", ErrTooLarge, t, ShapeString(shape), n, int64(maxDense))
	}
	return a, err
}

// place completes a: it checks the layout against limit, the bytes that the
// memory has, and derives the rest.
func place(a *array, l Layout, limit uint64) (Array, error) {
	if a.dtype.IsZero() {
		return Array{}, fmt.Errorf("%w: no dtype given", ErrDType)
	}
	shape, strides := l.Shape, l.Strides
	n := len(shape)
	base, inner, isSub := a.dtype.SubArray()
	for isSub {
		a.dtype = base
		shape = append(slices.Clip(shape), inner...)
		base, inner, isSub = base.SubArray()
	}
	nd := len(shape)
	if nd > MaxNDim {
		return Array{}, fmt.Errorf("%w: %d dimensions, want at most %d", ErrShape, nd, MaxNDim)
	}
	item := a.dtype.ItemSize()
	own := make([]int, 2*nd)
	a.shape, a.strides = own[:nd:nd], own[nd:]
	copy(a.shape, shape)
	cStrides(a.strides, a.shape, item)
	if strides != nil {
		if len(strides) != n {
			return Array{}, fmt.Errorf("%w: %d strides for %d dimensions", ErrShape, len(strides), n)
		}
		copy(a.strides, strides)
	}
	e, err := measure(a.shape, a.strides, item)
	if err != nil {
		return Array{}, err
	}
	if e.lo < 0 && uint64(-e.lo) > a.off || a.off > math.MaxInt64 || uint64(e.hi) > math.MaxInt64-a.off {
		return Array{}, fmt.Errorf("%w: shape %s with strides %s at %#x reaches below address 0 or wraps", ErrBounds, ShapeString(a.shape), ShapeString(a.strides), a.off)
	}
	a.size = int(e.size)
	a.lo, a.hi = uint64(int64(a.off)+e.lo), uint64(int64(a.off)+e.hi)
	if a.hi > limit || a.mem != nil && a.hi > math.MaxUint32 {
		return Array{}, fmt.Errorf("%w: %s of shape %s covers bytes %#x to %#x, memory has %#x", ErrBounds, a.dtype, ShapeString(a.shape), a.lo, a.hi, limit)
	}
	if a.mem != nil && a.lo == 0 { // else a view of it could be NULL
		return Array{}, fmt.Errorf("%w: shape %s with strides %s at %#x reaches down to address 0", ErrNull, ShapeString(a.shape), ShapeString(a.strides), a.off)
	}
	whole := uint64(e.size) * uint64(max(item, 1))
	if a.hi-a.lo > math.MaxInt || whole > a.hi-a.lo && whole > max(limit, maxRepeated) {
		return Array{}, fmt.Errorf("%w: shape %s with strides %s has %d bytes in all", ErrTooLarge, ShapeString(a.shape), ShapeString(a.strides), whole)
	}
	a.flags |= layoutFlags(a.shape, a.strides, item, a.dtype.Alignment(), a.off)
	if !l.ReadOnly {
		a.flags |= Writeable
	}
	if l.OwnData {
		a.flags |= OwnData
	}
	return Array{a}, nil
}

// derive is a view of some of a's elements. Its layout lies within a's, which
// its maker guarantees, so the memory is not asked again.
func (a *array) derive(off uint64, t DType, shape, strides []int) (Array, error) {
	v := &array{mem: a.mem, buf: a.buf, goBools: a.goBools, off: off, dtype: t}
	return place(v, Layout{Shape: shape, Strides: strides, ReadOnly: a.flags&Writeable == 0}, a.limit())
}

// limit is how far any view of the same memory may reach.
func (a *array) limit() uint64 {
	if a.mem == nil {
		return uint64(len(a.buf))
	}
	return math.MaxUint32
}

// lent are the bytes from lo to hi, to be kept by the caller, and base is the
// position of the first element in them.
func (a *array) lent() (b []byte, base int, err error) {
	if a.mem == nil {
		return a.peek()
	}
	b, err = a.mem.Bytes(Ptr(a.lo), uint32(a.hi-a.lo))
	return a.checked(b, err)
}

// peek is lent for a use that is over before a is let go: the caller ends it with
// runtime.KeepAlive(a).
func (a *array) peek() (b []byte, base int, err error) {
	if a.mem == nil {
		return a.buf[a.lo:a.hi], int(a.off - a.lo), nil
	}
	b, err = peekAt(a.mem, Ptr(a.lo), uint32(a.hi-a.lo))
	return a.checked(b, err)
}

func peekAt(m Memory, p Ptr, n uint32) ([]byte, error) {
	if m, ok := m.(Peeker); ok {
		return m.Peek(p, n)
	}
	return m.Bytes(p, n)
}

func (a *array) checked(b []byte, err error) ([]byte, int, error) {
	base := int(a.off - a.lo)
	if err == nil && uint64(len(b)) != a.hi-a.lo {
		err = fmt.Errorf("%w: memory gave %d bytes at %#x, want %d", ErrBounds, len(b), a.lo, a.hi-a.lo)
	}
	return b, base, err
}

// IsZero reports whether a is no array.
func (a Array) IsZero() bool { return a.a == nil }

// DType is the type of the elements; never a sub-array, whose dimensions are
// the array's own. The zero Array has the zero DType.
func (a Array) DType() DType {
	if a.a == nil {
		return DType{}
	}
	return a.a.dtype
}

// NDim is the number of axes, from 0 to MaxNDim.
func (a Array) NDim() int {
	if a.a == nil {
		return 0
	}
	return len(a.a.shape)
}

// Dim is the extent of one axis. It panics when there is no such axis.
func (a Array) Dim(axis int) int { return a.a.shape[axis] }

// Stride is the distance in bytes between neighbours along one axis. It
// panics when there is no such axis.
func (a Array) Stride(axis int) int { return a.a.strides[axis] }

// Shape is a copy of the extents, empty for a 0-d array.
func (a Array) Shape() []int {
	if a.a == nil {
		return nil
	}
	return append([]int{}, a.a.shape...)
}

// Strides is a copy of the strides: bytes, not elements, from one element to the
// next along each axis; negative where an axis runs down.
func (a Array) Strides() []int {
	if a.a == nil {
		return nil
	}
	return append([]int{}, a.a.strides...)
}

// Size is the number of elements: 1 for a 0-d array, 0 where an extent is 0.
func (a Array) Size() int {
	if a.a == nil {
		return 0
	}
	return a.a.size
}

// NBytes is Size times the item size: the bytes of a dense copy, which are more
// than the bytes of the memory where elements overlap.
func (a Array) NBytes() int { return a.Size() * a.DType().ItemSize() }

// Flags are numpy's flags of the array, derived from its layout when it was
// made (numpy rows 66-74). The zero Array has none.
func (a Array) Flags() Flags {
	if a.a == nil {
		return 0
	}
	return a.a.flags
}

// Ptr is the guest address of the first element, which need not be the lowest
// one. It is 0 for an Array over Go memory.
func (a Array) Ptr() Ptr {
	if a.a == nil || a.a.mem == nil {
		return 0
	}
	return Ptr(a.a.off)
}

// Extent is the range of bytes [lo, hi) that the elements touch, gaps included:
// guest addresses, or offsets into the slice for an Array over Go memory. Two
// arrays whose extents are apart share no element. Without elements both are
// the position where the first one would be.
func (a Array) Extent() (lo, hi uint64) {
	if a.a == nil {
		return 0, 0
	}
	return a.a.lo, a.a.hi
}

// Memory is the linear memory of the array; nil for an Array over Go memory.
func (a Array) Memory() Memory {
	if a.a == nil {
		return nil
	}
	return a.a.mem
}

// ArrayInterface is a itself: an Array satisfies [ArrayInterface].
func (a Array) ArrayInterface() Array { return a }

// ReadOnly is a view of the same elements that is not WRITEABLE: Set, Zero and
// Copy to it fail with ErrReadOnly, as do Slice, AsMat and Runs, whose slices
// could be written. It keeps nobody else from writing.
func (a Array) ReadOnly() Array {
	if a.a == nil || a.a.flags&Writeable == 0 {
		return a
	}
	v := *a.a
	v.flags &^= Writeable | OwnData
	return Array{&v}
}

// CheckAlive returns nil if the elements can be reached, and otherwise the
// error that an access would give: ErrClosed, ErrFreed, ErrStale or ErrBounds.
func (a Array) CheckAlive() error {
	if a.a == nil {
		return fmt.Errorf("memview: %w: no array", ErrClosed)
	}
	if _, _, err := a.a.peek(); err != nil {
		return fmt.Errorf("memview: %w", err)
	}
	return nil
}
