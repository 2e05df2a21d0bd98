package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Rows of what it costs that a call can be stopped. All are prepared calls of package wasmffi on arrays in the guest,
// so that the ratios are those of the guest's code.
const (
	unmeteredRow = "unmetered"
	meteredRow   = "metered"
	engineRow    = "wazero, WithCloseOnContextDone"
)

// instances is how many a row has, each of its own machine code. Where code and memory lie makes some functions, metered or not, slower by the half
// or more.
const instances = 6

// stoppable is the context of these calls, which nobody ends.
var stoppable, _ = context.WithCancel(context.Background())

// subject is a function whose price is measured.
type subject struct {
	code   []byte
	sig    string
	args   func(lib *wasmffi.Library) []any
	limits target

	options wasmffi.Options // with the C names of a library that was minified

	// In the engine alone. Empty raw: it is left out.
	raw         string // sig by the names that the module itself has
	rawArgs     func(lib *wasmffi.Library) []any
	constructor string
}

// kernelLimits are what a kernel may cost, libraryLimits what a library may.
var (
	kernelLimits  = target{against: unmeteredRow, must: 1.45, goal: 1.2}
	libraryLimits = target{against: unmeteredRow, must: 1.2, goal: 1.05}
)

// meterKernelGroups are the kernels of the fixture vec, and a call tree.
func meterKernelGroups() (list []group) {
	add := func(name, sig string, code []byte, args func(lib *wasmffi.Library) []any) {
		s := subject{code: code, sig: sig, raw: sig, args: args, rawArgs: args, limits: kernelLimits}
		list = append(list, group{name: "meter-" + name, title: "what it costs that a call can be stopped: " + name, rows: s.rows})
	}
	for _, n := range []int{1024, 131072} {
		f64, f32 := make([]float64, n), make([]float32, n)
		for i := range n {
			f64[i], f32[i] = 1+float64(i%64)/64, 1+float32(i%64)/64
		}
		add(fmt.Sprint("dot-", n), dotSig, wasm.Vec, inGuest(f64, f64))
		add(fmt.Sprint("sum-", n), "sum(x: f64[n], n: size) -> f64", wasm.Vec, inGuest(f64))
		add(fmt.Sprint("saxpy-", n), "saxpy(n: size, a: f32, x: f32[n], y: inout f32[n])", wasm.Vec, inGuest(0.0, f32, f32))
		add(fmt.Sprint("stencil3-", n), "stencil3(x: f64[n], y: out f64[n], n: size)", wasm.Vec, inGuest(f64, f64))
		add(fmt.Sprint("prefix-", n), "prefix_sum(x: i64[n], y: out i64[n], n: size)", wasm.Vec, inGuest(make([]int64, n), make([]int64, n)))
		add(fmt.Sprint("histogram-", n), "histogram(x: u8[n], n: size, bins: out u32[256])", wasm.Vec, inGuest(make([]uint8, n), make([]uint32, 256)))
	}
	square := matrix(make([]float64, 128*128), 128, 128)
	add("matmul-128", "matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)", wasm.Vec, inGuest(square, square, square))
	for _, channels := range []int{1, 3} {
		image := matrix(make([]uint8, 120*160*channels), 120, 160, channels)
		add(fmt.Sprint("blur-", channels), "blur(img: inout u8[h,w,c], h: size, w: size, c: size) -> i32 ok(0)", wasm.Vec, inGuest(image))
	}
	add("fib-25", "fib(n: i32) -> i32", fib(), inGuest(25))
	return list
}

// matrix is a slice with a shape.
func matrix[T memview.Elem](x []T, shape ...int) memview.Array {
	return must(memview.FromSlice(x, shape...))
}

// inGuest are arguments of which arrays lie in the guest's memory.
func inGuest(args ...any) func(*wasmffi.Library) []any {
	return func(lib *wasmffi.Library) []any {
		list := make([]any, len(args))
		for i, a := range args {
			switch a.(type) {
			case int, float64:
				list[i] = a
			default:
				list[i] = must(lib.Array(a))
			}
		}
		return list
	}
}

