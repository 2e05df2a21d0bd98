package loader_test

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

func TestFindOrder(t *testing.T) {
	all := []string{"vec", "vec.wasm", "vec.wasm.gz", "libvec.wasm", "libvec.wasm.gz"}
	for i, want := range all {
		bin, err := loader.Find(files(all[i:]...), "vec", nil)
		require.NoError(t, err)
		require.Equal(t, want, bin.Path)
		require.Equal(t, "vec", bin.Name)
		require.Equal(t, []byte(empty), bin.Bytes)
		require.Equal(t, sha256.Sum256([]byte(empty)), bin.Digest)
		require.Nil(t, bin.Sidecar)
		require.Empty(t, bin.SidecarPath)
	}
}

func TestFindNames(t *testing.T) {
	for _, c := range []struct {
		name, file, want string // want "": not found
	}{
		{"vec.wasm", "vec.wasm", "vec.wasm"},
		{"vec.wasm.gz", "vec.wasm.gz", "vec.wasm.gz"},
		{"vec.wasm", "vec.wasm.gz", ""},                // an extension is never completed
		{"vec.wasm", "libvec.wasm", ""},                // nor prefixed
		{"vec.wasm", "vec.wasm.wasm", ""},              //
		{"libv.1.2", "libv.1.2.wasm", "libv.1.2.wasm"}, // .2 is no extension
		{"v.1.2", "libv.1.2.wasm.gz", "libv.1.2.wasm.gz"},
		{"vec.gz", "vec.gz.wasm", "vec.gz.wasm"}, // nor is .gz
		{"vec.WASM", "vec.WASM.wasm", "vec.WASM.wasm"},
		{"vec.so", "vec.so", "vec.so"},
		{"simd/vec", "simd/libvec.wasm", "simd/libvec.wasm"},
		{"simd/vec", "libsimd/vec.wasm", ""},
		{"a/b/vec.wasm", "a/b/vec.wasm", "a/b/vec.wasm"},
		{"simd/vec", "vec.wasm", ""},
		{"libvec", "libvec.wasm", "libvec.wasm"},
		{".wasm", ".wasm", ".wasm"},
		{"..vec", "..vec.wasm", "..vec.wasm"}, // dots, but not dot-dot
		{"vec ü\n", "vec ü\n.wasm", "vec ü\n.wasm"},
		{"vec:w", "vec:w.wasm", "vec:w.wasm"},
	} {
		bin, err := loader.Find(files(c.file), c.name, nil)
		if c.want == "" {
			require.ErrorIs(t, err, fs.ErrNotExist, c.name)
			require.NotContains(t, err.Error(), "\n")
			continue
		}
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, bin.Path)
	}
}

