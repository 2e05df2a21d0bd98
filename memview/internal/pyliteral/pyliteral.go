// Package pyliteral reads the Python literals in which numpy writes dtypes and
// .npy headers: strings, integers, True, False, None, tuples, lists and dicts.
// Input is untrusted: depth and number of values are limited.
package pyliteral

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a literal.
const (
	MaxDepth  = 80 // 32 structs in each other are 64 lists and tuples
	maxValues = 1 << 16
)

// Tuple is a Python tuple.
type Tuple []any

// List is a Python list.
type List []any

// Pair is one item of a Dict.
type Pair struct {
	Key   string
	Value any
}

// Dict is a Python dict with string keys, in the order of the text.
type Dict []Pair

// Get returns the value of a key.
func (d Dict) Get(key string) (any, bool) {
	for _, p := range d {
		if p.Key == key {
			return p.Value, true
		}
	}
	return nil, false
}

// Parse reads one literal that fills src but for white space. Values are
// string, int64, bool, nil, Tuple, List and Dict.
func Parse(src string) (any, error) {
	p := &parser{src: src}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos < len(src) {
		return nil, p.errorf("unexpected %s after the value", p.here())
	}
	return v, nil
}

// Quote writes s as Python's repr does for text without unusual characters.
func Quote(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := []byte{q}
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r == 0x7f:
			b = fmt.Appendf(b, `\x%02x`, r)
		case strconv.IsPrint(r) || r == utf8.RuneError:
			b = utf8.AppendRune(b, r)
		case r <= 0xff:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = fmt.Appendf(b, `\U%08x`, r)
		}
	}
	return string(append(b, q))
}

type parser struct {
	src    string
	pos    int
	values int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", p.pos, fmt.Sprintf(format, args...))
}

func (p *parser) here() string {
	if p.pos >= len(p.src) {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.pos:])
	return strconv.QuoteRune(r)
}

func (p *parser) space() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n\f\v", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *parser) take(c byte) bool {
	p.space()
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) value(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, p.errorf("nested more than %d deep", MaxDepth)
	}
	if p.values++; p.values > maxValues {
		return nil, p.errorf("more than %d values", maxValues)
	}
	p.space()
	if p.pos >= len(p.src) {
		return nil, p.errorf("want a value, got the end")
	}
	switch c := p.src[p.pos]; {
	case c == '(':
		p.pos++
		items, comma, err := p.items(')', depth)
		if err == nil && len(items) == 1 && !comma {
			return items[0], nil // parentheses only
		}
		return Tuple(items), err
	case c == '[':
		p.pos++
		items, _, err := p.items(']', depth)
		return List(items), err
	case c == '{':
		p.pos++
		return p.dict(depth)
	case c == '\'' || c == '"':
		return p.quoted(c)
	case c == '-' || c >= '0' && c <= '9':
		return p.integer()
	default:
		return p.word()
	}
}

func (p *parser) items(end byte, depth int) (items []any, comma bool, err error) {
	for !p.take(end) {
		if len(items) > 0 && !comma {
			return nil, false, p.errorf("want ',' or %q, got %s", end, p.here())
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, false, err
		}
		items = append(items, v)
		comma = p.take(',')
	}
	return items, comma, nil
}

func (p *parser) dict(depth int) (any, error) {
	d, comma := Dict{}, true
	seen := map[string]bool{} // Dict.Get would be quadratic
	for !p.take('}') {
		if !comma {
			return nil, p.errorf("want ',' or '}', got %s", p.here())
		}
		p.space()
		k, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		key, ok := k.(string)
		if !ok {
			return nil, p.errorf("dict key is no string")
		}
		if seen[key] {
			return nil, p.errorf("key %.64q stands twice", key)
		}
		if !p.take(':') {
			return nil, p.errorf("want ':', got %s", p.here())
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		seen[key] = true
		d = append(d, Pair{key, v})
		comma = p.take(',')
	}
	return d, nil
}

func (p *parser) integer() (any, error) {
	start := p.pos
	for p.pos++; p.pos < len(p.src) && p.src[p.pos] >= '0' && p.src[p.pos] <= '9'; p.pos++ {
	}
	n, err := strconv.ParseInt(p.src[start:p.pos], 10, 64)
	if err != nil {
		p.pos = start
		return nil, p.errorf("want a 64-bit integer")
	}
	if p.pos < len(p.src) && p.src[p.pos] == 'L' { // Python 2 wrote long integers so
		p.pos++
	}
	return n, nil
}

func (p *parser) word() (any, error) {
	start := p.pos
	for p.pos < len(p.src) && (p.src[p.pos]|0x20 >= 'a' && p.src[p.pos]|0x20 <= 'z') {
		p.pos++
	}
	switch p.src[start:p.pos] {
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "None":
		return nil, nil
	case "u", "b": // prefixes of Python 2 and of bytes
		if p.pos < len(p.src) && (p.src[p.pos] == '\'' || p.src[p.pos] == '"') {
			return p.quoted(p.src[p.pos])
		}
	}
	p.pos = start
	return nil, p.errorf("want a Python literal, got %s", p.here())
}

func (p *parser) quoted(q byte) (any, error) {
	start := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.src); {
		c := p.src[p.pos]
		switch {
		case c == q:
			p.pos++
			return b.String(), nil
		case c == '\n':
			return nil, p.errorf("line ends inside a string")
		case c == '\\':
			if err := p.escape(&b); err != nil {
				return nil, err
			}
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	p.pos = start
	return nil, p.errorf("string does not end")
}

func (p *parser) escape(b *strings.Builder) error {
	if p.pos+1 >= len(p.src) {
		return p.errorf("string does not end")
	}
	digits := 0
	switch c := p.src[p.pos+1]; c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case '\\', '\'', '"':
		b.WriteByte(c)
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return p.errorf("bad escape \\%c", c)
	}
	p.pos += 2
	if digits > 0 {
		if p.pos+digits > len(p.src) {
			return p.errorf("bad escape: want %d hex digits", digits)
		}
		n, err := strconv.ParseUint(p.src[p.pos:p.pos+digits], 16, 32)
		if err != nil {
			return p.errorf("bad escape: want %d hex digits", digits)
		}
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return p.errorf("bad escape: U+%04X is no character", n)
		}
		b.WriteRune(rune(n))
		p.pos += digits
	}
	return nil
}
