package wasmffi

import (
	"errors"
	"fmt"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// SharedArray is an array that many libraries see without a copy each: a table that all of a server's
// instances read, or a buffer that they fill together. It is safe for concurrent use.
type SharedArray struct {
	image *linmem.Image
	dtype memview.DType
	shape []int
}

// SharedOptions say how a SharedArray is shared. A nil *SharedOptions is the zero value.
type SharedOptions struct {
	// Writable lets every library that has the array see what the others write, at once and without any
	// order but that of the guests' own atomics. False: each has the array as it was
	// made, and its writes are its own.
	Writable bool
}

// NewSharedArray copies x, a Go slice with a shape or as one axis, or an Array of any memory, into
// memory that libraries can map: little-endian and in C order. Where the system cannot share memory
// between libraries, each gets a copy, and Writable is refused with errors.ErrUnsupported.
func NewSharedArray(x any, o *SharedOptions, shape ...int) (*SharedArray, error) {
	from, err := arrayOf(x, shape)
	if err == nil {
		err = from.CheckAlive()
	}
	if err != nil {
		return nil, fmt.Errorf("wasmffi: NewSharedArray: %w", err)
	}
	s := &SharedArray{dtype: from.DType().LittleEndian(), shape: from.Shape()}
	n := uint64(from.NBytes())
	dense := make(flat, n)
	to, err := dense.array(s.dtype, s.shape)
	if err == nil {
		err = memview.Copy(to, from)
	}
	if err == nil {
		s.image, err = linmem.ImageOf(dense, o != nil && o.Writable)
	}
	if err != nil {
		return nil, fmt.Errorf("wasmffi: NewSharedArray: %w", err)
	}
	return s, nil
}

// Close lets the memory go when no library has the array any more. A second Close does nothing.
func (s *SharedArray) Close() error { return s.image.Close() }

// DType is the type of the elements.
func (s *SharedArray) DType() memview.DType { return s.dtype }

// Shape is the extent of each axis.
func (s *SharedArray) Shape() []int { return append([]int(nil), s.shape...) }

// Array copies the elements into a new Array over Go memory: what the libraries have written, where
// it is writable.
func (s *SharedArray) Array() (Array, error) {
	a, err := memview.Zeros(s.dtype, s.shape...)
	if err == nil && a.NBytes() > 0 {
		b := make(flat, a.NBytes())
		var from Array
		if _, err = s.image.ReadAt(b, 0); err == nil {
			from, err = b.array(s.dtype, s.shape)
		}
		if err == nil {
			err = memview.Copy(a, from)
		}
	}
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: SharedArray: %w", err)
	}
	return a, nil
}

// flat is a memory of bytes alone, which begin at an address that is not NULL.
type flat []byte

const flatBase = 4096

func (f flat) array(t memview.DType, shape []int) (Array, error) {
	return memview.NewArray(f, flatBase, t, memview.Layout{Shape: shape})
}

// Size implements memview.Memory.
func (f flat) Size() uint64 { return flatBase + uint64(len(f)) }

// Bytes implements memview.Memory.
func (f flat) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if p < flatBase || uint64(p)+uint64(n) > f.Size() {
		return nil, memview.ErrBounds
	}
	return f[p-flatBase:][:n], nil
}

// Share makes a shared array an array of this library, in microseconds whatever its size. It lives
// until Free, which leaves the others as they are.
func (l *Library) Share(s *SharedArray) (Array, error) {
	if s == nil || s.image == nil {
		return Array{}, errors.New("wasmffi: Share: no shared array, want one of NewSharedArray")
	}
	n := s.image.Size()
	a, err := l.mapped(0, n, s.dtype, memview.Layout{Shape: s.shape}, func(mem *linmem.Memory, at uint64) (bool, error) {
		if n == 0 {
			return false, nil
		}
		return true, mem.MapImage(s.image, 0, at, n, s.image.Writable())
	})
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: Share: %w", err)
	}
	return a, nil
}
