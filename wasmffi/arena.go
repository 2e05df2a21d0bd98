package wasmffi

import (
	"maps"
	"slices"

	"github.com/wasmffi/go/memview"
)

// arena allocates in pages that the host has grown the memory by, for modules without
// an allocator of their own. Its books are kept by the host, where the guest cannot
// spoil them. The zero arena is empty.
type arena struct {
	free []extent          // in the order of addresses; neighbours are joined
	used map[uint64]uint64 // bytes, by address
}

// arenaGrain is what sizes are rounded up to.
const arenaGrain = mallocAlign

// take finds room for n bytes at a multiple of align, the first that fits.
func (a *arena) take(n, align uint64) (memview.Ptr, bool) {
	n = (max(n, 1) + arenaGrain - 1) &^ (arenaGrain - 1)
	for i, e := range a.free {
		at := (e.at + align - 1) &^ (align - 1)
		if at+n > e.end() {
			continue
		}
		var rest []extent
		if at > e.at {
			rest = append(rest, extent{e.at, at - e.at})
		}
		if at+n < e.end() {
			rest = append(rest, extent{at + n, e.end() - at - n})
		}
		a.free = slices.Replace(a.free, i, i+1, rest...)
		if a.used == nil {
			a.used = map[uint64]uint64{}
		}
		a.used[at] = n
		return memview.Ptr(at), true
	}
	return 0, false
}

// give returns what take has given, and reports false for any other address.
func (a *arena) give(p memview.Ptr) bool {
	n, ok := a.used[uint64(p)]
	if ok {
		delete(a.used, uint64(p))
		a.add(extent{uint64(p), n})
	}
	return ok
}

// add makes a range free.
func (a *arena) add(e extent) {
	i, _ := slices.BinarySearchFunc(a.free, e.at, func(f extent, at uint64) int {
		if f.at < at {
			return -1
		}
		return 1
	})
	a.free = slices.Insert(a.free, i, e)
	if i+1 < len(a.free) && e.end() == a.free[i+1].at {
		a.free[i].n += a.free[i+1].n
		a.free = slices.Delete(a.free, i+1, i+2)
	}
	if i > 0 && a.free[i-1].end() == e.at {
		a.free[i-1].n += a.free[i].n
		a.free = slices.Delete(a.free, i, i+1)
	}
}

func (a *arena) clone() arena { return arena{slices.Clone(a.free), maps.Clone(a.used)} }
