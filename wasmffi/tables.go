package wasmffi

import (
	"context"
	"fmt"
)

// savedTable is where the entries of a table are in its shadow.
type savedTable struct{ at, n uint32 }

// saveTables copies each table into its shadow, behind what earlier snapshots have there.
func (in *instance) saveTables(ctx context.Context) ([]savedTable, error) {
	t := &in.module.inside
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
	for i, s := range in.module.inside.shadows {
		stack := []uint64{uint64(saved[i].at), uint64(saved[i].n)}
		if err := in.invoke(ctx, in.handle(s.Restore), "reset of tables", stack); err != nil {
			return err
		}
	}
	return nil
}