func TestFindRefusesNames(t *testing.T) {
	for name, want := range map[string]string{
		"":                        `"": empty name`,
		"a\x00b":                  `"a\x00b": NUL in the name`,
		"a\xff":                   `"a\xff": name is not valid UTF-8`,
		`..\vec`:                  `"..\\vec": backslash in the name, want "/" between elements`,
		`a\b`:                     `"a\\b": backslash in the name, want "/" between elements`,
		"/vec":                    `"/vec": absolute name, want one relative to the place searched`,
		"C:/vec":                  `"C:/vec": absolute name, want one relative to the place searched`,
		"z:vec":                   `"z:vec": absolute name, want one relative to the place searched`,
		"..":                      `"..": ".." in the name, want one that stays in the place searched`,
		"../vec":                  `"../vec": ".." in the name, want one that stays in the place searched`,
		"a/../vec":                `"a/../vec": ".." in the name, want one that stays in the place searched`,
		"a/..":                    `"a/..": ".." in the name, want one that stays in the place searched`,
		".":                       `".": name with an empty or "." element, want a file name or a clean path to one`,
		"./vec":                   `"./vec": name with an empty or "." element, want a file name or a clean path to one`,
		"a//vec":                  `"a//vec": name with an empty or "." element, want a file name or a clean path to one`,
		"vec/":                    `"vec/": name with an empty or "." element, want a file name or a clean path to one`,
		"a/./vec":                 `"a/./vec": name with an empty or "." element, want a file name or a clean path to one`,
		strings.Repeat("x", 1025): `"` + strings.Repeat("x", 128) + `"...: name of 1025 bytes, want at most 1024`,
	} {
		bin, err := loader.Find(panicFS{}, name, nil)
		require.Nil(t, bin)
		e := requireError(t, err, loader.ErrRefused, "loader: find "+want)
		require.Equal(t, name, e.Name)
		require.Empty(t, e.Tried)
	}
	_, err := loader.Find(files("vec"), strings.Repeat("x", 1024), nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// panicFS must not be asked.
type panicFS struct{}

func (panicFS) Open(name string) (fs.File, error) { panic("opened " + name) }

func TestFindNothing(t *testing.T) {
	_, err := loader.Find(files(), "vec", nil)
	e := requireError(t, err, fs.ErrNotExist,
		`loader: find "vec": no such library; tried vec, vec.wasm, vec.wasm.gz, libvec.wasm, libvec.wasm.gz`)
	require.Len(t, e.Tried, 5)
	require.Equal(t, loader.Attempt{Path: "vec.wasm", Reason: "no such file"}, e.Tried[1])

	_, err = loader.Find(files(), "a b.wasm", nil)
	requireError(t, err, fs.ErrNotExist, `loader: find "a b.wasm": no such library; tried "a b.wasm"`)
}

func TestFindDirectories(t *testing.T) {
	// A directory with the bare name is stepped over ...
	bin, err := loader.Find(files("vec/readme", "libvec.wasm"), "vec", nil)
	require.NoError(t, err)
	require.Equal(t, "libvec.wasm", bin.Path)

	_, err = loader.Find(files("vec/readme"), "vec", nil)
	e := requireError(t, err, fs.ErrNotExist, `loader: find "vec": no such library; `+
		`tried vec (a directory), vec.wasm, vec.wasm.gz, libvec.wasm, libvec.wasm.gz`)
	require.Equal(t, loader.Attempt{Path: "vec", Reason: "a directory"}, e.Tried[0])

	// ... with any other it is a defective library.
	_, err = loader.Find(files("vec.wasm/readme"), "vec.wasm", nil)
	requireError(t, err, loader.ErrRefused, `loader: find "vec.wasm": vec.wasm: a directory, want a regular file`)

	_, err = loader.Find(files("vec.wasm/readme", "libvec.wasm"), "vec", nil)
	e = requireError(t, err, loader.ErrRefused,
		`loader: find "vec": vec.wasm: a directory, want a regular file; tried vec, vec.wasm`)
	require.Equal(t, "vec.wasm", e.Path)
	require.Equal(t, []loader.Attempt{{"vec", "no such file"}, {"vec.wasm", "a directory, want a regular file"}}, e.Tried)

	// A file in the place of a directory: nothing found.
	_, err = loader.Find(files("vec"), "vec/x.wasm", nil)
	requireError(t, err, fs.ErrNotExist, `loader: find "vec/x.wasm": no such library; tried vec/x.wasm`)
}

func TestFindOtherKinds(t *testing.T) {
	for mode, what := range map[fs.FileMode]string{
		fs.ModeSymlink:                    "a symbolic link",
		fs.ModeNamedPipe:                  "a named pipe",
		fs.ModeSocket:                     "a socket",
		fs.ModeDevice:                     "a device",
		fs.ModeDevice | fs.ModeCharDevice: "a device",
		fs.ModeIrregular:                  "a special file",
	} {
		l := &liar{name: "vec", mode: mode}
		_, err := loader.Find(l, "vec", nil)
		requireError(t, err, loader.ErrRefused, `loader: find "vec": vec: `+what+`, want a regular file`)
		require.Equal(t, 1, l.closed)

		// Where the file system can tell, it is not opened.
		_, err = loader.Find(statFS{panicFS{}, &lieInfo{l}}, "vec.wasm", nil)
		require.ErrorContains(t, err, what)
	}
}

type statFS struct {
	fs.FS
	info fs.FileInfo
}

func (s statFS) Stat(string) (fs.FileInfo, error) { return s.info, nil }

// The file that is open counts, not the one that was looked at.
func TestFindSwapped(t *testing.T) {
	regular := &lieInfo{&liar{name: "vec.wasm"}}
	_, err := loader.Find(statFS{&liar{name: "vec.wasm", mode: fs.ModeDir}, regular}, "vec.wasm", nil)
	requireError(t, err, loader.ErrRefused, `loader: find "vec.wasm": vec.wasm: a directory, want a regular file`)

	_, err = loader.Find(statFS{files(), regular}, "vec.wasm", nil) // gone meanwhile
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestFindDefectiveEndsTheSearch(t *testing.T) {
	m := files("libvec.wasm")
	m["vec.wasm"] = &fstest.MapFile{Data: []byte("\x7fELF\x02\x01\x01\x00")}
	_, err := loader.Find(m, "vec", nil)
	requireError(t, err, loader.ErrFormat, `loader: find "vec": vec.wasm: not a wasm module: `+
		`begins with 7f 45 4c 46 (an ELF object: compile for wasm32), want 00 61 73 6d; tried vec, vec.wasm`)
}

func TestFindNilFS(t *testing.T) {
	require.PanicsWithValue(t, "loader: Find: nil fs.FS", func() { _, _ = loader.Find(nil, "vec", nil) })
}

func TestSidecar(t *testing.T) {
	sig := []byte("dot(x: f64[n], y: f64[n], n: size) -> f64\n")
	for module, sidecar := range map[string]string{
		"vec":             "vec.sig",
		"vec.wasm":        "vec.sig",
		"vec.wasm.gz":     "vec.sig",
		"libvec.wasm":     "libvec.sig",
		"libvec.wasm.gz":  "libvec.sig",
		"a/v.1.2.wasm":    "a/v.1.2.sig",
		"a/b.wasm/c.wasm": "a/b.wasm/c.sig",
	} {
		m := files(module)
		m[sidecar] = &fstest.MapFile{Data: sig}
		bin, err := loader.Find(m, module, nil)
		require.NoError(t, err)
		require.Equal(t, sig, bin.Sidecar)
		require.Equal(t, sidecar, bin.SidecarPath)
	}

	m := files("vec.wasm")
	m["vec.sig"] = &fstest.MapFile{}
	bin, err := loader.Find(m, "vec", nil)
	require.NoError(t, err)
	require.NotNil(t, bin.Sidecar, "empty is not absent")
	require.Empty(t, bin.Sidecar)
	require.Equal(t, "vec.sig", bin.SidecarPath)

	m["vec.sig"] = &fstest.MapFile{Data: make([]byte, loader.MaxSidecarSize)}
	bin, err = loader.Find(m, "vec", &loader.Options{MaxSize: 8})
	require.NoError(t, err)
	require.Len(t, bin.Sidecar, loader.MaxSidecarSize)

	m["vec.sig"] = &fstest.MapFile{Data: make([]byte, loader.MaxSidecarSize+1)}
	_, err = loader.Find(m, "vec", nil)
	e := requireError(t, err, loader.ErrRefused,
		`loader: find "vec": vec.sig: sidecar: got 1048577 bytes, want at most 1048576; tried vec, vec.wasm`)
	require.Equal(t, "vec.sig", e.Path)

	_, err = loader.Find(files("vec.wasm", "vec.sig/x"), "vec.wasm", nil)
	requireError(t, err, loader.ErrRefused,
		`loader: find "vec.wasm": vec.sig: sidecar: a directory, want a regular file; tried vec.wasm`)
	_, err = loader.Find(files("vec", "vec.sig/x", "vec.wasm"), "vec", nil) // not to be taken for the directory vec
	requireError(t, err, loader.ErrRefused,
		`loader: find "vec": vec.sig: sidecar: a directory, want a regular file; tried vec`)
}

// two is a file system of a sound module and a lying sidecar.
type two struct{ module, sidecar fs.FS }

func (f two) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, ".sig") {
		return f.sidecar.Open(name)
	}
	return f.module.Open(name)
}

func TestSidecarLies(t *testing.T) {
	grows := &liar{name: "vec.sig", size: 3, r: readFunc(func(p []byte) (int, error) { return len(p), nil })}
	_, err := loader.Find(two{files("vec.wasm"), grows}, "vec.wasm", nil)
	requireError(t, err, loader.ErrRefused,
		`loader: find "vec.wasm": vec.sig: sidecar: got more than 1048576 bytes, want at most that; tried vec.wasm`)
	require.Equal(t, 1, grows.closed)

	breaks := &liar{name: "vec.sig", r: io.MultiReader(strings.NewReader("dot("), readFunc(func([]byte) (int, error) {
		return 0, io.ErrUnexpectedEOF
	}))}
	_, err = loader.Find(two{files("vec.wasm"), breaks}, "vec.wasm", nil)
	requireError(t, err, nil, `loader: find "vec.wasm": vec.sig: sidecar: read: unexpected EOF; tried vec.wasm`)

	denied := &liar{name: "vec.sig", openErr: &fs.PathError{Op: "open", Path: "vec.sig", Err: fs.ErrPermission}}
	_, err = loader.Find(two{files("vec.wasm"), denied}, "vec.wasm", nil)
	requireError(t, err, nil, `loader: find "vec.wasm": vec.sig: sidecar: open: permission denied; tried vec.wasm`)
	require.ErrorIs(t, err, fs.ErrPermission)
}
