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
	resets atomic.Uint32 // one more when a reset begins, and when it ends
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
	made   *moment
	number uint64 // counts the library's allocations
	freed  atomic.Bool
	where  string // the line that allocated, if asked for
	pages  extent // a file or shared array is mapped there
}

// block is what an allocator gave.
type block struct {
	raw  memview.Ptr // as the allocator knows it
	ptr  memview.Ptr // the first byte of use, aligned
	size uint64      // bytes of use

	total uint64 // bytes that the allocator was asked for
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
	case a.made.undone.Load():
		return fmt.Errorf("%w: it was at %#x", memview.ErrStale, uint32(a.ptr))
	}
	return fmt.Errorf("%w: it was at %#x", memview.ErrFreed, uint32(a.ptr))
}

// usable is alive without the error.
func (a *allocation) usable() bool { return !a.freed.Load() && !a.made.undone.Load() }

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
