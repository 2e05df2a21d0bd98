package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// printTable prints a line per file.
func printTable(w io.Writer, outcomes []outcome) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "file\tcase\tpackage\tlicence\tbytes\tstate")
	for _, o := range outcomes {
		state := "fetched"
		switch {
		case o.err != nil:
			state = "missing"
		case o.cached:
			state = "was there"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\n", o.File, o.Case, o.spec(), o.Licence, o.Size, state)
	}
	return t.Flush()
}

// report prints why files are missing, each reason once, and returns the exit code.
func report(w io.Writer, outcomes []outcome) int {
	code, last := 0, ""
	for _, o := range outcomes {
		if o.err == nil {
			continue
		}
		if text := o.err.Error(); text != last {
			fmt.Fprintf(w, "recipes: %s\n", text)
			last = text
		}
		switch {
		case !errors.Is(o.err, errUnavailable):
			code = 1
		case code == 0:
			code = 3
		}
	}
	return code
}
