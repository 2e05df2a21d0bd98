package wasmffi

import (
	"context"
	"fmt"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Call checks the arguments, enters the guest and returns its results. There is one argument
// for each parameter, in order, but none for derived scalars and out
// scalars; the arrays that are only written may be left out, all of them, and are then
// allocated.
//
// Arguments are Go numbers and bools, strings, slices of the fixed-width number types and of
// bool, Arrays, [New], [InOut], Handles, and nil (the untyped one: a nil slice is an empty array)
// where the signature says nullable; nothing else. An Array in this library's memory is
// passed as it is, without a copy. Slices and Arrays over Go memory are copied
// in, and back when the parameter is out or inout and the call succeeds. Memory that is
// only written is zero when the function starts.
//
// An argument that does not fit is a *TypeError, and then, as whenever the function
// was not entered, the error is ErrNotRun as well: guest memory and slices are as
// they were. A fault of the guest is a *Trap, its exit() an *ExitError; both poison
// the library. A value other than that of ok() is a *StatusError. ctx must not
// be nil; a done context is refused, and one that ends stops the call with ErrStopped, as the limits of Options do, unless
// Options.Unmetered says otherwise. Go functions that the guest calls are not stopped: they have the context.
//
// With Arrays and numbers only, Call allocates nothing.
func (f *Func) Call(ctx context.Context, args ...any) (Result, error) {
	if ctx == nil {
		panic("wasmffi: nil context")
	}
	l := f.lib
	if err := l.enter(); err != nil {
		return Result{}, f.refuse(err)
	}
	defer l.leave()
	if ctx.Err() != nil {
		return Result{}, f.refuse(context.Cause(ctx))
	}
	r := Result{spec: &f.spec}
	if q := f.quick; q != nil && q.take(l.in.lease, f.frame.stack, args) {
		if err := f.runQuick(ctx, &r); err != nil {
			return Result{}, err
		}
		return r, nil
	}
	// No method of an argument may be called from here on, nor its type be asked
	// by reflection: either moves the arguments of every call to the heap.
	staged, te := f.take(&f.frame, args)
	err := error(nil)
	if te != nil {
		err = &refusal{te}
	} else {
		err = f.run(ctx, &f.frame, staged, &r)
	}
	if staged || err != nil {
		f.frame.forget()
	}
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

// run is a call whose arguments were taken, with the library entered.
func (f *Func) run(ctx context.Context, fr *frame, staged bool, r *Result) error {
	if staged {
		if err := f.prepare(ctx, fr, r); err != nil {
			return err
		}
	}
	if len(f.spec.outs) > 0 {
		if err := f.clearOutputs(fr, r); err != nil {
			return err
		}
	}
	if err := f.invoke(ctx, fr.stack); err != nil {
		return also(err, f.discard(ctx, r))
	}
	if err := f.results(fr, r); err != nil {
		return also(err, f.discard(ctx, r))
	}
	if f.lib.in.meter.limited {
		f.noteFuel(r)
	}
	if staged {
		return f.finish(fr, r)
	}
	return nil
}

// clearOutputs names the outputs in r and zeroes those that are only written. What
// was allocated or staged is zero already.
func (f *Func) clearOutputs(fr *frame, r *Result) error {
	if !f.spec.single && r.more == nil {
		// Calls with the same arrays share one list, so that they allocate nothing. It is
		// not shared where a call writes more than the arrays into it.
		if private := f.lens || f.spec.kind == textResult || f.spec.kind == handleResult; private {
			r.extend(f.lib)
		} else if !fr.sameOutputs(f) {
			fr.last = r.extend(f.lib)
		}
		if r.more == nil {
			r.more = fr.last
		}
	}
	for i := range f.params {
		p := &f.params[i]
		if p.out < 0 || p.role != constraints.Array || r.made(p.out) {
			continue
		}
		a := fr.binding.Arrays[i]
		if f.spec.single || r.more.outs[p.out] != a {
			r.setOut(p.out, a)
		}
		// An output that is an input as well keeps what it holds.
		if p.dir == constraints.Out && a.Memory() != nil && !(p.alias && f.isShared(fr, i)) {
			if err := a.Zero(); err != nil {
				return f.refuse(err)
			}
		}
	}
	return nil
}

// isShared reports whether the array of parameter i has bytes in common with that of
// another one.
func (f *Func) isShared(fr *frame, i int) bool {
	a := fr.binding.Arrays[i]
	for k, b := range fr.binding.Arrays {
		if k != i && !b.IsZero() && memview.MayShareMemory(a, b) {
			return true
		}
	}
	return false
}

// sameOutputs reports whether the outputs are those of the last call.
func (fr *frame) sameOutputs(f *Func) bool {
	if fr.last == nil {
		return false
	}
	for i := range f.params {
		if p := &f.params[i]; p.out >= 0 && p.role == constraints.Array && fr.last.outs[p.out] != fr.binding.Arrays[i] {
			return false
		}
	}
	return true
}

// refuse is the error of a call that was not run.
func (f *Func) refuse(cause error) error {
	return &refusal{fmt.Errorf("%s: %w", f.name, cause)}
}

// runQuick enters the guest after quick has taken the arguments.
func (f *Func) runQuick(ctx context.Context, r *Result) error {
	if q := f.quick; len(f.spec.outs) > 0 {
		for k := range q.given {
			g := &q.given[k]
			if g.out < 0 {
				continue
			}
			r.arr = q.arrays[k]
			if g.clear {
				if err := r.arr.Zero(); err != nil {
					return f.refuse(err)
				}
			}
		}
	}
	if err := f.invoke(ctx, f.frame.stack); err != nil {
		return err
	}
	if err := f.results(&f.frame, r); err != nil {
		return err
	}
	if f.lib.in.meter.limited {
		f.noteFuel(r)
	}
	return nil
}
