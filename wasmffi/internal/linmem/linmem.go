package linmem

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// ErrFreed says that the memory was freed.
var ErrFreed = errors.New("memory was freed")

// minArea is the shortest reservation, a page of WebAssembly, which is a
// multiple of every system's page.
const minArea = 64 << 10

// maxSize is the longest memory: 4 GiB less a byte, or what an int can count.
const maxSize = min(math.MaxUint32, math.MaxInt&^(minArea-1))

// Memory is one linear memory. It is safe for concurrent use; see the package
// about its content.
type Memory struct {
	area []byte // the reservation: a power of two, or empty
	all  []byte // the part of it that the memory may grow to

	foreign func() []byte // the content of a memory that is not ours; see Foreign
	most    uint64        // how far that can grow

	size   atomic.Uint64
	commit atomic.Uint64 // bytes of area that may be touched, whole pages
	lent   atomic.Bool
	freed  atomic.Bool

	mu     sync.Mutex // guards what follows and serialises whatever changes pages
	mapped bool       // an image or a file may lie in the memory
	huge   bool       // huge pages were asked for
	gone   bool       // unmapped
}

// New reserves address space for a memory of at most max bytes, of which
// nothing is committed yet. When there is none left it runs the garbage collector,
// so it must not be called with a lock held that a cleanup needs.
func New(max uint64) (*Memory, error) {
	if max > maxSize {
		return nil, fmt.Errorf("reserve %d bytes: want at most %d", max, uint64(maxSize))
	}
	if max == 0 {
		return &Memory{area: []byte{}, all: []byte{}}, nil
	}
	n := areaOf(max)
	if m := quarantine.take(n); m != nil {
		m.all = m.area[:max:max]
		return m, nil
	}
	area, err := reserve(n)
	if err != nil {
		area, err = reserveAgain(n)
	}
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space: %w", n, err)
	}
	usage.reserved.Add(int64(n))
	return &Memory{area: area, all: area[:max:max]}, nil
}

// areaOf is the length of the reservation for a memory of at most so many bytes.
func areaOf(most uint64) uint64 {
	if !mapping {
		return pageUp(most)
	}
	return 1 << bits.Len64(max(most, minArea)-1)
}

// reserveAgain reserves after the cleanups of whatever is garbage had a chance
// to unmap. They run in another goroutine, some time after the collection.
func reserveAgain(n uint64) (area []byte, err error) {
	runtime.GC()
	for range 10 {
		time.Sleep(2 * time.Millisecond)
		if area, err = reserve(n); err == nil {
			return area, nil
		}
	}
	return nil, err
}

// Grow makes the memory size bytes long and returns them: valid until Unmap,
// zero after Free. It returns nil when the reservation or the machine has no
// more, or when the memory was freed. It never shrinks.
func (m *Memory) Grow(size uint64) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if size > uint64(len(m.all)) || m.freed.Load() {
		return nil
	}
	if old, end := m.commit.Load(), pageUp(size); end > old {
		if err := commit(m.area, old, end); err != nil {
			return nil
		}
		m.commit.Store(end)
		usage.committed.Add(int64(end - old))
	}
	if size >= hugeFrom && !m.huge { // also what it grows to later
		m.huge = true
		adviseHuge(m.area)
	}
	if size > m.size.Load() {
		m.size.Store(size)
	}
	return m.all[:size:size]
}

// Size is the current length in bytes.
func (m *Memory) Size() uint64 {
	if m.foreign != nil {
		return uint64(len(m.foreign()))
	}
	return m.size.Load()
}

// Reserved is the length in bytes that the memory can grow to.
func (m *Memory) Reserved() uint64 {
	if m.foreign != nil {
		return m.most
	}
	return uint64(len(m.all))
}

// Committed is how many bytes may hold pages: whole pages, at least Size, more
// after Reset or when the range served another memory before. It is 0 after Free.
func (m *Memory) Committed() uint64 {
	if m.freed.Load() {
		return 0
	}
	return m.commit.Load()
}

// Bytes is the current content, sharing memory: valid until Unmap, zero after
// Free. Lend must be called before a slice leaves the hands of who holds the
// memory.
func (m *Memory) Bytes() []byte {
	if m.foreign != nil {
		return m.foreign()
	}
	n := m.size.Load()
	return m.all[:n:n]
}

// Lend says that a slice of the memory was handed out, which may outlive
// everything else. From now on the range is never unmapped.
func (m *Memory) Lend() {
	if !m.lent.Load() { // which keeps the cache line shared
		m.lent.Store(true)
	}
}

// Free gives all pages back. The range stays mapped, readable and writable, and
// reads as zero; Grow and whatever maps fail from now on. A second Free does nothing.
func (m *Memory) Free() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.end() {
		// An error leaves the content, and Unmap the range as it is.
		_ = m.blank()
	}
}

// end marks the memory as freed, and reports whether it was not before.
func (m *Memory) end() bool {
	if m.freed.Swap(true) {
		return false
	}
	usage.committed.Add(-int64(m.commit.Load()))
	return true
}

// blank puts fresh zero pages over all that is committed.
func (m *Memory) blank() error {
	err := zero(m.area[:m.commit.Load()], m.mapped)
	if err == nil && m.mapped {
		m.mapped, m.huge = false, false // the advice went with the pages
	}
	return err
}

// Unmap ends the memory. Nobody may hold the object that refers to it any more:
// it belongs into a cleanup of that object. It implies Free. The range is
// unmapped if it was never lent, and goes into quarantine otherwise.
func (m *Memory) Unmap() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone {
		return
	}
	m.gone = true
	m.end()
	m.size.Store(0)
	n := uint64(len(m.area))
	usage.reserved.Add(-int64(n))
	switch {
	case n == 0 || !mapping: // the collector's
	case !m.lent.Load() || m.commit.Load() == 0:
		// A range that the system does not take back is lost, and harmless.
		_ = unreserve(m.area)
	case m.blank() == nil: // again, since a stale slice may have been written after Free
		quarantine.put(m.area, m.commit.Load())
	}
}

// clearUpTo is how many bytes Reset clears in place: 2 us for 128 KiB, where to
// touch as many fresh pages again takes 50.
const clearUpTo = 256 << 10

// Reset makes the memory as New returned it: zeros over everything,
// Size is 0. The reservation and what is committed are kept, and so are
// slices that were lent, which see the next content. A memory for which the
// system has no fresh pages is freed, so that nobody sees the old content
// as new.
func (m *Memory) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.freed.Load() {
		return
	}
	m.size.Store(0)
	if n := m.commit.Load(); n <= clearUpTo && !m.mapped {
		clear(m.area[:n])
	} else if m.blank() != nil {
		m.end()
	}
}
