package main

import (
	"fmt"
	"strings"
)

// table is text in columns.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write pads the columns. Cells wider than most push the rest of their row to the
// right, so that one hostile name does not widen every row.
func (t *table) write(b *strings.Builder) {
	const most = 40
	width := map[int]int{}
	for _, row := range t.rows {
		for i, c := range row {
			if n := len([]rune(c)); n <= most {
				width[i] = max(width[i], n)
			}
		}
	}
	for _, row := range t.rows {
		var line strings.Builder
		for i, c := range row {
			line.WriteString(fmt.Sprintf("  %-*s", width[i], c))
		}
		fmt.Fprintln(b, strings.TrimRight(line.String(), " "))
	}
}
