package wasmffi

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/memview"
)

// heap is the guest's own allocator: malloc and free.
type heap struct {
	malloc, free api.Function
	stack        [1]uint64
}

// mallocAlign is the alignment that C promises of malloc on wasm32; more is
// made by asking for more.
const mallocAlign = 16

// findHeap looks for malloc and free among the exports.
func (in *instance) findHeap() {
	h := &in.heap
	has := func(name string, params, results int) bool {
		def, ok := in.module.funcs[name]
		if !ok || len(def.ParamTypes()) != params || len(def.ResultTypes()) != results {
			return false
		}
		for _, t := range append(def.ParamTypes(), def.ResultTypes()...) {
			if t != api.ValueTypeI32 {
				return false
			}
		}
		return true
	}
	if in.lease != nil && has("malloc", 1, 1) && has("free", 1, 0) {
		h.malloc, h.free = in.handle("malloc"), in.handle("free")
		in.hasHeap = true
	}
}

// alloc takes n bytes, at least one, from the guest's allocator, at a multiple of
// align, a power of two of at least mallocAlign. What the guest answers is checked: inside of
// memory, not NULL, aligned.
func (in *instance) alloc(ctx context.Context, n, align uint64) (*allocation, error) {
	h := &in.heap
	if h.malloc == nil {
		return nil, fmt.Errorf("%w: the module exports no malloc(size) and free(ptr)", ErrNoAllocator)
	}
	n = max(n, 1)
	limit := in.lease.mem.Reserved()
	if n > limit {
		return nil, fmt.Errorf("%w: %w: array of %d bytes, the library may have %d", ErrAlloc, ErrMemoryLimit, n, limit)
	}
	room := n + align - mallocAlign
	raw, err := in.malloc(ctx, room)
	if err != nil {
		return nil, err
	}
	a := &allocation{lease: in.lease, raw: memview.Ptr(raw)}
	if raw%mallocAlign != 0 {
		// This guest's malloc aligns less than C promises: take room to align in.
		if err := in.release(ctx, a); err != nil {
			return nil, err
		}
		if raw, err = in.malloc(ctx, n+align-1); err != nil {
			return nil, err
		}
		a = &allocation{lease: in.lease, raw: memview.Ptr(raw)}
	}
	a.ptr = memview.Ptr((raw + align - 1) &^ (align - 1))
	return a, nil
}

func (in *instance) malloc(ctx context.Context, n uint64) (uint64, error) {
	h := &in.heap
	h.stack[0] = n
	if err := in.invoke(ctx, h.malloc, "malloc", h.stack[:]); err != nil {
		return 0, err
	}
	raw := uint64(uint32(h.stack[0]))
	if raw == 0 {
		return 0, fmt.Errorf("%w: malloc(%d) returned NULL, memory has %d bytes of at most %d", ErrAlloc, n, in.lease.mem.Size(), in.lease.mem.Reserved())
	}
	if size := in.lease.mem.Size(); raw+n > size {
		return 0, fmt.Errorf("%w: malloc(%d) returned %#x, which ends outside of the memory of %#x bytes", ErrAlloc, n, raw, size)
	}
	return raw, nil
}

// release gives an allocation back to the guest.
func (in *instance) release(ctx context.Context, a *allocation) error {
	if a.freed.Swap(true) {
		return fmt.Errorf("%w: it was at %#x", ErrFreed, uint32(a.ptr))
	}
	in.heap.stack[0] = uint64(a.raw)
	return in.invoke(ctx, in.heap.free, "free", in.heap.stack[:])
}

// empty makes a zeroed dense array that owns its memory, at a multiple of align.
func (in *instance) empty(ctx context.Context, t memview.DType, l memview.Layout, align uint64) (memview.Array, error) {
	n, err := memview.SizeOf(t, l.Shape...)
	if err != nil {
		return memview.Array{}, err
	}
	a, err := in.alloc(ctx, uint64(n), align)
	if err != nil {
		return memview.Array{}, err
	}
	l.OwnData = true
	arr, err := memview.NewArray(a, a.ptr, t, l)
	if err == nil {
		err = arr.Zero()
	}
	if err != nil {
		in.release(ctx, a)
		return memview.Array{}, err
	}
	return arr, nil
}

// freeArray releases an array that empty made.
func (in *instance) freeArray(ctx context.Context, a memview.Array) error {
	mem, ok := a.Memory().(*allocation)
	switch {
	case ok && mem.lease != in.lease, !ok && a.Memory() != nil && a.Memory() != memview.Memory(in.lease):
		return ErrMemory
	case !ok || a.Flags()&memview.OwnData == 0:
		return fmt.Errorf("%w: it was not allocated by this library, or is a view of what was", errBorrowed)
	}
	return in.release(ctx, mem)
}
