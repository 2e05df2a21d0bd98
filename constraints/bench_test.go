package constraints_test

import (
	"testing"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// benchmarkCall measures what a host does for each call, without what fills in the arrays.
func benchmarkCall(b *testing.B, sig string, arrays ...memview.Array) {
	c := compile(b, sig)
	state := c.NewBinding()
	nargs := 0
	var derived []int
	for i := range c.Signature().Params {
		if c.Role(i) == constraints.Derived {
			derived = append(derived, i)
		} else {
			nargs++
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if e := c.Start(state, nargs); e != nil {
			b.Fatal(e)
		}
		copy(state.Arrays, arrays)
		if e := c.Check(state); e != nil {
			b.Fatal(e)
		}
		for _, i := range derived {
			if _, e := c.Value(state, i); e != nil {
				b.Fatal(e)
			}
		}
	}
}

func BenchmarkCallDot(b *testing.B) {
	benchmarkCall(b, "dot(x: f64[n], y: f64[n], n: size) -> f64", guest(b, memview.F64, 128), guest(b, memview.F64, 128))
}

func BenchmarkCallMatMul(b *testing.B) {
	benchmarkCall(b, "mm(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size) where m*n >= 1, k >= 1",
		guest(b, memview.F64, 2, 3), guest(b, memview.F64, 3, 4), guest(b, memview.F64, 2, 4))
}

func BenchmarkCallRefused(b *testing.B) {
	c := compile(b, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	x, y := guest(b, memview.F64, 128), guest(b, memview.F64, 126)
	state := c.NewBinding()
	b.ReportAllocs()
	for b.Loop() {
		if e := c.Start(state, 2); e != nil {
			b.Fatal(e)
		}
		state.Arrays[0], state.Arrays[1] = x, y
		if e := c.Check(state); e == nil || e.Error() == "" {
			b.Fatal("want an error")
		}
	}
}
