//go:build !((linux || darwin || freebsd || netbsd || openbsd) && (amd64 || arm64 || riscv64 || ppc64le || s390x || loong64))

package linmem

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
)

// Where nothing can be mapped, everything is copied.

const (
	maxImage = math.MaxInt32
	hugeFrom = 1 << 63 // never
)

func adviseHuge([]byte) {}

func discard([]byte) error { return errors.ErrUnsupported }

func zero(b []byte, _ bool) error {
	clear(b)
	return nil
}

func showFile(b []byte, f *os.File, off int64, n uint64) error { return copyFile(b, f, off, n) }

// store is the bytes of an image.
type store struct{ b atomic.Pointer[[]byte] }

func newStore(n uint64, _ bool) (*store, error) {
	s, b := new(store), make([]byte, n)
	s.b.Store(&b)
	return s, nil
}

func (s *store) seal(bool) error { return nil }

// show clears what is behind the end of the image.
func (s *store) show(b []byte, off uint64, shared bool) error {
	p := s.b.Load()
	switch {
	case shared:
		return fmt.Errorf("share an image: %w", errors.ErrUnsupported)
	case p == nil:
		return os.ErrClosed
	}
	clear(b[copy(b, (*p)[off:]):])
	return nil
}

func (s *store) ReadAt(b []byte, off int64) (int, error) {
	p := s.b.Load()
	if p == nil {
		return 0, os.ErrClosed
	}
	n := copy(b, (*p)[min(off, int64(len(*p))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (s *store) WriteAt(b []byte, off int64) (int, error) { return copy((*s.b.Load())[off:], b), nil }

func (s *store) Close() error {
	if s.b.Swap(nil) == nil {
		return os.ErrClosed
	}
	return nil
}
