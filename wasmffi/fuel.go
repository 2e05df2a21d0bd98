package wasmffi

import "context"

// invoke enters the guest. What most calls do not need is done by invokeWith.
func (f *Func) invoke(ctx context.Context, stack []uint64) error {
	if in := f.lib.in; f.era == in.era && f.limits == nil {
		return in.invoke(ctx, f.fn, f.name, stack)
	}
	return f.invokeWith(ctx, stack)
}

// invokeWith enters the guest by a function that is looked up again, or with limits of its own.
func (f *Func) invokeWith(ctx context.Context, stack []uint64) error {
	fn, err := f.entry()
	if err != nil {
		return f.refuse(err)
	}
	in := f.lib.in
	if f.limits == nil {
		return in.invoke(ctx, fn, f.name, stack)
	}
	own := in.limits
	in.limit(*f.limits)
	defer in.limit(own)
	return in.invoke(ctx, fn, f.name, stack)
}

// noteFuel writes into a result what the call took of its limit.
func (f *Func) noteFuel(r *Result) {
	more := resultMore{from: f.lib}
	if r.more != nil {
		more = *r.more // which calls may share
	} else if !f.spec.single {
		more = *r.extend(f.lib)
	}
	more.fuel = f.lib.in.meter.used()
	r.more = &more
}

// Fuel is what the call took of its limit; 0 where it had none. See Limits.Fuel.
func (r Result) Fuel() uint64 {
	if r.more == nil {
		return 0
	}
	return r.more.fuel
}
