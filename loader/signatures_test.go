package loader_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

// section is one of any id, whatever its body.
func section(id byte, body string) string {
	return string(binary.AppendUvarint([]byte{id}, uint64(len(body)))) + body
}

func custom(name, content string) string {
	return section(0, string(binary.AppendUvarint(nil, uint64(len(name))))+name+content)
}

// typesAndCode are the sections of a module with one function of no parameters, which a custom section may stand between.
var typesAndCode = []string{section(1, "\x01\x60\x00\x00"), section(3, "\x01\x00"), section(10, "\x01\x02\x00\x0b")}

func load(t testing.TB, module string) *loader.Binary {
	t.Helper()
	bin, err := loader.FromBytes("vec", []byte(module), nil)
	require.NoError(t, err)
	return bin
}

func TestSignatures(t *testing.T) {
	const line = "f()\n"
	sig := custom("wasmffi", line)
	largest := strings.Repeat("#", loader.MaxSidecarSize)
	for what, c := range map[string]struct{ sections, want string }{
		"no section":                    {"", ""},
		"no custom section":             {strings.Join(typesAndCode, ""), ""},
		"alone":                         {sig, line},
		"before code":                   {sig + strings.Join(typesAndCode, ""), line},
		"within":                        {typesAndCode[0] + sig + typesAndCode[1] + typesAndCode[2], line},
		"after code":                    {strings.Join(typesAndCode, "") + sig, line},
		"among other custom sections":   {custom("name", line) + sig + custom("producers", "x"), line},
		"other names":                   {custom("wasmff", "i") + custom("wasmffi\x00", "") + custom("Wasmffi", line) + custom("", "wasmffi"), ""},
		"the name in another section":   {section(11, sig) + custom("name", sig), ""},
		"no newline":                    {custom("wasmffi", "f()"), "f()"},
		"several":                       {sig + typesAndCode[0] + custom("wasmffi", "g()\n"), "f()\ng()\n"},
		"several, no newline":           {custom("wasmffi", "f()") + custom("wasmffi", "g()") + custom("wasmffi", "\n"), "f()\ng()\n\n"},
		"empty":                         {custom("wasmffi", ""), ""},
		"empty ones among others":       {custom("wasmffi", "") + custom("wasmffi", "f()") + custom("wasmffi", "") + custom("wasmffi", "g()"), "f()\ng()"},
		"any bytes":                     {custom("wasmffi", "\x00\xff\r\n"), "\x00\xff\r\n"},
		"unknown ids and empty bodies":  {section(200, "") + section(1, "") + sig + section(255, "x"), line},
		"sizes padded as linkers do":    {"\x00\x90\x80\x80\x80\x00" + "\x87\x80\x80\x80\x00wasmffi" + line, line},
		"the largest text":              {custom("wasmffi", largest), largest},
		"the largest text, in parts":    {custom("wasmffi", largest[:9]) + custom("wasmffi", largest[10:]), largest[:9] + "\n" + largest[10:]},
		"a large section of other name": {custom("name", largest+largest) + sig, line},
	} {
		bin := load(t, empty+c.sections)
		text, from, err := bin.Signatures()
		require.NoError(t, err, what)
		require.Equal(t, c.want, string(text), what)
		if c.want == "" {
			require.Nil(t, text, what)
			require.Empty(t, from, what)
			continue
		}
		require.Equal(t, "section wasmffi", from, what)
		text[0] ^= 1
		again, _, err := bin.Signatures()
		require.NoError(t, err, what)
		require.Equal(t, c.want, string(again), "%s: a copy", what)
	}
}

