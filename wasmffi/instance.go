package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// instance is the engine's side of a library: the running module, what was looked
// up in it, and whether it is still fit to run. It knows nothing of the
// Library that the user holds. But for entry it belongs to whoever is inside.
type instance struct {
	module  *Module
	inst    api.Module
	lease   *lease                 // nil: the module has no memory
	window  atomic.Pointer[window] // what arrays lie in that nobody allocated
	poison  error                  // why nobody may enter any more
	running bool                   // the guest was entered and has not come back
	long    bool                   // it has asked for fuel, as all do that go deep
	stack   stackPointer
	heap    heap
	arena   arena
	slots   slots
	callers map[string]api.Module // of function pointers, by wasm type
	args    Args                  // of the host function that runs
	hosting atomic.Bool           // it runs
	env     *hostmod.Env          // of the host functions that are built in
	time    timeline
	meter   meter
	limits  CallLimits    // of the next call
	bounded bool          // it has some, or the last one had
	base    *linmem.Image // what the memory shows copy-on-write since the last reset; nil: nothing

	allocations uint64   // there were
	made        int      // how often the engine's instance was
	shadowed    []uint32 // entries in use of the shadow of each table
	heapBase    uint64   // where the guest's heap begins; 0: it does not say

	mu      sync.Mutex
	era     int                    // of the entry points: what was looked up before belongs to another instance of the engine's
	entries map[string]*entryPoint // by the names of exports
	live    map[*allocation]struct{}
}

// newInstance makes an instance with fresh memory and runs its constructors.
// On an error it is closed already.
func newInstance(ctx context.Context, m *Module) (_ *instance, err error) {
	in := &instance{module: m, entries: map[string]*entryPoint{}, live: map[*allocation]struct{}{}}
	in.limit(CallLimits{m.opts.Limits.Fuel, m.opts.Limits.Time, m.opts.Limits.Output})
	done := false // it may also end by the panic of a host function
	defer func() {
		if !done {
			err = errors.Join(err, in.close())
		}
	}()
	if err := in.start(ctx); err != nil {
		return nil, err
	}
	if err := in.construct(ctx); err != nil {
		return nil, err
	}
	in.noteHeapBase()
	done = true
	return in, nil
}

func (in *instance) noteHeapBase() {
	if g := in.inst.ExportedGlobal("__heap_base"); g != nil && g.Type() == api.ValueTypeI32 {
		in.heapBase = uint64(uint32(g.Get()))
	}
}

// relocations is the export of a relocatable module that puts addresses into its data.
const relocations = "__wasm_apply_data_relocs"

// checkStack tells the stack checks in emscripten's debug builds where the stack ends.
func (in *instance) checkStack(ctx context.Context) error {
	const begin, base, end, limits = "emscripten_stack_init", "emscripten_stack_get_base", "emscripten_stack_get_end", "__set_stack_limits"
	m := in.module
	if !m.exports(begin, 0, 0) {
		return nil
	}
	if err := in.invoke(ctx, in.handle(begin), begin, nil); err != nil {
		return err
	}
	if !m.exports(base, 0, 1) || !m.exports(end, 0, 1) || !m.exports(limits, 2, 0) {
		return nil
	}
	var stack [2]uint64
	for i, name := range []string{base, end} {
		if err := in.invoke(ctx, in.handle(name), name, stack[i:i+1]); err != nil {
			return err
		}
	}
	return in.invoke(ctx, in.handle(limits), limits, stack[:])
}

// construct runs the constructors.
func (in *instance) construct(ctx context.Context) error {
	in.env.Constructing = true
	defer func() { in.env.Constructing = false }()
	if err := in.checkStack(ctx); err != nil {
		return err
	}
	for _, name := range []string{relocations, in.module.constructor()} {
		if name != "" && in.module.exports(name, 0, 0) {
			if err := in.invoke(ctx, in.handle(name), name, nil); err != nil {
				return constructorError(err)
			}
		}
	}
	in.lookUp()
	return nil
}

// constructorError says what to do about a constructor that needs what nobody supplies.
func constructorError(err error) error {
	if errors.Is(err, ErrImport) {
		return fmt.Errorf("constructor %w; Options.Names says what a minified import means, Options.Imports supplies it, and Options.Constructor \"-\" loads without", err)
	}
	return err
}

// lookUp finds what is called or set between calls.
func (in *instance) lookUp() {
	in.heap = in.findHeap()
	in.stack.find(in.inst)
}

// start makes the engine's instance, with a memory that never moves: the one that
// there was before, if any, which must be empty.
func (in *instance) start(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*allocatorError)
			if !ok {
				panic(r)
			}
			err = e.cause
		}
	}()
	in.env = in.environment()
	inst, err := in.module.runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, &allocator{in}), in.module.compiled, in.module.opts.WASI.config(in.env))
	if err != nil {
		return in.startError(ctx, err)
	}
	in.began(inst)
	if err := in.startMeter(ctx); err != nil {
		return err
	}
	if name := in.module.stop.start; name != "" {
		return in.invoke(ctx, in.handle(name), "start", nil)
	}
	return nil
}

