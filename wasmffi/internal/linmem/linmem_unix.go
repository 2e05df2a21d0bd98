//go:build (linux || darwin || freebsd || netbsd || openbsd) && (amd64 || arm64 || riscv64 || ppc64le || s390x || loong64)

package linmem

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// keep says that released ranges stay mapped and go into quarantine.
const keep = true

func pageUp(n uint64) uint64 {
	p := uint64(unix.Getpagesize() - 1)
	return (n + p) &^ p
}

func reserve(n int) ([]byte, error) {
	if n == 0 {
		return []byte{}, nil
	}
	b, err := unix.Mmap(-1, 0, int(pageUp(uint64(n))), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, err
	}
	return b[:n:n], nil
}

// commit makes the bytes from old to size accessible. They are zero.
func commit(all []byte, old, size uint64) error {
	lo, hi := old&^uint64(unix.Getpagesize()-1), pageUp(size)
	return unix.Mprotect(unsafe.Slice(unsafe.SliceData(all), hi)[lo:], unix.PROT_READ|unix.PROT_WRITE)
}

// release puts fresh zero pages over what was committed. The range stays
// mapped and accessible, so that no stale slice faults.
func release(all []byte, committed uint64) error {
	if committed == 0 {
		return nil
	}
	_, err := unix.MmapPtr(-1, 0, unsafe.Pointer(unsafe.SliceData(all)), uintptr(pageUp(committed)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_FIXED)
	return err
}
