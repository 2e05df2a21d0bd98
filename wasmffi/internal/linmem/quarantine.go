package linmem

import "sync"

// Quarantine is how many bytes of released address space are kept out of
// use at least, if they are of no more than 16,384 ranges.
const Quarantine = 64 << 30

// pen holds released ranges. It hands one out only when more than its bounds
// allow is in there.
type pen struct {
	bytes  uint64 // of address space
	ranges int    // the kernel counts mappings: 65,530 for a process
	held   uint64 // of pages that the ranges still hold, where the system cannot take them

	mu    sync.Mutex
	in    fill
	queue map[uint64][]released // by length, oldest first
}

// fill is what is in a pen.
type fill struct {
	bytes  uint64
	ranges int
	held   uint64
}

// released is a range whose memory is gone.
type released struct {
	area   []byte
	commit uint64
}

var quarantine = pen{bytes: Quarantine, ranges: 16 << 10, held: 1 << 30}

// put takes a range, of which the first commit bytes are accessible and zero.
func (p *pen) put(area []byte, commit uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := uint64(len(area))
	if p.queue == nil {
		p.queue = map[uint64][]released{}
	}
	p.queue[n] = append(p.queue[n], released{area, commit})
	p.count(n, commit, 1)
}

func (p *pen) count(n, commit uint64, by int) {
	p.in.ranges += by
	p.in.bytes += n * uint64(by) // wraps around to a difference
	if keepsPages {
		p.in.held += commit * uint64(by)
	}
	usage.quarantined.Add(int64(n) * int64(by))
}

// take makes a memory of the oldest range of n bytes, if the pen has more than
// it must keep.
func (p *pen) take(n uint64) *Memory {
	p.mu.Lock()
	if q := p.queue[n]; len(q) > 0 && (p.in.bytes > p.bytes || p.in.ranges > p.ranges || p.in.held > p.held) {
		r := q[0]
		q[0] = released{}
		p.queue[n] = q[1:]
		p.count(n, r.commit, -1)
		p.mu.Unlock()
		return revive(r)
	}
	p.mu.Unlock()
	return nil
}

// revive zeroes the range again, since a stale slice may have been written.
// It stays accessible for those slices, so it is committed from the start.
func revive(r released) *Memory {
	if zero(r.area[:r.commit], false) != nil {
		return nil // and the range stays out of use
	}
	m := &Memory{area: r.area}
	m.commit.Store(r.commit)
	m.lent.Store(true) // by the memory before
	usage.reserved.Add(int64(len(r.area)))
	usage.committed.Add(int64(r.commit))
	return m
}
