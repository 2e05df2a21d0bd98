package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// outcome is what became of a row of the manifest.
type outcome struct {
	recipe
	cached bool  // it was there
	err    error // nil: it is there
}

// fetch sees to it that the files are in dir, package by package, and says what became of each, in their order. When
// packages cannot be had at all, it does not try for the others.
func fetch(ctx context.Context, recipes []recipe, dir string, pack packer) []outcome {
	outcomes := make([]outcome, len(recipes))
	var specs []string
	missing := map[string][]*outcome{} // by spec
	for i, r := range recipes {
		o := &outcomes[i]
		o.recipe = r
		if o.cached = isThere(dir, r); o.cached {
			continue
		}
		if missing[r.spec()] == nil {
			specs = append(specs, r.spec())
		}
		missing[r.spec()] = append(missing[r.spec()], o)
	}
	var unavailable error
	for _, spec := range specs {
		rows := missing[spec]
		err := unavailable
		if err == nil {
			err = fetchPackage(ctx, spec, rows, dir, pack)
		}
		if errors.Is(err, errUnavailable) || ctx.Err() != nil {
			unavailable = err
		}
		if err != nil {
			for _, o := range rows {
				o.err = err
			}
		}
	}
	return outcomes
}

// fetchPackage fetches one package for the rows that want a file of it. An error concerns them all; what concerns one is
// noted there.
func fetchPackage(ctx context.Context, spec string, rows []*outcome, dir string, pack packer) (err error) {
	work, err := os.MkdirTemp("", "recipes-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	archive, err := pack(ctx, spec, work)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, o := range rows {
		wanted[o.Path] = true
	}
	files, err := unpack(archive, wanted)
	if err != nil {
		return fmt.Errorf("%s: %w", spec, err)
	}
	for _, o := range rows {
		held, ok := files[o.Path]
		if !ok {
			o.err = fmt.Errorf("%s has no %s", spec, o.Path)
			continue
		}
		var b []byte
		if b, o.err = extract(o.recipe, held); o.err == nil {
			o.err = write(dir, o.File, b)
		}
	}
	return nil
}

// isThere reports whether dir has the file of r with the right digest.
func isThere(dir string, r recipe) bool {
	f, err := os.Open(filepath.Join(dir, r.File))
	if err != nil {
		return false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() != r.Size {
		return false
	}
	b, err := io.ReadAll(io.LimitReader(f, r.Size+1))
	return err == nil && r.is(b)
}

// write makes dir/name hold b, all of it or nothing: others see the file that was there, or the new one.
func write(dir, name string, b []byte) (err error) {
	f, err := os.CreateTemp(dir, "."+name+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}
