package loader

import (
	"fmt"
	"math"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// What a zero field of [HardenOptions] stands for.
const (
	DefaultFuel   = 1_000_000_000 // HardenOptions.Fuel: about a second of work for an engine that compiles
	DefaultMemory = 256 << 20     // HardenOptions.Memory: 256 MiB
	DefaultTables = 1_000_000     // HardenOptions.Tables
)

// HardenOptions are what a hardened module may do. The zero value and nil mean the defaults.
type HardenOptions struct {
	// Fuel is what an instance may spend before its host gives it more, in instructions, as [wasmbin.Module.Meter] counts
	// them: at most 1<<63 - 1. The count of a function with loops can be late by [wasmbin.DefaultBudget]. Zero: DefaultFuel.
	Fuel uint64
	// Memory is the largest size of the memory in bytes, from 64 KiB to MaxMemorySize; the part of a page is dropped.
	// Zero: DefaultMemory.
	Memory uint64
	// Tables is how many entries all tables together may have. Zero: DefaultTables.
	Tables uint32
	// Threads and Exceptions are those of InspectOptions. A wait of more than 5 ms calls the function of Hardened.Poll, and
	// traps where there is none. False: refused.
	Threads, Exceptions bool
}

// Hardened is what [Harden] made. It is plain data, and shares no memory with the Binary.
type Hardened struct {
	Wasm   []byte      // the module
	Fuel   string      // export of the mutable global of i64 that has the fuel which is left
	Tries  string      // export of the count of active try_tables, which a host sets to 0 after a call that did not return; empty: there is none
	Poll   string      // export of the table with one entry of funcref, null at first, for what is called when the fuel is below zero
	Memory *MemoryInfo // the memory with its limits as they are now; nil without one
	Tables []TableInfo // the tables with theirs, by index; that of Poll, which comes after them, is not there
	Drops  int         // custom sections that were left out
	Report *Report     // the module as it was, without Report.Module
}

// meterNames is what the names of [wasmbin.Metering] begin with, underscores aside.
const meterNames = "wasmffi.meter"

// misplaced are the names, or beginnings of them, of custom sections that tell offsets in code, which are others
// afterwards: DWARF, the URLs of it and of a source map, what linkers move, and hints for instructions.
var misplaced = []string{".debug_", "external_debug_info", "sourceMappingURL", "reloc.", "metadata.code."}

// Harden writes a module with protection built in, for engines that cannot stop a guest: it counts the instructions that it
// executes and traps when it has no fuel left; its memory and all its tables have a maximum. What [Report.Admit] refuses is
// refused. A nil o means the defaults.
//
// The protection is the module's own and needs nothing from its host. A host may set the global of [Hardened].Fuel, which is
// exported and mutable, before each call: this is the fuel of that call, and what is left afterwards says what
// it took. A host that does not gives each instance as much as HardenOptions.Fuel, once. After a trap for lack of fuel the
// global is below zero, and calls go on trapping until it is set. Instead of the trap, an uninitialised element of a table, the
// function in the table of [Hardened].Poll is called, if the host has put one there (see [wasmbin.EncodeRefill]): of type
// () -> (), it sets the global and returns, or ends the call.
//
// A start section stays what it is: it runs at instantiation, is charged as everything, and has the fuel that is there at first,
// as no host can give any before. Where it needs more, the module cannot be instantiated: choose more.
//
// Not bounded is what the host does when the guest calls it, and how deep calls may go, which every engine bounds.
// A memory or table that the module imports is bounded by its type: engines then take from the host only one whose own maximum
// is no greater.
//
// Of the custom sections those are left out whose offsets in the code are no longer right; all others stay where they are, so that
// signatures, names and dylink.0 are as they were. A sidecar goes on being true.
//
// The functions grow by a third or so, and one that was near a limit of Admit may be beyond it then. Beside what the module
// needs, an engine must have reference-types and mutable-globals: all have, since WebAssembly 2.0.
//
// The error is an [*Error]: that of [Inspect] or [Report.Admit], or [ErrRefused] with all reasons: options out of their
// range, a memory or tables that are larger at first than they may become, a module that is hardened already, as its
// count would be counted.
func Harden(b *Binary, o *HardenOptions) (*Hardened, error) {
	l, e := o.limits()
	if e != nil {
		return nil, e.hardening(b)
	}
	report, err := Inspect(b, &InspectOptions{Threads: l.Threads, Exceptions: l.Exceptions})
	if err == nil {
		err = report.Admit()
	}
	if err != nil {
		return nil, err
	}
	m := report.Module()
	if reasons := l.bound(report); len(reasons) > 0 {
		return nil, refused("%s", strings.Join(reasons, "; ")).hardening(b)
	}
	h := &Hardened{Report: report.Slim()}
	bounded := newInspection(m, nil)
	h.Memory, h.Tables = bounded.memory(), bounded.tables()
	for _, prefix := range misplaced {
		h.Drops += m.DropCustoms(prefix)
	}
	h.Drops += m.DropUnsoundNames()
	names, err := m.Meter(wasmbin.MeterOptions{Fuel: l.Fuel})
	if err != nil {
		return nil, refused("%s", reasonOf(err)).hardening(b)
	}
	h.Wasm, h.Fuel, h.Poll = m.Encode(), names.Fuel, names.Poll
	h.Tries = names.Tries
	return h, nil
}

// limits are the options with their defaults.
func (o *HardenOptions) limits() (HardenOptions, *Error) {
	var l HardenOptions
	if o != nil {
		l = *o
	}
	if l.Fuel == 0 {
		l.Fuel = DefaultFuel
	}
	if l.Memory == 0 {
		l.Memory = DefaultMemory
	}
	if l.Tables == 0 {
		l.Tables = DefaultTables
	}
	if l.Fuel > math.MaxInt64 {
		return l, refused("HardenOptions.Fuel: got %d, want at most %d", l.Fuel, int64(math.MaxInt64))
	}
	if l.Memory < pageSize || l.Memory > MaxMemorySize {
		return l, refused("HardenOptions.Memory: got %d bytes, want %d to %d", l.Memory, pageSize, int64(MaxMemorySize))
	}
	return l, nil
}

// bound gives memory and tables their limits, and says why it cannot.
func (o *HardenOptions) bound(r *Report) (reasons []string) {
	m := r.module
	if name := hardened(m); name != "" {
		reasons = append(reasons, fmt.Sprintf("got a module that is hardened already: it exports %s; want the one it was made of", quote(name)))
	}
	if mem := r.Memory; mem != nil { // Admit takes no more than one
		most := o.Memory / pageSize * pageSize
		if mem.Min > most {
			reasons = append(reasons, fmt.Sprintf("memory: got %d bytes at first, want at most %d", mem.Min, most))
		} else if mem.Max <= 1<<32 { // what is more is for the engine to refuse, as is one below Min
			most = min(most, mem.Max)
			m.SetMemoryLimits(0, wasmbin.Limits{Min: uint32(mem.Min / pageSize), Max: uint32(most / pageSize), HasMax: true})
		}
	}
	if err := m.BoundTables(uint64(o.Tables)); err != nil {
		reasons = append(reasons, reasonOf(err))
	}
	return reasons
}

// hardened is the name of the fuel of a module that was hardened; empty: it was not.
func hardened(m *wasmbin.Module) string {
	polls := make(map[string]bool)
	for _, x := range m.Exports {
		if base, ok := strings.CutSuffix(x.Name, ".poll"); ok && x.Kind == wasmbin.KindTable {
			polls[base] = true
		}
	}
	for _, x := range m.Exports {
		base, ok := strings.CutSuffix(x.Name, ".fuel")
		if ok && x.Kind == wasmbin.KindGlobal && polls[base] && strings.TrimRight(base, "_") == meterNames {
			return x.Name
		}
	}
	return ""
}

// hardening makes an error that of Harden.
func (e *Error) hardening(b *Binary) *Error {
	e.Op, e.Name, e.Path = "harden", b.Name, b.Path
	return e
}

// reasonOf is what an error of package wasmbin says beside the name of the package.
func reasonOf(err error) string { return strings.TrimPrefix(err.Error(), "wasmbin: ") }
