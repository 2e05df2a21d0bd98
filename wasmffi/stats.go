package wasmffi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/memview"
)

// MemoryStats is what a library's memory takes, in bytes.
type MemoryStats struct {
	Reserved   uint64 // address space: how far the memory can grow
	Committed  uint64 // of it, what the process may touch; only touched pages take memory
	Size       uint64 // what the guest sees
	GuestHeap  uint64 // of Size, what lies above the guest's stack and static data; 0: the module does not say
	Arrays     int    // allocated by the library and not freed
	ArrayBytes uint64 // of them
}

// MemoryStats is a look at the memory, from any goroutine. All is 0 for a library without
// one, and when it is closed.
func (l *Library) MemoryStats() MemoryStats {
	lease := l.in.lease
	if lease == nil || lease.closed.Load() {
		return MemoryStats{}
	}
	s := MemoryStats{
		Reserved: lease.mem.Reserved(), Committed: lease.mem.Committed(), Size: lease.mem.Size()}
	l.in.mu.Lock()
	s.Arrays = len(l.in.live)
	for a := range l.in.live {
		s.ArrayBytes += a.size
	}
	l.in.mu.Unlock()
	if l.in.heapBase > 0 && l.in.heapBase <= s.Size {
		s.GuestHeap = s.Size - l.in.heapBase
	}
	return s
}

// Leak is an array that was allocated and not freed.
type Leak struct {
	Ptr   memview.Ptr // where it is
	Bytes uint64      // its size
	Where string      // file and line that made it; empty without Options.TraceAllocations
}

// Leaks lists the arrays that the library has allocated and nobody has freed, in
// the order of their making, from any goroutine.
func (l *Library) Leaks() []Leak {
	l.in.mu.Lock()
	all := make([]*allocation, 0, len(l.in.live))
	for a := range l.in.live {
		all = append(all, a)
	}
	l.in.mu.Unlock()
	slices.SortFunc(all, func(a, b *allocation) int { return cmp.Compare(a.number, b.number) })
	leaks := make([]Leak, len(all))
	for i, a := range all {
		leaks[i] = Leak{a.ptr, a.size, a.where}
	}
	return leaks
}

// CheckLeaks is nil when every array was freed, else an error with a line for each, for the
// end of a test.
func (l *Library) CheckLeaks() error {
	leaks := l.Leaks()
	if len(leaks) == 0 {
		return nil
	}
	var b strings.Builder
	var sum uint64
	for _, x := range leaks {
		sum += x.Bytes
	}
	fmt.Fprintf(&b, "wasmffi: %d arrays of %d bytes were not freed", len(leaks), sum)
	const most = 20
	for _, x := range leaks[:min(len(leaks), most)] {
		fmt.Fprintf(&b, "\n  %d bytes at %#x", x.Bytes, uint32(x.Ptr))
		if x.Where != "" {
			fmt.Fprintf(&b, " by %s", x.Where)
		}
	}
	if len(leaks) > most {
		fmt.Fprintf(&b, "\n  and %d more", len(leaks)-most)
	}
	return errors.New(b.String())
}
