package hostmod_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// script puts a string of AssemblyScript: its length in bytes before it.
func (g *guest) script(p uint32, s string) uint64 {
	units := utf16.Encode([]rune(s))
	g.mem.WriteUint32Le(p-4, uint32(2*len(units)))
	for i, u := range units {
		g.mem.WriteUint16Le(p+2*uint32(i), u)
	}
	return uint64(p)
}

func TestScriptAbort(t *testing.T) {
	const outside = "a string outside of the memory"
	for _, c := range []struct {
		name      string
		msg, file func(g *guest) uint64
		want      string
	}{
		{"plain", text(16, "index out of range"), text(256, "~lib/array.ts"), "index out of range, at ~lib/array.ts:7:8"},
		{"other scripts", text(16, "π \U0001F600"), text(256, "a.ts"), "π \U0001F600, at a.ts:7:8"},
		{"null", number(0), number(0), "null"},
		{"no header", number(3), number(1<<32 - 1), outside + ", at " + outside + ":7:8"},
		{"hostile length", length(16, 1<<32-2), number(0), outside},
		{"odd length", length(16, 3), number(0), outside},
		{"at the end", text(65536-6, "abc"), number(0), "abc"},
		{"over the end", length(65536-6, 8), number(0), outside},
		{"lone surrogate", length2(16, 2, 0xd800), number(0), "\\ufffd"},
		{"long", text(16, strings.Repeat("x", 5000)), number(0), strings.Repeat("x", 512)},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := start(t, &hostmod.Env{}, imported("env", "abort", "iiii:"))
			require.EqualError(t, abortOf(t, g.fails(c.msg(g), c.file(g), 7, 8)), "abort: "+strings.ReplaceAll(c.want, "\\ufffd", "\uFFFD"))
		})
	}
}

func text(p uint32, s string) func(*guest) uint64 {
	return func(g *guest) uint64 { return g.script(p, s) }
}

func number(p uint64) func(*guest) uint64 { return func(*guest) uint64 { return p } }

func length(p, n uint32) func(*guest) uint64 { return length2(p, n, 0) }

func length2(p, n uint32, unit uint16) func(*guest) uint64 {
	return func(g *guest) uint64 {
		g.mem.WriteUint32Le(p-4, n)
		g.mem.WriteUint16Le(p, unit)
		return uint64(p)
	}
}

func TestScriptPrints(t *testing.T) {
	var out, err bytes.Buffer
	m := &module{imports: []hostmod.Import{
		imported("env", "trace", "iiddddd:"), imported("env", "console.log", "i:"), imported("console", "log", "i:"),
	}, pages: 1, max: 1}
	g := instantiate(t, m, &hostmod.Env{Stdout: &out, Stderr: &err})[0]
	p := g.script(64, "hello")
	for _, n := range []uint64{0, 2, 5, 1<<32 - 1} {
		_, e := g.call("0", p, n, api.EncodeF64(1), api.EncodeF64(2.5), api.EncodeF64(-3), api.EncodeF64(4e300), 0x7ff8000000000001)
		require.NoError(t, e)
	}
	require.Equal(t, "trace: hello\ntrace: hello 1 2.5\ntrace: hello 1 2.5 -3 4e+300 NaN\ntrace: hello 1 2.5 -3 4e+300 NaN\n", err.String())
	for _, name := range []string{"1", "2"} {
		_, e := g.call(name, p)
		require.NoError(t, e)
		_, e = g.call(name, 2)
		require.EqualError(t, abortOf(t, e), "console: string is outside of the memory")
	}
	require.Equal(t, "hello\nhello\n", out.String())
}

func TestScriptNumbers(t *testing.T) {
	g := start(t, at(nil), imported("env", "seed", ":d"), imported("Date", "now", ":d"), imported("performance", "now", ":d"), imported("env", "Date.now", ":d"))
	first := api.DecodeF64(g.result())
	require.Positive(t, first)
	require.NotEqual(t, first, api.DecodeF64(g.result()))
	for name, want := range map[string]float64{"1": 981173106789, "2": 5250, "3": 981173106789} {
		r, err := g.call(name)
		require.NoError(t, err)
		require.Equal(t, want, api.DecodeF64(r[0]))
	}
}

func TestBindgen(t *testing.T) {
	for _, name := range []string{"__wbindgen_throw", "__wbg___wbindgen_throw_b855445ff6a94295"} {
		g := start(t, &hostmod.Env{}, imported("wbg", name, "ii:"))
		g.put(64, "index 3 of 2\n")
		for _, c := range []struct {
			p, n uint64
			want string
		}{
			{64, 12, "index 3 of 2"}, {64, 13, `index 3 of 2\n`}, {0, 0, ""}, {65535, 2, "a string outside of the memory"},
			{64, 1<<32 - 1, "a string outside of the memory"}, {1<<32 - 1, 1, "a string outside of the memory"},
		} {
			require.Equal(t, &hostmod.Abort{What: "__wbindgen_throw", Text: c.want}, abortOf(t, g.fails(c.p, c.n)))
		}
		require.Less(t, len(abortOf(t, g.fails(0, 65536)).Text), 8000)
	}
	_, err := start(t, &hostmod.Env{}, imported("wbg", "__wbindgen_init_externref_table", ":")).call("0")
	require.NoError(t, err)
	g := start(t, &hostmod.Env{}, imported("wbg", "__wbindgen_object_drop_ref", "i:"))
	_, err = g.call("0", 128)
	require.NoError(t, err)
	abortOf(t, g.fails(132))
	for name, want := range map[string]string{
		"__wbg_new_abda76e883ba8a5f": "new of JavaScript", "__wbindgen_string_new": "__wbindgen_string_new of JavaScript",
		"__wbindgen_describe": "__wbindgen_describe of JavaScript", "__wbg_x": "x of JavaScript", "__wbg__0123456789abcdef": "_0123456789abcdef of JavaScript",
	} {
		var e *hostmod.Unresolved
		g := start(t, &hostmod.Env{}, imported("wbg", name, "ii:i"))
		require.ErrorAs(t, g.fails(1, 2), &e)
		require.Equal(t, want, e.Meaning)
		require.Equal(t, []int{0}, g.links.Missing())
	}
}
