package wasmffi_test

import (
	"bytes"
	varint "encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// wasiTypes are the functions that tests ask for, with their parameters.
var wasiTypes = map[string]string{
	"fd_write": "iiii", "fd_read": "iiii", "args_sizes_get": "ii", "args_get": "ii", "environ_sizes_get": "ii", "environ_get": "ii",
	"clock_time_get": "iji", "random_get": "ii", "fd_prestat_get": "ii", "fd_prestat_dir_name": "iii", "path_open": "iiiiijjii",
	"poll_oneoff": "iiii", "fd_close": "i", "path_unlink_file": "iii", "path_create_directory": "iii", "fd_readdir": "iiiji",
}

// wasiGuest exports what it imports from WASI, so that the test is the program. Its data begin at 1024.
func wasiGuest() []byte {
	var m made
	names := slices.Sorted(maps.Keys(wasiTypes))
	for _, name := range names {
		m.imp("wasi_snapshot_preview1", name, wasiTypes[name], "i")
	}
	m.pages(4)
	for i, name := range names {
		params := wasiTypes[name]
		var args []any
		for k := range len(params) {
			args = append(args, opLocalGet, k)
		}
		m.fn(name, params, "i", append(args, opCall, leb(i))...)
	}
	return m.bytes()
}

// program is an instance of wasiGuest.
type program struct {
	testing.TB
	lib *wasmffi.Library
}

func start(t testing.TB, o wasmffi.Options) program {
	t.Helper()
	return program{t, openWith(t, wasiGuest(), o)}
}

// call calls a function of WASI, and gives its number of an error.
func (p program) call(name string, args ...any) (int, error) {
	p.Helper()
	var params []string
	for k, c := range wasiTypes[name] {
		params = append(params, fmt.Sprint("p", k, ": ", map[rune]string{'i': "u32", 'j': "u64"}[c]))
	}
	r, err := bind(p, p.lib, name+"("+strings.Join(params, ", ")+") -> u32").Call(bg, args...)
	if err != nil {
		return 0, err
	}
	return int(r.Uint()), nil
}

// must is a call that succeeds.
func (p program) must(name string, args ...any) {
	p.Helper()
	errno, err := p.call(name, args...)
	require.NoError(p, err)
	require.Zero(p, errno, name)
}

func (p program) bytes(at, n uint32) []byte {
	p.Helper()
	b, err := p.lib.Memory().Bytes(memview.Ptr(at), n)
	require.NoError(p, err)
	return b
}

func (p program) u32(at uint32) uint32 { return varint.LittleEndian.Uint32(p.bytes(at, 4)) }
func (p program) u64(at uint32) uint64 { return varint.LittleEndian.Uint64(p.bytes(at, 8)) }

// vector puts a text, or room for n bytes, at 2048, and the vector of it at 1024.
func (p program) vector(text string, n int) {
	copy(p.bytes(2048, uint32(len(text))), text)
	varint.LittleEndian.PutUint32(p.bytes(1024, 4), 2048)
	varint.LittleEndian.PutUint32(p.bytes(1028, 4), uint32(n))
}

func (p program) write(fd int, text string) (int, error) {
	p.Helper()
	p.vector(text, len(text))
	return p.call("fd_write", fd, 1024, 1, 1100)
}

func (p program) read(fd, n int) string {
	p.Helper()
	p.vector("", n)
	p.must("fd_read", fd, 1024, 1, 1100)
	return string(p.bytes(2048, p.u32(1100)))
}

// texts are what a pair of functions gives, such as args_get.
func (p program) texts(name string) []string {
	p.Helper()
	p.must(name+"_sizes_get", 1024, 1028)
	n, size := p.u32(1024), p.u32(1028)
	p.must(name+"_get", 1100, 4096)
	if n == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(p.bytes(4096, size)), "\x00"), "\x00")
}