// began takes note of the engine's new instance.
func (in *instance) began(inst api.Module) {
	if in.inst != nil {
		in.module.running.by.Delete(in.inst)
	}
	in.module.running.by.Store(inst, in)
	in.inst = inst
	in.made++
	in.shadowed = nil
	in.forgetHandles()
}

// startError tells apart why the engine made no instance: an import that nobody
// supplies, a segment outside of its memory or table.
func (in *instance) startError(ctx context.Context, err error) error {
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "import ") || strings.HasPrefix(text, "module[") || strings.Contains(text, " in module \""):
		return fmt.Errorf("%w: %w", ErrImport, err)
	}
	return in.engineError(ctx, "start", err)
}

// entryPoint is an export as the engine calls it. All who call the export share it, as only one can be inside, and as the engine's function keeps
// the native stack that a deep recursion has grown, which must be dropped in one place.
type entryPoint struct {
	fn api.Function // nil: to be looked up, which takes microseconds. It belongs to whoever is inside.
}

// entry is the entry point of that export, which must exist.
func (in *instance) entry(name string) *entryPoint {
	in.mu.Lock()
	defer in.mu.Unlock()
	e := in.entries[name]
	if e == nil {
		e = new(entryPoint)
		in.entries[name] = e
	}
	return e
}

// handle is the engine's function of that export, looked up if it must be.
func (in *instance) handle(name string) api.Function {
	e := in.entry(name)
	if e.fn == nil {
		e.fn = in.inst.ExportedFunction(name)
	}
	return e.fn
}

// forgetHandles drops the engine's functions.
func (in *instance) forgetHandles() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, e := range in.entries {
		e.fn = nil
	}
	in.heap = heap{}
	in.era++
}

// invoke enters the guest. On an error the instance is
// poisoned, unless the guest left by exit(0).
func (in *instance) invoke(ctx context.Context, f api.Function, name string, stack []uint64) error {
	if in.bounded {
		in.arm()
	}
	in.running = true
	err := f.CallWithStack(ctx, stack)
	if in.running = false; err != nil {
		return in.failed(ctx, f, name, err)
	}
	if in.long {
		in.long = false
		in.dropDeep(f)
	}
	return nil
}

// dropDeep drops the engine's functions if the native stack of the one that was called has grown, which they would keep.
func (in *instance) dropDeep(f api.Function) {
	if p, ok := f.(*pointee); ok {
		if hostmod.StackSize(p.Function) >= hostmod.DeepStack {
			p.Function = nil
		}
		return
	}
	if hostmod.StackSize(f) >= hostmod.DeepStack {
		stack := in.heap.stack // which has the results, if it was the allocator
		in.forgetHandles()
		in.heap = in.findHeap()
		in.heap.stack = stack
	}
}

// failed judges the error of a call. The panic of a host function goes on.
func (in *instance) failed(ctx context.Context, f api.Function, name string, err error) error {
	in.meter.leaveTries()
	err = in.engineError(ctx, name, err)
	in.env.Left() // by what ended the call
	if exit, ok := err.(*ExitError); ok && exit.Code == 0 && in.stack.restore() {
		if in.long {
			in.long = false
			in.dropDeep(f)
		}
		return err
	}
	in.spoil(err)
	return err
}

// engineError turns what the engine returns into an error of ours, or into the panic of the host function
// that it came from.
func (in *instance) engineError(ctx context.Context, name string, err error) error {
	if f := (*hostFailure)(nil); errors.As(err, &f) {
		if f.panicked {
			in.spoil(f)
			panic(f.value)
		}
		return &HostError{Func: name, Host: f.name, Err: f.err}
	}
	if s := (*stopRequest)(nil); errors.As(err, &s) {
		return &stopped{name, s.cause}
	}
	return engineError(name, err)
}

// spoil poisons the instance, and drops the native stack of the call that failed.
func (in *instance) spoil(cause error) {
	in.poison = fmt.Errorf("%w: an earlier call failed: %v", ErrPoisoned, cause) // which this one did not
	in.forgetHandles()
}

// close ends the instance and gives its memory back. Nobody is inside.
func (in *instance) close() error {
	if in.lease != nil {
		in.lease.closed.Store(true)
	}
	err := errors.Join(in.slots.close(), in.closeCallers())
	if in.inst != nil && !in.module.adopted {
		in.module.running.by.Delete(in.inst)
		err = errors.Join(err, in.inst.Close(context.Background()))
	}
	if in.lease != nil {
		in.lease.mem.Free()
	}
	return err
}

// end is the end of an instance that a Library had.
func (in *instance) end() error { return errors.Join(in.close(), in.module.release()) }

// stackPointer is the guest's shadow stack pointer. Between calls it has always
// the same value, to which a guest that left by exit(0) must be put back.
type stackPointer struct {
	global api.MutableGlobal
	value  uint64
}

func (s *stackPointer) find(inst api.Module) {
	if g, ok := inst.ExportedGlobal("__stack_pointer").(api.MutableGlobal); ok {
		s.global, s.value = g, g.Get()
	}
}

func (s *stackPointer) restore() bool {
	if s.global == nil {
		return false
	}
	s.global.Set(s.value)
	return true
}
