package wasmffi_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// TestHazardChild runs the one hazard that the environment names.
func TestHazardChild(t *testing.T) {
	name := os.Getenv(hazardName)
	if name == "" {
		t.Skip("TestHazards runs it in processes of their own")
	}
	for _, h := range hazards {
		if h.name == name {
			h.run(t)
			runtime.GC() // with whatever that ends
			runtime.GC()
			if !t.Failed() {
				fmt.Fprintln(os.Stderr, alive)
			}
			return
		}
	}
	t.Fatalf("no hazard is called %q", name)
}

// usable asserts that a slice whose owner is gone can be written. It may become zero once more, when
// nobody holds an array of that memory any more.
func usable(t *testing.T, s []float64) {
	t.Helper()
	for i := range s {
		s[i] = 5
	}
	runtime.GC()
	for i, v := range s {
		if v != 5 && v != 0 {
			t.Fatalf("element %d is %v, was set to 5", i, v)
		}
	}
	clear(s)
}

// filled is n elements of the same value.
func filled(n int, v float64) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func sliceOf(t *testing.T, a wasmffi.Array) []float64 {
	t.Helper()
	s, err := memview.Slice[float64](a)
	require.NoError(t, err)
	return s
}

func closeDuringCall(t *testing.T) {
	const n = 100
	for round := range times(200) {
		lib, err := module(t, wasm.Vec).Instantiate(bg)
		require.NoError(t, err)
		matmul := bind(t, lib, "matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)")
		ones, out := array(t, lib, filled(n*n, 1), n, n), must(lib.Empty(memview.F64, n, n))
		s := sliceOf(t, out)
		ended := make(chan error, 1)
		go func() {
			for {
				if _, err := matmul.Call(bg, ones, ones, out); err != nil {
					ended <- err
					return
				}
			}
		}()
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
		require.NoError(t, lib.Close())
		err = <-ended
		require.ErrorIs(t, err, wasmffi.ErrClosed)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		require.ErrorIs(t, out.CheckAlive(), wasmffi.ErrClosed)
		require.Zero(t, s[n*n-1], "round %d", round)
	}
}

