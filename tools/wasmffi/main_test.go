package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
	"github.com/wasmffi/go/testdata/wasm"
)

var update = flag.Bool("update", false, "write the transcripts in testdata instead of comparing them")

// needsImport is a module that exports a function which it imports as env.f.
var needsImport = []byte("\x00asm\x01\x00\x00\x00\x01\x06\x01\x60\x01\x7f\x01\x7c\x02\x09\x01\x03env\x01f\x00\x00\x07\x05\x01\x01g\x00\x00")

// hostileName is a module that exports env.f by a name that would colour a terminal.
var hostileName = []byte("\x00asm\x01\x00\x00\x00\x01\x06\x01\x60\x01\x7f\x01\x7c\x02\x09\x01\x03env\x01f\x00\x00\x07\x0b\x01\x07\x1b[31m\nx\x00\x00")

// minified is a module as emscripten makes them: it imports the function a.a, defines the memory b, and exports the functions c, of
// type () -> (), and d, of type (i32, i32) -> i32. Its signature is that of the C name of d.
var minified = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x0f\x03\x60\x01\x7f\x01\x7f\x60\x00\x00\x60\x02\x7f\x7f\x01\x7f" + "\x02\x07\x01\x01a\x01a\x00\x00" +
	"\x03\x03\x02\x01\x02" + "\x05\x03\x01\x00\x01" + "\x07\x0d\x03\x01b\x02\x00\x01c\x00\x01\x01d\x00\x02" + "\x0a\x09\x02\x02\x00\x0b\x04\x00\x41\x07\x0b")

// minifiedJS is what belongs to minified.
const minifiedJS = `var info={"a":wasmImports};wasmExports["c"]();var wasmImports={a:_emscripten_resize_heap};
var _crc=Module["_crc"]=(a0,a1)=>(_crc=Module["_crc"]=wasmExports["d"])(a0,a1);`

// sharedMemory is a module with a shared memory, and legacyTry one with an instruction of the first proposal
// for exceptions.
var (
	sharedMemory = []byte("\x00asm\x01\x00\x00\x00" + "\x05\x04\x01\x03\x01\x02")
	legacyTry    = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x0a\x08\x01\x06\x00\x06\x40\x19\x0b\x0b")
)

// workDir goes to a new directory with the modules of testdata/wasm.
func workDir(t testing.TB) {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, os.CopyFS(".", wasm.FS))
	require.NoError(t, os.WriteFile("needs.wasm", needsImport, 0o666))
	require.NoError(t, os.WriteFile("hostile.wasm", hostileName, 0o666))
	bare := withoutSections(t, wasm.Scalars)
	require.NoError(t, os.WriteFile("bare.wasm", bare, 0o666))
	for name, text := range map[string]string{
		"broken": "id_i8(v: int) -> i8\n",
		"lying":  "id_i8(v: f64) -> i8\ngone(v: i8)\n",
		"beside": "id_i8(v: i8) -> i8\n",
	} {
		require.NoError(t, os.WriteFile(name+".wasm", bare, 0o666))
		require.NoError(t, os.WriteFile(name+".sig", []byte(text), 0o666))
	}
	require.NoError(t, os.WriteFile("torn.wasm", withSection(bare, "wasmffi 1\nid_i8(v: i8 -> i8\n"), 0o666))
	require.NoError(t, os.WriteFile("torn.sig", []byte("id_i8(v: i8) -> i8\n"), 0o666))
	require.NoError(t, os.WriteFile("odd.wasm", withSection(bare, oddSignatures), 0o666))
	require.NoError(t, os.WriteFile("baresigs.wasm", withoutSections(t, wasm.Sigs), 0o666))
	require.NoError(t, os.WriteFile("small.wasm", minified, 0o666))
	require.NoError(t, os.WriteFile("small.js", []byte(minifiedJS), 0o666))
	require.NoError(t, os.WriteFile("small.names", []byte("crc = d\n"), 0o666))
	require.NoError(t, os.WriteFile("small.sig", []byte("crc(x: u8[n], n: size) -> u32\n"), 0o666))
	require.NoError(t, os.WriteFile("plain.js", []byte(`_crc=wasmExports["crc"]`), 0o666))
	require.NoError(t, os.WriteFile("threads.wasm", sharedMemory, 0o666))
	require.NoError(t, os.WriteFile("rich.wasm", rich, 0o666))
	require.NoError(t, os.WriteFile("legacy.wasm", legacyTry, 0o666))
	require.NoError(t, os.Mkdir("alone", 0o777))
	require.NoError(t, os.WriteFile("alone/vec.wasm", wasm.Vec, 0o666))
}

// oddSignatures are carried by a module that has other functions than they say.
const oddSignatures = `wasmffi 1
type Outer = {in: Inner[2], k: u8}
type Inner = {x: f32}
type Box = opaque free(gone)
type Door = opaque free("no; way")
id_i8(v: f64) -> i8
id_i16(v: Box) -> i16
id_i32(f: func(f64) -> f64) -> i32
id_ptr(v: Outer[1]) -> ptr
no_args() -> size where 1 < 2
no_result(v: i32) -> f64
`

