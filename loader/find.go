package loader

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Find looks for a library in fsys, which must not be nil, and reads and checks it. A nil o means the defaults. The names
// tried and the refusals are in the package documentation; every error is an [*Error]. Symbolic links are the affair of
// fsys.
func Find(fsys fs.FS, name string, o *Options) (*Binary, error) {
	if fsys == nil {
		panic("loader: Find: nil fs.FS")
	}
	s := search{fsys: fsys}
	bin, e := s.find(name, o)
	if e != nil {
		e.Op, e.Name, e.Tried = "find", name, s.tried
		return nil, e
	}
	bin.Name = name
	return bin, nil
}

// FindPath looks for a library in a directory of the operating system. The path is that directory, or any existing file
// in it, such as the program that the library belongs to (numpy row 3); one that does not exist is refused. No symbolic
// link leads out of the directory. In all else it is [Find].
func FindPath(name, path string, o *Options) (*Binary, error) {
	var s search
	bin, e := s.findPath(name, path, o)
	if e != nil {
		e.Op, e.Name, e.Dir, e.Tried = "find", name, path, s.tried
		return nil, e
	}
	bin.Name = name
	return bin, nil
}

// search is one search in progress.
type search struct {
	fsys    fs.FS
	escapes error // what fsys answers for links that lead out of it; nil: it has no such answer
	tried   []Attempt
}

func (s *search) findPath(name, path string, o *Options) (*Binary, *Error) {
	if path == "" {
		return nil, refused(`empty path, want a directory or a file in it ("." is the working directory)`)
	}
	if strings.ContainsRune(path, 0) {
		return nil, refused("NUL in the path")
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, badPath(err)
	}
	dir := path
	if !info.IsDir() {
		dir, _ = filepath.Split(path) // filepath.Dir would clean link/.. away, which is another directory
	}
	if dir == "" {
		dir = "."
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, badPath(err)
	}
	defer root.Close()
	s.fsys = root.FS()
	// os has no name for this error, but every path out of a root shows it.
	if _, err := root.Lstat("../x"); err != nil {
		s.escapes = innermost(err)
	}
	bin, e := s.find(name, o)
	if e != nil {
		return nil, e
	}
	bin.Path = join(dir, bin.Path)
	if bin.SidecarPath != "" {
		bin.SidecarPath = join(dir, bin.SidecarPath)
	}
	return bin, nil
}

// badPath is the refusal of a path given to FindPath.
func badPath(err error) *Error {
	if missing(err) {
		return &Error{Kind: fs.ErrNotExist, Err: err, Reason: "no such directory or file"}
	}
	return failed(err, "open")
}

// join is filepath.Join without the cleaning, which is wrong for link/..
func join(dir, slashed string) string {
	file := filepath.FromSlash(slashed)
	switch last := dir[len(dir)-1]; {
	case dir == ".":
		return file
	case os.IsPathSeparator(last), len(dir) == 2 && filepath.VolumeName(dir) == dir: // "C:" is not "C:\"
		return dir + file
	}
	return dir + string(filepath.Separator) + file
}

func (s *search) find(name string, o *Options) (*Binary, *Error) {
	if e := checkName(name); e != nil {
		return nil, e
	}
	lim, e := o.limits()
	if e != nil {
		return nil, e
	}
	files := candidates(name)
	for i, file := range files {
		bin, e := s.module(file, lim)
		if e == nil {
			return bin, nil
		}
		attempt := Attempt{file, e.Reason}
		switch {
		case e.Kind == fs.ErrNotExist:
			s.tried = append(s.tried, attempt)
		case e.Err == errDirectory && e.Path == file && i == 0 && len(files) > 1: // not its sidecar
			attempt.Reason = reasonDirectory
			s.tried = append(s.tried, attempt)
		default:
			s.tried = append(s.tried, attempt)
			return nil, e
		}
	}
	return nil, &Error{Kind: fs.ErrNotExist, Reason: "no such library"}
}

// module reads and checks one candidate and what lies beside it.
func (s *search) module(file string, lim limits) (*Binary, *Error) {
	f, size, e := s.open(file)
	if e != nil {
		e.Path = file
		return nil, e
	}
	defer f.Close()
	bin, e := readModule(f, size, lim)
	if e != nil {
		e.Path = file
		return nil, e
	}
	bin.Path = file
	sidecar := sidecarOf(file)
	bin.Sidecar, e = s.sidecar(sidecar)
	if e != nil {
		// Kind is never fs.ErrNotExist here: the search would go on.
		e.Path, e.Reason = sidecar, "sidecar: "+e.Reason
		return nil, e
	}
	if bin.Sidecar != nil {
		bin.SidecarPath = sidecar
	}
	return bin, nil
}

// sidecar is the content of the named file, nil when there is none.
func (s *search) sidecar(file string) ([]byte, *Error) {
	f, size, e := s.open(file)
	if e != nil {
		if e.Kind == fs.ErrNotExist {
			return nil, nil
		}
		return nil, e
	}
	defer f.Close()
	if size > MaxSidecarSize {
		return nil, refused("got %d bytes, want at most %d", size, MaxSidecarSize)
	}
	b, err := readAll(&source{r: f, left: MaxSidecarSize}, size)
	switch {
	case err == errTooLarge:
		return nil, refused("got more than %d bytes, want at most that", MaxSidecarSize)
	case err != nil:
		return nil, failed(err, "read")
	}
	return b, nil
}
