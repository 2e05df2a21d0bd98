package wasmffi_test

import (
	"bytes"
	"context"
	varint "encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// tableGuest has tables of so many entries at first, each with a function that grows it.
func tableGuest(entries ...uint64) []byte {
	var m made
	for i, n := range entries {
		m.tables = append(m.tables, cat(funcref, 0, uleb(n)))
		m.fn(fmt.Sprint("grow", i), "i", "i", 0xd0, funcref, opLocalGet, 0, 0xfc, 15, leb(i)) // ref.null, table.grow
	}
	m.pages(1)
	return m.bytes()
}

func TestTableLimit(t *testing.T) {
	for _, c := range []struct {
		entries []uint64
		limit   uint32
		want    string
	}{
		{[]uint64{10}, 10, ""},
		{[]uint64{11}, 10, "needs 11 entries of its tables from the start, limit is 10"},
		{[]uint64{6, 6}, 10, "needs 12 entries"},
		{[]uint64{wasmffi.DefaultTables}, 0, ""},
		{[]uint64{wasmffi.DefaultTables + 1}, 0, "limit is 1000000"},
		{[]uint64{math.MaxUint32, math.MaxUint32}, math.MaxUint32, "needs 8589934590 entries of its tables from the start, limit is 10000000"},
	} {
		m, err := wasmffi.Compile(bg, tableGuest(c.entries...), &wasmffi.Options{Cache: wasmffi.NewCache(0), Limits: wasmffi.Limits{Tables: c.limit}})
		if c.want == "" {
			require.NoError(t, err)
			require.NoError(t, m.Close())
			continue
		}
		require.ErrorIs(t, err, wasmffi.ErrTableLimit)
		require.ErrorContains(t, err, c.want)
	}

	// Both may grow by the half of what is left; the host's callbacks are not counted.
	cache := wasmffi.NewCache(1 << 20)
	for _, limit := range []uint32{100, 60} {
		lib := instance(t, compile(t, tableGuest(10, 20), wasmffi.Options{Cache: cache, Limits: wasmffi.Limits{Tables: limit}}))
		more := int64(limit-30) / 2
		f := bind(t, lib, "grow1(n: u32) -> i32")
		require.EqualValues(t, -1, call(t, f, more+1).Int())
		require.EqualValues(t, 20, call(t, f, more).Int())
		require.EqualValues(t, -1, call(t, f, 1).Int())
		callback(t, lib, "func(i32) -> i32", func(x int32) int32 { return x })
	}
}

// What a call writes is written as far as it may be, whoever writes it.
func TestOutputLimit(t *testing.T) {
	var out, err2 bytes.Buffer
	for _, unmetered := range []bool{false, true} {
		out.Reset()
		err2.Reset()
		p := start(t, wasmffi.Options{Unmetered: unmetered, Limits: wasmffi.Limits{Output: 10}, WASI: wasmffi.WASI{Stdout: &out, Stderr: &err2}})
		for range 3 { // of each call
			errno, err := p.write(1, "0123456789")
			require.NoError(t, err)
			require.Zero(t, errno)
		}
		_, err := p.write(2, "abcdefghijklm")
		require.ErrorIs(t, err, wasmffi.ErrStopped)
		require.ErrorIs(t, err, wasmffi.ErrOutput)
		require.EqualError(t, err, "fd_write: stopped: output limit")
		_, err = p.write(1, "x")
		require.ErrorIs(t, err, wasmffi.ErrPoisoned)
		require.Equal(t, "012345678901234567890123456789", out.String())
		require.Equal(t, "abcdefghij", err2.String())

		require.NoError(t, p.lib.Reset(bg, nil))
		f, err := bind(t, p.lib, "fd_write(fd: u32, at: u32, n: u32, written: u32) -> u32").WithLimits(wasmffi.CallLimits{Output: 20})
		require.NoError(t, err)
		p.vector("", 20)
		call(t, f, 1, 1024, 1, 1100)
		p.vector("", 21)
		_, err = f.Call(bg, 1, 1024, 1, 1100)
		require.ErrorIs(t, err, wasmffi.ErrOutput)
	}
	// Thrown away or not.
	p := start(t, wasmffi.Options{Limits: wasmffi.Limits{Output: 10}})
	_, err := p.write(1, "0123456789a")
	require.ErrorIs(t, err, wasmffi.ErrOutput)
	// A writer that fails is told as ever.
	p = start(t, wasmffi.Options{Limits: wasmffi.Limits{Output: 10}, WASI: wasmffi.WASI{Stdout: &counter{fail: func() (int, error) { return 0, io.ErrShortWrite }}}})
	errno, err := p.write(1, "0123456789a")
	require.NoError(t, err)
	require.NotZero(t, errno)
}

// What the host moves for a guest costs as much as if the guest had.
func TestFuelOfHost(t *testing.T) {
	p := start(t, wasmffi.Options{Limits: wasmffi.Limits{Fuel: 1000}})
	p.vector("", 8*900)
	p.must("fd_write", 1, 1024, 1, 1100)
	p.vector("", 8*1100)
	_, err := p.call("fd_write", 1, 1024, 1, 1100)
	require.ErrorIs(t, err, wasmffi.ErrFuel)
	require.NoError(t, p.lib.Reset(bg, nil))
	p.must("random_get", 0, 8*900)
	_, err = p.call("random_get", 0, 8*1100)
	require.ErrorIs(t, err, wasmffi.ErrFuel)

	var m made
	copier := m.imp("env", "emscripten_memcpy_js", "iii", "")
	m.pages(4)
	m.fn("copy", "i", "", constant(0), constant(0), opLocalGet, 0, opCall, leb(copier))
	lib := openWith(t, m.bytes(), wasmffi.Options{Limits: wasmffi.Limits{Fuel: 1000}})
	f := bind(t, lib, "copy(n: u32)")
	used := call(t, f, 8*900).Fuel()
	require.GreaterOrEqual(t, used, uint64(900))
	require.Less(t, used, uint64(920))
	_, err = f.Call(bg, 8*1100)
	require.ErrorIs(t, err, wasmffi.ErrFuel)
}

// slowly exports a function that calls a slow one of the host for ever.
func slowly() []byte {
	var m made
	slow := m.imp("env", "slow", "", "")
	m.pages(1)
	m.fn("attack", "", "", opLoop, opEmpty, opCall, leb(slow), opBr, 0, opEnd)
	return m.bytes()
}

// A guest that calls what takes long is stopped when that returns, and not after thousands of calls.
func TestStopAfterHostFunctions(t *testing.T) {
	calls := 0
	for _, unmetered := range []bool{false, true} {
		o := given(t, map[string]goFunc{"env.slow": {"func()", func() { calls++; time.Sleep(time.Millisecond) }}})
		o.Unmetered = unmetered
		lib := openWith(t, slowly(), o)
		calls = 0
		ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
		_, err := bind(t, lib, "attack()").Call(ctx)
		cancel()
		require.ErrorIs(t, err, wasmffi.ErrStopped)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Less(t, calls, 40)
	}
	o := given(t, map[string]goFunc{"env.slow": {"func()", func() { calls++; time.Sleep(time.Millisecond) }}})
	o.Limits.Time = 20 * time.Millisecond
	lib := openWith(t, slowly(), o)
	calls = 0
	_, err := bind(t, lib, "attack()").Call(bg)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, calls, 40)
}

