package hostmod_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

func neg(n int32) uint64 { return api.EncodeI32(-n) }

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, types string
		args        []uint64
		want        uint64
	}{
		{"__syscall_openat", "iiii:i", []uint64{neg(100), 8, 0, 0}, neg(44)},
		{"__syscall_stat64", "ii:i", []uint64{8, 16}, neg(44)},
		{"__syscall_ioctl", "iii:i", []uint64{1, 21523, 0}, neg(59)},
		{"__syscall_ioctl", "iii:i", []uint64{3, 21523, 0}, neg(8)},
		{"__syscall_fcntl64", "iii:i", []uint64{1, 3, 0}, neg(52)},
		{"__syscall_fcntl64", "iii:i", []uint64{1<<32 - 1, 3, 0}, neg(8)},
		{"__syscall_getdents64", "iii:i", []uint64{0, 3, 0}, neg(54)},
		{"__syscall_mmap2", "iiiiii:i", make([]uint64, 6), neg(52)},
		{"__syscall_getcwd", "ii:i", []uint64{0, 0}, neg(52)},
		{"__syscall_socket", "iiiiii:i", make([]uint64, 6), neg(52)},
		{"___syscall146", "ii:i", []uint64{146, 8}, neg(52)},
		{"_mmap_js", "iiiiiii:i", make([]uint64, 7), neg(52)},
		{"_mmap_js", "iiiijii:i", make([]uint64, 7), neg(52)},
		{"emscripten_num_logical_cores", ":i", nil, 1},
		{"getenv", "i:i", []uint64{8}, 0},
		{"__cxa_atexit", "iii:i", []uint64{1, 2, 3}, 0},
		{"__cxa_uncaught_exceptions", ":i", nil, 0},
		{"_emscripten_get_now_is_monotonic", ":i", nil, 1},
		{"_setitimer_js", "id:i", []uint64{0, 0}, 0},
	} {
		g := start(t, &hostmod.Env{}, imported("env", c.name, c.types))
		require.Equal(t, c.want, g.result(c.args...), "%s%v", c.name, c.args)
	}
}

func TestResizeHeap(t *testing.T) {
	for _, c := range []struct {
		name          string
		heapMax, want uint64
		ok            uint64
		pages         uint32
	}{
		{"less", 0, 1, 1, 1},
		{"same", 0, 65536, 1, 1},
		{"one more", 0, 65537, 1, 2},
		{"all", 0, 4 * 65536, 1, 4},
		{"too much", 0, 4*65536 + 1, 0, 1},
		{"hostile", 0, 1<<32 - 1, 0, 1},
		{"bounded", 2 * 65536, 2*65536 + 1, 0, 1},
		{"within the bound", 2 * 65536, 2 * 65536, 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := start(t, &hostmod.Env{HeapMax: c.heapMax}, imported("env", "emscripten_resize_heap", "i:i"))
			require.Equal(t, c.ok, g.result(c.want))
			require.Equal(t, c.pages*65536, g.mem.Size())
		})
	}
}

func TestHeapSizes(t *testing.T) {
	for _, c := range []struct {
		name    string
		heapMax uint64
		want    uint64
	}{
		{"emscripten_get_heap_max", 0, 4 * 65536},
		{"emscripten_get_heap_max", 3 * 65536, 3 * 65536},
		{"emscripten_get_heap_max", 1 << 40, 4 * 65536},
		{"getHeapMax", 0, 4 * 65536},
		{"emscripten_get_heap_size", 0, 65536},
	} {
		require.Equal(t, c.want, start(t, &hostmod.Env{HeapMax: c.heapMax}, imported("env", c.name, ":i")).result(), c.name)
	}
	g := instantiate(t, &module{imports: []hostmod.Import{imported("env", "getHeapMax", ":i")}, pages: 0, max: 65536}, &hostmod.Env{})[0]
	require.Equal(t, uint64(65535*65536), g.result())
	g = instantiate(t, &module{imports: []hostmod.Import{imported("env", "getHeapMax", ":i")}}, &hostmod.Env{})[0]
	require.Zero(t, g.result())
}