// open opens a file below the first directory, and gives its descriptor or number of an error.
func (p program) open(name string) (fd, errno int) {
	p.Helper()
	copy(p.bytes(2048, uint32(len(name))), name)
	errno, err := p.call("path_open", 3, 1, 2048, len(name), 0, 1<<1|1<<14, 0, 0, 1100)
	require.NoError(p, err)
	return int(p.u32(1100)), errno
}

func TestWASIStreams(t *testing.T) {
	var out, err bytes.Buffer
	p := start(t, wasmffi.Options{WASI: wasmffi.WASI{
		Stdin: strings.NewReader("one two three"), Stdout: &out, Stderr: &err,
		Args: []string{"prog", "-v", ""}, Env: []string{"A=1", "B=x=y", "EMPTY="},
	}})
	for _, text := range []string{"hello ", "", "world\n"} {
		errno, e := p.write(1, text)
		require.NoError(t, e)
		require.Zero(t, errno)
	}
	p.write(2, "alas")
	require.Equal(t, "hello world\n", out.String())
	require.Equal(t, "alas", err.String())
	require.Equal(t, "one ", p.read(0, 4))
	require.Equal(t, "two three", p.read(0, 100))
	require.Empty(t, p.read(0, 100))
	require.Equal(t, []string{"prog", "-v", ""}, p.texts("args"))
	require.Equal(t, []string{"A=1", "B=x=y", "EMPTY="}, p.texts("environ"))
	errno, e := p.write(3, "nobody")
	require.NoError(t, e)
	require.Equal(t, 8, errno) // EBADF
}

// Without options there is nothing to see.
func TestWASINothing(t *testing.T) {
	t.Setenv("WASMFFI_SECRET", "key")
	p := start(t, wasmffi.Options{})
	require.Empty(t, p.texts("args"))
	require.Empty(t, p.texts("environ"))
	require.Empty(t, p.read(0, 100))
	errno, err := p.write(1, "into the void")
	require.NoError(t, err)
	require.Zero(t, errno)
	errno, err = p.call("fd_prestat_get", 3, 1024)
	require.NoError(t, err)
	require.Equal(t, 8, errno)
	_, errno = p.open("etc/passwd")
	require.Equal(t, 8, errno)
}

func TestWASIMounts(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600))
	inner := filepath.Join(dir, "inner", "deep")
	require.NoError(t, os.MkdirAll(inner, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(inner, "a.txt"), []byte("in the root"), 0o600))
	require.NoError(t, os.Symlink("../../secret", filepath.Join(inner, "link")))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(inner, "absolute")))
	root, err := os.OpenRoot(inner)
	require.NoError(t, err)
	defer root.Close()
	for name, fsys := range map[string]fs.FS{
		"map":  fstest.MapFS{"a.txt": {Data: []byte("in the map")}, "d/b.txt": {Data: []byte("b")}},
		"root": root.FS(),
	} {
		p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Mounts: map[string]fs.FS{"/": fsys}}})
		p.must("fd_prestat_get", 3, 1024)
		require.EqualValues(t, 1, p.u32(1028))
		fd, errno := p.open("a.txt")
		require.Zero(t, errno, name)
		require.Equal(t, "in the "+name, p.read(fd, 100))
		require.Empty(t, p.read(fd, 100))
		p.must("fd_close", fd)
		for _, out := range []string{"../../secret", "../secret", "..", "/etc/passwd", "./../../secret", "d/../../../secret", "link", "absolute", "a.txt/../../../secret", "\x00", strings.Repeat("../", 100) + "etc/passwd", strings.Repeat("d/", 400)} {
			fd, errno := p.open(out)
			if errno == 0 {
				require.NotContains(t, p.read(fd, 100), "root:", "%s %q", name, out)
				require.NotContains(t, p.read(fd, 100), "secret", "%s %q", name, out)
				t.Errorf("%s: %q can be opened", name, out)
			}
		}
		copy(p.bytes(2048, 8), "a.txt")
		errno, err = p.call("path_unlink_file", 3, 2048, 5)
		require.NoError(t, err)
		require.NotZero(t, errno, "read only")
		errno, err = p.call("path_create_directory", 3, 2048, 4)
		require.NoError(t, err)
		require.NotZero(t, errno, "read only")
	}
	require.FileExists(t, filepath.Join(inner, "a.txt"))
}

