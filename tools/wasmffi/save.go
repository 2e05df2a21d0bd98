package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

// save is one flag -o.
type save struct {
	name string // of the output; empty: the only one
	file string
}

// addSave reads FILE or NAME=FILE. What stands before the = must look like a name,
// so that ./a=b is a file.
func (line *callLine) addSave(text string) error {
	s := save{file: text}
	if name, file, ok := strings.Cut(text, "="); ok && isName(name) {
		s = save{name, file}
	}
	switch s.file {
	case "":
		return errors.New("no file name")
	case "-":
		return errors.New("got -, want the name of a file")
	}
	for _, other := range line.saves {
		if filepath.Clean(other.file) == filepath.Clean(s.file) {
			return fmt.Errorf("%s is given twice", quoted(s.file))
		}
	}
	line.saves = append(line.saves, s)
	return nil
}

// isName reports whether text is a parameter name of the signature language.
func isName(text string) bool {
	for i, r := range text {
		letter := r == '_' || 'a' <= r|0x20 && r|0x20 <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != ""
}

// checkTarget finds out beforehand whether a result has a place to go to. The label
// is that of the argument with the name of the file.
func checkTarget(label, file string) error {
	info, err := os.Stat(file)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s: %s is there and no regular file", label, file)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", label, err)
	}
	if dir, err := os.Stat(filepath.Dir(file)); err != nil || !dir.IsDir() {
		return fmt.Errorf("%s: no directory %s", label, filepath.Dir(file))
	}
	return nil
}

// saveFile writes an array to a file, as replaceFile does.
func saveFile(file string, a memview.Array) (size int64, err error) {
	return replaceFile(file, func(w io.Writer) error { return npy.Write(w, a) })
}

// replaceFile lets a file be written under another name in the same directory and
// then renames it, so that a file is never half written; an interrupt meanwhile
// leaves nothing behind. It returns the size of the file.
func replaceFile(file string, write func(io.Writer) error) (size int64, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	f, err := createBeside(file)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := &stoppable{ctx: ctx, w: f}
	if err := write(w); err != nil {
		return 0, err
	}
	if err := f.Close(); err != nil {
		return 0, err
	}
	return w.n, os.Rename(f.Name(), file)
}

// createBeside makes a new file in the directory of another. It is not
// os.CreateTemp because that one's files are private to the user, which the final
// file need not be.
func createBeside(file string) (*os.File, error) {
	dir, base := filepath.Split(file)
	for i := 0; ; i++ {
		name := filepath.Join(dir, "."+base+"."+strconv.Itoa(os.Getpid())+"."+strconv.Itoa(i)+".tmp")
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) || i == 100 {
			return f, err
		}
	}
}

// stoppable counts what is written and ends when its context does.
type stoppable struct {
	ctx context.Context
	w   io.Writer
	n   int64
}

func (s *stoppable) Write(b []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.w.Write(b)
	s.n += int64(n)
	return n, err
}