// Nobody sleeps longer than the call may take.
func TestStopWhileSleeping(t *testing.T) {
	for _, limit := range []time.Duration{0, 20 * time.Millisecond} {
		p := start(t, wasmffi.Options{Limits: wasmffi.Limits{Time: limit}, WASI: wasmffi.WASI{Clocks: true}})
		event := p.bytes(1024, 48) // of a clock, relative
		clear(event)
		varint.LittleEndian.PutUint32(event[16:], 1)
		varint.LittleEndian.PutUint64(event[24:], math.MaxInt64)
		ctx, cancel := context.WithCancelCause(bg)
		enough := errors.New("enough")
		if limit == 0 {
			time.AfterFunc(20*time.Millisecond, func() { cancel(enough) })
		}
		_, err := bind(t, p.lib, "poll_oneoff(in: u32, out: u32, n: u32, events: u32) -> u32").Call(ctx, 1024, 2048, 1, 1100)
		cancel(nil)
		require.ErrorIs(t, err, wasmffi.ErrStopped)
		if limit == 0 {
			require.ErrorIs(t, err, enough)
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
	}
}

// Files that a guest does not close are the process's.
func TestOpenFilesAreLimited(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/f", []byte("text"), 0o600))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	for name, mount := range map[string]wasmffi.WASI{
		"os.Root": {Mounts: map[string]fs.FS{"/": root.FS()}},
		"MapFS":   {Mounts: map[string]fs.FS{"/": fstest.MapFS{"f": {Data: []byte("text")}}}},
	} {
		p := start(t, wasmffi.Options{WASI: mount})
		opened := []int{}
		for {
			fd, errno := p.open("f")
			if errno != 0 {
				require.Equal(t, 29, errno, "%s: EIO, since the engine knows no EMFILE", name)
				break
			}
			require.Less(t, len(opened), 256, name)
			opened = append(opened, fd)
		}
		require.Greater(t, len(opened), 200)
		require.Equal(t, "text", p.read(opened[7], 10), name)
		p.must("fd_close", opened[7])
		_, errno := p.open("f")
		require.Zero(t, errno, name)
		_, errno = p.open("f")
		require.NotZero(t, errno, name)
	}
}

