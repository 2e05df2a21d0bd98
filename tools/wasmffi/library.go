package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/wasmffi"
)

// library is a module that was found and compiled.
type library struct {
	*loader.Binary
	module *wasmffi.Module
}

// findLibrary finds the module at path. It is named after its file, which errors then give: what
// was typed may lack folder and extension.
func findLibrary(path string, o *loader.Options) (*loader.Binary, error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	bin, err := loader.FindPath(name, dir, o)
	if err != nil {
		return nil, err
	}
	named := *bin
	named.Name = bin.Path
	return &named, nil
}

// openLibrary finds and compiles the module at path. The caller closes module.
func openLibrary(path string, o *wasmffi.Options) (*library, error) {
	bin, err := findLibrary(path, &o.Find)
	if err != nil {
		return nil, err
	}
	m, err := wasmffi.CompileBinary(context.Background(), bin, o)
	if err != nil {
		return nil, err
	}
	return &library{bin, m}, nil
}

// signatures are what the module carries, and the place: the section in the module,
// or the file beside it. The file is nil and the place is empty where there are none.
// An error names the place by itself.
func (l *library) signatures() (f *constraints.File, place string, err error) {
	if f, err = l.module.Signatures(); err != nil || f == nil {
		return nil, "", err
	}
	_, place, err = l.Signatures()
	return f, place, err
}

// placeText is the place of signatures for people: a section needs the file that it is in.
func (l *library) placeText(place string) string {
	if place == l.SidecarPath {
		return place
	}
	return fmt.Sprintf("%s of %s", place, l.Path)
}

// exports reports whether the module has a function of that name.
func (l *library) exports(name string) bool {
	return slices.ContainsFunc(l.module.Exports(), func(e wasmffi.Export) bool { return e.Name == name })
}