func TestSignaturesRefusals(t *testing.T) {
	const n = loader.MaxSidecarSize
	largest := strings.Repeat("#", n)
	for sections, want := range map[string]struct {
		kind   error
		reason string
	}{
		"\x00":                             {loader.ErrFormat, "section at 0x8: size: cut short"},
		"\x01\x80\x80\x80\x80":             {loader.ErrFormat, "section at 0x8: size: cut short"},
		"\x01\x80\x80\x80\x80\x80\x00":     {loader.ErrFormat, "section at 0x8: size: got 80 80 80 80 80..., want a LEB128 number of 32 bits"},
		"\x01\x80\x80\x80\x80\x10":         {loader.ErrFormat, "section at 0x8: size: got 80 80 80 80 10..., want a LEB128 number of 32 bits"},
		"\x01\xff\xff\xff\xff\x0f":         {loader.ErrFormat, "section at 0x8: size: got 4294967295, want at most the 0 that are left"},
		"\x01\x03ab":                       {loader.ErrFormat, "section at 0x8: size: got 3, want at most the 2 that are left"},
		typesAndCode[0] + "\x00\x02\x00":   {loader.ErrFormat, "section at 0xe: size: got 2, want at most the 1 that are left"},
		"\x00\x00":                         {loader.ErrFormat, "custom section at 0x8: length of its name: cut short"},
		"\x00\x01\x80" + "\x01\x00":        {loader.ErrFormat, "custom section at 0x8: length of its name: cut short"},
		"\x00\x07\x07wasmff":               {loader.ErrFormat, "custom section at 0x8: length of its name: got 7, want at most the 6 that are left"},
		"\x00\x07\x07wasmff" + "\x00\x01i": {loader.ErrFormat, "custom section at 0x8: length of its name: got 7, want at most the 6 that are left"},
		section(0, "\xff\xff\xff\xff\x7f"): {loader.ErrFormat, "custom section at 0x8: length of its name: got ff ff ff ff 7f..., want a LEB128 number of 32 bits"},
		custom("\xff", "f()"):              {loader.ErrFormat, "custom section at 0x8: name is not valid UTF-8"},
		custom("wasmffi", "f()") + "\x00":  {loader.ErrFormat, "section at 0x15: size: cut short"},
		custom("wasmffi", largest+"#"):     {loader.ErrRefused, fmt.Sprintf("section wasmffi: got at least %d bytes of text, want at most %d", n+1, n)},
		custom("wasmffi", "#") + custom("wasmffi", largest[:n-1]): {loader.ErrRefused, fmt.Sprintf("section wasmffi: got at least %d bytes of text, want at most %d", n+1, n)},
	} {
		text, from, err := load(t, empty+sections).Signatures()
		e := requireError(t, err, want.kind, `loader: signatures "vec": `+want.reason)
		require.Equal(t, want.reason, e.Reason)
		require.Nil(t, text)
		require.Empty(t, from)
	}
}

func TestSignaturesSidecar(t *testing.T) {
	for what, c := range map[string]struct{ module, sidecar, text, from string }{
		"no section":    {empty, "f()", "f()", "a/vec.sig"},
		"section first": {empty + custom("wasmffi", "g()"), "f()", "g()", "section wasmffi"},
		"empty section": {empty + custom("wasmffi", ""), "f()", "f()", "a/vec.sig"},
		"empty sidecar": {empty, "", "", ""},
	} {
		fsys := fstest.MapFS{"a/vec.wasm": {Data: []byte(c.module)}, "a/vec.sig": {Data: []byte(c.sidecar)}}
		bin, err := loader.Find(fsys, "a/vec", nil)
		require.NoError(t, err)
		text, from, err := bin.Signatures()
		require.NoError(t, err)
		require.Equal(t, c.text, string(text), what)
		require.Equal(t, c.from, from, what)
		if text != nil {
			text[0] ^= 1
			require.Equal(t, c.sidecar, string(bin.Sidecar), "%s: a copy", what)
		}
	}

	fsys := fstest.MapFS{"a/vec.wasm": {Data: []byte(empty + "\x00")}, "a/vec.sig": {Data: []byte("f()")}}
	bin, err := loader.Find(fsys, "a/vec", nil)
	require.NoError(t, err, "sections are not looked at")
	_, _, err = bin.Signatures()
	e := requireError(t, err, loader.ErrFormat, `loader: signatures "a/vec": a/vec.wasm: section at 0x8: size: cut short`)
	require.Equal(t, "a/vec.wasm", e.Path)

	_, _, err = new(loader.Binary).Signatures()
	requireError(t, err, loader.ErrFormat, `loader: signatures "": empty file, want a wasm module`)
}

