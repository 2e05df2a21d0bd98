package wasmffi_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/testdata/wasm"
)

// FuzzMeterEngine meters what may be no module: the engine must accept it if and only if it accepts it as it is. See
// wasmbin.FuzzMeter for what the rewriter promises beside.
func FuzzMeterEngine(f *testing.F) {
	for _, code := range [][]byte{wasm.Ctor, wasm.Exit, wasm.Mem, relocatable(), runaways(), slowly(), starting(starts["start section"])} {
		f.Add(code)
	}
	for i, path := range corpus(f) {
		if code, err := os.ReadFile(path); err == nil && len(code) < 1000 && i%7 == 0 {
			f.Add(code)
		}
	}
	r := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(everyFeature))
	f.Cleanup(func() { require.NoError(f, r.Close(bg)) })
	f.Fuzz(func(t *testing.T, code []byte) {
		if len(code) > 1<<16 || !tame(code) { // which the engine must not see
			return
		}
		m, err := wasmbin.Decode(code)
		require.NoError(t, err)
		m.DropCustoms("") // for what they say that they have, the engine takes memory
		code = m.Encode()
		if _, err := meterCode(code, wasmbin.MeterOptions{}); err != nil {
			return // an index that the engine does not look at, such as the type of a null reference; TestMeterCorpusEngine has valid ones
		}
		_, _, err = stillJudged(r, r, code)
		require.NoError(t, err)
	})
}
