package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/loader"
)

// Module is a compiled library: code without state. It is immutable and safe
// for concurrent use; any number of Libraries are instantiated from it, each with
// a memory of its own, and none can reach another.
type Module struct {
	name    string
	size    int
	digest  [32]byte
	opts    Options
	runtime wazero.Runtime
	code    wazero.CompiledModule
	funcs   map[string]api.FunctionDefinition
	memory  *MemoryType
	inside  inside
	hasHeap bool     // it exports malloc and free
	missing []string // imports that nobody supplies

	sigText []byte // signatures that the module carries; nil: none
	sigFrom string // where they stand
	carried sync.Once
	sigs    *constraints.File
	sigErr  error

	mu     sync.Mutex
	refs   int // open libraries, and one for the Module itself until Close
	closed bool
	shared bool // the Module's own count was given up: the libraries alone keep it
}

// FuncType is the wasm type of a function: "i32", "i64", "f32", "f64" and the like.
type FuncType struct {
	Params  []string // value types of the parameters, in order
	Results []string // value types of the results; C has one at most
}

// String is the type as "(i32, f64) -> f64".
func (t FuncType) String() string {
	s := "(" + strings.Join(t.Params, ", ") + ")"
	if len(t.Results) > 0 {
		s += " -> " + strings.Join(t.Results, ", ")
	}
	return s
}

// Export is a function that a module offers.
type Export struct {
	Name string   // as the module spells it; need not be an identifier
	Type FuncType // of the wasm function
}

// Import is a function that a module needs from its host.
type Import struct {
	Module string   // that it is imported from: "env", "wasi_snapshot_preview1"
	Name   string   // in that module
	Type   FuncType // that the module expects
}

// MemoryType is the linear memory that a module declares.
type MemoryType struct {
	Min, Max uint64   // in bytes; Max is what the module or the limit allows
	Names    []string // under which it is exported
}

// Compile compiles a wasm binary, plain or gzipped: the way in for modules that
// are embedded in the program. ctx covers the compilation only. Imports and the
// size of the memory are judged when the module is instantiated.
func Compile(ctx context.Context, wasm []byte, o *Options) (*Module, error) {
	o = o.orDefault()
	b, err := loader.FromBytes("module", wasm, &o.Find)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	return compile(ctx, b, o)
}

// CompileBinary compiles what package loader found, with the signatures beside it.
func CompileBinary(ctx context.Context, b *loader.Binary, o *Options) (*Module, error) {
	return compile(ctx, b, o.orDefault())
}

// LoadModule finds a library by name in a file system and compiles it; see
// loader.Find for the names that are tried. ctx covers finding and compiling.
func LoadModule(ctx context.Context, fsys fs.FS, name string, o *Options) (*Module, error) {
	o = o.orDefault()
	b, err := loader.Find(fsys, name, &o.Find)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	return compile(ctx, b, o)
}

func (o *Options) orDefault() *Options {
	if o == nil {
		return &Options{}
	}
	return o
}

func compile(ctx context.Context, b *loader.Binary, o *Options) (_ *Module, err error) {
	if ctx == nil {
		panic("wasmffi: nil context")
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("wasmffi: compile %s: %w", b.Name, context.Cause(ctx))
	}
	fail := func(kind, cause error) error {
		return fmt.Errorf("wasmffi: compile %s: %w: %w", b.Name, kind, cause)
	}
	m := &Module{name: b.Name, size: len(b.Bytes), digest: b.Digest, opts: *o, refs: 1}
	if m.sigText, m.sigFrom, err = b.Signatures(); err != nil {
		m.sigErr, err = fmt.Errorf("wasmffi: signatures of %s: %w", b.Name, err), nil
	}
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(MaxMemory / pageSize).WithCloseOnContextDone(o.Interruptible)
	m.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	runtime.AddCleanup(m, func(r wazero.Runtime) { r.Close(context.Background()) }, m.runtime)
	defer func() {
		if err != nil {
			m.runtime.Close(context.WithoutCancel(ctx))
		}
	}()
	if m.code, err = m.runtime.CompileModule(ctx, m.inside.prepare(b.Bytes)); err != nil {
		return nil, fail(ErrCompile, err)
	}
	m.funcs = m.code.ExportedFunctions()
	m.inside.hide(m.funcs)
	m.findMemory()
	m.hasHeap = m.exports("malloc", 1, 1) && m.exports("free", 1, 0)
	if err := m.resolveImports(ctx); err != nil {
		return nil, fail(ErrImport, err)
	}
	if err := m.Implements(o.Require...); err != nil {
		return nil, err
	}
	return m, nil
}

// findMemory reads the declared memory. Of one that is not exported the
// engine tells nothing; its size is checked when an instance is made.
func (m *Module) findMemory() {
	limit := uint64(m.opts.Limits.pages()) * pageSize
	for name, def := range m.code.ExportedMemories() {
		if m.memory == nil {
			m.memory = &MemoryType{Min: uint64(def.Min()) * pageSize, Max: limit}
			if pages, ok := def.Max(); ok {
				m.memory.Max = min(limit, uint64(pages)*pageSize)
			}
		}
		m.memory.Names = append(m.memory.Names, name)
	}
	if m.memory != nil {
		slices.Sort(m.memory.Names)
	}
}

