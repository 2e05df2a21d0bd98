package linmem

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
)

// Image is bytes that can be shown in many memories at once: a snapshot, or an
// array that instances share. It is fixed when made, but for what memories
// that share a writable one write. It is safe for concurrent use.
//
// On Linux it is a sealed memory file that nobody can truncate, and, unless writable,
// nobody can write; elsewhere an unlinked temporary file; on
// Windows and where nothing can be mapped, Go memory. Pages of zeros that
// fill did not write take no space.
type Image struct {
	size     uint64
	writable bool
	store    *store
	closed   atomic.Bool
}

// NewImage makes an image of n bytes, which are zero but for what fill writes.
// The writer given to fill leaves out whole pages of zeros, is for one
// goroutine, and valid until fill returns. An image that is writable can be shared.
func NewImage(n uint64, writable bool, fill func(w io.WriterAt) error) (*Image, error) {
	if n > maxImage {
		return nil, fmt.Errorf("image: got %d bytes, want at most %d", n, uint64(maxImage))
	}
	s, err := newStore(pageUp(n), writable)
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	if fill != nil {
		err = fill(&sparse{to: s, size: n})
	}
	if err == nil {
		err = s.seal(writable)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("image: %w", err)
	}
	return &Image{size: n, writable: writable, store: s}, nil
}

// ImageOf makes an image of a copy of b, such as the Bytes of a memory.
func ImageOf(b []byte, writable bool) (*Image, error) {
	return NewImage(uint64(len(b)), writable, func(w io.WriterAt) error {
		_, err := w.WriteAt(b, 0)
		return err
	})
}

// Size is the length in bytes.
func (i *Image) Size() uint64 { return i.size }

// Writable says whether memories can share the image.
func (i *Image) Writable() bool { return i.writable }

// ReadAt implements io.ReaderAt. A writable image that is shared is read
// while others write.
func (i *Image) ReadAt(b []byte, off int64) (int, error) {
	return io.NewSectionReader(i.store, 0, int64(i.size)).ReadAt(b, off)
}

// Close gives the bytes back, once no memory shows them any more. MapImage and ReadAt
// are errors then. A second Close does nothing. An image that is garbage is closed too.
func (i *Image) Close() error {
	if i.closed.Swap(true) {
		return nil
	}
	return i.store.Close()
}

// sparse writes to a store that is zero, and leaves out pages of zeros.
type sparse struct {
	to   io.WriterAt
	size uint64
	end  uint64 // below, something may have been written
}

// zeros is what a page is compared with: the longest that there is.
var zeros [minArea]byte

// WriteAt implements io.WriterAt.
func (s *sparse) WriteAt(b []byte, off int64) (int, error) {
	if off < 0 || uint64(off) > s.size || uint64(len(b)) > s.size-uint64(off) {
		return 0, fmt.Errorf("%w: got %d bytes from %d, image has %d", ErrRange, len(b), off, s.size)
	}
	at, again := uint64(off), uint64(off) < s.end
	s.end = max(s.end, at+uint64(len(b)))
	if again { // over bytes that need not be zero
		return s.to.WriteAt(b, off)
	}
	start, i := 0, 0 // b[start:i] is to be written
	for i < len(b) {
		n := min(len(b)-i, int(page-(at+uint64(i))%page))
		if !bytes.Equal(b[i:i+n], zeros[:n]) {
			i += n
			continue
		}
		if n, err := s.write(b[start:i], at+uint64(start)); err != nil {
			return start + n, err
		}
		i += n
		start = i
	}
	n, err := s.write(b[start:], at+uint64(start))
	return start + n, err
}

func (s *sparse) write(b []byte, at uint64) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	return s.to.WriteAt(b, int64(at))
}
