package wasmffi

import (
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// lease is the memory of one library as its arrays see it. Arrays refer to the
// lease and never to the library, so that they answer for themselves when the library
// is gone. The address space is given back when nobody holds the lease any more:
// neither an array nor the instance, which a running call holds.
type lease struct {
	mem    *linmem.Memory
	closed atomic.Bool
	resets atomic.Uint32         // one more when a reset begins, and when it ends
	clock  atomic.Uint64         // counts what was allocated
	lost   atomic.Pointer[spans] // allocations that a reset has undone; nil: none
	owned  atomic.Int64          // arrays allocated and not freed
	bytes  atomic.Int64          // of them
}

var errLibraryClosed = fmt.Errorf("%w: its library was closed", memview.ErrClosed)

func newLease(mem *linmem.Memory) *lease {
	l := &lease{mem: mem}
	runtime.AddCleanup(l, func(mem *linmem.Memory) { mem.Unmap() }, mem)
	return l
}

// peek is n bytes at p, for as long as the lease is held.
func (l *lease) peek(p memview.Ptr, n uint32) ([]byte, error) {
	if l.closed.Load() {
		return nil, errLibraryClosed
	}
	resets := l.resets.Load()
	b := l.mem.Bytes()
	if end := uint64(p) + uint64(n); end > uint64(len(b)) {
		if resets%2 == 1 || l.resets.Load() != resets {
			return nil, ErrBusy // the memory is being made anew, at the same place
		}
		return nil, fmt.Errorf("%w: bytes %#x to %#x, memory has %#x", memview.ErrBounds, uint32(p), end, len(b))
	}
	return b[p : uint64(p)+uint64(n)], nil
}

// lend is peek for bytes that may be kept, whatever becomes of the library.
func (l *lease) lend(p memview.Ptr, n uint32) ([]byte, error) {
	l.mem.Lend()
	return l.peek(p, n)
}

// Size implements memview.Memory.
func (l *lease) Size() uint64 {
	if l.closed.Load() {
		return 0
	}
	return l.mem.Size()
}

// undo marks all that was allocated after a time as lost.
func (l *lease) undo(since uint64) {
	now := l.clock.Add(1)
	var all spans
	if old := l.lost.Load(); old != nil {
		for _, s := range *old {
			if s.after < since {
				all = append(all, s)
			}
		}
	}
	all = append(all, span{since, now})
	l.lost.Store(&all)
}

// span is the time after one tick of a lease's clock up to another.
type span struct{ after, to uint64 }

type spans []span

func (s *spans) hold(t uint64) bool {
	for _, x := range *s {
		if t > x.after && t <= x.to {
			return true
		}
	}
	return false
}

// guestMemory is what arrays in a library's memory lie in: a window or an allocation.
type guestMemory interface {
	memview.Peeker
	alive() error   // nil for as long as the library is open, if it may be used
	leased() *lease // of which library
}

// window is the whole memory from one reset to the next, for arrays that nobody
// allocated.
type window struct {
	*lease
	stale atomic.Bool
}

func (w *window) alive() error {
	switch {
	case !w.stale.Load():
		return nil
	case w.closed.Load():
		return errLibraryClosed
	}
	return memview.ErrStale
}

func (w *window) leased() *lease { return w.lease }

// Bytes implements memview.Memory.
func (w *window) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if err := w.alive(); err != nil {
		return nil, err
	}
	return w.lend(p, n)
}

// Peek implements memview.Peeker.
func (w *window) Peek(p memview.Ptr, n uint32) ([]byte, error) {
	if err := w.alive(); err != nil {
		return nil, err
	}
	return w.peek(p, n)
}

// allocation is the memory of an array that the library allocated: the lease,
// until the array is freed or a reset goes back to before it.
type allocation struct {
	*lease
	block
	born  uint64 // by the clock of the lease
	freed atomic.Bool
	where string // the line that allocated, if asked for
	pages extent // a file or shared array is mapped there
}

// block is what an allocator gave.
type block struct {
	raw  memview.Ptr // as the allocator knows it
	ptr  memview.Ptr // the first byte of use, aligned
	size uint64      // bytes of use
}

// extent is a range of a memory.
type extent struct{ at, n uint64 }

func (e extent) end() uint64 { return e.at + e.n }

func (a *allocation) alive() error {
	switch {
	case a.usable():
		return nil
	case a.closed.Load():
		return errLibraryClosed
	case a.freed.Load():
		return fmt.Errorf("%w: it was at %#x", memview.ErrFreed, uint32(a.ptr))
	}
	return fmt.Errorf("%w: it was at %#x", memview.ErrStale, uint32(a.ptr))
}

// usable is alive without the error.
func (a *allocation) usable() bool {
	if a.freed.Load() {
		return false
	}
	lost := a.lost.Load()
	return lost == nil || !lost.hold(a.born)
}

func (a *allocation) leased() *lease { return a.lease }

// Bytes implements memview.Memory.
func (a *allocation) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if err := a.alive(); err != nil {
		return nil, err
	}
	return a.lend(p, n)
}

// Peek implements memview.Peeker.
func (a *allocation) Peek(p memview.Ptr, n uint32) ([]byte, error) {
	if err := a.alive(); err != nil {
		return nil, err
	}
	return a.peek(p, n)
}
