//go:build (linux || darwin || freebsd || netbsd || openbsd) && (amd64 || arm64 || riscv64 || ppc64le || s390x || loong64)

package linmem

import (
	"errors"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	mapping    = true  // ranges are the system's, and stay mapped when released
	keepsPages = false // which they do without pages

	maxImage = 1 << 46

	anonymous = unix.MAP_PRIVATE | unix.MAP_ANON
	access    = unix.PROT_READ | unix.PROT_WRITE
)

// reserve takes n bytes of address space. Longer ones start where a huge page
// can.
func reserve(n uint64) ([]byte, error) {
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(n), unix.PROT_NONE, anonymous)
	if err != nil {
		return nil, err
	}
	if n < hugePage || uintptr(p)%hugePage == 0 { // what comes next lies beside it, and is aligned too
		return unsafe.Slice((*byte)(p), n), nil
	}
	if err := unix.MunmapPtr(p, uintptr(n)); err != nil {
		return nil, err
	}
	if p, err = unix.MmapPtr(-1, 0, nil, uintptr(n+hugePage), unix.PROT_NONE, anonymous); err != nil {
		return nil, err
	}
	head := -uintptr(p) % hugePage
	area := unsafe.Add(p, head)
	err = errors.Join(unmap(p, head), unmap(unsafe.Add(area, n), hugePage-head))
	return unsafe.Slice((*byte)(area), n), err
}

func unmap(p unsafe.Pointer, n uintptr) error {
	if n == 0 {
		return nil
	}
	return unix.MunmapPtr(p, n)
}

// unreserve gives the address space back.
func unreserve(area []byte) error {
	return unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(area)), uintptr(len(area)))
}

// commit makes the pages from lo to hi accessible. They are zero.
func commit(area []byte, lo, hi uint64) error { return unix.Mprotect(area[lo:hi], access) }

// zero puts fresh zero pages over b. In one step: a reader in another thread
// sees the old page or the new one. mapped says that there may be something else than
// anonymous memory, of which to drop the pages is not enough.
func zero(b []byte, mapped bool) error {
	if len(b) == 0 || !mapped && discard(b) == nil {
		return nil
	}
	return mapOver(b, -1, 0, anonymous)
}

func mapOver(b []byte, fd int, off int64, flags int) error {
	_, err := unix.MmapPtr(fd, off, unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)), access, flags|unix.MAP_FIXED)
	return err
}

// showFile maps the whole pages of n bytes of f over b, and reads the rest into
// a zero page: mapped, it would show what stands behind in the file.
func showFile(b []byte, f *os.File, off int64, n uint64) error {
	whole := n &^ (page - 1)
	if whole > 0 {
		if err := mapFile(b[:whole], f, off, unix.MAP_PRIVATE); err != nil {
			return err
		}
	}
	if whole == n {
		return nil
	}
	if err := zero(b[whole:], true); err != nil {
		return err
	}
	return copyFile(b[whole:], f, off+int64(whole), n-whole)
}

// mapFile does not use Fd, which changes the mode of the file.
func mapFile(b []byte, f *os.File, off int64, flags int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	if err2 := conn.Control(func(fd uintptr) { err = mapOver(b, int(fd), off, flags) }); err2 != nil {
		return err2
	}
	return err
}

// store is the file with the bytes of an image. It closes itself when it is
// garbage, as every os.File.
type store struct {
	*os.File
	temp bool // of a file system, and not a memory file
}

func (s *store) show(b []byte, off uint64, shared bool) error {
	flags := unix.MAP_PRIVATE
	if shared {
		flags = unix.MAP_SHARED
	}
	return mapFile(b, s.File, int64(off), flags)
}

// newTemp makes a store of a temporary file that has no name any more. One
// that will be written has all its blocks: a full disk is an error here and
// kills the process later.
func newTemp(n uint64, writable bool) (*store, error) {
	f, err := os.CreateTemp("", "linmem-*") // mode 0600
	if err != nil {
		return nil, err
	}
	err = errors.Join(os.Remove(f.Name()), f.Truncate(int64(n)))
	for at := uint64(0); writable && err == nil && at < n; at += minArea {
		_, err = f.WriteAt(zeros[:min(minArea, n-at)], int64(at))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &store{f, true}, nil
}

var _ io.WriterAt = (*store)(nil)
