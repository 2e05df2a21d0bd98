package loader

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNamesSize is the longest text that [ParseNames] reads: 16 MiB. The longest glue of 60 packages has 0.4 MiB.
const MaxNamesSize = 16 << 20

// Names are the C names of a module whose own names were minified, as emscripten does: a name map. They are claims by
// whoever wrote them; that an export is there, and of the type that is wanted, is to be checked. Many goroutines may read
// one.
type Names struct {
	Exports map[string]string // C name -> name of the export: "malloc" -> "s"
	Imports map[string]string // module, a dot and name of the import -> C name: "a.e" -> "emscripten_resize_heap"
}

// String is the map as text, a name a line, sorted, that ParseNames reads:
//
//	malloc = s
//	a.e -> emscripten_resize_heap
//
// Names with characters that are not plain are in quotes. Nil is the empty text.
func (n *Names) String() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for _, c := range slices.Sorted(maps.Keys(n.Exports)) {
		fmt.Fprintf(&b, "%s = %s\n", token(c), token(n.Exports[c]))
	}
	for _, i := range slices.Sorted(maps.Keys(n.Imports)) {
		fmt.Fprintf(&b, "%s -> %s\n", token(i), token(n.Imports[i]))
	}
	return b.String()
}

// ParseNames reads a name map: the text that Names.String writes, in which lines that begin with # do not count, or else the JavaScript
// that emscripten wrote with the module (of versions 1.38 to 4, plain or minified), from which it takes what it can recognise. C
// names lose the underscore that emscripten puts in front of them. Names that were not minified are left out, so that the map
// of a module that was not is empty.
//
// From JavaScript that a minifier has been through the names of imports are often gone, and the map lacks them.
//
// The error is an [*Error]: [ErrFormat] when the text is neither, and [ErrRefused] when it is longer than MaxNamesSize.
// The time is linear in the length.
func ParseNames(js []byte) (*Names, error) {
	if len(js) > MaxNamesSize {
		return nil, namesError(refused("text: got %d bytes, want at most %d", len(js), MaxNamesSize))
	}
	n, line := parseNameLines(js)
	if line == 0 {
		return n, nil
	}
	if n, ok := glueNames(string(js)); ok {
		return n, nil
	}
	return nil, namesError(malformed(nil, "got neither the JavaScript that emscripten writes nor lines such as malloc = s and a.e -> exit: line %d is neither", line))
}

func namesError(e *Error) *Error {
	e.Op, e.Name = "names", "text"
	return e
}

// parseNameLines reads the text form; line is the first that is not of it, 0 when all are.
func parseNameLines(text []byte) (n *Names, line int) {
	n = &Names{Exports: map[string]string{}, Imports: map[string]string{}}
	for l := range bytes.Lines(text) {
		line++
		s := strings.TrimSpace(string(l))
		if s == "" || s[0] == '#' {
			continue
		}
		left, rest, ok := cutToken(s)
		op, rest, ok2 := strings.Cut(rest, " ")
		right, rest, ok3 := cutToken(rest)
		switch {
		case !ok, !ok2, !ok3, rest != "":
			return nil, line
		case op == "=":
			n.Exports[left] = right
		case op == "->":
			n.Imports[left] = right
		default:
			return nil, line
		}
	}
	return n, 0
}

// token writes a name: as it is where it is plain, in quotes where not.
func token(s string) string {
	odd := func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == '"' || r == utf8.RuneError
	}
	if s == "" || s[0] == '#' || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}

// cutToken reads what token wrote, and the space after it.
func cutToken(s string) (name, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		name, rest, _ = strings.Cut(s, " ")
		return name, rest, name != "" && token(name) == name
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", false
	}
	name, err = strconv.Unquote(quoted)
	rest, spaced := strings.CutPrefix(s[len(quoted):], " ")
	return name, rest, err == nil && (spaced || rest == "")
}
