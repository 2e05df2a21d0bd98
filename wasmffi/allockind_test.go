package wasmffi_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// allocKinds are fixtures with allocators of each kind, and the functions of theirs that count: blocks that
// nobody has freed.
var allocKinds = []struct {
	name  string
	code  []byte
	alloc loader.Allocator // as an option; zero: found
	want  loader.AllocatorKind
	live  []string
}{
	{"malloc", wasm.Vec, loader.Allocator{}, loader.AllocMalloc, nil},
	{"assemblyscript", wasm.ASAlloc, loader.Allocator{}, loader.AllocAssemblyScript, []string{"pinned() -> i32"}},
	{"bindgen", wasm.Bindgen, loader.Allocator{}, loader.AllocBindgenAligned, []string{"live() -> i32", "live_bytes() -> u32"}},
	{"sbrk", wasm.Sbrk, loader.Allocator{}, loader.AllocSbrk, []string{"damage() -> size"}},
	{"none", wasm.NoAlloc, loader.Allocator{}, loader.AllocNone, nil},
	{"malloc, by hand", wasm.Vec, loader.Allocator{Kind: loader.AllocMalloc, Alloc: "malloc", Free: "free"}, loader.AllocMalloc, nil},
	{"assemblyscript, by hand", wasm.ASAlloc, loader.Allocator{Kind: loader.AllocAssemblyScriptARC, Alloc: "__new", Pin: "__pin", Unpin: "__unpin"}, "", []string{"pinned() -> i32"}},
	{"bindgen, by hand", wasm.Bindgen, loader.Allocator{Kind: loader.AllocBindgenAligned, Alloc: "__wbindgen_malloc", Free: "__wbindgen_free"}, "", []string{"live() -> i32", "live_bytes() -> u32"}},
	{"none, by hand", wasm.Bindgen, loader.Allocator{Kind: loader.AllocNone}, "", []string{"live() -> i32"}},
	{"sbrk, by hand", wasm.Sbrk, loader.Allocator{Kind: loader.AllocSbrk, Alloc: "sbrk"}, "", []string{"damage() -> size"}},
	{"none of sbrk", wasm.Sbrk, loader.Allocator{Kind: loader.AllocNone}, "", nil},
}

// Arrays of odd sizes and alignments, in any order, keep what they hold, and are given back.
func TestAllocatorKinds(t *testing.T) {
	for _, k := range allocKinds {
		t.Run(k.name, func(t *testing.T) {
			lib := openWith(t, k.code, wasmffi.Options{Allocator: k.alloc, Limits: wasmffi.Limits{Memory: 16 << 20}})
			if k.want != "" {
				require.Equal(t, k.want, lib.Module().Report().Allocator.Kind)
			}
			r := rand.New(rand.NewPCG(1, uint64(len(k.name))))
			type held struct {
				a    wasmffi.Array
				fill uint8
			}
			var arrays []held
			check := func(h held) {
				for i, v := range values[uint8](t, h.a) {
					if v != h.fill {
						t.Fatalf("byte %d of %d at %#x: got %d, want %d", i, h.a.Size(), h.a.Ptr(), v, h.fill)
					}
				}
			}
			for i := range 300 {
				if len(arrays) > 0 && r.IntN(5) < 2 {
					at := r.IntN(len(arrays))
					check(arrays[at])
					require.NoError(t, lib.Free(arrays[at].a))
					arrays[at] = arrays[len(arrays)-1]
					arrays = arrays[:len(arrays)-1]
					continue
				}
				n, align := r.IntN(1<<(1+r.IntN(14))), 1<<r.IntN(13)
				a, err := lib.EmptyAligned(align, memview.U8, n)
				require.NoError(t, err, "%d bytes at %d", n, align)
				require.Zero(t, uint32(a.Ptr())%uint32(max(align, 16)))
				require.NotZero(t, a.Ptr())
				check(held{a, 0}) // whatever was there before
				h := held{a, uint8(i)}
				b, err := lib.Memory().Bytes(a.Ptr(), uint32(n))
				require.NoError(t, err)
				for i := range b {
					b[i] = h.fill
				}
				arrays = append(arrays, h)
				if f := "claim(n: size) -> ptr"; k.want == loader.AllocSbrk && i%20 == 0 {
					require.NotZero(t, call(t, bind(t, lib, f), n+1).Uint()) // the guest takes some, too
				}
			}
			for _, h := range arrays {
				check(h)
				require.NoError(t, lib.Free(h.a))
				require.ErrorIs(t, lib.Free(h.a), wasmffi.ErrFreed)
			}
			require.NoError(t, lib.CheckLeaks())
			for _, f := range k.live {
				require.Zero(t, call(t, bind(t, lib, f)).Int(), f)
			}
		})
	}
}

