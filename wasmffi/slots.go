package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"weak"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// slots are the entries of an instance's table through which the guest calls Go functions. An entry
// is made once and serves one callback after the other of the same wasm type. The instance knows its
// callbacks by weak pointers alone: they may refer to the Library, which must not be kept alive from here.
type slots struct {
	all  []*trampolines
	free map[string][]entry // by wasm type, the longest unused first
}

// entry is one of them.
type entry struct {
	t *trampolines
	k int // which of them
}

// trampolines are the entries of one wasm type that were made at a time: an instance of a small module.
type trampolines struct {
	typ   FuncType
	first uint32 // index of the first in the table, for as long as the instance lives
	used  []weak.Pointer[callback]
	in    *instance
	mod   api.Module
}

const (
	// maxCallbacks is how many callbacks an instance can have at a time.
	maxCallbacks = 1 << 16
	// trampolineCount is how many entries are made at a time.
	trampolineCount = 16
	// callbackName begins the names of the host's modules that trampolines import from.
	callbackName = "wasmffi.callback"
)

// addCallback gives a callback an entry. The library is entered.
func (in *instance) addCallback(ctx context.Context, c *callback) error {
	t := c.f.funcType()
	key := t.String()
	in.mu.Lock()
	empty := len(in.slots.free[key]) == 0
	in.mu.Unlock()
	if empty {
		if err := in.slots.more(ctx, in, t); err != nil {
			return err
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	list := in.slots.free[key]
	at := list[0]
	in.slots.free[key] = list[1:]
	at.t.used[at.k] = weak.Make(c)
	c.index = at.t.first + uint32(at.k)
	c.release = func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.slots.free[key] = append(in.slots.free[key], at)
	}
	return nil
}

// more makes entries.
func (s *slots) more(ctx context.Context, in *instance, t FuncType) error {
	if in.module.inside.table < 0 {
		return fmt.Errorf("%w: the module has no table of functions, so nothing in it can call a function pointer", ErrCallback)
	}
	if (len(s.all)+1)*trampolineCount > maxCallbacks {
		return fmt.Errorf("%w: there are %d callbacks, want at most %d", ErrCallback, len(s.all)*trampolineCount, maxCallbacks)
	}
	tr := &trampolines{typ: t, in: in, used: make([]weak.Pointer[callback], trampolineCount)}
	if err := tr.instantiate(ctx); err != nil {
		return err
	}
	stack := []uint64{trampolineCount}
	if err := tr.mod.ExportedFunction(wasmbin.TrampolinesGrow).CallWithStack(ctx, stack); err != nil {
		return errors.Join(err, tr.close())
	}
	if tr.first = uint32(stack[0]); tr.first == 1<<32-1 {
		return errors.Join(fmt.Errorf("%w: the table cannot grow any more", ErrCallback), tr.close())
	}
	if err := tr.place(ctx); err != nil {
		return errors.Join(err, tr.close())
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	s.all = append(s.all, tr)
	if s.free == nil {
		s.free = map[string][]entry{}
	}
	for k := range trampolineCount {
		s.free[t.String()] = append(s.free[t.String()], entry{tr, k})
	}
	return nil
}

// instantiate makes the engine's instance, which imports the guest's table.
func (t *trampolines) instantiate(ctx context.Context) error {
	c := t.in.module.code
	compiled, err := c.trampolinesOf(ctx, t.typ, c.inside.tableName)
	if err != nil {
		return err
	}
	if t.mod, err = t.in.helper(ctx, compiled); err != nil {
		return err
	}
	c.running.by.Store(t.mod, t)
	return nil
}

// place writes the entries into the table.
func (t *trampolines) place(ctx context.Context) error {
	stack := []uint64{0, uint64(t.first), trampolineCount}
	return t.mod.ExportedFunction(wasmbin.TrampolinesPlace).CallWithStack(ctx, stack)
}

func (t *trampolines) close() error {
	if t.mod == nil {
		return nil
	}
	t.in.module.running.by.Delete(t.mod)
	return t.mod.Close(context.Background())
}

// trampolinesOf is the module of trampolines of a type, compiled, and the host function that they call.
func (c *code) trampolinesOf(ctx context.Context, t FuncType, table string) (wazero.CompiledModule, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := "callback " + t.String()
	if m := c.helpers[key]; m != nil {
		return m, nil
	}
	typ := wasmbin.FuncType{Params: wasmTypes(t.Params), Results: wasmTypes(t.Results)}
	name := callbackName + " " + t.String()
	params := []api.ValueType{api.ValueTypeI32}
	for _, p := range typ.Params {
		params = append(params, api.ValueType(p))
	}
	var results []api.ValueType
	for _, r := range typ.Results {
		results = append(results, api.ValueType(r))
	}
	m, err := c.runtime.CompileModule(ctx, wasmbin.Trampolines{Type: typ, Count: trampolineCount, Module: name, Host: "call", Guest: guestName, Table: table}.Encode())
	if err != nil {
		return nil, err
	}
	b := c.runtime.NewHostModuleBuilder(name)
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(c.running.callback), params, results).WithName("callback").Export("call")
	if _, err := b.Instantiate(ctx); err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	c.helpers[key] = m
	return m, nil
}

// callback runs the Go function of a trampoline: the caller is the module of trampolines, the first value on the stack
// the number in it.
func (r *running) callback(ctx context.Context, m api.Module, stack []uint64) {
	x, ok := r.by.Load(m)
	if !ok {
		panic(&hostFailure{name: "callback", err: ErrClosed})
	}
	t := x.(*trampolines)
	cb := t.used[uint32(stack[0])].Value() // entries change hands while nobody is inside
	if cb == nil || cb.closed.Load() {
		panic(&hostFailure{name: "callback", err: fmt.Errorf("%w: the guest called a function pointer %#x whose Callback was closed", ErrClosed, t.first+uint32(stack[0]))})
	}
	// The result goes where the host function's own first value is; parameters follow it.
	if n := len(t.typ.Params); n == 0 {
		t.in.host(ctx, cb.f, cb.f.text, stack)
	} else {
		t.in.host(ctx, cb.f, cb.f.text, stack[1:1+n])
		stack[0] = stack[1]
	}
}

// again puts all entries back, after the tables of the instance were restored.
func (s *slots) again(ctx context.Context) error {
	for _, t := range s.all {
		if err := t.place(ctx); err != nil {
			return err
		}
	}
	return nil
}

// remade makes all entries in an instance that was made anew, where they were: pointers to them may be in a
// memory that is restored.
func (s *slots) remade(ctx context.Context) error {
	for _, t := range s.all {
		if err := t.close(); err != nil {
			return err
		}
		if err := t.instantiate(ctx); err != nil {
			return err
		}
		stack := []uint64{0}
		if err := t.mod.ExportedFunction(wasmbin.TrampolinesGrow).CallWithStack(ctx, stack); err != nil {
			return err
		}
		if size, need := stack[0], uint64(t.first)+trampolineCount; size < need {
			stack[0] = need - size
			if err := t.mod.ExportedFunction(wasmbin.TrampolinesGrow).CallWithStack(ctx, stack); err != nil {
				return err
			}
			if uint32(stack[0]) == 1<<32-1 {
				return fmt.Errorf("%w: the table cannot grow again", ErrCallback)
			}
		}
		if err := t.place(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *slots) close() error {
	var errs []error
	for _, t := range s.all {
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}
