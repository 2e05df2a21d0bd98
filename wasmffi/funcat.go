package wasmffi

import (
	"fmt"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// FuncAt makes a Func of a function pointer of the guest's: an index of its table, such as a
// struct of the guest's holds. The signature is that of a C function type, "func(f64) -> f64", as for
// [Library.Callback]; array parameters are inout, and scalars that name a dimension are
// derived. Whether a function of that wasm type is there shows when it is called: else the call is a *Trap with
// InvalidTableAccess or IndirectCallType. The Func is good until the library is reset to a time before (ErrStale).
func (l *Library) FuncAt(p memview.Ptr, sig string) (*Func, error) {
	t, err := constraints.ParseFunc(sig)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: FuncAt: %w", err)
	}
	if err := l.enter(); err != nil {
		return nil, fmt.Errorf("wasmffi: FuncAt: %w", &refusal{err})
	}
	defer l.leave()
	f, err := l.funcAt(&pointee{index: uint32(p), made: l.in.time.moment()}, t)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: FuncAt: %w", err)
	}
	return f, nil
}

// Func is the function that a result of type func(...) points to; see [Library.FuncAt]. NULL is an error
// (memview.ErrNull).
func (r Result) Func() (*Func, error) {
	if r.spec == nil || r.spec.kind != funcResult {
		r.scalar("Func") // panics
	}
	if r.bits == 0 {
		return nil, fmt.Errorf("wasmffi: %s: Func: %w", r.spec.name, memview.ErrNull)
	}
	l := r.more.from.(*Library)
	if err := l.enter(); err != nil {
		return nil, fmt.Errorf("wasmffi: %s: Func: %w", r.spec.name, &refusal{err})
	}
	defer l.leave()
	f, err := l.funcAt(&pointee{index: uint32(r.bits), made: r.more.moment}, *r.spec.target)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %s: Func: %w", r.spec.name, err)
	}
	f.declared = r.more.claim
	return f, nil
}

// funcAt binds a function pointer. The library is entered.
func (l *Library) funcAt(at *pointee, t constraints.FuncType) (*Func, error) {
	if l.in.module.inside.table < 0 {
		return nil, fmt.Errorf("%w: the module has no table of functions", ErrNotFound)
	}
	s, err := t.Signature(fmt.Sprintf("%s @%#x", t, at.index))
	if err != nil {
		return nil, err
	}
	p, typ, err := newPlan(s)
	if err != nil {
		return nil, err
	}
	at.typ = typ
	if _, err := l.in.pointee(at); err != nil {
		return nil, err
	}
	f, err := l.bindPlan(p)
	if err != nil {
		return nil, err
	}
	f.at = at
	return f, nil
}
