package linmem

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	mapping    = true // ranges are the system's, and stay mapped when released
	keepsPages = true // with their pages: to drop them makes a reader fault for a moment
)

// reserve takes n bytes of address space.
func reserve(n uint64) ([]byte, error) {
	p, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_RESERVE, windows.PAGE_NOACCESS)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), n), nil // not Go memory: vet cannot know
}

func addr(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// unreserve gives the address space back.
func unreserve(area []byte) error { return windows.VirtualFree(addr(area), 0, windows.MEM_RELEASE) }

// commit makes the pages from lo to hi accessible. They are zero.
func commit(area []byte, lo, hi uint64) error {
	_, err := windows.VirtualAlloc(addr(area[lo:hi]), uintptr(hi-lo), windows.MEM_COMMIT, windows.PAGE_READWRITE)
	return err
}
