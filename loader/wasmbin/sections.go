package wasmbin

import (
	"fmt"
	"math"
)

// Leading bytes of entries of the type section.
const (
	formFunc  = 0x60
	formGroup = 0x4e
)

func (m *Module) readCustom(r *reader) {
	name := r.name("name")
	if r.err == nil {
		m.Customs = append(m.Customs, Custom{Name: name, Data: r.b[r.pos:len(r.b):len(r.b)]})
		r.pos = len(r.b)
	}
}

// readTypes reads function types and recursive groups of them, which count as one entry.
func (m *Module) readTypes(r *reader) {
	n := m.entries(r, "types", 2)
	if r.err != nil {
		return
	}
	m.Types = make([]FuncType, 0, min(n, reserve))
	for i := 0; i < n && r.err == nil; i++ {
		members := 1
		if r.left() > 0 && r.b[r.pos] == formGroup {
			r.pos++
			members = r.count("number of types of a group", 3)
			m.forms |= FeatureFunctionReferences
		}
		for j := 0; j < members && r.err == nil; j++ {
			at := r.pos
			form := r.byte("form of a type")
			if l := lackingForm(form); l != nil {
				r.lacks(at, "form of a type", l, fmt.Sprintf("%#x", form))
			}
			if r.err == nil && form != formFunc {
				r.fail(at, "form of a type: got %#x, want %#x (a function type)", form, formFunc)
			}
			t := FuncType{Params: readValueTypes(r, "parameters"), Results: readValueTypes(r, "results")}
			m.Types = append(m.Types, t)
		}
	}
}

func readValueTypes(r *reader, what string) []ValueType {
	n := r.count("number of "+what, 1)
	if n == 0 {
		return nil
	}
	types := make([]ValueType, 0, min(n, reserve))
	for i := 0; i < n && r.err == nil; i++ {
		types = append(types, r.valueType("type of "+what))
	}
	return types
}

func (m *Module) readImports(r *reader) {
	m.Imports = each(m, r, "imports", 4, func(r *reader) Import {
		i := Import{Module: r.name("module name"), Name: r.name("import name"), Kind: readKind(r)}
		if r.err != nil {
			return i
		}
		switch i.Kind {
		case KindFunc:
			i.Type = r.u32("type index")
		case KindTable:
			t := readTableType(r)
			i.Table = &t
		case KindMemory:
			mem := readMemory(r)
			i.Memory = &mem
		case KindGlobal:
			i.Global = readGlobalType(r)
		case KindTag:
			i.Tag = readTag(r)
		}
		return i
	})
}

func readKind(r *reader) Kind {
	at := r.pos
	k := Kind(r.byte("kind"))
	if k > KindTag {
		r.fail(at, "kind: got %#x, want 0 to %d", byte(k), KindTag)
	}
	return k
}

func (m *Module) readFunctions(r *reader) {
	m.Functions = each(m, r, "functions", 1, func(r *reader) uint32 { return r.u32("type index") })
}

// tableWithInit is the leading byte of a table with an initial value; a zero byte follows.
const tableWithInit = 0x40

func (m *Module) readTables(r *reader) {
	m.Tables = each(m, r, "tables", 3, func(r *reader) Table {
		if r.left() == 0 || r.b[r.pos] != tableWithInit {
			return readTableType(r)
		}
		r.pos++
		at := r.pos
		if zero := r.byte("second byte of a table"); zero != 0 {
			r.fail(at, "second byte of a table: got %#x, want 0", zero)
		}
		t := readTableType(r)
		t.Init = r.expr("initial value")
		return t
	})
}

func readTableType(r *reader) Table {
	t := Table{Type: r.refType("table type")}
	at := r.pos
	limits, shared := readLimits(r, "table")
	if shared {
		r.lacks(at, "limits of a table", lackShared, "a shared table")
	}
	t.Limits = limits
	return t
}

// Bits of the leading byte of limits.
const (
	limitMax    = 1 << 0
	limitShared = 1 << 1
	limit64     = 1 << 2
	limitPage   = 1 << 3
)

