package wasmffi_test

import (
	"bytes"
	varint "encoding/binary"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// carrying is a module that carries this text and nothing else of its own.
func carrying(code []byte, text string) []byte {
	name := "wasmffi"
	body := append(append([]byte{byte(len(name))}, name...), text...)
	out := append(bare(code), 0)
	return append(varint.AppendUvarint(out, uint64(len(body))), body...)
}

func openCarrying(t testing.TB, code []byte, text string) *wasmffi.Library {
	t.Helper()
	m, err := wasmffi.Compile(bg, carrying(code, text), nil)
	require.NoError(t, err)
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	require.NoError(t, m.Close())
	t.Cleanup(func() { require.NoError(t, lib.Close()) })
	return lib
}

func TestEveryFixtureCarriesItsSignatures(t *testing.T) {
	for name, code := range map[string][]byte{
		"vec": wasm.Vec, "scalars": wasm.Scalars, "traps": wasm.Traps, "exit": wasm.Exit, "mem": wasm.Mem,
		"noalloc": wasm.NoAlloc, "badalloc": wasm.BadAlloc, "ctor": wasm.Ctor, "ctortrap": wasm.CtorTrap, "sigs": wasm.Sigs,
	} {
		m, err := wasmffi.Compile(bg, code, nil)
		require.NoError(t, err)
		own, err := m.Signatures()
		require.NoError(t, err, name)
		sidecar, err := wasm.FS.ReadFile(name + ".sig")
		require.NoError(t, err)
		beside, err := constraints.ParseFile(string(sidecar))
		require.NoError(t, err)
		require.Equal(t, beside.Signatures, own.Signatures, name)
		var texts []string
		for _, s := range own.Signatures {
			if !strings.Contains(s.String(), "func(") { // callbacks cannot be passed
				texts = append(texts, s.String())
			}
		}
		require.NoError(t, m.Implements(texts...), name)
		require.NoError(t, m.Close())
	}
}

// What a module says of itself is never believed against the caller's word.
func TestCallerAgainstCarried(t *testing.T) {
	const mine = "scale(x: inout f64[n], n: size, a: f64)"
	for _, c := range []struct{ carried, given string }{
		{"scale(x: out f64[n], n: size, a: f64)", mine},
		{"scale(x: f64[n], n: size, a: f64)", mine},
		{"scale(x: inout f64[n,2], n: size, a: f64)", mine},
		{"scale(x: inout f32[n], n: size, a: f64)", mine},
		{"scale(x: inout f64[n], n: i32, a: f64)", mine},
		{"scale(x: inout f64[n], n: size)", mine},
		{"scale(x: inout f64[n] strided, n: size, a: f64)", mine},
		{"scale(x: inout f64[n], n: size, a: f64) -> i32 ok(0)", mine},
		{"scale(x: inout f64[n], n: size, a: f64) where n > 0", mine},
		{"scale(x: inout f64[100000000], n: size, a: f64)", mine},
	} {
		lib := openCarrying(t, wasm.Vec, c.carried)
		before := digest(t, lib)
		_, err := lib.Func(c.given)
		require.ErrorIs(t, err, wasmffi.ErrSignature, c.carried)
		require.ErrorContains(t, err, c.carried)
		require.ErrorContains(t, err, c.given)
		require.Equal(t, before, digest(t, lib))
	}
	for _, same := range []string{mine, "scale(v: inout f64[len], len: size, f: f64)", "# nothing of interest", "\n"} {
		lib := openCarrying(t, wasm.Vec, same)
		x := []float64{1, 2}
		call(t, bind(t, lib, mine), x, 3)
		require.Equal(t, []float64{3, 6}, x)
	}
}

// A section that cannot be read costs its signatures and nothing else.
func TestBrokenSection(t *testing.T) {
	for name, text := range map[string]string{
		"no language":   "hello, world",
		"a lie of type": "scale(x: inout f64[n], n: size, a: f64",
		"another one":   "sum(x: f64[n], n: size) -> f64\nsum(x: f32[n], n: size) -> f64",
		"not UTF-8":     "sum(\xff\xfe: f64[n])",
		"megabytes":     strings.Repeat("f(x: f64[n], n: size)\n", 1<<17),
		"nested":        "f(x: f64[" + strings.Repeat("(", 10000) + "])",
		"version":       "wasmffi 9\nsum(x: f64[n], n: size) -> f64",
	} {
		lib := openCarrying(t, wasm.Vec, text)
		_, err := lib.Module().Signatures()
		require.Error(t, err, name)
		require.Less(t, len(err.Error()), 1000, name)
		_, err = lib.DeclaredFunc("sum")
		require.Error(t, err, name)
		r := call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), []float64{1, 2})
		require.EqualValues(t, 3, r.Float64())
	}
}

