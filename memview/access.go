package memview

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// Elem is the constraint of element types that may be borrowed from guest memory:
// every bit pattern is a valid value of them. Bool is not among them: a guest can
// store 2 to 255 there, and compiled Go then reads out of bounds. Use Values.
type Elem interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | ~complex64 | ~complex128
}

// Slice borrows the elements of a as a Go slice, without a copy: a write
// through it is seen by the guest, and the guest's writes by it. The array must
// be of dtype T in the machine's byte order (ErrDType), writeable (ErrReadOnly),
// aligned and C_CONTIGUOUS (ErrLayout); else the error says which it is not. Any
// number of axes is read in C order.
//
// The slice is valid until the library that owns the memory is closed, or the
// array is freed; growth of the memory does not move it.
func Slice[T Elem](a Array) ([]T, error) {
	s, err := borrow[T](a, "Slice")
	if err != nil {
		return nil, fmt.Errorf("memview: %w", err)
	}
	return s, nil
}

func borrow[T Elem](a Array, verb string) ([]T, error) {
	if err := borrowable[T](a, verb); err != nil {
		return nil, err
	}
	if a.a.flags&CContiguous == 0 {
		return nil, fmt.Errorf("%w: %s of shape %s with strides %s, which is not C_CONTIGUOUS; Values copies any layout", ErrLayout, verb, ShapeString(a.a.shape), ShapeString(a.a.strides))
	}
	b, _, err := a.a.lent()
	if err != nil {
		return nil, err
	}
	s, ok := castSlice[T](b)
	if !ok {
		return nil, misaligned(a, verb)
	}
	return s, nil
}

// Elements views bytes of guest memory as elements of T, without a copy: what Slice does for who has no Array. It fails
// with ErrLayout where the length is no multiple of an element's or the host has not aligned the bytes
// for it, and with ErrDType on machines whose byte order is not the guest's. The
// slice is valid as long as the bytes are.
func Elements[T Elem](b []byte) ([]T, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, fmt.Errorf("memview: %w: Elements on a big-endian machine; Values copies", ErrDType)
	}
	s, ok := castSlice[T](b)
	if !ok {
		return nil, fmt.Errorf("memview: %w: %d bytes as elements of %T", ErrLayout, len(b), *new(T))
	}
	return s, nil
}

// misaligned says that the memory itself lies at an odd host address.
func misaligned(a Array, verb string) error {
	return fmt.Errorf("%w: %s of memory that the host has not aligned for %s; Values copies", ErrLayout, verb, a.a.dtype)
}

// borrowable checks all but contiguity.
func borrowable[T Elem](a Array, verb string) error {
	if a.a == nil {
		return fmt.Errorf("%w: %s of no array", ErrDType, verb)
	}
	want, err := DTypeOf[T]()
	if err != nil {
		return err
	}
	if !a.a.dtype.Equal(want) {
		hint := ""
		if a.a.dtype.LittleEndian().Equal(want.LittleEndian()) {
			hint = "; Values converts the byte order"
		}
		return fmt.Errorf("%w: %s of %s, array is %s%s", ErrDType, verb, want, a.a.dtype, hint)
	}
	if a.a.flags&Writeable == 0 {
		return fmt.Errorf("%w: %s would allow writes; Values copies", ErrReadOnly, verb)
	}
	if a.a.flags&Aligned == 0 {
		return fmt.Errorf("%w: %s of %s at %#x with strides %s, which is not ALIGNED; Values copies", ErrLayout, verb, want, a.a.off, ShapeString(a.a.strides))
	}
	return nil
}

// Mat is a matrix of elements in Go or guest memory, an open struct like
// gonum's blas64.General: element (i, j) is Data[i*Stride+j]. The zero value
// has no rows. A Mat from AsMat is valid as long as a slice from Slice; like a
// slice it is not guarded against concurrent writes.
type Mat[T Elem] struct {
	Data   []T // rows one after the other, at least (Rows-1)*Stride+Cols elements
	Rows   int // number of rows
	Cols   int // elements of a row
	Stride int // elements, not bytes, from one row to the next; at least Cols
}