// exports reports whether there is a function of so many addresses and sizes.
func (m *Module) exports(name string, params, results int) bool {
	f, ok := m.funcs[name]
	if !ok || len(f.ParamTypes()) != params || len(f.ResultTypes()) != results {
		return false
	}
	other := func(t api.ValueType) bool { return t != api.ValueTypeI32 }
	return !slices.ContainsFunc(f.ParamTypes(), other) && !slices.ContainsFunc(f.ResultTypes(), other)
}

const wasi = wasi_snapshot_preview1.ModuleName

// resolveImports supplies WASI preview 1, without arguments, environment, files or
// output and with fake clocks, and notes all other imports as missing.
func (m *Module) resolveImports(ctx context.Context) error {
	needsWASI := false
	for _, f := range m.code.ImportedFunctions() {
		module, name, _ := f.Import()
		if module == wasi {
			needsWASI = true
		} else {
			m.missing = append(m.missing, fmt.Sprintf("function %s.%s %s", module, name, funcType(f)))
		}
	}
	for _, mem := range m.code.ImportedMemories() {
		module, name, _ := mem.Import()
		m.missing = append(m.missing, fmt.Sprintf("memory %s.%s", module, name))
	}
	if !needsWASI {
		return nil
	}
	b := m.runtime.NewHostModuleBuilder(wasi)
	wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(b)
	// The engine's own proc_exit closes the instance and frees its memory
	// below the arrays that refer to it. This one only ends the call.
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
		panic(sys.NewExitError(uint32(stack[0])))
	}), []api.ValueType{api.ValueTypeI32}, nil).Export("proc_exit")
	host, err := b.Instantiate(ctx)
	if err != nil {
		return err
	}
	for _, f := range m.code.ImportedFunctions() {
		module, name, _ := f.Import()
		if _, ok := host.ExportedFunctionDefinitions()[name]; module == wasi && !ok {
			m.missing = append(m.missing, fmt.Sprintf("function %s.%s %s", module, name, funcType(f)))
		}
	}
	return nil
}

// linkable reports by name which imports are missing.
func (m *Module) linkable() error {
	list := m.missing
	if len(list) == 0 {
		return nil
	}
	more := ""
	if len(list) > 8 {
		list, more = list[:8], fmt.Sprintf(" and %d more", len(m.missing)-8)
	}
	return fmt.Errorf("%w: nobody supplies %s%s", ErrImport, strings.Join(list, ", "), more)
}

func funcType(f api.FunctionDefinition) FuncType {
	return FuncType{Params: typeNames(f.ParamTypes()), Results: typeNames(f.ResultTypes())}
}

func typeNames(types []api.ValueType) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = api.ValueTypeName(t)
	}
	return names
}

// Name is the name that the module was found by.
func (m *Module) Name() string { return m.name }

// Size is the length of the binary in bytes, uncompressed.
func (m *Module) Size() int { return m.size }

// Digest is the SHA-256 of the binary, uncompressed.
func (m *Module) Digest() [32]byte { return m.digest }

// Exports lists the functions that the module offers, by name.
func (m *Module) Exports() []Export {
	list := make([]Export, 0, len(m.funcs))
	for name, f := range m.funcs {
		list = append(list, Export{name, funcType(f)})
	}
	slices.SortFunc(list, func(a, b Export) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Imports lists the functions that the module needs, in its own order.
func (m *Module) Imports() []Import {
	var list []Import
	for _, f := range m.code.ImportedFunctions() {
		module, name, _ := f.Import()
		list = append(list, Import{module, name, funcType(f)})
	}
	return list
}

// Memory is the exported linear memory, and whether there is one.
func (m *Module) Memory() (MemoryType, bool) {
	if m.memory == nil {
		return MemoryType{}, false
	}
	t := *m.memory
	t.Names = slices.Clone(t.Names)
	return t, true
}

// retain counts a library in.
func (m *Module) retain() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || m.refs == 0 {
		return fmt.Errorf("wasmffi: module %s: %w", m.name, errModuleClosed)
	}
	m.refs++
	return nil
}

var errModuleClosed = errors.New("module is closed")

// release counts a library, or the Module itself, out. The last one frees the code.
func (m *Module) release() error {
	m.mu.Lock()
	m.refs--
	last := m.refs == 0
	m.mu.Unlock()
	if last {
		return m.runtime.Close(context.Background())
	}
	return nil
}

// Close ends the Module: it can no longer be instantiated. Libraries that are
// open stay so; the code is freed with the last of them. A second Close
// does nothing.
func (m *Module) Close() error {
	m.mu.Lock()
	done := m.closed || m.shared
	m.closed = true
	m.mu.Unlock()
	if done {
		return nil
	}
	return m.release()
}

// share leaves the code to the libraries: it is freed with the last of them, and
// as long as there is one more can be made.
func (m *Module) share() error {
	m.mu.Lock()
	m.shared = true
	m.mu.Unlock()
	return m.release()
}

// String names the module, its size and its digest.
func (m *Module) String() string {
	return fmt.Sprintf("module %s, %d bytes, sha256 %x", m.name, m.size, m.digest)
}
