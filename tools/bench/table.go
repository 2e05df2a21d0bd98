package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// columns of the table: the first and the last are text, the others numbers.
const columns = 7

type line [columns]string

// writeTable prints a report for people.
func writeTable(out io.Writer, r report) error {
	w := bufio.NewWriter(out)
	m := r.Machine
	fmt.Fprintf(w, "cpu      %s, %d seen\n", m.CPU, m.CPUs)
	fmt.Fprintf(w, "go       %s %s/%s, %s\n", m.Go, m.OS, m.Arch, m.Engine)
	if m.Compiler != "" {
		fmt.Fprintf(w, "cgo      %s\n", m.Compiler)
	} else {
		fmt.Fprintf(w, "cgo      none: the program was built without cgo, the rows that need it are left out\n")
	}
	fmt.Fprintf(w, "date     %s\n", r.Date.Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(w, "command  %s\n", r.Command)

	head := line{"", "ns", "allocs", "ratio", "must", "goal", ""}
	width := [columns]int{}
	all := make([][]line, len(r.Groups))
	for i, g := range r.Groups {
		all[i] = g.lines()
		for _, l := range append(all[i], head) {
			for k, cell := range l {
				width[k] = max(width[k], len(cell))
			}
		}
	}
	for i, g := range r.Groups {
		head[0] = g.Name
		fmt.Fprintf(w, "\n%s\n", g.Title)
		if g.Skipped != "" {
			fmt.Fprintf(w, "  skipped: %s\n", g.Skipped)
			continue
		}
		width[0] = max(width[0], len(head[0]))
		fmt.Fprintln(w, head.text(width))
		for _, l := range all[i] {
			fmt.Fprintln(w, l.text(width))
		}
	}
	fmt.Fprintf(w, "\n%d goals met, %d musts met, %d MISSED", r.count(goalMet), r.count(mustMet), r.count(missed))
	if n := r.count(noBaseline); n > 0 {
		fmt.Fprintf(w, ", %d without a baseline", n)
	}
	fmt.Fprintln(w, "\nns: best of many short batches that took turns, of stops the longest; ratio: against the first row of the group, or as said")
	return w.Flush()
}

// lines are the rows of a group. A row that has several targets gets a line for each.
func (g measuredGroup) lines() []line {
	var list []line
	for _, m := range g.Rows {
		if m.Skipped != "" {
			list = append(list, line{0: m.Name, columns - 1: m.Skipped})
			continue
		}
		l := line{m.Name, nanos(m.value()), "", fmt.Sprintf("%.2fx", m.Best/g.Rows[0].Best)}
		if m.Max > 0 {
			l[3], l[6] = "", "median "+nanos(m.Median)
		}
		if m.Allocs != nil {
			l[2] = strconv.FormatFloat(*m.Allocs, 'f', -1, 64)
		}
		for k, j := range m.Targets {
			if k > 0 {
				l = line{}
			}
			l[3], l[4], l[5] = j.text(), j.limit(j.Must), j.limit(j.Goal)
			l[6] = strings.Trim(string(j.Verdict)+", "+l[6], ", ")
			if j.Against != "" && j.Against != g.Rows[0].Name {
				l[6] = strings.TrimPrefix(l[6]+", against "+j.Against, ", ")
			}
			list = append(list, l)
		}
		if len(m.Targets) == 0 {
			list = append(list, l)
		}
	}
	return list
}

func (l line) text(width [columns]int) string {
	var b strings.Builder
	for k, cell := range l {
		pad := strings.Repeat(" ", width[k]-len(cell))
		if k == 0 || k == columns-1 {
			b.WriteString("  " + cell + pad)
		} else {
			b.WriteString("  " + pad + cell)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// nanos writes a time with separators, and decimals only where they mean something.
func nanos(ns float64) string {
	if ns < 100 {
		return strconv.FormatFloat(ns, 'f', 1, 64)
	}
	s := strconv.FormatFloat(ns, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
