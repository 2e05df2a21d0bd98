package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/wasmffi"
)

// library is a module that was found and compiled.
type library struct {
	*loader.Binary
	module *wasmffi.Module
}

// openLibrary finds and compiles the module at path. The caller closes module.
func openLibrary(path string, o *wasmffi.Options) (*library, error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	bin, err := loader.FindPath(name, dir, &o.Find)
	if err != nil {
		return nil, err
	}
	m, err := wasmffi.Compile(context.Background(), bin.Bytes, o)
	if err != nil {
		return nil, &fileError{bin.Path, err}
	}
	return &library{bin, m}, nil
}

// fileError says which module an error of the library is about.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + unprefixed(e.err.Error()) }

func (e *fileError) Unwrap() error { return e.err }

// errNoSidecar says that a module has no file of signatures.
var errNoSidecar = errors.New("no signature file")

// signatures reads the file of signatures beside the module.
func (l *library) signatures() (*constraints.File, error) {
	if l.Sidecar == nil {
		return nil, fmt.Errorf("%s: %w beside it", l.Path, errNoSidecar)
	}
	f, err := constraints.ParseFile(string(l.Sidecar))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.SidecarPath, err)
	}
	return f, nil
}

// exports reports whether the module has a function of that name.
func (l *library) exports(name string) bool {
	for _, e := range l.module.Exports() {
		if e.Name == name {
			return true
		}
	}
	return false
}
