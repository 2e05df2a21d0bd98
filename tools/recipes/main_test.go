package main

import (
	"bytes"
	"context"
	base "encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestManifest(t *testing.T) {
	recipes, err := parseManifest(manifest)
	require.NoError(t, err)
	var files []string
	for _, r := range recipes {
		files = append(files, r.File)
	}
	require.Equal(t, []string{"daxpy.wasm", "ddot.wasm", "xxhash.wasm", "zstddec.wasm", "zstd.wasm", "zstd.js", "pffft.wasm", "pffft.js", "highs.wasm", "highs.js"}, files)
}

func TestManifestRefuses(t *testing.T) {
	row := func(old, new string) string {
		s := `{"file": "a.wasm", "case": "R1", "package": "a", "version": "1", "licence": "MIT", "path": "package/a.wasm", "encoding": "file", "size": 8, "sha256": "` + strings.Repeat("0a", 32) + `"}`
		return "[" + strings.Replace(s, old, new, 1) + "]"
	}
	_, err := parseManifest([]byte(row("", "")))
	require.NoError(t, err)
	for name, c := range map[string]struct{ text, want string }{
		"no json":         {"", "manifest: EOF"},
		"unknown field":   {row(`"case"`, `"kase"`), `manifest: json: unknown field "kase"`},
		"folder":          {row("a.wasm", "x/a.wasm"), `manifest: row 0: file is "x/a.wasm", want the name of a file`},
		"above":           {row("a.wasm", ".."), `manifest: row 0: file is "..", want the name of a file`},
		"windows":         {row("a.wasm", `x\\a.wasm`), `manifest: row 0: file is "x\\a.wasm", want the name of a file`},
		"no name":         {row("a.wasm", ""), `manifest: row 0: file is "", want the name of a file`},
		"twice":           {strings.Replace(row("", ""), "]", ","+row("", "")[1:], 1), "manifest: row 1: a.wasm is there twice"},
		"an option":       {row(`"package": "a"`, `"package": "-a"`), `manifest: a.wasm: got package "-a", version "1", path "package/a.wasm", want all three`},
		"no version":      {row(`"version": "1"`, `"version": ""`), `manifest: a.wasm: got package "a", version "", path "package/a.wasm", want all three`},
		"encoding":        {row(`"encoding": "file"`, `"encoding": "rot13"`), `manifest: a.wasm: encoding is "rot13", want file or base64`},
		"no size":         {row(": 8", ": 0"), "manifest: a.wasm: size is 0, want 1 to 33554432"},
		"size":            {row(": 8", ": 33554433"), "manifest: a.wasm: size is 33554433, want 1 to 33554432"},
		"short digest":    {row("0a", ""), "want 64 hexadecimal digits in lower case"},
		"capital digest":  {row("0a", "0A"), "want 64 hexadecimal digits in lower case"},
		"digest of signs": {row("0a", "0x"), "want 64 hexadecimal digits in lower case"},
	} {
		_, err := parseManifest([]byte(c.text))
		require.ErrorContains(t, err, c.want, name)
	}
}

func TestExtractBase64(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 100} {
		want := append(module(""), bytes.Repeat([]byte{0xFB, 0xEF, 0xFF}, 100)[:n]...)
		r := rowOf("x.wasm", "x@1", "x.mjs", base64, want)
		for _, how := range []*base.Encoding{base.StdEncoding, base.RawStdEncoding, base.URLEncoding, base.RawURLEncoding} {
			for _, around := range [][2]string{{"", ""}, {`a="data:application/wasm;base64,`, `"`}, {"AGFzbQEAAAA;AGFzbQEAAAAx=;", "\n"}, {"AGFzbQEAAAB' '", "'AGFzbQEAAA"}} {
				got, err := extract(r, []byte(around[0]+how.EncodeToString(want)+around[1]))
				require.NoError(t, err, "%d %q", n, around)
				require.Equal(t, want, got)
			}
		}
	}
	r := rowOf("x.wasm", "x@1", "x.mjs", base64, one)
	_, err := extract(r, []byte(strings.Repeat("AGFzbQEAAAA ", 3)))
	require.EqualError(t, err, "x.mjs of x@1 holds 3 modules in base64, none with sha256 "+digest(one))
	_, err = extract(r, bytes.Repeat([]byte("AGFzbQEAAAA"), 1<<16))
	require.ErrorContains(t, err, "none with sha256", "linear time")
}

