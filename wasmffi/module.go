package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/loader"
)

// Module is a compiled library: code without state. It is immutable and safe
// for concurrent use; any number of Libraries are instantiated from it, each with
// a memory of its own, and none can reach another.
type Module struct {
	*code
	name string
	path string // of the file that it was found in
	opts Options
	hold *hold

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
	Names    []string // under which it is exported; none: it is not
}

// Compile compiles a wasm binary, plain or gzipped: the way in for modules that
// are embedded in the program. ctx covers the compilation only. The
// size of the memory is judged when the module is instantiated.
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
	m := &Module{name: b.Name, path: b.Path, opts: *o, refs: 1}
	if m.sigText, m.sigFrom, err = b.Signatures(); err != nil {
		m.sigErr, err = fmt.Errorf("wasmffi: signatures of %s: %w", b.Name, err), nil
	}
	if m.code, m.hold, err = o.acquire(ctx, b); err != nil {
		return nil, err
	}
	m.hold.keep(m)
	if o.StrictImports {
		if err = m.linkable(); err != nil {
			err = fmt.Errorf("wasmffi: compile %s: %w", b.Name, err)
		}
	}
	if err == nil {
		err = m.Implements(o.Require...)
	}
	if err == nil {
		if err = errors.Join(o.checkLimits(), m.hasAllocator(o.Allocator), m.checkConstructor(), o.WASI.check()); err != nil {
			err = fmt.Errorf("wasmffi: compile %s: %w", b.Name, err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, m.hold.release())
	}
	return m, nil
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

// constructor is the export that is called first; empty: none.
func (m *Module) constructor() string {
	switch name := m.opts.Constructor; name {
	case "":
		return m.report.Constructor
	case "-":
		return ""
	default:
		return name
	}
}

func (m *Module) checkConstructor() error {
	if name := m.opts.Constructor; name != "" && name != "-" && !m.exports(name, 0, 0) {
		return fmt.Errorf("Options.Constructor: %w: %q of type ()%s", ErrNotFound, name, m.similar(name))
	}
	return nil
}

// linkable reports by name which functions nobody supplies.
func (m *Module) linkable() error {
	list := m.links.Missing()
	if len(list) == 0 {
		return nil
	}
	more := ""
	if len(list) > 8 {
		list, more = list[:8], fmt.Sprintf(" and %d more", len(list)-8)
	}
	var names []string
	for _, i := range list {
		names = append(names, fmt.Sprintf("function %s %s", m.links.Label(i), m.imports[i].Type))
	}
	return fmt.Errorf("%w: nobody supplies %s%s", ErrImport, strings.Join(names, ", "), more)
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
func (m *Module) Imports() []Import { return slices.Clone(m.imports) }

// Missing lists those of Imports that nobody supplies: a call of one is a trap that names it.
func (m *Module) Missing() []Import {
	var list []Import
	for _, i := range m.links.Missing() {
		list = append(list, m.imports[i])
	}
	return list
}

// Report is what package loader found out about the module before it was compiled, but for Report.Module. It must
// not be changed. Of an adopted instance it says little.
func (m *Module) Report() *loader.Report {
	r := *m.report
	r.Name, r.Path, r.Signatures = m.name, m.path, m.sigFrom
	return &r
}

// Memory is the linear memory, exported or not, and whether there is one.
func (m *Module) Memory() (MemoryType, bool) {
	if m.memory == nil {
		return MemoryType{}, false
	}
	t := *m.memory
	t.Max = min(t.Max, uint64(m.opts.Limits.pages())*pageSize)
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
		return m.hold.release()
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
