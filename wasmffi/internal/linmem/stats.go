package linmem

import "sync/atomic"

// usage counts for the whole process.
var usage struct{ reserved, committed, quarantined atomic.Int64 }

// Stats is what the memories of this process hold, in bytes: address space of
// those that are not unmapped, what of it is committed and not freed, and
// address space in quarantine. The three are read one after the other.
func Stats() (reserved, committed, quarantined uint64) {
	return uint64(usage.reserved.Load()), uint64(usage.committed.Load()), uint64(usage.quarantined.Load())
}
