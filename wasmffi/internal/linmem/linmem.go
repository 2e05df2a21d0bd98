// Package linmem provides linear memories whose base address never changes.
//
// A memory reserves its whole maximum as address space and commits pages as it
// grows, so that slices into it stay valid. Address space that was lent to Go is never
// unmapped: Free gives the pages back, which then read as zero, and the range
// waits in quarantine for a later memory. A stale slice therefore never faults,
// and shows another memory's bytes only after Quarantine bytes of address space
// were released in between.
package linmem

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// Quarantine is how many bytes of released address space are kept out of
// use, oldest reused first.
const Quarantine = 64 << 30

// Memory is one linear memory. Grow and Free are for one goroutine at a time;
// the other methods are safe for concurrent use.
type Memory struct {
	all    []byte // the reservation
	commit uint64 // bytes of all that may be touched
	size   atomic.Uint64
	freed  atomic.Bool
}

// New reserves max bytes of address space; nothing is committed yet.
func New(max uint64) (*Memory, error) {
	if max > math.MaxUint32 || max > math.MaxInt {
		return nil, fmt.Errorf("reserve %d bytes: want at most %d", max, uint64(math.MaxUint32))
	}
	if m := quarantine.take(max); m != nil {
		return m, nil
	}
	all, err := reserve(int(max))
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space: %w", max, err)
	}
	return &Memory{all: all}, nil
}

// Grow makes the memory size bytes long and returns them. It returns nil when
// the reservation or the machine has no more. It never shrinks.
func (m *Memory) Grow(size uint64) []byte {
	if size > uint64(len(m.all)) || m.freed.Load() {
		return nil
	}
	if size > m.commit {
		if err := commit(m.all, m.commit, size); err != nil {
			return nil
		}
		m.commit = size
	}
	if size > m.size.Load() {
		m.size.Store(size)
	}
	return m.all[:size:size]
}

// Size is the current length in bytes.
func (m *Memory) Size() uint64 { return m.size.Load() }

// Reserved is the length in bytes that the memory can grow to.
func (m *Memory) Reserved() uint64 { return uint64(len(m.all)) }

// Bytes is the current content, sharing memory.
func (m *Memory) Bytes() []byte {
	n := m.size.Load()
	return m.all[:n:n]
}

// Free gives the pages back. Slices of the memory stay readable and are zero.
// A second Free does nothing.
func (m *Memory) Free() {
	if m.freed.Swap(true) {
		return
	}
	if release(m.all, m.commit) == nil {
		quarantine.put(m.all, m.commit)
	}
}

// pen holds released reservations, oldest first.
type pen struct {
	mu     sync.Mutex
	bytes  uint64
	ranges []released
}

type released struct {
	all    []byte
	commit uint64
}

var quarantine pen

func (p *pen) put(all []byte, commit uint64) {
	if !keep {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ranges = append(p.ranges, released{all, commit})
	p.bytes += uint64(len(all))
}

// take hands out the oldest range of the right length, once there is more in
// quarantine than must be.
func (p *pen) take(max uint64) *Memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes <= Quarantine {
		return nil
	}
	for i, r := range p.ranges {
		// Zero again, since a stale slice may have been written.
		if uint64(len(r.all)) == max && release(r.all, r.commit) == nil {
			p.ranges = append(p.ranges[:i], p.ranges[i+1:]...)
			p.bytes -= max
			return &Memory{all: r.all, commit: r.commit}
		}
	}
	return nil
}
