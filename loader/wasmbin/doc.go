// Package wasmbin is the WebAssembly binary format: decode, encode, rewrite. It is what a host needs that looks into modules
// and adds to them before an engine compiles them. It imports the standard library only and runs nothing.
//
// # Basics
//
// [Decode] reads a module into a [Module], whose fields say what the sections say. [Module.Encode] writes it again:
//
//	m, err := wasmbin.Decode(code)
//	typ := m.AppendType(wasmbin.FuncType{Results: []wasmbin.ValueType{wasmbin.I32}})
//	f, err := m.AppendFunction(typ, []byte{0, 0x41, 42, 0x0b})     // no locals; i32.const 42; end
//	_, err = m.AppendExport(wasmbin.Export{Name: "answer", Kind: wasmbin.KindFunc, Index: f})
//	code = m.Encode()
//
// [Instructions] walks the code of a body. [Module.Usage] says which features a module uses and how large its functions are.
// [Module.ShadowTables] and [Module.Meter] are whole rewrites: the one makes the tables of a module fit for snapshots, the other
// lets the host stop a call at any time and count what it executes.
//
// # Rewriting
//
// No rewrite changes an index, so that no instruction has to change, but where Meter adds blocks around labels: new types,
// functions, tables, globals and exports come after those that are there, and imports become definitions where they stand
// ([Module.DefineImports]). What is not changed is copied byte for byte, with the padded numbers that linkers leave; a
// section without a change is the same, and so is a module.
//
// Appending can make an invalid module valid: an index that was out of range then names what was appended. Call
// [Module.CheckIndices] before. Names are [Module.PrivatePrefix] and something.
//
// Offsets in the code section, as in .debug_* sections, are not moved. They count from the beginning of that section, whose
// first entries move only when the number of functions takes more bytes than before. Meter moves them all: drop such sections
// then ([Module.DropCustoms]).
//
// # What is checked
//
// Decode checks the form of a module (core specification, chapter 5): header, order of sections, sizes, numbers in LEB128
// with their length and unused bits, UTF-8, types, constant expressions, the frames of bodies and segments, counts that
// must agree. Instructions checks opcodes, immediates and the nesting of blocks. CheckIndices checks every index.
//
// Validation (chapter 3) is the engine's: the types of instructions and constant expressions, alignments, lanes, limits,
// mutability, the names of exports, functions that ref.func may name. A module that this package takes may be invalid.
//
// What is there: WebAssembly 2.0, and of later proposals tail calls, extended constants, exceptions (try_table and exnref),
// typed function references, recursive groups of function types, and threads. What else is known is refused by name
// ([Error].Feature): 64-bit memories and tables, page sizes, shared tables and globals, garbage collection, stack switching,
// the older exceptions (try and catch), relaxed and half precision vectors, wide arithmetic. Several memories are decoded;
// instructions on others than the first are refused in this way.
//
// # Hostile input
//
// Modules come from anywhere. No function panics, recurses, or reserves memory for a count before it is compared with the
// bytes that are left; time and memory are linear in the length of the module. At most about 50 bytes of memory are kept for
// one of input, for custom sections without name and content; real modules take a fraction of a byte.
//
// Engines may be less careful. wazero 1.12 takes memory for as many entries as a count claims, and for every local: 32 bytes of
// module can ask for 32 GiB, and end the process. Decode first, and look at [Module.Usage]: the specification
// lets a function have 2**32-1 locals.
//
// Where engines read leniently, this package does not, so that both see the same instructions: vector and atomic opcodes
// are taken in their shortest form alone, and heap and block types that are names in one byte.
//
// Every error is an [*Error]: the section, the offset in the module, and what was got and wanted.
//
// # Lifetimes
//
// Byte slices in a Module alias the bytes that were decoded: they
// are valid as long as those are not changed. The result of Encode shares memory with nothing.
//
// # Concurrency
//
// Functions may be called at the same time. A Module may be read, walked and encoded by many goroutines while none changes it.
package wasmbin
