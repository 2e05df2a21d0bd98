package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// file is one Go file.
type file struct {
	path  string // from the root of the tree
	dir   string // its folder, "." for the root
	test  bool
	lines int
	ast   *ast.File
}

// base is the name without folder and extension.
func (f *file) base() string { return strings.TrimSuffix(path.Base(f.path), ".go") }

// tree is the parsed repository.
type tree struct {
	module string // its path
	fset   *token.FileSet
	top    []string
	files  []*file
	broken []finding // what does not parse
}

// finding is one violation.
type finding struct {
	path string
	line int // 0: of no line
	rule string
	text string
}

func (f finding) String() string {
	if f.line == 0 {
		return fmt.Sprintf("%s: %s: %s", f.path, f.rule, f.text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", f.path, f.line, f.rule, f.text)
}

// load parses the repository in fsys.
func load(fsys fs.FS) (*tree, error) {
	mod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, err
	}
	t := &tree{fset: token.NewFileSet()}
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "module" {
			t.module = f[1]
		}
	}
	if t.module == "" {
		return nil, fmt.Errorf("go.mod: no module line")
	}
	err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || p == ".":
			return err
		case !strings.Contains(p, "/"):
			t.top = append(t.top, p)
		}
		if d.IsDir() {
			if skipped(fsys, p) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(p) != ".go" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") {
			return nil
		}
		return t.parse(fsys, p)
	})
	return t, err
}

// skipped reports whether a folder is outside the rules: nested modules, and what the go command does not see. Of
// testdata, which it does not see either, the folders wasm and wasm/hostile are packages of ours.
func skipped(fsys fs.FS, dir string) bool {
	name := path.Base(dir)
	if name[0] == '.' || name[0] == '_' || name == "testdata" && dir != "testdata" {
		return true
	}
	if rest, ok := strings.CutPrefix(dir, "testdata/"); ok && rest != "wasm" && rest != "wasm/hostile" {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err == nil
}

func (t *tree) parse(fsys fs.FS, p string) error {
	src, err := fs.ReadFile(fsys, p)
	if err != nil {
		return err
	}
	f := &file{path: p, dir: path.Dir(p), test: strings.HasSuffix(p, "_test.go"), lines: bytes.Count(src, []byte("\n"))}
	f.ast, err = parser.ParseFile(t.fset, p, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		line := 0
		if list, ok := err.(scanner.ErrorList); ok {
			line, err = list[0].Pos.Line, fmt.Errorf("%s", list[0].Msg)
		}
		t.broken = append(t.broken, finding{p, line, "parse", err.Error()})
		return nil
	}
	t.files = append(t.files, f)
	return nil
}

func (t *tree) checkParse() []finding {
	found := slices.Clone(t.broken)
	for _, files := range t.folders() {
		name := ""
		for _, f := range files {
			own := strings.TrimSuffix(f.ast.Name.Name, "_test")
			switch {
			case ignored(f):
			case name == "":
				name = own
			case own != name:
				found = append(found, t.at(f.ast.Name.Pos(), "package %s in the folder of package %s", own, name))
			}
		}
	}
	return found
}

// ignored reports whether f is left out of every build.
func ignored(f *file) bool {
	for _, g := range f.ast.Comments {
		for _, c := range g.List {
			if c.Pos() < f.ast.Package && strings.TrimSpace(strings.TrimPrefix(c.Text, "//go:build")) == "ignore" {
				return true
			}
		}
	}
	return false
}

// check applies rules and sorts what they find.
func (t *tree) check(rules []rule) []finding {
	var all []finding
	for _, r := range rules {
		found := r.check(t)
		for i := range found {
			found[i].rule = r.name
		}
		slices.SortFunc(found, func(a, b finding) int {
			return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text))
		})
		all = append(all, found...)
	}
	return all
}

// folders are the files by folder, in order, without the empty ones.
func (t *tree) folders() [][]*file {
	var dirs []string
	by := map[string][]*file{}
	for _, f := range t.files {
		if by[f.dir] == nil {
			dirs = append(dirs, f.dir)
		}
		by[f.dir] = append(by[f.dir], f)
	}
	slices.Sort(dirs)
	var all [][]*file
	for _, d := range dirs {
		all = append(all, by[d])
	}
	return all
}

// in are the files of one folder.
func (t *tree) in(dir string) []*file {
	var in []*file
	for _, f := range t.files {
		if f.dir == dir {
			in = append(in, f)
		}
	}
	return in
}

// at is a finding at a position; check adds the rule.
func (t *tree) at(pos token.Pos, format string, args ...any) finding {
	p := t.fset.PositionFor(pos, false)
	return finding{path: p.Filename, line: p.Line, text: fmt.Sprintf(format, args...)}
}

// String is such as "9 packages, 61 files".
func (t *tree) String() string {
	return fmt.Sprintf("%d packages, %d files", len(t.folders()), len(t.files))
}
