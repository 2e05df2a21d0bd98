package linmem_test

import (
	"errors"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

var page = linmem.PageSize()

func TestPageSize(t *testing.T) {
	require.Positive(t, page)
	require.Zero(t, 64<<10%page, "a page of WebAssembly is whole pages")
}

func TestZeroPages(t *testing.T) {
	m := make1(t, 1<<20, 4*page)
	fill(m.Bytes(), 7)
	require.NoError(t, m.ZeroPages(page, 2*page))
	b := m.Bytes()
	require.True(t, zeros(b[page:3*page]))
	require.Equal(t, byte(7), b[page-1])
	require.Equal(t, byte(7), b[3*page])
	b[page] = 1
	require.NoError(t, m.ZeroPages(page, 0))
	require.Equal(t, byte(1), b[page])
}

func TestZeroPagesToTheEnd(t *testing.T) {
	m := make1(t, 1<<20, page+100)
	fill(m.Bytes(), 7)
	require.NoError(t, m.ZeroPages(page, 100))
	require.True(t, zeros(m.Bytes()[page:]))
}

// wrong are ranges that no function takes.
var wrong = map[string][2]uint64{
	"unaligned start":   {1, page},
	"past the end":      {0, 5 * page},
	"start at the end":  {4 * page, page},
	"start behind":      {64 << 20, page},
	"committed no more": {3 * page, 2 * page},
	"wraps to zero":     {page, math.MaxUint64 - page + 1},
	"wraps inside":      {3 * page, math.MaxUint64 - page + 1},
	"start wraps":       {math.MaxUint64 &^ (page - 1), page},
	"all":               {math.MaxUint64, math.MaxUint64},
	"length":            {0, math.MaxUint64},
}

func TestWrongRanges(t *testing.T) {
	m := make1(t, 1<<20, 4*page)
	fill(m.Bytes(), 7)
	img, err := linmem.NewImage(1<<20, false, nil)
	require.NoError(t, err)
	defer img.Close()
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, f.Truncate(1<<20))
	for name, w := range wrong {
		require.ErrorIs(t, m.ZeroPages(w[0], w[1]), linmem.ErrRange, name)
		require.ErrorIs(t, m.DropPages(w[0], w[1]), linmem.ErrRange, name)
		require.ErrorIs(t, m.MapImage(img, 0, w[0], w[1], false), linmem.ErrRange, name)
		require.ErrorIs(t, m.MapFile(f, 0, w[0], w[1]), linmem.ErrRange, name)
	}
	require.ErrorIs(t, m.ZeroPages(0, page-1), linmem.ErrRange)
	require.ErrorContains(t, m.ZeroPages(0, page-1), "want whole pages")
	require.ErrorIs(t, m.DropPages(0, page+1), linmem.ErrRange)
	require.NotContains(t, m.Bytes(), byte(0), "nothing was done")
}

func TestDropPages(t *testing.T) {
	img, err := linmem.ImageOf(pattern(3*page), false)
	require.NoError(t, err)
	defer img.Close()
	m := make1(t, 1<<20, 8*page)
	require.NoError(t, m.MapImage(img, page, page, 2*page, false))
	b := m.Bytes()
	want := append([]byte(nil), b...)
	fill(b, 7)
	err = m.DropPages(0, 4*page)
	if errors.Is(err, errors.ErrUnsupported) {
		require.Equal(t, byte(7), b[0])
		t.Skip(err)
	}
	require.NoError(t, err)
	require.Equal(t, want[:4*page], b[:4*page])
	require.True(t, zeros(b[:page]), "not mapped is zero")
	require.Equal(t, byte(7), b[4*page])
	require.NoError(t, m.DropPages(0, 0))
}
