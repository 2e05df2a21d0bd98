// Package wasm holds the WebAssembly modules that tests, examples and benchmarks run, each with the signatures of its
// functions in its custom section wasmffi and in a sidecar of the same name.
//
//	vec       array kernels over every dtype: dot, matmul, blur, histogram, linspace, ...
//	sigs      a function for every feature of the signature language
//	scalars   scalars of every type in and out; no allocator
//	traps     every way in which a guest stops: traps, both kinds of stack overflow, an endless loop
//	exit      leaves through WASI's proc_exit, the only import in this folder
//	mem       linear memory by hand, a counter that outlives a call, a data symbol
//	noalloc   an array parameter, but no malloc to make room for one
//	badalloc  an allocator that lies, in a way chosen by set_mode
//	ctor      a constructor, which _initialize must run first
//	ctortrap  a constructor that traps
//	imports   calls functions that the host supplies, and one that it does not
//	data      data symbols: numbers, a text, a pointer
//	asalloc   allocates as AssemblyScript does: a collector frees what is not pinned
//	bindgen   allocates as wasm-bindgen does: who frees says size and alignment again
//	sbrk      no allocator but sbrk, which the module itself uses, too
//	callback  algorithms that call a function of the host: sorting, quadrature, minimisation; its table is exported and can grow
//	callfixed the same with a table that is neither, as linkers leave it
//
// All are reactors: _initialize runs the constructors. All export memory, __stack_pointer and __heap_base, and have their
// 1 MiB stack below their data. The sources are in src; build.sh builds them, and with --check compares a rebuild with
// the committed bytes.
package wasm

import "embed"

// FS holds every module and sidecar of this folder: NAME.wasm and NAME.sig.
//
//go:embed *.wasm *.sig
var FS embed.FS

// The modules, as bytes. They are shared: do not modify them.
var (
	//go:embed vec.wasm
	Vec []byte // array kernels

	//go:embed sigs.wasm
	Sigs []byte // every feature of the signature language

	//go:embed scalars.wasm
	Scalars []byte // scalars of every type

	//go:embed traps.wasm
	Traps []byte // every way in which a guest stops

	//go:embed exit.wasm
	Exit []byte // leaves through WASI's proc_exit

	//go:embed mem.wasm
	Mem []byte // linear memory by hand

	//go:embed noalloc.wasm
	NoAlloc []byte // an array parameter and no allocator

	//go:embed badalloc.wasm
	BadAlloc []byte // an allocator that lies

	//go:embed ctor.wasm
	Ctor []byte // a constructor

	//go:embed ctortrap.wasm
	CtorTrap []byte // a constructor that traps

	//go:embed imports.wasm
	Imports []byte // calls functions that the host supplies

	//go:embed data.wasm
	Data []byte // data symbols

	//go:embed asalloc.wasm
	ASAlloc []byte // allocates as AssemblyScript does

	//go:embed bindgen.wasm
	Bindgen []byte // allocates as wasm-bindgen does

	//go:embed sbrk.wasm
	Sbrk []byte // no allocator but sbrk

	//go:embed callback.wasm
	Callback []byte // algorithms that call a function of the host

	//go:embed callfixed.wasm
	CallFixed []byte // the same with a table of fixed size that is not exported
)
