package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/testdata/wasm"
)

// rich is a module with what harden tells of: it imports the memory env.m and the table env.t, defines a table of externref, and
// has a start function and custom sections of a debugger.
var rich = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x02\x14\x02\x03env\x01m\x02\x00\x01\x03env\x01t\x01\x70\x00\x05" +
	"\x03\x02\x01\x00" + "\x04\x05\x01\x6f\x01\x01\x03" + "\x08\x01\x00" + "\x0a\x04\x01\x02\x00\x0b" +
	"\x00\x0d\x0b.debug_info\x00" + "\x00\x0d\x0b.debug_line\x00")

func TestHarden(t *testing.T) {
	transcript(t, "harden",
		[]string{"harden", "vec", "hard.wasm"},
		[]string{"call", "hard", "dot", "[1,2,3]", "[4,5,6]"},
		[]string{"harden", "hard", "twice.wasm"},
		[]string{"harden", "small", "alone/smaller.wasm.gz", "-fuel", "50000", "-memory=1M", "-tables", "10"},
		[]string{"harden", "rich", "out.wasm", "-tables", "1000"},
		[]string{"harden", "threads", "hard.wasm"},
		[]string{"harden", "threads", "pool.wasm", "-threads"},
		[]string{"harden", "legacy", "hard.wasm", "-exceptions"},
		[]string{"harden", "vec", "hard.wasm", "-memory", "1MiB"},
		[]string{"harden", "gone", "hard.wasm"},
		[]string{"harden", "vec.sig", "hard.wasm"},
		[]string{"call", "hard", "sum", "[1,2,3]"},
	)
	require.NoFileExists(t, "twice.wasm")
	left, err := filepath.Glob(".*")
	require.NoError(t, err)
	require.Empty(t, left)
}

// A module may take the place of the one that it was made of, compressed or not.
func TestHardenInPlace(t *testing.T) {
	workDir(t)
	for _, file := range []string{"vec.wasm", "vec.wasm.gz"} {
		want := succeed(t, "call", "alone/vec", "dot", "[1,2,3]", "[4,5,6]")
		require.NotContains(t, succeed(t, "harden", "alone/vec", "vec.wasm.gz"), "note:")
		b, err := os.ReadFile("vec.wasm.gz")
		require.NoError(t, err)
		require.Equal(t, "\x1f\x8b", string(b[:2]))
		require.NoError(t, os.WriteFile(file, wasm.Vec, 0o666)) // whatever its name is
		require.NotContains(t, succeed(t, "harden", file, file), "note:")
		b, err = os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, strings.HasSuffix(file, ".gz"), bytes.HasPrefix(b, []byte("\x1f\x8b")))
		require.Equal(t, want, succeed(t, "call", file, "dot", "[1,2,3]", "[4,5,6]"))
		require.Contains(t, refused(t, "harden", file, file), "is hardened already")
		after, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, b, after)
	}
}

// A module near the limits of what is admitted may be beyond them afterwards: it is written, with a note.
func TestHardenBeyond(t *testing.T) {
	workDir(t)
	body := "\x00\x02\x40" + strings.Repeat("\x41\x00\x0d\x00", 200_000) + "\x0b\x0b"
	code := "\x01" + string(binary.AppendUvarint(nil, uint64(len(body)))) + body
	module := "\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x0a" + string(binary.AppendUvarint(nil, uint64(len(code)))) + code
	require.NoError(t, os.WriteFile("tests.wasm", []byte(module), 0o666))
	require.Contains(t, succeed(t, "harden", "tests", "out.wasm"),
		"\nnote: package wasmffi takes tests.wasm and would refuse what it became: function 0: bytes of code: got ")
	require.FileExists(t, "out.wasm")
}

func TestHardenDiskFull(t *testing.T) {
	workDir(t)
	h, err := loader.Harden(&loader.Binary{Name: "vec", Bytes: wasm.Vec}, nil)
	require.NoError(t, err)
	for _, name := range []string{"a.wasm", "a.wasm.gz"} {
		require.EqualError(t, (&hardenLine{out: name}).write(broken{}, h.Wasm), "disk is full")
	}
}
