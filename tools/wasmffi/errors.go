package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/wasmffi"
)

// usageError is a command line that is not understood.
type usageError struct{ text, usage string }

func (e *usageError) Error() string { return e.text }

// noted is an error with lines of advice below it.
type noted struct {
	error
	notes []note
}

type note struct{ label, text string }

func (e *noted) Unwrap() error { return e.error }

// annotate adds a line to an error, in the layout of TypeError.Detail.
func annotate(err error, label, text string) error {
	n := &noted{error: err}
	if old, ok := err.(*noted); ok {
		n.error, n.notes = old.error, old.notes
	}
	n.notes = append(n.notes, note{label, text})
	return n
}

// report prints an error and returns the exit code. Errors of calls begin with the
// function's name and are printed as the library words them, all others begin with
// the name of the command.
func report(stderr io.Writer, err error) int {
	if u := (*usageError)(nil); errors.As(err, &u) {
		fmt.Fprintf(stderr, "wasmffi: %s\n%s", plain(u.text), u.usage)
		return 2
	}
	var text strings.Builder
	text.WriteString(detail(err))
	if n := (*noted)(nil); errors.As(err, &n) {
		for _, line := range n.notes {
			text.WriteString(fmt.Sprintf("\n  %-10s %s", line.label+":", line.text))
		}
	}
	fmt.Fprintln(stderr, plain(text.String()))
	return 1
}

// detail is the block of an error that has one, and one line for the others.
func detail(err error) string {
	var (
		refused *constraints.TypeError
		trap    *wasmffi.Trap
		syntax  *constraints.ParseError
		status  *wasmffi.StatusError
		exit    *wasmffi.ExitError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Detail()
	case errors.As(err, &trap):
		return trap.Detail()
	case errors.As(err, &syntax):
		mark := strings.TrimPrefix(syntax.Detail(), syntax.Error())
		return prefix + unprefixed(oneLine(err)) + mark
	case errors.As(err, &status), errors.As(err, &exit):
		return oneLine(err)
	case errors.Is(err, wasmffi.ErrSignature):
		return prefix + unprefixed(block(err))
	}
	return prefix + unprefixed(oneLine(err))
}

// block is the text of an error that has labelled lines of its own, in the layout
// of TypeError.Detail.
func block(err error) string {
	lines := strings.Split(err.Error(), "\n")
	var text strings.Builder
	text.WriteString(lines[0])
	for _, line := range lines[1:] {
		label, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		text.WriteString(fmt.Sprintf("\n  %-10s %s", label+":", strings.TrimSpace(rest)))
	}
	return text.String()
}

const prefix = "wasmffi: " // of the command and of the library

func unprefixed(text string) string { return strings.TrimPrefix(text, prefix) }

// oneLine is the text of an error; joined errors are separated by semicolons.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// plain takes out what could steer a terminal: names in a module and texts that it
// returns are the guest's own words.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsGraphic(r) {
			return '?'
		}
		return r
	}, text)
}

// quoted is a text of the user in quotes, cut where it is long.
func quoted(text string) string { return strconv.Quote(clipped(text)) }

// clipped is the beginning of a text.
func clipped(text string) string {
	const most = 48
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}
