package loader_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

func TestFromBytes(t *testing.T) {
	b := padded(3)
	for _, in := range [][]byte{b, gz(b)} {
		bin, err := loader.FromBytes("", in, nil)
		require.NoError(t, err)
		require.Equal(t, b, bin.Bytes)
		require.Equal(t, sha256.Sum256(b), bin.Digest)
		require.Empty(t, bin.Path)
		require.Nil(t, bin.Sidecar)
	}
	bin, err := loader.FromBytes("../any label", b, nil)
	require.NoError(t, err)
	require.Equal(t, "../any label", bin.Name)
	b[8] = 9
	require.Zero(t, bin.Bytes[8], "a copy")
}

func TestHeader(t *testing.T) {
	const not, want = "not a wasm module: begins with ", ", want 00 61 73 6d"
	for in, reason := range map[string]string{
		"":                              "empty file, want a wasm module",
		"\x00":                          "too short for a wasm module: got 1 bytes (00), want a header of 8",
		"\x00asm\x01\x00\x00":           "too short for a wasm module: got 7 bytes (00 61 73 6d 01 00 00), want a header of 8",
		"a":                             not + "61" + want,
		"\x00ASM\x01\x00\x00\x00":       not + "00 41 53 4d" + want,
		"\x00asm\x0d\x00\x01\x00":       "a component (version 0xd, layer 1), want a core module (version 0x1, layer 0): take the core module out of it",
		"\x00asm\x0a\x00\x01\x00":       "a component (version 0xa, layer 1), want a core module (version 0x1, layer 0): take the core module out of it",
		"\x00asm\x02\x00\x00\x00":       "wasm version: got 0x2, layer 0, want 0x1, layer 0",
		"\x00asm\x01\x00\x02\x00":       "wasm version: got 0x1, layer 2, want 0x1, layer 0",
		"\x00asm\x00\x00\x00\x01":       "wasm version: got 0x0, layer 256, want 0x1, layer 0",
		"\x7fELF\x01\x01\x01":           not + "7f 45 4c 46 (an ELF object: compile for wasm32)" + want,
		"\xcf\xfa\xed\xfe....":          not + "cf fa ed fe (a Mach-O object: compile for wasm32)" + want,
		"\xfe\xed\xfa\xce....":          not + "fe ed fa ce (a Mach-O object: compile for wasm32)" + want,
		"\xca\xfe\xba\xbe....":          not + "ca fe ba be (a universal Mach-O object or a Java class: compile for wasm32)" + want,
		"MZ\x90\x00...":                 not + "4d 5a 90 00 (a PE file (DLL or EXE): compile for wasm32)" + want,
		"BC\xc0\xde....":                not + "42 43 c0 de (LLVM bitcode: link with wasm-ld)" + want,
		"!<arch>\nx":                    not + "21 3c 61 72 (an ar archive: link with wasm-ld)" + want,
		"PK\x03\x04....":                not + "50 4b 03 04 (a zip archive)" + want,
		"\x28\xb5\x2f\xfd....":          not + "28 b5 2f fd (zstd data: only gzip is read)" + want,
		"version https://git-lfs.x":     not + "76 65 72 73 (a Git LFS pointer: run git lfs pull)" + want,
		"#!/bin/sh\n":                   not + "23 21 2f 62 (a script)" + want,
		"(module)":                      not + "28 6d 6f 64 (wasm text format: assemble with wat2wasm)" + want,
		"\xef\xbb\xbf\n ;; a\n(module)": not + "ef bb bf 0a (wasm text format: assemble with wat2wasm)" + want,
		"\r\n<!DOCTYPE HTML><title>404": not + "0d 0a 3c 21 (an HTML page: perhaps of a failed download)" + want,
		"<html>":                        not + "3c 68 74 6d (an HTML page: perhaps of a failed download)" + want,
		strings.Repeat(" ", 9000) + "(": not + "20 20 20 20" + want,
	} {
		_, err := loader.FromBytes("vec", []byte(in), nil)
		requireError(t, err, loader.ErrFormat, `loader: load "vec": `+reason)
		_, err = loader.FromBytes("vec", gz([]byte(in)), nil)
		requireError(t, err, loader.ErrFormat, `loader: load "vec": `+reason)
	}
	_, err := loader.FromBytes("vec", gz(gz([]byte(empty))), nil)
	require.ErrorIs(t, err, loader.ErrFormat)
	require.Contains(t, err.Error(), "gzip within gzip: compress once")
}

