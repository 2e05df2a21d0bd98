package constraints

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseError says where a text is no signature.
type ParseError struct {
	Text string // what was parsed
	Pos  int    // byte offset in Text
	Msg  string // what was got and what was wanted
}

// Error is one line with the place in it. Lines and columns count from 1, columns
// in characters.
func (e *ParseError) Error() string {
	line, before, _ := e.place()
	col := utf8.RuneCountInString(before) + 1
	if line == 1 {
		return fmt.Sprintf("constraints: signature: column %d: %s", col, e.Msg)
	}
	return fmt.Sprintf("constraints: signature: line %d, column %d: %s", line, col, e.Msg)
}

// Detail is Error followed by the line of the text and a mark below the place. Of
// long lines only the surroundings are shown; what a terminal
// would obey is replaced, because the text may come with a module.
func (e *ParseError) Detail() string {
	const most = 60 // characters on each side
	_, before, after := e.place()
	if cut := lastRunes(before, most); cut != before {
		before = "..." + cut
	}
	if cut := firstRunes(after, most); cut != after {
		after = cut + "..."
	}
	before, after = printable(before), printable(after)
	return fmt.Sprintf("%s\n  %s%s\n  %s^", e.Error(), before, after, strings.Repeat(" ", utf8.RuneCountInString(before)))
}

// place is the number of the line that Pos is in, and that line in two halves. A
// Pos that is no place in Text, as in a ParseError that another package
// made, stands for the nearest one.
func (e *ParseError) place() (line int, before, after string) {
	pos := min(max(e.Pos, 0), len(e.Text))
	for pos > 0 && pos < len(e.Text) && !utf8.RuneStart(e.Text[pos]) {
		pos--
	}
	line = 1 + strings.Count(e.Text[:pos], "\n")
	start := strings.LastIndexByte(e.Text[:pos], '\n') + 1
	after, _, _ = strings.Cut(e.Text[pos:], "\n")
	return line, e.Text[start:pos], strings.TrimSuffix(after, "\r")
}

func firstRunes(s string, n int) string {
	end := 0
	for ; n > 0 && end < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end]
}

func lastRunes(s string, n int) string {
	start := len(s)
	for ; n > 0 && start > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	return s[start:]
}

// printable has a space for each tab, so that the mark stands below its place, and
// U+FFFD for each character that is not to be seen.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !strconv.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, s)
}
