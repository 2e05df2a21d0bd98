package memview

import "errors"

// Ptr is a guest address: an offset in bytes into a wasm32 linear memory.
// Address 0 is NULL by contract, although the memory has a byte there.
type Ptr uint32

// Memory is what an [Array] needs of the linear memory it lies in. Two
// arrays are in the same memory when their Memory values are equal or
// unwrap to the same owner; the owner decides.
//
// Implementations answer for the life of their memory: Bytes fails, and never
// panics, once the memory is closed or the range was freed.
type Memory interface {
	// Bytes returns the n bytes at p, sharing memory. The slice is valid
	// until the owner says otherwise. It fails with ErrBounds, ErrClosed,
	// ErrFreed or ErrStale.
	Bytes(p Ptr, n uint32) ([]byte, error)
	// Size is the current size of the memory in bytes. It never shrinks
	// while the memory is open.
	Size() uint64
}

// Peeker is a Memory that tells a slice which is kept from one that is used and
// dropped. Slice, AsMat and Runs ask for Bytes, which the owner must then keep
// readable for as long as the process runs, since the collector does not see
// slices into memory that is not its own. Everything else uses Peek where there is one.
type Peeker interface {
	Memory
	// Peek is Bytes for a use that ends while the caller still holds the Memory.
	Peek(p Ptr, n uint32) ([]byte, error)
}

// Errors of access. All are tested with errors.Is; the errors that wrap them
// say which range was asked for and what there is.
var (
	// ErrBounds says that a range lies outside of its memory.
	ErrBounds = errors.New("out of bounds")
	// ErrClosed says that the library which owned the memory was closed.
	ErrClosed = errors.New("memory is closed")
	// ErrFreed says that the array was freed.
	ErrFreed = errors.New("array was freed")
	// ErrStale says that the memory was reset after the array was made.
	ErrStale = errors.New("array is older than a reset")
	// ErrNull says that an array was asked for at address 0.
	ErrNull = errors.New("NULL pointer")
	// ErrShape says that a shape, an axis or an index does not fit.
	ErrShape = errors.New("shape does not fit")
	// ErrDType says that an element type does not fit or is not understood.
	ErrDType = errors.New("dtype does not fit")
	// ErrLayout says that the strides do not allow what was asked for,
	// such as a borrowed slice of a strided array.
	ErrLayout = errors.New("layout does not fit")
	// ErrReadOnly says that a write was asked of a read-only array.
	ErrReadOnly = errors.New("array is read-only")
	// ErrTooLarge says that a size overflows or exceeds what a 32-bit
	// memory can hold.
	ErrTooLarge = errors.New("array is too large")
)
