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
	drops   bool  // segments, which only a new instance has again
	err     error // why the state cannot be had
}

// prepare returns the binary to compile.
func (s *inside) prepare(b []byte) []byte {
	out, err := s.open(b)
	if err != nil { // what is wrong with the module is the engine's to say
		*s = inside{err: fmt.Errorf("%w: what the module keeps beside its memory is not known: %w", ErrCannotReset, err)}
		return b
	}
	return out
}

func (s *inside) open(b []byte) ([]byte, error) {
	mod, err := wasmbin.Decode(b)
	if err != nil {
		return nil, err
	}
	writes, err := mod.Writes()
	if err != nil {
		return nil, err
	}
	s.drops = writes.Segments
	if err := mod.CheckIndices(); err != nil {
		return nil, err
	}
	if err := s.openGlobals(mod); err != nil {
		return nil, err
	}
	if s.shadows, err = mod.ShadowTables(writes.Tables); err != nil {
		return nil, err
	}
	return mod.Encode(), nil
}

// openGlobals exports the mutable globals.
func (s *inside) openGlobals(mod *wasmbin.Module) error {
	at := uint32(0)
	for _, i := range mod.Imports {
		if i.Kind == wasmbin.KindGlobal {
			at++
		}
	}
	prefix := mod.PrivatePrefix("wasmffi.global")
	for i, g := range mod.Globals {
		if !g.Mutable {
			continue
		}
		switch g.Type {
		case wasmbin.I32, wasmbin.I64, wasmbin.F32, wasmbin.F64:
		default:
			s.err = fmt.Errorf("%w: global %d is mutable and of type %v", ErrCannotReset, at+uint32(i), g.Type)
			continue
		}
		name := fmt.Sprint(prefix, ".", at+uint32(i))
		if _, err := mod.AppendExport(wasmbin.Export{Name: name, Kind: wasmbin.KindGlobal, Index: at + uint32(i)}); err != nil {
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