// readLimits reads limits and the flag for sharing.
func readLimits(r *reader, of string) (l Limits, shared bool) {
	at := r.pos
	flags := r.byte("limits of a " + of)
	switch {
	case flags >= limitPage<<1:
		r.fail(at, "limits of a %s: got %#x, want 0 to 3", of, flags)
	case flags&limit64 != 0:
		r.lacks(at, "limits of a "+of, lackMemory64, "")
	case flags&limitPage != 0:
		r.lacks(at, "limits of a "+of, lackPageSizes, "")
	}
	l = Limits{Min: r.u32("minimum"), Max: math.MaxUint32, HasMax: flags&limitMax != 0}
	if l.HasMax {
		l.Max = r.u32("maximum")
	}
	return l, flags&limitShared != 0
}

func (m *Module) readMemories(r *reader) { m.Memories = each(m, r, "memories", 2, readMemory) }

func readMemory(r *reader) Memory {
	limits, shared := readLimits(r, "memory")
	return Memory{Limits: limits, Shared: shared}
}

func (m *Module) readTags(r *reader) { m.Tags = each(m, r, "tags", 2, readTag) }

func readTag(r *reader) Tag {
	at := r.pos
	if a := r.byte("attribute of a tag"); a != 0 {
		r.fail(at, "attribute of a tag: got %#x, want 0", a)
	}
	return Tag{Type: r.u32("type index")}
}

func (m *Module) readGlobals(r *reader) {
	m.Globals = each(m, r, "globals", 3, func(r *reader) Global {
		return Global{GlobalType: readGlobalType(r), Init: r.expr("initial value")}
	})
}

// globalShared is the bit of a global that threads share, beside that of mutability.
const globalShared = 1 << 1

func readGlobalType(r *reader) GlobalType {
	t := r.valueType("type of a global")
	at := r.pos
	mutable := r.byte("mutability")
	if mutable == globalShared || mutable == globalShared|1 {
		r.lacks(at, "mutability", lackShared, "a shared global")
	}
	if mutable > 1 {
		r.fail(at, "mutability: got %#x, want 0 or 1", mutable)
	}
	return GlobalType{Type: t, Mutable: mutable == 1}
}

func (m *Module) readExports(r *reader) {
	m.Exports = each(m, r, "exports", 3, func(r *reader) Export {
		return Export{Name: r.name("export name"), Kind: readKind(r), Index: r.u32("index")}
	})
}

func (m *Module) readStart(r *reader) {
	f := r.u32("function index")
	m.Start = &f
}

func (m *Module) readDataCount(r *reader) {
	n := r.u32("number of data segments")
	m.DataCount = &n
}

func (m *Module) readCode(r *reader) {
	m.Code = each(m, r, "bodies", 3, func(r *reader) Body {
		at := r.pos
		size := r.count("size of a body", 1)
		if r.err != nil {
			return Body{}
		}
		in := &reader{b: r.b[:r.pos+size], pos: r.pos, section: r.section}
		body := readBody(in)
		r.err, r.pos = in.err, len(in.b)
		body.entry = r.b[at:r.pos:r.pos]
		return body
	})
}

// readBody reads a body to the end of r. The instructions are not looked at but for the last byte.
func readBody(r *reader) Body {
	groups := r.count("number of groups of locals", 2)
	start := r.pos
	var sum uint64
	for i := 0; i < groups && r.err == nil; i++ {
		at := r.pos
		sum += uint64(r.u32("number of locals"))
		if sum > math.MaxUint32 {
			r.fail(at, "number of locals: got %d, want at most %d", sum, uint32(math.MaxUint32))
		}
		r.valueType("type of locals")
	}
	if r.err != nil {
		return Body{}
	}
	code := r.b[r.pos:len(r.b):len(r.b)]
	if len(code) == 0 || code[len(code)-1] != byte(OpEnd) {
		r.fail(len(r.b), "last byte of a body: want %#x (end)", byte(OpEnd))
		return Body{}
	}
	return Body{Offset: r.pos, Code: code, locals: r.b[start:r.pos:r.pos]}
}
