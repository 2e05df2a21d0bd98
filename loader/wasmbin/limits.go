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