// Instances with other streams share code.
func TestWASIShared(t *testing.T) {
	cache := wasmffi.NewCache(64 << 20)
	var wg sync.WaitGroup
	for k := range 6 {
		wg.Go(func() {
			var out bytes.Buffer
			m, err := wasmffi.Compile(bg, wasiGuest(), &wasmffi.Options{Cache: cache, WASI: wasmffi.WASI{
				Stdout: &out, Args: []string{fmt.Sprint(k)}, Mounts: map[string]fs.FS{"/": fstest.MapFS{"f": {Data: []byte{'0' + byte(k)}}}},
			}})
			if err != nil {
				t.Error(err)
				return
			}
			defer m.Close()
			lib, err := m.Instantiate(bg)
			if err != nil {
				t.Error(err)
				return
			}
			defer lib.Close()
			p := program{t, lib}
			for range 100 {
				p.write(1, fmt.Sprint(k))
			}
			fd, _ := p.open("f")
			if out.String() != strings.Repeat(fmt.Sprint(k), 100) || p.read(fd, 10) != fmt.Sprint(k) || p.texts("args")[0] != fmt.Sprint(k) {
				t.Errorf("instance %d saw another's", k)
			}
		})
	}
	wg.Wait()
	n, _ := cache.Len()
	require.Equal(t, 1, n)
	require.NoError(t, cache.Trim())
}

// Clocks and random numbers are the same in every run, and nobody sleeps, unless options say otherwise.
func TestWASIClocks(t *testing.T) {
	look := func(o wasmffi.WASI) (times [4]uint64, random string) {
		p := start(t, wasmffi.Options{WASI: o})
		for i := range times {
			p.must("clock_time_get", i/2, uint64(1), 1024) // realtime, then monotonic
			times[i] = p.u64(1024)
		}
		p.must("random_get", 1024, 32)
		return times, string(p.bytes(1024, 32))
	}
	sleep := func(o wasmffi.WASI, d time.Duration) time.Duration {
		p := start(t, wasmffi.Options{WASI: o})
		sub := p.bytes(2048, 48)
		clear(sub)
		varint.LittleEndian.PutUint32(sub[16:], 1) // monotonic
		varint.LittleEndian.PutUint64(sub[24:], uint64(d))
		begin := time.Now()
		p.must("poll_oneoff", 2048, 3000, 1, 1024)
		return time.Since(begin)
	}
	first, random := look(wasmffi.WASI{})
	again, same := look(wasmffi.WASI{})
	require.Equal(t, first, again)
	require.Equal(t, random, same)
	require.Greater(t, first[1], first[0])
	require.Greater(t, first[3], first[2])
	require.Less(t, sleep(wasmffi.WASI{}, time.Hour), 10*time.Second)

	real, _ := look(wasmffi.WASI{Clocks: true})
	require.InDelta(t, time.Now().UnixNano(), real[0], float64(time.Minute))
	require.GreaterOrEqual(t, real[3], real[2])
	require.GreaterOrEqual(t, sleep(wasmffi.WASI{Clocks: true}, 20*time.Millisecond), 20*time.Millisecond)

	_, random = look(wasmffi.WASI{Random: strings.NewReader(strings.Repeat("abcd", 100))})
	require.Equal(t, strings.Repeat("abcd", 8), random)
	p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Random: strings.NewReader("")}})
	errno, err := p.call("random_get", 1024, 32)
	require.NoError(t, err)
	require.NotZero(t, errno)
}

