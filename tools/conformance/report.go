package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
)

// report counts the outcomes of a file.
type report struct {
	cases, differ, byDesign int
	rows                    map[string]int // cases by row of design.go
	refused                 map[string]int // restrictions refused when built, by row
	first                   []string       // differences, up to show
	show                    int
}

func newReport(show int) *report {
	return &report{rows: map[string]int{}, refused: map[string]int{}, show: show}
}

func (r *report) add(o *outcome) {
	r.cases++
	if o.refused != "" {
		r.refused[o.refused]++
	}
	rows := map[string]bool{}
	wrong := false
	for _, d := range o.differs {
		if row, ok := deliberate(d, o.evidence); ok {
			rows[row] = true
			continue
		}
		wrong = true
		if len(r.first) < r.show {
			r.first = append(r.first, fmt.Sprintf("%s (line %d): %s: numpy %s, we %s", o.id, o.line, d.field, d.numpy, d.ours))
		}
	}
	switch {
	case wrong:
		r.differ++
	case len(rows) > 0:
		r.byDesign++
		for row := range rows {
			r.rows[row]++
		}
	}
}

// write prints the counts and the first differences.
func (r *report) write(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "%d cases, %d differ", r.cases, r.differ)
	if r.byDesign > 0 {
		fmt.Fprintf(w, ", %d by design", r.byDesign)
	}
	fmt.Fprintln(w)
	for _, rule := range design {
		if n := r.rows[rule.row]; n > 0 {
			fmt.Fprintf(w, "  row %-3s %6d  %s\n", rule.row, n, rule.reason)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(r.refused)) {
		fmt.Fprintf(w, "  %d restrictions were refused when built (row %s) and counted as rejections, as numpy rejects each of these arrays\n", r.refused[row], row)
	}
	if len(r.first) > 0 {
		fmt.Fprintln(w, "first differences:")
	}
	for _, line := range r.first {
		fmt.Fprintln(w, "  "+line)
	}
	return w.Flush()
}
