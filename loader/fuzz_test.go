package loader_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

// spy keeps the names that were asked for.
type spy struct {
	fstest.MapFS
	asked []string
}

func (s *spy) Open(name string) (fs.File, error) {
	s.asked = append(s.asked, name)
	return s.MapFS.Open(name)
}

func (s *spy) Stat(name string) (fs.FileInfo, error) {
	s.asked = append(s.asked, name)
	return s.MapFS.Stat(name)
}

// specNames is the rule for names written the long way: element by element, nil for a name that is refused.
func specNames(name string) []string {
	if len(name) > 1024 || !utf8.ValidString(name) {
		return nil
	}
	if len(name) > 1 && name[1] == ':' && strings.Contains("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", name[:1]) {
		return nil
	}
	elems := strings.Split(name, "/")
	for _, e := range elems {
		if e == "" || e == "." || e == ".." || strings.Contains(e, "\x00") || strings.Contains(e, `\`) {
			return nil
		}
	}
	last := elems[len(elems)-1]
	if strings.HasSuffix(last, ".wasm") || strings.HasSuffix(last, ".wasm.gz") {
		return []string{name}
	}
	var all []string
	for _, f := range []string{last, last + ".wasm", last + ".wasm.gz", "lib" + last + ".wasm", "lib" + last + ".wasm.gz"} {
		all = append(all, strings.Join(append(slices.Clone(elems[:len(elems)-1]), f), "/"))
	}
	return all
}

// FuzzFind searches a file system with some of the candidates in it, chosen by bits: two for each, nothing, sound,
// damaged or a directory.
func FuzzFind(f *testing.F) {
	for _, name := range []string{"vec", "vec.wasm", "a/vec.wasm.gz", "libv.1.2", "../x", "/x", "", "a//b", `a\b`, "c:x", ".", "a\x00", "\xff", ".."} {
		for _, bits := range []uint16{0, 1, 4, 0x100, 0x3ff, 0x1d, 0x2c} {
			f.Add(name, bits)
		}
	}
	f.Fuzz(func(t *testing.T, name string, bits uint16) {
		s := &spy{MapFS: fstest.MapFS{}}
		want := specNames(name)
		found, end := "", ""
		for i, c := range want {
			switch bits >> (2 * i) & 3 {
			case 0:
				continue
			case 1:
				s.MapFS[c] = &fstest.MapFile{Data: []byte(empty)}
				if end == "" {
					found, end = c, c
				}
			case 2:
				s.MapFS[c] = &fstest.MapFile{Data: []byte("\x00asm")}
			case 3:
				s.MapFS[c] = &fstest.MapFile{Mode: fs.ModeDir}
				if i == 0 && len(want) > 1 {
					continue
				}
			}
			if end == "" {
				end = c
			}
		}

		bin, err := loader.Find(s, name, nil)
		for _, a := range s.asked {
			require.True(t, fs.ValidPath(a), "%q", a)
			require.True(t, slices.Contains(want, a) || strings.HasSuffix(a, ".sig"), "%q", a)
		}
		if found != "" {
			require.NoError(t, err)
			require.Equal(t, found, bin.Path)
			return
		}
		var e *loader.Error
		require.ErrorAs(t, err, &e)
		require.NotContains(t, err.Error(), "\n")
		require.True(t, strings.HasPrefix(err.Error(), `loader: find "`))
		switch {
		case want == nil:
			require.ErrorIs(t, err, loader.ErrRefused)
			require.Empty(t, s.asked)
		case end == "":
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.Len(t, e.Tried, len(want))
		default:
			require.Equal(t, end, e.Path)
			require.NotErrorIs(t, err, fs.ErrNotExist)
			require.Equal(t, end, e.Tried[len(e.Tried)-1].Path)
		}
	})
}

// FuzzFromBytes compares with the plain way to read a module, which has no defence against large ones.
func FuzzFromBytes(f *testing.F) {
	for _, b := range [][]byte{nil, []byte(empty), padded(1), padded(3000), gz([]byte(empty)), gz(padded(3000)), gz(gz(nil)),
		[]byte("\x1f\x8b"), gz(padded(9))[:15], append(gz(padded(9)), 0), append(gz(padded(9)), gz(nil)...), []byte("(module)")} {
		f.Add(b, uint16(1000), false)
		f.Add(b, uint16(0), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, most uint16, pinned bool) {
		o := &loader.Options{MaxSize: int64(most)}
		limit := int64(most)
		if limit == 0 {
			limit = loader.DefaultMaxSize
		}
		if pinned {
			o.SHA256 = strings.Repeat("0", 64)
		}
		bin, err := loader.FromBytes("vec", b, o)

		plain, ok := b, true
		if bytes.HasPrefix(b, []byte("\x1f\x8b")) {
			in := bytes.NewReader(b)
			gz, gerr := gzip.NewReader(in)
			ok = gerr == nil
			if ok {
				gz.Multistream(false)
				plain, gerr = io.ReadAll(io.LimitReader(gz, limit+1))
				ok = gerr == nil && (in.Len() == 0 || int64(len(plain)) > limit)
			}
		}
		ok = ok && int64(len(plain)) <= limit && bytes.HasPrefix(plain, []byte(empty)) && !pinned
		require.Equal(t, ok, err == nil, "%v", err)
		if !ok {
			require.Nil(t, bin)
			require.True(t, errors.Is(err, loader.ErrFormat) != errors.Is(err, loader.ErrRefused), "%v", err)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Equal(t, plain, bin.Bytes)
		require.Equal(t, sha256.Sum256(plain), bin.Digest)
	})
}
