package constraints

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd   tokenKind = iota // of the text
	tokBreak                  // newline outside of brackets, or ";" anywhere
	tokIdent
	tokInt
	tokString
	tokPunct
)

type token struct {
	kind tokenKind
	text string // strings: unquoted
	pos  int
}

func (t token) String() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokBreak:
		if t.text == ";" {
			return `";"`
		}
		return "the end of the line"
	}
	if short := firstRunes(t.text, 40); short != t.text {
		return strconv.Quote(short + "...")
	}
	return strconv.Quote(t.text)
}

// lex splits text into tokens. Newlines inside of brackets are white
// space, so that long signatures may be broken; "#" starts a comment.
func lex(text string) ([]token, *ParseError) {
	var toks []token
	depth := 0
	for i := 0; i < len(text); {
		c := text[i]
		j := i + 1
		kind := tokPunct
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' && depth > 0:
			i = j
			continue
		case c == '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
			continue
		case c == '\n' || c == ';':
			kind = tokBreak
		case isLetter(c):
			for j < len(text) && (isLetter(text[j]) || isDigit(text[j])) {
				j++
			}
			kind = tokIdent
		case isDigit(c):
			for j < len(text) && isDigit(text[j]) {
				j++
			}
			kind = tokInt
		case c == '"':
			quoted, err := strconv.QuotedPrefix(text[i:])
			if err != nil || !utf8.ValidString(quoted) {
				return nil, &ParseError{text, i, "string does not end or has a bad escape"}
			}
			s, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, &ParseError{text, i, "string does not end or has a bad escape"}
			}
			toks = append(toks, token{tokString, s, i})
			i += len(quoted)
			continue
		case slices.Contains(pairs, text[i:min(i+2, len(text))]):
			j++
		case strings.IndexByte("()[]{},:=|-+*/%<>.", c) < 0:
			r, _ := utf8.DecodeRuneInString(text[i:])
			return nil, &ParseError{text, i, fmt.Sprintf("unexpected character %q", r)}
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth = max(depth-1, 0)
		}
		toks = append(toks, token{kind, text[i:j], i})
		i = j
	}
	return append(toks, token{kind: tokEnd, pos: len(text)}), nil
}

// pairs are the tokens of two characters.
var pairs = []string{"->", "<=", ">=", "==", "!="}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isIdent(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != "" && s != "_"
}
