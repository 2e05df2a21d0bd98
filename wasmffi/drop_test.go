package wasmffi_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// footprint is what the process has of the system.
type footprint struct {
	space, resident uint64 // bytes
	files           int
}

func (f footprint) String() string {
	return fmt.Sprintf("%d MiB of address space, %.1f MiB resident, %d files", f.space>>20, float64(f.resident)/(1<<20), f.files)
}

func measure(t *testing.T) (f footprint) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	_, err = fmt.Sscan(string(b), &f.space, &f.resident)
	require.NoError(t, err)
	f.space *= uint64(os.Getpagesize())
	f.resident *= uint64(os.Getpagesize())
	list, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	f.files = len(list)
	return f
}

// settle collects what is garbage, with what only then becomes garbage, and
// gives the cleanups time, until good says that it was enough.
func settle(t *testing.T, good func(footprint) bool) footprint {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		debug.FreeOSMemory()
		if now := measure(t); good(now) || time.Now().After(end) {
			return now
		}
	}
}

// near reports whether a number is what it was, by a tenth.
func near(now, then uint64) bool { return now <= then+then/10 && now+then/10 >= then }

// goHeap is how much the Go heap of such a small process may be larger than before: what
// ten thousand libraries leave behind would be a hundred times that.
const goHeap = 4 << 20

func nearResident(now, then uint64) bool { return raced || now <= then+then/10+goHeap }

// leavesNothing runs something often, and requires that the process is then
// as large as after a few times of it. Where keeps is set its address space may grow
// to that many bytes more.
func leavesNothing(t *testing.T, few, many int, keeps uint64, run func(i int)) {
	t.Helper()
	for i := range few {
		run(i)
	}
	// What the first uses have left behind stays; what is only not collected yet goes.
	last, same := uint64(0), 0
	before := settle(t, func(now footprint) bool {
		if same++; now.space != last {
			last, same = now.space, 0
		}
		return same == 10
	})
	peak := before
	for i := range many {
		run(i)
		if i%100 == 99 {
			now := measure(t)
			peak.space, peak.resident, peak.files = max(peak.space, now.space), max(peak.resident, now.resident), max(peak.files, now.files)
		}
	}
	space := func(now footprint) bool {
		return near(now.space, before.space) || keeps > 0 && now.space <= before.space+before.space/10+keeps
	}
	after := settle(t, func(now footprint) bool {
		return space(now) && nearResident(now.resident, before.resident) && now.files <= before.files
	})
	fmt.Fprintf(os.Stderr, "%d times\nbefore: %v\npeak:   %v\nafter:  %v\n", many, before, peak, after)
	require.True(t, space(after), "address space")
	require.True(t, nearResident(after.resident, before.resident), "resident")
	require.LessOrEqual(t, after.files, before.files)
}

// times is a count that -short makes a tenth.
func times(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// Engines call Free for no memory of an instance that failed.
func constructorTraps(t *testing.T) {
	m := module(t, wasm.CtorTrap)
	leavesNothing(t, 50, times(1000), 0, func(int) {
		_, err := m.Instantiate(bg)
		require.ErrorAs(t, err, new(*wasmffi.Trap))
	})
	require.EqualValues(t, 7, call(t, bind(t, open(t, wasm.Ctor), "value() -> i32")).Int())
}

func memoryRefused(t *testing.T) {
	m, err := wasmffi.Compile(bg, wasm.Vec, &wasmffi.Options{Limits: wasmffi.Limits{Memory: 1 << 20}})
	require.NoError(t, err)
	leavesNothing(t, 50, times(1000), 0, func(int) {
		_, err := m.Instantiate(bg)
		require.ErrorIs(t, err, wasmffi.ErrMemoryLimit)
	})
	require.NoError(t, m.Close())
}

// dropper opens libraries and drops them: of one module and of
// modules of their own, with and without imports, used in several ways.
type dropper struct {
	t    *testing.T
	ctx  context.Context // is cancellable and lives on
	dir  string
	vec  *wasmffi.Module
	exit *wasmffi.Module
}

func newDropper(t *testing.T) *dropper {
	ctx, cancel := context.WithCancel(bg)
	t.Cleanup(cancel)
	d := &dropper{t, ctx, t.TempDir(), module(t, wasm.Vec), module(t, wasm.Exit)}
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, "vec.wasm"), bare(wasm.Vec), 0o600))
	return d
}

