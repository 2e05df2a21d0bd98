// Package hostmod supplies the functions that a module imports: what the toolchains
// take for granted of their host, without JavaScript and without files.
//
// # Basics
//
// [Link] decides for each import who supplies it, and [Links.Target] what it must be
// renamed to before the module is compiled, so that no two imports collide and no guest
// can name a host module. [Links.Instantiate] makes the host modules, once per runtime.
// Instances share them: a function finds the [Env] of its caller when it is called.
//
// # Families
//
// A function given by the caller goes before all that is built in. WASI preview 1 is the
// engine's own, under whatever name the guest imports it, if the types are the standard's.
// Toolchains that split an i64 into two i32 get versions with their types here, which know
// no files but 0, 1 and 2; so do modules of wasi_unstable where that differs. Of emscripten there
// is what a library needs without a browser: the heap, clocks, calendars in UTC, the console,
// random numbers, longjmp and the end of a program. AssemblyScript has its abort, trace and
// console, and wasm-bindgen its throw. All else becomes a stub that traps with its name.
//
// A built-in function serves only the types it knows; another type makes a stub too. No
// function answers success for what it has not done: a guest is told an error number
// where its interface has one, and is stopped by name where not.
//
// # Errors
//
// A stub ends the call with an [*Unresolved], an assertion, exception or abort of the guest
// with an [*Abort], both to be found by errors.As. Exits are the engine's *sys.ExitError; none
// closes the instance, as what lies in its memory may be in use.
//
// # Warnings
//
// Everything a guest hands over is taken for hostile: addresses are checked, texts bounded,
// and a guest that calls back into itself through the host is stopped at a depth that
// no Go stack minds. A C++ exception without the exception handling of WebAssembly is not
// caught inside of the guest: it ends the call. Destructors registered for the end of the program never run.
// Sleeping takes no time unless the Env says how to sleep.
//
// # Concurrency
//
// Links are immutable. Instances may call from any number of goroutines, each instance
// from one at a time.
package hostmod
