package wasmffi

import "github.com/wasmffi/go/loader"

// Options say how a library is found and run. A nil *Options is the zero
// value. A Module keeps a copy: later changes have no effect.
type Options struct {
	// Find acts when a module is looked for and read: size limit, digest
	// pin. Zero: the loader's defaults.
	Find loader.Options
	// Limits act on every instance of the module.
	Limits Limits
	// Require are signatures that the module must implement: exports of that wasm type
	// which carry no other signature. All that do not fit are named when the module is
	// compiled. Empty: none.
	Require []string
	// TraceAllocations notes for each array the line that made it, for Leaks; it
	// costs about a microsecond an array. False: Leaks has sizes only.
	TraceAllocations bool
	// Interruptible makes contexts stop a running call, by checks that the
	// engine compiles into every loop: loops run 6 to 18 times slower and each
	// call allocates. False: a context is looked at before the call only, and a
	// guest that loops for ever cannot be stopped.
	Interruptible bool
}

// Limits bound what one instance may take.
type Limits struct {
	// Memory is the largest linear memory in bytes; memory.grow beyond it
	// gives the guest -1. A module that needs more from the start is refused.
	// Zero: DefaultMemory. At most MaxMemory.
	Memory uint64
}

const (
	pageSize = 65536

	// DefaultMemory is the limit of a linear memory that no option sets: 256 MiB.
	DefaultMemory = 256 << 20
	// MaxMemory is the largest limit that can be set: 65,535 pages. The last
	// page of a 32-bit memory stays out of use, so that no size and no end of a
	// range needs 33 bits.
	MaxMemory = 65535 * pageSize
)

// pages is the memory limit in wasm pages.
func (l Limits) pages() uint32 {
	switch {
	case l.Memory == 0:
		return DefaultMemory / pageSize
	case l.Memory > MaxMemory:
		return MaxMemory / pageSize
	}
	return uint32(l.Memory / pageSize)
}
