package loader_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader"
)

func TestFindPath(t *testing.T) {
	dir := t.TempDir()
	vec := put(t, dir, "vec.wasm", padded(4))
	put(t, dir, "vec.sig", []byte("f()"))
	sub := put(t, dir, "simd/libdot.wasm.gz", gz(padded(5)))
	program := put(t, dir, "program.py", nil)

	for _, path := range []string{dir, dir + string(filepath.Separator), program, vec} {
		bin, err := loader.FindPath("vec", path, nil)
		require.NoError(t, err, path)
		require.Equal(t, vec, bin.Path)
		require.Equal(t, filepath.Join(dir, "vec.sig"), bin.SidecarPath)
		require.Equal(t, "vec", bin.Name)
		require.Equal(t, padded(4), bin.Bytes)

		bin, err = loader.FindPath("simd/dot", path, nil)
		require.NoError(t, err)
		require.Equal(t, sub, bin.Path)
		require.Empty(t, bin.SidecarPath)
		require.Equal(t, padded(5), bin.Bytes)
	}

	t.Chdir(dir)
	for path, want := range map[string]string{".": "vec.wasm", "program.py": "vec.wasm", "./simd/..": "./simd/../vec.wasm"} {
		bin, err := loader.FindPath("vec", path, nil)
		require.NoError(t, err)
		require.Equal(t, want, filepath.ToSlash(bin.Path))
	}

	_, err := loader.FindPath("nope", "simd", nil)
	e := requireError(t, err, fs.ErrNotExist, `loader: find "nope" in simd: no such library; `+
		`tried nope, nope.wasm, nope.wasm.gz, libnope.wasm, libnope.wasm.gz`)
	require.Equal(t, "simd", e.Dir)

	// A file in the place of a directory is nothing found, as it is in an fs.FS.
	_, err = loader.FindPath("program.py/x.wasm", ".", nil)
	requireError(t, err, fs.ErrNotExist, `loader: find "program.py/x.wasm" in .: no such library; tried program.py/x.wasm`)
}

func TestFindPathRefusesPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, ".", "vec.wasm", []byte(empty))

	_, err := loader.FindPath("vec", "", nil)
	requireError(t, err, loader.ErrRefused,
		`loader: find "vec": empty path, want a directory or a file in it ("." is the working directory)`)

	_, err = loader.FindPath("vec", "a\x00b", nil)
	requireError(t, err, loader.ErrRefused, `loader: find "vec" in "a\x00b": NUL in the path`)

	// numpy would load from the parent.
	_, err = loader.FindPath("vec", "nosuch", nil)
	requireError(t, err, fs.ErrNotExist, `loader: find "vec" in nosuch: no such directory or file`)
	_, err = loader.FindPath("vec", "vec.wasm/nosuch", nil)
	requireError(t, err, fs.ErrNotExist, `loader: find "vec" in vec.wasm/nosuch: no such directory or file`)

	_, err = loader.FindPath("../vec", ".", nil)
	requireError(t, err, loader.ErrRefused,
		`loader: find "../vec" in .: ".." in the name, want one that stays in the place searched`)

	_, err = loader.FindPath("vec", strings.Repeat("x", 5000), nil)
	require.Error(t, err)
	require.NotErrorIs(t, err, loader.ErrRefused)
}

func symlink(t *testing.T, target, link string) {
	t.Helper()
	if err := os.Symlink(filepath.FromSlash(target), filepath.FromSlash(link)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
}

func TestFindPathLinks(t *testing.T) {
	t.Chdir(t.TempDir())
	secret := put(t, "outside", "secret.wasm", padded(1))
	put(t, "outside", "secret.sig", []byte("f()"))
	put(t, "plugins", "real.wasm", padded(2))
	put(t, "plugins", "own.wasm", padded(3))
	put(t, "plugins/sub", "x.wasm", padded(4))
	abs, err := filepath.Abs(secret)
	require.NoError(t, err)
	inside, err := filepath.Abs("plugins/real.wasm")
	require.NoError(t, err)
	symlink(t, "../outside/secret.wasm", "plugins/rel.wasm")
	symlink(t, abs, "plugins/abs.wasm")
	symlink(t, inside, "plugins/absinside.wasm")
	symlink(t, "../outside", "plugins/dir")
	symlink(t, "sub/../../outside/secret.wasm", "plugins/weave.wasm")
	symlink(t, "../outside/nosuch.wasm", "plugins/dangling.wasm")
	symlink(t, "../outside/secret.sig", "plugins/own.sig")
	symlink(t, "real.wasm", "plugins/good.wasm")
	symlink(t, "nosuch", "plugins/broken.wasm")
	symlink(t, "loop.wasm", "plugins/loop.wasm")
	symlink(t, "plugins", "alias")
	symlink(t, "../plugins/real.wasm", "outside/entry")

	const leaves = ": a symbolic link that leaves the directory"
	for name, want := range map[string]string{
		"rel.wasm":        `"rel.wasm" in plugins: rel.wasm` + leaves,
		"rel":             `"rel" in plugins: rel.wasm` + leaves + `; tried rel, rel.wasm`,
		"abs.wasm":        `"abs.wasm" in plugins: abs.wasm` + leaves,
		"absinside.wasm":  `"absinside.wasm" in plugins: absinside.wasm` + leaves,
		"dir/secret.wasm": `"dir/secret.wasm" in plugins: dir/secret.wasm` + leaves,
		"weave.wasm":      `"weave.wasm" in plugins: weave.wasm` + leaves,
		"dangling.wasm":   `"dangling.wasm" in plugins: dangling.wasm` + leaves,
		"own.wasm":        `"own.wasm" in plugins: own.sig: sidecar` + leaves + `; tried own.wasm`,
	} {
		_, err := loader.FindPath(name, "plugins", nil)
		requireError(t, err, loader.ErrRefused, "loader: find "+want)
	}

	bin, err := loader.FindPath("good", "plugins", nil)
	require.NoError(t, err)
	require.Equal(t, padded(2), bin.Bytes)

	_, err = loader.FindPath("broken", "plugins", nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = loader.FindPath("loop", "plugins", nil)
	require.Error(t, err)
	require.NotErrorIs(t, err, fs.ErrNotExist)

	// The directory itself may be reached through links, and a link in the path is that directory's file.
	bin, err = loader.FindPath("real", "alias", nil)
	require.NoError(t, err)
	require.Equal(t, padded(2), bin.Bytes)
	bin, err = loader.FindPath("secret", "outside/entry", nil)
	require.NoError(t, err)
	require.Equal(t, padded(1), bin.Bytes)

	// link/.. is the parent of what the link names, in the search and in the answer.
	put(t, ".", "deep/below/here/x", nil)
	put(t, ".", "deep/below/vec.wasm", padded(7))
	put(t, ".", "vec.wasm", padded(8))
	symlink(t, "deep/below/here", "here")
	for _, path := range []string{"here/..", "here/../vec.wasm"} {
		bin, err = loader.FindPath("vec", filepath.FromSlash(path), nil)
		require.NoError(t, err)
		require.Equal(t, padded(7), bin.Bytes)
		b, err := os.ReadFile(bin.Path)
		require.NoError(t, err)
		require.Equal(t, bin.Bytes, b)
	}
}
