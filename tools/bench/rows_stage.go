package main

import "github.com/wasmffi/go/memview"

const stageRow = "copy + resident call"

var stageGroups = []group{
	{"stage-8M", "a Go slice of 8 MiB as an argument of sum", stageRows(1 << 20)},
	{"stage-64K", "a Go slice of 64 KiB as an argument of sum", stageRows(1 << 13)},
}

// stageRows compare passing a Go slice with what it comes down to: a copy into memory that is there, and a call.
func stageRows(n int) func(*env) ([]row, func(), error) {
	return func(e *env) ([]row, func(), error) {
		a, err := e.arrays(8 * n)
		if err != nil {
			return nil, nil, err
		}
		a.fill(0, memview.F64, 1)
		x, guest := a.f64(0), a.array(0, memview.F64, n)
		there, err := memview.Slice[float64](guest)
		if err != nil {
			a.free()
			return nil, nil, err
		}
		sum, err := e.lib.Func(sumKernel.sig)
		if err != nil {
			a.free()
			return nil, nil, err
		}
		return []row{
			{name: stageRow, batch: timed(func(k int) {
				for range k {
					copy(there, x)
					sink = must(sum.Call(ctx, guest)).Float64()
				}
			})},
			{name: "wasmffi, slice staged", allocs: true, targets: []target{{against: stageRow, garbage: true, must: 1.1}}, batch: timed(func(k int) {
				for range k {
					sink = must(sum.Call(ctx, x)).Float64()
				}
			})},
			{name: "resident call alone", batch: timed(func(k int) {
				for range k {
					sink = must(sum.Call(ctx, guest)).Float64()
				}
			})},
		}, a.free, nil
	}
}
