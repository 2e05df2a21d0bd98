package constraints

import (
	"fmt"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Binding is what one call has bound so far. It belongs to one call at a time
// and is reset by Checker.Start.
type Binding struct {
	// Arrays holds the array of each parameter. The zero Array stands for
	// parameters that are none, for NULL, and for outputs that are still to be made.
	Arrays []memview.Array
	// Shapes holds the extents of outputs that are still to be made: those that
	// the caller gave, completed by Check; nil for the others.
	Shapes [][]int

	null  uint64 // one bit for each parameter: nil was given
	short bool   // the outputs were left out
	epoch uint32 // of the call; never 0
	slots []slot // by symbol
	vars  []memview.DType
	first []int // parameter that bound each variable
}

// slot is the value of a symbol, and where it was bound. One of another epoch is
// empty, so that nothing need be cleared for a call.
type slot struct {
	value int64
	epoch uint32
	from  source
}

// source is an axis of a parameter, or with axis -1 the parameter itself.
type source struct{ param, axis int16 }

func (b *Binding) bound(symbol int) bool { return b.slots[symbol].epoch == b.epoch }

func (b *Binding) set(symbol int, n int64, param, axis int) {
	b.slots[symbol] = slot{n, b.epoch, source{int16(param), int16(axis)}}
}

// NewBinding makes the state for calls, one at a time.
func (c *Checker) NewBinding() *Binding {
	v := len(c.vars)
	return &Binding{
		Arrays: make([]memview.Array, len(c.params)), Shapes: make([][]int, len(c.params)),
		epoch: 1, slots: make([]slot, len(c.symbols)), vars: make([]memview.DType, v), first: make([]int, v),
	}
}

// Start resets b for a call with nargs Go arguments: one for each parameter that
// is neither derived nor an out scalar, with or without the arrays
// that are only written. It fails with a *TypeError when nargs is neither.
func (c *Checker) Start(b *Binding, nargs int) *TypeError {
	for _, i := range c.arrays { // most are empty, or few: cheaper than clearing the whole
		if !b.Arrays[i].IsZero() {
			b.Arrays[i] = memview.Array{}
		}
	}
	for _, i := range c.outputs {
		b.Shapes[i] = nil
	}
	for i := range b.vars {
		b.vars[i] = memview.DType{}
	}
	if b.epoch++; b.epoch == 0 {
		clear(b.slots)
		b.epoch = 1
	}
	b.null = 0
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

// SetNull says that nil was given for the pointer of parameter i. It fails unless
// that is nullable.
func (c *Checker) SetNull(b *Binding, i int) *TypeError {
	if !c.params[i].nullable {
		return c.explain(b, i, &TypeError{Field: "it", Got: "nil", Want: typeText(c.sig.Params[i].Type) + ", which is not nullable", Kind: ErrArray})
	}
	b.null |= 1 << i
	return nil
}

// IsNull reports whether nil was given for parameter i.
func (b *Binding) IsNull(i int) bool { return b.null>>i&1 != 0 }

// Named reports whether some expression needs the number of the scalar i, or,
// with i = -1, that of the result: see SetNumber.
func (c *Checker) Named(i int) bool { return c.slot(i) >= 0 }

func (c *Checker) slot(i int) int {
	if i < 0 {
		return c.returned
	}
	if c.params[i].role == Derived {
		return -1
	}
	return c.params[i].symbol
}

// SetNumber gives the value of the scalar i to the expressions that name it:
// of one that the caller gave before Check, of an out scalar and of the result (i =
// -1) after the call. It does nothing where no expression does.
func (c *Checker) SetNumber(b *Binding, i int, n int64) {
	if k := c.slot(i); k >= 0 {
		b.set(k, n, i, -1)
	}
}

func (c *Checker) arityError(nargs int) *TypeError {
	var want, derived []string
	for i, p := range c.params {
		switch p.role {
		case Derived:
			derived = append(derived, c.sig.label(i))
		case OutScalar:
		default:
			want = append(want, c.sig.label(i)+": "+paramText(c.sig.Params[i]))
		}
	}
	e := &TypeError{Func: c.sig.Name, Got: plural(nargs, "argument"), Want: fmt.Sprintf("%d (%s)", c.given, strings.Join(want, ", ")), Kind: ErrArgs, Signature: c.text}
	if c.outs > 0 {
		e.Want = fmt.Sprintf("%d (%s), or %d without the out arrays", c.given, strings.Join(want, ", "), c.given-c.outs)
	}
	if len(derived) > 0 && nargs > c.given-c.outs {
		e.Hint = strings.Join(derived, ", ") + " follow from the arrays: leave them out"
		if len(derived) == 1 {
			e.Hint = derived[0] + " follows from the arrays: leave it out"
		}
		e.Want += "; leave out " + strings.Join(derived, ", ")
	}
	return e
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
