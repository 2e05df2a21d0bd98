package wasmbin

import "iter"

// Module is a decoded module. Its fields are what the sections say, in the order of the sections, and are there to be
// read: what is added or changed goes through the methods, which keep the fields in step.
//
// Byte slices alias the bytes that were decoded. Many goroutines may read a Module at the same time.
type Module struct {
	Types     []FuncType // function types; those of recursive groups one by one
	Imports   []Import   // in the index spaces they come before what the module defines
	Functions []uint32   // the type of each function that the module defines
	Tables    []Table    // those that the module defines, as with the next three; see AllTables
	Memories  []Memory   // mostly one, which is imported or is not
	Tags      []Tag      // kinds of exceptions
	Globals   []Global   // with their initial values
	Exports   []Export   // in the order of the module
	Start     *uint32    // the function that runs at instantiation; nil for none
	Elements  []Element  // element segments
	DataCount *uint32    // nil without a data count section; else the number of data segments
	Code      []Body     // one for each of Functions
	Data      []Segment  // data segments
	Customs   []Custom   // in order, wherever they stand
	Sections  []Section  // all of them as they were decoded; the methods leave this alone

	bytes   []byte           // what was decoded
	edits   [lastID + 1]edit // what was changed, by section id
	dropped map[int]bool     // indices of Sections that are left out
	forms   Features         // what shows in the form of sections alone, not in the fields
	names   map[string]bool  // names of Exports, made when the first export is appended
}

// Section is one section as it stands in the module.
type Section struct {
	ID      byte   // 0 for custom sections, else as in the core specification, section 5.5.2
	Offset  int    // of the id in the module
	Raw     []byte // id, size and content
	Content []byte // the content
	entries int    // offset in Content of the first entry, after the count, for sections that have one
	count   uint32 // how many entries there are
}

// FuncType is the type of a function.
type FuncType struct {
	Params  []ValueType // from the first to the last
	Results []ValueType // none, one or several
}

// Kind is what an import or export is.
type Kind byte

// The kinds.
const (
	KindFunc   Kind = 0
	KindTable  Kind = 1
	KindMemory Kind = 2
	KindGlobal Kind = 3
	KindTag    Kind = 4
)

// String is the kind in the text format, such as func.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

var kindNames = [...]string{"func", "table", "memory", "global", "tag"}

// Import is one import. Of the last five fields the one that Kind names is set.
type Import struct {
	Module string     // where it is from, UTF-8
	Name   string     // what it is there, UTF-8
	Kind   Kind       // what it is
	Type   uint32     // the type of a function
	Table  *Table     // without Init
	Memory *Memory    // as with memories of the module
	Global GlobalType // type and mutability
	Tag    Tag        // as with tags of the module
}

// Limits are the least and greatest size of a table or memory.
type Limits struct {
	Min    uint32 // the size at first
	Max    uint32 // [math.MaxUint32] without a maximum
	HasMax bool   // whether there is a maximum
}

// Table is a table of references.
type Table struct {
	Type   ValueType // of the entries, a reference type
	Limits Limits    // in entries
	Init   []byte    // the constant expression, with its end, for what the entries are at first; nil for null
}

// Memory is a linear memory with 32-bit addresses.
type Memory struct {
	Limits Limits // in pages of 64 KiB
	Shared bool   // as the threads proposal has it
}

// GlobalType is what a global holds.
type GlobalType struct {
	Type    ValueType // of the value
	Mutable bool      // whether global.set may change it
}

// Global is a global with its initial value.
type Global struct {
	GlobalType
	Init []byte // a constant expression, with its end
}

// Tag is a kind of exception.
type Tag struct {
	Type uint32 // the type whose parameters are the values that it carries
}

// Export is one export. Names are not checked to be different: that is the engine's.
type Export struct {
	Name  string // UTF-8
	Kind  Kind   // what it is
	Index uint32 // in the index space of Kind, where imports come first
}

// Mode is when a segment is copied.
type Mode byte

// The modes.
const (
	Active      Mode = iota // at instantiation, into a table or memory
	Passive                 // by an instruction
	Declarative             // never: it declares functions that ref.func may name
)

// Element is one element segment: references for a table.
type Element struct {
	Mode   Mode      // any
	Table  uint32    // of active segments
	Offset []byte    // of active segments: a constant expression, with its end
	Type   ValueType // of the entries
	Count  uint32    // how many entries there are
	Exprs  bool      // whether the entries are constant expressions, else function indices
	Init   []byte    // the entries
}

// Segment is one data segment: bytes for a memory.
type Segment struct {
	Mode   Mode   // active or passive
	Memory uint32 // of active segments
	Offset []byte // of active segments: a constant expression, with its end
	Init   []byte // the bytes
}

// Custom is a custom section.
type Custom struct {
	Name string // UTF-8
	Data []byte // what follows the name
}

// Body is the body of one function.
type Body struct {
	Offset int    // of Code in the module; 0 for a function that was appended, or rewritten by Meter
	Code   []byte // the instructions, the last of which is end
	locals []byte // groups of a count and a type, without their number
	entry  []byte // the entry of the code section: size, number of groups, locals and Code
}

// Locals are the declared locals, a number and the type of as many each. Parameters are not among them.
func (b Body) Locals() iter.Seq2[uint32, ValueType] {
	return func(yield func(uint32, ValueType) bool) {
		// The bytes were checked when the Body was made.
		for pos := 0; pos < len(b.locals); {
			n, next, _ := unsigned(b.locals, pos, 32)
			t, next, problem := valueType(b.locals, next)
			if problem != "" || !yield(uint32(n), t) {
				return
			}
			pos = next
		}
	}
}

// imported counts the imports of a kind.
func (m *Module) imported(k Kind) uint32 {
	var n uint32
	for i := range m.Imports {
		if m.Imports[i].Kind == k {
			n++
		}
	}
	return n
}

// AllTables are the tables of the index space: the imported ones, then those that the module defines.
func (m *Module) AllTables() []Table {
	var all []Table
	for i := range m.Imports {
		if m.Imports[i].Kind == KindTable {
			all = append(all, *m.Imports[i].Table)
		}
	}
	return append(all, m.Tables...)
}
