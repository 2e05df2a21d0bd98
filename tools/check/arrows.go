package main

import (
	"go/token"
	"path"
	"strconv"
	"strings"
)

// matches reports whether p is what pattern names: itself, or with "/..." also what is below it.
func matches(pattern, p string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == base || strings.HasPrefix(p, base+"/")
	}
	return p == pattern
}

func matchesAny(patterns []string, p string) bool {
	for _, pattern := range patterns {
		if matches(pattern, p) {
			return true
		}
	}
	return false
}

// imported is an import: what is imported, relative to the root where it is ours.
type imported struct {
	path string
	std  bool
	pos  token.Pos
}

func (t *tree) imports(f *file) []imported {
	var all []imported
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has seen to it
		}
		i := imported{path: p, pos: spec.Pos()}
		first, _, _ := strings.Cut(p, "/")
		if rest, ok := strings.CutPrefix(p, t.module+"/"); ok {
			i.path = rest
		} else {
			i.std = p != t.module && !strings.Contains(first, ".")
		}
		all = append(all, i)
	}
	return all
}

// mayImport is everything that f may import, and whether its folder has a row.
func mayImport(f *file) ([]string, bool) {
	for _, row := range arrows {
		if !matches(row.from, f.dir) {
			continue
		}
		may := append([]string{row.from}, row.may...)
		if f.test {
			for _, extra := range testArrows {
				if matches(extra.from, f.dir) {
					may = append(may, extra.may...)
				}
			}
		}
		return may, true
	}
	return nil, false
}

func (t *tree) checkArrows() []finding {
	var found []finding
	for _, f := range t.files {
		may, ok := mayImport(f)
		if !ok {
			found = append(found, t.at(f.ast.Name.Pos(), "folder %s has no row in the table arrows", f.dir))
			continue
		}
		for _, i := range t.imports(f) {
			switch {
			case i.path == "C":
				found = append(found, t.at(i.pos, "cgo, want pure Go"))
			case !i.std && !matchesAny(may, i.path):
				found = append(found, t.at(i.pos, "imports %s, want the standard library, %s", i.path, strings.Join(may, ", ")))
			}
		}
	}
	return found
}

func (t *tree) checkEngine() []finding {
	var found []finding
	for _, f := range t.files {
		folders := engineFolders
		if f.test {
			folders = engineTests
		}
		for _, i := range t.imports(f) {
			if matches(wazero, i.path) && !matchesAny(folders, f.dir) {
				found = append(found, t.at(i.pos, "imports %s, want that in %s only", i.path, strings.Join(folders, ", ")))
			}
		}
	}
	return found
}

func (t *tree) checkUnsafe() []finding {
	var found []finding
	one := ""
	for _, f := range t.files {
		for _, i := range t.imports(f) {
			if i.path != "unsafe" || matches(unsafeFolder+"/...", f.dir) {
				continue
			}
			ok, _ := path.Match(unsafeOne, f.path)
			switch {
			case !ok || f.test:
				found = append(found, t.at(i.pos, "imports unsafe, want that in one file %s and in %s only", unsafeOne, unsafeFolder))
			case one != "":
				found = append(found, t.at(i.pos, "imports unsafe, as %s does: want one file", one))
			default:
				one = f.path
			}
		}
	}
	return found
}