// withoutSections is a module without its custom sections.
func withoutSections(t testing.TB, module []byte) []byte {
	t.Helper()
	out := bytes.Clone(module[:8])
	for rest := module[8:]; len(rest) > 0; {
		n, size := binary.Uvarint(rest[1:])
		require.Positive(t, size)
		end := 1 + size + int(n)
		if rest[0] != 0 {
			out = append(out, rest[:end]...)
		}
		rest = rest[end:]
	}
	return out
}

// withSection is a module with signatures in a section at its end.
func withSection(module []byte, text string) []byte {
	const name = "\x07wasmffi"
	out := append(bytes.Clone(module), 0)
	out = binary.AppendUvarint(out, uint64(len(name)+len(text)))
	return append(append(out, name...), text...)
}

// command runs a command line.
func command(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

// succeed runs a command line that must succeed, and returns what it prints.
func succeed(t testing.TB, args ...string) string {
	t.Helper()
	code, out, err := command(args...)
	require.Zero(t, code, err)
	require.Empty(t, err)
	return out
}

// refused runs a command line that must fail with 1, and returns the message.
func refused(t testing.TB, args ...string) string {
	t.Helper()
	code, out, err := command(args...)
	require.Equal(t, 1, code, "%s%s", out, err)
	require.Empty(t, out)
	return err
}

func writeNpy(t testing.TB, file string, a memview.Array) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, npy.Write(&b, a))
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o666))
}

func readNpy(t testing.TB, file string) memview.Array {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	a, err := npy.Read(bytes.NewReader(b), nil)
	require.NoError(t, err)
	return a
}

func values[T any](t testing.TB, file string) []T {
	t.Helper()
	v, err := memview.Values[T](readNpy(t, file))
	require.NoError(t, err)
	return v
}

func arrayOf[T any](t testing.TB, s []T, shape ...int) memview.Array {
	t.Helper()
	a, err := memview.FromSlice(s, shape...)
	require.NoError(t, err)
	return a
}

// shell writes a command line as one would type it.
func shell(args []string) string {
	words := []string{"$ wasmffi"}
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " []{}()'\"|*<>;") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// varying are the parts of a text that change with every build of the modules in
// testdata/wasm.
var varying = regexp.MustCompile(`(?m)^(  size        )\d+ bytes$|^(  sha256      )[0-9a-f]{64}$|(@)0x[0-9a-f]+|^(  size   +)\d+ bytes +\d+ bytes, \d+ % more$`)

// transcript runs command lines and compares the whole with testdata/NAME.txt.
func transcript(t *testing.T, name string, lines ...[]string) {
	t.Helper()
	golden, err := filepath.Abs(filepath.Join("testdata", name+".txt"))
	require.NoError(t, err)
	workDir(t)
	writeNpy(t, "x.npy", arrayOf(t, []float64{1, 2, 3}))
	writeNpy(t, "f32.npy", arrayOf(t, []float32{1, 2, 3}))
	var b strings.Builder
	for _, args := range lines {
		code, out, err := command(args...)
		fmt.Fprintf(&b, "%s\n%s%s", shell(args), out, err)
		if code != 0 {
			fmt.Fprintf(&b, "[exit %d]\n", code)
		}
		b.WriteByte('\n')
	}
	text := varying.ReplaceAllString(b.String(), "$1$2$3$4...")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o666))
		return
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	// One command at a time, so that a difference is readable.
	wanted, got := commands(strings.ReplaceAll(string(want), "\r\n", "\n")), commands(text)
	for i := range min(len(wanted), len(got)) {
		require.Equal(t, wanted[i], got[i])
	}
	require.Len(t, got, len(wanted))
}

func commands(transcript string) []string { return strings.Split(transcript, "\n$ ") }

func TestHelp(t *testing.T) {
	transcript(t, "help", []string{"help"}, []string{"help", "call"}, []string{"harden", "-h"}, []string{"inspect", "-h"}, []string{"help", "names"}, []string{"survey", "--help"})
	for _, args := range [][]string{{"-h"}, {"--help"}, {"-help"}} {
		require.Equal(t, succeed(t, "help"), succeed(t, args...))
	}
	for _, args := range [][]string{{"call", "-h"}, {"call", "vec", "dot", "--help"}, {"call", "-help", "-x"}} {
		require.Equal(t, succeed(t, "help", "call"), succeed(t, args...))
	}
}

