package wasmffi_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/loader/wasmbin"
)

// stillJudged wants of a module that the engine accepts it metered if and only if it accepts it as it is. So no net below is
// needed: a host may meter first and leave all else to the engine. How the engine reads custom sections that are
// not what it expects depends on what follows them: that is not counted.
func stillJudged(before, after wazero.Runtime, code []byte) (accepted bool, size int, err error) {
	refused := compiles(before, code)
	metered, err := meterCode(code, wasmbin.MeterOptions{})
	switch {
	case err != nil && refused == nil:
		return false, 0, err
	case err != nil:
		return false, 0, nil
	}
	now := compiles(after, metered.code)
	if (refused == nil) != (now == nil) {
		err := errors.Join(errors.New("judged in two ways"), refused, now)
		if strings.Contains(err.Error(), "custom section") || strings.Contains(err.Error(), "section custom") {
			err = nil
		}
		return false, 0, err
	}
	return refused == nil, len(metered.code), nil
}

// TestMeterCorpusEngine meters all modules in the source of the engine: what it accepted it still compiles, and what it refused
// it still refuses.
func TestMeterCorpusEngine(t *testing.T) {
	before := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(everyFeature))
	defer func() { require.NoError(t, before.Close(bg)) }()
	after := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(everyFeature))
	defer func() { require.NoError(t, after.Close(bg)) }()
	modules, accepted, large, larger := 0, 0, 0, 0
	for _, path := range corpus(t) {
		code, err := os.ReadFile(path)
		require.NoError(t, err)
		ok, size, err := stillJudged(before, after, code)
		require.NoError(t, err, path)
		modules++
		if ok {
			accepted++
		}
		if ok && len(code) > 100_000 {
			m, err := wasmbin.Decode(code)
			require.NoError(t, err)
			m.DropCustoms(".debug_")
			large, larger = large+len(m.Encode()), larger+size
		}
	}
	t.Logf("%d of %d modules accepted before and after", accepted, modules)
	if large > 0 {
		t.Logf("those above 100,000 bytes grow from %d to %d bytes: %.2fx", large, larger, float64(larger)/float64(large))
	}
	require.Positive(t, accepted)
}

// TestMeterMutatedEngine changes bytes of small modules, and wants that metering makes none of them valid, or invalid.
func TestMeterMutatedEngine(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	r := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(everyFeature))
	defer func() { require.NoError(t, r.Close(bg)) }()
	valid, invalid := 0, 0
	for _, path := range corpus(t) {
		code, err := os.ReadFile(path)
		require.NoError(t, err)
		if _, err := meterCode(code, wasmbin.MeterOptions{}); err != nil || len(code) > 1500 || len(code) < 20 {
			continue
		}
		for range 20 {
			b := mutated(rng, code)
			if _, err := meterCode(b, wasmbin.MeterOptions{}); err != nil || !tame(b) {
				continue
			}
			ok, _, err := stillJudged(r, r, b)
			require.NoError(t, err, "%s: %x", path, b)
			if ok {
				valid++
			} else {
				invalid++
			}
		}
	}
	t.Logf("%d valid, %d invalid modules", valid, invalid)
	require.Positive(t, valid)
	require.Positive(t, invalid)
}
