package wasmffi

import (
	"context"
	"errors"
	"fmt"

	"github.com/wasmffi/go/memview"
)

// Empty makes a zeroed array in guest memory, by the guest's malloc, or in pages of the
// host's where the module exports none. It has
// OWNDATA and lives until Free or Close. Only alignment to 16 bytes is promised.
func (l *Library) Empty(t memview.DType, shape ...int) (Array, error) {
	a, err := l.within(func(ctx context.Context) (memview.Array, error) {
		return l.empty(ctx, t, memview.Layout{Shape: shape}, mallocAlign)
	})
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: Empty: %w", err)
	}
	return a, nil
}

// EmptyAligned is Empty at a multiple of align bytes, a power of two up to 4096.
func (l *Library) EmptyAligned(align int, t memview.DType, shape ...int) (Array, error) {
	if align <= 0 || align > maxAlign || align&(align-1) != 0 {
		return Array{}, fmt.Errorf("wasmffi: EmptyAligned: alignment is %d, want a power of two up to %d", align, maxAlign)
	}
	a, err := l.within(func(ctx context.Context) (memview.Array, error) {
		return l.empty(ctx, t, memview.Layout{Shape: shape}, max(uint64(align), mallocAlign))
	})
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: EmptyAligned: %w", err)
	}
	return a, nil
}

// empty makes an array, for which staging gives its memory back where there is no other.
// Nothing is staged while it runs.
func (l *Library) empty(ctx context.Context, t memview.DType, layout memview.Layout, align uint64) (memview.Array, error) {
	a, err := l.in.empty(ctx, t, layout, align)
	if errors.Is(err, ErrAlloc) && l.scratch.size > 0 && l.in.poison == nil {
		if err := l.scratch.unreserve(ctx, l.in); err != nil {
			return memview.Array{}, err
		}
		a, err = l.in.empty(ctx, t, layout, align)
	}
	return a, err
}

// Array copies x into guest memory: a Go slice of numbers or bools, with a shape or as one
// axis, or an Array of any memory and layout, with its own shape: memview.FromSlice makes
// one of other slices. The copy is in C order and
// little-endian, has OWNDATA, and lives until Free or Close.
func (l *Library) Array(x any, shape ...int) (Array, error) {
	from, err := arrayOf(x, shape)
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: Array: %w", err)
	}
	if err := from.CheckAlive(); err != nil {
		return Array{}, fmt.Errorf("wasmffi: Array: %w", err)
	}
	a, err := l.within(func(ctx context.Context) (memview.Array, error) {
		a, err := l.empty(ctx, from.DType().LittleEndian(), memview.Layout{Shape: from.Shape()}, mallocAlign)
		if err != nil {
			return a, err
		}
		if err := memview.Copy(a, from); err != nil {
			return a, also(err, l.in.freeArray(ctx, a))
		}
		return a, nil
	})
	if err != nil {
		return Array{}, fmt.Errorf("wasmffi: Array: %w", err)
	}
	return a, nil
}

// within runs f inside of the library. There is no context to end it with: an
// allocator that does not return is the guest's fault.
func (l *Library) within(f func(context.Context) (memview.Array, error)) (memview.Array, error) {
	if err := l.enter(); err != nil {
		return memview.Array{}, &refusal{err}
	}
	defer l.leave()
	return f(unattended())
}

// Free gives back an array that Array, Empty or a call of this library made. The
// array and its views answer ErrFreed from then on. Free of a view, of another
// library's array, and a second Free are errors that change nothing.
func (l *Library) Free(a Array) error {
	if err := l.enter(); err != nil {
		return fmt.Errorf("wasmffi: Free: %w", &refusal{err})
	}
	defer l.leave()
	if err := l.in.freeArray(unattended(), a); err != nil {
		return fmt.Errorf("wasmffi: Free: %w", err)
	}
	return nil
}
