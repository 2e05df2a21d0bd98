package loader_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

// empty is the smallest module there is; padded makes a larger one, with the n bytes of a custom section's place.
const empty = "\x00asm\x01\x00\x00\x00"

func padded(n int) []byte { return append([]byte(empty), make([]byte, n)...) }

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// files is a file system of the named files, each the empty module.
func files(names ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for _, n := range names {
		m[n] = &fstest.MapFile{Data: []byte(empty)}
	}
	return m
}

func put(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(file, b, 0o666))
	return file
}

// requireError checks what holds of every error: type, one line, one prefix, class.
func requireError(t testing.TB, err error, kind error, message string) *loader.Error {
	t.Helper()
	require.Error(t, err)
	e, ok := err.(*loader.Error)
	require.True(t, ok, "%T", err)
	require.Equal(t, message, err.Error())
	classes := []error{loader.ErrFormat, loader.ErrRefused, fs.ErrNotExist}
	for _, c := range classes {
		if kind != nil || c != fs.ErrNotExist {
			require.Equal(t, c == kind, errors.Is(err, c), "errors.Is(%v, %v)", err, c)
		}
	}
	return e
}

// liar is a file system of one file, which is whatever its fields say. It has no Stat of its own.
type liar struct {
	name    string
	size    int64       // as Stat tells
	mode    fs.FileMode // as Stat tells
	r       io.Reader
	statErr error
	noInfo  bool // Stat answers nil, nil
	noFile  bool // Open answers nil, nil
	openErr error
	closed  int
}

func (l *liar) Open(name string) (fs.File, error) {
	switch {
	case name != l.name:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case l.openErr != nil:
		return nil, l.openErr
	case l.noFile:
		return nil, nil
	}
	return &lie{l}, nil
}

type lie struct{ *liar }

func (l *lie) Stat() (fs.FileInfo, error) {
	if l.statErr != nil || l.noInfo {
		return nil, l.statErr
	}
	return &lieInfo{l.liar}, nil
}
func (l *lie) Read(p []byte) (int, error) { return l.r.Read(p) }
func (l *lie) Close() error               { l.closed++; return errors.New("close fails too") }

type lieInfo struct{ *liar }

func (l *lieInfo) Name() string       { return l.name }
func (l *lieInfo) Size() int64        { return l.size }
func (l *lieInfo) Mode() fs.FileMode  { return l.mode }
func (l *lieInfo) ModTime() time.Time { return time.Time{} }
func (l *lieInfo) IsDir() bool        { return l.mode.IsDir() }
func (l *lieInfo) Sys() any           { return nil }

// readFunc is a reader made of a function.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
