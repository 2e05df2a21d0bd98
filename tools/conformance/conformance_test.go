package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The recorded files were made by the generator of the vectors with numpy
// 1.24.2: ndpointer.jsonl.gz and ctor.jsonl with -n 60 --structured 18
// --exotic 10 --seed 7, and the layouts of memview with the default seed.
//
// The odd ones hold what that generator never makes. They were picked from
// the 6000 layouts (seed 31) and 8000 arrays (seed 41) of a copy of it, in
// which sub-arrays may have extents of 0, and fields have titles, names that
// need quoting, dates and void types; and in which the restricted dtype may
// differ in nothing but an offset, a unit, the shape of a sub-array, or a name
// in an inner struct.
const (
	arrayFile     = "testdata/ndpointer.jsonl.gz"
	oddArrayFile  = "testdata/odd_ndpointer.jsonl.gz"
	layoutFile    = "../../memview/testdata/layouts.jsonl.gz"
	oddLayoutFile = "testdata/odd_layouts.jsonl.gz"
	ctorFile      = "testdata/ctor.jsonl"
)

// verbOf is what replays the small files.
var verbOf = map[string]string{arrayFile: "ndpointer", oddArrayFile: "ndpointer", oddLayoutFile: "layouts", ctorFile: "ctor"}

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a text with a golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// conformance runs the command.
func conformance(args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

// file writes a file of a test.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, content, 0o644))
	return name
}

// recordedLines are the lines of a recorded file.
func recordedLines(t testing.TB, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	r, err := plain(f)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// The golden files fix how many cases differ by design, row for row: a rule
// that comes to cover more or less is seen here.
func TestRecorded(t *testing.T) {
	for name, args := range map[string][]string{
		"ndpointer":     {"ndpointer", arrayFile},
		"ctor":          {"ctor", ctorFile},
		"layouts":       {"layouts", layoutFile},
		"odd_ndpointer": {"ndpointer", oddArrayFile},
		"odd_layouts":   {"layouts", oddLayoutFile},
		"two_layouts":   {"layouts", "-n", "3", layoutFile, oddLayoutFile},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := conformance(args...)
			require.Empty(t, stderr)
			golden(t, name, stdout)
			require.Zero(t, code)
		})
	}
}

// Every rule is needed by a recorded case.
func TestEveryRuleIsUsed(t *testing.T) {
	r := newReport(0)
	for name, verb := range verbOf {
		require.NoError(t, replayFile(name, verbs[verb], r))
	}
	for i, n := range r.rules {
		require.NotZero(t, n, "row %s: %s", design[i].row, design[i].reason)
	}
	require.Zero(t, r.differ)
}

// Differences are reported with file and line, up to -n of them.
func TestDifferences(t *testing.T) {
	lines := recordedLines(t, arrayFile)
	for _, lie := range []struct{ was, is string }{
		{`"C":true`, `"C":false`},
		{`"verdict":"accept"`, `"verdict":"reject"`},
		{`"span":[0,`, `"span":[1,`},
		{`"as_ctypes":{"ok":false,"exc":"NotImplementedError","error":"Converting`, `"as_ctypes":{"ok":false,"exc":"NotImplementedError","error":"Diverting`},
	} {
		at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, lie.was) })
		require.GreaterOrEqual(t, at, 0, lie.was)
		lines[at] = strings.Replace(lines[at], lie.was, lie.is, 1)
	}
	text := strings.Join(lines, "\n") + "\n"
	dir := t.TempDir()
	a, b := filepath.Join(dir, "lies.jsonl"), filepath.Join(dir, "lies.jsonl.gz")
	require.NoError(t, os.WriteFile(a, []byte(text), 0o644))
	require.NoError(t, os.WriteFile(b, zipped(t, text), 0o644))
	var all strings.Builder
	for _, args := range [][]string{{a}, {a, b}, {"-n", "2", a}, {"-n", "0", b}} {
		code, stdout, stderr := conformance(append([]string{"ndpointer"}, args...)...)
		require.Equal(t, 1, code)
		require.Empty(t, stderr)
		all.WriteString("$ conformance ndpointer " + strings.Join(args, " ") + "\n" + stdout)
	}
	golden(t, "differences", strings.ReplaceAll(all.String(), dir+string(filepath.Separator), ""))
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"--help"}, {"help"}, {"ctor", "-h"}} {
		code, stdout, stderr := conformance(args...)
		require.Zero(t, code)
		require.Equal(t, usage, stdout)
		require.Empty(t, stderr)
	}
	for want, args := range map[string][]string{
		"got no verb, want ndpointer, layouts or ctor":      {},
		`got verb "array", want ndpointer, layouts or ctor`: {"array", arrayFile},
		"got no file, want one or more":                     {"ctor"},
		"got -n -1, want 0 or more":                         {"ctor", "-n", "-1", ctorFile},
		"flag provided but not defined: -x":                 {"ctor", "-x", ctorFile},
		`invalid value "many" for flag -n: parse error`:     {"ctor", "-n", "many", ctorFile},
	} {
		code, stdout, stderr := conformance(args...)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Equal(t, "conformance: "+want+"\n"+usage+"\n", stderr)
	}
}

