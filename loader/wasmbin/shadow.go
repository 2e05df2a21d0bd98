package wasmbin

import "math"

// Shadow is one table with a shadow, see [ShadowTables].
type Shadow struct {
	Table   uint32    // the index of the table
	Type    ValueType // of its entries
	Save    string    // the export that saves: (func (param $at i32) (result i32))
	Restore string    // the export that restores: (func (param $at i32) (param $n i32) (result i32))
}

// WritesTables is whether the body of any function has an instruction that writes a table: table.set, table.grow, table.fill,
// table.copy or table.init. The error is that of [Instructions].
func (m *Module) WritesTables() (bool, error) {
	tables, _, e := m.writes()
	if e != nil {
		return false, e
	}
	return len(tables) > 0, nil
}

// DropsSegments is whether the body of any function drops a segment: elem.drop or data.drop. A segment that was dropped
// cannot be brought back. The error is that of [Instructions].
func (m *Module) DropsSegments() (bool, error) {
	_, drops, e := m.writes()
	if e != nil {
		return false, e
	}
	return drops, nil
}

// writes walks all bodies for the tables that they write.
func (m *Module) writes() (tables map[uint32]bool, drops bool, err *Error) {
	tables = make(map[uint32]bool)
	for i := range m.Code {
		b := &m.Code[i]
		var first uint32 // the first table that the instruction names; table.copy names the one written first
		seen := false
		visit := func(kind operand, value uint32) string {
			if kind == tableIndex && !seen {
				first, seen = value, true
			}
			return ""
		}
		w := walker{code: b.Code, depth: 1}
		for !w.done() {
			seen = false
			ins, e := w.next(visit)
			if e != nil {
				return nil, false, b.inModule(e)
			}
			switch ins.Op {
			case OpTableSet, OpTableGrow, OpTableFill, OpTableCopy, OpTableInit:
				tables[first] = true
			case OpElemDrop, OpDataDrop:
				drops = true
			}
		}
		if e := w.finish(); e != nil {
			return nil, false, b.inModule(e)
		}
	}
	return tables, drops, nil
}

// ShadowTables makes the tables of a module fit for snapshots. For each table that an instruction of the module writes,
// imported ones included, it appends a shadow table and two functions, and exports the functions under names that begin with
// [Module.PrivatePrefix] of "wasmffi.shadow", which no export of the module does. Where nothing writes a table the result is b
// itself, and no shadows. What other modules, or the host, write into a table does not count.
//
//   - Save copies the table into its shadow, from entry at on, and makes the shadow longer where that is needed. It returns
//     the number of entries, n, or -1 when the shadow could not be made long enough. Snapshots at [at, at+n) that do not
//     overlap live side by side.
//   - Restore copies n entries back, and sets those above n to null: a table that has grown since keeps its size. It
//     returns that size. It traps when table or shadow have fewer entries than it takes.
//
// Sizes are 32-bit numbers, unsigned: -1 is no size. A shadow begins empty and has no maximum, but that of the engine; like
// any table it keeps what it refers to.
//
// The indices of the module are checked first ([Module.CheckIndices]), and everything is appended: no index changes. Types are
// not checked. The result is valid where b is; where b is not, neither is the result. Tables of references that cannot
// be null have no shadow: a module that writes one is refused. The error is an [*Error].
func ShadowTables(b []byte) (out []byte, tables []Shadow, err error) {
	m, e := decode(b)
	if e != nil {
		return nil, nil, e
	}
	written, _, e := m.writes()
	if e != nil {
		return nil, nil, e
	}
	if len(written) == 0 {
		return b, nil, nil
	}
	if e := m.checkIndices(); e != nil {
		return nil, nil, e
	}
	prefix := m.PrivatePrefix("wasmffi.shadow")
	save := m.AppendType(FuncType{Params: []ValueType{I32}, Results: []ValueType{I32}})
	restore := m.AppendType(FuncType{Params: []ValueType{I32, I32}, Results: []ValueType{I32}})
	all := m.AllTables()
	for i, t := range all {
		if !written[uint32(i)] {
			continue
		}
		if !t.Type.Nullable() {
			return nil, nil, misuse("table %d: got entries of type %v, want one with null", i, t.Type)
		}
		s := shadowNames(prefix, uint32(i), t.Type)
		if err := m.appendShadow(s, save, restore); err != nil {
			return nil, nil, err
		}
		tables = append(tables, s)
	}
	return m.Encode(), tables, nil
}

func shadowNames(prefix string, table uint32, t ValueType) Shadow {
	name := func(what string) string { return prefix + "." + what + "." + utoa(table) }
	return Shadow{Table: table, Type: t, Save: name("save"), Restore: name("restore")}
}

// appendShadow appends table, functions and exports of one shadow. The types are those of save and restore.
func (m *Module) appendShadow(s Shadow, save, restore uint32) error {
	shadow := m.AppendTable(Table{Type: s.Type, Limits: Limits{Max: math.MaxUint32}})
	saver, err := m.AppendFunction(save, saveBody(s.Table, shadow, s.Type))
	if err != nil {
		return err
	}
	restorer, err := m.AppendFunction(restore, restoreBody(s.Table, shadow, s.Type))
	if err != nil {
		return err
	}
	for _, x := range []Export{{s.Save, KindFunc, saver}, {s.Restore, KindFunc, restorer}} {
		if _, err := m.AppendExport(x); err != nil {
			return err
		}
	}
	return nil
}
