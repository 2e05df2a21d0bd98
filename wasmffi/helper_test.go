package wasmffi_test

import (
	"context"
	"crypto/sha256"
	varint "encoding/binary"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

var bg = context.Background()

// compiled keeps the fixtures compiled for the whole run: an instance costs
// microseconds, a compilation milliseconds. They are told apart by their first byte's place.
var compiled sync.Map

// bare is a module without the signatures that it carries, so that a test may bind its
// functions in other ways.
func bare(code []byte) []byte {
	out := append([]byte{}, code[:8]...)
	for rest := code[8:]; len(rest) > 0; {
		size, n := varint.Uvarint(rest[1:])
		end := 1 + n + int(size)
		name, m := varint.Uvarint(rest[1+n:])
		if rest[0] != 0 || string(rest[1+n+m:][:name]) != "wasmffi" {
			out = append(out, rest[:end]...)
		}
		rest = rest[end:]
	}
	return out
}

// module compiles a fixture without its signatures and with default options, once. It
// stays open.
func module(t testing.TB, code []byte) *wasmffi.Module {
	t.Helper()
	if m, ok := compiled.Load(&code[0]); ok {
		return m.(*wasmffi.Module)
	}
	m, err := wasmffi.Compile(bg, bare(code), nil)
	require.NoError(t, err)
	if kept, loaded := compiled.LoadOrStore(&code[0], m); loaded {
		require.NoError(t, m.Close())
		return kept.(*wasmffi.Module)
	}
	return m
}

// open instantiates a module for one test.
func open(t testing.TB, code []byte) *wasmffi.Library {
	t.Helper()
	lib, err := module(t, code).Instantiate(bg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lib.Close()) })
	return lib
}

// openWith is open with options, and so with a compilation of its own.
func openWith(t testing.TB, code []byte, o wasmffi.Options) *wasmffi.Library {
	t.Helper()
	m, err := wasmffi.Compile(bg, bare(code), &o)
	require.NoError(t, err)
	lib, err := m.Instantiate(bg)
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

// call is a call that must succeed.
func call(t testing.TB, f *wasmffi.Func, args ...any) wasmffi.Result {
	t.Helper()
	r, err := f.Call(bg, args...)
	require.NoError(t, err)
	return r
}

// array copies x into guest memory for one test.
func array(t testing.TB, lib *wasmffi.Library, x any, shape ...int) wasmffi.Array {
	t.Helper()
	a, err := lib.Array(x, shape...)
	require.NoError(t, err)
	return a
}

// goArray is an Array over a Go slice.
func goArray[T any](t testing.TB, s []T, shape ...int) wasmffi.Array {
	t.Helper()
	a, err := memview.FromSlice(s, shape...)
	require.NoError(t, err)
	return a
}

// must unwraps the views of memview, which fail only where a test is wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// values copies the elements of an array out.
func values[T any](t testing.TB, a wasmffi.Array) []T {
	t.Helper()
	v, err := memview.Values[T](a)
	require.NoError(t, err)
	return v
}

// digest is a hash of the whole linear memory, to show that nothing was written.
func digest(t testing.TB, lib *wasmffi.Library) [32]byte {
	t.Helper()
	b, err := lib.Memory().Bytes(0, uint32(lib.Memory().Size()))
	require.NoError(t, err)
	return sha256.Sum256(b)
}

// poisoned asserts that nobody may enter the library any more, and that all
// who try learn it in the same way.
func poisoned(t testing.TB, lib *wasmffi.Library, f *wasmffi.Func, args ...any) {
	t.Helper()
	before := digest(t, lib)
	_, err := f.Call(bg, args...)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = lib.Empty(memview.U8, 1)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = lib.Array([]uint8{1})
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.Equal(t, before, digest(t, lib))
}

// typeError is the *TypeError in an error, which must be of a call that was not run.
func typeError(t testing.TB, err error) *wasmffi.TypeError {
	t.Helper()
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	var e *wasmffi.TypeError
	require.True(t, errors.As(err, &e), "%v", err)
	return e
}