// Slices are staged through every kind, and what was staged is given back, whether the call succeeds or not.
func TestAllocatorKindsStage(t *testing.T) {
	const most = 16 << 20 // bytes, of the largest array and what is kept
	scratched := func(t *testing.T, lib *wasmffi.Library, counters []string) {
		for i, f := range counters {
			require.LessOrEqual(t, call(t, bind(t, lib, f)).Int(), []int64{1, most}[i], f) // the library keeps one block
		}
	}
	for _, k := range allocKinds {
		if k.code != nil && &k.code[0] == &wasm.NoAlloc[0] {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			lib := openWith(t, k.code, wasmffi.Options{Allocator: k.alloc})
			sum := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
			for n := range 70 {
				require.Equal(t, 2*float64(n), call(t, sum, filled(n, 2)).Float64())
			}
			require.Equal(t, 2e6, call(t, sum, filled(1_000_000, 2)).Float64()) // grows the memory
			_, err := sum.Call(bg, "no array")
			require.ErrorIs(t, err, wasmffi.ErrNotRun)
			if &k.code[0] == &wasm.ASAlloc[0] || &k.code[0] == &wasm.Bindgen[0] {
				add := bind(t, lib, "add(x: f64[n], y: f64[n], z: out f64[n], n: size)")
				for n := range 20 {
					r := call(t, add, filled(n, 2), filled(n, 3))
					require.Equal(t, filled(n, 5), take[float64](t, r, "z"))
					z := make([]float64, n)
					call(t, add, filled(n, 2), filled(n, 3), z)
					require.Equal(t, filled(n, 5), z)
					_, err := add.Call(bg, filled(n, 2), filled(n+1, 2))
					require.ErrorIs(t, err, wasmffi.ErrNotRun)
				}
			}
			require.NoError(t, lib.CheckLeaks())
			scratched(t, lib, k.live)
			// Also after a reset.
			s, err := lib.Snapshot()
			require.NoError(t, err)
			a := array(t, lib, filled(100, 1))
			require.NoError(t, lib.Reset(bg, s))
			require.ErrorIs(t, a.CheckAlive(), wasmffi.ErrStale)
			require.Equal(t, 100.0, call(t, sum, filled(50, 2)).Float64())
			require.NoError(t, lib.CheckLeaks())
			scratched(t, lib, k.live)
		})
	}
}

// There is no more memory than the limit, which is an error.
func TestAllocatorKindsLimit(t *testing.T) {
	for _, k := range allocKinds {
		lib := openWith(t, k.code, wasmffi.Options{Allocator: k.alloc, Limits: wasmffi.Limits{Memory: 3 << 20}})
		_, err := lib.Empty(memview.U8, 4<<20)
		require.ErrorIs(t, err, wasmffi.ErrAlloc, k.name)
		require.ErrorIs(t, err, wasmffi.ErrMemoryLimit, k.name)
		a, err := lib.Empty(memview.U8, 100)
		require.NoError(t, err, k.name)
		require.NoError(t, lib.Free(a), k.name)
		for err = nil; err == nil; {
			_, err = lib.Empty(memview.U8, 300<<10)
		}
		if k.want == loader.AllocAssemblyScript || k.want == loader.AllocBindgenAligned {
			require.ErrorAs(t, err, new(*wasmffi.Trap), k.name) // as the originals abort
		}
	}
}

