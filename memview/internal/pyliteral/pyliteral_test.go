package pyliteral_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview/internal/pyliteral"
)

type (
	tuple = pyliteral.Tuple
	list  = pyliteral.List
	dict  = pyliteral.Dict
)

func TestParse(t *testing.T) {
	for src, want := range map[string]any{
		"1":                             int64(1),
		"-7":                            int64(-7),
		"9223372036854775807":           int64(9223372036854775807),
		"-9223372036854775808":          int64(-9223372036854775808),
		"10L":                           int64(10),
		"True":                          true,
		" False\n":                      false,
		"None":                          nil,
		"''":                            "",
		"'a'":                           "a",
		`"it's"`:                        "it's",
		"u'a'":                          "a",
		"b'a'":                          "a",
		`'\'\"\\\n\t\r\x41é\U0001f600'`: "'\"\\\n\t\rAé\U0001f600",
		"'日本'":                          "日本",
		"()":                            tuple(nil),
		"(1)":                           int64(1),
		"((((1))))":                     int64(1),
		"(1,)":                          tuple{int64(1)},
		"(1, 2)":                        tuple{int64(1), int64(2)},
		"( 1 ,\n2 , )":                  tuple{int64(1), int64(2)},
		"[]":                            list(nil),
		"[1]":                           list{int64(1)},
		"[(), []]":                      list{tuple(nil), list(nil)},
		"{}":                            dict{},
		"{'a': 1, }":                    dict{{Key: "a", Value: int64(1)}},
		"{'b': [None], 'a': (1,)}":      dict{{Key: "b", Value: list{nil}}, {Key: "a", Value: tuple{int64(1)}}},
	} {
		t.Run(src, func(t *testing.T) {
			got, err := pyliteral.Parse(src)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for src, want := range map[string]string{
		"":                                      "at byte 0: want a value, got the end",
		"x":                                     "at byte 0: want a Python literal, got 'x'",
		"Truex":                                 "want a Python literal",
		"1 2":                                   "at byte 2: unexpected '2' after the value",
		"1.5":                                   "unexpected '.' after the value",
		"-":                                     "want a 64-bit integer",
		"9223372036854775808":                   "want a 64-bit integer",
		"(":                                     "want a value, got the end",
		"(,)":                                   "want a Python literal, got ','",
		"[1 2]":                                 "want ',' or ']', got '2'",
		"[1,,2]":                                "want a Python literal, got ','",
		"(1]":                                   "want ',' or ')', got ']'",
		"{1: 2}":                                "dict key is no string",
		"{'a'}":                                 "want ':', got '}'",
		"{'a': 1 'b': 2}":                       "want ',' or '}', got '\\''",
		"{'a': 1, 'a': 2}":                      `key "a" stands twice`,
		"'a":                                    "at byte 0: string does not end",
		`'\`:                                    "string does not end",
		"'a\nb'":                                "line ends inside a string",
		`'\q'`:                                  `bad escape \q`,
		`'\x4'`:                                 "bad escape: want 2 hex digits",
		`'\x`:                                   "bad escape: want 2 hex digits",
		`'\ud800'`:                              "bad escape: U+D800 is no character",
		`'\U00110000'`:                          "bad escape: U+110000 is no character",
		`'\Uffffffff'`:                          "bad escape: U+FFFFFFFF is no character",
		strings.Repeat("[", 99):                 "nested more than 80 deep",
		"[" + strings.Repeat("1,", 1<<16) + "]": "more than 65536 values",
	} {
		t.Run(src[:min(len(src), 20)], func(t *testing.T) {
			_, err := pyliteral.Parse(src)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "%!")
		})
	}
}

// Many keys must not cost the square of their number: 30,000 take milliseconds.
func BenchmarkParseManyKeys(b *testing.B) {
	src := []byte{'{'}
	for i := range 30_000 {
		src = fmt.Appendf(src, "'%026d':0,", i)
	}
	src = append(src, '}')
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		v, err := pyliteral.Parse(string(src))
		require.NoError(b, err)
		require.Len(b, v, 30_000)
	}
}

func TestDictGet(t *testing.T) {
	d := dict{{Key: "a", Value: nil}, {Key: "b", Value: int64(1)}}
	v, ok := d.Get("b")
	require.True(t, ok)
	require.Equal(t, int64(1), v)
	_, ok = d.Get("a")
	require.True(t, ok)
	_, ok = d.Get("c")
	require.False(t, ok)
}

// The wanted texts are what repr gives in Python.
func TestQuote(t *testing.T) {
	for s, want := range map[string]string{
		"":           "''",
		"a b":        "'a b'",
		"it's":       `"it's"`,
		`"`:          `'"'`,
		`'"`:         `'\'"'`,
		`\`:          `'\\'`,
		"\n\r\t":     `'\n\r\t'`,
		"\x00\x1f":   `'\x00\x1f'`,
		"\x7f\u00a0": `'\x7f\xa0'`,
		"\u00ad":     `'\xad'`,
		"é日":         "'é日'",
		"\u2028":     `'\u2028'`,
		"\U000e0001": `'\U000e0001'`,
		"\U0001f600": "'\U0001f600'",
	} {
		require.Equal(t, want, pyliteral.Quote(s), "%q", s)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", `[(('t', 'n'), "<f8", (2, 3)), ('', '|V4')]`,
		`'\x41\u00e9\U0001f600\n'`, "-10L", "((1),)", "{'a': None}", "u'a'", "[[[[]]]]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		v, err := pyliteral.Parse(src)
		if err != nil {
			return
		}
		again, err := pyliteral.Parse(text(v))
		require.NoError(t, err)
		require.Equal(t, text(v), text(again))
	})
}

func FuzzQuote(f *testing.F) {
	f.Add("a'\"\\\x00\u2028\U0001f600")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := pyliteral.Parse(pyliteral.Quote(s))
		require.NoError(t, err)
		require.Equal(t, string([]rune(s)), v) // bad UTF-8 becomes U+FFFD
	})
}

// text writes a value as Python does.
func text(v any) string {
	join := func(items []any, open, end string) string {
		for _, x := range items {
			open += text(x) + ", "
		}
		return open + end
	}
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case string:
		return pyliteral.Quote(v)
	case tuple:
		return join(v, "(", ")")
	case list:
		return join(v, "[", "]")
	case dict:
		var s strings.Builder
		s.WriteString("{")
		for _, p := range v {
			s.WriteString(pyliteral.Quote(p.Key) + ": " + text(p.Value) + ", ")
		}
		return s.String() + "}"
	}
	return fmt.Sprint(v)
}
