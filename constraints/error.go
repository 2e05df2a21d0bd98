package constraints

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// What an argument may violate, for errors.Is. Those that memview knows are
// the same values there.
var (
	ErrArray  = errors.New("not an array")            // no array, or NULL, where one is wanted
	ErrMemory = errors.New("array of another memory") // it lies in another library
	ErrDType  = memview.ErrDType                      // another element type
	ErrNDim   = errors.New("wrong number of dimensions")
	ErrShape  = memview.ErrShape    // another extent
	ErrFlags  = errors.New("flags") // a flag of an NDPointer is missing
	ErrAccess = memview.ErrReadOnly // written, but not WRITEABLE
	ErrLayout = memview.ErrLayout   // strides that the guest does not expect
	ErrAlign  = errors.New("not aligned")
	ErrScalar = errors.New("scalar does not fit") // a number of the wrong kind or out of range
	ErrArgs   = errors.New("wrong arguments")     // too many, too few, or a Go type that no parameter takes

	ErrExpr      = errors.New("expression has no value") // it overflows, divides by zero, or is negative where an extent is wanted
	ErrCondition = errors.New("condition not met")       // after where
	ErrOverlap   = errors.New("arrays overlap")          // and one of them is written
	ErrFinite    = errors.New("not finite")              // a NaN or an infinity
)

// TypeError says which argument of a call does not fit, and why: numpy's TypeError
// with what numpy leaves out. Error gives one line, Detail a block.
type TypeError struct {
	Func  string // the function; empty when an NDPointer is checked alone
	Arg   int    // position among the Go arguments, from 1; 0: none of them
	Index int    // position among the function's parameters, from 1; 0: none
	Param string // its name; empty: it has none
	Field string // what was compared: "dtype", "ndim", "shape[0]", "flags"
	Got   string // what the argument has
	Want  string // what the parameter demands
	From  string // where the demand comes from: "x.shape[0]"; empty: from the signature
	Hint  string // how to mend it, for the common cases; else empty
	Kind  error  // one of the sentinels

	Signature string // the signature; empty when there is none
	CalledAs  string // the arguments as they were given; empty when not known
	Bound     string // the dimensions that were bound so far; else empty
}

// Error is one line, because lines survive wrapping and logs:
//
//	dot: argument 2 "y": shape[0] is 126, want n=128 (from x.shape[0])
func (e *TypeError) Error() string {
	var b strings.Builder
	if e.Func != "" {
		b.WriteString(nameText(e.Func) + ": ")
	}
	if e.Arg > 0 {
		b.WriteString("argument " + strconv.Itoa(e.Arg))
		if e.Param != "" {
			b.WriteString(" " + strconv.Quote(e.Param))
		}
		b.WriteString(": ")
	} else if e.Index > 0 {
		b.WriteString("parameter " + strconv.Itoa(e.Index))
		if e.Param != "" {
			b.WriteString(" " + strconv.Quote(e.Param))
		}
		b.WriteString(": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field + " is ")
	}
	b.WriteString(e.Got)
	if e.Want != "" {
		b.WriteString(", want " + e.Want)
	}
	if e.From != "" {
		b.WriteString(" (from " + e.From + ")")
	}
	return b.String()
}

// Unwrap is Kind.
func (e *TypeError) Unwrap() error { return e.Kind }

// Detail is Error followed by a line each for the signature, the arguments, the
// bound dimensions and a hint, as far as they are known.
func (e *TypeError) Detail() string {
	var text strings.Builder
	text.WriteString(e.Error())
	for _, line := range []struct{ label, text string }{
		{"signature", e.Signature}, {"called as", e.CalledAs}, {"bound", e.Bound}, {"hint", e.Hint},
	} {
		if line.text != "" {
			text.WriteString(fmt.Sprintf("\n  %-10s %s", line.label+":", line.text))
		}
	}
	return text.String()
}

// Format prints Detail for %+v, and Error otherwise, as fmt prints a string with
// that verb: %q quotes it.
func (e *TypeError) Format(s fmt.State, verb rune) {
	text := e.Error()
	if verb == 'v' {
		if verb = 's'; s.Flag('+') {
			text = e.Detail()
		}
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), text)
}
