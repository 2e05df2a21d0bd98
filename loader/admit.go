package loader

import (
	"fmt"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// Limits of what is admitted. Those of functions hold against modules that are small and take an engine minutes, or
// gigabytes, to compile: 42 KB took 19 seconds. The greatest numbers in 198 libraries of the npm registry are in parentheses.
const (
	MaxNesting      = 5_000     // blocks in one another, in a function: engines recurse, or keep state for each (3,289, of Go)
	MaxLoops        = 100       // loops in one another: the work is that of all loops that something lies in, and 1,000 in 14 KB took 11 seconds (23)
	MaxLoopCount    = 3_000     // loops of a function: each is compared with each, and with all blocks; 8,000 in 96 KB took minutes (1,476)
	MaxBlockValues  = 10_000    // parameters and results of the blocks of a function: 2 million in 12 KB took minutes (none)
	MaxLocals       = 2_000     // parameters and locals of a function: engines keep all of them at each block (968)
	MaxLocalNesting = 500_000   // locals times blocks in one another: 5,000 with 590 locals took 13 seconds and 1.5 GB (49,608)
	MaxLocalBlocks  = 3_000_000 // locals times blocks of a function, the work that follows from both: seconds at 3 million, minutes at 10 (2.3 million)
	MaxBranches     = 10_000    // targets of a br_table: each is an edge between blocks (2,049)
	MaxBodySize     = 1 << 20   // bytes of a function: register allocation takes more than linear time (301 KB)
	MaxArity        = 1_000     // parameters, or results, of a type: every call of it moves them
)

// Limits of the rest.
const (
	MaxImports      = 10_000            // imports: the host makes something for each
	MaxTableEntries = 10_000_000        // minimum sizes of all tables together: the engine takes 8 bytes or more for each entry at once
	MaxMemorySize   = 65_535 * pageSize // minimum size of a memory in bytes: that of one page more does not fit into 32 bits
	MaxSegments     = 100_000           // data segments, or element segments: an instance keeps each
	MaxLookups      = 50_000_000        // functions times exports and mutable globals: the engine compares each with each (10 million)
	MaxTables       = 100               // tables: an instance keeps each, and a host may add a shadow and two functions for it
	MaxEntries      = 1_000_000         // types, functions, globals, or exports: tens of bytes each, in module or instance
)

// Locals times blocks of all functions together may be MaxWork, and WorkPerByte more for each byte of the module. Real
// modules have at most 4.5 million in 0.95 MB, and 25 million in 28 MB.
const (
	MaxWork     = 5_000_000
	WorkPerByte = 2
)

// mostReasons is how many reasons the error of Admit gives.
const mostReasons = 8

// Admit is nil when the module can be compiled, else an [*Error], [ErrRefused], that gives the reasons: all of them, or
// the first eight and how many more there are.
func (r *Report) Admit() error {
	if len(r.Refusals) == 0 {
		return nil
	}
	reason := strings.Join(r.Refusals[:min(len(r.Refusals), mostReasons)], "; ")
	if more := len(r.Refusals) - mostReasons; more > 0 {
		reason += fmt.Sprintf("; and %d more", more)
	}
	return &Error{Op: "inspect", Name: r.Name, Path: r.Path, Kind: ErrRefused, Reason: reason}
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *Report) refuse(format string, args ...any) {
	r.Refusals = append(r.Refusals, fmt.Sprintf(format, args...))
}

// judge finds what speaks against the module.
func (r *Report) judge(u wasmbin.Usage, o *InspectOptions) {
	r.judgeFeatures(u.Features, o)
	r.judgeFunctions(u)
	r.judgeSizes()
	r.judgeTables()
	r.caution(o)
}

// proposals are the features that the engine takes when it is told to.
var proposals = []struct {
	feature wasmbin.Features
	what    string
	on      func(*InspectOptions) bool
	hint    string
}{
	{wasmbin.FeatureAtomics, "threads (atomic instructions or a shared memory)", func(o *InspectOptions) bool { return o.Threads }, "set Options.Threads, or compile without -pthread"},
	{wasmbin.FeatureExceptionHandling, "exceptions", func(o *InspectOptions) bool { return o.Exceptions }, "set Options.Exceptions, or compile with -fno-exceptions"},
	{wasmbin.FeatureMultiMemory, "several memories", func(*InspectOptions) bool { return false }, "the engine has no multi-memory; link with one memory"},
}

func (r *Report) judgeFeatures(used wasmbin.Features, o *InspectOptions) {
	for _, p := range proposals {
		if used&p.feature != 0 && !p.on(o) {
			r.refuse("uses %s: %s", p.what, p.hint)
		}
	}
}

func (r *Report) judgeFunctions(u wasmbin.Usage) {
	for _, l := range []struct {
		what string
		got  wasmbin.Peak
		most uint64
		hint string
	}{
		{"blocks in one another", u.Nesting, MaxNesting, "split it, or a switch in it"},
		{"loops in one another", u.Loops, MaxLoops, "split it"},
		{"loops", u.LoopCount, MaxLoopCount, "split it"},
		{"parameters and results of blocks", u.BlockValues, MaxBlockValues, "pass them in locals: compile without -mmultivalue"},
		{"parameters and locals", u.Locals, MaxLocals, "split it, or compile with optimisation"},
		{"locals times blocks in one another", u.LocalNesting, MaxLocalNesting, "split it, or compile with optimisation"},
		{"locals times blocks", u.LocalBlocks, MaxLocalBlocks, "split it, or compile with optimisation"},
		{"targets of a br_table", u.BrTable, MaxBranches, "use a table of data in place of a switch"},
		{"bytes of code", u.BodySize, MaxBodySize, "split it"},
	} {
		if l.got.Value > l.most {
			r.refuse("function %d: %s: got %d, want at most %d: %s", l.got.Func, l.what, l.got.Value, l.most, l.hint)
		}
	}
	if most := uint64(MaxWork) + WorkPerByte*uint64(r.Size); u.Work > most {
		r.refuse("locals times blocks of all functions: got %d, want at most %d for a module of this size: split the largest functions, or compile with optimisation", u.Work, most)
	}
	for k, t := range r.module.Types {
		if n := max(len(t.Params), len(t.Results)); n > MaxArity {
			r.refuse("type %d: parameters or results: got %d, want at most %d: pass a struct in memory", k, n, MaxArity)
			break // one is enough: there may be as many as types
		}
	}
}

func (r *Report) judgeSizes() {
	m := r.module
	for _, l := range []struct {
		what string
		n    int
		most int
	}{
		{"imports", len(m.Imports), MaxImports},
		{"types", len(m.Types), MaxEntries},
		{"functions", len(m.Functions), MaxEntries},
		{"globals", len(m.Globals), MaxEntries},
		{"exports", len(m.Exports), MaxEntries},
		{"data segments", len(m.Data), MaxSegments},
		{"element segments", len(m.Elements), MaxSegments},
	} {
		if l.n > l.most {
			r.refuse("%s: got %d, want at most %d: link less into one module", l.what, l.n, l.most)
		}
	}
	exports := uint64(len(m.Exports)) // and what hosts add to them
	for i := range m.Globals {
		if m.Globals[i].Mutable {
			exports++
		}
	}
	if n := uint64(len(m.Functions)) * exports; n > MaxLookups {
		r.refuse("functions times exports and mutable globals: got %d, want at most %d: export less", n, MaxLookups)
	}
	if r.Memory != nil && r.Memory.Min > MaxMemorySize {
		r.refuse("memory: got %d bytes at first, want at most %d: set a smaller initial memory when linking", r.Memory.Min, uint64(MaxMemorySize))
	}
}

func (r *Report) judgeTables() {
	if n := len(r.Tables); n > MaxTables {
		r.refuse("tables: got %d, want at most %d: link less into one module", n, MaxTables)
	}
	var sum uint64
	for _, t := range r.Tables {
		sum += uint64(t.Min) // as many 32-bit numbers as there can be do not overflow
	}
	if sum > MaxTableEntries {
		r.refuse("tables: got %d entries at first in all, want at most %d: set a smaller initial size when linking", sum, MaxTableEntries)
	}
}

// caution warns of what can be run but is not as it should be.
func (r *Report) caution(o *InspectOptions) {
	if r.StackFirst == No {
		r.warn("the stack lies above static data: an overflow overwrites the data and does not trap; link with --stack-first")
	}
	if r.AtomicWaits {
		r.warn("uses memory.atomic.wait: a call may sleep for ever, and no context ends it")
	}
	if r.Memory == nil {
		r.warn("no memory: arrays cannot be passed")
	} else if r.Allocator.Kind == AllocNone {
		r.warn("no allocator is exported: arrays are put into pages above the memory that the module has at first, and may not be kept by it; export malloc and free")
	}
	if r.Toolchain == EmscriptenMinified && (o.Names == nil || len(o.Names.Exports) == 0) {
		r.warn("names are minified: give the names that the JavaScript of the module has (wasmffi names GLUE.js)")
	}
}
