package linmem

import (
	"errors"
	"fmt"
	"os"
)

// ErrRange says that bytes were named which are not there, or which do not
// start and end where pages do.
var ErrRange = errors.New("no such range")

var page = uint64(os.Getpagesize())

// PageSize is the granule of ZeroPages, DropPages and the Map methods in bytes:
// a page of the operating system, on every platform, so that what works on one
// works on all. It divides a page of WebAssembly.
func PageSize() uint64 { return page }

// pageUp rounds up. n is far from the end of the numbers.
func pageUp(n uint64) uint64 { return (n + page - 1) &^ (page - 1) }

// pages is the memory's range of n bytes from at. It must lie within Size and
// start with a page; if it does not end with one, it must end with the
// memory unless loose. The rest of its last page belongs to the result. The
// caller holds the lock.
func (m *Memory) pages(at, n uint64, loose bool) ([]byte, error) {
	size := m.size.Load()
	switch {
	case m.foreign != nil:
		return nil, errForeign
	case m.freed.Load():
		return nil, ErrFreed
	case at > size || n > size-at:
		return nil, fmt.Errorf("%w: got %d bytes from %#x, memory has %d", ErrRange, n, at, size)
	case at%page != 0:
		return nil, fmt.Errorf("%w: got %d bytes from %#x, want a multiple of the page size %d", ErrRange, n, at, page)
	case n%page != 0 && at+n != size && !loose:
		return nil, fmt.Errorf("%w: got %d bytes from %#x, want whole pages of %d", ErrRange, n, at, page)
	}
	return m.area[at:pageUp(at+n)], nil
}

// ZeroPages puts fresh zero pages over n bytes from at, whatever was mapped
// there; the old ones go back to the system. The range is in whole pages, but
// may end with the memory. It does nothing on ErrRange and ErrFreed.
func (m *Memory) ZeroPages(at, n uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.pages(at, n, false)
	if err != nil {
		return fmt.Errorf("zero pages: %w", err)
	}
	if err := zero(b, m.mapped); err != nil {
		return fmt.Errorf("zero pages: %w", err)
	}
	if m.mapped && m.huge { // the advice went with the pages
		adviseHuge(m.area)
	}
	return nil
}

// DropPages throws away what was written to n bytes from at since MapImage or
// MapFile showed something there copy-on-write, so that it shows again. Pages
// where nothing is mapped become zero, and so does the last page of a file if it
// is not whole, which MapFile reads; a shared image keeps its content.
// The range is as for ZeroPages. Where the system has no such call, which
// is everywhere but on Linux, it is errors.ErrUnsupported and nothing happened:
// map again, or copy.
func (m *Memory) DropPages(at, n uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.pages(at, n, false)
	if err == nil {
		err = discard(b)
	}
	if err != nil {
		return fmt.Errorf("drop pages: %w", err)
	}
	return nil
}