// What is read of files costs as much as what is moved otherwise.
func TestFilesAreCharged(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/f", nil, 0o600))
	require.NoError(t, os.Truncate(dir+"/f", 1<<40))
	p := start(t, wasmffi.Options{Limits: wasmffi.Limits{Fuel: 20_000}, WASI: wasmffi.WASI{Mounts: map[string]fs.FS{"/": os.DirFS(dir)}}})
	fd, errno := p.open("f")
	require.Zero(t, errno)
	require.Len(t, p.read(fd, 100_000), 100_000)
	list := p.bytes(65536, 8000) // vectors, of which each is a part of the memory
	for i := range 1000 {
		varint.LittleEndian.PutUint32(list[8*i+4:], 65536)
	}
	_, err := p.call("fd_read", fd, 65536, 1000, 1024)
	require.ErrorIs(t, err, wasmffi.ErrFuel)
}

// The exit of another library is a failure of the function that called it.
func TestExitOfAnother(t *testing.T) {
	other := open(t, wasm.Exit)
	leave := bind(t, other, "exit_with(code: i32)")
	o := given(t, map[string]goFunc{"env.slow": {"func()", func() error {
		_, err := leave.Call(bg, 0)
		return fmt.Errorf("inner: %w", err)
	}}})
	lib := openWith(t, slowly(), o)
	f := bind(t, lib, "attack()")
	_, err := f.Call(bg)
	require.ErrorAs(t, err, new(*wasmffi.HostError))
	_, err = f.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrPoisoned)
}

// A writer may close the library that writes.
func TestCloseInWriter(t *testing.T) {
	var lib *wasmffi.Library
	p := start(t, wasmffi.Options{WASI: wasmffi.WASI{Stdout: writer(func(b []byte) (int, error) {
		require.ErrorIs(t, lib.Close(), wasmffi.ErrBusy)
		return len(b), nil
	})}})
	lib = p.lib
	_, err := p.write(1, "x")
	require.NoError(t, err)
	_, err = lib.Func("fd_write(fd: u32, at: u32, n: u32, written: u32) -> u32")
	require.ErrorIs(t, err, wasmffi.ErrClosed)
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// Functions of very many loops are refused, and those of many compiled in some seconds.
func TestManyLoops(t *testing.T) {
	loops := func(n int) []byte {
		body := cat(1, 1, i32, bytes.Repeat(cat(opLoop, opEmpty, opLocalGet, 0, constant(1), opSub, opLocalTee, 0, opBrIf, 0, opEnd), n), opEnd)
		m := made{funcs: [][]byte{leb(0)}, bodies: [][]byte{cat(leb(len(body)), body)}}
		m.typ("", "")
		return m.bytes()
	}
	_, err := wasmffi.Compile(bg, loops(3001), nil)
	require.ErrorContains(t, err, "loops: got 3001, want at most 3000")
	if raced || testing.Short() {
		return
	}
	for _, n := range []int{500, 3000} {
		begin := time.Now()
		m, err := wasmffi.Compile(bg, loops(n), &wasmffi.Options{Cache: wasmffi.NewCache(0)})
		require.NoError(t, err)
		t.Logf("%d loops: %v", n, time.Since(begin).Round(time.Millisecond))
		require.Less(t, time.Since(begin), 20*time.Second)
		require.NoError(t, m.Close())
	}
}

// An allocator that never returns is stopped without a context.
func TestAllocatorIsStopped(t *testing.T) {
	alone(t, 0, func(t *testing.T) {
		var m made
		m.pages(2)
		m.fn("malloc", "i", "i", opLoop, opEmpty, opBr, 0, opEnd, constant(0))
		m.fn("free", "i", "")
		lib := openWith(t, m.bytes(), wasmffi.Options{})
		begin := time.Now()
		_, err := lib.Empty(memview.F64, 10)
		require.ErrorIs(t, err, wasmffi.ErrStopped)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.GreaterOrEqual(t, time.Since(begin), wasmffi.AllocTime)
		require.Less(t, time.Since(begin), wasmffi.AllocTime+5*time.Second)
	})
}

// A stack that has grown is dropped, and what was called by it is not: an allocator's answer.
func TestDeepAllocator(t *testing.T) {
	var m made
	m.pages(2)
	down := m.fn("", "i", "", opLocalGet, 0, opIf, opEmpty, opLocalGet, 0, constant(1), opSub, opCall, 0, opEnd)
	m.fn("malloc", "i", "i", constant(100_000), opCall, leb(down), constant(1024))
	m.fn("free", "i", "")
	lib := openWith(t, m.bytes(), wasmffi.Options{})
	for range 3 {
		a, err := lib.Empty(memview.F64, 10)
		require.NoError(t, err)
		require.EqualValues(t, 1024, a.Ptr())
		require.NoError(t, lib.Free(a))
	}
}
