package hostmod_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// families is a table of imports: module, name, meaning, types, family and the engine's function that they are; "" is
// none.
var families = []struct{ module, name, meaning, types, family, engine string }{
	{"wasi_snapshot_preview1", "fd_write", "", "iiii:i", "wasi", "fd_write"},
	{"wasi_unstable", "fd_write", "", "iiii:i", "wasi", "fd_write"},
	{"env", "fd_write", "", "iiii:i", "wasi", "fd_write"},
	{"env", "__wasi_fd_write", "", "iiii:i", "wasi", "fd_write"},
	{"a", "f", "fd_write", "iiii:i", "wasi", "fd_write"},
	{"a", "fd_write", "", "iiii:i", "stub", ""},
	{"other", "fd_write", "", "iiii:i", "stub", ""},
	{"wasi_snapshot_preview1", "fd_write", "", "ijii:i", "stub", ""},
	{"wasi_snapshot_preview1", "fd_splice", "", "iiii:i", "stub", ""},
	{"wasi_snapshot_preview1", "fd_seek", "", "ijii:i", "wasi", "fd_seek"},
	{"wasi_snapshot_preview1", "fd_seek", "", "iiiii:i", "wasi", ""},
	{"wasi_snapshot_preview1", "fd_seek", "", "iiiii:", "stub", ""},
	{"wasi_unstable", "fd_seek", "", "ijii:i", "wasi", ""},
	{"wasi_unstable", "fd_filestat_get", "", "ii:i", "wasi", ""},
	{"wasi_unstable", "poll_oneoff", "", "iiii:i", "stub", ""},
	{"wasi_snapshot_preview1", "poll_oneoff", "", "iiii:i", "wasi", "poll_oneoff"},
	{"wasi_snapshot_preview1", "path_open", "", "iiiiijjii:i", "wasi", "path_open"},
	{"wasi_snapshot_preview1", "path_open", "", "iiiiiiiiiii:i", "wasi", ""},
	{"wasi_snapshot_preview1", "proc_exit", "", "i:", "wasi", ""},
	{"a", "a", "proc_exit", "i:", "wasi", ""},
	{"wasi_snapshot_preview1", "proc_exit", "", "j:", "stub", ""},
	{"env", "emscripten_resize_heap", "", "i:i", "emscripten", ""},
	{"env", "_emscripten_resize_heap", "", "i:i", "emscripten", ""},
	{"a", "b", "emscripten_resize_heap", "i:i", "emscripten", ""},
	{"env", "emscripten_resize_heap", "", "j:i", "stub", ""},
	{"env", "invoke_vii", "", "iii:", "emscripten", ""},
	{"env", "invoke_v", "", ":", "stub", ""},
	{"env", "invoke_v", "", "d:", "stub", ""},
	{"env", "__syscall_openat", "", "iiii:i", "emscripten", ""},
	{"env", "__syscall_openat", "", "iiii:", "stub", ""},
	{"env", "_embind_register_class", "", "iiiiiiiiiiiii:", "emscripten", ""},
	{"env", "_embind_register_class", "", "i:i", "stub", ""},
	{"env", "_emval_incref", "", "i:", "emscripten", ""},
	{"env", "abort", "", ":", "emscripten", ""},
	{"env", "abort", "", "iiii:", "assemblyscript", ""},
	{"env", "abort", "", "ii:", "stub", ""},
	{"env", "Date.now", "", ":d", "assemblyscript", ""},
	{"Date", "now", "", ":d", "assemblyscript", ""},
	{"wbg", "__wbindgen_throw", "", "ii:", "wasm-bindgen", ""},
	{"./x_bg.js", "__wbg_log_0159ca40cddf5b15", "", "i:", "wasm-bindgen", ""},
	{"env", "my_callback", "", "i:i", "stub", ""},
}

func TestFamilies(t *testing.T) {
	for _, c := range families {
		t.Run(c.module+"."+c.name+" "+c.types, func(t *testing.T) {
			im := imported(c.module, c.name, c.types)
			im.Meaning = c.meaning
			links := hostmod.Link([]hostmod.Import{im})
			require.Equal(t, c.family, links.Family(0).String())
			module, name := links.Target(0)
			require.Equal(t, "host.0", module+"."+name)
			require.Equal(t, c.engine, links.Engine(0))
		})
	}
}

// The whole table links to the engine, so that types are right that no test calls.
func TestFamiliesInstantiate(t *testing.T) {
	var imports []hostmod.Import
	for _, c := range families {
		im := imported(c.module, c.name, c.types)
		im.Meaning = c.meaning
		imports = append(imports, im)
	}
	start(t, &hostmod.Env{}, imports...)
}

// All functions of WASI's standard table are the engine's, with those types.
func TestStandardIsTheEngines(t *testing.T) {
	var imports []hostmod.Import
	for name, types := range hostmod.Standard {
		imports = append(imports, imported("wasi_snapshot_preview1", name, types))
	}
	require.Len(t, imports, 45)
	g := start(t, &hostmod.Env{}, imports...)
	for i := range imports {
		require.Equal(t, imports[i].Name, g.links.Engine(i))
	}
}

func TestFamilyString(t *testing.T) {
	require.Equal(t, "given", hostmod.Given.String())
	require.Equal(t, "stub", hostmod.Family(99).String())
}

func TestGivenGoesFirst(t *testing.T) {
	im := imported("env", "abort", ":")
	called := 0
	im.Given = api.GoModuleFunc(func(context.Context, api.Module, []uint64) { called++ })
	g := start(t, &hostmod.Env{}, im)
	require.Equal(t, hostmod.Given, g.links.Family(0))
	_, err := g.call("0")
	require.NoError(t, err)
	require.Equal(t, 1, called)
}

