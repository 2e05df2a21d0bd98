package wasmffi

import (
	"fmt"
	"strings"
)

// similar suggests functions whose names are close to a name that is missing.
func (m *Module) similar(name string) string {
	var names []string
	for _, e := range m.Exports() {
		names = append(names, e.Name)
	}
	return suggest(name, names, "functions")
}

// suggest suggests some of the names, which are of things of that kind, that are close to one that is missing.
func suggest(name string, names []string, kind string) string {
	var near []string
	for _, n := range names {
		if strings.EqualFold(strings.Trim(n, "_"), strings.Trim(name, "_")) || distance(n, name) <= 1+len(name)/4 {
			near = append(near, n)
		}
	}
	switch {
	case len(near) > 0:
		return "; did you mean " + strings.Join(near[:min(len(near), 3)], " or ") + "?"
	case len(names) == 0:
		return "; the module exports no " + kind
	}
	return fmt.Sprintf("; the module exports %d %s", len(names), kind)
}

// distance is the number of single-character edits between two short names.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			edit := diagonal
			if a[i] != b[j] {
				edit = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], edit
		}
	}
	return row[len(b)]
}