// counter counts what is written to it, and fails after a number of bytes.
type counter struct {
	n, most int
	fail    func() (int, error)
}

func (c *counter) Write(b []byte) (int, error) {
	if c.n += len(b); c.n > c.most {
		return c.fail()
	}
	return len(b), nil
}

// A guest writes gigabytes, in one call even: the vectors of it are one another's memory.
func TestWASIWritesMuch(t *testing.T) {
	for name, fail := range map[string]func() (int, error){
		"fails":       func() (int, error) { return 0, io.ErrShortWrite },
		"closed":      func() (int, error) { return 0, os.ErrClosed },
		"says little": func() (int, error) { return 0, nil },
		"lies":        func() (int, error) { return math.MaxInt32, nil },
		"is negative": func() (int, error) { return -5, nil },
	} {
		c := &counter{most: 1 << 20, fail: fail}
		p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Stdout: c, Stderr: c}})
		const vectors = 1000 // as many as there may be, or nearly
		list := p.bytes(65536, vectors*8)
		for i := range vectors {
			varint.LittleEndian.PutUint32(list[8*i:], 0)
			varint.LittleEndian.PutUint32(list[8*i+4:], 4*65536) // 262 MB
		}
		begin := time.Now()
		for range 100 {
			_, err := p.call("fd_write", 1, 65536, vectors, 1024)
			if err != nil {
				t.Log(name, err)
				break
			}
		}
		require.Less(t, time.Since(begin), 20*time.Second, name)
		for _, bad := range [][3]uint32{{1 << 31, 1, 1024}, {0, 1<<32 - 1, 1024}, {4*65536 - 4, 1, 1024}, {65536, 1, 4*65536 - 2}, {1<<32 - 8, 1, 1<<32 - 4}} {
			errno, err := p.call("fd_write", 1, bad[0], bad[1], bad[2])
			require.True(t, err != nil || errno != 0, "%s %v", name, bad)
		}
	}
}

// A Stdout that does not return.
func TestWASIWriterPanics(t *testing.T) {
	p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Stdout: &counter{fail: func() (int, error) { panic("lost") }}}})
	_, err := p.write(1, "x")
	require.ErrorAs(t, err, new(*wasmffi.Trap))
	require.ErrorContains(t, err, "lost")
	_, err = p.write(1, "")
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.NoError(t, p.lib.Reset(bg, nil))
	_, err = p.write(2, "works again")
	require.NoError(t, err)
}

func TestWASIWriterGoexit(t *testing.T) {
	p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Stdout: &counter{fail: func() (int, error) { runtime.Goexit(); return 0, nil }}}})
	var wg sync.WaitGroup
	wg.Go(func() { p.write(1, "x") })
	wg.Wait()
	_, err := p.write(1, "")
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
	require.NoError(t, p.lib.Reset(bg, nil))
	_, err = p.write(2, "works again")
	require.NoError(t, err)
}

// reader is a function as an io.Reader.
type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

// A reader of the host's that does not keep its promises is the guest's problem, and nobody else's.
func TestWASIReaderLies(t *testing.T) {
	for name, r := range map[string]reader{
		"error":    func([]byte) (int, error) { return 0, errors.New("torn") },
		"too much": func(b []byte) (int, error) { return len(b) + 1<<20, nil },
		"negative": func([]byte) (int, error) { return -1, nil },
		"panic":    func([]byte) (int, error) { panic("lost") },
	} {
		p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Stdin: r}})
		p.vector("", 100)
		errno, err := p.call("fd_read", 0, 1024, 1, 1100)
		switch name {
		case "error":
			require.NoError(t, err)
			require.NotZero(t, errno)
		case "panic":
			require.ErrorAs(t, err, new(*wasmffi.Trap))
		}
		require.NoError(t, p.lib.Reset(bg, nil))
		errno, err = p.write(1, "works")
		require.NoError(t, err, name)
		require.Zero(t, errno, name)
	}
}
