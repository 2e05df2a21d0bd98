package main

import (
	"context"
	"errors"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

var callbackGroups = []group{
	{"callback", "a call of the guest's with 1,000 calls of a Go function in it: microseconds are nanoseconds a callback", callbackRows},
}

const (
	applySig = "apply(f: func(f64) -> f64, x: inout f64[n], n: size)"
	rk4Sig   = "rk4(f: func(f64, f64[n], f64[n]), y: inout f64[n], n: size, t0: f64, t1: f64, steps: i32) where steps > 0"
)

// callbackRows call Go functions of several types. A callback may take 300 ns.
func callbackRows(*env) ([]row, func(), error) {
	m, err := wasmffi.Compile(ctx, wasm.Callback, nil)
	if err != nil {
		return nil, nil, err
	}
	lib, err := m.Instantiate(ctx)
	if err != nil {
		return nil, nil, err
	}
	x := must(lib.Array(make([]float64, 1000)))
	y := must(lib.Array([]float64{1, 0}))
	apply, rk4 := must(lib.Func(applySig)), must(lib.Func(rk4Sig))
	overX := func(fn any) func(n int) {
		cb := must(lib.Callback("func(f64) -> f64", fn))
		return func(n int) {
			for range n {
				must(apply.Call(ctx, cb, x))
			}
		}
	}
	swing := must(lib.Callback("func(f64, f64[2], f64[2])", func(_ float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] }))
	limit := []target{{must: 300, goal: 100}}
	rows := []row{
		{name: "func(float64) float64", allocs: true, targets: limit, batch: timed(overX(func(x float64) float64 { return x }))},
		{name: "func(*Args) error", allocs: true, targets: limit, batch: timed(overX(func(a *wasmffi.Args) error { a.SetFloat64(a.Float64(0)); return nil }))},
		{name: "func(t float64, y, dy []float64)", allocs: true, targets: limit, batch: timed(func(n int) {
			for range n {
				must(rk4.Call(ctx, swing, y, 0.0, 1.0, 250)) // four callbacks a step
			}
		})},
		{name: "func(context.Context, float64) float64, by reflection", allocs: true, targets: []target{{garbage: true}},
			batch: timed(overX(func(_ context.Context, x float64) float64 { return x }))},
	}
	return rows, func() { must(0, errors.Join(lib.Close(), m.Close())) }, nil
}
