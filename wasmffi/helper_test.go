package wasmffi_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// open instantiates a module for one test.
func open(t testing.TB, code []byte) *wasmffi.Library {
	t.Helper()
	m, err := wasmffi.Compile(t.Context(), code, nil)
	require.NoError(t, err)
	lib, err := m.Instantiate(t.Context())
	require.NoError(t, err)
	require.NoError(t, m.Close()) // the library keeps it open
	t.Cleanup(func() { require.NoError(t, lib.Close()) })
	return lib
}

// bind binds a signature for one test.
func bind(t testing.TB, lib *wasmffi.Library, sig string) *wasmffi.Func {
	t.Helper()
	f, err := lib.Func(sig)
	require.NoError(t, err)
	return f
}

// array copies x into guest memory for one test.
func array(t testing.TB, lib *wasmffi.Library, x any, shape ...int) wasmffi.Array {
	t.Helper()
	a, err := lib.Array(x, shape...)
	require.NoError(t, err)
	return a
}

var bg = context.Background()
