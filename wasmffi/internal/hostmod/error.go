package hostmod

import (
	"strconv"
	"strings"
	"unicode"
)

// Unresolved is the end of a call by an import that nobody supplies.
type Unresolved struct {
	Module, Name string // as the guest spells them
	Meaning      string // the name in the source, if it is known and another
}

// Error names the import as "unresolved import a.p (clock_time_get)".
func (e *Unresolved) Error() string {
	return "unresolved import " + label(e.Module, e.Name, e.Meaning)
}

// Abort is the end of a call by the guest's own wish: a failed assertion, an
// exception that nobody catches, abort().
type Abort struct {
	What string // the function that was called: "__assert_fail"
	Text string // what the guest had to say; may be empty
}

// Error is What and Text in one line.
func (e *Abort) Error() string {
	if e.Text == "" {
		return e.What
	}
	return e.What + ": " + e.Text
}

// maxText bounds, in bytes, the texts of errors and the names of functions in them.
const maxText = 1 << 10

// label is an import as people read it.
func label(module, name, meaning string) string {
	s := printable(module) + "." + printable(name)
	if meaning != "" && meaning != name {
		s += " (" + printable(meaning) + ")"
	}
	return s
}

// printable is s in one line of bounded length, with escapes for what does not print.
func printable(s string) string {
	more := ""
	if len(s) > maxText {
		s, more = strings.ToValidUTF8(s[:maxText], ""), "..."
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		q := strconv.Quote(s)
		s = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	}
	return s + more
}