func TestMemcpy(t *testing.T) {
	for _, im := range []hostmod.Import{
		imported("env", "emscripten_memcpy_js", "iii:"), imported("env", "_emscripten_memcpy_js", "iii:"), imported("env", "emscripten_memcpy_big", "iii:"),
		imported("env", "emscripten_memcpy_big", "iii:i"), imported("env", "memmove", "iii:i"), imported("env", "memcpy", "iii:i"),
	} {
		g := start(t, &hostmod.Env{}, im)
		g.put(100, "abcdef")
		r, err := g.call("0", 102, 100, 6)
		require.NoError(t, err)
		require.Equal(t, "ababcdef", g.get(100, 8))
		if len(r) > 0 {
			require.Equal(t, uint64(102), r[0])
		}
		for _, args := range [][]uint64{{65535, 0, 2}, {0, 65535, 2}, {0, 1<<32 - 1, 2}, {0, 0, 1<<32 - 1}} {
			require.EqualError(t, abortOf(t, g.fails(args...)), "memcpy: address is outside of the memory")
		}
	}
	g := start(t, &hostmod.Env{}, imported("env", "memset", "iii:i"))
	require.Equal(t, uint64(8), g.result(8, 'z', 3))
	require.Equal(t, "zzz\x00", g.get(8, 4))
}

// abortOf is the Abort that an error has in it.
func abortOf(t *testing.T, err error) *hostmod.Abort {
	t.Helper()
	var abort *hostmod.Abort
	require.ErrorAs(t, err, &abort)
	return abort
}

func TestTraps(t *testing.T) {
	for _, c := range []struct{ name, types, want string }{
		{"abort", ":", "abort"},
		{"_abort_js", ":", "abort"},
		{"__cxa_throw", "iii:", "__cxa_throw: exception of C++, which the host does not catch"},
		{"__cxa_find_matching_catch_3", "i:i", "__cxa_find_matching_catch_3"},
		{"llvm_eh_typeid_for", "i:i", "llvm_eh_typeid_for: exception of C++, which the host does not catch"},
		{"__stack_chk_fail", ":", "__stack_chk_fail"},
		{"_emval_new_cstring", "i:i", "_emval_new_cstring: the host has no objects of JavaScript"},
		{"abortOnCannotGrowMemory", "i:i", "abortOnCannotGrowMemory: the memory is too small and cannot grow"},
		{"_setitimer_js", "id:i", "_setitimer_js: the host has no timers"},
	} {
		im := imported("env", c.name, c.types)
		args := make([]uint64, len(im.Params))
		for i := range args {
			args[i] = api.EncodeF64(1)
		}
		require.EqualError(t, abortOf(t, start(t, &hostmod.Env{}, im).fails(args...)), c.want)
	}
}

func TestAssertFail(t *testing.T) {
	for _, c := range []struct {
		name           string
		cond, file, in string
		at             uint64
		want           string
	}{
		{"plain", "n > 0\x00", "vec.c\x00", "dot\x00", 0, "n > 0, at vec.c:12, in dot"},
		{"no function", "n > 0\x00", "vec.c\x00", "", 0, "n > 0, at vec.c:12"},
		{"control characters", "a\nb\x1b[2J\x00", "\xff\x00", "", 0, `a\nb\x1b[2J, at \xff:12`},
		{"outside", "", "vec.c\x00", "", 65536, "a string outside of the memory, at vec.c:12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := start(t, &hostmod.Env{}, imported("env", "__assert_fail", "iiii:"))
			g.put(0x100, c.cond)
			g.put(0x200, c.file)
			g.put(0x300, c.in)
			cond, in := uint64(0x100), uint64(0x300)
			if c.at != 0 {
				cond = c.at
			}
			if c.in == "" {
				in = 0
			}
			require.EqualError(t, abortOf(t, g.fails(cond, 0x200, 12, in)), "assertion failed: "+c.want)
		})
	}
	g := start(t, &hostmod.Env{}, imported("env", "__assert_fail", "iiii:"))
	g.put(0, string(bytes.Repeat([]byte{'x'}, 65536)))
	text := abortOf(t, g.fails(1, 60000, neg(1), 65535)).Error()
	require.Less(t, len(text), 4000)
	require.Contains(t, text, "x..., at xxx")
	require.Contains(t, text, ":-1, in x")
}

