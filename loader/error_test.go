package loader_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

func TestErrorMessage(t *testing.T) {
	for want, e := range map[string]loader.Error{
		`loader: find "a\nb" in "c d": "e\tf": why; tried "g,h", "", i (a directory)`: {
			Op: "find", Name: "a\nb", Dir: "c d", Path: "e\tf", Reason: "why",
			Tried: []loader.Attempt{{Path: "g,h"}, {}, {Path: "i", Reason: "a directory"}}},
		`loader: load "vec": two lines`: {Op: "load", Name: "vec", Reason: "two\nlines"},
		`loader:  "": `:                 {},
	} {
		require.EqualError(t, &e, want)
	}
}

func TestErrorUnwrap(t *testing.T) {
	require.Empty(t, new(loader.Error).Unwrap())
	cause := errors.New("cause")
	require.Equal(t, []error{fs.ErrNotExist, cause}, (&loader.Error{Kind: fs.ErrNotExist, Err: cause}).Unwrap())
	require.Equal(t, []error{cause}, (&loader.Error{Err: cause}).Unwrap())

	var e *loader.Error
	_, err := loader.FromBytes("vec", nil, nil)
	require.ErrorAs(t, err, &e)
	require.Equal(t, "load", e.Op)
	require.Equal(t, "vec", e.Name)
	require.Equal(t, loader.ErrFormat, e.Kind)
	require.Equal(t, "empty file, want a wasm module", e.Reason)
}

// The path of an fs.PathError stands in front already, however often it was wrapped.
func TestErrorPeelsPathErrors(t *testing.T) {
	inner := &fs.PathError{Op: "read", Path: "b", Err: errors.New("gone")}
	_, err := loader.Find(&liar{name: "a.wasm", openErr: &fs.PathError{Op: "open", Path: "a", Err: inner}}, "a.wasm", nil)
	requireError(t, err, nil, `loader: find "a.wasm": a.wasm: open: gone`)
	require.ErrorIs(t, err, inner)
}