// AsMat borrows a 2-D array whose rows are contiguous, without a copy: row-major
// sub-matrices too, which Slice refuses. The rows may have gaps between them, but
// not run backwards or overlap (ErrLayout); else the demands, the errors and the
// life of the result are those of Slice.
func AsMat[T Elem](a Array) (Mat[T], error) {
	if err := borrowable[T](a, "AsMat"); err != nil {
		return Mat[T]{}, fmt.Errorf("memview: %w", err)
	}
	if a.NDim() != 2 {
		return Mat[T]{}, fmt.Errorf("memview: %w: AsMat of %d dimensions, want 2", ErrShape, a.NDim())
	}
	item := a.a.dtype.ItemSize()
	m := Mat[T]{Rows: a.a.shape[0], Cols: a.a.shape[1], Stride: a.a.shape[1]}
	if m.Rows > 1 && a.a.size > 0 {
		m.Stride = a.a.strides[0] / item
	}
	if a.a.size > 0 && (m.Cols > 1 && a.a.strides[1] != item || m.Rows > 1 && (a.a.strides[0]%item != 0 || m.Stride < m.Cols)) {
		return Mat[T]{}, fmt.Errorf("memview: %w: AsMat of shape %s with strides %s: want contiguous rows in ascending order", ErrLayout, ShapeString(a.a.shape), ShapeString(a.a.strides))
	}
	b, _, err := a.a.lent()
	if err != nil {
		return Mat[T]{}, fmt.Errorf("memview: %w", err)
	}
	var ok bool
	if m.Data, ok = castSlice[T](b); !ok {
		return Mat[T]{}, fmt.Errorf("memview: %w", misaligned(a, "AsMat"))
	}
	return m, nil
}

// At is the element in row i and column j. A column outside of the row is not
// noticed while it lies in Data; use Row for that.
func (m Mat[T]) At(i, j int) T { return m.Data[i*m.Stride+j] }

// Set stores v in row i and column j, which At does not check either.
func (m Mat[T]) Set(i, j int, v T) { m.Data[i*m.Stride+j] = v }

// Row is row i, sharing memory; its length and capacity are Cols.
func (m Mat[T]) Row(i int) []T { return m.Data[i*m.Stride:][:m.Cols:m.Cols] }

// Array is an Array of shape (Rows, Cols) over m's data, without a copy. It is an
// Array over Go memory, also where m was borrowed from a guest: a call stages it, and
// it has m's life. It panics when Data is too short for the other fields.
func (m Mat[T]) Array() Array {
	a, err := FromStrided(m.Data, []int{m.Rows, m.Cols}, []int{m.Stride, 1})
	if err != nil {
		panic(fmt.Sprintf("memview: Mat of %d rows, %d columns and stride %d with %d elements: %v", m.Rows, m.Cols, m.Stride, len(m.Data), err))
	}
	return a
}

// Runs visits the elements of any layout in C order as contiguous runs, each borrowed
// for the turn of the loop: one run for a C_CONTIGUOUS array, one per row
// where only the rows are contiguous, one per element where nothing is. But for
// contiguity the demands are those of Slice. An error ends the sequence and is its
// second value; it comes first or never. The sequence may be used again, and
// then asks the memory anew.
func Runs[T Elem](a Array) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		if err := borrowable[T](a, "Runs"); err != nil {
			yield(nil, fmt.Errorf("memview: %w", err))
			return
		}
		b, base, err := a.a.lent()
		if err != nil {
			yield(nil, fmt.Errorf("memview: %w", err))
			return
		}
		item := a.a.dtype.ItemSize()
		for w := newWalk(a.a.shape, a.a.strides, a.a.strides); w.next(); {
			at, step, n := base+w.off, w.stride, w.run
			if step == item {
				step, n = w.run*item, 1
			}
			for range n {
				s, ok := castSlice[T](b[at : at+item*(w.run/n)])
				if !ok {
					yield(nil, fmt.Errorf("memview: %w", misaligned(a, "Runs")))
					return
				}
				if !yield(s, nil) {
					return
				}
				at += step
			}
		}
	}
}
