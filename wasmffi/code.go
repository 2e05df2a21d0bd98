package wasmffi

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// code is a compiled module with the host functions that it imports, in an engine of its
// own: what all Modules share that are made of the same bytes with the same options, as far as these
// change it. It is safe for concurrent use.
type code struct {
	size     int
	digest   [32]byte
	report   *loader.Report
	runtime  wazero.Runtime
	disk     wazero.CompilationCache // nil: none
	compiled wazero.CompiledModule
	funcs    map[string]api.FunctionDefinition
	inside   inside
	stop     stop
	links    *hostmod.Links
	imports  []Import          // functions, as the module spells them
	invokers map[string]string // private exports that call function pointers, by wasm type; their prefix by the empty one
	memory   *MemoryType       // without the limit of the options; nil: none
	symbols  []string          // exported data
	dataBase uint64            // what is added to their addresses
	running  running

	adopted bool // the engine's part is not ours

	mu      sync.Mutex
	helpers map[string]wazero.CompiledModule // by what they do, and the wasm type of the function pointers
}

// codeKey tells code apart: the bytes, and every option that changes what is made of them. The digest of a
// Binary is the word of who made it, and a wrong one would give its code to others.
func codeKey(b *loader.Binary, o *Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "%x %t %t %t %d %d\n", sha256.Sum256(b.Bytes), o.Unmetered, o.Threads, o.Exceptions, o.Limits.entries(), len(o.Imports))
	if o.Names != nil {
		io.WriteString(h, o.Names.String())
	}
	for _, name := range slices.Sorted(maps.Keys(o.Imports)) {
		fmt.Fprintf(h, "\n%q %p", name, o.Imports[name]) // which the code keeps, so that no other has the address
	}
	for _, name := range slices.Sorted(maps.Keys(o.Globals)) {
		fmt.Fprintf(h, "\n%q %#x", name, o.Globals[name])
	}
	return string(h.Sum(nil))
}

// newCode inspects, links, rewrites and compiles.
func newCode(ctx context.Context, b *loader.Binary, o *Options, dir string) (_ compiled, err error) {
	report, err := loader.Inspect(b, &loader.InspectOptions{Names: o.Names, Threads: o.Threads, Exceptions: o.Exceptions})
	if err == nil {
		err = o.admit(report)
	}
	if err != nil {
		return nil, fmt.Errorf("wasmffi: compile %s: %w", b.Name, err)
	}
	c := &code{size: len(b.Bytes), digest: b.Digest, report: report, helpers: map[string]wazero.CompiledModule{}}
	fail := func(kind, cause error) error {
		return fmt.Errorf("wasmffi: compile %s: %w: %w", b.Name, kind, cause)
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, c.close())
		}
	}()
	mod := report.Module()
	if err := mod.CheckIndices(); err != nil {
		return nil, fail(ErrCompile, err)
	}
	if err := c.link(mod, o); err != nil {
		return nil, fail(ErrImport, err)
	}
	makeRoom(mod, report.Allocator)
	if err := c.inside.open(mod, o.Limits.entries()); err != nil {
		return nil, fail(ErrCompile, err)
	}
	if err := c.stop.open(mod, o); err != nil {
		return nil, fail(ErrCompile, err)
	}
	if err := c.compile(ctx, mod.Encode(), o, dir); err != nil {
		return nil, fail(ErrCompile, err)
	}
	c.funcs = c.compiled.ExportedFunctions()
	c.hide(mod)
	c.noteMemory(mod)
	c.report = report.Slim()
	if err := c.links.Instantiate(ctx, c.runtime, c.compiled, c.environment); err != nil {
		return nil, fail(ErrImport, err)
	}
	if err := c.stop.compile(ctx, c); err != nil {
		return nil, fail(ErrCompile, err)
	}
	done = true
	return c, nil
}

// admit refuses what no instance could have, and what may not be compiled at all.
func (o *Options) admit(r *loader.Report) error {
	entries := uint64(0)
	for _, t := range r.Tables {
		entries += uint64(t.Min)
	}
	if most := o.Limits.entries(); entries > uint64(most) {
		return fmt.Errorf("%w: module needs %d entries of its tables from the start, limit is %d", ErrTableLimit, entries, most)
	}
	if r.Memory != nil && r.Memory.Min > MaxMemory {
		return fmt.Errorf("%w: module needs %d bytes from the start, no library can have more than %d", ErrMemoryLimit, r.Memory.Min, uint64(MaxMemory))
	}
	return r.Admit()
}

