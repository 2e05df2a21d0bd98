package wasmffi

import (
	"fmt"
	"sync/atomic"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// lease is the memory of one instance as its arrays see it. Arrays refer to
// the lease and never to the library, so that they answer for themselves when
// the library is gone.
type lease struct {
	mem    *linmem.Memory
	closed atomic.Bool
}

// Bytes implements memview.Memory.
func (l *lease) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if l.closed.Load() {
		return nil, fmt.Errorf("%w: its library was closed", memview.ErrClosed)
	}
	b := l.mem.Bytes()
	if end := uint64(p) + uint64(n); end > uint64(len(b)) {
		return nil, fmt.Errorf("%w: bytes %#x to %#x, memory has %#x", memview.ErrBounds, uint32(p), end, len(b))
	}
	return b[p : uint64(p)+uint64(n)], nil
}

// Size implements memview.Memory.
func (l *lease) Size() uint64 {
	if l.closed.Load() {
		return 0
	}
	return l.mem.Size()
}

// allocation is the memory of an array that the library allocated: the lease,
// until the array is freed.
type allocation struct {
	*lease
	raw   memview.Ptr // what malloc returned
	ptr   memview.Ptr // where the array starts
	freed atomic.Bool
}

// Bytes implements memview.Memory.
func (a *allocation) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if a.freed.Load() {
		return nil, fmt.Errorf("%w: it was at %#x", memview.ErrFreed, uint32(a.ptr))
	}
	return a.lease.Bytes(p, n)
}

// leaseOf finds the lease behind an array's memory, and whether the array is
// still there. Arrays over other memories have none.
func leaseOf(m memview.Memory) (l *lease, freed bool) {
	switch m := m.(type) {
	case *lease:
		return m, false
	case *allocation:
		return m.lease, m.freed.Load()
	}
	return nil, false
}
