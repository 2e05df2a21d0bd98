// Package wasmffi calls array code that was compiled to WebAssembly, with every
// argument checked before the guest sees a byte. It is numpy.ctypeslib for a
// host that does not trust what it loads: load_library, ndpointer, as_array and
// as_ctypes, in pure Go, on wazero.
//
// # Basics
//
// A [Module] is compiled code, a [Library] a running instance with memory of its
// own, a [Func] an export bound to a signature:
//
//	lib, err := wasmffi.LoadLibrary(ctx, "vec", "plugins", nil)
//	dot, err := lib.Func("dot(x: f64[n], y: f64[n], n: size) -> f64")
//	r, err := dot.Call(ctx, []float64{1, 2, 3}, []float64{4, 5, 6})
//	r.Float64() // 32
//
// The signature says what the whole call demands; n is derived from the arrays and not
// given. Package constraints has the language. [Library.FuncOf] binds as ctypes
// does, by argtypes and restype.
//
// Go slices are copied into guest memory for the call, and back where the parameter is out or inout and the call
// succeeds. [Library.Array] and [Library.Empty] make arrays there, which calls take without a copy and without allocation;
// memview.Slice shares their elements with Go. [Func.Prepare] checks arguments once for many calls, and [Bind]
// makes a typed Go function.
//
// A module may carry signatures of its own. They are claims: Func refuses to bind when they differ
// from the caller's, and only [Library.DeclaredFunc] goes by them.
//
// # Loading what is out there
//
// What a module imports is supplied by family: WASI preview 1, emscripten, AssemblyScript; memories, tables and globals
// are made for it; [Options].Imports are Go functions. A function that nobody supplies is a trap when it is called, which
// names it. Constructor and allocator are found, or named by options; loader.ParseNames gives minified modules their C
// names. Compiled code is kept in a [Cache]. [Adopt] takes an instance of the engine's own.
//
// [Library.Callback] makes a C function pointer of a Go function, and [Result.Func] a Func of one that the guest returned;
// [Library.Symbol] finds data.
//
// # Errors
//
// An argument that does not fit is a *[TypeError], which says which one, what it
// has and what is wanted. Three questions for errors.Is and errors.As:
//
//   - Was the function entered? [ErrNotRun] says no: the arguments were refused or the
//     library was busy, closed or poisoned. Guest memory and slices are as they were.
//   - Did we stop it? [ErrStopped]: the context or a limit ended the call. The error wraps context.Cause, or [ErrFuel].
//   - Did it fail? [*Trap], [*ExitError], [*HostError] of a callback, [*StatusError] for a result other than ok().
//
// After a trap, an exit code or a stop the guest's memory is half written and its stack not unwound: the library is
// poisoned and answers [ErrPoisoned]. [Library.Reset] goes back to a [Snapshot] or to the start.
//
// # Lifetimes
//
// Arrays refer to the memory, not to the Library: after Close they answer ErrClosed, after Free ErrFreed, after a Reset to
// a time before them ErrStale. Growth of the memory moves nothing. A slice borrowed from a library that was closed reads
// zeros; it never faults. Address space that was lent as a slice is reused only after 64 GiB of it were released. A
// Library that nobody holds is closed by the collector. [Library.CheckLeaks] names arrays that a test forgot to free.
//
// [Library.MapFile] makes an array of a file and [SharedArray] one array of many libraries.
//
// # Concurrency
//
// A Module may be used by any number of goroutines. A Library, with its Funcs,
// serves one at a time: a second one gets [ErrBusy]. Make an instance for each.
// Close may be called from anywhere; it waits for the call in flight.
//
// # Security
//
// The threat is a module of any origin, loaded into a server with the default options, and called with arguments of which
// some may be an attacker's. It can waste what it was given, and no more. What is promised, and what shows it:
//
//   - Confinement. A guest reaches its own memory, and what [Options].WASI and Imports give: no files, environment or true clock by
//     default. Modules of different code have engines of their own; instances are anonymous and cannot see one another. All that a guest hands over is
//     checked before it is used: addresses, lengths, results, texts, bools, function pointers, blocks of its allocator (TestLies,
//     TestHostile, FuzzResults). The host's own exports and functions cannot be named (TestPrivateNames).
//   - Refusal. A module is inspected before the engine sees it: what takes minutes or gigabytes to compile, and what claims more memory
//     or entries of tables than it may have, is refused with the reason (TestBombs, TestClaims, TestTruncatedModules,
//     TestFlippedBits, FuzzCompile).
//   - Memory. [Limits] bound linear memory and tables, growth included. What a guest has written or opened is bounded too, by Limits.Output and
//     256 open files; mounts are read only. A recursion can have 160 MiB for native stacks while it runs. A call that failed leaves nothing
//     behind: not its native stack, not its library once that is closed (TestHostile, TestHazards, TestOpenFilesAreLimited).
//   - Time. Every entry into a guest ends by its context, Limits.Time and Limits.Fuel within milliseconds, whatever the guest executes: loops,
//     recursion, single instructions on much memory, waits, constructors, its allocator (TestContextsStopGuests,
//     TestContextsStopConstructors, TestStopAfterHostFunctions). The time that one Go function of the host takes comes on top; while the
//     engine grows the stack of a deep recursion, or memory is touched for the first time, it is tens of milliseconds. Go's collector and
//     scheduler get in as often (TestCollectorGetsIn; figures: tools/bench -run stop).
//   - Sameness. Counting changes nothing else: the specification's 73,628 commands and random modules give the same results, traps and memory, and a
//     module is valid afterwards if and only if it was (TestMeterSpecEngine, TestMeterRandomEngine, FuzzMeterEngine).
//
// What is not promised:
//
//   - Side channels. A guest that shares a core can learn from caches and from time; without WASI.Clocks it has no clock but its own counting.
//   - The engine. A flaw in the machine code that wazero makes, or in the processor, is not held by a second wall. Where that is not enough, use a
//     process for each tenant.
//   - The time to compile: seconds for megabytes, which contexts end only before the engine begins. loader.Options.MaxSize bounds it.
//   - The directory of a cache. It holds machine code: who can write there runs code here. It is made for the owner alone, and refused
//     otherwise ([NewDiskCache]).
//   - Fairness. Until it is stopped a guest has a core. The defaults stop nobody: give calls a context with a deadline, or Limits.Time. What
//     all libraries take together is the sum of their limits.
//   - What was switched off or added: Options.Unmetered, Options.Exceptions, and what a Go function does that was given.
//   - The truth of results. A guest may compute what it likes, and a signature is believed.
//
// # Warnings
//
// A guest of a module with [Options].Unmetered that loops for ever keeps its goroutine, and delays Go's garbage collector.
//
// A wrong signature gives wrong results, and lets the guest write into any array of its own memory.
package wasmffi
