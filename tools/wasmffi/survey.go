package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

const surveyUsage = `usage: wasmffi survey DIR [-json] [-threads] [-exceptions] [-timeout D]
`

const surveyHelp = `
Loads every module (.wasm or .wasm.gz) below a folder, one after the other, and prints how far
each gets, and then how many get to each level:

  found         it is there and a WebAssembly module by its header
  decoded       its sections are well formed, and use nothing that cannot be had
  admitted      nothing speaks against compiling it; inspect says what
  compiled      by the engine, with its imports
  instantiated  its memory is there
  constructed   its constructor was run, if it has one
  arrays        an array was copied into its memory and back

A module loads when it gets to arrays, or to instantiated without a memory. The constructor
of a minified module may call imports whose meaning nobody knows: it is then left out, and
the line says so. C names are taken from X.names, X.js, X.mjs or X.cjs beside X.wasm.

-threads     admit shared memories and atomic instructions
-exceptions  admit exceptions
-timeout D   how long a constructor may run, such as 10s (default 60s); compilation is not
             bounded
-json        the same as JSON

The exit code is 0 when all load, else 1.
`

// surveyLine is the command line of a survey.
type surveyLine struct {
	dir                         string
	asJSON, threads, exceptions bool
	timeout                     time.Duration
}

func parseSurvey(args []string) (*surveyLine, error) {
	line := &surveyLine{timeout: time.Minute}
	var timeout string
	words, err := parseFlags(args, map[string]func(string) error{"timeout": once(&timeout)},
		map[string]*bool{"json": &line.asJSON, "threads": &line.threads, "exceptions": &line.exceptions})
	if err == nil && timeout != "" {
		line.timeout, err = parseTimeout(timeout)
	}
	if err == nil && len(words) != 1 {
		err = fmt.Errorf("survey: got %d words, want one folder", len(words))
	}
	if err != nil {
		return nil, err
	}
	line.dir = words[0]
	return line, nil
}

func survey(args []string, stdout, _ io.Writer) error {
	line, err := parseSurvey(args)
	if err == errHelp {
		_, err = io.WriteString(stdout, surveyUsage+surveyHelp)
		return err
	}
	if err != nil {
		return &usageError{err.Error(), surveyUsage}
	}
	files, err := modulesBelow(line.dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("survey: no .wasm and no .wasm.gz below %s", line.dir)
	}
	s := &surveyed{Modules: make([]surveyedModule, 0, len(files))}
	width := 0
	for _, f := range files {
		width = max(width, min(len([]rune(fileText(f))), 60))
	}
	for _, f := range files {
		m := line.load(f)
		s.Modules = append(s.Modules, m)
		if line.asJSON {
			continue
		}
		if _, err := fmt.Fprintf(stdout, "%-*s  %s\n", width, fileText(f), plain(m.text())); err != nil {
			return err
		}
		if w, ok := stdout.(interface{ Flush() error }); ok { // the next may take minutes
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	s.count()
	if line.asJSON {
		err = writeJSON(stdout, s)
	} else {
		_, err = io.WriteString(stdout, s.table())
	}
	if err == nil && s.Failed > 0 {
		err = fmt.Errorf("survey: %d of %s below %s did not load", s.Failed, count(len(files), "module"), line.dir)
	}
	return err
}

// fileText is a path as it is, in quotes where it could steer a terminal.
func fileText(path string) string {
	if plain(path) != path {
		return strconv.Quote(path)
	}
	return path
}

// modulesBelow are the modules in a folder and below, sorted, by their paths in it with slashes.
func modulesBelow(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if !strings.HasSuffix(path, ".wasm") && !strings.HasSuffix(path, ".wasm.gz") {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	slices.Sort(files)
	return files, err
}

// options are those of each module.
func (line *surveyLine) options(n *loader.Names) *wasmffi.Options {
	return &wasmffi.Options{Names: n, Threads: line.threads, Exceptions: line.exceptions}
}

// load takes one module as far as it goes.
func (line *surveyLine) load(file string) surveyedModule {
	m := surveyedModule{File: file, Allocator: loader.AllocNone}
	start := time.Now()
	err := line.climb(&m)
	m.Milliseconds = time.Since(start).Milliseconds()
	m.OK = err == nil
	if err != nil {
		m.Reason = reason(err, file)
	}
	return m
}

// reason is the text of an error without what stands in the line, or above it, already.
func reason(err error, file string) string {
	if e := (*loader.Error)(nil); errors.As(err, &e) {
		return e.Reason
	}
	text := unprefixed(strings.Join(strings.Fields(err.Error()), " "))
	for _, doing := range []string{"compile ", "instantiate "} {
		text = strings.TrimPrefix(text, doing+file+": ")
	}
	return text
}

func (line *surveyLine) climb(m *surveyedModule) (err error) {
	bin, err := loader.FindPath(m.File, line.dir, nil)
	if err != nil {
		return err
	}
	m.reach(levelFound)
	m.Digest = fmt.Sprintf("%x", bin.Digest)
	base, _ := strings.CutSuffix(filepath.Join(line.dir, filepath.FromSlash(m.File)), ".gz")
	n, err := namesBeside(strings.TrimSuffix(base, ".wasm"))
	if err != nil {
		return err
	}
	report, err := loader.Inspect(bin, &loader.InspectOptions{Names: n, Threads: line.threads, Exceptions: line.exceptions})
	if err != nil {
		return err
	}
	m.reach(levelDecoded)
	m.Toolchain, m.Allocator = report.Toolchain, report.Allocator.Kind
	if err := report.Admit(); err != nil {
		return err
	}
	m.reach(levelAdmitted)
	o := line.options(n)
	module, err := wasmffi.CompileBinary(context.Background(), bin, o)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, module.Close()) }()
	m.reach(levelCompiled)
	lib, err := line.instantiate(module)
	if err == nil {
		m.Constructed = true
	} else if errors.Is(err, wasmffi.ErrImport) {
		m.Note, _, _ = strings.Cut(reason(err, m.File), ";") // what a program can do about it
		o.Constructor = "-"
		bare, err := wasmffi.CompileBinary(context.Background(), bin, o) // the same code
		if err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, bare.Close()) }()
		if lib, err = line.instantiate(bare); err != nil {
			return err
		}
	} else {
		return err
	}
	defer func() { err = cmp.Or(err, lib.Close()) }()
	m.reach(levelInstantiated)
	if report.Memory == nil {
		m.NoMemory = true
		return nil
	}
	if err := roundTrip(lib); err != nil {
		return err
	}
	m.reach(levelArrays)
	return nil
}

func (line *surveyLine) instantiate(m *wasmffi.Module) (*wasmffi.Library, error) {
	ctx, cancel := context.WithTimeout(context.Background(), line.timeout)
	defer cancel()
	return m.Instantiate(ctx)
}

// roundTrip copies an array into a library and back.
func roundTrip(lib *wasmffi.Library) error {
	want := make([]float64, 1000)
	for i := range want {
		want[i] = float64(i) / 3
	}
	a, err := lib.Array(want)
	if err != nil {
		return err
	}
	got, err := memview.Values[float64](a)
	if err == nil && !slices.Equal(got, want) {
		err = errors.New("an array came back changed")
	}
	return cmp.Or(err, lib.Free(a))
}
