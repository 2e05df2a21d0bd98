package constraints_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/testdata/wasm"
)

func TestParseFile(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"empty":                     {"", nil},
		"comments":                  {"# f()\n  # g()", nil},
		"versions":                  {"wasmffi 1\nf()\nwasmffi 1;wasmffi 1", []string{"f()"}},
		"order of the file":         {"g()\nf(); h()", []string{"g()", "f()", "h()"}},
		"merged":                    {"f(x: f64[n],n:size)\ng()\n\"f\"(x: f64[n], n: size) # again", []string{"f(x: f64[n], n: size)", "g()"}},
		"broken lines":              {"f(\n\n x: f64[\nn]\n) -> i32 ok(\n0)\ng()", []string{"f(x: f64[n]) -> i32 ok(0)", "g()"}},
		"declared after":            {"f(p: Pp[n])\ntype Pp = {\n x: f32,\n y: f32\n}\n", []string{"type Pp = {x: f32, y: f32}; f(p: Pp[n])"}},
		"declared again":            {"type Pp = {x: f32}\nf(p: Pp[n])\ntype Pp = {x: f32}", []string{"type Pp = {x: f32}; f(p: Pp[n])"}},
		"only what is used":         {"type Aa = {x: i32}; type Pp = {x: f32}; f(p: Pp[n]); g(a: Aa[n])", []string{"type Pp = {x: f32}; f(p: Pp[n])", "type Aa = {x: i32}; g(a: Aa[n])"}},
		"CRLF":                      {"wasmffi 1\r\nf()\r\n", []string{"f()"}},
		"a function called wasmffi": {"wasmffi(x: i32)\nwasmffi 1", []string{"wasmffi(x: i32)"}},
	} {
		f, err := constraints.ParseFile(tt.text)
		require.NoError(t, err, name)
		var got []string
		for _, s := range f.Signatures {
			got = append(got, s.String())
			again, ok := f.Lookup(s.Name)
			require.True(t, ok)
			require.Same(t, s, again)
		}
		require.Equal(t, tt.want, got, name)
		_, ok := f.Lookup("nosuch")
		require.False(t, ok)
	}
	f, err := constraints.ParseFile("type Bb = {x: f32}\nf()\ntype Aa = {b: Bb}")
	require.NoError(t, err)
	require.Len(t, f.Structs, 2)
	require.Equal(t, "Bb", f.Structs[0].Name)
	require.Equal(t, "Aa", f.Structs[1].Name)
}

func TestParseFileRefuses(t *testing.T) {
	for _, tt := range []struct {
		text, want string
	}{
		{"wasmffi 2", `constraints: signature: column 9: version is "2", want 1`},
		{"wasmffi 01", `constraints: signature: column 9: version is "01", want 1`},
		{"wasmffi 1 f()", `constraints: signature: column 11: want the end of the line or ";", got "f"`},
		{"f()\n\nf() -> i32", "constraints: signature: line 3, column 1: f has two different signatures: f() and f() -> i32"},
		{"f(n: size)\nf(n: u32)", "constraints: signature: line 2, column 1: f has two different signatures: f(n: size) and f(n: u32)"},
		{"type Pp = {x: f32}\ntype Pp = {y: f32}", "constraints: signature: line 2, column 6: type Pp is declared twice, in different ways"},
		{"f()\ng(x: f64[n]", `constraints: signature: line 2, column 12: want "," or ")" after a parameter, got the end`},
		{"g(x: f64[n]\nf()", `constraints: signature: line 2, column 1: want "," or ")" after a parameter, got "f"`},
		{"f()\n  é", "constraints: signature: line 2, column 3: unexpected character 'é'"},
	} {
		f, err := constraints.ParseFile(tt.text)
		require.Nil(t, f)
		require.EqualError(t, err, tt.want)
	}
}

func TestParseFileLimits(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	long := "f(" + many(400, "x%d: f64,\n") + "y: f64)"
	for name, tt := range map[string]struct {
		text, want string
	}{
		"MaxFile":         {strings.Repeat("\n", constraints.MaxFile), ""},
		"MaxFile+1":       {strings.Repeat("\n", constraints.MaxFile+1), "file has 1048577 bytes, want at most 1048576"},
		"MaxSignatures":   {many(constraints.MaxSignatures, "f%d()\n"), ""},
		"MaxSignatures+1": {many(constraints.MaxSignatures+1, "f%d()\n"), "more than 4096 signatures"},
		"MaxStructs":      {many(constraints.MaxStructs, "type S%d = {x: f32}\n"), ""},
		"MaxStructs+1":    {many(constraints.MaxStructs+1, "type S%d = {x: f32}\n"), "more than 256 types"},
		"MaxText":         {long, "signature or declaration has 4299 bytes, want at most 4096"},
		"MaxText, struct": {"type S0 = {" + many(500, "x%d: f32,") + "y: f32}", "signature or declaration has 4908 bytes, want at most 4096"},
		"MaxText, with declarations": {"type S0 = {" + many(300, "x%d: f32, ") + "y: f32}\ntype S1 = {" + many(100, "x%d: S0, ") + "y: S0}\nf(x: S0[1])\ng(x: S1[1])",
			"signature has 4130 bytes with its declarations, want at most 4096"},
	} {
		_, err := constraints.ParseFile(tt.text)
		if tt.want == "" {
			require.NoError(t, err, name)
			continue
		}
		var pe *constraints.ParseError
		require.ErrorAs(t, err, &pe, name)
		require.Equal(t, tt.want, pe.Msg, name)
		require.LessOrEqual(t, len(pe.Detail()), 3*constraints.MaxText, name)
	}
}

// Each struct holds two of the one before, twice over: without shared dtypes, every
// comparison of two of them takes 2^14 steps.
func TestParseFileIsFast(t *testing.T) {
	var b strings.Builder
	b.WriteString("type A0 = {x: f32}\ntype B0 = {x: f32}\n")
	const deep = 14
	for i := 1; i <= deep; i++ {
		fmt.Fprintf(&b, "type A%d = {a: A%d, b: A%d}\ntype B%d = {a: B%d, b: B%d}\n", i, i-1, i-1, i, i-1, i-1)
	}
	for i := range constraints.MaxSignatures {
		fmt.Fprintf(&b, "f%d(x: A%d[n], y: B%d[n], z: out A%d[n])\n", i, deep, deep, i%deep)
	}
	start := time.Now()
	f, err := constraints.ParseFile(b.String())
	require.NoError(t, err)
	require.Len(t, f.Signatures, constraints.MaxSignatures)
	t.Logf("%d bytes in %v", b.Len(), time.Since(start))
	require.Less(t, time.Since(start), 5*time.Second)
	s := f.Signatures[0]
	require.True(t, s.Structs[len(s.Structs)-1].DType.Equal(s.Structs[len(s.Structs)-2].DType), "the last two are A14 and B14")
}

// The sidecars of the fixtures are files of signatures.
func TestParseFixtures(t *testing.T) {
	names, err := fs.Glob(wasm.FS, "*.sig")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		text, err := fs.ReadFile(wasm.FS, name)
		require.NoError(t, err)
		f, err := constraints.ParseFile(string(text))
		require.NoError(t, err, name)
		for _, s := range f.Signatures {
			_, err := constraints.Compile(s)
			require.NoError(t, err, s)
		}
	}
}
