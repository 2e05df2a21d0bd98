package hostmod_test

import (
	"math/rand"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// builtIn is an import of each function that there is, in a fixed order.
func builtIn() []hostmod.Import {
	var list []hostmod.Import
	hostmod.BuiltIn(func(module, name, types string) { list = append(list, imported(module, name, types)) })
	sort.Slice(list, func(i, k int) bool {
		a, b := list[i], list[k]
		return strings.Compare(a.Module+"."+a.Name+string(a.Params), b.Module+"."+b.Name+string(b.Params)) < 0
	})
	return list
}

func TestBuiltInIsFound(t *testing.T) {
	list := builtIn()
	require.Greater(t, len(list), 150)
	links := hostmod.Link(list)
	for i, im := range list {
		require.NotEqual(t, hostmod.Stub, links.Family(i), "%s.%s", im.Module, im.Name)
		module, _ := links.Target(i)
		require.Equal(t, "host", module, "%s.%s", im.Module, im.Name)
	}
	require.Empty(t, links.Missing())
}

// With other types than it knows each function is a stub.
func TestOtherTypesAreStubs(t *testing.T) {
	for _, im := range builtIn() {
		types := "jjj:j"
		switch {
		case strings.HasPrefix(im.Name, "__cxa_"), strings.HasPrefix(im.Name, "cxa_"), strings.HasPrefix(im.Name, "_emval_"),
			im.Name == "resumeException", im.Name == "throw_exception_with_stack_trace", im.Name == "llvm_eh_typeid_for", im.Name == "abortOnCannotGrowMemory":
			continue // traps by name, whatever the types
		}
		links := hostmod.Link([]hostmod.Import{imported(im.Module, im.Name, types)})
		require.Equal(t, []int{0}, links.Missing(), "%s.%s", im.Module, im.Name)
	}
}

// corners are arguments at which something ends.
var corners = []uint64{0, 1, 2, 3, 4, 5, 64, 65531, 65532, 65533, 65535, 65536, 65537, 1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 8, 1<<32 - 4, 1<<32 - 1,
	api.EncodeF64(1.5), api.EncodeF64(-1), 0x7ff8000000000000, 0x7ff0000000000000, 1 << 63, 1<<64 - 1}

// hostile calls functions with the arguments that pick chooses, and requires of each that
// it returns or ends by an error that says what was wrong.
func hostile(t *testing.T, g *guest, imports []hostmod.Import, i int, pick func() uint64) {
	args := make([]uint64, len(imports[i].Params))
	for k, p := range imports[i].Params {
		if args[k] = pick(); p == api.ValueTypeI32 {
			args[k] &= 0xffffffff
		}
	}
	_, err := g.call(itoa(i), args...)
	if err != nil {
		require.NotContains(t, err.Error(), "Go runtime stack trace", "%s%v", imports[i].Name, args)
		require.Less(t, len(err.Error()), 64<<10)
	}
}

func TestHostileArguments(t *testing.T) {
	imports := builtIn()
	for _, m := range []*module{{imports: imports, pages: 1, max: 2}, {imports: imports}} {
		g := instantiate(t, m, &hostmod.Env{})[0]
		random := rand.New(rand.NewSource(1))
		for i := range imports {
			for range 200 {
				hostile(t, g, imports, i, func() uint64 { return corners[random.Intn(len(corners))] })
			}
		}
	}
}

func FuzzArguments(f *testing.F) {
	imports := builtIn()
	g := start(f, &hostmod.Env{}, imports...)
	f.Add(0, uint64(0), uint64(1), uint64(2), uint64(3), uint64(4), []byte("text"))
	f.Add(9, uint64(65535), uint64(1<<32-1), uint64(2), uint64(3), uint64(4), []byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, i int, a, b, c, d, e uint64, memory []byte) {
		g.t = t
		g.mem.Write(0, memory[:min(len(memory), 65536)])
		args, next := []uint64{a, b, c, d, e}, 0
		hostile(t, g, imports, int(uint(i)%uint(len(imports))), func() uint64 { next++; return args[next%len(args)] })
	})
}
