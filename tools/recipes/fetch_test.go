package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	base "encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// entry is one file of an archive that a test makes.
type entry struct {
	name string
	body []byte
	kind byte // 0: a regular file
}

// archiveOf is a tar of the entries, compressed.
func archiveOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.body)), Typeflag: e.kind}
		if e.kind == tar.TypeSymlink {
			h.Linkname = "/etc/passwd"
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := w.Write(e.body)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return b.Bytes()
}

// registry is a packer that has archives by spec and counts how often each is wanted.
type registry struct {
	archives map[string][]byte
	err      error // of packages that it does not have

	mu    sync.Mutex
	asked map[string]int
}

func (r *registry) pack(_ context.Context, spec, dir string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == nil {
		r.asked = map[string]int{}
	}
	r.asked[spec]++
	b, ok := r.archives[spec]
	if !ok {
		return "", r.err
	}
	path := filepath.Join(dir, "package.tgz")
	return path, os.WriteFile(path, b, 0o666)
}

// module makes the bytes of something that begins as a module does.
func module(text string) []byte { return []byte("\x00asm\x01\x00\x00\x00" + text) }

func rowOf(file, spec, path string, how encoding, body []byte) recipe {
	at := strings.LastIndex(spec, "@")
	return recipe{file, "R1", spec[:at], spec[at+1:], "MIT", path, how, int64(len(body)), digest(body)}
}

// listing is what a folder holds, by name.
func listing(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = string(b)
	}
	return all
}

var (
	one, two, three = module("one"), module("two, which is longer"), []byte("var glue = 1;\n")

	rows = []recipe{
		rowOf("one.wasm", "@scope/a@1.0.0", "package/one.wasm", plain, one),
		rowOf("one.js", "@scope/a@1.0.0", "package/one.js", plain, three),
		rowOf("two.wasm", "b@2.0.0", "package/two.mjs", base64, two),
	}
)

func sound(t testing.TB) *registry {
	script := `const other = "` + base.StdEncoding.EncodeToString(one) + `", wasm = "` + base.StdEncoding.EncodeToString(two) + `";`
	return &registry{archives: map[string][]byte{
		"@scope/a@1.0.0": archiveOf(t, entry{"../../one.wasm", two, 0}, entry{"package/one.js", three, 0}, entry{"package/link", nil, tar.TypeSymlink}, entry{"package/one.wasm", one, 0}),
		"b@2.0.0":        archiveOf(t, entry{"package/two.mjs", []byte(script), 0}),
	}}
}

func TestFetch(t *testing.T) {
	dir, from := t.TempDir(), sound(t)
	want := map[string]string{"one.wasm": string(one), "one.js": string(three), "two.wasm": string(two)}
	for _, o := range fetch(t.Context(), rows, dir, from.pack) {
		require.NoError(t, o.err, o.File)
		require.False(t, o.cached, o.File)
	}
	require.Equal(t, want, listing(t, dir))
	require.Equal(t, map[string]int{"@scope/a@1.0.0": 1, "b@2.0.0": 1}, from.asked, "each package once")

	// Again: nothing is fetched but what is not as it should be.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "two.wasm"), bytes.Repeat([]byte{1}, len(two)), 0o666))
	for i, o := range fetch(t.Context(), rows, dir, from.pack) {
		require.NoError(t, o.err, o.File)
		require.Equal(t, i < 2, o.cached, o.File)
	}
	require.Equal(t, want, listing(t, dir))
	require.Equal(t, map[string]int{"@scope/a@1.0.0": 1, "b@2.0.0": 2}, from.asked)
}

func TestFetchAtTheSameTime(t *testing.T) {
	dir, from := t.TempDir(), sound(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, o := range fetch(context.Background(), rows, dir, from.pack) {
				if o.err != nil {
					t.Errorf("%s: %v", o.File, o.err)
				}
			}
		})
	}
	group.Wait()
	require.Len(t, listing(t, dir), 3, "no temporary files are left")
}

