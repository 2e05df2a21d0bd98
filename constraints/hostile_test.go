package constraints_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
)

// Files that were made to be slow or deep.
func TestHostileFiles(t *testing.T) {
	fill := func(format string) string {
		var b strings.Builder
		for i := 0; ; i++ {
			line := fmt.Sprintf(format, i)
			if b.Len()+len(line) > constraints.MaxFile {
				return b.String()
			}
			b.WriteString(line)
		}
	}
	chain := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i, i+1)
		}
		return b.String() + fmt.Sprintf("type A%d = {x: i8}\nf(x: A0[1])", n)
	}
	for name, tt := range map[string]struct {
		text, want string // want "": read
	}{
		"brackets":            {strings.Repeat("(", constraints.MaxFile), "signature or declaration has"},
		"semicolons":          {strings.Repeat(";", constraints.MaxFile), ""},
		"words":               {strings.Repeat("a ", constraints.MaxFile/2), "signature or declaration has"},
		"one signature":       {fill("f() -> i32 ok(0)#%d\n"), "more than 4096 signatures"},
		"signatures":          {fill("f%d()\n"), "more than 4096 signatures"},
		"types":               {fill("type A%d = {x: i8}\n"), "more than 256 types"},
		"one type":            {fill("type Aa = {x: i8}#%d\n"), ""},
		"one type, different": {fill("type Aa = {x%d: i8}\n"), "type Aa is declared twice, in different ways"},
		"versions":            {fill("wasmffi 1#%d\n"), ""},
		"comments":            {fill("#%d\n"), ""},
		"invalid UTF-8":       {strings.Repeat("\xff", constraints.MaxFile), "unexpected character"},
		"quotes":              {strings.Repeat(`"`, constraints.MaxFile), "signature or declaration has"},
		"holds itself":        {"type Aa = {b: Bb}\ntype Bb = {c: Cc}\ntype Cc = {a: Aa}\nf(x: Aa[1])", "type Aa holds itself"},
		"as deep as may be":   {chain(constraints.MaxDepth, "type A%d = {x: A%d}\n"), ""},
		"deeper":              {chain(constraints.MaxDepth+1, "type A%d = {x: A%d}\n"), "type A17 is nested more than 16 deep"},
		"wider than memory":   {chain(16, "type A%d = {x: A%d[256]}\n"), "dtype does not fit"},
		"twice as wide":       {chain(14, "type A%d = {x: A%[2]d, y: A%[2]d}\n"), ""},
		"parentheses":         {"f(x: f64[n], v: i32 = " + strings.Repeat("(", 17) + "n" + strings.Repeat(")", 17) + ")", "expression is nested more than 16 deep"},
		"a long sum":          {"f(x: f64[n], v: i32 = n" + strings.Repeat("+n", 16) + ")", "expression is nested more than 16 deep"},
		"many choices":        {"f(x: f64" + strings.Repeat("|f64", 16) + "[n] desc)", "more than 16 element types"},
		"many func types":     {"f(g: func(i32" + strings.Repeat(",i32", 64) + "))", "more than 64 parameters"},
		"func in func":        {"f(g: " + strings.Repeat("func(", 100), "a scalar or an array"},
	} {
		start := time.Now()
		_, err := constraints.ParseFile(tt.text)
		require.Less(t, time.Since(start), 5*time.Second, name)
		if tt.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, tt.want, name)
		require.Less(t, len(err.Error()), 10_000, name)
	}
}
