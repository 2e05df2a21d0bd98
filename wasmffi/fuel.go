package wasmffi

import "context"

// invoke enters the guest, with the limits of f.
func (f *Func) invoke(ctx context.Context, stack []uint64) error {
	fn, err := f.entry()
	if err != nil {
		return f.refuse(err)
	}
	in := f.lib.in
	if f.limits == nil {
		return in.invoke(ctx, fn, f.name, stack)
	}
	own := in.limits
	in.limits = *f.limits
	defer func() { in.limits = own }()
	return in.invoke(ctx, fn, f.name, stack)
}

// noteFuel writes into a result what the call took, if that was counted.
func (f *Func) noteFuel(r *Result) {
	m := &f.lib.in.meter
	if !m.limited {
		return
	}
	more := resultMore{from: f.lib}
	if r.more != nil {
		more = *r.more // which calls may share
	} else if !f.spec.single {
		more = *r.extend(f.lib)
	}
	more.fuel = m.used()
	r.more = &more
}
