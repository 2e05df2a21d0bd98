package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// Snapshot is the state of a library at one time: its memory, its mutable globals and its
// tables. It belongs to the library, and Reset goes back to it any number of times.
// It keeps a copy of the memory, without the pages that are zero, until Close or
// until nobody holds it. Files and shared arrays that are mapped are not part of it.
type Snapshot struct {
	in      *instance
	size    uint64 // of the memory
	image   *linmem.Image
	small   []byte // the whole memory, where it is small; then there is no image
	globals []uint64
	tables  []savedTable
	made    int // by which instance of the engine
	moments []*moment
	live    []*allocation
	arena   arena
	scratch scratch

	mu     sync.Mutex // against Close
	closed bool
}

// snapshotCopied is the size of memory up to which a reset copies all of it. Above, it drops
// the pages that were written since, which costs more at first and then nothing for the rest.
const snapshotCopied = 1 << 20

// Snapshot notes the state of the library, to go back to with Reset. Take it when the
// library is set up. It fails with ErrCannotReset where the module has state that
// cannot be read: mutable globals of type v128 or of a reference. A module that
// writes to its tables keeps a copy of them inside for every snapshot, until it is closed.
func (l *Library) Snapshot() (*Snapshot, error) {
	if err := l.enter(); err != nil {
		return nil, fmt.Errorf("wasmffi: Snapshot: %w", &refusal{err})
	}
	defer l.leave()
	s := &Snapshot{in: l.in, made: l.in.made, scratch: l.scratch, arena: l.in.arena.clone()}
	err := l.in.module.inside.err
	if err == nil {
		s.globals = l.in.readGlobals()
		s.tables, err = l.in.saveTables(unattended())
	}
	if err == nil {
		err = s.takeMemory()
	}
	if err != nil {
		return nil, fmt.Errorf("wasmffi: Snapshot: %w", err)
	}
	s.moments = l.in.time.cut()
	return s, nil
}

// Close gives the copy of the memory back. The library stays as it is. It waits
// for a Reset that uses the snapshot. A second Close does nothing.
func (s *Snapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.small = true, nil
	if s.image == nil {
		return nil
	}
	return s.image.Close()
}

// Bytes is the size of the memory that the snapshot is of.
func (s *Snapshot) Bytes() uint64 { return s.size }

