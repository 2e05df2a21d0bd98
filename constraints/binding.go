package constraints

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Binding is what one call has bound so far. It belongs to one call at a time
// and is reset by Checker.Start.
type Binding struct {
	// Arrays holds the array of each parameter. The zero Array stands for
	// parameters that are none, and for outputs that are still to be made.
	Arrays []memview.Array
	// Shapes holds the extents that the caller gave for outputs in place of an
	// array; nil for the others.
	Shapes [][]int

	short bool
	bound []bool
	value []int64
	from  []source
}

// source is where a symbol was bound: an axis of a parameter.
type source struct{ param, axis int }

// NewBinding makes the state for calls, one at a time.
func (c *Checker) NewBinding() *Binding {
	n := len(c.symbols)
	return &Binding{
		Arrays: make([]memview.Array, len(c.params)), Shapes: make([][]int, len(c.params)),
		bound: make([]bool, n), value: make([]int64, n), from: make([]source, n),
	}
}

// Start resets b for a call with nargs Go arguments: one for each parameter that
// is neither derived nor an out scalar, with or without the arrays
// that are only written. It fails with a *TypeError when nargs is neither.
func (c *Checker) Start(b *Binding, nargs int) *TypeError {
	clear(b.Arrays)
	clear(b.Shapes)
	clear(b.bound)
	if b.short = nargs != c.given; b.short && nargs != c.given-c.outs {
		return c.arityError(nargs)
	}
	return nil
}

// Arg is the position among the Go arguments of parameter i, from 0; -1 when
// the call gives none for it.
func (c *Checker) Arg(b *Binding, i int) int {
	if b.short {
		return int(c.params[i].arg[0])
	}
	return int(c.params[i].arg[1])
}

func (c *Checker) arityError(nargs int) *TypeError {
	var want, derived []string
	for i, p := range c.params {
		switch p.role {
		case Array, Given, InOutScalar:
			want = append(want, c.sig.label(i)+": "+paramText(c.sig.Params[i]))
		case Derived:
			derived = append(derived, c.sig.label(i))
		}
	}
	e := &TypeError{Func: c.sig.Name, Got: plural(nargs, "argument"), Want: fmt.Sprintf("%d (%s)", c.given, strings.Join(want, ", ")), Kind: ErrArgs, Signature: c.text}
	if c.outs > 0 {
		e.Want = fmt.Sprintf("%d (%s), or %d without the out arrays", c.given, strings.Join(want, ", "), c.given-c.outs)
	}
	if len(derived) > 0 && nargs > c.given-c.outs {
		if e.Hint = derived[0] + " follows from the arrays: leave it out"; len(derived) > 1 {
			e.Hint = strings.Join(derived, ", ") + " follow from the arrays: leave them out"
		}
		e.Want += "; leave out " + strings.Join(derived, ", ")
	}
	return e
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
