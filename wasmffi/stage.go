package wasmffi

import (
	"context"
	"errors"

	"github.com/wasmffi/go/memview"
)

// scratch is guest memory for the time of one call: copies of Go slices and the
// places of out scalars, one after the other. It is kept, since a memory never
// shrinks, so that only a call which needs more than any before it asks an allocator.
type scratch struct {
	block
	used uint64
}

const (
	scratchMin = 4096 // bytes of the first block

	// emptyPtr is the address of arrays without elements where nothing was
	// allocated: not NULL, aligned, inside of any memory that has a page.
	emptyPtr memview.Ptr = 4096
)

// addressOf is what the guest gets for an array: a view without elements may lie at
// any address, which the guest need not be ready for.
func addressOf(a memview.Array) uint64 {
	if a.Size() == 0 && a.Memory() != nil {
		return uint64(emptyPtr)
	}
	return uint64(a.Ptr())
}

// reserve makes room for n bytes, before anything is placed.
func (s *scratch) reserve(ctx context.Context, in *instance, n uint64) error {
	s.used = 0
	if n <= s.size {
		return nil
	}
	twice := 2 * s.size
	if err := s.unreserve(ctx, in); err != nil {
		return err
	}
	size := max(n, scratchMin, twice)
	b, err := in.alloc(ctx, size, mallocAlign)
	if errors.Is(err, ErrAlloc) && size > n {
		b, err = in.alloc(ctx, n, mallocAlign)
	}
	if err != nil {
		return err
	}
	s.block = b
	return nil
}

// unreserve gives the scratch memory back to the guest.
func (s *scratch) unreserve(ctx context.Context, in *instance) error {
	if s.size == 0 {
		return nil
	}
	b := s.block
	*s = scratch{}
	return in.release(ctx, b)
}

// scratchSize is the room that n bytes of some alignment take.
func scratchSize(n int, align uint64) uint64 {
	if n == 0 {
		return 0
	}
	return (uint64(n)+mallocAlign-1)&^(mallocAlign-1) + align - mallocAlign
}

// place puts an array in the scratch memory, where there is room for it.
func (s *scratch) place(in *instance, t memview.DType, l memview.Layout, align uint64) (memview.Array, error) {
	n, err := memview.SizeOf(t, l.Shape...)
	if err != nil {
		return memview.Array{}, err
	}
	return memview.NewArray(in.window.Load(), s.take(n, align), t, l)
}

// bytes is n bytes of the scratch memory, and their address.
func (s *scratch) bytes(in *instance, n int) ([]byte, memview.Ptr, error) {
	p := s.take(n, mallocAlign)
	b, err := in.lease.peek(p, uint32(n))
	return b, p, err
}

// holds reports whether an address lies in the scratch memory.
func (s *scratch) holds(p memview.Ptr) bool {
	return s.size > 0 && uint64(p) >= uint64(s.raw) && uint64(p) < uint64(s.ptr)+s.size
}

// take is the address of n bytes, which reserve has made room for.
func (s *scratch) take(n int, align uint64) memview.Ptr {
	if n == 0 {
		return emptyPtr
	}
	p := (uint64(s.ptr) + s.used + align - 1) &^ (align - 1)
	s.used = p - uint64(s.ptr) + (uint64(n)+mallocAlign-1)&^(mallocAlign-1)
	return memview.Ptr(p)
}
