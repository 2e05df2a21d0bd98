package constraints_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
)

func TestParseErrorPlaces(t *testing.T) {
	for _, tt := range []struct {
		err  constraints.ParseError
		want string
	}{
		{constraints.ParseError{Text: "abc", Pos: 1, Msg: "m"}, "constraints: signature: column 2: m\n  abc\n   ^"},
		{constraints.ParseError{Text: "ab\ncd\nef", Pos: 4, Msg: "m"}, "constraints: signature: line 2, column 2: m\n  cd\n   ^"},
		{constraints.ParseError{Text: "ab\r\ncd\r\n", Pos: 4, Msg: "m"}, "constraints: signature: line 2, column 1: m\n  cd\n  ^"},
		{constraints.ParseError{Text: "ab\n", Pos: 3, Msg: "m"}, "constraints: signature: line 2, column 1: m\n  \n  ^"},
		{constraints.ParseError{Text: "ab\ncd", Pos: 2, Msg: "m"}, "constraints: signature: column 3: m\n  ab\n    ^"},
		// Characters, not bytes; a tab is as wide as the mark's space.
		{constraints.ParseError{Text: "é世x", Pos: 5, Msg: "m"}, "constraints: signature: column 3: m\n  é世x\n    ^"},
		{constraints.ParseError{Text: "\tx", Pos: 1, Msg: "m"}, "constraints: signature: column 2: m\n   x\n   ^"},
		// Positions that are none.
		{constraints.ParseError{Text: "é世x", Pos: 4, Msg: "m"}, "constraints: signature: column 2: m\n  é世x\n   ^"},
		{constraints.ParseError{Text: "abc", Pos: 99, Msg: "m"}, "constraints: signature: column 4: m\n  abc\n     ^"},
		{constraints.ParseError{Text: "abc", Pos: -1, Msg: "m"}, "constraints: signature: column 1: m\n  abc\n  ^"},
		{constraints.ParseError{Msg: "m"}, "constraints: signature: column 1: m\n  \n  ^"},
		// What a terminal would obey.
		{constraints.ParseError{Text: "a\x1b[2J\xffb", Pos: 6, Msg: "m"}, "constraints: signature: column 7: m\n  a\ufffd[2J\ufffdb\n        ^"},
		{constraints.ParseError{Text: strings.Repeat("a", 100) + "b" + strings.Repeat("c", 100), Pos: 100, Msg: "m"},
			"constraints: signature: column 101: m\n  ..." + strings.Repeat("a", 60) + "b" + strings.Repeat("c", 59) + "...\n  " + strings.Repeat(" ", 63) + "^"},
	} {
		require.Equal(t, tt.want, tt.err.Detail())
		require.Equal(t, strings.Split(tt.want, "\n")[0], tt.err.Error())
	}
	_, err := constraints.Parse("f(é: f64)")
	require.EqualError(t, err, "constraints: signature: column 3: unexpected character 'é'")
	require.False(t, errors.Is(err, constraints.ErrDType))
}
