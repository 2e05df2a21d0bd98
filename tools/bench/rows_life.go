package main

import (
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

var lifeGroups = []group{
	{"instance", "a new library of a module that is there, memory limit 256 MiB: instantiate and close", instanceRows},
	{"compile", fmt.Sprintf("load: compile a module of %d KiB without a cache, and close it", len(wasm.Vec)>>10), compileRows},
}

func instanceRows(e *env) ([]row, func(), error) {
	module, err := wasmffi.Compile(ctx, wasm.Vec, &wasmffi.Options{Limits: wasmffi.Limits{Memory: 256 << 20}})
	if err != nil {
		return nil, nil, err
	}
	code, err := e.engine.CompileModule(ctx, wasm.Vec)
	if err != nil {
		return nil, nil, err
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	return []row{
		{name: "wasmffi", targets: []target{{must: 150, goal: 100}}, batch: timed(func(n int) {
			for range n {
				must(0, must(module.Instantiate(ctx)).Close())
			}
		})},
		{name: "bare wazero, memory on the Go heap", batch: timed(func(n int) {
			for range n {
				must(0, must(e.engine.InstantiateModule(ctx, code, config)).Close(ctx))
			}
		})},
	}, func() { must(0, module.Close()) }, nil
}

func compileRows(e *env) ([]row, func(), error) {
	return []row{
		{name: "wasmffi", batch: timed(func(n int) {
			for range n {
				must(0, must(wasmffi.Compile(ctx, wasm.Vec, nil)).Close())
			}
		})},
		{name: "bare wazero", batch: timed(func(n int) {
			for range n {
				r := wazero.NewRuntime(ctx)
				must(r.CompileModule(ctx, wasm.Vec))
				must(0, r.Close(ctx))
			}
		})},
	}, func() {}, nil
}
