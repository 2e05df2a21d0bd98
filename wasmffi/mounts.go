package wasmffi

import (
	"io"
	"io/fs"
	"syscall"
)

// maxFiles is how many files an instance may have open at once: what they take belongs to the whole process.
const maxFiles = 256

// mounts are the file systems of one instance.
type mounts struct{ open int }

// mount is one of them. An instance opens and closes files from one goroutine at a time.
type mount struct {
	all *mounts
	fs  fs.FS
}

// Open opens a file, if the guest may have one more.
func (m *mount) Open(name string) (fs.File, error) {
	if m.all.open >= maxFiles {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EMFILE}
	}
	f, err := m.fs.Open(name)
	if err != nil {
		return nil, err
	}
	m.all.open++
	return (&mounted{File: f, all: m.all}).as(), nil
}

// mounted is an open file, which is counted until it is closed.
type mounted struct {
	fs.File
	all    *mounts
	closed bool
}

// Close closes it.
func (m *mounted) Close() error {
	if !m.closed {
		m.closed = true
		m.all.open--
	}
	return m.File.Close()
}

// as is the file with what its like can do beside: the engine asks for no more than these.
func (m *mounted) as() fs.File {
	type reader interface {
		io.Seeker
		io.ReaderAt
	}
	switch f := m.File.(type) {
	case interface {
		reader
		Readdir(int) ([]fs.FileInfo, error)
	}: // *os.File, which may be a directory
		return struct {
			*mounted
			reader
			directory
		}{m, f, f}
	case fs.ReadDirFile:
		return struct {
			*mounted
			entries
		}{m, f}
	case reader:
		return struct {
			*mounted
			reader
		}{m, f}
	case io.Seeker:
		return struct {
			*mounted
			io.Seeker
		}{m, f}
	}
	return m
}

// directory and entries are the two ways of reading a directory.
type (
	directory interface {
		Readdir(int) ([]fs.FileInfo, error)
	}
	entries interface {
		ReadDir(int) ([]fs.DirEntry, error)
	}
)
