package wasmbin

import "fmt"

// indexNames are the index spaces in errors.
var indexNames = map[operand]string{
	typeIndex: "type", funcIndex: "function", tableIndex: "table", globalIndex: "global", localIndex: "local",
	tagIndex: "tag", elemIndex: "element segment", dataIndex: "data segment", label: "label", memory: "memory",
}

// kindSpaces are the index spaces of the kinds of imports and exports.
var kindSpaces = [...]operand{KindFunc: funcIndex, KindTable: tableIndex, KindMemory: memory, KindGlobal: globalIndex, KindTag: tagIndex}

// spaces are the sizes of the index spaces of a module.
type spaces [known + 1]uint64

func (s *spaces) check(kind operand, value uint32) (problem string) {
	if uint64(value) < s[kind] {
		return ""
	}
	return fmt.Sprintf("%s index: got %d, want less than %d", indexNames[kind], value, s[kind])
}

// CheckIndices is whether every index in the module names something: a type, function, table, memory, global, tag, segment,
// local or label, in sections, constant expressions and bodies. Instructions on memory need one, and those that name a data
// segment the data count section. It walks all code, and so finds what [Instructions] finds.
// The error is an [*Error].
//
// Whoever appends calls it first. An index that is out of range makes the module invalid; after appending it may name what
// was appended, and the module would be valid and reach it.
func (m *Module) CheckIndices() error {
	if e := m.checkIndices(); e != nil {
		return e
	}
	return nil
}

// spaces counts what there is.
func (m *Module) spaces() *spaces {
	s := new(spaces)
	for i := range m.Imports {
		s[kindSpaces[m.Imports[i].Kind]]++
	}
	s[typeIndex] = uint64(len(m.Types))
	s[funcIndex] += uint64(len(m.Functions))
	s[tableIndex] += uint64(len(m.Tables))
	s[memory] += uint64(len(m.Memories))
	s[globalIndex] += uint64(len(m.Globals))
	s[tagIndex] += uint64(len(m.Tags))
	s[elemIndex] = uint64(len(m.Elements))
	if m.DataCount != nil { // without it no instruction may name a data segment
		s[dataIndex] = uint64(len(m.Data))
	}
	return s
}

// checker keeps the first problem.
type checker struct {
	*spaces
	err *Error
}

// index checks one index; the place is named by section and entry, as entries have no offset.
func (c *checker) index(id, entry int, kind operand, value uint32) {
	c.problem(id, entry, c.check(kind, value))
}

func (c *checker) problem(id, entry int, problem string) {
	if problem != "" && c.err == nil {
		c.err = &Error{Offset: -1, Section: sections[id].name, Reason: fmt.Sprintf("entry %d: %s", entry, problem)}
	}
}

func (c *checker) valueTypes(id, entry int, types ...ValueType) {
	for _, t := range types {
		if i, ok := t.TypeIndex(); ok {
			c.index(id, entry, typeIndex, i)
		}
	}
}

// exprs checks constant expressions, one after the other.
func (c *checker) exprs(id, entry int, code []byte) {
	for w := (walker{code: code, depth: 1}); w.pos < len(code); w.depth = 1 {
		for w.depth > 0 {
			if _, e := w.next(c.check); e != nil {
				c.problem(id, entry, e.Reason)
				return
			}
		}
	}
}

func (m *Module) checkIndices() *Error {
	c := &checker{spaces: m.spaces()}
	for i, t := range m.Types {
		c.valueTypes(idType, i, t.Params...)
		c.valueTypes(idType, i, t.Results...)
	}
	for i := range m.Imports {
		switch x := &m.Imports[i]; x.Kind {
		case KindFunc:
			c.index(idImport, i, typeIndex, x.Type)
		case KindTable:
			c.valueTypes(idImport, i, x.Table.Type)
		case KindGlobal:
			c.valueTypes(idImport, i, x.Global.Type)
		case KindTag:
			c.index(idImport, i, typeIndex, x.Tag.Type)
		}
	}
	for i, t := range m.Functions {
		c.index(idFunction, i, typeIndex, t)
	}
	for i, t := range m.Tables {
		c.valueTypes(idTable, i, t.Type)
		c.exprs(idTable, i, t.Init)
	}
	for i, t := range m.Tags {
		c.index(idTag, i, typeIndex, t.Type)
	}
	for i, g := range m.Globals {
		c.valueTypes(idGlobal, i, g.Type)
		c.exprs(idGlobal, i, g.Init)
	}
	for i, x := range m.Exports {
		c.index(idExport, i, kindSpaces[x.Kind], x.Index)
	}
	if m.Start != nil {
		c.index(idStart, 0, funcIndex, *m.Start)
	}
	for i := range m.Elements {
		c.element(i, &m.Elements[i])
	}
	for i, s := range m.Data {
		if s.Mode == Active {
			c.index(idData, i, memory, s.Memory)
		}
		c.exprs(idData, i, s.Offset)
	}
	for i := range m.Code {
		if c.err != nil {
			return c.err
		}
		c.err = m.checkBody(i, *c.spaces)
	}
	return c.err
}

func (c *checker) element(i int, e *Element) {
	if e.Mode == Active {
		c.index(idElement, i, tableIndex, e.Table)
	}
	c.exprs(idElement, i, e.Offset)
	c.valueTypes(idElement, i, e.Type)
	if e.Exprs {
		c.exprs(idElement, i, e.Init)
		return
	}
	for pos := 0; pos < len(e.Init); {
		f, next, _ := unsigned(e.Init, pos, 32) // checked when it was decoded
		c.index(idElement, i, funcIndex, uint32(f))
		pos = next
	}
}

// checkBody checks the body of one function. Its type index is sound.
func (m *Module) checkBody(i int, s spaces) *Error {
	b := &m.Code[i]
	s[localIndex] = uint64(len(m.Types[m.Functions[i]].Params))
	for n, t := range b.Locals() {
		s[localIndex] += uint64(n)
		if x, ok := t.TypeIndex(); ok {
			if problem := s.check(typeIndex, x); problem != "" {
				return &Error{Offset: int64(b.Offset), Section: sections[idCode].name, Reason: "local: " + problem}
			}
		}
	}
	w := walker{code: b.Code, depth: 1}
	visit := func(kind operand, value uint32) string {
		s[label] = uint64(w.depth)
		return s.check(kind, value)
	}
	for !w.done() {
		if _, e := w.next(visit); e != nil {
			return b.inModule(e)
		}
	}
	if e := w.finish(); e != nil {
		return b.inModule(e)
	}
	return nil
}

// inModule is an error of the walker with its place in the module.
func (b *Body) inModule(e *Error) *Error {
	return &Error{Offset: e.Offset + int64(b.Offset), Section: sections[idCode].name, Reason: e.Reason, Feature: e.Feature}
}
