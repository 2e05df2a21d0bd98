package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/testdata/wasm"
)

// The arguments of a call stay on the stack as long as nothing in Call makes
// them escape: a method call on one, %T, reflection. It must stay so.
func TestCallAllocatesNothing(t *testing.T) {
	lib := open(t, wasm.Vec)
	x, y, z := array(t, lib, []float64{1, 2, 3}), array(t, lib, []float64{4, 5, 6}), array(t, lib, []float64{0, 0, 0})
	dot := bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	daxpy := bind(t, lib, "daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])")
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	for name, call := range map[string]func() error{
		"two arrays and a derived size": func() error {
			r, err := dot.Call(bg, x, y)
			_ = r.Float64()
			return err
		},
		"a number and an inout array": func() error { _, err := daxpy.Call(bg, 2.5, x, y); return err },
		"an integer for a float":      func() error { _, err := daxpy.Call(bg, 2, x, y); return err },
		"an out array": func() error {
			r, err := stencil.Call(bg, x, z)
			_ = r.Out("y")
			return err
		},
	} {
		require.NoError(t, call(), name)
		require.Zero(t, testing.AllocsPerRun(200, func() {
			if err := call(); err != nil {
				panic(err)
			}
		}), name)
	}
}

func BenchmarkCall(b *testing.B) {
	lib := open(b, wasm.Vec)
	dot := bind(b, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	x := array(b, lib, []float64{})
	b.Run("resident, n=0", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := dot.Call(bg, x, x); err != nil {
				b.Fatal(err)
			}
		}
	})
	s := []float64{1, 2, 3}
	b.Run("staged, n=3", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := dot.Call(bg, s, s); err != nil {
				b.Fatal(err)
			}
		}
	})
}