func TestFetchRefuses(t *testing.T) {
	large := make([]byte, maxFile+1)
	noise := make([]byte, 1<<16)
	rand.Read(noise)
	good := entry{"package/one.wasm", one, 0}
	for name, c := range map[string]struct {
		archive []byte
		want    string
	}{
		"other digest": {archiveOf(t, entry{"package/one.wasm", module("eno"), 0}), "package/one.wasm of a@1 has 11 bytes with sha256 " + digest(module("eno")) + ", want 11 with " + digest(one)},
		"other size":   {archiveOf(t, entry{"package/one.wasm", two, 0}), fmt.Sprintf("has %d bytes with sha256", len(two))},
		"not there":    {archiveOf(t, entry{"one.wasm", one, 0}, entry{"package/ONE.wasm", one, 0}), "a@1 has no package/one.wasm"},
		"empty":        {archiveOf(t), "a@1 has no package/one.wasm"},
		"twice":        {archiveOf(t, good, good), "a@1: archive: package/one.wasm is there twice"},
		"a link":       {archiveOf(t, entry{"package/one.wasm", nil, tar.TypeSymlink}), "a@1: archive: package/one.wasm has type '2', want a regular file"},
		"a folder":     {archiveOf(t, entry{"package/one.wasm", nil, tar.TypeDir}), "a@1: archive: package/one.wasm has type '5', want a regular file"},
		"large":        {archiveOf(t, entry{"package/one.wasm", large, 0}), "a@1: archive: package/one.wasm has 33554433 bytes, want at most 33554432"},
		"no gzip":      {one, "a@1: archive: gzip: invalid header"},
		"no bytes":     {nil, "a@1: archive: EOF"},
		"no tar":       {compressed(noise), "a@1: archive: entry 0: archive/tar: invalid tar header"},
		"cut":          {archiveOf(t, entry{"x", noise, 0}, good)[:1000], "a@1: archive: entry 1: unexpected EOF"},
		"a bomb":       {bomb(t), "a@1: archive: entry 3: more than 100663296 bytes when unpacked"},
		"many entries": {crowd(t), "a@1: archive: more than 20000 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from := &registry{archives: map[string][]byte{"a@1": c.archive}}
			o := fetch(t.Context(), []recipe{rowOf("one.wasm", "a@1", "package/one.wasm", plain, one)}, dir, from.pack)
			require.ErrorContains(t, o[0].err, c.want)
			require.NotErrorIs(t, o[0].err, errUnavailable)
			require.Empty(t, listing(t, dir))
		})
	}
}

// An error of one package leaves the files of the others.
func TestFetchGoesOn(t *testing.T) {
	dir, from := t.TempDir(), sound(t)
	delete(from.archives, "@scope/a@1.0.0")
	from.err = errors.New("npm pack @scope/a@1.0.0: E404")
	outcomes := fetch(t.Context(), rows, dir, from.pack)
	require.EqualError(t, outcomes[0].err, from.err.Error())
	require.EqualError(t, outcomes[1].err, from.err.Error())
	require.NoError(t, outcomes[2].err)
	require.Equal(t, map[string]string{"two.wasm": string(two)}, listing(t, dir))
}

// Without a network it does not try for every package.
func TestFetchUnavailable(t *testing.T) {
	from := &registry{err: fmt.Errorf("%w: no network", errUnavailable)}
	for _, o := range fetch(t.Context(), rows, t.TempDir(), from.pack) {
		require.ErrorIs(t, o.err, errUnavailable)
	}
	require.Equal(t, map[string]int{"@scope/a@1.0.0": 1}, from.asked)
}

func compressed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// bomb is small and unpacks to more than maxUnpacked: its entries share one compressed body.
func bomb(t testing.TB) []byte {
	t.Helper()
	var tarball bytes.Buffer
	w := tar.NewWriter(&tarball)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "zeros", Mode: 0o644, Size: 32 << 20}))
	_, err := w.Write(make([]byte, 32<<20))
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	return bytes.Repeat(compressed(tarball.Bytes()), 4) // members of gzip follow each other
}

// crowd has more than maxEntries entries.
func crowd(t testing.TB) []byte {
	t.Helper()
	var tarball bytes.Buffer
	w := tar.NewWriter(&tarball)
	for range 1001 {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: "nothing", Mode: 0o644}))
	}
	require.NoError(t, w.Flush())
	return bytes.Repeat(compressed(tarball.Bytes()), 20)
}
