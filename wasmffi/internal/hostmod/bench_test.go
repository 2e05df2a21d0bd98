package hostmod_test

import (
	"context"
	"testing"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

func BenchmarkCall(b *testing.B) {
	env := &hostmod.Env{}
	for _, c := range []struct {
		name string
		m    *module
		args []uint64
	}{
		{"memcpy of 64 bytes", &module{imports: []hostmod.Import{imported("env", "emscripten_memcpy_js", "iii:")}, pages: 1, max: 1}, []uint64{0, 64, 64}},
		{"clock", &module{imports: []hostmod.Import{imported("env", "emscripten_get_now", ":d")}}, []uint64{0}},
		{"invoke", invoking(fn{"f", "i:i", cat(opLocalGet, 0)}, stackSave, stackRestore, setThrew), []uint64{5, 21}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx := context.Background()
			f, stack := instantiate(b, c.m, env)[0].inst.ExportedFunction("0"), make([]uint64, 3)
			b.ReportAllocs()
			for b.Loop() {
				copy(stack, c.args)
				if err := f.CallWithStack(ctx, stack); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