func TestDeclaredFunc(t *testing.T) {
	lib := openCarrying(t, wasm.Vec, "scale(x: inout f64[n], n: size, a: f64)\nstencil3(x: f64[n], y: out f64[n], n: size)")
	scale, err := lib.DeclaredFunc("scale")
	require.NoError(t, err)
	x := []float64{1, 2}
	_, err = scale.Call(bg, x, 3)
	require.EqualError(t, err, `scale: argument 1 "x": it is Go memory, want wasmffi.InOut(x): the module's own signature says inout`)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.ErrorIs(t, err, constraints.ErrAccess)
	_, err = scale.Call(bg, goArray(t, x), 3)
	require.ErrorIs(t, err, constraints.ErrAccess)
	require.Equal(t, []float64{1, 2}, x)
	call(t, scale, wasmffi.InOut(x), 3)
	require.Equal(t, []float64{3, 6}, x)
	call(t, scale, wasmffi.InOut(goArray(t, x)), 2)
	require.Equal(t, []float64{6, 12}, x)
	guest := array(t, lib, x) // in its own memory a guest writes as it likes anyway
	call(t, scale, guest, 2)
	require.Equal(t, []float64{12, 24}, values[float64](t, guest))

	stencil, err := lib.DeclaredFunc("stencil3")
	require.NoError(t, err)
	_, err = stencil.Call(bg, x, make([]float64, 2))
	require.ErrorIs(t, err, constraints.ErrAccess)
	require.Equal(t, x, values[float64](t, call(t, stencil, x).Out("y")))

	_, err = lib.DeclaredFunc("dot")
	require.ErrorIs(t, err, wasmffi.ErrNotFound)
	_, err = open(t, wasm.Vec).DeclaredFunc("dot")
	require.ErrorIs(t, err, wasmffi.ErrNotFound)
	_, err = openCarrying(t, wasm.Vec, "dot(x: f64[n]) -> f64").DeclaredFunc("dot")
	require.ErrorIs(t, err, wasmffi.ErrSignature)
	_, err = openCarrying(t, wasm.Vec, "nosuch(x: f64[n]) -> f64").DeclaredFunc("nosuch")
	require.ErrorIs(t, err, wasmffi.ErrNotFound)
	_, err = openCarrying(t, wasm.Vec, "scale(x: out f64[1073741824], n: size, a: f64)").DeclaredFunc("scale")
	require.Error(t, err, "an array of 8 GiB")
}

// An output that only the module says is huge is bounded by the library's memory.
func TestDeclaredOutputIsLimited(t *testing.T) {
	lib := openCarrying(t, wasm.Vec, "linspace(a: f64, b: f64, n: size, y: out f64[100000000])")
	f, err := lib.DeclaredFunc("linspace")
	require.NoError(t, err)
	_, err = f.Call(bg, 0, 1, 5)
	require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
}

func TestSidecar(t *testing.T) {
	fsys := fstest.MapFS{
		"vec.wasm": {Data: bare(wasm.Vec)}, "vec.sig": {Data: []byte("sum(x: f64[n], n: size) -> f64")},
		"own.wasm": {Data: carrying(wasm.Vec, "sum(x: f64[n], n: size) -> f64")}, "own.sig": {Data: []byte("sum(x: f64[n]) -> f64")},
	}
	for _, name := range []string{"vec", "own"} {
		m, err := wasmffi.LoadModule(bg, fsys, name, nil)
		require.NoError(t, err)
		f, err := m.Signatures()
		require.NoError(t, err)
		require.Len(t, f.Signatures, 1)
		require.Equal(t, "sum(x: f64[n], n: size) -> f64", f.Signatures[0].String())
		require.NoError(t, m.Close())
	}
}

func TestRequire(t *testing.T) {
	need := []string{"sum(x: f64[n], n: size) -> f64", "nosuch() -> i32", "dot(x: f32[n]) -> f64", "prefix_sum(x: i64[n], y: inout i64[n], n: size)", "not a signature"}
	_, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Require: need})
	require.ErrorIs(t, err, wasmffi.ErrNotFound)
	require.ErrorIs(t, err, wasmffi.ErrSignature)
	for _, part := range []string{"nosuch", "dot", "prefix_sum", "carried:", "column 5"} {
		require.ErrorContains(t, err, part)
	}
	require.NotContains(t, err.Error(), "sum: signature does not match the export: export")
	m, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Require: need[:1]})
	require.NoError(t, err)
	require.NoError(t, m.Implements())
	require.NoError(t, m.Close())
}

func TestBareKeepsTheRest(t *testing.T) {
	require.Less(t, len(bare(wasm.Vec)), len(wasm.Vec))
	require.Equal(t, bare(wasm.Vec), bare(bare(wasm.Vec)))
	require.False(t, bytes.Contains(bare(wasm.Vec), []byte("dot(x: f64[n]")))
}
