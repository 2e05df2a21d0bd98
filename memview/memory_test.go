package memview_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// fakeMemory is a linear memory over Go bytes that can be closed and can lie.
type fakeMemory struct {
	buf    []byte
	closed bool
	lie    int // added to the length of what Bytes returns
}

// newMemory has at least a page, which makes Go align it.
func newMemory(n int) *fakeMemory { return &fakeMemory{buf: make([]byte, max(n, 1<<16))[:n]} }

func (m *fakeMemory) Size() uint64 { return uint64(len(m.buf)) }

func (m *fakeMemory) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if m.closed {
		return nil, memview.ErrClosed
	}
	if uint64(p)+uint64(n) > m.Size() {
		return nil, fmt.Errorf("%w: %d bytes at %#x", memview.ErrBounds, n, p)
	}
	return m.buf[p : int(p)+int(n)+m.lie], nil
}

// sizeMemory has a size and no bytes. It fails the test when asked for bytes
// outside, and lies when asked for some inside.
type sizeMemory struct {
	t    testing.TB
	size uint64
}

func (m sizeMemory) Size() uint64 { return m.size }

func (m sizeMemory) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if uint64(p)+uint64(n) > m.size {
		m.t.Errorf("asked for %d bytes at %#x of %#x", n, p, m.size)
	}
	return nil, nil
}

// dice makes the choices of a generator: from a seed in tests, from the bytes of the
// fuzzer in fuzz targets.
type dice struct {
	rand *rand.Rand
	data []byte
}

func seeded(seed int) *dice { return &dice{rand: rand.New(rand.NewPCG(uint64(seed), 1))} }

// roll is a number from 0 to n-1, and 0 when the fuzzer's bytes are used up.
func (d *dice) roll(n int) int {
	if d.rand != nil {
		return d.rand.IntN(n)
	}
	if len(d.data) == 0 {
		return 0
	}
	v := int(d.data[0])
	d.data = d.data[1:]
	return v % n
}

func pick[T any](d *dice, of ...T) T { return of[d.roll(len(of))] }

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}
