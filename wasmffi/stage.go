package wasmffi

import (
	"context"

	"github.com/wasmffi/go/memview"
)

// scratch is guest memory for the time of one call: copies of Go slices and the
// places of out scalars. It is kept between calls.
type scratch struct {
	mem        *allocation
	size, used uint64
}

const (
	scratchMin  = 4096    // bytes of the first allocation
	scratchKeep = 1 << 20 // a larger one is given back after the call

	// emptyPtr is the address of arrays without elements where nothing was
	// allocated: not NULL, aligned, inside of any memory.
	emptyPtr memview.Ptr = 64
)

// reserve makes room for n bytes, before anything is placed.
func (s *scratch) reserve(ctx context.Context, in *instance, n uint64) error {
	s.used = 0
	if n <= s.size {
		return nil
	}
	if err := s.unreserve(ctx, in); err != nil {
		return err
	}
	size := max(n, scratchMin)
	mem, err := in.alloc(ctx, size)
	if err != nil {
		return err
	}
	s.mem, s.size = mem, size
	return nil
}

// unreserve gives the scratch memory back to the guest.
func (s *scratch) unreserve(ctx context.Context, in *instance) error {
	if s.mem == nil {
		return nil
	}
	mem := s.mem
	*s = scratch{}
	return in.release(ctx, mem)
}

// trim keeps scratch memory small between calls.
func (s *scratch) trim(ctx context.Context, in *instance) error {
	if s.size > scratchKeep {
		return s.unreserve(ctx, in)
	}
	return nil
}

// scratchSize is the room that n bytes take.
func scratchSize(n int) uint64 { return (uint64(n) + mallocAlign - 1) &^ (mallocAlign - 1) }

// place puts a dense array of the scratch memory where there is room for it.
func (s *scratch) place(in *instance, t memview.DType, shape []int) (memview.Array, error) {
	p := emptyPtr
	if s.mem != nil {
		p = s.mem.ptr + memview.Ptr(s.used)
	}
	a, err := memview.AsArray(in.lease, p, t, shape...)
	if err == nil {
		s.used += scratchSize(a.NBytes())
	}
	return a, err
}
