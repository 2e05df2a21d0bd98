package loader

import (
	"errors"
	"io/fs"
	"syscall"
)

var (
	errDirectory = errors.New("is a directory")
	errNoFile    = errors.New("neither a file nor an error")
)

// open opens a regular file and says how large it claims to be. It looks before it opens where fsys can: to open a named
// pipe blocks, and to open a device may do things.
func (s *search) open(file string) (fs.File, int64, *Error) {
	if fsys, ok := s.fsys.(fs.StatFS); ok {
		info, err := fsys.Stat(file)
		if e := s.checkInfo(info, err); e != nil {
			return nil, 0, e
		}
	}
	f, err := s.fsys.Open(file)
	if err == nil && f == nil {
		err = errNoFile
	}
	if err != nil {
		return nil, 0, s.openError(err)
	}
	// Again, now of the file that is open and cannot be swapped.
	info, err := f.Stat()
	if e := s.checkInfo(info, err); e != nil {
		f.Close()
		return nil, 0, e
	}
	return f, info.Size(), nil
}

// checkInfo refuses what is not a regular file.
func (s *search) checkInfo(info fs.FileInfo, err error) *Error {
	switch {
	case err != nil:
		return s.openError(err)
	case info == nil:
		return failed(errNoFile, "stat")
	case info.IsDir():
		e := refused(reasonDirectory + ", want a regular file")
		e.Err = errDirectory
		return e
	case !info.Mode().IsRegular():
		return refused("%s, want a regular file", kindOf(info.Mode()))
	}
	return nil
}

func (s *search) openError(err error) *Error {
	switch {
	case missing(err):
		return &Error{Kind: fs.ErrNotExist, Err: err, Reason: reasonMissing}
	case s.escapes != nil && errors.Is(err, s.escapes):
		e := refused("a symbolic link that leaves the directory")
		e.Err = err
		return e
	}
	return failed(err, "open")
}

// missing reports whether err says that there is no such file. A file where a directory is needed says that too, as it
// does in an fs.FS that is no real file system.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}
