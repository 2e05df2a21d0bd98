package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/testdata/wasm"
)

// surveyDir fills the folders lib, of which all load, and odd, of which most do not.
func surveyDir(t *testing.T) {
	t.Helper()
	workDir(t)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write(wasm.Sigs)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for file, content := range map[string][]byte{
		"lib/vec.wasm": wasm.Vec, "lib/deep/er/sigs.wasm.gz": zipped.Bytes(), "lib/small.wasm": minified, "lib/small.js": []byte(minifiedJS),
		"lib/needs.wasm": needsImport, "lib/unnamed.wasm": needy, "lib/readme.txt": nil, "lib/noalloc.wasm": wasm.NoAlloc,
		"odd/text.wasm": []byte("(module)"), "odd/cut.wasm": wasm.Vec[:100], "odd/legacy.wasm": legacyTry, "odd/threads.wasm": sharedMemory,
		"odd/trap.wasm": wasm.CtorTrap, "odd/invalid.wasm": invalid, "odd/\x1b[31m.wasm": wasm.Vec, "odd/vec.names": []byte("no names"), "odd/vec.wasm": wasm.Vec,
		"odd/loop.wasm": endless, "none/readme.txt": nil,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, content, 0o666))
	}
}

var (
	// invalid is a module that is well formed, with a body that leaves nothing where an i32 is due.
	invalid = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x05\x01\x60\x00\x01\x7f" + "\x03\x02\x01\x00" + "\x0a\x04\x01\x02\x00\x0b")
	// needy is a module whose constructor calls an import that nobody supplies.
	needy = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x02\x07\x01\x01a\x01b\x00\x00" + "\x03\x02\x01\x00" + "\x05\x03\x01\x00\x01" +
		"\x07\x0f\x01\x0b_initialize\x00\x01" + "\x0a\x06\x01\x04\x00\x10\x00\x0b")
	// endless is a module whose constructor does not return.
	endless = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x07\x0f\x01\x0b_initialize\x00\x00" + "\x0a\x09\x01\x07\x00\x03\x40\x0c\x00\x0b\x0b")
)

func TestSurvey(t *testing.T) {
	goldenSurvey, err := filepath.Abs("testdata/survey.txt")
	require.NoError(t, err)
	surveyDir(t)
	golden, err := os.ReadFile(goldenSurvey)
	if !*update {
		require.NoError(t, err)
	}
	var b bytes.Buffer
	for _, args := range [][]string{{"survey", "lib"}, {"survey", "odd", "-timeout", "1s"}, {"survey", "odd", "-threads", "-exceptions", "-timeout", "1s"}, {"survey", "none"}, {"survey", "gone"}} {
		code, out, err := command(args...)
		fmt.Fprintf(&b, "%s\n%s%s[exit %d]\n\n", shell(args), out, err, code)
	}
	if *update {
		require.NoError(t, os.WriteFile(goldenSurvey, b.Bytes(), 0o666))
		return
	}
	require.Equal(t, strings.ReplaceAll(string(golden), "\r\n", "\n"), b.String())
}

func TestSurveyJSON(t *testing.T) {
	surveyDir(t)
	var s surveyed
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "survey", "lib", "-json")), &s))
	require.Len(t, s.Modules, 6)
	require.Zero(t, s.Failed)
	require.Equal(t, surveyedLevel{levelArrays, 5}, s.Levels[len(s.Levels)-1])
	require.Equal(t, "deep/er/sigs.wasm.gz", s.Modules[0].File)
	require.Len(t, s.Modules[0].Digest, 64)
	require.True(t, s.Modules[1].NoMemory)
	require.Contains(t, s.Levels, surveyedLevel{levelConstructed, 5})

	code, out, _ := command("survey", "odd", "-json", "-timeout", "1s")
	require.Equal(t, 1, code)
	require.NoError(t, json.Unmarshal([]byte(out), &s))
	require.Equal(t, 8, s.Failed)
}