func closeDuringReads(t *testing.T) {
	for range times(200) {
		lib, err := module(t, wasm.Vec).Instantiate(bg)
		require.NoError(t, err)
		a := array(t, lib, filled(50_000, 1))
		s, end := sliceOf(t, a), make(chan struct{})
		var wg sync.WaitGroup
		until := func(read func() error) {
			wg.Go(func() {
				for {
					if err := read(); err != nil {
						if !errors.Is(err, wasmffi.ErrClosed) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		until(func() error { _, err := memview.Values[float64](a); return err })
		until(func() error { _, err := a.At(49_999); return err })
		until(func() error { return memview.Copy(must(memview.Zeros(memview.F64, 50_000)), a) })
		until(func() error { return a.Set(1.0, 25_000) })
		until(func() error { _ = a.String(); return a.CheckAlive() })
		wg.Go(func() { // a slice tells nothing
			for {
				for i, v := range s {
					if v != 0 && v != 1 {
						t.Errorf("element %d is %v", i, v)
					}
					s[i] = v
				}
				select {
				case <-end:
					return
				default:
				}
			}
		})
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		require.NoError(t, lib.Close())
		close(end)
		wg.Wait()
	}
}

// holdings are an array of each kind in a library, and a slice of each.
func holdings(t *testing.T, lib *wasmffi.Library) ([]wasmffi.Array, [][]float64) {
	t.Helper()
	x := filled(5_000, 1)
	shared, err := wasmffi.NewSharedArray(x, nil)
	require.NoError(t, err)
	f := saved(t, goArray(t, x))
	arrays := []wasmffi.Array{
		array(t, lib, x), must(lib.MapNPY(f, &wasmffi.MapOptions{Immutable: true})), must(lib.MapNPY(f, nil)), must(lib.Share(shared)),
		array(t, lib, filled(3<<20, 1)), // for which the memory grows
	}
	arrays = append(arrays, must(memview.AsArray(lib.Memory(), arrays[0].Ptr(), memview.F64, 5_000)))
	var slices [][]float64
	for _, a := range arrays {
		s := sliceOf(t, a)
		require.Equal(t, 1.0, s[len(s)-1])
		slices = append(slices, s)
	}
	require.NoError(t, shared.Close())
	return arrays, slices
}

func viewsAfterClose(t *testing.T) {
	for range 20 {
		lib, err := module(t, wasm.Vec).Instantiate(bg)
		require.NoError(t, err)
		arrays, slices := holdings(t, lib)
		require.NoError(t, lib.Close())
		for i, a := range arrays {
			_, err := memview.Values[float64](a)
			require.ErrorIs(t, err, wasmffi.ErrClosed)
			_, err = memview.Slice[float64](a)
			require.ErrorIs(t, err, wasmffi.ErrClosed)
			require.ErrorIs(t, a.Set(1.0, 0), wasmffi.ErrClosed)
			require.Equal(t, make([]float64, len(slices[i])), slices[i])
		}
		for _, s := range slices {
			usable(t, s)
		}
		arrays = nil
		runtime.GC()
		for _, s := range slices {
			usable(t, s)
		}
	}
}

func slicesOfDropped(t *testing.T) {
	var all [][]float64
	for range 20 {
		func() {
			lib, err := module(t, wasm.Vec).Instantiate(bg)
			require.NoError(t, err)
			_, slices := holdings(t, lib)
			all = append(all, slices...)
			runtime.KeepAlive(lib)
		}()
	}
	for _, s := range all {
		for end := time.Now().Add(10 * time.Second); s[0] != 0 || s[len(s)-1] != 0; {
			require.True(t, time.Now().Before(end), "nobody has closed the library")
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		require.Equal(t, make([]float64, len(s)), s)
	}
	for range 5 {
		runtime.GC()
	}
	for _, s := range all {
		for i := range s {
			s[i] = -1
		}
	}
	for range 20 { // whoever comes next has none of it
		lib := open(t, wasm.Vec)
		a := must(lib.Empty(memview.F64, 5_000))
		require.Equal(t, make([]float64, 5_000), values[float64](t, a))
		require.NoError(t, a.Set(7.0, 0))
	}
	for _, s := range all {
		require.Contains(t, []float64{-1, 0}, s[0])
		require.Contains(t, []float64{-1, 0}, s[len(s)-1])
	}
}

// collecting runs the collector again and again until the function that it returns is called.
func collecting() (stop func()) {
	end := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
				runtime.GC()
			}
		}
	})
	return func() {
		close(end)
		wg.Wait()
	}
}

// The memory stays while somebody reads an array of it for the last time.
func lastViewOfDropped(t *testing.T) {
	defer collecting()()
	orphan := func() wasmffi.Array { // nobody holds its library
		return array(t, must(module(t, wasm.Vec).Instantiate(bg)), filled(200_000, 1))
	}
	to := must(memview.Zeros(memview.F64, 200_000))
	for range times(200) {
		v, err := memview.Values[float64](orphan())
		if err == nil {
			require.Contains(t, []float64{0, 1}, v[199_999])
		} else {
			require.ErrorIs(t, err, wasmffi.ErrClosed)
		}
		for _, err := range []error{memview.Copy(to, orphan()), orphan().Zero(), orphan().Set(2.0, 199_999)} {
			if err != nil {
				require.ErrorIs(t, err, wasmffi.ErrClosed)
			}
		}
		_ = orphan().String()
	}
}

func functionOfDropped(t *testing.T) {
	defer collecting()()
	const n = 60
	x := goArray(t, filled(n*n, 1), n, n)
	for range times(100) {
		matmul := bind(t, must(module(t, wasm.Vec).Instantiate(bg)), "matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)")
		for range 3 {
			c := call(t, matmul, x, x).Out("c")
			require.Equal(t, float64(n), must(c.At(n-1, n-1)))
		}
		p, err := bind(t, must(module(t, wasm.Vec).Instantiate(bg)), "sum(x: f64[n], n: size) -> f64").Prepare([]float64{1, 2, 3})
		if err == nil {
			_, err = p.Call(bg)
		}
		require.NoError(t, err)
	}
}

func arrayOfAnother(t *testing.T) {
	one, two := open(t, wasm.Vec), open(t, wasm.Vec)
	a := array(t, one, []float64{1, 2, 3})
	before := digest(t, two)
	sum := bind(t, two, "sum(x: f64[n], n: size) -> f64")
	scale := bind(t, two, "scale(x: inout f64[n], n: size, a: f64)")
	for _, x := range []wasmffi.Array{a, must(a.Sub(0, 1, 3, 1)), must(memview.AsArray(one.Memory(), a.Ptr(), memview.F64, 3))} {
		_, err := sum.Call(bg, x)
		require.ErrorIs(t, err, wasmffi.ErrMemory)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		_, err = scale.Call(bg, x, 2)
		require.ErrorIs(t, err, wasmffi.ErrMemory)
		_, err = sum.Prepare(x)
		require.ErrorIs(t, err, wasmffi.ErrMemory)
		require.ErrorIs(t, two.Free(x), wasmffi.ErrMemory)
	}
	require.NoError(t, one.Close()) // also when that is gone
	_, err := sum.Call(bg, a)
	require.Error(t, err)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.Equal(t, before, digest(t, two))
	require.Equal(t, 6.0, call(t, sum, []float64{1, 2, 3}).Float64())
}

func viewAfterFree(t *testing.T) {
	lib := open(t, wasm.Vec)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	arrays, slices := holdings(t, lib)
	p, err := sum.Prepare(arrays[0])
	require.NoError(t, err)
	for _, a := range arrays[:5] {
		view := must(a.Sub(0, 0, 10, 1))
		require.NoError(t, lib.Free(a))
		for _, gone := range []wasmffi.Array{a, view} {
			_, err = memview.Values[float64](gone)
			require.ErrorIs(t, err, wasmffi.ErrFreed)
			_, err = memview.Slice[float64](gone)
			require.ErrorIs(t, err, wasmffi.ErrFreed)
			require.ErrorIs(t, gone.Set(1.0, 0), wasmffi.ErrFreed)
			_, err = sum.Call(bg, gone)
			require.ErrorIs(t, err, wasmffi.ErrFreed)
			require.ErrorIs(t, err, wasmffi.ErrNotRun)
		}
		require.ErrorIs(t, lib.Free(a), wasmffi.ErrFreed)
	}
	_, err = p.Call(bg)
	require.ErrorIs(t, err, wasmffi.ErrFreed)
	for _, s := range slices { // the guest's heap now: it can be read
		require.NotPanics(t, func() { _ = s[0] + s[len(s)-1] })
	}
	require.Equal(t, 6.0, call(t, sum, []float64{1, 2, 3}).Float64())
	require.NoError(t, lib.CheckLeaks())
}

func viewAfterReset(t *testing.T) {
	for _, grow := range []int{0, 40} {
		lib := open(t, wasm.Mem)
		call(t, bind(t, lib, "grow(pages: u32) -> i32"), grow)
		old := array(t, lib, []float64{1, 2, 3})
		kept := sliceOf(t, old)
		s, err := lib.Snapshot()
		require.NoError(t, err)
		for round := range 4 {
			young := array(t, lib, []float64{4, 5, 6})
			placed := must(memview.AsArray(lib.Memory(), old.Ptr(), memview.F64, 3))
			require.NoError(t, old.Set(-1.0, 1))
			if round%2 == 1 {
				call(t, bind(t, lib, "grow(pages: u32) -> i32"), 5)
			}
			require.NoError(t, lib.Reset(bg, s))
			require.Equal(t, []float64{1, 2, 3}, values[float64](t, old))
			require.Equal(t, []float64{1, 2, 3}, kept)
			for _, gone := range []wasmffi.Array{young, placed, must(young.Sub(0, 0, 1, 1))} {
				_, err = memview.Values[float64](gone)
				require.ErrorIs(t, err, wasmffi.ErrStale)
				require.ErrorIs(t, gone.Set(1.0, 0), wasmffi.ErrStale)
				_, err = lib.Array(gone)
				require.ErrorIs(t, err, wasmffi.ErrStale)
			}
		}
	}
}

// A slice shows what is at its place, whatever was reset, also where the memory ends
// before it.
func staleSlices(t *testing.T) {
	lib := openWith(t, wasm.Mem, wasmffi.Options{Limits: wasmffi.Limits{Memory: 64 << 20}})
	s, err := lib.Snapshot()
	require.NoError(t, err)
	var kept [][]float64
	for i := range 6 {
		a := array(t, lib, filled(1_000_000, 1)) // grows the memory
		kept = append(kept, sliceOf(t, a))
		to := s
		if i%2 == 1 {
			to = nil
		}
		require.NoError(t, lib.Reset(bg, to))
		require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrStale)
		for _, s := range kept {
			for i := range s[100_000:] {
				s[100_000+i] = 2 // behind the end of the memory
			}
			require.Equal(t, 2.0, s[999_999])
		}
		b := must(lib.Empty(memview.F64, 1_000_000)) // which the guest has anew
		require.Equal(t, make([]float64, 1_000_000), values[float64](t, b))
		require.NoError(t, lib.Free(b))
	}
	require.NoError(t, lib.Close())
	for _, s := range kept {
		require.Equal(t, make([]float64, len(s)), s)
		usable(t, s)
	}
}

func growthToLimit(t *testing.T) {
	for _, limit := range []uint64{8 << 20, 0} {
		lib := openWith(t, wasm.Mem, wasmffi.Options{Limits: wasmffi.Limits{Memory: limit}})
		grow, peek := bind(t, lib, "grow(pages: u32) -> i32"), bind(t, lib, "peek(p: u32) -> u32")
		type held struct {
			s     []uint32
			first *uint32
			a     wasmffi.Array
		}
		var all []held
		for n := uint32(1); ; n++ {
			a := array(t, lib, []uint32{n, n + 1})
			s, err := memview.Slice[uint32](a)
			require.NoError(t, err)
			all = append(all, held{s, &s[0], a})
			if call(t, grow, max(1, lib.MemoryStats().Size/65536/4)).Int() < 0 && call(t, grow, 1).Int() < 0 {
				break
			}
		}
		require.Greater(t, len(all), 5)
		require.Equal(t, lib.MemoryStats().Reserved, lib.Memory().Size())
		for i, h := range all {
			n := uint32(i + 1)
			again, err := memview.Slice[uint32](h.a)
			require.NoError(t, err)
			require.Same(t, h.first, &again[0])
			require.Equal(t, []uint32{n, n + 1}, h.s)
			h.s[0] = n * 2
			require.EqualValues(t, n*2, call(t, peek, h.a.Ptr()).Uint())
		}
		_, err := peek.Call(bg, lib.Memory().Size()) // a trap, and no fault
		require.ErrorIs(t, err, wasmffi.OutOfBounds)
	}
}

func limitHit(t *testing.T) {
	o := wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}}
	lib := openWith(t, wasm.Vec, o)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	for range 20 {
		var owned []wasmffi.Array
		for {
			a, err := lib.Array(filled(50_000, 1))
			if err != nil {
				require.ErrorIs(t, err, wasmffi.ErrAlloc)
				break
			}
			owned = append(owned, a)
		}
		require.NotEmpty(t, owned)
		_, err := sum.Call(bg, filled(50_000, 1)) // no room to copy it to
		require.ErrorIs(t, err, wasmffi.ErrAlloc)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		for _, a := range owned {
			require.Equal(t, 50_000.0, call(t, sum, a).Float64())
			require.NoError(t, lib.Free(a))
		}
	}
	mem := openWith(t, wasm.Mem, o)
	grow := bind(t, mem, "grow(pages: u32) -> i32")
	for range 20 {
		require.EqualValues(t, -1, call(t, grow, 64).Int())
	}
	require.EqualValues(t, 1, call(t, bind(t, mem, "counter() -> i32")).Int())
}

