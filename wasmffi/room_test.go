package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// fixedMemory is a module that may have one page, says its memory section, and exports nothing but the memory.
var fixedMemory = binary(
	section(secMemory, cat(1, 1, 1)),
	section(secExport, cat("memory", kindMemory, 0)))

// A memory that is full from the start has room for arrays nevertheless, up to the library's own limit.
func TestRoomAboveFixedMemory(t *testing.T) {
	const limit = 8 << 20
	lib := openWith(t, fixedMemory, wasmffi.Options{Limits: wasmffi.Limits{Memory: limit}})
	m, ok := lib.Module().Memory()
	require.True(t, ok)
	require.EqualValues(t, 65536, m.Min)
	require.EqualValues(t, limit, m.Max)

	a := array(t, lib, []float64{1, 2, 3})
	require.GreaterOrEqual(t, uint64(a.Ptr()), m.Min, "below it all is the guest's")
	require.Equal(t, []float64{1, 2, 3}, values[float64](t, a))
	_, err := lib.Empty(memview.U8, limit)
	require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
	require.NoError(t, lib.Free(a))
}
