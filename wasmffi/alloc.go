package wasmffi

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/memview"
)

const (
	// mallocAlign is the alignment that C promises of malloc on wasm32; more is
	// made by asking for more.
	mallocAlign = 16
	// maxAlign is the largest alignment of an array.
	maxAlign = 4096
	// ownPackage begins the names of the functions here.
	ownPackage = "github.com/wasmffi/go/wasmffi."
	// arenaGrowth is how many pages an arena grows by, if it can have them.
	arenaGrowth = 16
)

// alloc takes n bytes, at least one, at a multiple of
// align, a power of two of at least mallocAlign. What the guest answers is checked: inside of
// memory, not NULL, aligned.
func (in *instance) alloc(ctx context.Context, n, align uint64) (block, error) {
	if in.lease == nil {
		return block{}, fmt.Errorf("%w: the module has no memory", ErrNoAllocator)
	}
	n = max(n, 1)
	limit := in.lease.mem.Reserved()
	if n > limit {
		return block{}, fmt.Errorf("%w: %w: array of %d bytes, the library may have %d", ErrAlloc, ErrMemoryLimit, n, limit)
	}
	if !in.heap.general() {
		return in.allocArena(ctx, n, align)
	}
	total := n + align - mallocAlign
	raw, err := in.take(ctx, total)
	if err != nil {
		return block{}, err
	}
	if raw%mallocAlign != 0 {
		// This guest's malloc aligns less than C promises: take room to align in.
		if err := in.release(ctx, block{raw: memview.Ptr(raw), total: total}); err != nil {
			return block{}, err
		}
		total = n + align - 1
		if raw, err = in.take(ctx, total); err != nil {
			return block{}, err
		}
	}
	return block{raw: memview.Ptr(raw), ptr: memview.Ptr((raw + align - 1) &^ (align - 1)), size: n, total: total}, nil
}

// allocArena takes memory from the arena, which grows when it must.
func (in *instance) allocArena(ctx context.Context, n, align uint64) (block, error) {
	p, ok := in.arena.take(n, align)
	if !ok {
		need := uint32((in.lowest() + n + align + arenaGrain + pageSize - 1) / pageSize)
		for _, pages := range []uint32{max(need, arenaGrowth), need} {
			more, grown, err := in.moreArena(ctx, pages)
			if err != nil {
				return block{}, err
			}
			if grown {
				in.arena.add(more)
				p, ok = in.arena.take(n, align)
				break
			}
		}
	}
	if !ok {
		return block{}, fmt.Errorf("%w: %w: %d bytes, memory has %d of at most %d, and the module has no malloc", ErrAlloc, ErrMemoryLimit, n, in.lease.mem.Size(), in.lease.mem.Reserved())
	}
	return block{raw: p, ptr: p, size: n}, nil
}

// moreArena is a piece of memory that is nobody's: from the guest's sbrk where it has one, so that its own use
// of sbrk goes on above, else new pages.
func (in *instance) moreArena(ctx context.Context, pages uint32) (e extent, ok bool, err error) {
	n := uint64(pages) * pageSize
	if in.heap.Kind == loader.AllocSbrk {
		return in.sbrk(ctx, n)
	}
	low := in.lowest()
	old, ok := in.inst.Memory().Grow(pages)
	return extent{uint64(old)*pageSize + low, n - low}, ok, nil
}

// lowest is how many bytes of new pages are left out, so that nothing lies at NULL or near it.
func (in *instance) lowest() uint64 {
	if in.lease.mem.Size() == 0 {
		return firstData
	}
	return 0
}

// release gives a block back.
func (in *instance) release(ctx context.Context, b block) error {
	if !in.heap.general() {
		in.arena.give(b.raw)
		return nil
	}
	return in.giveBack(ctx, b)
}

// allocation is a block as the memory of an array, which is not counted yet.
func (in *instance) allocation(b block) *allocation {
	return &allocation{lease: in.lease, block: b, made: in.time.moment()}
}

// own makes an allocation of a block, which counts as a live array from now on.
func (in *instance) own(b block) *allocation {
	a := in.allocation(b)
	in.register(a)
	return a
}

// register counts an allocation in.
func (in *instance) register(a *allocation) {
	if in.module.opts.TraceAllocations {
		a.where = caller()
	}
	in.allocations++
	a.number = in.allocations
	in.mu.Lock()
	in.live[a] = struct{}{}
	in.mu.Unlock()
}

// free ends an allocation and gives its memory back.
func (in *instance) free(ctx context.Context, a *allocation) error {
	if err := a.alive(); err != nil {
		return err
	}
	a.freed.Store(true)
	in.mu.Lock()
	delete(in.live, a)
	in.mu.Unlock()
	if err := in.unmap(a); err != nil {
		return err
	}
	return in.release(ctx, a.block)
}

// unmap puts zero pages where an allocation shows a file or shared array.
func (in *instance) unmap(a *allocation) error {
	if a.pages.n == 0 {
		return nil
	}
	in.base = nil // whose pages these are not any more
	return in.lease.mem.ZeroPages(a.pages.at, a.pages.n)
}

// empty makes a zeroed dense array that owns its memory, at a multiple of align.
func (in *instance) empty(ctx context.Context, t memview.DType, l memview.Layout, align uint64) (memview.Array, error) {
	n, err := memview.SizeOf(t, l.Shape...)
	if err != nil {
		return memview.Array{}, err
	}
	b, err := in.alloc(ctx, uint64(n), align)
	if err != nil {
		return memview.Array{}, err
	}
	a := in.own(b)
	l.OwnData = true
	arr, err := memview.NewArray(a, a.ptr, t, l)
	if err == nil {
		err = arr.Zero()
	}
	if err != nil {
		return memview.Array{}, also(err, in.free(ctx, a))
	}
	return arr, nil
}

// freeArray releases an array that the library allocated.
func (in *instance) freeArray(ctx context.Context, a memview.Array) error {
	mem, ok := a.Memory().(guestMemory)
	if ok && mem.leased() != in.lease || !ok && a.Memory() != nil {
		return ErrMemory
	}
	owner, ok := mem.(*allocation)
	if !ok || a.Flags()&memview.OwnData == 0 {
		return fmt.Errorf("%w: it was not allocated by this library, or is a view of what was", errBorrowed)
	}
	return in.free(ctx, owner)
}

// caller is the line outside of this package that made the library allocate.
func caller() string {
	pc := make([]uintptr, 32)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, ownPackage) {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return ""
		}
	}
}