func FuzzEncoded(f *testing.F) {
	f.Add([]byte(`"AGFzbQEAAAAB" AGFzbQEAAAA-_8`))
	f.Fuzz(func(t *testing.T, text []byte) {
		total := 0
		for b := range encoded(text) {
			require.True(t, bytes.HasPrefix(b, []byte("\x00asm\x01\x00\x00")), "%q", b)
			total += len(b)
		}
		require.LessOrEqual(t, total, len(text))
	})
}

func TestRun(t *testing.T) {
	var tried int
	unavailable := func(context.Context, string, string) (string, error) {
		tried++
		return "", fmt.Errorf("%w: npm is missing", errUnavailable)
	}
	broken := func(context.Context, string, string) (string, error) { return "", errors.New("npm pack: E404") }
	dir := filepath.Join(t.TempDir(), "new", "folder")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	for name, c := range map[string]struct {
		args   []string
		pack   packer
		code   int
		stderr string
	}{
		"no npm":     {[]string{dir}, unavailable, 3, "recipes: packages cannot be had here: npm is missing\n"},
		"no package": {[]string{dir}, broken, 1, "recipes: npm pack: E404\n"},
		"no folder":  {nil, unavailable, 2, "recipes: got [], want one folder\n" + usage},
		"two":        {[]string{"a", "b"}, unavailable, 2, `recipes: got ["a" "b"], want one folder` + "\n" + usage},
		"a flag":     {[]string{"-x"}, unavailable, 2, `recipes: got ["-x"], want one folder` + "\n" + usage},
		"a file":     {[]string{file}, unavailable, 1, "recipes: mkdir " + file + ": not a directory\n"},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, c.code, run(t.Context(), c.args, &stdout, &stderr, c.pack), name)
		require.Equal(t, c.stderr, stderr.String(), name)
	}
	require.Equal(t, 1, tried)
	var stdout bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-h"}, &stdout, nil, nil))
	require.Equal(t, usage, stdout.String())
}

// What people read: a table, and each reason once.
func TestReport(t *testing.T) {
	offline := fmt.Errorf("%w: no network", errUnavailable)
	outcomes := []outcome{{recipe: rows[0]}, {recipe: rows[1], cached: true}, {recipe: rows[2], err: offline}, {recipe: rows[2], err: offline}}
	var out, why bytes.Buffer
	require.NoError(t, printTable(&out, outcomes))
	require.Equal(t, `file      case  package         licence  bytes  state
one.wasm  R1    @scope/a@1.0.0  MIT      11     fetched
one.js    R1    @scope/a@1.0.0  MIT      14     was there
two.wasm  R1    b@2.0.0         MIT      28     missing
two.wasm  R1    b@2.0.0         MIT      28     missing
`, out.String())
	require.Equal(t, 3, report(&why, outcomes))
	require.Equal(t, "recipes: packages cannot be had here: no network\n", why.String())
	outcomes[0].err = errors.New("disk full")
	require.Equal(t, 1, report(&why, outcomes), "not only the network")
	slices.Reverse(outcomes)
	require.Equal(t, 1, report(&why, outcomes))
}

func TestNpmError(t *testing.T) {
	failed := errors.New("exit status 1")
	for text, want := range map[string]string{
		"npm error code ENOTFOUND\nnpm error syscall getaddrinfo\n":  "packages cannot be had here: npm does not reach a registry (ENOTFOUND)",
		"npm ERR! code ECONNREFUSED\nnpm ERR! errno ECONNREFUSED\n":  "packages cannot be had here: npm does not reach a registry (ECONNREFUSED)",
		"npm error code ENOTCACHED\n":                                "packages cannot be had here: npm does not reach a registry (ENOTCACHED)",
		"npm warn something\nnpm error code E404\nnpm error 404 x\n": "npm pack a@1: E404",
		"npm error code ETARGET\n":                                   "npm pack a@1: ETARGET",
		"Segmentation fault\x1b[0m":                                  `npm pack a@1: exit status 1: "Segmentation fault\x1b[0m"`,
	} {
		err := npmError("a@1", failed, text)
		require.EqualError(t, err, want)
		require.Equal(t, strings.HasPrefix(want, "packages"), errors.Is(err, errUnavailable), text)
	}
}
