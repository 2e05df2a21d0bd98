package linmem_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// content is all that an image reads.
func content(t *testing.T, img *linmem.Image) []byte {
	t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(img, 0, math.MaxInt64))
	require.NoError(t, err)
	return b
}

func TestImageOf(t *testing.T) {
	for _, writable := range []bool{false, true} {
		for _, n := range []uint64{0, 1, page - 1, page, page + 1, 10 * page} {
			want := pattern(n)
			if n > 3*page {
				clear(want[page/2 : 5*page/2])
			}
			img, err := linmem.ImageOf(want, writable)
			require.NoError(t, err)
			require.Equal(t, n, img.Size())
			require.Equal(t, writable, img.Writable())
			require.True(t, bytes.Equal(want, content(t, img)))
			require.NoError(t, img.Close())
			require.NoError(t, img.Close(), "the second does nothing")
			_, err = img.ReadAt(make([]byte, 1), 0)
			require.Error(t, err)
		}
	}
}

func TestImageReadAt(t *testing.T) {
	want := pattern(page + 10)
	img, err := linmem.ImageOf(want, false)
	require.NoError(t, err)
	defer img.Close()
	b := make([]byte, 20)
	n, err := img.ReadAt(b, int64(page))
	require.Equal(t, io.EOF, err)
	require.Equal(t, want[page:], b[:n], "and not the rest of the page")
	_, err = img.ReadAt(b, int64(page)+10)
	require.Equal(t, io.EOF, err)
	_, err = img.ReadAt(b, -1)
	require.Error(t, err)
}

func TestNewImage(t *testing.T) {
	img, err := linmem.NewImage(4*page, false, func(w io.WriterAt) error {
		for _, p := range []struct {
			at   uint64
			with []byte
		}{
			{2 * page, pattern(page)},          // leaves a hole
			{2*page + 5, make([]byte, 10)},     // zeros over what is not zero
			{page - 1, []byte{1, 0, 0}},        // backwards, over an edge
			{3*page + 1, make([]byte, page-1)}, // zeros to the end
		} {
			n, err := w.WriteAt(p.with, int64(p.at))
			if err != nil || n != len(p.with) {
				return errors.Join(err, io.ErrShortWrite)
			}
		}
		for _, off := range []int64{-1, int64(4*page) - 1, int64(4*page) + 1, math.MaxInt64} {
			if _, err := w.WriteAt(make([]byte, 2), off); !errors.Is(err, linmem.ErrRange) {
				return errors.New("want ErrRange")
			}
		}
		return nil
	})
	require.NoError(t, err)
	defer img.Close()
	want := make([]byte, 4*page)
	copy(want[2*page:], pattern(page))
	clear(want[2*page+5 : 2*page+15])
	want[page-1] = 1
	require.True(t, bytes.Equal(want, content(t, img)))
}

func TestNewImageErrors(t *testing.T) {
	_, err := linmem.NewImage(math.MaxUint64, false, nil)
	require.ErrorContains(t, err, "want at most")
	_, err = linmem.NewImage(1, false, func(io.WriterAt) error { return os.ErrPermission })
	require.ErrorIs(t, err, os.ErrPermission)
}