func TestConsole(t *testing.T) {
	for _, c := range []struct {
		name, types string
		args        []uint64
		out, err    string
	}{
		{"emscripten_console_log", "i:", []uint64{8}, "hello\n", ""},
		{"emscripten_console_error", "i:", []uint64{8}, "", "hello\n"},
		{"_emscripten_out", "i:", []uint64{8}, "hello\n", ""},
		{"emscripten_err", "i:", []uint64{9}, "", "ello\n"},
		{"emscripten_outn", "ii:", []uint64{8, 2}, "he\n", ""},
		{"emscripten_console_log", "i:", []uint64{65535}, "x...\n", ""},
	} {
		var out, err bytes.Buffer
		g := start(t, &hostmod.Env{Stdout: &out, Stderr: &err}, imported("env", c.name, c.types))
		g.put(8, "hello\x00")
		g.put(65535, "x")
		_, e := g.call("0", c.args...)
		require.NoError(t, e)
		require.Equal(t, [2]string{c.out, c.err}, [2]string{out.String(), err.String()}, c.name)
	}
	g := start(t, &hostmod.Env{}, imported("env", "emscripten_console_log", "i:"))
	abortOf(t, g.fails(65536))
	_, err := g.call("0", 8)
	require.NoError(t, err)
}

func TestGetentropy(t *testing.T) {
	var last string
	for range 2 {
		g := start(t, &hostmod.Env{}, imported("env", "getentropy", "ii:i"))
		require.Zero(t, g.result(8, 16))
		first := g.get(8, 16)
		require.Zero(t, g.result(8, 16))
		require.NotEqual(t, first, g.get(8, 16))
		if last != "" {
			require.Equal(t, last, first)
		}
		last = first
		abortOf(t, g.fails(65530, 16))
		require.EqualError(t, abortOf(t, g.fails(0, 65537)), "getentropy: got a size of 65537 bytes, want at most 65536")
	}
}

func TestSetErrNo(t *testing.T) {
	m := &module{imports: []hostmod.Import{imported("env", "___setErrNo", "i:")}, pages: 1, max: 1,
		own: []fn{{"__errno_location", ":i", cat(opConst, 0x20)}}}
	g := instantiate(t, m, &hostmod.Env{})[0]
	_, err := g.call("0", 44)
	require.NoError(t, err)
	require.Equal(t, int32(44), g.int32(0x20))
}

func TestStack(t *testing.T) {
	m := &module{imports: []hostmod.Import{
		imported("env", "stackAlloc", "i:i"), imported("env", "stackSave", ":i"), imported("env", "_emscripten_stack_restore", "i:"),
	}}
	g := instantiate(t, m, &hostmod.Env{})[0]
	require.EqualError(t, abortOf(t, g.fails(8)), "stackAlloc: the guest does not export __stack_pointer")
	m.stack = true
	g = instantiate(t, m, &hostmod.Env{})[0]
	for _, want := range []uint64{48, 32} { // from 64
		require.Equal(t, want, g.result(9))
		r, err := g.call("1")
		require.NoError(t, err)
		require.Equal(t, want, r[0])
	}
	require.EqualError(t, abortOf(t, g.fails(33)), "stackAlloc: the stack is too small")
	_, err := g.call("2", 64)
	require.NoError(t, err)
	require.Zero(t, g.result(64))
}
