package wasmffi

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader"
)

// heap is the guest's allocator, of one of the kinds that toolchains have. The zero heap
// is none.
type heap struct {
	loader.Allocator
	alloc, free, pin api.Function
	stack            [3]uint64
}

// general reports whether the heap takes blocks back, one by one: else there is the arena.
func (h *heap) general() bool { return h.free != nil }

// classArrayBuffer is the class of memory without references, which the garbage
// collector of AssemblyScript does not look into.
const classArrayBuffer = 1

// allocator is that of the options, or what was found.
func (m *Module) allocator() loader.Allocator {
	if a := m.opts.Allocator; a.Kind != "" {
		return a
	}
	if a := m.report.Allocator; m.hasAllocator(a) == nil {
		return a
	}
	return loader.Allocator{Kind: loader.AllocNone}
}

// hasHeap reports whether there are malloc and free as C has them.
func (m *Module) hasHeap() bool { return m.allocator().Kind == loader.AllocMalloc }

// hasAllocator reports what keeps the exports from being an allocator.
func (m *Module) hasAllocator(a loader.Allocator) error {
	type export struct {
		name            string
		params, results int
	}
	var want []export
	switch a.Kind {
	case "", loader.AllocNone:
	case loader.AllocMalloc:
		want = []export{{a.Alloc, 1, 1}, {a.Free, 1, 0}}
	case loader.AllocBindgen:
		want = []export{{a.Alloc, 1, 1}, {a.Free, 2, 0}}
	case loader.AllocBindgenAligned:
		want = []export{{a.Alloc, 2, 1}, {a.Free, 3, 0}}
	case loader.AllocAssemblyScript, loader.AllocAssemblyScriptARC:
		want = []export{{a.Alloc, 2, 1}, {a.Pin, 1, 1}, {a.Unpin, 1, 0}}
	case loader.AllocSbrk:
		want = []export{{a.Alloc, 1, 1}}
	default:
		return fmt.Errorf("%w: Options.Allocator.Kind is %q", ErrNoAllocator, a.Kind)
	}
	for _, x := range want {
		if !m.exports(x.name, x.params, x.results) {
			return fmt.Errorf("%w: Options.Allocator of kind %q: want an export %q of %d i32 with %d results%s", ErrNoAllocator, a.Kind, x.name, x.params, x.results, m.similar(x.name))
		}
	}
	return nil
}

// findHeap looks up the functions of the allocator.
func (in *instance) findHeap() heap {
	a := in.module.allocator()
	h := heap{Allocator: a}
	switch a.Kind {
	case loader.AllocMalloc, loader.AllocBindgen, loader.AllocBindgenAligned:
		h.alloc, h.free = in.handle(a.Alloc), in.handle(a.Free)
	case loader.AllocAssemblyScript, loader.AllocAssemblyScriptARC:
		h.alloc, h.pin, h.free = in.handle(a.Alloc), in.handle(a.Pin), in.handle(a.Unpin)
		h.Free = a.Unpin
	case loader.AllocSbrk:
		h.alloc = in.handle(a.Alloc)
	}
	return h
}

// take is n bytes of the heap. What the guest answers is checked.
func (in *instance) take(ctx context.Context, n uint64) (uint64, error) {
	h := &in.heap
	h.stack[0] = n
	switch h.Kind {
	case loader.AllocBindgenAligned:
		h.stack[1] = mallocAlign
	case loader.AllocAssemblyScript, loader.AllocAssemblyScriptARC:
		h.stack[1] = classArrayBuffer
	}
	if err := in.invoke(ctx, h.alloc, h.Alloc, h.stack[:]); err != nil {
		return 0, err
	}
	raw := uint64(uint32(h.stack[0]))
	if raw == 0 {
		return 0, fmt.Errorf("%w: %s(%d) returned NULL, memory has %d bytes of at most %d", ErrAlloc, h.Alloc, n, in.lease.mem.Size(), in.lease.mem.Reserved())
	}
	if size := in.lease.mem.Size(); raw+n > size {
		return 0, fmt.Errorf("%w: %s(%d) returned %#x, which ends outside of the memory of %#x bytes", ErrAlloc, h.Alloc, n, raw, size)
	}
	if h.pin != nil {
		h.stack[0] = raw
		if err := in.invoke(ctx, h.pin, h.Pin, h.stack[:]); err != nil {
			return 0, err
		}
	}
	return raw, nil
}

// giveBack returns a block to the heap.
func (in *instance) giveBack(ctx context.Context, b block) error {
	h := &in.heap
	h.stack = [3]uint64{uint64(b.raw), b.total, mallocAlign}
	return in.invoke(ctx, h.free, h.Free, h.stack[:])
}

// sbrk asks the guest for n bytes at the end of its heap.
func (in *instance) sbrk(ctx context.Context, n uint64) (e extent, ok bool, err error) {
	h := &in.heap
	h.stack[0] = n
	if err := in.invoke(ctx, h.alloc, h.Alloc, h.stack[:]); err != nil {
		return extent{}, false, err
	}
	at := uint64(uint32(h.stack[0]))
	if at == 1<<32-1 {
		return extent{}, false, nil
	}
	if size := in.lease.mem.Size(); at == 0 || at+n > size {
		return extent{}, false, fmt.Errorf("%w: %s(%d) returned %#x, which ends outside of the memory of %#x bytes", ErrAlloc, h.Alloc, n, at, size)
	}
	return extent{at, n}, true, nil
}