func TestStubs(t *testing.T) {
	for _, c := range []struct{ module, name, meaning, want string }{
		{"a", "p", "clock_what_get", "unresolved import a.p (clock_what_get)"},
		{"env", "f", "f", "unresolved import env.f"},
		{"env", "f\n\x00", "", `unresolved import env.f\n\x00`},
		{"", "\u00e9\u202e", "", "unresolved import .\u00e9\\u202e"},
		{"wbg", "__wbg_log_0159ca40cddf5b15", "", "unresolved import wbg.__wbg_log_0159ca40cddf5b15 (log of JavaScript)"},
		{"m", strings.Repeat("x", 5000), "", "unresolved import m." + strings.Repeat("x", 1024) + "..."},
	} {
		im := imported(c.module, c.name, "i:i")
		im.Meaning = c.meaning
		g := start(t, &hostmod.Env{}, im)
		require.Equal(t, []int{0}, g.links.Missing())
		var e *hostmod.Unresolved
		err := g.fails(7)
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.want, e.Error())
		require.Equal(t, [2]string{c.module, c.name}, [2]string{e.Module, e.Name})
		require.Less(t, len(err.Error()), 5000)
	}
}

func TestStackTraceNamesTheImport(t *testing.T) {
	im := imported("a", "p", ":")
	im.Meaning = "something"
	err := start(t, &hostmod.Env{}, im).fails()
	require.Equal(t, "unresolved import a.p (something) (recovered by wazero)\nwasm stack trace:\n\thost.a.p (something)()\n\t.$1()", err.Error())
}

func TestInstancesHaveTheirOwnEnv(t *testing.T) {
	var a, b bytes.Buffer
	m := &module{imports: []hostmod.Import{
		imported("env", "emscripten_console_log", "i:"), imported("env", "setTempRet0", "i:"), imported("env", "getTempRet0", ":i"),
	}, pages: 1, max: 1}
	guests := instantiate(t, m, &hostmod.Env{Stdout: &a}, &hostmod.Env{Stdout: &b}, nil)
	for i, g := range guests[:2] {
		g.put(8, fmt.Sprintf("guest %d\x00", i))
		_, err := g.call("0", 8)
		require.NoError(t, err)
		_, err = g.call("1", uint64(100+i))
		require.NoError(t, err)
	}
	require.Equal(t, "guest 0\n", a.String())
	require.Equal(t, "guest 1\n", b.String())
	for i, g := range guests[:2] {
		r, err := g.call("2")
		require.NoError(t, err)
		require.Equal(t, []uint64{uint64(100 + i)}, r)
	}
	require.ErrorContains(t, guests[2].fails(8), "without an environment")
}

func TestInstantiateRefuses(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	m := &module{imports: []hostmod.Import{imported("env", "f", ":")}}
	links := hostmod.Link(m.imports)
	compiled, err := r.CompileModule(ctx, m.encode(links))
	require.NoError(t, err)
	env := func(api.Module) *hostmod.Env { return nil }

	two := hostmod.Link([]hostmod.Import{m.imports[0], m.imports[0]})
	require.EqualError(t, two.Instantiate(ctx, r, compiled, env), "hostmod: module imports 1 functions, want 2")
	raw, err := r.CompileModule(ctx, bytes.Replace(m.encode(links), []byte("host"), []byte("most"), 1))
	require.NoError(t, err)
	require.EqualError(t, links.Instantiate(ctx, r, raw, env), "hostmod: import 0 is most.0, want it renamed to host.0")
	require.PanicsWithValue(t, "hostmod: nil env", func() { _ = links.Instantiate(ctx, r, compiled, nil) })
	require.NoError(t, links.Instantiate(ctx, r, compiled, env))
	require.ErrorContains(t, links.Instantiate(ctx, r, compiled, env), "hostmod: ")
}

// The engine compares the type of each host function with all that its module has.
func TestManyImports(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a large module")
	}
	const n = 100_000
	imports := make([]hostmod.Import, n)
	for i := range imports {
		types := []byte("iiiiiiiiiiiiiiiii:")
		for k := range 17 {
			if i>>k&1 != 0 {
				types[k] = 'd'
			}
		}
		imports[i] = imported("env", "f", string(types))
	}
	began := time.Now()
	links := hostmod.Link(imports)
	require.Len(t, links.Missing(), n)
	require.Less(t, time.Since(began), 5*time.Second)
	m := &module{imports: imports, bare: true}
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	compiled, err := r.CompileModule(ctx, m.encode(links))
	require.NoError(t, err)
	began = time.Now()
	require.NoError(t, links.Instantiate(ctx, r, compiled, func(api.Module) *hostmod.Env { return nil }))
	t.Logf("instantiated in %v", time.Since(began))
	require.Less(t, time.Since(began), time.Minute)
}

func TestExit(t *testing.T) {
	for _, im := range []hostmod.Import{
		imported("wasi_snapshot_preview1", "proc_exit", "i:"), imported("env", "exit", "i:"), imported("env", "_exit", "i:"),
		imported("env", "emscripten_force_exit", "i:"),
	} {
		g := start(t, &hostmod.Env{}, im)
		for range 2 { // the instance stays open
			_, err := g.call("0", 42)
			var exit *sys.ExitError
			require.True(t, errors.As(err, &exit))
			require.Equal(t, uint32(42), exit.ExitCode())
		}
		require.False(t, g.inst.IsClosed())
	}
}
