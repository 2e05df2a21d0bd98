package wasmbin

import (
	"math"
	"slices"
)

// Shadow is one table with a shadow, see [Module.ShadowTables].
type Shadow struct {
	Table   uint32    // the index of the table
	Type    ValueType // of its entries
	Save    string    // the export that saves: (func (param $at i32) (result i32))
	Restore string    // the export that restores: (func (param $at i32) (param $n i32) (result i32))
}

// Writes is what the bodies of a module change beside memory and globals.
type Writes struct {
	Tables   []uint32 // indices of those that table.set, table.grow, table.fill, table.copy or table.init write; ascending
	Segments bool     // elem.drop or data.drop: a segment that was dropped cannot be brought back
}

// Writes walks all bodies. The error is that of [Instructions].
func (m *Module) Writes() (Writes, error) {
	w, e := m.writes()
	if e != nil {
		return Writes{}, e
	}
	return w, nil
}

func (m *Module) writes() (Writes, *Error) {
	var writes Writes
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
				return Writes{}, b.inModule(e)
			}
			switch ins.Op {
			case OpTableSet, OpTableGrow, OpTableFill, OpTableCopy, OpTableInit:
				if at, found := slices.BinarySearch(writes.Tables, first); !found {
					writes.Tables = slices.Insert(writes.Tables, at, first)
				}
			case OpElemDrop, OpDataDrop:
				writes.Segments = true
			}
		}
		if e := w.finish(); e != nil {
			return Writes{}, b.inModule(e)
		}
	}
	return writes, nil
}

// ShadowTables makes tables of a module fit for snapshots, those of [Module.Writes] as a rule, imported ones included.
// For each it appends a shadow table and two functions, and exports the functions under names that begin with
// [Module.PrivatePrefix] of "wasmffi.shadow", which no export of the module does.
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
// As whoever appends, the caller checks the indices of the module first ([Module.CheckIndices]). Types are not checked: the
// module is as valid as it was. A table that is not there, and one of references that cannot be null, is refused with an
// [*Error] before anything is appended.
func (m *Module) ShadowTables(tables []uint32) ([]Shadow, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	all := m.AllTables()
	for _, i := range tables {
		switch {
		case uint64(i) >= uint64(len(all)):
			return nil, misuse("table %d: got %d tables", i, len(all))
		case !all[i].Type.Nullable():
			return nil, misuse("table %d: got entries of type %v, want one with null", i, all[i].Type)
		}
	}
	prefix := m.PrivatePrefix("wasmffi.shadow")
	save := m.AppendType(FuncType{Params: []ValueType{I32}, Results: []ValueType{I32}})
	restore := m.AppendType(FuncType{Params: []ValueType{I32, I32}, Results: []ValueType{I32}})
	shadows := make([]Shadow, len(tables))
	for k, i := range tables {
		shadows[k] = shadowNames(prefix, i, all[i].Type)
		if err := m.appendShadow(shadows[k], save, restore); err != nil {
			return nil, err
		}
	}
	return shadows, nil
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
