package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

var lifeGroups = []group{
	{"instance", "a new library of a module that is there, memory limit 256 MiB: instantiate and close", instanceRows},
	{"reset-128K", "back to a snapshot: a memory of 128 KiB, one page written since", resetRows(128 << 10)},
	{"reset-64M", "back to a snapshot: a memory of 64 MiB, one page written since", resetRows(64 << 20)},
	{"map", "a file of 256 MiB that nobody changes, visible in the guest: map and free", mapRows},
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

// memoryOnly is a module that is a memory of so many bytes and nothing else.
func memoryOnly(size int) []byte {
	pages := binary.AppendUvarint(nil, uint64(size>>16))
	b := append([]byte("\x00asm\x01\x00\x00\x00\x05"), byte(2+len(pages)), 1, 0)
	return append(b, pages...)
}

func resetRows(size int) func(*env) ([]row, func(), error) {
	return func(*env) ([]row, func(), error) {
		module, err := wasmffi.Compile(ctx, memoryOnly(size), nil)
		if err != nil {
			return nil, nil, err
		}
		lib := must(module.Instantiate(ctx))
		dirty := func(lib *wasmffi.Library) { must(lib.Memory().Bytes(4096, 1))[0]++ }
		from, to := must(lib.Memory().Bytes(0, uint32(size))), make([]byte, size)
		for i := 0; i < size; i += 4096 {
			from[i] = 1 // a page that is there
		}
		snapshot := must(lib.Snapshot())
		return []row{
			{name: "wasmffi, Reset", batch: timed(func(n int) {
				for range n {
					dirty(lib)
					must(0, lib.Reset(ctx, snapshot))
				}
			})},
			{name: "copy of the whole memory", batch: timed(func(n int) {
				for range n {
					copy(to, from)
				}
			})},
			{name: "wasmffi, a new library", batch: timed(func(n int) {
				for range n {
					fresh := must(module.Instantiate(ctx))
					dirty(fresh)
					must(0, fresh.Close())
				}
			})},
		}, func() { must(0, errors.Join(snapshot.Close(), lib.Close(), module.Close())) }, nil
	}
}

func mapRows(*env) ([]row, func(), error) {
	const size = 256 << 20
	f, err := os.CreateTemp("", "wasmffi-bench")
	if err != nil {
		return nil, nil, err
	}
	err = errors.Join(os.Remove(f.Name()), f.Truncate(size))
	if err != nil {
		return nil, nil, err
	}
	module, err := wasmffi.Compile(ctx, wasm.Vec, &wasmffi.Options{Limits: wasmffi.Limits{Memory: 1 << 30}})
	if err != nil {
		return nil, nil, err
	}
	lib := must(module.Instantiate(ctx))
	return []row{
		{name: "wasmffi, MapFile, Immutable", targets: []target{{must: 1000, goal: 100}}, batch: timed(func(n int) {
			for range n {
				a := must(lib.MapFile(f, memview.F64, []int{size / 8}, &wasmffi.MapOptions{Immutable: true}))
				must(0, lib.Free(a))
			}
		})},
	}, func() { must(0, errors.Join(lib.Close(), module.Close(), f.Close())) }, nil
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
