package loader

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// AllocatorKind tells how functions of a module are called to take memory and to give it back.
type AllocatorKind string

// The kinds. Addresses and sizes are i32; NULL is 0. Where a kind does not tell of an alignment it is 16 in C, and the kind
// AllocBindgen promises none.
const (
	// AllocNone: the module exports no allocator, or one that is not known.
	AllocNone AllocatorKind = "none"
	// AllocMalloc: Alloc(size) -> ptr and Free(ptr), as in C.
	AllocMalloc AllocatorKind = "malloc"
	// AllocBindgenAligned: Alloc(size, align) -> ptr and Free(ptr, size, align), as wasm-bindgen has them since 0.2.85.
	AllocBindgenAligned AllocatorKind = "bindgen-aligned"
	// AllocBindgen: Alloc(size) -> ptr and Free(ptr, size), as wasm-bindgen had them before.
	AllocBindgen AllocatorKind = "bindgen"
	// AllocAssemblyScript: Alloc(size, class) -> ptr makes an object that the garbage collector moves not but frees, unless Pin(ptr) -> ptr
	// was called; Unpin(ptr) is in the place of Free. Collect(), where there is one, collects at once.
	AllocAssemblyScript AllocatorKind = "assemblyscript"
	// AllocAssemblyScriptARC: Alloc(size, class) -> ptr, Pin(ptr) -> ptr counts a reference, and Unpin(ptr) gives it back:
	// AssemblyScript before 0.18.
	AllocAssemblyScriptARC AllocatorKind = "assemblyscript-arc"
	// AllocSbrk: Alloc(increment) -> ptr moves the end of the heap and returns the old one, -1 when there is no memory. Nothing is
	// given back.
	AllocSbrk AllocatorKind = "sbrk"
)

// Allocator is where memory for arrays comes from: functions of the module, by the names of their exports. Their types are as
// Kind says.
type Allocator struct {
	Kind    AllocatorKind `json:"kind"`              // how they are called
	Alloc   string        `json:"alloc,omitempty"`   // empty for AllocNone
	Free    string        `json:"free,omitempty"`    // empty where there is none
	Pin     string        `json:"pin,omitempty"`     // of the AssemblyScript kinds
	Unpin   string        `json:"unpin,omitempty"`   // of the AssemblyScript kinds
	Collect string        `json:"collect,omitempty"` // of AllocAssemblyScript, may be empty
}

// FindAllocator is the first allocator that is there by the names that toolchains give their exports. has reports whether
// a function is exported under a name, with so many parameters and results, all of type i32.
func FindAllocator(has func(name string, params, results int) bool) Allocator {
	const bindMalloc, bindFree = "__wbindgen_malloc", "__wbindgen_free"
	switch {
	case has("malloc", 1, 1) && has("free", 1, 0):
		return Allocator{Kind: AllocMalloc, Alloc: "malloc", Free: "free"}
	case has("_malloc", 1, 1) && has("_free", 1, 0):
		return Allocator{Kind: AllocMalloc, Alloc: "_malloc", Free: "_free"}
	case has(bindMalloc, 2, 1) && has(bindFree, 3, 0):
		return Allocator{Kind: AllocBindgenAligned, Alloc: bindMalloc, Free: bindFree}
	case has(bindMalloc, 1, 1) && has(bindFree, 2, 0):
		return Allocator{Kind: AllocBindgen, Alloc: bindMalloc, Free: bindFree}
	case has("__new", 2, 1) && has("__pin", 1, 1) && has("__unpin", 1, 0):
		a := Allocator{Kind: AllocAssemblyScript, Alloc: "__new", Pin: "__pin", Unpin: "__unpin"}
		if has("__collect", 0, 0) {
			a.Collect = "__collect"
		}
		return a
	case has("__alloc", 2, 1) && has("__retain", 1, 1) && has("__release", 1, 0):
		return Allocator{Kind: AllocAssemblyScriptARC, Alloc: "__alloc", Pin: "__retain", Unpin: "__release"}
	}
	for _, name := range []string{"sbrk", "_sbrk"} {
		if has(name, 1, 1) {
			return Allocator{Kind: AllocSbrk, Alloc: name}
		}
	}
	return Allocator{Kind: AllocNone}
}

// allocator is that of the names, in the module or in the name map, or one of wasm-bindgen's whose names were minified.
func (i *inspection) allocator(t Toolchain) Allocator {
	a := FindAllocator(i.has)
	if malloc, free := i.mapped("malloc"), i.mapped("free"); a.Kind != AllocMalloc && i.has(malloc, 1, 1) && i.has(free, 1, 0) {
		return Allocator{Kind: AllocMalloc, Alloc: malloc, Free: free}
	}
	if t == WasmBindgen && (a.Kind == AllocNone || a.Kind == AllocSbrk) {
		if minified, ok := i.bindgenMinified(); ok {
			return minified
		}
	}
	if sbrk := i.mapped("sbrk"); a.Kind == AllocNone && i.has(sbrk, 1, 1) {
		return Allocator{Kind: AllocSbrk, Alloc: sbrk}
	}
	return a
}

// bindgenMinified finds malloc and free among exports named __wbindgen_export_0 or __wbindgen_export2. wasm-bindgen numbers them
// in the order in which its own code needs them, with malloc and realloc first; functions that call closures have such
// names and the type of free, too, but call through a table.
func (i *inspection) bindgenMinified() (Allocator, bool) {
	type numbered struct {
		name string
		n    int
	}
	var found []numbered
	for name, x := range i.exports {
		rest, ok := strings.CutPrefix(name, "__wbindgen_export")
		if !ok || x.Kind != wasmbin.KindFunc {
			continue
		}
		n := 0
		if rest != "" {
			var err error
			if n, err = strconv.Atoi(strings.TrimPrefix(rest, "_")); err != nil {
				continue
			}
		}
		found = append(found, numbered{name, n})
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.name, b.name)) })
	first := func(params, results int) string {
		for _, f := range found {
			if i.has(f.name, params, results) && !i.callsIndirect(i.exports[f.name].Index) {
				return f.name
			}
		}
		return ""
	}
	// As many are looked at as there are in practice, and more, so that hostile modules do not make this long.
	found = found[:min(len(found), 64)]
	// realloc(ptr, old, new, align) tells these from other functions of such types.
	alloc, resize, free := first(2, 1), first(4, 1), first(3, 0)
	if alloc == "" || resize == "" || free == "" {
		return Allocator{}, false
	}
	return Allocator{Kind: AllocBindgenAligned, Alloc: alloc, Free: free}, true
}

// callsIndirect is whether a function calls through a table, itself. What is imported might, and of a long function, which
// no part of an allocator's interface is, it is not looked at.
func (i *inspection) callsIndirect(f uint32) bool {
	k := int64(f) - int64(len(i.types)-len(i.m.Functions))
	const long = 4096
	if k < 0 || len(i.m.Code[k].Code) > long {
		return true
	}
	for in := range wasmbin.Instructions(i.m.Code[k].Code) {
		if in.Op == wasmbin.OpCallIndirect || in.Op == wasmbin.OpReturnCallIndirect {
			return true
		}
	}
	return false
}
