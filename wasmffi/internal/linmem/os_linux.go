//go:build amd64 || arm64 || riscv64 || ppc64le || s390x || loong64

package linmem

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

const (
	hugePage = 2 << 20  // on amd64 and arm64, and a good alignment elsewhere
	hugeFrom = 16 << 20 // committed bytes from which a memory asks for huge pages
)

// adviseHuge asks for huge pages, also where the reservation is not accessible yet.
// The start stays as it is: stack and static data lie there, of which little is
// touched, and a huge page takes 60 us to clear. A kernel without them
// says no, which is as good.
func adviseHuge(area []byte) { _ = unix.Madvise(area[hugePage:], unix.MADV_HUGEPAGE) }

// discard drops the pages of b: zero, or what is mapped there, comes back.
func discard(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return unix.Madvise(b, unix.MADV_DONTNEED)
}

// newStore makes a memory file of n zero bytes, or a temporary file where a
// sandbox has no memory files.
func newStore(n uint64, writable bool) (*store, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("linmem", flags|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		fd, err = unix.MemfdCreate("linmem", flags)
	}
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		return newTemp(n, writable)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	s := &store{os.NewFile(uintptr(fd), "linmem"), false}
	if err := s.Truncate(int64(n)); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// seal makes it impossible for everybody, also through /proc, to change the
// length, to write unless writable, and to take that back.
func (s *store) seal(writable bool) error {
	seals := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if !writable {
		seals |= unix.F_SEAL_WRITE
	}
	if s.temp {
		return nil
	}
	_, err := unix.FcntlInt(s.Fd(), unix.F_ADD_SEALS, seals)
	return os.NewSyscallError("seal", err)
}
