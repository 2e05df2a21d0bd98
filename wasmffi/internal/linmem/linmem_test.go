package linmem_test

import (
	"bytes"
	"math"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// make1 makes a memory of size bytes that ends with the test.
func make1(t testing.TB, most, size uint64) *linmem.Memory {
	t.Helper()
	m, err := linmem.New(most)
	require.NoError(t, err)
	t.Cleanup(m.Unmap)
	require.Len(t, m.Grow(size), int(size))
	return m
}

func zeros(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

func fill(b []byte, with byte) {
	b[0] = with
	for n := 1; n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}

func TestNew(t *testing.T) {
	for _, most := range []uint64{1, 100, 64 << 10, 64<<10 + 1, 3 << 20, 65535 << 16} {
		if most > math.MaxInt {
			continue
		}
		m, err := linmem.New(most)
		require.NoError(t, err)
		require.Equal(t, most, m.Reserved())
		require.Zero(t, m.Size())
		require.Zero(t, m.Committed())
		require.Empty(t, m.Bytes())
		m.Unmap()
	}
	for _, most := range []uint64{math.MaxUint32 + 1, 1 << 63, math.MaxUint64} {
		_, err := linmem.New(most)
		require.ErrorContains(t, err, "want at most")
	}
}

func TestNewOfNothing(t *testing.T) {
	m := make1(t, 0, 0)
	require.NotNil(t, m.Grow(0), "nil is a failure")
	require.Nil(t, m.Grow(1))
	require.NoError(t, m.ZeroPages(0, 0))
	m.Lend()
	m.Reset()
	m.Free()
	m.Unmap()
}

func TestGrowKeepsTheBase(t *testing.T) {
	m := make1(t, 1<<20, 100)
	first := m.Bytes()
	fill(first, 7)
	for _, size := range []uint64{100, 64 << 10, 1 << 20} {
		b := m.Grow(size)
		require.Len(t, b, int(size))
		require.Equal(t, int(size), cap(b), "or append would write behind it")
		require.Same(t, &first[0], &b[0])
		require.Equal(t, size, m.Size())
		require.GreaterOrEqual(t, m.Committed(), size)
		require.Zero(t, m.Committed()%linmem.PageSize())
		require.True(t, zeros(b[100:]))
		b[size-1] = 0 // accessible to the end
	}
	require.Nil(t, m.Grow(1<<20+1))
	require.Nil(t, m.Grow(math.MaxUint64))
	require.Len(t, m.Grow(5), 5)
	require.Equal(t, uint64(1<<20), m.Size(), "it never shrinks")
}

func TestFree(t *testing.T) {
	m := make1(t, 1<<20, 128<<10)
	b := m.Bytes()
	fill(b, 7)
	m.Free()
	require.True(t, zeros(b))
	fill(b, 8) // and writable
	m.Free()
	require.Equal(t, byte(8), b[0], "the second does nothing")
	require.Nil(t, m.Grow(0))
	require.Nil(t, m.Grow(256<<10))
	require.Zero(t, m.Committed())
	m.Reset()
	require.ErrorIs(t, m.ZeroPages(0, linmem.PageSize()), linmem.ErrFreed)
	require.ErrorIs(t, m.DropPages(0, linmem.PageSize()), linmem.ErrFreed)
	require.Nil(t, m.Grow(1))
}

func TestUnmapImpliesFree(t *testing.T) {
	m := make1(t, 1<<20, 128<<10)
	m.Unmap()
	require.Empty(t, m.Bytes())
	require.Nil(t, m.Grow(1))
	m.Free()
	m.Unmap()
}

func TestReset(t *testing.T) {
	for _, size := range []uint64{100, 128 << 10, 32 << 20} {
		m := make1(t, 64<<20, size)
		b := m.Bytes()
		fill(b, 7)
		m.Lend()
		m.Reset()
		require.Zero(t, m.Size())
		require.Empty(t, m.Bytes())
		require.True(t, zeros(b), "stale slices see it")
		again := m.Grow(size)
		require.Same(t, &b[0], &again[0])
		require.True(t, zeros(again))
	}
}

func TestStats(t *testing.T) {
	runtime.GC() // images and memories of other tests
	r0, c0, q0 := linmem.Stats()
	m := make1(t, 256<<10, 128<<10)
	r, c, q := linmem.Stats()
	require.Equal(t, []uint64{256 << 10, 128 << 10, 0}, []uint64{r - r0, c - c0, q - q0})
	m.Free()
	r, c, q = linmem.Stats()
	require.Equal(t, []uint64{256 << 10, 0, 0}, []uint64{r - r0, c - c0, q - q0})
	m.Unmap()
	r, c, q = linmem.Stats()
	require.Equal(t, []uint64{0, 0, 0}, []uint64{r - r0, c - c0, q - q0})
}

// TestConcurrentUse is for the race detector: whoever reads and lends does not
// mind those that free.
func TestConcurrentUse(t *testing.T) {
	m, err := linmem.New(1 << 20)
	require.NoError(t, err)
	m.Grow(64 << 10)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 1000 {
				m.Lend()
				if n := m.Size(); n > 0 {
					_ = m.Bytes()[:min(n, uint64(len(m.Bytes())))]
				}
				m.Committed()
				linmem.Stats()
			}
		})
	}
	for _, do := range []func(i int){
		func(i int) { m.Grow(uint64(i) << 10) },
		func(i int) { _ = m.ZeroPages(0, linmem.PageSize()) },
		func(i int) {
			if i == 500 {
				m.Free()
			}
		},
	} {
		wait.Go(func() {
			for i := range 1000 {
				do(i)
			}
		})
	}
	wait.Wait()
	m.Unmap()
}

// TestNoAllocations: what runs in every call.
func TestNoAllocations(t *testing.T) {
	m := make1(t, 1<<20, 64<<10)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m.Lend()
		m.Bytes()
		m.Grow(64 << 10)
		m.Reset()
	}))
}