// What cannot be read has exit code 2 and says where, also when the files
// before it are fine.
func TestUnreadable(t *testing.T) {
	whole, err := os.ReadFile(arrayFile)
	require.NoError(t, err)
	first := recordedLines(t, ctorFile)[0]
	long := `{"arg":"` + strings.Repeat("x", maxLine) + `"}`
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty.jsonl":        {nil, ": holds no cases"},
		"empty.jsonl.gz":     {zipped(t, ""), ": holds no cases"},
		"truncated.jsonl.gz": {whole[:len(whole)/2], ": unexpected EOF"},
		"header.jsonl.gz":    {whole[:5], ": unexpected EOF"},
		"broken.jsonl.gz":    {append([]byte("\x1f\x8b"), "text that goes on for a while"...), ": gzip: invalid header"},
		"checksum.jsonl.gz":  {flipped(zipped(t, first+"\n"), -8), ":2: gzip: invalid checksum"},
		"blank.jsonl":        {[]byte(first + "\n\n"), ":2: unexpected end of JSON input"},
		"cut.jsonl":          {[]byte(first + "\n" + first[:20]), ":2: unexpected end of JSON input"},
		"two.jsonl":          {[]byte(first + first), ":1: invalid character '{' after top-level value"},
		"binary.jsonl":       {[]byte{0, 1, 2}, ":1: invalid character '\\x00' looking for beginning of value"},
		"long.jsonl":         {[]byte(first + "\n" + long), ":2: line is longer than 1048576 bytes"},
		"long.jsonl.gz":      {zipped(t, long), ":1: line is longer than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			verb, before := "ctor", ctorFile
			if bytes.HasPrefix(whole, c.content) && len(c.content) > 0 {
				verb, before = "ndpointer", arrayFile
			}
			bad := file(t, name, c.content)
			for _, args := range [][]string{{verb, bad}, {verb, before, bad}} {
				code, stdout, stderr := conformance(args...)
				require.Equal(t, 2, code)
				require.Empty(t, stdout)
				require.Contains(t, stderr, "conformance: "+bad)
				require.True(t, strings.HasSuffix(stderr, c.want+"\n"), stderr)
			}
		})
	}
	dir := t.TempDir()
	for _, bad := range []string{dir, filepath.Join(dir, "none")} {
		code, stdout, stderr := conformance("ctor", bad)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, bad)
	}
}

// flipped is b with another byte at an index, which counts from the end where
// it is negative.
func flipped(b []byte, at int) []byte {
	b[(at+len(b))%len(b)] ^= 1
	return b
}

// A report that cannot be written is no success.
func TestUnwritable(t *testing.T) {
	var stderr strings.Builder
	require.Equal(t, 2, run([]string{"ctor", ctorFile}, full{}, &stderr))
	require.Equal(t, "conformance: no space\n", stderr.String())
}

var errFull = errors.New("no space")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
