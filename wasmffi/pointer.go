package wasmffi

import (
	"fmt"
	"sync/atomic"

	"github.com/wasmffi/go/memview"
)

// Callback is a Go function that the guests of one library can call through a C function pointer; see [Library.Callback].
// It is a small value; its copies are one callback. The zero Callback is none. It may be used and closed from any
// goroutine.
type Callback struct{ c *callback }

type callback struct {
	f       *HostFunc
	owner   owner
	index   uint32 // of the table
	closed  atomic.Bool
	release func() // gives the entry of the table back
}

// IsZero reports whether c is no callback.
func (c Callback) IsZero() bool { return c.c == nil }

// Pointer is the function pointer as the guest has it, an index of its table.
func (c Callback) Pointer() memview.Ptr {
	if c.c == nil {
		return 0
	}
	return memview.Ptr(c.c.index)
}

// String names signature and function pointer.
func (c Callback) String() string {
	if c.c == nil {
		return "<no callback>"
	}
	return fmt.Sprintf("<%s @%#x>", c.c.f, c.c.index)
}

// Close ends the callback: a guest that calls the pointer is stopped with ErrClosed, until a later
// callback gets the same pointer. A second Close does nothing.
func (c Callback) Close() error {
	if c.c == nil || c.c.closed.Swap(true) {
		return nil
	}
	c.c.owner.forget(c.c)
	return nil
}
