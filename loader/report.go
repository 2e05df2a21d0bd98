package loader

import "github.com/wasmffi/go/loader/wasmbin"

// Report says what a module is, needs and offers, and what speaks against it: see [Inspect]. It is plain data, for people
// and as JSON; whoever has one may change it, but for [Report.Module]. Texts in it are the module's own and may be hostile.
type Report struct {
	Name   string `json:"name"`           // Binary.Name
	Path   string `json:"path,omitempty"` // Binary.Path
	Size   int    `json:"size"`           // of the module in bytes, decompressed
	Digest string `json:"sha256"`         // Binary.Digest in hexadecimal digits

	Toolchain Toolchain  `json:"toolchain"`           // what made the module, by its looks
	Producers []Producer `json:"producers,omitempty"` // what made the module, as it says itself

	Features    []string `json:"features"`     // used beyond WebAssembly 1.0, by the names that target_features sections have
	AtomicWaits bool     `json:"atomic_waits"` // memory.atomic.wait32 or wait64: a call may sleep for ever

	Memory  *MemoryInfo  `json:"memory"`     // the first memory; nil without one
	Tables  []TableInfo  `json:"tables"`     // by index
	Imports []ImportInfo `json:"imports"`    // in the order of the module, at most MaxImports
	Exports int          `json:"exports"`    // how many exports, as with the next three
	Funcs   int          `json:"functions"`  // that the module defines
	Globals int          `json:"globals"`    // that the module defines
	Data    uint64       `json:"data_bytes"` // of data segments

	Start       bool      `json:"start"`                 // whether the engine runs a function at instantiation
	Constructor string    `json:"constructor,omitempty"` // the export to call after that, before all else, () -> (); empty: none
	Allocator   Allocator `json:"allocator"`             // where memory for arrays comes from
	StackFirst  Answer    `json:"stack_first"`           // whether C's stack lies below static data, where an overflow traps

	Signatures string   `json:"signatures,omitempty"` // where they stand: "section wasmffi", or a path; empty: nowhere
	Warnings   []string `json:"warnings,omitempty"`   // what to know of a module that can be run
	Refusals   []string `json:"refusals,omitempty"`   // why it must not be compiled; see Admit

	module *wasmbin.Module
}

// Module is the module of the report, decoded, its indices checked. It aliases Binary.Bytes. It is the one
// of the Inspect that made r, and nil for a Report from elsewhere, as from JSON.
func (r *Report) Module() *wasmbin.Module { return r.module }

// Slim is a copy of the report without its Module, for who keeps it: the module is as large as the binary.
func (r *Report) Slim() *Report {
	slim := *r
	slim.module = nil
	return &slim
}

// Producer is one entry of a producers section.
type Producer struct {
	Field   string `json:"field"`             // "language", "processed-by" or "sdk"
	Name    string `json:"name"`              // such as "clang"
	Version string `json:"version,omitempty"` // may be empty
}

// MemoryInfo is a memory.
type MemoryInfo struct {
	ImportedFrom *ImportName `json:"imported_from,omitempty"` // nil: the module defines it
	Min          uint64      `json:"min"`                     // bytes at first
	Max          uint64      `json:"max"`                     // bytes at most; 4 GiB when the module sets no limit
	Shared       bool        `json:"shared"`                  // between threads
	Exports      []string    `json:"exports"`                 // names that it is exported by
}

// TableInfo is a table.
type TableInfo struct {
	ImportedFrom *ImportName `json:"imported_from,omitempty"` // nil: the module defines it
	Type         string      `json:"type"`                    // of the entries, such as funcref
	Min          uint32      `json:"min"`                     // entries at first
	Max          uint32      `json:"max"`                     // entries at most; 4294967295 when the module sets no limit
	Exports      []string    `json:"exports"`                 // names that it is exported by
}

// ImportName is what an import asks for.
type ImportName struct {
	Module string `json:"module"` // of which something is wanted, such as env
	Name   string `json:"name"`   // what it is there
}

// String is the name as "env.memory".
func (n ImportName) String() string { return n.Module + "." + n.Name }

// ImportInfo is an import. The order is that of the module.
type ImportInfo struct {
	ImportName
	Kind    string `json:"kind"`              // "func", "table", "memory", "global" or "tag"
	Type    string `json:"type"`              // such as (i32, f64) -> i32, funcref 10 to 20, 2 to 4 pages shared, mut i32
	Family  Family `json:"family"`            // whose import it is
	Meaning string `json:"meaning,omitempty"` // the C name that a name map has for it
}

// Answer is what is known about something: yes, no or unknown.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)
