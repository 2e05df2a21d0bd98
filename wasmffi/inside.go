package wasmffi

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// inside is the state of a module's instances beside their memory, which the engine shows to nobody: globals that are
// not exported, and the entries of tables. A module is therefore compiled with exports, of private names, for
// its mutable globals, and, if it writes to its tables, with a shadow of each and functions that copy between
// the two; see package wasmbin.
type inside struct {
	globals []string // exports
	shadows []wasmbin.Shadow
	drops   bool // segments, which only a new instance has again

	table     int    // of function pointers; -1: none
	tableName string // its export
	err       error  // why the state cannot be had
}

// open adds them. Indices were checked, and there is nothing imported but functions.
func (s *inside) open(mod *wasmbin.Module, tables uint32) error {
	writes, err := mod.Writes()
	if err != nil {
		return err
	}
	s.drops = writes.Segments
	if err := s.openGlobals(mod); err != nil {
		return err
	}
	if err := s.openTable(mod, tables); err != nil {
		return err
	}
	s.shadows, err = mod.ShadowTables(writes.Tables)
	return err
}

// openTable bounds the tables, and exports that of function pointers.
func (s *inside) openTable(mod *wasmbin.Module, entries uint32) error {
	s.table = functionTable(mod)
	if err := s.boundTables(mod, entries); err != nil || s.table < 0 {
		return err
	}
	s.tableName = mod.PrivatePrefix("wasmffi.table")
	_, err := mod.AppendExport(wasmbin.Export{Name: s.tableName, Kind: wasmbin.KindTable, Index: uint32(s.table)})
	return err
}

// functionTable is the table of function pointers; -1: there is none.
func functionTable(mod *wasmbin.Module) int {
	table := -1
	tables := mod.AllTables()
	for i, t := range tables {
		if t.Type == wasmbin.FuncRef {
			table = i
			break
		}
	}
	for _, x := range mod.Exports {
		if x.Kind == wasmbin.KindTable && x.Name == "__indirect_function_table" && tables[x.Index].Type == wasmbin.FuncRef {
			return int(x.Index)
		}
	}
	return table
}

// boundTables lets the tables grow to so many entries, since the engine takes memory for whatever a table grows to, and that of function
// pointers by what the host adds.
func (s *inside) boundTables(mod *wasmbin.Module, entries uint32) error {
	if err := mod.BoundTables(uint64(entries)); err != nil {
		return fmt.Errorf("%w: %w", ErrTableLimit, err)
	}
	if s.table >= 0 {
		if l := mod.Tables[s.table].Limits; l.Max >= l.Min { // else the engine refuses the module
			l.Max += maxCallbacks // far from 2**32
			mod.SetTableLimits(uint32(s.table), l)
		}
	}
	return nil
}

// openGlobals exports the mutable globals.
func (s *inside) openGlobals(mod *wasmbin.Module) error {
	prefix := mod.PrivatePrefix("wasmffi.global")
	for i, g := range mod.Globals {
		if !g.Mutable {
			continue
		}
		switch g.Type {
		case wasmbin.I32, wasmbin.I64, wasmbin.F32, wasmbin.F64:
		default:
			s.err = fmt.Errorf("%w: global %d is mutable and of type %v", ErrCannotReset, i, g.Type)
			continue
		}
		name := fmt.Sprint(prefix, ".", i)
		if _, err := mod.AppendExport(wasmbin.Export{Name: name, Kind: wasmbin.KindGlobal, Index: uint32(i)}); err != nil {
			return err
		}
		s.globals = append(s.globals, name)
	}
	return nil
}

// hide takes what was added off a list of exports.
func (s *inside) hide(funcs map[string]api.FunctionDefinition) {
	for _, t := range s.shadows {
		delete(funcs, t.Save)
		delete(funcs, t.Restore)
	}
}

// readGlobals are the values of the mutable globals.
func (in *instance) readGlobals() []uint64 {
	values := make([]uint64, len(in.module.inside.globals))
	for i, name := range in.module.inside.globals {
		values[i] = in.inst.ExportedGlobal(name).Get()
	}
	return values
}

// writeGlobals sets them.
func (in *instance) writeGlobals(values []uint64) {
	for i, name := range in.module.inside.globals {
		in.inst.ExportedGlobal(name).(api.MutableGlobal).Set(values[i])
	}
}
