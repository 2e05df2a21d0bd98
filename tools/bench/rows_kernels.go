package main

import "slices"

// kernelGroups compare kernels on resident arrays. Those named L2 have 256 or 384 KiB in all, which stays in the second-level
// cache of any current machine.
var kernelGroups = []group{
	{"dot-1024", "dot, 1024 elements (16 KiB)", dotKernel.rows(1024, target{against: cgoRow, must: 1.6, goal: 1.25})},
	{"dot-131072", "dot, 131072 elements (2 MiB)", dotKernel.rows(131072, target{against: cgoRow, must: 1.6, goal: 1.25})},
	{"dot-1048576", "dot, 1048576 elements (16 MiB)", dotKernel.rows(1<<20, target{against: cgoRow, must: 1.3, goal: 1.15}, target{against: plainRow, must: 0.5})},
	{"sum", "sum in L2, 32768 f64", sumKernel.rows(32768, target{against: cgoRow, must: 1.8, goal: 1.3})},
	{"dot", "dot in L2, 16384 f64", dotKernel.rows(16384, target{against: cgoRow, must: 1.6, goal: 1.25})},
	{"saxpy", "saxpy in L2, 32768 f32", saxpyKernel.rows(32768, target{against: cgoRow, must: 1.5, goal: 1.2})},
	{"stencil3", "stencil3 in L2, 16384 f64", stencilKernel.rows(16384, target{against: cgoRow, must: 1.9, goal: 1.5})},
	{"matmul", "matmul in L2, 128 x 128 f64", matmulKernel.rows(128, target{against: cgoRow, must: 2, goal: 1.6})},
}

// rows are the implementations of a kernel on n elements.
func (k kernel) rows(n int, targets ...target) func(*env) ([]row, func(), error) {
	return func(e *env) ([]row, func(), error) {
		a, calls, err := k.setup(e, n)
		if err != nil {
			return nil, nil, err
		}
		repeat := func(call func() float64) func(int) {
			return func(n int) {
				for range n {
					sink = call()
				}
			}
		}
		if calls.unrolled != nil {
			// What C can do, next to what its compilers do: no target, but nobody should take one for the other.
			targets = append(slices.Clip(targets), target{against: unrolledRow})
		}
		rows := []row{
			{name: cgoRow, batch: ifNative(repeat(calls.native))},
			{name: "wasmffi", batch: timed(repeat(calls.guest)), allocs: true, targets: targets},
			{name: "bare wazero", batch: timed(repeat(calls.raw))},
			{name: plainRow, batch: timed(repeat(calls.plain))},
		}
		if calls.unrolled != nil {
			rows = slices.Insert(rows, 1, row{name: unrolledRow, batch: ifNative(repeat(calls.unrolled))})
		}
		return rows, a.free, nil
	}
}
