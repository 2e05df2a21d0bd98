package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// ctx of all calls: a background context, as programs that do not bound their calls have it.
var ctx = context.Background()

// env is what the groups share: the same module once through wasmffi and once in the bare engine.
type env struct {
	module *wasmffi.Module
	lib    *wasmffi.Library
	engine wazero.Runtime
	raw    api.Module
	python string // empty: to be found

	recipes string // the folder with third-party libraries; empty: there is none
}

func open(python, recipes string) (*env, error) {
	e := &env{python: python, recipes: recipes}
	var err error
	if e.module, err = wasmffi.Compile(ctx, wasm.Vec, nil); err != nil {
		return nil, err
	}
	if e.lib, err = e.module.Instantiate(ctx); err != nil {
		return nil, err
	}
	e.engine = wazero.NewRuntime(ctx)
	config := wazero.NewModuleConfig().WithStartFunctions("_initialize")
	if e.raw, err = e.engine.InstantiateWithConfig(ctx, wasm.Vec, config); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *env) close() error {
	return errors.Join(e.lib.Close(), e.module.Close(), e.engine.Close(ctx))
}

// engineFunc is an export in the bare engine, with its stack.
type engineFunc struct {
	fn    api.Function
	stack [8]uint64
}

func (e *env) export(name string) *engineFunc { return &engineFunc{fn: e.raw.ExportedFunction(name)} }

// call calls the function and returns its result as a float.
func (f *engineFunc) call(args ...uint64) float64 {
	copy(f.stack[:], args)
	if err := f.fn.CallWithStack(ctx, f.stack[:]); err != nil {
		panic(err)
	}
	return f.float64()
}

// float64 is the result of the call that ended last.
func (f *engineFunc) float64() float64 { return math.Float64frombits(f.stack[0]) }

func (e *env) engineMalloc(n uint64) (uint32, error) {
	out, err := e.raw.ExportedFunction("malloc").Call(ctx, n)
	if err == nil && out[0] == 0 {
		err = fmt.Errorf("malloc(%d) in the bare engine returned NULL", n)
	}
	if err != nil {
		return 0, err
	}
	return uint32(out[0]), nil
}

func (e *env) engineFree(p uint32) {
	must(e.raw.ExportedFunction("free").Call(ctx, uint64(p)))
}

// must is for operations inside of a batch, which has nobody to tell. An error there is a bug of
// this program.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
