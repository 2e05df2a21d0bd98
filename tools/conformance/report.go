package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
)

// report counts the outcomes of the files.
type report struct {
	cases, differ, byDesign int
	rules                   []int          // cases by rule of design.go
	refused                 map[string]int // restrictions refused when built, by row
	first                   []string       // differences, up to show
	show                    int
}

func newReport(show int) *report {
	return &report{rules: make([]int, len(design)), refused: map[string]int{}, show: show}
}

// add counts the outcome of the case at a place.
func (r *report) add(place string, o *outcome) {
	r.cases++
	if o.refused != "" {
		r.refused[o.refused]++
	}
	rules := o.settle()
	switch {
	case len(o.differs) > 0:
		r.differ++
	case len(rules) > 0:
		r.byDesign++
		for _, i := range rules {
			r.rules[i]++
		}
	}
	for _, d := range o.differs[:min(len(o.differs), r.show-len(r.first))] {
		r.first = append(r.first, fmt.Sprintf("%s: %s: %s", place, o.id, d))
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
	for i, n := range r.rules {
		if n > 0 {
			fmt.Fprintf(w, "  row %-3s %6d  %s\n", design[i].row, n, design[i].reason)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(r.refused)) {
		fmt.Fprintf(w, "  %d arrays that numpy rejects met a restriction that is refused when built (row %s)\n", r.refused[row], row)
	}
	if len(r.first) > 0 {
		fmt.Fprintln(w, "first differences:")
	}
	for _, line := range r.first {
		fmt.Fprintln(w, "  "+line)
	}
	return w.Flush()
}
