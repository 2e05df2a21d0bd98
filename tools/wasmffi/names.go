package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/wasmffi/go/loader"
)

const namesUsage = `usage: wasmffi names FILE
`

const namesHelp = `
Prints the C names of a library whose names emscripten has minified, one a line:

  malloc = s                     the export s is malloc
  a.e -> emscripten_resize_heap  the import a.e means that

FILE is the JavaScript that belongs to the module; what can be recognised is printed, which
after another minifier may be less. The output can be kept in a file, which
inspect -names and survey read as well, and this command, too.
`

func names(args []string, stdout, _ io.Writer) error {
	words, err := parseFlags(args, nil, nil)
	if err == errHelp {
		_, err = io.WriteString(stdout, namesUsage+namesHelp)
		return err
	}
	if err == nil && len(words) != 1 {
		err = fmt.Errorf("names: got %d words, want one file", len(words))
	}
	if err != nil {
		return &usageError{err.Error(), namesUsage}
	}
	n, err := readNames(words[0])
	if err != nil {
		return err
	}
	text := n.String()
	if text == "" {
		text = "# no name was minified\n"
	}
	_, err = io.WriteString(stdout, plain(text))
	return err
}

// readNames reads a name map from a file.
func readNames(path string) (*loader.Names, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, loader.MaxNamesSize+1))
	if err != nil {
		return nil, err
	}
	n, err := loader.ParseNames(text)
	if e := (*loader.Error)(nil); errors.As(err, &e) {
		e.Name = path
	}
	return n, err
}

// namesBeside is the name map of a module that lies beside it as base.names, or as the
// JavaScript base.js, base.mjs or base.cjs; nil: there is none.
func namesBeside(base string) (*loader.Names, error) {
	for _, ext := range []string{".names", ".js", ".mjs", ".cjs"} {
		n, err := readNames(base + ext)
		switch {
		case errors.Is(err, fs.ErrNotExist), ext != ".names" && errors.Is(err, loader.ErrFormat): // other JavaScript
			continue
		case err != nil:
			return nil, err
		}
		return n, nil
	}
	return nil, nil
}