func TestGzipDamage(t *testing.T) {
	whole := gz(padded(100))
	for n := 2; n < len(whole); n++ {
		_, err := loader.FromBytes("vec", whole[:n], nil)
		requireError(t, err, loader.ErrFormat, `loader: load "vec": gzip data cut short`)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	}

	sum := bytes.Clone(whole)
	sum[len(sum)-5] ^= 1
	_, err := loader.FromBytes("vec", sum, nil)
	requireError(t, err, loader.ErrFormat, `loader: load "vec": gzip data: gzip: invalid checksum`)
	require.ErrorIs(t, err, gzip.ErrChecksum)

	head := bytes.Clone(whole)
	head[2] = 7 // no such method
	_, err = loader.FromBytes("vec", head, nil)
	requireError(t, err, loader.ErrFormat, `loader: load "vec": gzip header: gzip: invalid header`)

	for tail, want := range map[string]string{
		"\x00":        "data after the end of the gzip member, beginning with 00",
		"abc":         "data after the end of the gzip member, beginning with 61 62",
		string(whole): "a second gzip member follows the first, want one",
	} {
		_, err := loader.FromBytes("vec", append(bytes.Clone(whole), tail...), nil)
		requireError(t, err, loader.ErrFormat, `loader: load "vec": `+want)
	}
}

