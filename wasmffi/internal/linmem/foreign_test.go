package linmem_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

func TestForeign(t *testing.T) {
	now := make([]byte, 65536)
	m := linmem.Foreign(1<<20, func() []byte { return now })
	require.EqualValues(t, 65536, m.Size())
	require.EqualValues(t, 1<<20, m.Reserved())
	m.Bytes()[7] = 1
	require.Equal(t, byte(1), now[7])
	now = append(now, make([]byte, 65536)...)
	require.Len(t, m.Bytes(), 2*65536)
	require.Nil(t, m.Grow(4*65536))
	m.Reset()
	m.Free()
	m.Unmap()
	require.Equal(t, byte(1), m.Bytes()[7])
	require.ErrorIs(t, m.ZeroPages(0, linmem.PageSize()), errors.ErrUnsupported)
	require.ErrorIs(t, m.DropPages(0, linmem.PageSize()), errors.ErrUnsupported)
}
