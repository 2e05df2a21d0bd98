package main

import (
	"maps"
	"path"
	"slices"
	"strings"
)

func (t *tree) checkTop() []finding {
	var found []finding
	for _, name := range t.top {
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) {
			found = append(found, finding{path: name, text: "not one of the names at the top: " + strings.Join(topLevel, " ")})
		}
	}
	return found
}

func (t *tree) checkSize() []finding {
	var found []finding
	long := map[string]bool{}
	for _, f := range t.files {
		limit := maxLines
		if path.Base(f.path) == "doc.go" {
			limit = maxDocLines
		}
		if f.test || f.lines <= limit {
			continue
		}
		long[f.path] = true
		if longFiles[f.path] == "" {
			found = append(found, t.at(f.ast.FileEnd-1, "%d lines, want at most %d, or a row with the reason in the table longFiles",
				f.lines, limit))
		}
	}
	// A row that excuses nothing would excuse the next long file of that name.
	for _, p := range slices.Sorted(maps.Keys(longFiles)) {
		if !long[p] {
			found = append(found, finding{path: p, text: "has a row in the table longFiles and needs none"})
		}
	}
	return found
}
