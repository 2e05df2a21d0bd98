package constraints

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseError says where a text is no signature.
type ParseError struct {
	Text string // what was parsed
	Pos  int    // byte offset in Text
	Msg  string // what was got and what was wanted
}

// Error is one line with the place in it.
func (e *ParseError) Error() string {
	line, col := 1+strings.Count(e.Text[:e.Pos], "\n"), e.Pos-strings.LastIndexByte(e.Text[:e.Pos], '\n')
	if line == 1 {
		return fmt.Sprintf("constraints: signature: column %d: %s", col, e.Msg)
	}
	return fmt.Sprintf("constraints: signature: line %d, column %d: %s", line, col, e.Msg)
}

// Detail is Error followed by the line of the text and a mark below the place.
func (e *ParseError) Detail() string {
	start := strings.LastIndexByte(e.Text[:e.Pos], '\n') + 1
	line, _, _ := strings.Cut(e.Text[start:], "\n")
	return fmt.Sprintf("%s\n  %s\n  %s^", e.Error(), line, strings.Repeat(" ", utf8.RuneCountInString(e.Text[start:e.Pos])))
}
