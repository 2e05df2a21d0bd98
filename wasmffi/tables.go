package wasmffi

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// tables are what a snapshot must know of a module's function tables. The engine lets nobody read
// or write one. A module that writes to its own is therefore compiled with a shadow of each and with functions that
// copy between the two; see package wasmbin.
type tables struct {
	shadows []wasmbin.Shadow
	drops   bool  // segments, which only a new instance has again
	err     error // why tables cannot be saved
}

// prepare returns the binary to compile.
func (t *tables) prepare(b []byte) []byte {
	mod, err := wasmbin.Decode(b)
	if err == nil {
		t.drops, err = mod.DropsSegments()
	}
	out := b
	if err == nil {
		out, t.shadows, err = wasmbin.ShadowTables(b)
	}
	if err != nil { // what is wrong with the module is the engine's to say
		t.err = err
		return b
	}
	return out
}

// hide takes the functions for the shadows off a list of exports.
func (t *tables) hide(funcs map[string]api.FunctionDefinition) {
	for _, s := range t.shadows {
		delete(funcs, s.Save)
		delete(funcs, s.Restore)
	}
}

// savedTable is where the entries of a table are in its shadow.
type savedTable struct{ at, n uint32 }

// saveTables copies each table into its shadow, behind what earlier snapshots have there.
func (in *instance) saveTables(ctx context.Context) ([]savedTable, error) {
	t := &in.module.tables
	if t.err != nil {
		return nil, fmt.Errorf("%w: what the module does to its tables is not known: %w", ErrCannotReset, t.err)
	}
	saved := make([]savedTable, len(t.shadows))
	for i, s := range t.shadows {
		if in.shadowed == nil {
			in.shadowed = make([]uint32, len(t.shadows))
		}
		at := in.shadowed[i]
		stack := []uint64{uint64(at)}
		if err := in.invoke(ctx, in.handle(s.Save), "snapshot of tables", stack); err != nil {
			return nil, err
		}
		n := uint32(stack[0])
		if n == ^uint32(0) || uint64(at)+uint64(n) > 1<<32-1 {
			return nil, fmt.Errorf("%w: no room for a copy of table %d", ErrCannotReset, s.Table)
		}
		saved[i] = savedTable{at, n}
		in.shadowed[i] = at + n
	}
	return saved, nil
}

// restoreTables copies the entries back.
func (in *instance) restoreTables(ctx context.Context, saved []savedTable) error {
	for i, s := range in.module.tables.shadows {
		stack := []uint64{uint64(saved[i].at), uint64(saved[i].n)}
		if err := in.invoke(ctx, in.handle(s.Restore), "reset of tables", stack); err != nil {
			return err
		}
	}
	return nil
}
