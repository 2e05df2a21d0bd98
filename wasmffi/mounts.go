package wasmffi

import (
	"io"
	"io/fs"
	"syscall"
)

// chunk is how many bytes are read between two looks whether the guest is to be stopped.
const chunk = 64 << 10

// maxFiles is how many files an instance may have open at once: what they take belongs to the whole process.
const maxFiles = 256

// mounts are the file systems of one instance.
type mounts struct {
	open   int
	charge func(n int) // is told before so many bytes are read
}

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

// Read reads a part at a time, as what is read is charged.
func (m *mounted) Read(b []byte) (int, error) {
	return m.inParts(b, m.File.Read)
}

// inParts fills b, until the file has no more.
func (m *mounted) inParts(b []byte, read func([]byte) (int, error)) (n int, err error) {
	for n < len(b) && err == nil {
		part := b[n:min(n+chunk, len(b))]
		m.all.charge(len(part))
		var k int
		k, err = read(part)
		if n += max(0, min(k, len(part))); k < len(part) {
			break
		}
	}
	return n, err
}

// positioned is a file that can be read anywhere.
type positioned struct {
	io.Seeker
	m  *mounted
	at io.ReaderAt
}

// ReadAt reads a part at a time.
func (p *positioned) ReadAt(b []byte, from int64) (int, error) {
	return p.m.inParts(b, func(part []byte) (int, error) {
		k, err := p.at.ReadAt(part, from)
		from += int64(k)
		return k, err
	})
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
			*positioned
			directory
		}{m, &positioned{f, m, f}, f}
	case fs.ReadDirFile:
		return struct {
			*mounted
			entries
		}{m, f}
	case reader:
		return struct {
			*mounted
			*positioned
		}{m, &positioned{f, m, f}}
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
