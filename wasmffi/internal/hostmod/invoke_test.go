package hostmod_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// Functions that a guest of emscripten has beside its own: its stack pointer is global 0, and what
// setThrew is told goes to addresses 0x10 and 0x14.
var (
	stackSave    = fn{"emscripten_stack_get_current", ":i", cat(opGlobalGet, 0)}
	stackRestore = fn{"_emscripten_stack_restore", "i:", cat(opLocalGet, 0, opGlobalSet, 0)}
	oldSave      = fn{"stackSave", ":i", cat(opGlobalGet, 0)}
	oldRestore   = fn{"stackRestore", "i:", cat(opLocalGet, 0, opGlobalSet, 0)}
	setThrew     = fn{"setThrew", "ii:", cat(opConst, 0x10, opLocalGet, 0, opStore, 2, 0, opConst, 0x14, opLocalGet, 1, opStore, 2, 0)}
	pointer      = fn{"pointer", ":i", cat(opGlobalGet, 0)}
)

// invoking is a module that imports invoke_ii and the functions that end what is invoked. Its
// table has the callers of these four as entries 1 to 4, and then its own functions.
func invoking(own ...fn) *module {
	return &module{imports: []hostmod.Import{
		imported("env", "invoke_ii", "ii:i"), imported("env", "_emscripten_throw_longjmp", ":"), imported("env", "emscripten_longjmp", "ii:"),
		imported("env", "exit", "i:"),
	}, own: own, pages: 1, max: 1}
}

// spoil moves the stack pointer to 7 and calls function f without arguments.
func spoil(f int) []byte { return cat(opConst, 7, opGlobalSet, 0, opCall, f, opConst, 0) }

func TestInvoke(t *testing.T) {
	const throw, longjmp, exit = 1, 2, 3
	for _, c := range []struct {
		name        string
		own         []fn // the first is invoked with 21
		want        uint64
		threw, with int32
	}{
		{"returns", []fn{{"f", "i:i", cat(opLocalGet, 0, opLocalGet, 0, 0x6a)}, stackSave, stackRestore, setThrew, pointer}, 42, 0, 0},
		{"jumps", []fn{{"f", "i:i", spoil(throw)}, stackSave, stackRestore, setThrew, pointer}, 0, 1, 0},
		{"jumps in an old guest", []fn{{"f", "i:i", spoil(throw)}, oldSave, oldRestore, setThrew, pointer}, 0, 1, 0},
		{"returns without a stack to save", []fn{{"f", "i:i", cat(opLocalGet, 0)}, pointer}, 21, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := instantiate(t, invoking(c.own...), &hostmod.Env{})[0]
			for range 2 {
				require.Equal(t, c.want, g.result(5, 21))
				require.Equal(t, [2]int32{c.threw, c.with}, [2]int32{g.int32(0x10), g.int32(0x14)})
				r, err := g.call("pointer")
				require.NoError(t, err)
				require.Equal(t, uint64(64), r[0])
			}
		})
	}

	// Older guests tell what setjmp returns when they jump.
	set := fn{"f", "i:i", cat(opConst, 5, opConst, 0, opCall, longjmp, opConst, 0)}
	keep := fn{"setThrew", "ii:", cat(opConst, 0x18, opLocalGet, 1, opStore, 2, 0)} // the last
	g := instantiate(t, invoking(set, oldSave, oldRestore, keep), &hostmod.Env{})[0]
	require.Zero(t, g.result(5, 21))

	leave := fn{"f", "i:i", cat(opLocalGet, 0, opCall, exit, opConst, 0)}
	g = instantiate(t, invoking(leave, stackSave, stackRestore, setThrew), &hostmod.Env{})[0]
	var e *sys.ExitError
	require.True(t, errors.As(g.fails(5, 21), &e))
	require.Equal(t, uint32(21), e.ExitCode())
}

func TestInvokeFails(t *testing.T) {
	trap := fn{"f", "i:i", cat(opUnreachable)}
	for _, c := range []struct {
		name  string
		own   []fn
		index uint64
		want  string
	}{
		{"trap", []fn{trap, stackSave, stackRestore, setThrew}, 5, "wasm error: unreachable\n"},
		{"null", []fn{trap}, 0, "wasm error: invalid table access\n"},
		{"wild", []fn{trap}, 1<<32 - 1, "wasm error: invalid table access\n"},
		{"other type", []fn{trap, stackSave}, 6, "wasm error: indirect call type mismatch\n"},
		{"no stack functions", []fn{{"f", "i:i", spoil(1)}}, 5, "invoke_ii: a longjmp needs the guest's stackSave and stackRestore, which it does not export"},
		{"no setThrew", []fn{{"f", "i:i", spoil(1)}, stackSave, stackRestore}, 5, "longjmp: the guest does not export setThrew"},
		{"stack functions of other types", []fn{{"f", "i:i", spoil(1)}, {"stackSave", "iiii:j", cat(opConst, 0, 0xac)}, stackRestore}, 5, "need 4 params, but stack size is 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := instantiate(t, invoking(c.own...), &hostmod.Env{})[0].fails(c.index, 21)
			require.Contains(t, err.Error(), c.want)
		})
	}
}

// A jump to nowhere ends the call.
func TestLongjmpAlone(t *testing.T) {
	g := instantiate(t, invoking(setThrew), &hostmod.Env{})[0]
	_, err := g.call("1")
	require.ErrorContains(t, err, "longjmp (recovered by wazero)")
	_, err = g.call("2", 5, 0)
	require.ErrorContains(t, err, "longjmp (recovered by wazero)")
	require.Equal(t, [2]int32{5, 1}, [2]int32{g.int32(0x10), g.int32(0x14)})
}

// A guest that calls itself through the host grows the stack of Go, which must not end.
func TestInvokeNests(t *testing.T) {
	again := fn{"f", "i:i", cat(opConst, 5, opLocalGet, 0, opCall, 0)} // f calls itself by invoke_ii
	env := &hostmod.Env{}
	g := instantiate(t, invoking(again, stackSave, stackRestore, setThrew), env)[0]
	for range 2 {
		err := g.fails(5, 21)
		require.EqualError(t, abortOf(t, err), "invoke_ii: calls through the host are nested too deeply")
		require.Less(t, len(err.Error()), 32<<10)
		require.LessOrEqual(t, strings.Count(err.Error(), "recovered by wazero"), 3)
	}

	// What is not nested is not counted.
	g = instantiate(t, invoking(fn{"f", "i:i", cat(opLocalGet, 0)}), env)[0]
	for range 2 * hostmod.MaxDepth {
		require.Equal(t, uint64(3), g.result(5, 3))
	}
}