func readOnlyFile(t *testing.T) {
	const n = 100_000
	x := filled(n, 1)
	f := saved(t, goArray(t, x)) // mode 0400, open for reading
	before := fileDigest(t, f)
	lib := open(t, wasm.Vec)
	scale := bind(t, lib, "scale(x: inout f64[n], n: size, a: f64)")
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	for range 10 {
		a, err := lib.MapNPY(f, &wasmffi.MapOptions{Immutable: true})
		require.NoError(t, err)
		s := sliceOf(t, a)
		s[n-1] = 5
		require.NoError(t, a.Set(6.0, 0))
		call(t, scale, a, 3)
		require.Equal(t, 3.0*(n-2)+15+18, call(t, sum, a).Float64())
		require.Equal(t, 15.0, s[n-1])
		require.Equal(t, before, fileDigest(t, f))
		require.NoError(t, lib.Free(a))
		s[0] = 9 // after which nothing of the file is left there
		require.Equal(t, before, fileDigest(t, f))
	}
	a, err := lib.MapNPY(f, &wasmffi.MapOptions{Immutable: true})
	require.NoError(t, err)
	s := sliceOf(t, a)
	require.NoError(t, lib.Close())
	usable(t, s)
	require.Equal(t, before, fileDigest(t, f))
}

