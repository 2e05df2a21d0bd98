package linmem

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// These tests are inside because nobody outside may change the bounds.

// bounded gives the process a quarantine of its own for a test.
func bounded(t *testing.T, bytes uint64, ranges int) {
	if !mapping {
		t.Skip("memories are on the Go heap")
	}
	quarantine.mu.Lock()
	defer quarantine.mu.Unlock()
	bytes0, ranges0, in, queue := quarantine.bytes, quarantine.ranges, quarantine.in, quarantine.queue
	quarantine.bytes, quarantine.ranges, quarantine.in, quarantine.queue = bytes, ranges, fill{}, nil
	t.Cleanup(func() {
		quarantine.mu.Lock()
		defer quarantine.mu.Unlock()
		quarantine.bytes, quarantine.ranges, quarantine.in, quarantine.queue = bytes0, ranges0, in, queue
	})
}

// lend makes a memory and returns a slice of it that is stale at once.
func lend(t *testing.T, most uint64) []byte {
	m, err := New(most)
	require.NoError(t, err)
	b := m.Grow(most)
	m.Lend()
	m.Unmap()
	return b
}

func TestQuarantineReusesTheOldest(t *testing.T) {
	const n = 1 << 20
	bounded(t, 3*n, 100)
	var stale [][]byte
	for range 4 { // the fourth makes it more than the bound
		stale = append(stale, lend(t, n))
	}
	for i := range stale {
		for j := range i {
			require.NotSame(t, &stale[j][0], &stale[i][0])
		}
	}
	_, _, quarantined := Stats()
	stale[0][7] = 7
	m, err := New(n)
	require.NoError(t, err)
	_, _, now := Stats()
	require.Equal(t, quarantined-n, now)
	require.Zero(t, m.Size())
	require.Equal(t, uint64(n), m.Committed())
	b := m.Grow(n)
	require.Same(t, &stale[0][0], &b[0], "the oldest")
	require.Empty(t, bytes.Trim(b, "\x00"), "zero again")

	other, err := New(n)
	require.NoError(t, err)
	require.Zero(t, other.Committed(), "a new one: no more than the bound is left")
	other.Unmap()
	m.Unmap() // never lent by itself
	again := lend(t, n)
	require.Same(t, &stale[1][0], &again[0], "a range that was lent once goes back")
}

func TestQuarantineCountsRanges(t *testing.T) {
	bounded(t, Quarantine, 2)
	first := lend(t, minArea)
	lend(t, minArea)
	lend(t, 4*minArea)
	next := lend(t, minArea)
	require.Same(t, &first[0], &next[0])
}

func TestQuarantineServesLengthsBetweenPowers(t *testing.T) {
	bounded(t, 0, 0)
	first := lend(t, 5<<20)
	for _, most := range []uint64{4<<20 + 1, 6 << 20, 8 << 20} {
		m, err := New(most)
		require.NoError(t, err)
		b := m.Grow(most)
		require.Same(t, &first[0], &b[0])
		require.Equal(t, most, m.Reserved())
		require.Nil(t, m.Grow(most+1))
		m.Unmap()
	}
	for _, most := range []uint64{4 << 20, 8<<20 + 1} {
		b := lend(t, most)
		require.NotSame(t, &first[0], &b[0])
	}
}

// TestQuarantineIsBounded: however the lengths change, what waits is reused.
func TestQuarantineIsBounded(t *testing.T) {
	bounded(t, 1<<20, 1000)
	_, _, before := Stats()
	for n := uint64(1); n <= 16<<20; n += 100_000 {
		for range 3 {
			lend(t, n)
		}
	}
	_, _, after := Stats()
	require.LessOrEqual(t, after-before, uint64(1<<20+2*(32<<20)))
}

func TestNothingTouchedIsNotQuarantined(t *testing.T) {
	bounded(t, Quarantine, 1000)
	m, err := New(minArea)
	require.NoError(t, err)
	m.Lend()
	m.Unmap()
	require.Zero(t, quarantine.in)
}
