package wasmffi

import (
	"fmt"
	"sync/atomic"

	"github.com/wasmffi/go/memview"
)

// Handle is a pointer to something of the guest's that the host cannot look into:
// what a function gave whose result is an opaque type. It is passed to functions of
// the same library that take that type, and Close ends it. It is a
// small value; its copies are one handle. The zero Handle is none.
type Handle struct{ h *handle }

type handle struct {
	owner  owner
	typ    string
	ptr    memview.Ptr
	free   string // export that ends it; empty: none
	made   *moment
	closed atomic.Bool
}

// stale reports whether a reset went back to before the handle.
func (h *handle) stale() bool { return h.made.undone.Load() }

// owner is the library that a result, a handle or a callback is of.
type owner interface {
	Free(memview.Array) error
	end(*handle) error
	forget(*callback)
}

// IsZero reports whether h is no handle, as where the function returned NULL.
func (h Handle) IsZero() bool { return h.h == nil }

// Type is the name of the opaque type.
func (h Handle) Type() string {
	if h.h == nil {
		return ""
	}
	return h.h.typ
}

// String names type and address.
func (h Handle) String() string {
	if h.h == nil {
		return "<no handle>"
	}
	return fmt.Sprintf("<%s @%#x>", h.h.typ, uint32(h.h.ptr))
}

// Close ends the handle by the function that its type declares, if any. Calls that
// get it later are refused with ErrFreed. A second Close, and one after the library was
// closed or reset to a time before the handle, do nothing; ErrBusy leaves the handle open. A
// handle stays closed when a Reset brings back what it pointed to.
func (h Handle) Close() error {
	if h.h == nil || h.h.closed.Load() || h.h.stale() {
		return nil
	}
	if h.h.free == "" {
		h.h.closed.Store(true)
		return nil
	}
	if err := h.h.owner.end(h.h); err != nil {
		return fmt.Errorf("wasmffi: close %s: %w", h, err)
	}
	return nil
}
