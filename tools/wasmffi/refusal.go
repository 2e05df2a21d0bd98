package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/wasmffi"
)

// callError is the error of a call. Where it was refused for its arguments, all that
// is wrong with them is found.
func callError(f *wasmffi.Func, args []any, err error) error {
	te := (*constraints.TypeError)(nil)
	if !errors.Is(err, wasmffi.ErrNotRun) || !errors.As(err, &te) {
		return err
	}
	list := []error{te}
	for _, e := range typeErrors(f.CheckAll(args...)) {
		if !slices.ContainsFunc(list, func(old error) bool { return old.Error() == e.Error() }) {
			list = append(list, e)
		}
	}
	return refusal(list)
}

// refusal makes one error of all that is wrong with a call: the first in full,
// with a line for each of the others.
func refusal(list []error) error {
	for _, e := range list {
		if te := (*constraints.TypeError)(nil); errors.As(e, &te) {
			forCommandLine(te)
		}
	}
	err := list[0]
	const most = 16 // pairs of arrays may be many
	for k, e := range list[1:] {
		if k == most {
			return annotate(err, "also", fmt.Sprintf("%d more", len(list)-1-most))
		}
		err = annotate(err, "also", short(e))
	}
	return err
}

// typeErrors takes joined errors apart.
func typeErrors(err error) []error {
	switch e := err.(type) {
	case *constraints.TypeError:
		return []error{e}
	case interface{ Unwrap() []error }:
		var list []error
		for _, inner := range e.Unwrap() {
			list = append(list, typeErrors(inner)...)
		}
		return list
	}
	return nil
}

// short is an error about an argument without the function, which the line of the
// first names.
func short(err error) string {
	te, ok := err.(*constraints.TypeError)
	if !ok {
		return oneLine(err)
	}
	e := *te
	e.Func = ""
	return e.Error()
}

// forCommandLine words an error of the library, which speaks to Go programs, for
// the command line.
func forCommandLine(e *constraints.TypeError) {
	const (
		call  = "wasmffi.New(...)"
		shape = newPrefix + "SHAPE"
	)
	if e.Want == "an array: its dtype is not fixed" {
		e.Want = "f64:" + shape + ": its dtype is not fixed"
		return
	}
	if !strings.Contains(e.Want, call) {
		return
	}
	name, _ := strings.CutSuffix(e.Want, ", or "+call)
	if name, ok := strings.CutPrefix(name, "an array for "); ok {
		e.Want = shape + " for " + name
	} else {
		e.Want = strings.Replace(strings.TrimPrefix(e.Want, "an array or "), call, shape, 1)
	}
	if e.Hint == "" {
		e.Hint = "give the shape of the outputs where they stand among the arguments: new:100 or new:2x3"
	}
}
