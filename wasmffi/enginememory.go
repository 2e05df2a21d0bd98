package wasmffi

import (
	"fmt"

	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// allocator gives the engine our memory. An instance has one at most.
type allocator struct{ in *instance }

// allocatorError is the panic by which an allocator refuses: the engine has
// no other way.
type allocatorError struct{ cause error }

func (a *allocator) Allocate(_, most uint64) experimental.LinearMemory {
	if l := a.in.lease; l != nil {
		return &engineMemory{mem: l.mem}
	}
	mem, err := linmem.New(min(most, uint64(a.in.module.opts.Limits.pages())*pageSize))
	if err != nil {
		panic(&allocatorError{fmt.Errorf("%w: %w", ErrMemoryLimit, err)})
	}
	a.in.lease = newLease(mem)
	a.in.window.Store(&window{lease: a.in.lease})
	return &engineMemory{mem: mem}
}

// engineMemory is a memory as the engine sees it. Its end is decided by the
// library, which frees it when no call can be inside any more.
type engineMemory struct {
	mem  *linmem.Memory
	made bool
}

func (m *engineMemory) Reallocate(size uint64) []byte {
	b := m.mem.Grow(size)
	if b == nil && !m.made {
		panic(&allocatorError{fmt.Errorf("%w: module needs %d bytes from the start, limit is %d", ErrMemoryLimit, size, m.mem.Reserved())})
	}
	m.made = true
	return b
}

func (m *engineMemory) Free() {}
