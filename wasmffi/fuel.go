package wasmffi

import (
	"context"

	"github.com/tetratelabs/wazero/api"
)

// invoke enters the guest. What most calls do not need is done by invokeWith.
func (f *Func) invoke(ctx context.Context, stack []uint64) error {
	if fn := f.entry.fn; fn != nil && f.limits == nil {
		return f.lib.in.invoke(ctx, fn, f.name, stack)
	}
	return f.invokeWith(ctx, stack)
}

// invokeWith enters the guest by a function that is looked up, or with limits of its own.
func (f *Func) invokeWith(ctx context.Context, stack []uint64) error {
	in := f.lib.in
	fn, err := f.lookUp()
	if err != nil {
		return f.refuse(err)
	}
	if f.limits != nil {
		own := in.limits
		in.limit(*f.limits)
		defer in.limit(own)
	}
	if err = in.invoke(ctx, fn, f.name, stack); err != nil && f.at != nil {
		f.at.Function = nil // with its native stack
	}
	return err
}

// lookUp is the engine's function. The error says that f is a function pointer of before a reset.
func (f *Func) lookUp() (api.Function, error) {
	if f.at != nil {
		return f.lib.in.pointee(f.at)
	}
	return f.lib.in.handle(f.name), nil
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
