package wasmffi

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/memview"
)

// pointee is what a function pointer of the guest's points to, an entry of its table, as a function of the
// engine. It is called by a small module that imports the table, since the engine's own lookup
// misreads its structures where the table has a function of the host.
type pointee struct {
	api.Function // the caller, which takes the index after the parameters
	index        uint32
	typ          FuncType
	made         *moment
	era          int
	stack        []uint64
}

// CallWithStack calls the entry.
func (p *pointee) CallWithStack(ctx context.Context, stack []uint64) error {
	n := len(p.typ.Params)
	copy(p.stack, stack[:n])
	p.stack[n] = uint64(p.index)
	err := p.Function.CallWithStack(ctx, p.stack)
	copy(stack, p.stack[:len(p.typ.Results)])
	return err
}

// pointee makes a function pointer callable.
func (in *instance) pointee(p *pointee) (api.Function, error) {
	if p.made.undone.Load() {
		return nil, fmt.Errorf("%w: function pointer %#x", memview.ErrStale, p.index)
	}
	if p.Function == nil || p.era != in.era {
		mod, err := in.callerOf(p.typ)
		if err != nil {
			return nil, err
		}
		p.Function, p.era = mod.ExportedFunction(wasmbin.CallerName), in.era
		p.stack = make([]uint64, len(p.typ.Params)+1)
	}
	return p, nil
}

// callerOf is the module that calls function pointers of a type.
func (in *instance) callerOf(t FuncType) (api.Module, error) {
	key := t.String()
	if m := in.callers[key]; m != nil && !m.IsClosed() { // as contexts close what they end
		return m, nil
	}
	ctx := context.Background()
	compiled, err := in.module.callerCode(ctx, t)
	if err != nil {
		return nil, err
	}
	m, err := in.helper(ctx, compiled)
	if err != nil {
		return nil, err
	}
	if in.callers == nil {
		in.callers = map[string]api.Module{}
	}
	in.callers[key] = m
	in.module.running.by.Store(m, in)
	return m, nil
}

// closeCallers ends them, with the instance whose table they have.
func (in *instance) closeCallers() error {
	var errs []error
	for _, m := range in.callers {
		in.module.running.by.Delete(m)
		errs = append(errs, m.Close(context.Background()))
	}
	in.callers = nil
	return errors.Join(errs...)
}

// helper makes an instance of a module that imports the guest's table.
func (in *instance) helper(ctx context.Context, compiled wazero.CompiledModule) (api.Module, error) {
	resolve := func(name string) api.Module {
		if name == guestName {
			return in.inst
		}
		return nil
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	return in.module.runtime.InstantiateModule(experimental.WithImportResolver(ctx, resolve), compiled, config)
}

// guestName is the module from which helpers import the guest's table.
const guestName = "guest"

// callerCode is that module, compiled.
func (c *code) callerCode(ctx context.Context, t FuncType) (wazero.CompiledModule, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := "caller of " + t.String()
	if m := c.helpers[key]; m != nil {
		return m, nil
	}
	b, err := wasmbin.EncodeCaller(wasmbin.FuncType{Params: wasmTypes(t.Params), Results: wasmTypes(t.Results)}, guestName, c.inside.tableName)
	if err != nil {
		return nil, err
	}
	m, err := c.runtime.CompileModule(ctx, b)
	if err == nil {
		c.helpers[key] = m
	}
	return m, err
}

// wasmTypes are the number types of those names.
func wasmTypes(names []string) []wasmbin.ValueType {
	var list []wasmbin.ValueType
	for _, name := range names {
		for _, t := range []wasmbin.ValueType{wasmbin.I32, wasmbin.I64, wasmbin.F32, wasmbin.F64} {
			if t.String() == name {
				list = append(list, t)
			}
		}
	}
	return list
}
