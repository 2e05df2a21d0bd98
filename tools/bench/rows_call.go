package main

import "github.com/wasmffi/go/memview"

// Names of rows that others are compared with.
const (
	cgoRow      = "cgo"
	unrolledRow = "cgo, 8 partial sums by hand"
	plainRow    = "plain Go loop"
)

// sink keeps results alive, so that no call is optimized away.
//
//lint:ignore U1000 it is there to be written to
var sink float64

const dotSig = "dot(x: f64[n], y: f64[n], n: size) -> f64"

var callGroups = []group{
	{"call", "overhead of a call: dot(x, y) of no elements, arrays resident", callRows},
}

func callRows(e *env) ([]row, func(), error) {
	a, err := e.arrays(64, 64)
	if err != nil {
		return nil, nil, err
	}
	x, y := a.f64(0), a.f64(1)
	rows := []row{
		{name: cgoRow, batch: ifNative(func(n int) {
			for range n {
				sink = nativeDot(&x[0], &y[0], 0)
			}
		})},
	}
	dot, err := e.lib.Func(dotSig)
	if err != nil {
		return nil, nil, err
	}
	// Arrays that the library allocated itself, as programs have them.
	gx, err := e.lib.Empty(memview.F64, 0)
	if err != nil {
		return nil, nil, err
	}
	gy, err := e.lib.Empty(memview.F64, 0)
	if err != nil {
		return nil, nil, err
	}
	rows = append(rows, row{
		name: "wasmffi, checked call", allocs: true,
		targets: []target{{against: cgoRow, must: 3, goal: 2}},
		batch: timed(func(n int) {
			for range n {
				r, err := dot.Call(ctx, gx, gy)
				if err != nil {
					panic(err)
				}
				sink = r.Float64()
			}
		}),
	})
	prepared, err := dot.Prepare(gx, gy)
	if err != nil {
		return nil, nil, err
	}
	rows = append(rows, row{
		name: "wasmffi, prepared call", allocs: true,
		targets: []target{{against: cgoRow, must: 1.5, goal: 1}},
		batch: timed(func(n int) {
			for range n {
				r, err := prepared.Call(ctx)
				if err != nil {
					panic(err)
				}
				sink = r.Float64()
			}
		}),
	})
	raw := e.export("dot")
	rows = append(rows, row{
		name: "bare wazero, CallWithStack", allocs: true,
		batch: timed(func(n int) {
			for range n {
				raw.stack[0], raw.stack[1], raw.stack[2] = uint64(a.rawPtr(0)), uint64(a.rawPtr(1)), 0
				if err := raw.fn.CallWithStack(ctx, raw.stack[:]); err != nil {
					panic(err)
				}
				sink = raw.float64()
			}
		}),
	}, row{
		name: "Go function, not inlined", allocs: true,
		batch: timed(func(n int) {
			for range n {
				sink = plainDot(x[:0], y[:0])
			}
		}),
	})
	return rows, func() {
		must(0, e.lib.Free(gx))
		must(0, e.lib.Free(gy))
		a.free()
	}, nil
}

// ifNative is a batch of a cgo row, or none in a program without cgo.
func ifNative(op func(n int)) batch {
	if !haveNative {
		return nil
	}
	return timed(op)
}