func TestMaxSize(t *testing.T) {
	at := &loader.Options{MaxSize: 1000}
	for _, in := range [][]byte{padded(992), gz(padded(992))} {
		bin, err := loader.FromBytes("vec", in, at)
		require.NoError(t, err)
		require.Len(t, bin.Bytes, 1000)
	}
	_, err := loader.FromBytes("vec", padded(993), at)
	requireError(t, err, loader.ErrRefused, `loader: load "vec": module size: got 1001, want at most 1000`)
	_, err = loader.FromBytes("vec", gz(padded(993)), at)
	requireError(t, err, loader.ErrRefused, `loader: load "vec": decompressed size: got more than 1000, want at most that`)
	_, err = loader.FromBytes("vec", make([]byte, 200_000), at)
	requireError(t, err, loader.ErrRefused,
		`loader: load "vec": file size: got 200000, want at most 132087 for a module of 1000`)

	bin, err := loader.FromBytes("vec", padded(1), &loader.Options{MaxSize: math.MaxInt64})
	require.NoError(t, err)
	require.Len(t, bin.Bytes, 9)

	_, err = loader.FromBytes("vec", padded(1), &loader.Options{MaxSize: -1})
	requireError(t, err, loader.ErrRefused, `loader: load "vec": Options.MaxSize: got -1, want 0 or more`)
	_, err = loader.Find(panicFS{}, "vec", &loader.Options{MaxSize: math.MinInt64})
	require.ErrorIs(t, err, loader.ErrRefused)

	// A module that does not compress fits when it is compressed nevertheless.
	var stored bytes.Buffer
	w, err := gzip.NewWriterLevel(&stored, gzip.NoCompression)
	require.NoError(t, err)
	_, err = w.Write(padded(1 << 20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = loader.FromBytes("vec", stored.Bytes(), &loader.Options{MaxSize: 8 + 1<<20})
	require.NoError(t, err)
}

func TestDefaultMaxSize(t *testing.T) {
	_, err := loader.Find(&liar{name: "vec", size: loader.DefaultMaxSize + 1, r: strings.NewReader(empty)}, "vec", nil)
	requireError(t, err, loader.ErrRefused, `loader: find "vec": vec: module size: got 67108865, want at most 67108864`)
	_, err = loader.Find(&liar{name: "vec", size: loader.DefaultMaxSize, r: strings.NewReader(empty)}, "vec", nil)
	require.NoError(t, err, "the claim is large, what was read is not")
}

// A bomb costs what the limit allows, not what it unpacks to.
func TestGzipBomb(t *testing.T) {
	bomb := gz(make([]byte, 64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := loader.FromBytes("vec", bomb, &loader.Options{MaxSize: 1 << 20})
	runtime.ReadMemStats(&after)
	requireError(t, err, loader.ErrRefused, `loader: load "vec": decompressed size: got more than 1048576, want at most that`)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

// Deflate blocks may be empty: a stream of them never ends and never yields a byte.
func TestGzipEndless(t *testing.T) {
	at := 0
	blocks := readFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = "\x00\x00\x00\xff\xff"[at%5]
			at++
		}
		return len(p), nil
	})
	l := &liar{name: "vec", r: io.MultiReader(bytes.NewReader(gz(nil)[:10]), blocks)}
	_, err := loader.Find(l, "vec", &loader.Options{MaxSize: 1000})
	requireError(t, err, loader.ErrRefused,
		`loader: find "vec": vec: compressed file: got more than 132087 bytes, want at most that for a module of 1000`)
}

func TestPin(t *testing.T) {
	b := padded(3)
	sum := sha256.Sum256(b)
	pin := hex.EncodeToString(sum[:])
	for _, p := range []string{pin, strings.ToUpper(pin)} {
		for _, in := range [][]byte{b, gz(b)} { // the digest is of the module, compressed or not
			_, err := loader.FromBytes("vec", in, &loader.Options{SHA256: p})
			require.NoError(t, err)
		}
	}
	other := strings.Repeat("ab", 32)
	_, err := loader.Find(files("vec.wasm"), "vec.wasm", &loader.Options{SHA256: other})
	requireError(t, err, loader.ErrRefused, `loader: find "vec.wasm": vec.wasm: SHA-256: got `+
		"93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476, want "+other)

	for _, c := range []struct{ pin, want string }{
		{"abc", `got "abc" of 3 characters, want 64 hexadecimal digits`},
		{"sha256:" + pin, `got "sha256:` + pin + `" of 71 characters, want 64 hexadecimal digits`},
		{strings.Repeat("x", 64), `got "` + strings.Repeat("x", 64) + `", want 64 hexadecimal digits`},
		{strings.Repeat("x", 6400), `got "` + strings.Repeat("x", 128) + `"... of 6400 characters, want 64 hexadecimal digits`},
	} {
		_, err := loader.Find(panicFS{}, "vec", &loader.Options{SHA256: c.pin})
		requireError(t, err, loader.ErrRefused, `loader: find "vec": Options.SHA256: `+c.want)
	}
}

func TestLyingFiles(t *testing.T) {
	at := &loader.Options{MaxSize: 100}
	zeros := readFunc(func(p []byte) (int, error) { clear(p); return len(p), nil })
	boom := errors.New("disk on\nfire")
	failing := readFunc(func([]byte) (int, error) { return 0, boom })
	idle := readFunc(func([]byte) (int, error) { return 0, nil })
	half := gz(padded(50))[:20]
	for name, c := range map[string]struct {
		liar
		kind error
		want string // "": sound
	}{
		"size 0":           {liar: liar{r: strings.NewReader(empty)}},
		"size negative":    {liar: liar{size: -5, r: strings.NewReader(empty)}},
		"size too large":   {liar: liar{size: 99, r: strings.NewReader(empty)}},
		"byte by byte":     {liar: liar{r: io.MultiReader(strings.NewReader(empty[:1]), idleOnce(), strings.NewReader(empty[1:]))}},
		"claims too much":  {liar: liar{size: 101, r: strings.NewReader(empty)}, kind: loader.ErrRefused, want: "module size: got 101, want at most 100"},
		"grows":            {liar: liar{size: 8, r: io.MultiReader(strings.NewReader(empty), zeros)}, kind: loader.ErrRefused, want: "module size: got more than 100, want at most that"},
		"shrinks":          {liar: liar{size: 8, r: strings.NewReader(empty[:5])}, kind: loader.ErrFormat, want: "too short for a wasm module: got 5 bytes (00 61 73 6d 01), want a header of 8"},
		"fails at once":    {liar: liar{r: failing}, want: "read: disk on fire"},
		"fails midway":     {liar: liar{r: io.MultiReader(strings.NewReader(empty), failing)}, want: "read: disk on fire"},
		"fails in gzip":    {liar: liar{r: io.MultiReader(bytes.NewReader(half), failing)}, want: "read: disk on fire"},
		"fails in header":  {liar: liar{r: io.MultiReader(bytes.NewReader(half[:5]), failing)}, want: "read: disk on fire"},
		"fails after gzip": {liar: liar{r: io.MultiReader(bytes.NewReader(gz(padded(1))), failing)}, want: "read: disk on fire"},
		"never reads":      {liar: liar{r: idle}, want: "read: multiple Read calls return no data or error"},
		"never goes on":    {liar: liar{r: io.MultiReader(strings.NewReader(empty), idle)}, want: "read: multiple Read calls return no data or error"},
		"impossible count": {liar: liar{r: readFunc(func(p []byte) (int, error) { return len(p) + 1, nil })}, want: "read: file system: Read returned an impossible count"},
		"negative count":   {liar: liar{r: readFunc(func(p []byte) (int, error) { return -1, nil })}, want: "read: file system: Read returned an impossible count"},
		"no info":          {liar: liar{noInfo: true}, want: "stat: neither a file nor an error"},
		"no file":          {liar: liar{noFile: true}, want: "open: neither a file nor an error"},
		"stat fails":       {liar: liar{statErr: boom}, want: "open: disk on fire"},
		"open fails":       {liar: liar{openErr: boom}, want: "open: disk on fire"},
		"a directory":      {liar: liar{mode: 1 << 31}, kind: loader.ErrRefused, want: "a directory, want a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.liar
			l.name = "vec.wasm"
			bin, err := loader.Find(&l, "vec.wasm", at)
			if !l.noFile && l.openErr == nil {
				require.Equal(t, 1, l.closed)
			}
			if c.want == "" {
				require.NoError(t, err)
				require.Equal(t, empty, string(bin.Bytes))
				return
			}
			require.Nil(t, bin)
			requireError(t, err, c.kind, `loader: find "vec.wasm": vec.wasm: `+c.want)
			if strings.HasSuffix(c.want, "fire") {
				require.ErrorIs(t, err, boom)
			}
		})
	}
}

// idleOnce reads nothing, twice, before its end.
func idleOnce() io.Reader {
	n := 0
	return readFunc(func([]byte) (int, error) {
		if n++; n < 3 {
			return 0, nil
		}
		return 0, io.EOF
	})
}
