package wasmffi

import (
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"

	"github.com/wasmffi/go/memview"
)

// pointee is what a function pointer of the guest's points to: an entry of its table.
type pointee struct {
	index           uint32
	params, results []api.ValueType
	made            *moment
	fn              api.Function // looked up in era; nil: not yet
	era             int
}

// pointee looks up a function pointer, as call_indirect does: again whenever the entry may be another.
func (in *instance) pointee(p *pointee) (_ api.Function, err error) {
	if p.made.undone.Load() {
		return nil, fmt.Errorf("%w: function pointer %#x", memview.ErrStale, p.index)
	}
	fixed := len(in.module.inside.shadows) == 0 // the guest does not write to its tables
	if p.fn != nil && p.era == in.era && fixed {
		return p.fn, nil
	}
	defer func() {
		if r := recover(); r != nil {
			cause, ok := r.(error)
			if !ok {
				cause = errors.New("it is not in the table")
			}
			err = fmt.Errorf("%w: function pointer %#x: %w", ErrNotFound, p.index, cause)
		}
	}()
	p.fn = table.LookupFunction(in.inst, uint32(in.module.inside.table), p.index, p.params, p.results)
	p.era = in.era
	return p.fn, nil
}
