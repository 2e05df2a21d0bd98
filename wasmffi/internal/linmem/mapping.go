package linmem

import (
	"fmt"
	"io"
	"math"
	"os"
)

// MapImage shows n bytes of the image from off at the address at of the memory:
// copy-on-write, or, with shared, so that all memories that share see what one
// writes. off and at are multiples of PageSize; if n is not, the rest of the last page
// shows the image too, and zeros behind its end. The memory needs the image no
// longer, which can be closed. Copy-on-write pages of a writable image show
// what others write until they are written themselves.
//
// Where the system cannot map, a private range is copied, and a shared one is
// errors.ErrUnsupported. It does nothing on ErrRange, ErrFreed and if the image is
// not writable; on any other error the range is zero.
func (m *Memory) MapImage(img *Image, off, at, n uint64, shared bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.pages(at, n, true)
	switch {
	case err != nil:
	case off > img.size || n > img.size-off:
		err = fmt.Errorf("%w: got %d bytes from %#x, image has %d", ErrRange, n, off, img.size)
	case off%page != 0:
		err = fmt.Errorf("%w: got image offset %#x, want a multiple of the page size %d", ErrRange, off, page)
	case shared && !img.writable:
		err = fmt.Errorf("image is not writable, want one that is to share it")
	case n > 0:
		err = m.show(b, shared, func() error { return img.store.show(b, off, shared) })
	}
	if err != nil {
		return fmt.Errorf("map image: %w", err)
	}
	return nil
}

// MapFile shows n bytes of the file from off at the address at of the memory,
// copy-on-write: nothing that is written reaches the file. off and at are
// multiples of PageSize; n need not be, the rest of the last page is zero. The
// file must be regular and open for reading, and must have the bytes, or the
// error is io.ErrUnexpectedEOF. The memory needs it no longer, and it can be closed.
//
// A file that somebody truncates while it is mapped kills the process (SIGBUS)
// as soon as the guest touches what is gone, and one that somebody writes
// changes under the guest: map only what nobody changes, or make an Image of it.
// Where the system cannot map, the file is read. Errors are as for MapImage.
func (m *Memory) MapFile(f *os.File, off int64, at, n uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := m.pages(at, n, true)
	if err == nil {
		err = checkFile(f, off, n)
	}
	if err == nil && n > 0 {
		err = m.show(b, false, func() error { return showFile(b, f, off, n) })
	}
	if err != nil {
		return fmt.Errorf("map file: %w", err)
	}
	return nil
}

func checkFile(f *os.File, off int64, n uint64) error {
	if off < 0 || uint64(off)%page != 0 {
		return fmt.Errorf("%w: got file offset %d, want a multiple of the page size %d", ErrRange, off, page)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is %v, want a regular file", f.Name(), info.Mode().Type())
	case off > math.MaxInt64-int64(n) || off+int64(n) > info.Size(): // n is below 2^32
		return fmt.Errorf("%s: got %d bytes from %d, file has %d: %w", f.Name(), n, off, info.Size(), io.ErrUnexpectedEOF)
	}
	return nil
}

// show maps something over b. A mapping that failed half way must not
// leave a hole, and a read not a part.
func (m *Memory) show(b []byte, shared bool, do func() error) error {
	m.mapped = true
	err := do()
	if err != nil {
		if err2 := zero(b, true); err2 != nil {
			return fmt.Errorf("%w, and then: %w", err, err2)
		}
	}
	return err
}

// copyFile reads n bytes of the file into the start of b, and clears the rest.
func copyFile(b []byte, f io.ReaderAt, off int64, n uint64) error {
	if _, err := io.ReadFull(io.NewSectionReader(f, off, int64(n)), b[:n]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	clear(b[n:])
	return nil
}
