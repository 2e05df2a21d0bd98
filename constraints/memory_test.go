package constraints_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// fakeMemory stands for a guest's linear memory.
type fakeMemory []byte

func (m fakeMemory) Size() uint64 { return uint64(len(m)) }

func (m fakeMemory) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if uint64(p)+uint64(n) > m.Size() {
		return nil, fmt.Errorf("%w: %d bytes at %#x", memview.ErrBounds, n, p)
	}
	return m[p : int(p)+int(n)], nil
}

// guestMemory is large enough for every array of the tests; they never read it. A
// pointer, so that two Memory values can be compared.
var guestMemory = func() *fakeMemory {
	m := make(fakeMemory, 1<<20)
	return &m
}()

func guestAt(t testing.TB, p memview.Ptr, d memview.DType, l memview.Layout) memview.Array {
	t.Helper()
	a, err := memview.NewArray(guestMemory, p, d, l)
	require.NoError(t, err)
	return a
}

// nextGuest is where the next array of a test goes: the first at 0x400, none over another.
var nextGuest = map[testing.TB]memview.Ptr{}

// guest is a dense array in guest memory.
func guest(t testing.TB, d memview.DType, shape ...int) memview.Array {
	t.Helper()
	p := max(nextGuest[t], 0x400)
	a := guestAt(t, p, d, memview.Layout{Shape: shape})
	if nextGuest[t] = p + memview.Ptr(a.NBytes()+63)&^63; uint64(nextGuest[t]) > guestMemory.Size()/2 {
		nextGuest[t] = 0x400
	}
	return a
}

// local is a dense array over Go memory.
func local[T any](t testing.TB, shape ...int) memview.Array {
	t.Helper()
	n := 1
	for _, d := range shape {
		n *= d
	}
	a, err := memview.FromSlice(make([]T, n), shape...)
	require.NoError(t, err)
	return a
}

func compile(t testing.TB, text string) *constraints.Checker {
	t.Helper()
	s, err := constraints.Parse(text)
	require.NoError(t, err)
	c, err := constraints.Compile(s)
	require.NoError(t, err)
	return c
}

// judge runs a call with one array for each array parameter, in order; the zero Array for
// an output that is left out.
func judge(t testing.TB, c *constraints.Checker, arrays ...memview.Array) (*constraints.Binding, *constraints.TypeError) {
	t.Helper()
	b := c.NewBinding()
	nargs, short := 0, false
	next := 0
	set := map[int]memview.Array{}
	for i := range c.Signature().Params {
		switch c.Role(i) {
		case constraints.Array:
			require.Less(t, next, len(arrays))
			set[i] = arrays[next]
			if arrays[next].IsZero() && c.Dir(i) == constraints.Out {
				short = true
			} else {
				nargs++
			}
			next++
		case constraints.Given, constraints.InOutScalar, constraints.Function:
			nargs++
		}
	}
	require.Equal(t, len(arrays), next)
	if e := c.Start(b, nargs); e != nil {
		return b, e
	}
	for i, a := range set {
		if short && c.Dir(i) == constraints.Out {
			require.True(t, a.IsZero(), "outputs are left out all or none")
		}
		b.Arrays[i] = a
	}
	return b, c.Check(b)
}
