package wasmbin

import "math"

// SetTableLimits gives a table other limits: that of the index, which imported tables precede. There must be such a table.
// That the limits are in order is not checked.
func (m *Module) SetTableLimits(index uint32, l Limits) {
	id, t := m.tableAt(index)
	m.setLimits(id, &t.Limits, l)
}

// SetMemoryLimits is SetTableLimits for memories.
func (m *Module) SetMemoryLimits(index uint32, l Limits) {
	id, mem := m.memoryAt(index)
	m.setLimits(id, &mem.Limits, l)
}

func (m *Module) setLimits(id int, at *Limits, l Limits) {
	if !l.HasMax {
		l.Max = math.MaxUint32
	}
	if *at != l {
		*at = l
		m.edits[id].anew = true
	}
}

// BoundTables gives every table a maximum, the imported ones too, so that all of them together have at most that many entries
// at any time. A table may grow from what it has at first by an equal share of what is left of entries then, or up to the maximum
// that it declares where that is less. Tables that are appended later are not counted.
//
// The error is an [*Error], and nothing was changed then: the tables have more entries at first.
func (m *Module) BoundTables(entries uint64) error {
	var tables []*Limits
	for i := range m.Imports {
		if x := &m.Imports[i]; x.Kind == KindTable {
			tables = append(tables, &x.Table.Limits)
		}
	}
	imported := len(tables)
	for i := range m.Tables {
		tables = append(tables, &m.Tables[i].Limits)
	}
	var sum uint64
	for _, l := range tables {
		sum += uint64(l.Min) // fewer than 2**32 numbers of 32 bits do not overflow
	}
	if sum > entries {
		return misuse("tables: got %d entries at first in all, want at most %d", sum, entries)
	}
	for i, l := range tables {
		id := idTable
		if i < imported {
			id = idImport
		}
		share := (entries - sum) / uint64(len(tables))
		most := uint64(l.Min) + min(share, math.MaxUint32)
		// A maximum below the minimum stays: the module is no more valid than it was.
		m.setLimits(id, l, Limits{Min: l.Min, Max: uint32(min(most, uint64(l.Max))), HasMax: true})
	}
	return nil
}

// tableAt is a table and the id of the section that has it.
func (m *Module) tableAt(index uint32) (id int, t *Table) {
	for i := range m.Imports {
		if x := &m.Imports[i]; x.Kind == KindTable {
			if index == 0 {
				return idImport, x.Table
			}
			index--
		}
	}
	return idTable, &m.Tables[index]
}

func (m *Module) memoryAt(index uint32) (id int, mem *Memory) {
	for i := range m.Imports {
		if x := &m.Imports[i]; x.Kind == KindMemory {
			if index == 0 {
				return idImport, x.Memory
			}
			index--
		}
	}
	return idMemory, &m.Memories[index]
}