func TestUsage(t *testing.T) {
	transcript(t, "usage",
		[]string{"call", "vec", "dot", "[1]", "[2]", "-sig", ""},
		[]string{},
		[]string{"run"},
		[]string{"help", "run"},
		[]string{"call"},
		[]string{"call", "vec"},
		[]string{"harden"},
		[]string{"harden", "vec"},
		[]string{"harden", "vec", "a.wasm", "b.wasm"},
		[]string{"harden", "vec", ""},
		[]string{"harden", "vec", "-"},
		[]string{"harden", "vec", "alone"},
		[]string{"harden", "vec", "gone/a.wasm"},
		[]string{"harden", "vec", "a.wasm", "-fuel", "0"},
		[]string{"harden", "vec", "a.wasm", "-fuel", "9223372036854775808"},
		[]string{"harden", "vec", "a.wasm", "-memory", "1MB"},
		[]string{"harden", "vec", "a.wasm", "-tables", "many"},
		[]string{"harden", "vec", "a.wasm", "-tables", "4294967296"},
		[]string{"harden", "vec", "a.wasm", "-threads=1"},
		[]string{"inspect"},
		[]string{"inspect", "vec", "mem"},
		[]string{"inspect", "vec", "-o", "x"},
		[]string{"inspect", "vec", "-json=1"},
		[]string{"inspect", "vec", "-names"},
		[]string{"names"},
		[]string{"survey"},
		[]string{"survey", "a", "b"},
		[]string{"survey", ".", "-timeout", "1"},
		[]string{"survey", ".", "-timeout", "-1s"},
		[]string{"call", "vec", "dot", "-x"},
		[]string{"call", "vec", "dot", "-1x"},
		[]string{"call", "vec", "dot", "-o"},
		[]string{"call", "vec", "dot", "-o="},
		[]string{"call", "vec", "dot", "-o=-"},
		[]string{"call", "vec", "dot", "-o", "a.npy", "-o", "./a.npy"},
		[]string{"call", "vec", "dot", "-sig", "a", "-sig", "b"},
		[]string{"call", "vec", "dot", "-memory", "1MB"},
		[]string{"call", "vec", "dot", "-memory", "8GiB"},
		[]string{"call", "vec", "dot", "-memory=0"},
		[]string{"call", "vec", "dot", "[1]", "[2]", "-o", "z=a.npy"},
		[]string{"call", "vec", "centroid", "[]", "-o", "out=a.npy"},
		[]string{"call", "vec", "modf_parts", "1.5", "-o", "ip=a", "-o", "ip=b"},
		[]string{"call", "vec", "dot", "[1]", "[2]", "-o", "nowhere/a.npy"},
		[]string{"call", "vec", "dot", "[1]", "[2]", "-o", "."},
		[]string{"call", "scalars", "no_result", "1", "-o", "a.npy"},
		[]string{"call", "vec", "two", "-sig", "two(x: inout f64[n], y: inout f64[n])", "[1]", "[2]", "-o", "a.npy"},
	)
	files, err := filepath.Glob("*.npy")
	require.NoError(t, err)
	require.Equal(t, []string{"f32.npy", "x.npy"}, files)
	require.NoFileExists(t, "a.wasm")
}

func TestInspect(t *testing.T) {
	transcript(t, "inspect",
		[]string{"inspect", "vec.wasm"},
		[]string{"inspect", "exit"},
		[]string{"inspect", "needs"},
		[]string{"inspect", "hostile"},
		[]string{"inspect", "broken"},
		[]string{"inspect", "lying"},
		[]string{"inspect", "alone/vec"},
		[]string{"inspect", "beside"},
		[]string{"inspect", "torn"},
		[]string{"inspect", "odd"},
		[]string{"inspect", "sigs"},
		[]string{"inspect", "small"},
		[]string{"inspect", "small", "-names", "small.js"},
		[]string{"inspect", "small", "-names", "small.names", "-json"},
		[]string{"inspect", "small", "-names", "gone.js"},
		[]string{"inspect", "small", "-names", "vec.sig"},
		[]string{"inspect", "threads"},
		[]string{"inspect", "legacy"},
		[]string{"inspect", "gone"},
		[]string{"inspect", "vec.sig"},
		[]string{"inspect", ""},
	)
}

func TestNames(t *testing.T) {
	transcript(t, "names",
		[]string{"names", "small.js"},
		[]string{"names", "small.names"},
		[]string{"names", "plain.js"},
		[]string{"names", "vec.sig"},
		[]string{"names", "gone.js"},
	)
}

// A section may be too long to be read.
func TestInspectHuge(t *testing.T) {
	workDir(t)
	huge := withSection(needsImport, strings.Repeat("# no signature\n", 1<<17))
	require.NoError(t, os.WriteFile("huge.wasm", huge, 0o666))
	out := succeed(t, "inspect", "huge")
	require.Contains(t, out, "\n  signatures  unreadable: ")
	require.Contains(t, out, "want at most 1048576")
	require.Contains(t, out, "\n  g  (i32) -> f64\n")
}

func TestInspectSize(t *testing.T) {
	workDir(t)
	out := succeed(t, "inspect", "needs")
	require.Contains(t, out, fmt.Sprintf("\n  size        %d bytes\n  sha256      %x\n", len(needsImport), sha256.Sum256(needsImport)))
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk is full") }

func TestStdoutFails(t *testing.T) {
	workDir(t)
	var err bytes.Buffer
	require.Equal(t, 1, run([]string{"call", "vec", "dot", "[1]", "[2]"}, broken{}, &err))
	require.Equal(t, "wasmffi: writing the results: disk is full\n", err.String())
}
