package wasmbin

// encodeEntries encodes the entries of a section from the fields of the module: one of those sections whose entries can
// change.
func (m *Module) encodeEntries(id int) (count int, b []byte) {
	switch id {
	case idImport:
		return all(m.Imports, appendImport)
	case idTable:
		return all(m.Tables, appendTable)
	case idMemory:
		return all(m.Memories, appendMemory)
	case idTag:
		return all(m.Tags, appendTag)
	case idGlobal:
		return all(m.Globals, appendGlobal)
	case idElement:
		return all(m.Elements, appendElement)
	case idData:
		return all(m.Data, appendSegment)
	case idCode:
		return all(m.Code, func(b []byte, c *Body) []byte { return append(b, c.entry...) })
	}
	return 0, nil
}

func all[T any](entries []T, encode func([]byte, *T) []byte) (count int, b []byte) {
	for i := range entries {
		b = encode(b, &entries[i])
	}
	return len(entries), b
}

func appendName(b []byte, name string) []byte {
	return append(appendUnsigned(b, uint64(len(name))), name...)
}

func appendImport(b []byte, x *Import) []byte {
	b = append(appendName(appendName(b, x.Module), x.Name), byte(x.Kind))
	switch x.Kind {
	case KindFunc:
		return appendUnsigned(b, uint64(x.Type))
	case KindTable:
		return appendTable(b, x.Table)
	case KindMemory:
		return appendMemory(b, x.Memory)
	case KindGlobal:
		return appendGlobalType(b, x.Global)
	}
	return appendTag(b, &x.Tag)
}

func appendLimits(b []byte, l Limits, flags byte) []byte {
	if l.HasMax {
		flags |= limitMax
	}
	b = appendUnsigned(append(b, flags), uint64(l.Min))
	if l.HasMax {
		b = appendUnsigned(b, uint64(l.Max))
	}
	return b
}

func appendTable(b []byte, t *Table) []byte {
	if t.Init != nil {
		b = append(b, tableWithInit, 0)
	}
	b = appendLimits(appendValueType(b, t.Type), t.Limits, 0)
	return append(b, t.Init...)
}

func appendMemory(b []byte, m *Memory) []byte {
	if m.Shared {
		return appendLimits(b, m.Limits, limitShared)
	}
	return appendLimits(b, m.Limits, 0)
}

func appendTag(b []byte, t *Tag) []byte {
	return appendUnsigned(append(b, 0), uint64(t.Type))
}

func appendGlobalType(b []byte, g GlobalType) []byte {
	b = appendValueType(b, g.Type)
	if g.Mutable {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendGlobal(b []byte, g *Global) []byte {
	return append(appendGlobalType(b, g.GlobalType), g.Init...)
}

// appendElement takes the form without table index and type where they are 0 and funcref.
func appendElement(b []byte, e *Element) []byte {
	var flags byte
	switch {
	case e.Mode == Passive:
		flags = elementNotActive
	case e.Mode == Declarative:
		flags = elementNotActive | elementExplicit
	case e.Table != 0 || e.Type != FuncRef:
		flags = elementExplicit
	}
	if e.Exprs {
		flags |= elementExprs
	}
	b = append(b, flags)
	if e.Mode == Active {
		if flags&elementExplicit != 0 {
			b = appendUnsigned(b, uint64(e.Table))
		}
		b = append(b, e.Offset...)
	}
	if flags&(elementNotActive|elementExplicit) != 0 {
		if e.Exprs {
			b = appendValueType(b, e.Type)
		} else {
			b = append(b, 0)
		}
	}
	return append(appendUnsigned(b, uint64(e.Count)), e.Init...)
}

func appendSegment(b []byte, s *Segment) []byte {
	switch {
	case s.Mode == Passive:
		b = append(b, 1)
	case s.Memory != 0:
		b = appendUnsigned(append(b, 2), uint64(s.Memory))
	default:
		b = append(b, 0)
	}
	return append(appendUnsigned(append(b, s.Offset...), uint64(len(s.Init))), s.Init...)
}
