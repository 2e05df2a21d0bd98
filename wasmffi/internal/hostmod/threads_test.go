package hostmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// store is code that stores local i at address p, less than 64.
func store(p, i int) []byte { return cat(opConst, p, opLocalGet, i, opStore, 2, 0) }

func TestMainThread(t *testing.T) {
	imports := []hostmod.Import{imported("env", "__emscripten_init_main_thread_js", "i:")}
	note := cat(store(0, 0), store(4, 1), store(8, 2), store(12, 3), store(16, 4))
	tls := fn{"_emscripten_tls_init", ":i", cat(opConst, 20, opConst, 7, opStore, 2, 0, opConst, 0)}
	for name, own := range map[string][]fn{
		"6 parameters": {{"_emscripten_thread_init", "iiiiii:", cat(note, store(24, 5))}, tls},
		"5 parameters": {{"__emscripten_thread_init", "iiiii:", note}, tls},
	} {
		g := instantiate(t, &module{imports: imports, own: own, pages: 1, max: 1}, &hostmod.Env{})[0]
		_, err := g.call("0", 1024)
		require.NoError(t, err, name)
		for i, want := range []int32{1024, 1, 1, 0, 65536, 7, 0} {
			require.Equal(t, want, g.int32(uint32(4*i)), "%s: word %d", name, i)
		}
	}
	for name, own := range map[string][]fn{
		"none":          nil,
		"one parameter": {{"_emscripten_thread_init", "i:", nil}},
	} {
		g := instantiate(t, &module{imports: imports, own: own, pages: 1, max: 1}, &hostmod.Env{})[0]
		require.Equal(t, "_emscripten_init_main_thread_js", abortOf(t, g.fails(1024)).What, name)
	}
	// What the guest makes of it may fail.
	trap := []fn{{"_emscripten_thread_init", "iiiiii:", cat(opUnreachable)}}
	g := instantiate(t, &module{imports: imports, own: trap, pages: 1, max: 1}, &hostmod.Env{})[0]
	require.ErrorContains(t, g.fails(1024), "unreachable")
}

func TestNoMoreThreads(t *testing.T) {
	g := start(t, &hostmod.Env{}, imported("a", "__pthread_create_js", "iiii:i"))
	require.Equal(t, []int{0}, g.links.Missing(), "without its meaning")
	g = start(t, &hostmod.Env{}, imported("env", "__pthread_create_js", "iiii:i"))
	require.Empty(t, g.links.Missing())
	const again = 6
	require.EqualValues(t, again, g.result(1, 2, 3, 4))
}
