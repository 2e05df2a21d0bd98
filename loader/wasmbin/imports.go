package wasmbin

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// RenameImport lets import i, of [Module.Imports], be imported from another module and under another name, which are to be
// UTF-8. There must be such an import.
func (m *Module) RenameImport(i int, module, name string) {
	x := &m.Imports[i]
	if x.Module == module && x.Name == name {
		return
	}
	x.Module, x.Name = module, name
	m.edits[idImport].anew = true
}

// DefineImports makes every import of a memory, table, global or tag a definition of the module itself, under the same
// index: in each index space imports come first. What is left are imports of functions, in their order.
//
// Memories and tables have the limits with which they were imported; tables are filled with null. A global has the value
// that init gives, for import i of [Module.Imports] as it was: the bits, of which a number of 32 bits has the low ones, and of
// a vector lo is bytes 0 to 7 and hi bytes 8 to 15. References are null, and init is not asked for them. A nil init is one
// that gives zeros.
//
// Constant expressions that read an immutable imported global have its value instead, as engines of WebAssembly 2.0 allow
// no reading of globals that the module defines there. Those that read a mutable one were not valid, and are left as they are.
//
// The module is as valid as it was; call [Module.CheckIndices] before. A table or global of references that cannot be null
// is refused with an [*Error] before anything is changed. A module that imports only functions is not changed.
func (m *Module) DefineImports(init func(i int, x Import) (lo, hi uint64)) error {
	for i := range m.Imports {
		x := &m.Imports[i]
		if t := x.references(); t != 0 && !t.Nullable() {
			return &Error{Offset: -1, Section: sections[idImport].name,
				Reason: fmt.Sprintf("entry %d: got a %v of type %v, want one with null: there is nothing else to begin with", i, x.Kind, t)}
		}
	}
	var d definitions
	for i := range m.Imports {
		d.add(i, m.Imports[i], init)
	}
	if len(d.functions) == len(m.Imports) {
		return nil
	}
	m.Imports = d.functions
	m.edits[idImport].anew = true
	if len(d.tables) > 0 {
		m.Tables = append(d.tables, m.Tables...)
		m.edits[idTable].anew = true
	}
	if len(d.memories) > 0 {
		m.Memories = append(d.memories, m.Memories...)
		m.edits[idMemory].anew = true
	}
	if len(d.tags) > 0 {
		m.Tags = append(d.tags, m.Tags...)
		m.edits[idTag].anew = true
	}
	if len(d.globals) > 0 {
		m.foldAll(d.values)
		m.Globals = append(d.globals, m.Globals...)
		m.edits[idGlobal].anew = true
	}
	return nil
}

// references is the type of the references that an imported table or global holds; 0 for all else.
func (x *Import) references() ValueType {
	switch {
	case x.Kind == KindTable:
		return x.Table.Type
	case x.Kind == KindGlobal && x.Global.Type.IsRef():
		return x.Global.Type
	}
	return 0
}

// definitions are what imports become.
type definitions struct {
	functions []Import
	tables    []Table
	memories  []Memory
	tags      []Tag
	globals   []Global
	values    [][]byte // for each of globals the instruction that is its value, nil for a mutable one
}

func (d *definitions) add(i int, x Import, init func(int, Import) (lo, hi uint64)) {
	switch x.Kind {
	case KindFunc:
		d.functions = append(d.functions, x)
	case KindTable:
		d.tables = append(d.tables, *x.Table)
	case KindMemory:
		d.memories = append(d.memories, *x.Memory)
	case KindTag:
		d.tags = append(d.tags, x.Tag)
	case KindGlobal:
		var lo, hi uint64
		if init != nil && !x.Global.Type.IsRef() {
			lo, hi = init(i, x)
		}
		g := Global{GlobalType: x.Global, Init: append(value(x.Global.Type, lo, hi), byte(OpEnd))}
		d.globals = append(d.globals, g)
		if g.Mutable {
			d.values = append(d.values, nil)
		} else {
			d.values = append(d.values, g.Init[:len(g.Init)-1])
		}
	}
}

// value is the instruction whose result is the value of type t with these bits, or null.
func value(t ValueType, lo, hi uint64) []byte {
	var a assembler
	switch t {
	case I32:
		a.constant(OpI32Const, int64(int32(lo)))
	case I64:
		a.constant(OpI64Const, int64(lo))
	case F32:
		a.op(OpF32Const)
		a = binary.LittleEndian.AppendUint32(a, uint32(lo))
	case F64:
		a.op(OpF64Const)
		a = binary.LittleEndian.AppendUint64(a, lo)
	case V128:
		a.op(OpV128Const)
		a = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(a, lo), hi)
	default:
		a.null(t)
	}
	return a
}

// foldAll puts the values of the first globals into all constant expressions.
func (m *Module) foldAll(values [][]byte) {
	if !slices.ContainsFunc(values, func(v []byte) bool { return v != nil }) {
		return
	}
	put := func(id int, exprs *[]byte) {
		if folded, changed := fold(*exprs, values); changed {
			*exprs = folded
			m.edits[id].anew = true
		}
	}
	for i := range m.Tables {
		put(idTable, &m.Tables[i].Init)
	}
	for i := range m.Globals {
		put(idGlobal, &m.Globals[i].Init)
	}
	for i := range m.Elements {
		e := &m.Elements[i]
		put(idElement, &e.Offset)
		if e.Exprs {
			put(idElement, &e.Init)
		}
	}
	for i := range m.Data {
		put(idData, &m.Data[i].Offset)
	}
}

// fold puts values of globals for global.get into constant expressions that stand one after the other. The result is
// memory of its own where something was changed.
func fold(exprs []byte, values [][]byte) (folded []byte, changed bool) {
	done := 0 // up to here exprs is in folded
	for w := (walker{code: exprs, depth: 1}); w.pos < len(exprs); w.depth = 1 {
		for w.depth > 0 {
			ins, e := w.next(nil)
			if e != nil { // decoded expressions have no error; those appended are the caller's
				return exprs, false
			}
			if ins.Op != OpGlobalGet {
				continue
			}
			if g, _, _ := unsigned(exprs, ins.Imm, 32); g < uint64(len(values)) && values[g] != nil {
				folded = append(append(folded, exprs[done:ins.Offset]...), values[g]...)
				done, changed = ins.End, true
			}
		}
	}
	if !changed {
		return exprs, false
	}
	return append(folded, exprs[done:]...), true
}
