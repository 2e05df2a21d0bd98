package loader

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// InspectOptions say what an engine will be given and what is known of a module. The zero value and nil: nothing.
type InspectOptions struct {
	// Names are the C names of a minified module. Nil: none.
	Names *Names
	// Whether the engine will be told to take threads and exceptions; a module that uses what it does not take is refused.
	// Both make hazards possible: calls that sleep for ever, and exceptions in deep recursion, which takes gigabytes of
	// stack. The engine is always told to take tail calls, extended constant expressions and typed function references.
	// False: it is not told.
	Threads, Exceptions bool
}

// Inspect reads a module and reports what it is, without running or compiling it. A nil o means the defaults.
//
// The error is an [*Error]: [ErrFormat] when the bytes are no module that can be decoded, or one whose indices lead nowhere,
// and [ErrRefused] when it cannot be read for a feature that no option brings. All else that speaks against the module
// is in the report: [Report.Admit] makes an error of it.
//
// Time and memory are linear in the size of the module.
func Inspect(b *Binary, o *InspectOptions) (*Report, error) {
	if o == nil {
		o = &InspectOptions{}
	}
	m, err := wasmbin.Decode(b.Bytes)
	if err == nil {
		err = m.CheckIndices()
	}
	var u wasmbin.Usage
	if err == nil {
		u, err = m.Usage()
	}
	if err != nil {
		return nil, undecodable(b, err)
	}
	i := newInspection(m, o.Names)
	r := &Report{
		Name: b.Name, Path: b.Path, Size: len(b.Bytes), Digest: fmt.Sprintf("%x", b.Digest), module: m,
		Producers: producers(m), Features: u.Features.Names(), AtomicWaits: u.AtomicWait,
		Exports: len(m.Exports), Funcs: len(m.Functions), Globals: len(m.Globals), Start: m.Start != nil,
		Memory: i.memory(), Tables: i.tables(),
	}
	for _, s := range m.Data {
		r.Data += uint64(len(s.Init))
	}
	r.Toolchain = i.toolchain(r.Producers)
	r.Imports = i.imports(r.Toolchain)
	r.Constructor = i.constructor(r.Toolchain)
	r.Allocator = i.allocator(r.Toolchain)
	r.StackFirst = i.stackFirst(r.Toolchain)
	_, r.Signatures, err = b.Signatures()
	if err != nil {
		if e := (*Error)(nil); errors.As(err, &e) {
			r.warn("signatures are not read: %s", e.Reason)
		}
	}
	r.judge(u, o)
	return r, nil
}

// undecodable is the error of a module that cannot be read.
func undecodable(b *Binary, err error) error {
	e := &Error{Op: "inspect", Name: b.Name, Path: b.Path, Kind: ErrFormat, Err: err, Reason: strings.TrimPrefix(err.Error(), "wasmbin: ")}
	if bad := (*wasmbin.Error)(nil); errors.As(err, &bad) && bad.Feature != "" {
		e.Kind = ErrRefused
	}
	return e
}

// inspection is a module with its exports by name.
type inspection struct {
	m       *wasmbin.Module
	names   *Names
	exports map[string]wasmbin.Export
	types   []uint32 // of all functions, imported ones first
}

func newInspection(m *wasmbin.Module, names *Names) *inspection {
	i := &inspection{m: m, names: names, exports: make(map[string]wasmbin.Export, len(m.Exports))}
	for _, x := range m.Exports {
		i.exports[x.Name] = x
	}
	for _, im := range m.Imports {
		if im.Kind == wasmbin.KindFunc {
			i.types = append(i.types, im.Type)
		}
	}
	i.types = append(i.types, m.Functions...)
	return i
}

// mapped is the export that a C name stands for by the name map.
func (i *inspection) mapped(c string) string {
	if i.names == nil {
		return ""
	}
	return i.names.Exports[c]
}

// has is whether a function of that name and of type params -> results, all i32, is exported.
func (i *inspection) has(name string, params, results int) bool {
	x, ok := i.exports[name]
	return ok && x.Kind == wasmbin.KindFunc && isInts(i.typeOf(x), params, results)
}

func (i *inspection) typeOf(x wasmbin.Export) wasmbin.FuncType { return i.m.Types[i.types[x.Index]] }

func isInts(t wasmbin.FuncType, params, results int) bool {
	if len(t.Params) != params || len(t.Results) != results {
		return false
	}
	for _, types := range [][]wasmbin.ValueType{t.Params, t.Results} {
		for _, v := range types {
			if v != wasmbin.I32 {
				return false
			}
		}
	}
	return true
}

// exportsOf are the names by which something is exported.
func (i *inspection) exportsOf(k wasmbin.Kind, index int) []string {
	names := []string{}
	for _, x := range i.m.Exports {
		if x.Kind == k && x.Index == uint32(index) {
			names = append(names, x.Name)
		}
	}
	return names
}

// ctorsName is the function that wasm-ld makes to run static constructors.
const ctorsName = "__wasm_call_ctors"

// constructor is the export that C and C++ libraries want called first.
func (i *inspection) constructor(t Toolchain) string {
	for _, name := range []string{"_initialize", ctorsName, i.mapped(ctorsName)} {
		if i.has(name, 0, 0) {
			return name
		}
	}
	if t == EmscriptenMinified {
		return i.firstFunction()
	}
	return ""
}

// firstFunction is the constructor of a module whose names emscripten has minified, of which a map may know nothing: it is the
// first function that such a module exports (in 55 of 55). Another one in that place is known by its type, or because
// the map has a C name for it.
func (i *inspection) firstFunction() string {
	for _, x := range i.m.Exports {
		if x.Kind != wasmbin.KindFunc {
			continue
		}
		if !i.has(x.Name, 0, 0) || i.named(x.Name) {
			break
		}
		return x.Name
	}
	return ""
}

// named is whether the name map has a C name for an export.
func (i *inspection) named(export string) bool {
	if i.names != nil {
		for _, name := range i.names.Exports {
			if name == export {
				return true
			}
		}
	}
	return false
}