// TestSignaturesManySections holds the walk to linear time: a walk that starts over, or that copies what it has, would need
// minutes.
func TestSignaturesManySections(t *testing.T) {
	const count = 1_000_000
	nameless, ours := custom("", ""), custom("wasmffi", "")
	line := custom("wasmffi", "f")
	for what, c := range map[string]struct{ module, want string }{
		"of other names":       {empty + strings.Repeat(nameless, count) + line, "f"},
		"empty ones of ours":   {empty + strings.Repeat(ours, count) + line, "f"},
		"sections with a byte": {empty + strings.Repeat(line, loader.MaxSidecarSize/2), strings.Repeat("f\n", loader.MaxSidecarSize/2)[:loader.MaxSidecarSize-1]},
	} {
		bin := load(t, c.module)
		start := time.Now()
		text, _, err := bin.Signatures()
		require.NoError(t, err, what)
		require.Less(t, time.Since(start), 10*time.Second, what)
		require.True(t, c.want == string(text), what)
	}
}

// slowSignatures is Signatures of a module without sidecar the long way, a byte at a time.
func slowSignatures(module []byte) (text string, ok bool) {
	number := func(b []byte) (n uint64, size int, ok bool) {
		for size < len(b) && size < 5 {
			n |= uint64(b[size]&0x7f) << (7 * size)
			size++
			if b[size-1] < 0x80 {
				return n, size, n <= math.MaxUint32
			}
		}
		return 0, 0, false
	}
	for pos := 8; pos < len(module); {
		id := module[pos]
		size, width, ok := number(module[pos+1:])
		start := pos + 1 + width
		if !ok || size > uint64(len(module)-start) {
			return "", false
		}
		body := module[start : start+int(size)]
		pos = start + int(size)
		if id != 0 {
			continue
		}
		length, width, ok := number(body)
		if !ok || length > uint64(len(body)-width) {
			return "", false
		}
		name, content := string(body[width:width+int(length)]), string(body[width+int(length):])
		if strings.ToValidUTF8(name, "?") != name {
			return "", false
		}
		if name == "wasmffi" && content != "" {
			if text != "" && !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
			text += content
		}
	}
	return text, len(text) <= loader.MaxSidecarSize
}

// FuzzSignatures compares with the long way, and takes the text apart: it is made of parts of the module.
func FuzzSignatures(f *testing.F) {
	code := strings.Join(typesAndCode, "")
	for _, sections := range []string{"", code, custom("wasmffi", "f()\n") + code, code + custom("wasmffi", "f()") + custom("wasmffi", "g()"),
		custom("wasmffi", ""), custom("name", "x"), "\x00", "\x00\x00", "\x00\x02\x05a", "\x01\x80\x80\x80\x80\x10", "\x01\xff\xff\xff\xff\x0f",
		"\x00\x90\x80\x80\x80\x00\x87\x80\x80\x80\x00wasmffif()\n", custom("\xff", "")} {
		f.Add([]byte(sections))
	}
	f.Fuzz(func(t *testing.T, sections []byte) {
		module := append([]byte(empty), sections...)
		bin := &loader.Binary{Name: "vec", Bytes: module}
		text, from, err := bin.Signatures()
		want, ok := slowSignatures(module)
		require.Equal(t, ok, err == nil, "%v", err)
		require.Equal(t, len(text) > 0, from == "section wasmffi")
		if err != nil {
			require.IsType(t, (*loader.Error)(nil), err)
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, text)
			return
		}
		require.Equal(t, want, string(text))
		for line := range bytes.Lines(text) {
			require.True(t, bytes.Contains(module, bytes.TrimSuffix(line, []byte("\n"))), "%q", line)
		}
	})
}