func truncatedFile(t *testing.T) {
	const n = 100_000
	name := filepath.Join(t.TempDir(), "raw")
	lib := open(t, wasm.Vec)
	sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	b := make([]byte, n*8)
	for i := range n {
		b[i*8+6], b[i*8+7] = 0xf0, 0x3f // 1.0
	}
	require.NoError(t, os.WriteFile(name, b, 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	a, err := lib.MapFile(f, memview.F64, []int{n}, nil)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(name, 0))
	require.EqualValues(t, n, call(t, sum, a).Float64())
	require.NoError(t, os.Truncate(name, 100))
	require.Equal(t, filled(n, 1), values[float64](t, a))
	require.NoError(t, os.Remove(name))
	require.EqualValues(t, n, call(t, sum, a).Float64())
	require.Equal(t, 1.0, sliceOf(t, a)[n-1])
	_, err = lib.MapFile(f, memview.F64, []int{n}, nil)
	require.Error(t, err) // it is short now
	require.NoError(t, lib.Free(a))
	require.NoError(t, lib.CheckLeaks())
}

// A file that is mapped where the snapshot has an array, which was freed since, leaves no hole.
func fileOverSnapshot(t *testing.T) { overSnapshot(t, false) }

// The same when the memory shows the snapshot already, so that a reset only drops what was written.
func fileOverShown(t *testing.T) { overSnapshot(t, true) }

func overSnapshot(t *testing.T, shown bool) {
	const n = 128 << 10
	f := saved(t, goArray(t, filled(n/2, 7)))
	for _, freed := range []bool{false, true} {
		lib := open(t, wasm.Mem)
		call(t, bind(t, lib, "grow(pages: u32) -> i32"), 200)
		a := array(t, lib, filled(n, 3))
		require.NoError(t, lib.Free(must(lib.Empty(memview.F64, 4*n)))) // so that nothing grows later
		s, err := lib.Snapshot()
		require.NoError(t, err)
		if shown {
			require.NoError(t, lib.Reset(bg, s))
		}
		require.NoError(t, lib.Free(a))
		m, err := lib.MapNPY(f, &wasmffi.MapOptions{Immutable: true})
		require.NoError(t, err)
		require.True(t, m.Ptr() > a.Ptr() && m.Ptr() < a.Ptr()+n*4, "the allocator does not give %#x again but %#x", a.Ptr(), m.Ptr())
		if freed {
			require.NoError(t, lib.Free(m))
		}
		require.NoError(t, lib.Reset(bg, s))
		again := must(memview.AsArray(lib.Memory(), a.Ptr(), memview.F64, n))
		holes := 0
		for _, v := range values[float64](t, again)[512 : n-512] { // but for what the allocator notes there
			if v != 3 {
				holes++
			}
		}
		require.Zero(t, holes, "elements that are not what they were; file freed before the reset: %v", freed)
	}
}

func exitUnderViews(t *testing.T) {
	for _, code := range []int{0, 3} {
		lib := open(t, wasm.Exit)
		arrays, slices := holdings(t, lib)
		s, err := lib.Snapshot()
		require.NoError(t, err)
		exit := bind(t, lib, "exit_with(code: i32)")
		half := bind(t, lib, "half_then_exit(x: inout f64[n], n: size, code: i32)")
		for range 5 {
			for range 2 {
				_, err = half.Call(bg, arrays[0], code)
				require.ErrorAs(t, err, new(*wasmffi.ExitError))
				if code != 0 {
					require.ErrorIs(t, lib.Free(arrays[0]), wasmffi.ErrPoisoned)
					break
				}
				_, err = exit.Call(bg, code)
				require.ErrorAs(t, err, new(*wasmffi.ExitError))
			}
			require.Equal(t, -1.0, slices[0][0])
			require.Equal(t, 1.0, slices[0][4_999])
			for i, a := range arrays {
				require.NoError(t, a.CheckAlive())
				require.Len(t, values[float64](t, a), len(slices[i]))
				slices[i][len(slices[i])-1] = 1
			}
			require.NoError(t, lib.Reset(bg, s))
			require.Equal(t, 1.0, slices[0][0])
			arrays[5] = must(memview.AsArray(lib.Memory(), arrays[0].Ptr(), memview.F64, 5_000))
		}
	}
}

func trapUnderViews(t *testing.T) {
	lib := open(t, wasm.Traps)
	arrays, slices := holdings(t, lib)
	s, err := lib.Snapshot()
	require.NoError(t, err)
	half := bind(t, lib, "half_then_trap(x: inout f64[n], n: size)")
	deep := bind(t, lib, "recurse(n: i32) -> i32")
	load, store := bind(t, lib, "oob_load(p: u32) -> i32"), bind(t, lib, "oob_store(p: u32)")
	end := uint32(lib.Memory().Size())
	for range 5 {
		for _, trap := range []func() error{
			func() error { _, err := half.Call(bg, arrays[0]); return err },
			func() error { _, err := deep.Call(bg, 1<<30); return err },
			func() error { _, err := load.Call(bg, end-3); return err },
			func() error { _, err := store.Call(bg, uint32(0xffffffff)); return err },
		} {
			require.ErrorAs(t, trap(), new(*wasmffi.Trap))
			_, err := deep.Call(bg, 1)
			require.ErrorIs(t, err, wasmffi.ErrPoisoned)
			for i, a := range arrays[:5] {
				require.Len(t, values[float64](t, a), len(slices[i]))
				slices[i][0] = 5
			}
			require.NoError(t, lib.Reset(bg, s))
			require.Equal(t, filled(5_000, 1), slices[0])
			require.Equal(t, 1.0, slices[4][0])
			call(t, deep, 10)
		}
	}
	for i := range 3 { // to the start: all of them are stale, and none a fault
		_, err := load.Call(bg, uint32(0xffffff00))
		require.Error(t, err)
		require.NoError(t, lib.Reset(bg, nil))
		for _, a := range arrays {
			require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrStale)
		}
		slices[i][1] = 2
		call(t, deep, 10)
	}
}
