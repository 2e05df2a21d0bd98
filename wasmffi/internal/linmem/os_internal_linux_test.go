//go:build amd64 || arm64 || riscv64 || ppc64le || s390x || loong64

package linmem

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// These tests are inside because they look at addresses and at the files of images.

func TestLongReservationsAreAligned(t *testing.T) {
	for _, most := range []uint64{minArea, 2 << 20, minArea, 3 << 20, 64 << 20, 1 << 20, 256 << 20} {
		m, err := New(most)
		require.NoError(t, err)
		defer m.Unmap()
		if len(m.area) >= hugePage {
			require.Zero(t, uintptr(unsafe.Pointer(&m.area[:1][0]))%hugePage)
		}
	}
}

func TestSeals(t *testing.T) {
	for _, writable := range []bool{false, true} {
		img, err := ImageOf([]byte("image"), writable)
		require.NoError(t, err)
		defer img.Close()
		if img.store.temp {
			t.Skip("no memory files here")
		}
		// Through /proc it is opened anew, as another process would.
		f, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", img.store.Fd()), os.O_RDWR, 0)
		require.NoError(t, err)
		defer f.Close()
		require.ErrorIs(t, f.Truncate(0), unix.EPERM)
		require.ErrorIs(t, f.Truncate(1<<20), unix.EPERM)
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_FUTURE_WRITE)
		require.ErrorIs(t, err, unix.EPERM)
		_, err = f.WriteAt([]byte("x"), 0)
		_, mapErr := unix.Mmap(int(f.Fd()), 0, 5, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if writable {
			require.NoError(t, err)
			require.NoError(t, mapErr)
		} else {
			require.ErrorIs(t, err, unix.EPERM)
			require.ErrorIs(t, mapErr, unix.EPERM)
		}
	}
}

// TestSealRefusesWriters: a mapping through which one could write later.
func TestSealRefusesWriters(t *testing.T) {
	s, err := newStore(page, false)
	require.NoError(t, err)
	defer s.Close()
	b, err := unix.Mmap(int(s.Fd()), 0, int(page), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	require.NoError(t, err)
	require.ErrorIs(t, s.seal(false), unix.EBUSY)
	require.NoError(t, unix.Munmap(b))
	require.NoError(t, s.seal(false))
}

func TestImagesAreSparse(t *testing.T) {
	img, err := NewImage(1<<30, false, func(w io.WriterAt) error {
		b := make([]byte, 16*page)
		b[3*page+5] = 1
		_, err := w.WriteAt(b, int64(100*page))
		return err
	})
	require.NoError(t, err)
	defer img.Close()
	var st unix.Stat_t
	require.NoError(t, unix.Fstat(int(img.store.Fd()), &st))
	require.LessOrEqual(t, uint64(st.Blocks)*512, page)
}

// TestTemporaryFile is what images are elsewhere, and in sandboxes.
func TestTemporaryFile(t *testing.T) {
	for _, writable := range []bool{false, true} {
		s, err := newTemp(3*page, writable)
		require.NoError(t, err)
		require.NoFileExists(t, s.Name())
		_, err = s.WriteAt([]byte("image"), 0)
		require.NoError(t, err)
		require.NoError(t, s.seal(writable))
		var st unix.Stat_t
		require.NoError(t, unix.Fstat(int(s.Fd()), &st))
		require.Equal(t, uint32(0o600), st.Mode&0o777)
		if writable {
			require.GreaterOrEqual(t, uint64(st.Blocks)*512, 3*page, "a full disk shows now")
		}
		img := &Image{size: 3 * page, writable: writable, store: s}
		m, err := New(1 << 20)
		require.NoError(t, err)
		m.Grow(4 * page)
		require.NoError(t, m.MapImage(img, 0, 0, img.size, writable))
		require.Equal(t, "image", string(m.Bytes()[:5]))
		require.Empty(t, bytes.Trim(m.Bytes()[5:], "\x00"))
		m.Unmap()
		require.NoError(t, img.Close())
	}
}