func TestAllocatorOption(t *testing.T) {
	for name, tt := range map[string]struct {
		code  []byte
		alloc loader.Allocator
		want  string
	}{
		"no such export": {wasm.Vec, loader.Allocator{Kind: loader.AllocMalloc, Alloc: "maloc", Free: "free"}, `"malloc"`},
		"no name":        {wasm.Vec, loader.Allocator{Kind: loader.AllocMalloc}, `""`},
		"no free":        {wasm.Vec, loader.Allocator{Kind: loader.AllocMalloc, Alloc: "malloc"}, `""`},
		"another type":   {wasm.Bindgen, loader.Allocator{Kind: loader.AllocMalloc, Alloc: "__wbindgen_malloc", Free: "__wbindgen_free"}, "__wbindgen_malloc"},
		"another kind":   {wasm.Vec, loader.Allocator{Kind: loader.AllocBindgen, Alloc: "malloc", Free: "free"}, "free"},
		"no kind":        {wasm.Vec, loader.Allocator{Kind: "jemalloc", Alloc: "malloc", Free: "free"}, "jemalloc"},
		"no pin":         {wasm.ASAlloc, loader.Allocator{Kind: loader.AllocAssemblyScript, Alloc: "__new", Unpin: "__unpin"}, `""`},
		"no sbrk":        {wasm.Vec, loader.Allocator{Kind: loader.AllocSbrk, Alloc: "sbrk"}, "sbrk"},
		"of floats":      {wasm.Scalars, loader.Allocator{Kind: loader.AllocSbrk, Alloc: "id_f64"}, "id_f64"},
		"of a memory":    {wasm.Vec, loader.Allocator{Kind: loader.AllocSbrk, Alloc: "memory"}, "memory"},
	} {
		_, err := wasmffi.Compile(bg, tt.code, &wasmffi.Options{Allocator: tt.alloc})
		require.ErrorIs(t, err, wasmffi.ErrNoAllocator, name)
		require.ErrorContains(t, err, tt.want, name)
		require.ErrorContains(t, err, "Options.Allocator", name)
	}
}

// A guest's allocator that answers what it likes.
func TestAllocatorsThatLie(t *testing.T) {
	for kind, types := range map[loader.AllocatorKind][3]string{
		loader.AllocMalloc: {"i", "i", ""}, loader.AllocBindgen: {"i", "ii", ""}, loader.AllocBindgenAligned: {"ii", "iii", ""},
		loader.AllocAssemblyScript: {"ii", "i", "i"}, loader.AllocAssemblyScriptARC: {"ii", "i", "i"}, loader.AllocSbrk: {"i", "", ""},
	} {
		for _, answer := range []int64{0, 1, 8, 16, 17, 65535, 65536, -1, -16, math.MinInt32, math.MaxInt32} {
			var m made
			m.pages(1)
			m.fn("take", types[0], "i", constant(answer))
			m.fn("give", types[1], "")
			m.fn("hold", types[2], map[bool]string{true: "i"}[types[2] != ""], map[bool][]byte{true: constant(answer)}[types[2] != ""])
			lib := openWith(t, m.bytes(), wasmffi.Options{Limits: wasmffi.Limits{Memory: 1 << 20}, Allocator: loader.Allocator{Kind: kind, Alloc: "take", Free: "give", Pin: "hold", Unpin: "give"}})
			for _, n := range []int{0, 1, 100, 1 << 16, 1 << 20} {
				a, err := lib.Empty(memview.U8, n)
				if err != nil {
					require.ErrorIs(t, err, wasmffi.ErrAlloc, "%s of %d", kind, answer)
					continue
				}
				require.Zero(t, uint32(a.Ptr())%16)
				require.LessOrEqual(t, uint64(a.Ptr())+uint64(n), lib.Memory().Size())
				require.Len(t, values[uint8](t, a), n)
				require.NoError(t, lib.Free(a))
			}
		}
	}
}

func TestConstructorOption(t *testing.T) {
	value := func(o wasmffi.Options) int64 {
		return call(t, bind(t, openWith(t, wasm.Ctor, o), "value() -> i32")).Int()
	}
	found := value(wasmffi.Options{})
	require.EqualValues(t, 7, found)
	require.Equal(t, found, value(wasmffi.Options{Constructor: "_initialize"}))
	require.NotEqual(t, found, value(wasmffi.Options{Constructor: "-"}))
	openWith(t, wasm.CtorTrap, wasmffi.Options{Constructor: "-"})
	for name, want := range map[string]string{"_initialise": "did you mean _initialize?", "value": "value", "memory": "memory", "nothing": "nothing"} {
		_, err := wasmffi.Compile(bg, wasm.Ctor, &wasmffi.Options{Constructor: name})
		require.ErrorIs(t, err, wasmffi.ErrNotFound, name)
		require.ErrorContains(t, err, "Options.Constructor", name)
		require.ErrorContains(t, err, want, name)
	}
}