// noteMemory keeps what is to be known of the memory.
func (c *code) noteMemory(mod *wasmbin.Module) {
	if len(mod.Memories) == 0 {
		return
	}
	l := mod.Memories[0].Limits
	c.memory = &MemoryType{Min: uint64(l.Min) * pageSize, Max: MaxMemory}
	if l.HasMax {
		c.memory.Max = min(MaxMemory, uint64(l.Max)*pageSize)
	}
	for _, x := range mod.Exports {
		if x.Kind == wasmbin.KindMemory {
			c.memory.Names = append(c.memory.Names, x.Name)
		}
	}
	slices.Sort(c.memory.Names)
}

// hide takes off the list what was added, and imports that the module exports: called from the host they would run
// in no instance.
func (c *code) hide(mod *wasmbin.Module) {
	c.inside.hide(c.funcs)
	delete(c.funcs, c.stop.start)
	for _, name := range c.invokers {
		delete(c.funcs, name)
	}
	for _, x := range mod.Exports {
		if x.Kind == wasmbin.KindFunc && uint64(x.Index) < uint64(len(c.imports)) {
			delete(c.funcs, x.Name)
		}
	}
}

// private reports whether a global is exported for the host alone.
func (c *code) private(name string) bool {
	m := c.stop.meter
	return slices.Contains(c.inside.globals, name) || m != nil && (name == m.Fuel || name == m.Tries)
}

// compile makes the engine's runtime and compiles for it, with what a cache on disk has.
func (c *code) compile(ctx context.Context, wasm []byte, o *Options, dir string) error {
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(MaxMemory / pageSize).WithCoreFeatures(c.features(o)).WithDebugInfoEnabled(false)
	build := func(config wazero.RuntimeConfig) (err error) {
		c.runtime = wazero.NewRuntimeWithConfig(ctx, config)
		c.compiled, err = c.runtime.CompileModule(ctx, wasm)
		return err
	}
	if dir == "" {
		return build(config)
	}
	sum := sha256.Sum256(wasm)
	own := filepath.Join(dir, fmt.Sprintf("%x", sum))
	disk, err := wazero.NewCompilationCacheWithDir(own)
	if err != nil {
		return err
	}
	if err = build(config.WithCompilationCache(disk)); err == nil {
		c.disk = disk
		return nil
	}
	// A damaged entry would fail for ever: compile without it, and drop it.
	err = errors.Join(c.runtime.Close(ctx), disk.Close(ctx))
	if again := build(config); again != nil {
		return again
	}
	return errors.Join(err, os.RemoveAll(own))
}

// features are what the engine is to accept.
func (c *code) features(o *Options) api.CoreFeatures {
	f := api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesTypedFunctionReferences
	if o.Threads {
		f |= experimental.CoreFeaturesThreads
	}
	if o.Exceptions {
		f |= experimental.CoreFeaturesExceptionHandling
	}
	return f
}

// environment is what the host functions of an instance may use.
func (c *code) environment(m api.Module) *hostmod.Env {
	if in := c.running.instance(m); in != nil {
		return in.env
	}
	return nil
}

// machineCode is about how many bytes of machine code a byte of a module becomes.
const machineCode = 5

func (c *code) weight() int64 { return machineCode * int64(c.size) }

func (c *code) close() error {
	var errs []error
	if c.runtime != nil {
		errs = append(errs, c.runtime.Close(context.Background()))
	}
	if c.disk != nil {
		errs = append(errs, c.disk.Close(context.Background()))
	}
	return errors.Join(errs...)
}

// hold is a Module's share of its code, given back once. The zero hold is of code that no cache has.
type hold struct {
	entry *cached
	done  atomic.Bool
}

func (h *hold) release() error {
	if h.done.Swap(true) || h.entry == nil {
		return nil
	}
	return h.entry.release()
}

// acquire takes the code from the cache, or makes it.
func (o *Options) acquire(ctx context.Context, b *loader.Binary) (*code, *hold, error) {
	cache := o.Cache
	if cache == nil {
		cache = shared
	}
	e, err := cache.get(ctx, codeKey(b, o), func() (compiled, error) { return newCode(ctx, b, o, cache.dir) })
	if err != nil {
		return nil, nil, err
	}
	return e.value.(*code), &hold{entry: e}, nil
}

// keep makes the collector give the share back, when the Module is dropped.
func (h *hold) keep(m *Module) { runtime.AddCleanup(m, func(h *hold) { h.release() }, h) }
