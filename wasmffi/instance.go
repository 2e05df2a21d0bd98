package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// instance is the engine's side of a library: the running module, what was looked
// up in it, and whether it is still fit to run. It knows nothing of the
// Library that the user holds. But for handle it belongs to whoever is inside.
type instance struct {
	module  *Module
	inst    api.Module
	lease   *lease                 // nil: the module has no memory
	window  atomic.Pointer[window] // what arrays lie in that nobody allocated
	poison  error                  // why nobody may enter any more
	stack   stackPointer
	heap    heap
	arena   arena
	slots   slots
	callers map[string]api.Module // of function pointers, by wasm type
	args    Args                  // of the host function that runs
	env     hostmod.Env           // of the host functions that are built in
	time    timeline
	base    *linmem.Image // what the memory shows copy-on-write since the last reset; nil: nothing

	allocations uint64   // there were
	made        int      // how often the engine's instance was
	shadowed    []uint32 // entries in use of the shadow of each table
	heapBase    uint64   // where the guest's heap begins; 0: it does not say

	mu      sync.Mutex
	era     int                     // of the handles: older ones must be looked up again
	handles map[string]api.Function // looked up once: a handle costs microseconds
	live    map[*allocation]struct{}
}

// newInstance makes an instance with fresh memory and runs its constructors.
// On an error it is closed already.
func newInstance(ctx context.Context, m *Module) (_ *instance, err error) {
	in := &instance{module: m, handles: map[string]api.Function{}, live: map[*allocation]struct{}{}}
	w := &m.opts.WASI
	in.env.Stdout, in.env.Stderr = w.Stdout, w.Stderr
	if w.Clocks {
		in.env.Walltime, in.env.Nanotime = realWalltime, realNanotime
	}
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

// What is called before the constructor, where it is exported.
const (
	stackLimits = "emscripten_stack_init"    // tells the checks of a debug build where the stack ends
	relocations = "__wasm_apply_data_relocs" // puts addresses into the data of a relocatable module
)

// construct runs the constructors.
func (in *instance) construct(ctx context.Context) error {
	for _, name := range []string{stackLimits, relocations, in.module.constructor()} {
		if name != "" && in.module.exports(name, 0, 0) {
			if err := in.invoke(ctx, in.handle(name), name, nil); err != nil {
				return err
			}
		}
	}
	in.lookUp()
	return nil
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
	ctx = experimental.WithMemoryAllocator(context.WithValue(ctx, instanceKey{}, in), &allocator{in})
	inst, err := in.module.runtime.InstantiateModule(ctx, in.module.compiled, in.module.opts.WASI.config())
	if err != nil {
		return in.startError(ctx, err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.inst != nil && !in.module.adopted {
		in.module.running.by.Delete(in.inst)
	}
	in.module.running.by.Store(inst, in)
	in.inst = inst
	in.made++
	in.shadowed, in.callers = nil, nil
	in.forgetHandles()
	return nil
}

// config is what the engine gives an instance.
func (w *WASI) config() wazero.ModuleConfig {
	c := wazero.NewModuleConfig().WithName("").WithStartFunctions().WithArgs(w.Args...)
	for _, kv := range w.Env {
		name, value, _ := strings.Cut(kv, "=")
		c = c.WithEnv(name, value)
	}
	if w.Stdin != nil {
		c = c.WithStdin(w.Stdin)
	}
	if w.Stdout != nil {
		c = c.WithStdout(w.Stdout)
	}
	if w.Stderr != nil {
		c = c.WithStderr(w.Stderr)
	}
	if w.Random != nil {
		c = c.WithRandSource(w.Random)
	}
	if w.Clocks {
		c = c.WithSysWalltime().WithSysNanotime().WithSysNanosleep()
	}
	if len(w.Mounts) > 0 {
		mounts := wazero.NewFSConfig()
		for _, at := range slices.Sorted(maps.Keys(w.Mounts)) {
			mounts = mounts.WithFSMount(w.Mounts[at], at)
		}
		c = c.WithFSConfig(mounts)
	}
	return c
}

func realWalltime() (sec int64, nsec int32) {
	t := time.Now()
	return t.Unix(), int32(t.Nanosecond())
}

var processStart = time.Now()

func realNanotime() int64 { return int64(time.Since(processStart)) }

// startError tells apart why the engine made no instance: an import that nobody
// supplies, a start function that failed, a segment outside of its memory or table.
func (in *instance) startError(ctx context.Context, err error) error {
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "start "):
		return in.engineError(ctx, "start", errors.Unwrap(err))
	case strings.HasPrefix(text, "import ") || strings.HasPrefix(text, "module[") || strings.Contains(text, " in module \""):
		return fmt.Errorf("%w: %w", ErrImport, err)
	}
	return in.engineError(ctx, "start", err)
}

// allocator gives the engine our memory. An instance has one at most.
type allocator struct{ in *instance }

// allocatorError is the panic by which an allocator refuses: the engine has
// no other way.
type allocatorError struct{ cause error }

func (a *allocator) Allocate(_, most uint64) experimental.LinearMemory {
	if l := a.in.lease; l != nil {
		return &engineMemory{mem: l.mem}
	}
	mem, err := linmem.New(min(most, uint64(a.in.module.opts.Limits.pages())*pageSize))
	if err != nil {
		panic(&allocatorError{fmt.Errorf("%w: %w", ErrMemoryLimit, err)})
	}
	// Now, since a start function may call host functions, which see the memory.
	a.in.lease = newLease(mem)
	a.in.window.Store(&window{lease: a.in.lease})
	return &engineMemory{mem: mem}
}

// engineMemory is a memory as the engine sees it. Its end is decided by the
// library, which frees it when no call can be inside any more.
type engineMemory struct {
	mem  *linmem.Memory
	made bool
}

func (m *engineMemory) Reallocate(size uint64) []byte {
	b := m.mem.Grow(size)
	if b == nil && !m.made {
		panic(&allocatorError{fmt.Errorf("%w: module needs %d bytes from the start, limit is %d", ErrMemoryLimit, size, m.mem.Reserved())})
	}
	m.made = true
	return b
}

func (m *engineMemory) Free() {}

// handle is the engine's function of that export, which must exist. Handles
// are shared by all who call the export: only one can be inside.
func (in *instance) handle(name string) api.Function {
	f, _ := in.handleOf(name)
	return f
}

// handleOf is handle, and the era in which it is good.
func (in *instance) handleOf(name string) (api.Function, int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	f := in.handles[name]
	if f == nil {
		f = in.inst.ExportedFunction(name)
		in.handles[name] = f
	}
	return f, in.era
}

// forgetHandles makes all who hold a handle look it up again. in.mu is held.
func (in *instance) forgetHandles() {
	clear(in.handles)
	in.heap = heap{}
	in.era++
}

// invoke enters the guest. On an error the instance is
// poisoned, unless the guest left by exit(0).
func (in *instance) invoke(ctx context.Context, f api.Function, name string, stack []uint64) error {
	if err := f.CallWithStack(ctx, stack); err != nil {
		return in.failed(ctx, name, err)
	}
	return nil
}

// failed judges the error of a call. The panic of a host function goes on.
func (in *instance) failed(ctx context.Context, name string, err error) error {
	err = in.engineError(ctx, name, err)
	if exit := (*ExitError)(nil); errors.As(err, &exit) && exit.Code == 0 && in.stack.restore() {
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
	return engineError(ctx, name, err)
}

// spoil poisons the instance. Handles are dropped, because a
// handle keeps the native stack that a deep recursion has grown.
func (in *instance) spoil(cause error) {
	in.poison = fmt.Errorf("%w: an earlier call failed: %v", ErrPoisoned, cause) // which this one did not
	in.mu.Lock()
	defer in.mu.Unlock()
	in.forgetHandles()
}

// close ends the instance and gives its memory back. Nobody is inside.
func (in *instance) close() error {
	if in.lease != nil {
		in.lease.closed.Store(true)
	}
	err := in.slots.close()
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