// fib is a module with a call tree without loops: fib(n) = n < 2 ? n : fib(n-1) + fib(n-2).
func fib() []byte {
	m := must(wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00")))
	i32 := []wasmbin.ValueType{wasmbin.I32}
	f := must(m.AppendFunction(m.AppendType(wasmbin.FuncType{Params: i32, Results: i32}),
		[]byte("\x00\x20\x00\x41\x02\x48\x04\x7f\x20\x00\x05\x20\x00\x41\x01\x6b\x10\x00\x20\x00\x41\x02\x6b\x10\x00\x6a\x0b\x0b")))
	must(m.AppendExport(wasmbin.Export{Name: "fib", Kind: wasmbin.KindFunc, Index: f}))
	return m.Encode()
}

// rows are the function with and without checks, and with those of the engine.
func (s subject) rows(*env) ([]row, func(), error) {
	var ends []func() error
	done := func() {
		for _, end := range ends {
			must(0, end())
		}
	}
	// each makes instances, of which the batches take turns.
	each := func(sig string, args func(*wasmffi.Library) []any, instance func() (*wasmffi.Library, error)) (batch, error) {
		var calls []*wasmffi.Prepared
		for range instances {
			lib, err := instance()
			if err != nil {
				return nil, err
			}
			ends = append(ends, lib.Close)
			f, err := lib.Func(sig)
			if err != nil {
				return nil, err
			}
			p, err := f.Prepare(args(lib)...)
			if err != nil {
				return nil, err
			}
			calls = append(calls, p)
		}
		next := 0
		return func(n int) time.Duration {
			p := calls[next%len(calls)]
			next++
			must(p.Call(stoppable)) // what another has taken out of the caches
			return timed(func(n int) {
				for range n {
					must(p.Call(stoppable))
				}
			})(n)
		}, nil
	}
	ours := func(unmetered bool) (batch, error) {
		o := s.options
		o.Unmetered = unmetered
		return each(s.sig, s.args, func() (*wasmffi.Library, error) {
			o.Cache = wasmffi.NewCache(0)
			m, err := wasmffi.Compile(ctx, s.code, &o)
			if err != nil {
				return nil, err
			}
			defer m.Close()
			return m.Instantiate(ctx)
		})
	}
	theirs := func() (batch, error) {
		if s.raw == "" {
			return nil, nil
		}
		return each(s.raw, s.rawArgs, func() (*wasmffi.Library, error) {
			lib, r, err := adoptStoppable(s.code, s.constructor)
			if err == nil {
				ends = append(ends, func() error { return r.Close(ctx) })
			}
			return lib, err
		})
	}
	plain, err1 := ours(true)
	counted, err2 := ours(false)
	closing, err3 := theirs()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, nil, err
	}
	return []row{
		{name: unmeteredRow, batch: plain},
		{name: meteredRow, batch: counted, targets: []target{s.limits}},
		{name: engineRow, batch: closing},
	}, done, nil
}

// adoptStoppable is a library of an instance that the engine stops by its own means. What it imports returns 0.
func adoptStoppable(code []byte, constructor string) (*wasmffi.Library, wazero.Runtime, error) {
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
	compiled, err := r.CompileModule(ctx, code)
	if err != nil {
		return nil, nil, err
	}
	hosts := map[string]wazero.HostModuleBuilder{}
	for _, f := range compiled.ImportedFunctions() {
		module, name, _ := f.Import()
		if hosts[module] == nil {
			hosts[module] = r.NewHostModuleBuilder(module)
		}
		nothing := api.GoFunc(func(_ context.Context, stack []uint64) { clear(stack[:min(len(stack), 1)]) })
		hosts[module].NewFunctionBuilder().WithGoFunction(nothing, f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	for _, h := range hosts {
		if _, err := h.Instantiate(ctx); err != nil {
			return nil, nil, err
		}
	}
	m, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithStartFunctions("_initialize", constructor))
	if err != nil {
		return nil, nil, err
	}
	lib, err := wasmffi.Adopt(m)
	return lib, r, err
}
