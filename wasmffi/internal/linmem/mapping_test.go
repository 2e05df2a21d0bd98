package linmem_test

import (
	"crypto/sha256"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// pattern is n bytes of which none is zero.
func pattern(n uint64) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i%251) + 1
	}
	return b
}

func TestMapImagePrivate(t *testing.T) {
	want := pattern(3*page + 100)
	img, err := linmem.ImageOf(want, false)
	require.NoError(t, err)
	one, two := make1(t, 1<<20, 8*page), make1(t, 1<<20, 8*page)
	for _, m := range []*linmem.Memory{one, two} {
		fill(m.Bytes(), 9)
		require.NoError(t, m.MapImage(img, 0, page, img.Size(), false))
	}
	require.NoError(t, img.Close(), "mappings stay")
	require.Equal(t, want, one.Bytes()[page:4*page+100])
	require.True(t, zeros(one.Bytes()[4*page+100:5*page]), "the rest of the last page")
	require.Equal(t, byte(9), one.Bytes()[page-1])
	require.Equal(t, byte(9), one.Bytes()[5*page])
	fill(one.Bytes(), 7)
	require.Equal(t, want, two.Bytes()[page:4*page+100], "copy-on-write")
	require.NoError(t, one.ZeroPages(2*page, page))
	require.True(t, zeros(one.Bytes()[2*page:3*page]), "zero, and not the image again")
	one.Reset()
	require.True(t, zeros(one.Grow(8*page)))
	old := two.Bytes()
	two.Free()
	require.True(t, zeros(old), "zero, and not the image again")
	require.ErrorIs(t, two.MapImage(img, 0, 0, page, false), linmem.ErrFreed)
}

func TestMapImageFromTheMiddle(t *testing.T) {
	want := pattern(4 * page)
	img, err := linmem.ImageOf(want, false)
	require.NoError(t, err)
	defer img.Close()
	m := make1(t, 1<<20, 8*page)
	require.NoError(t, m.MapImage(img, 2*page, 3*page, page+1, false))
	require.Equal(t, want[2*page:], m.Bytes()[3*page:5*page])
	require.True(t, zeros(m.Bytes()[5*page:]))
}

func TestMapImageShared(t *testing.T) {
	want := pattern(2 * page)
	img, err := linmem.ImageOf(want, true)
	require.NoError(t, err)
	defer img.Close()
	one, two := make1(t, 1<<20, 4*page), make1(t, 1<<20, 4*page)
	err = one.MapImage(img, 0, 0, img.Size(), true)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	require.NoError(t, two.MapImage(img, 0, page, img.Size(), true))
	require.Equal(t, want, two.Bytes()[page:3*page])
	one.Bytes()[5] = 99
	require.Equal(t, byte(99), two.Bytes()[page+5])
	b := make([]byte, 1)
	_, err = img.ReadAt(b, 5)
	require.NoError(t, err)
	require.Equal(t, byte(99), b[0])
	one.Reset()
	two.Lend()
	two.Free()
	_, err = img.ReadAt(b, 5)
	require.NoError(t, err)
	require.Equal(t, byte(99), b[0], "an end of a memory leaves it")
}

func TestMapImageErrors(t *testing.T) {
	img, err := linmem.ImageOf(pattern(2*page), false)
	require.NoError(t, err)
	m := make1(t, 1<<20, 8*page)
	fill(m.Bytes(), 7)
	for _, w := range [][2]uint64{{0, 2*page + 1}, {page, page + 1}, {3 * page, 1}, {2 * page, page}, {1, page}, {page, math.MaxUint64}, {math.MaxUint64, page}, {math.MaxUint64 - page + 1, page}} {
		require.ErrorIs(t, m.MapImage(img, w[0], 0, w[1], false), linmem.ErrRange, w)
	}
	require.ErrorContains(t, m.MapImage(img, 0, 0, page, true), "not writable")
	require.NoError(t, m.MapImage(img, 0, 0, 0, false))
	require.NotContains(t, m.Bytes(), byte(0), "nothing was done")
	require.NoError(t, img.Close())
	require.Error(t, m.MapImage(img, 0, 0, page, false))
	require.True(t, zeros(m.Bytes()[:page]))
	require.Equal(t, byte(7), m.Bytes()[page])
}

func TestMapFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "data")
	want := pattern(4*page + 100)
	digest := sha256.Sum256(want)
	require.NoError(t, os.WriteFile(name, want, 0o600))
	for _, c := range []struct {
		name      string
		off, n    uint64
		untouched uint64
	}{
		{"all", 0, 4*page + 100, 5 * page},
		{"whole pages", page, 2 * page, 2 * page},
		{"ends inside of the file", page, page + 10, 2 * page},
		{"less than a page", 4 * page, 100, page},
		{"a byte", 0, 1, page},
		{"nothing", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := os.Open(name)
			require.NoError(t, err)
			m := make1(t, 1<<20, 8*page)
			fill(m.Bytes(), 9)
			require.NoError(t, m.MapFile(f, int64(c.off), page, c.n))
			require.NoError(t, f.Close())
			b := m.Bytes()[page:]
			require.Equal(t, want[c.off:c.off+c.n], b[:c.n])
			require.True(t, zeros(b[c.n:c.untouched]), "not what the file has there")
			require.Equal(t, byte(9), b[c.untouched])
			fill(m.Bytes(), 7)
			m.Free()
			got, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Equal(t, digest, sha256.Sum256(got), "writes do not reach the file")
		})
	}
}

func TestMapFileErrors(t *testing.T) {
	name := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.WriteFile(name, pattern(2*page), 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	m := make1(t, 1<<20, 8*page)
	fill(m.Bytes(), 7)
	for _, c := range []struct {
		off  int64
		n    uint64
		want error
	}{
		{0, 2*page + 1, io.ErrUnexpectedEOF},
		{int64(page), page + 1, io.ErrUnexpectedEOF},
		{int64(4 * page), 1, io.ErrUnexpectedEOF},
		{math.MaxInt64 &^ int64(page-1), 2 * page, io.ErrUnexpectedEOF},
		{-int64(page), page, linmem.ErrRange},
		{1, page, linmem.ErrRange},
	} {
		require.ErrorIs(t, m.MapFile(f, c.off, 0, c.n), c.want, "%d from %d", c.n, c.off)
	}
	dir, err := os.Open(t.TempDir())
	require.NoError(t, err)
	defer dir.Close()
	require.ErrorContains(t, m.MapFile(dir, 0, 0, 1), "want a regular file")
	require.NoError(t, f.Close())
	require.ErrorIs(t, m.MapFile(f, 0, 0, page), os.ErrClosed)
	require.NotContains(t, m.Bytes(), byte(0), "nothing was done")

	f, err = os.OpenFile(name, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer f.Close()
	require.Error(t, m.MapFile(f, 0, 0, page))
	require.True(t, zeros(m.Bytes()[:page]))
	m.Free()
	require.ErrorIs(t, m.MapFile(f, 0, 0, page), linmem.ErrFreed)
}
