package wasmbin

import (
	"bytes"
	"strings"
)

// add appends an entry to a section.
func (m *Module) add(id int, entry []byte) {
	m.edits[id].count++
	m.edits[id].bytes = append(m.edits[id].bytes, entry...)
}

// AppendType appends a function type and returns its index. An equal type that is there already is not looked for.
func (m *Module) AppendType(t FuncType) uint32 {
	entry := []byte{formFunc}
	for _, types := range [][]ValueType{t.Params, t.Results} {
		entry = appendUnsigned(entry, uint64(len(types)))
		for _, v := range types {
			entry = appendValueType(entry, v)
		}
	}
	m.add(idType, entry)
	m.Types = append(m.Types, t)
	return uint32(len(m.Types) - 1)
}

// AppendFunction appends a function of a type, and returns its index, which imported functions precede. The body is what
// follows its size in the code section: the groups of locals, their number first, and the instructions up to and with
// end. It is copied. The error is an [*Error]: the body is not well formed.
func (m *Module) AppendFunction(typ uint32, body []byte) (uint32, error) {
	entry := append(appendUnsigned(make([]byte, 0, len(body)+5), uint64(len(body))), body...)
	r := &reader{b: entry, pos: len(entry) - len(body), section: sections[idCode].name}
	b := readBody(r)
	if r.err != nil {
		return 0, misuse("appended body: %s", r.err.Reason)
	}
	for _, err := range Instructions(b.Code) {
		if err != nil {
			return 0, misuse("appended body: %s", err.(*Error).Reason)
		}
	}
	b.Offset, b.entry = 0, entry
	m.add(idFunction, appendUnsigned(nil, uint64(typ)))
	m.add(idCode, entry)
	m.Functions, m.Code = append(m.Functions, typ), append(m.Code, b)
	return m.imported(KindFunc) + uint32(len(m.Functions)-1), nil
}

// AppendTable appends a table and returns its index, which imported tables precede.
func (m *Module) AppendTable(t Table) uint32 {
	t.Init = bytes.Clone(t.Init)
	m.add(idTable, appendTable(nil, &t))
	m.Tables = append(m.Tables, t)
	return m.imported(KindTable) + uint32(len(m.Tables)-1)
}

// AppendGlobal appends a global and returns its index, which imported globals precede. Init is copied as it is.
func (m *Module) AppendGlobal(g Global) uint32 {
	g.Init = bytes.Clone(g.Init)
	m.add(idGlobal, appendGlobal(nil, &g))
	m.Globals = append(m.Globals, g)
	return m.imported(KindGlobal) + uint32(len(m.Globals)-1)
}

// AppendExport appends an export and returns its index among Exports. The error is an [*Error]: the module exports
// something of that name. See [Module.PrivatePrefix] for a name that it cannot have.
func (m *Module) AppendExport(x Export) (int, error) {
	if m.names == nil {
		m.names = make(map[string]bool, len(m.Exports))
		for i := range m.Exports {
			m.names[m.Exports[i].Name] = true
		}
	}
	if m.names[x.Name] {
		return 0, misuse("appended export: got the name %q, want one that the module does not export", x.Name)
	}
	m.names[x.Name] = true
	m.add(idExport, appendUnsigned(append(appendName(nil, x.Name), byte(x.Kind)), uint64(x.Index)))
	m.Exports = append(m.Exports, x)
	return len(m.Exports) - 1, nil
}

// PrivatePrefix is base, or base with as many underscores as it takes so that the name of no export begins with it.
func (m *Module) PrivatePrefix(base string) string {
	taken := -1 // the longest row of underscores after base
	for i := range m.Exports {
		if rest, ok := strings.CutPrefix(m.Exports[i].Name, base); ok {
			taken = max(taken, len(rest)-len(strings.TrimLeft(rest, "_")))
		}
	}
	return base + strings.Repeat("_", taken+1)
}

// RemoveStart takes the start section out of the module and appends a function, whose index it returns, that calls what the
// section named; ok is false when there is none. Whoever removes it exports that function and calls it after instantiation,
// before any other.
//
// A start function that was not valid makes the appended one invalid; one that ref.func could not name it still cannot.
func (m *Module) RemoveStart() (f uint32, ok bool) {
	if m.Start == nil {
		return 0, false
	}
	a := assembler{0}
	a.op(OpCall, *m.Start)
	a.op(OpEnd)
	f, _ = m.AppendFunction(m.AppendType(FuncType{}), a) // the body is well formed
	m.Start = nil
	m.edits[idStart].anew = true
	return f, true
}

// DropCustoms takes out the custom sections whose names begin with prefix, and returns how many those were. Sections that
// give offsets in the code section, as those of .debug_ do, are wrong after [Module.Meter].
func (m *Module) DropCustoms(prefix string) int {
	return m.drop(func(c Custom) bool { return strings.HasPrefix(c.Name, prefix) })
}

// drop takes out custom sections, in their order.
func (m *Module) drop(unwanted func(Custom) bool) int {
	var left []Custom
	k := 0 // Customs are those sections that are not dropped
	for i := range m.Sections {
		if m.Sections[i].ID != idCustom || m.dropped[i] {
			continue
		}
		if c := m.Customs[k]; !unwanted(c) {
			left = append(left, c)
		} else {
			if m.dropped == nil {
				m.dropped = make(map[int]bool)
			}
			m.dropped[i] = true
		}
		k++
	}
	n := len(m.Customs) - len(left)
	m.Customs = left
	return n
}
