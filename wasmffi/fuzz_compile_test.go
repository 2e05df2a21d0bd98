package wasmffi_test

import (
	"context"
	"testing"
	"time"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// FuzzCompile gives the loader whatever there is, and uses what it takes: errors, and
// never a panic.
func FuzzCompile(f *testing.F) {
	for _, code := range [][]byte{nil, binary(), wasm.Ctor, wasm.Exit, wasm.Imports, wasm.Data, relocatable(), starting(starts["start section"]), starting(starts["constructor"])} {
		f.Add(code)
	}
	for _, code := range claims() {
		f.Add(code)
	}
	o := hostile(wasmffi.NewCache(0))
	o.Limits.Memory = 1 << 20
	f.Fuzz(func(t *testing.T, code []byte) {
		ctx, cancel := context.WithTimeout(bg, 100*time.Millisecond)
		defer cancel()
		m, err := wasmffi.Compile(ctx, code, o)
		if err != nil {
			return
		}
		if lib, err := m.Instantiate(ctx); err == nil {
			exercise(ctx, lib)
			if err := lib.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
}
