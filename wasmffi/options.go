package wasmffi

import (
	"io"
	"io/fs"
	"time"

	"github.com/wasmffi/go/loader"
)

// Options say how a library is found and run. A nil *Options is the zero
// value. A Module keeps a copy: later changes have no effect.
type Options struct {
	// Find acts when a module is looked for and read: size limit, digest
	// pin. Zero: the loader's defaults.
	Find loader.Options
	// Limits act on every instance of the module.
	Limits Limits
	// Imports are functions for the guest, by the names that it imports them by: "env.log". Where Names says
	// what a minified import means, the C name will do. They go before what is built in. Modules with
	// the same HostFuncs share code, which holds them: a function that refers to a Library or Module of it keeps
	// both from being collected, so that they must be closed. Empty: what the families of toolchains need is built in.
	Imports map[string]*HostFunc
	// Globals are the values, as bits, of globals that the guest imports, by name as Imports. Zero: those that the convention for
	// relocatable modules asks for, and 0 for all others.
	Globals map[string]uint64
	// StrictImports refuses a module that imports a function which nobody supplies. False: it is
	// loaded, and a call of that function is a trap that names it.
	StrictImports bool
	// Names are the C names of a module whose exports and imports were minified: its exports
	// can then be called by them. See loader.ParseNames. Nil: none.
	Names *loader.Names
	// Allocator is what arrays are allocated by. Zero: what loader.Inspect finds.
	Allocator loader.Allocator
	// Constructor is the export that is called when an instance is made. Empty: what loader.Inspect
	// finds; "-": none.
	Constructor string
	// WASI is what guests see of the world. Zero: nothing.
	WASI WASI
	// Threads accepts shared memories and atomic instructions. There is one thread nevertheless: an instance
	// serves one goroutine at a time, and one that waits for another does so for ever. False: refused.
	Threads bool
	// Exceptions accepts exception handling by try_table. The engine copies the native stack for each that is active: there may be
	// 256 in one another, unless Unmetered is set, where one more is a stack overflow; with a deep stack below them they can still take 12 GB. For
	// guests that are trusted, and tested: the compiler of wazero 1.12 loses what a local is set to inside of a try_table that catches. False: refused.
	Exceptions bool
	// Cache is where compiled code is kept. Nil: one that the process shares, of
	// DefaultCacheBytes.
	Cache *Cache
	// Require are signatures that the module must implement: exports of that wasm type
	// which carry no other signature. All that do not fit are named when the module is
	// compiled. Empty: none.
	Require []string
	// TraceAllocations notes for each array the line that made it, for Leaks; it
	// costs about a microsecond an array. False: Leaks has sizes only.
	TraceAllocations bool
	// Unmetered leaves out the checks that let contexts, deadlines and fuel stop a running call, and lets Go's garbage collector in while a
	// guest runs: kernels are then faster by a tenth to a third. For guests that are trusted to return. False: guests are metered.
	Unmetered bool
}

// WASI is what the instances of a module see by WASI preview 1. Clocks and random numbers are the same in
// every run unless something else is given.
type WASI struct {
	// Args are the arguments, the name of the program first. Empty: none.
	Args []string
	// Env are the environment variables, as "NAME=value". Empty: none.
	Env []string
	// Stdin is read by the guest. Nil: empty.
	Stdin io.Reader
	// Stdout and Stderr are written to by the guest. Instances that run at the same time write at the same time.
	// Nil: what is written is thrown away.
	Stdout, Stderr io.Writer
	// Mounts are file systems for the guest to read, by the directory where it sees them: "/". An os.Root's FS cannot be left; os.DirFS follows
	// links. An instance has at most 256 files open. Empty: none.
	Mounts map[string]fs.FS
	// Clocks lets the guest read the true time and sleep. False: time begins at a fixed moment and goes on by a millisecond a look.
	Clocks bool
	// Random is where random bytes come from. Nil: the same bytes in every instance.
	Random io.Reader
}

// Limits bound what one instance may take.
type Limits struct {
	// Memory is the largest linear memory in bytes; memory.grow beyond it
	// gives the guest -1. A module that needs more from the start is refused.
	// Zero: DefaultMemory. At most MaxMemory.
	Memory uint64
	// Tables is how many entries all tables may have together, of 8 bytes or more; table.grow beyond it gives the guest -1. A module that
	// needs more from the start is refused with ErrTableLimit. There is room for 65,536 callbacks more in the table of function pointers, which
	// a guest could take, too. Zero: DefaultTables. At most
	// loader.MaxTableEntries.
	Tables uint32
	// Fuel is how much one call may execute: a unit is an instruction of WebAssembly, or 8 bytes of one that moves memory or of what
	// WASI reads and writes, charged in
	// blocks, the same in every run and on every machine. A call that needs more is stopped with ErrFuel. With a limit, Result.Fuel
	// says what a call took. Zero: no limit.
	Fuel uint64
	// Time is how long one call may take, beside what its context says; it is stopped with context.DeadlineExceeded. Constructors and
	// the guest's allocator are calls, too. Zero: no limit, but AllocTime for calls that have no context.
	Time time.Duration
	// Output is how many bytes one call may write to standard output and error together, thrown away or not. What fits is written, and the
	// call is stopped with ErrOutput when there is more. Zero: no limit.
	Output uint64
}

const (
	pageSize = 65536

	// DefaultMemory is the limit of a linear memory that no option sets: 256 MiB.
	DefaultMemory = 256 << 20
	// DefaultTables is the limit of tables that no option sets.
	DefaultTables = 1_000_000
	// AllocTime is how long the guest's functions may take that the host calls without a context, which Limits.Time may make shorter: its
	// allocator, for Library.Array, Empty and Free, and what ends a handle. Then they are stopped, unless Options.Unmetered is set.
	AllocTime = 10 * time.Second
	// MaxMemory is the largest limit that can be set: 65,535 pages. The last
	// page of a 32-bit memory stays out of use, so that no size and no end of a
	// range needs 33 bits.
	MaxMemory = 65535 * pageSize
)

// entries is the limit of tables.
func (l Limits) entries() uint32 {
	if l.Tables == 0 {
		return DefaultTables
	}
	return min(l.Tables, loader.MaxTableEntries)
}

// pages is the memory limit in wasm pages.
func (l Limits) pages() uint32 {
	switch {
	case l.Memory == 0:
		return DefaultMemory / pageSize
	case l.Memory > MaxMemory:
		return MaxMemory / pageSize
	}
	return uint32(l.Memory / pageSize)
}