// open makes the i-th library, and an array in it.
func (d *dropper) open(i int) (*wasmffi.Library, wasmffi.Array) {
	lib, err := (*wasmffi.Library)(nil), error(nil)
	switch {
	case i%100 == 0: // each has a compilation of its own
		lib, err = wasmffi.LoadLibrary(d.ctx, "vec", d.dir, &wasmffi.Options{Cache: wasmffi.NewCache(0)})
	case i%2 == 0:
		lib, err = d.exit.Instantiate(d.ctx)
	default:
		lib, err = d.vec.Instantiate(d.ctx)
	}
	require.NoError(d.t, err)
	a := array(d.t, lib, []float64{1, 2, 3})
	if i%100 == 0 || i%2 != 0 {
		sum, err := lib.Func("sum(x: f64[n], n: size) -> f64")
		require.NoError(d.t, err)
		r, err := sum.Call(d.ctx, a)
		require.NoError(d.t, err)
		require.Equal(d.t, 6.0, r.Float64())
	} else if i%10 == 4 { // leaves through the import
		exit, err := lib.Func("exit_with(code: i32)")
		require.NoError(d.t, err)
		_, err = exit.Call(d.ctx, i%20/10)
		require.ErrorAs(d.t, err, new(*wasmffi.ExitError))
	}
	require.Equal(d.t, []float64{1, 2, 3}, values[float64](d.t, a))
	return lib, a
}

func librariesDropped(t *testing.T) {
	d := newDropper(t)
	var kept []wasmffi.Array // for a while: they hold the memory, and not the library
	leavesNothing(t, times(1000), times(10_000), 0, func(i int) {
		lib, a := d.open(i)
		switch i % 5 {
		case 0:
			kept = append(kept, must(a.Sub(0, 1, 3, 1)))
		case 1:
			require.NoError(t, lib.Free(a))
		}
		if (i+1)%100 == 0 { // all of them at the end
			for _, a := range kept {
				v, err := memview.Values[float64](a)
				if err != nil {
					require.ErrorIs(t, err, wasmffi.ErrClosed)
				} else if v[0] != 2 {
					require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrClosed)
				}
			}
			kept = nil
		}
	})
	require.NoError(t, d.ctx.Err())
}

func lentDropped(t *testing.T) {
	const quarantine = 64 << 30
	d := newDropper(t)
	var kept [][]float64
	leavesNothing(t, times(1000), times(10_000), quarantine+quarantine/2, func(i int) {
		_, a := d.open(i)
		s, err := memview.Slice[float64](a)
		require.NoError(t, err)
		require.Equal(t, []float64{1, 2, 3}, s)
		if kept = append(kept, s); len(kept) == 100 {
			for _, s := range kept {
				require.Contains(t, [][]float64{{1, 2, 3}, {0, 0, 0}}, s)
				s[2] = 3
			}
			kept = nil
		}
	})
}

func manyAtOnce(t *testing.T) {
	d := newDropper(t)
	leavesNothing(t, 1, 1, 0, func(int) {
		var libs []*wasmffi.Library
		var arrays []wasmffi.Array
		for i := range times(3000) {
			lib, a := d.open(2*i + 1)
			libs, arrays = append(libs, lib), append(arrays, a)
		}
		runtime.GC()
		for i, lib := range libs {
			require.Equal(t, 6.0, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), arrays[i]).Float64())
		}
		fmt.Fprintln(os.Stderr, "all of them:", measure(t))
	})
}

// A snapshot of a large memory is a file without a name.
func snapshotsDropped(t *testing.T) {
	m := module(t, wasm.Mem)
	leavesNothing(t, 20, times(300), 0, func(int) {
		lib, err := m.Instantiate(bg)
		require.NoError(t, err)
		call(t, bind(t, lib, "grow(pages: u32) -> i32"), 40)
		for range 2 {
			s, err := lib.Snapshot()
			require.NoError(t, err)
			call(t, bind(t, lib, "counter() -> i32"))
			require.NoError(t, lib.Reset(bg, s))
		}
	})
}
