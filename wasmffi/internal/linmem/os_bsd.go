//go:build (darwin || freebsd || netbsd || openbsd) && (amd64 || arm64 || riscv64 || ppc64le || s390x || loong64)

package linmem

import "errors"

const (
	hugePage = minArea
	hugeFrom = 1 << 63 // never
)

func adviseHuge([]byte) {}

// discard fails: madvise is no promise here.
func discard([]byte) error { return errors.ErrUnsupported }

func newStore(n uint64, writable bool) (*store, error) { return newTemp(n, writable) }

func (s *store) seal(bool) error { return nil }
