package hostmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// While constructors run, one import whose name is minified and not known is told by what it is called with; all others are
// stubs, and so is that one afterwards.
func TestUnnamedImports(t *testing.T) {
	for _, c := range []struct {
		name, module, types string
		args                []uint64
		want                []uint64
		fails               bool
	}{
		{"environ_sizes_get", "a", "ii:i", []uint64{1028, 1024}, []uint64{52}, false},
		{"two numbers", "a", "ii:i", []uint64{11, 4}, nil, true},
		{"other order", "a", "ii:i", []uint64{1024, 1028}, nil, true},
		{"not aligned", "a", "ii:i", []uint64{1026, 1022}, nil, true},
		{"NULL", "a", "ii:i", []uint64{4, 0}, nil, true},
		{"embind", "a", "iiiii:", []uint64{1, 2, 3, 4, 5}, nil, true},
		{"abort", "a", ":", nil, nil, true},
		{"a result", "a", "i:i", []uint64{1}, nil, true},
		{"another module", "b", "i:", []uint64{1}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			unresolved := "unresolved import " + c.module + ".x"
			env := &hostmod.Env{Constructing: true}
			g := start(t, env, imported(c.module, "x", c.types))
			require.Equal(t, []int{0}, g.links.Missing())
			if c.fails {
				require.ErrorContains(t, g.fails(c.args...), unresolved)
				return
			}
			got, err := g.call("0", c.args...)
			require.NoError(t, err)
			require.ElementsMatch(t, c.want, got)
			env.Constructing = false
			require.ErrorContains(t, g.fails(c.args...), unresolved)
		})
	}
}
