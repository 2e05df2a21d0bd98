package hostile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/testdata/wasm/hostile"
)

func TestGuests(t *testing.T) {
	names, modules := map[string]bool{}, map[string]string{}
	for _, g := range hostile.Guests() {
		require.NotEmpty(t, g.Name)
		require.False(t, names[g.Name], "two guests are called %s", g.Name)
		names[g.Name] = true
		require.Empty(t, modules[string(g.Wasm)], "%s is the same as another", g.Name)
		modules[string(g.Wasm)] = g.Name
		require.Regexp(t, `^[A-Z_a-z0-9].*: .*\.$`, g.What, g.Name)
		require.NotContains(t, g.What, ";;", g.Name)
	}
	require.Greater(t, len(names), 60)
}

// What is said to be invalid is refused by the engine, and everything else is valid, but where validation is what it attacks.
func TestEngine(t *testing.T) {
	features := api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall |
		experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesExceptionHandling | experimental.CoreFeaturesTypedFunctionReferences
	rt := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features))
	defer func() { require.NoError(t, rt.Close(t.Context())) }()
	for _, g := range hostile.Guests() {
		switch {
		case strings.HasPrefix(g.Name, "bomb_"), strings.HasPrefix(g.Name, "table"), strings.HasPrefix(g.Name, "names_claim"): // of which it takes long, or asks for as much as they claim
			continue
		}
		m, err := rt.CompileModule(t.Context(), g.Wasm)
		if g.Invalid {
			require.Error(t, err, g.Name)
			continue
		}
		require.NoError(t, err, g.Name)
		_, ok := m.ExportedFunctions()["attack"]
		_, constructor := m.ExportedFunctions()["_initialize"]
		require.True(t, ok || constructor || strings.Contains(g.Name, "start"), "%s does not attack", g.Name)
		require.NoError(t, m.Close(t.Context()))
	}
}

func BenchmarkGuests(b *testing.B) {
	for b.Loop() {
		hostile.Guests()
	}
}