func (s *Snapshot) takeMemory() error {
	lease := s.in.lease
	if lease == nil {
		return nil
	}
	s.size = lease.mem.Size()
	s.in.mu.Lock()
	for a := range s.in.live {
		s.live = append(s.live, a)
	}
	s.in.mu.Unlock()
	b := lease.mem.Bytes()
	if s.size <= snapshotCopied {
		s.small = slices.Clone(b)
		return nil
	}
	mapped := s.in.mapped()
	var err error
	s.image, err = linmem.NewImage(s.size, false, func(w io.WriterAt) error {
		for _, e := range without(mapped, s.size) {
			if _, err := w.WriteAt(b[e.at:e.end()], int64(e.at)); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// mapped are the pages that show files and shared arrays, in the order of addresses.
func (in *instance) mapped() []extent {
	in.mu.Lock()
	defer in.mu.Unlock()
	var list []extent
	for a := range in.live {
		if a.pages.n > 0 {
			list = append(list, a.pages)
		}
	}
	slices.SortFunc(list, func(a, b extent) int { return int(int64(a.at) - int64(b.at)) })
	return list
}

// without is the memory up to size but for some ranges of it.
func without(holes []extent, size uint64) []extent {
	var list []extent
	at := uint64(0)
	for _, h := range holes {
		if h.at > at {
			list = append(list, extent{at, min(h.at, size) - at})
		}
		if at = max(at, h.end()); at >= size {
			return list
		}
	}
	return append(list, extent{at, size - at})
}

// Reset goes back to a snapshot of this library: memory, mutable globals and tables are what
// they were, and a library that was poisoned by a trap is usable again. A nil
// snapshot is the state after loading, which is made anew, constructors included.
//
// Arrays that were allocated before the snapshot keep their place and have the elements of then;
// all others answer ErrStale, those too that were placed by AsArray. Who reads an array meanwhile sees a mixture, or gets ErrBusy. Slices stay readable and show what
// is there now. Funcs stay good, prepared calls as long as their arrays do, and Handles if they are older
// than the snapshot. What was freed since the snapshot, or undone by another
// Reset, stays so and is freed again; what a Handle pointed to that was closed since is there again, without one. Arrays from MapFile and
// shared arrays keep what was written to them.
//
// A memory that has grown since cannot shrink: the library is then made anew in the same address space and given
// the old state, which needs a module that writes no tables and maps no files. A table that has grown keeps its
// size, and its new entries are null. ErrCannotReset says that
// it does not, and that nothing was changed. ctx covers what runs in the guest: constructors
// and the start function.
func (l *Library) Reset(ctx context.Context, s *Snapshot) error {
	if ctx == nil {
		panic("wasmffi: nil context")
	}
	if err := l.claim(); err != nil {
		return fmt.Errorf("wasmffi: Reset: %w", &refusal{err})
	}
	defer l.leave()
	if ctx.Err() != nil {
		return fmt.Errorf("wasmffi: Reset: %w", &refusal{context.Cause(ctx)})
	}
	if l.in.module.adopted {
		return fmt.Errorf("wasmffi: Reset: %w", &refusal{l.in.module.inside.err})
	}
	if lease := l.in.lease; lease != nil {
		lease.resets.Add(1)
		defer lease.resets.Add(1)
	}
	var err error
	if s == nil {
		err = l.restart(ctx)
	} else {
		err = l.rewind(ctx, s)
	}
	if err != nil {
		return fmt.Errorf("wasmffi: Reset: %w", err)
	}
	return nil
}

// restart makes the instance anew.
func (l *Library) restart(ctx context.Context) error {
	in := l.in
	err := in.goBack(nil)
	l.scratch, in.arena = scratch{}, arena{}
	if err == nil {
		err = in.remake(ctx)
	}
	if err == nil {
		err = in.construct(ctx)
	}
	if err != nil {
		in.spoil(err)
	}
	return err
}

// remake makes the engine's instance anew in the same memory, which is zero at first.
func (in *instance) remake(ctx context.Context) error {
	in.poison, in.base = nil, nil
	err := errors.Join(in.closeCallers(), in.inst.Close(context.Background()))
	if in.lease != nil {
		in.lease.mem.Reset()
	}
	if err == nil {
		err = in.start(ctx)
	}
	if err == nil {
		err = in.slots.remade(ctx)
	}
	return err
}

// rewind goes back to s.
func (l *Library) rewind(ctx context.Context, s *Snapshot) error {
	in := l.in
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.in != in:
		return &refusal{fmt.Errorf("%w: the snapshot is of another library", ErrMemory)}
	case s.closed:
		return &refusal{fmt.Errorf("%w: the snapshot was closed", ErrClosed)}
	}
	grown := in.lease != nil && in.lease.mem.Size() != s.size
	again := grown || in.inst.IsClosed() || in.module.inside.drops
	if len(s.tables) > 0 && (again || s.made != in.made) {
		return &refusal{fmt.Errorf("%w: the module writes to its tables, which only the instance of then can have again, and the memory has grown or the library was made anew since", ErrCannotReset)}
	}
	showing := func(a *allocation) bool { return a.pages.n > 0 && a.usable() }
	if again && slices.ContainsFunc(s.live, showing) {
		return &refusal{fmt.Errorf("%w: the memory has grown since, and files or shared arrays are mapped into it", ErrCannotReset)}
	}
	err := in.goBack(s.moments)
	if err == nil && again {
		err = in.remake(ctx)
	}
	if err == nil {
		err = s.putMemory()
	}
	if err == nil {
		in.writeGlobals(s.globals)
		err = in.restoreTables(unattended(), s.tables)
	}
	if err == nil && len(s.tables) > 0 {
		err = in.slots.again(ctx)
	}
	if err != nil {
		in.spoil(err)
		return err
	}
	in.poison = nil
	in.lookUp()
	l.scratch, in.arena = s.scratch, s.arena.clone()
	for _, a := range s.live {
		if !a.usable() { // freed or undone since, which the allocator does not know any more
			if err := in.release(ctx, a.block); err != nil {
				return err
			}
		}
	}
	return nil
}

// goBack makes stale what was not there at the moments of a snapshot, and all that nobody allocated.
func (in *instance) goBack(to []*moment) error {
	in.time.goBack(to)
	if in.lease == nil {
		return nil
	}
	in.window.Swap(&window{lease: in.lease}).stale.Store(true)
	in.mu.Lock()
	var lost []*allocation
	for a := range in.live {
		if !a.usable() {
			lost = append(lost, a)
			delete(in.live, a)
		}
	}
	in.mu.Unlock()
	var errs []error
	for _, a := range lost {
		errs = append(errs, in.unmap(a))
	}
	return errors.Join(errs...)
}

// putMemory makes the memory what it was.
func (s *Snapshot) putMemory() error {
	in := s.in
	if in.lease == nil {
		return nil
	}
	mem := in.lease.mem
	if size := mem.Size(); size < s.size {
		if _, ok := in.inst.Memory().Grow(uint32((s.size - size) / pageSize)); !ok {
			return fmt.Errorf("%w: growing to %d bytes again", ErrMemoryLimit, s.size)
		}
	}
	holes := in.mapped()
	parts := without(holes, s.size)
	if s.image == nil {
		for _, e := range parts {
			copy(mem.Bytes()[e.at:e.end()], s.small[e.at:e.end()])
		}
		return nil
	}
	for _, e := range parts {
		err := errors.ErrUnsupported
		if in.base == s.image {
			err = mem.DropPages(e.at, e.n)
		}
		if err != nil {
			err = mem.MapImage(s.image, e.at, e.at, e.n, false)
		}
		if err != nil {
			return err
		}
	}
	in.base = s.image
	return nil
}
