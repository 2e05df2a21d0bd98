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
// Arguments are Go numbers and bools, slices of the fixed-width number types and of
// bool, Arrays, [New], [InOut], and nothing else. An Array in this library's memory is
// passed as it is, without a copy. Slices and Arrays over Go memory are copied
// in, and back when the parameter is out or inout and the call succeeds. Memory that is
// only written is zero when the function starts.
//
// An argument that does not fit is a *TypeError, and then, as whenever the function
// was not entered, the error is ErrNotRun as well: guest memory and slices are as
// they were. A fault of the guest is a *Trap, its exit() an *ExitError; both poison
// the library. A value other than that of ok() is a *StatusError. ctx must not
// be nil; a done context is refused. Whether it can stop a call that runs is decided by
// Options.Interruptible.
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
	r := Result{spec: &f.spec, from: l}
	staged, err := f.run(ctx, args, &r)
	if staged || err != nil {
		f.forget()
	}
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

// run is a call with the library entered.
func (f *Func) run(ctx context.Context, args []any, r *Result) (staged bool, err error) {
	// No method of an argument may be called from here on, nor its type be asked
	// by reflection: either moves the arguments of every call to the heap.
	staged, te := f.take(args)
	if te != nil {
		return staged, &refusal{te}
	}
	if staged {
		if err := f.prepare(ctx, r); err != nil {
			return staged, err
		}
	}
	if len(f.spec.outs) > 0 {
		if err := f.clearOutputs(r); err != nil {
			return staged, err
		}
	}
	if err := f.lib.in.invoke(ctx, f.fn, f.name, f.stack); err != nil {
		return staged, err
	}
	if err := f.results(r); err != nil {
		return staged, also(err, f.discard(ctx, r))
	}
	if staged {
		return staged, f.finish(ctx, r)
	}
	return staged, nil
}

// forget drops the arrays of a call, so that the caller's slices are not kept alive.
func (f *Func) forget() {
	clear(f.there)
	clear(f.binding.Arrays)
}

// clearOutputs names the outputs in r and zeroes those that are only written. What
// was allocated or staged is zero already.
func (f *Func) clearOutputs(r *Result) error {
	for i := range f.params {
		p := &f.params[i]
		if p.out < 0 || p.role != constraints.Array || r.made>>p.out&1 != 0 {
			continue
		}
		a := f.binding.Arrays[i]
		r.setOut(p.out, a)
		if p.dir == constraints.Out && a.Memory() != nil {
			if err := a.Zero(); err != nil {
				return f.refuse(err)
			}
		}
	}
	return nil
}

// refuse is the error of a call that was not run.
func (f *Func) refuse(cause error) error {
	return &refusal{fmt.Errorf("%s: %w", f.name, cause)}
}

// take reads the arguments into binding and stack and checks all that can be
// checked without touching the guest. It reports whether something must be staged: Go
// memory, outputs to allocate, out scalars.
func (f *Func) take(args []any) (staged bool, _ *constraints.TypeError) {
	c, b := f.checker, f.binding
	if e := c.Start(b, len(args)); e != nil {
		return false, e
	}
	for i := range f.params {
		p := &f.params[i]
		switch p.role {
		case constraints.Given, constraints.InOutScalar:
			bits, e := p.number.lower(args[c.Arg(b, i)])
			if e != nil {
				return false, c.Explain(b, i, e)
			}
			f.stack[i] = bits
			staged = staged || p.role == constraints.InOutScalar
		case constraints.OutScalar:
			staged = true
		case constraints.Array:
			k := c.Arg(b, i)
			if k < 0 {
				staged = true
				continue
			}
			a, e := f.array(i, args[k])
			if e != nil {
				return false, c.Explain(b, i, e)
			}
			b.Arrays[i] = a
			f.stack[i] = uint64(a.Ptr())
			staged = staged || a.Memory() == nil
		}
	}
	if e := c.Check(b); e != nil {
		return false, e
	}
	for i := range f.params {
		if f.params[i].role == constraints.Derived {
			n, e := c.Value(b, i)
			if e != nil {
				return false, e
			}
			f.stack[i] = uint64(n)
		}
	}
	return staged, nil
}

// array makes an Array of an argument, and checks that its elements are still there
// and in this library.
func (f *Func) array(i int, x any) (memview.Array, *constraints.TypeError) {
	switch v := x.(type) {
	case memview.Array:
		return v, f.own(v)
	case Alloc:
		if f.params[i].dir != constraints.Out {
			return memview.Array{}, &constraints.TypeError{Field: "it", Got: "wasmffi.New(...)", Want: "an array: only outputs can be allocated", Kind: constraints.ErrArgs}
		}
		f.binding.Shapes[i] = v.shape
		return memview.Array{}, nil
	case Writable:
		if inner, ok := v.x.(memview.Array); ok {
			return inner, f.own(inner)
		}
		x = v.x
	}
	a, err := arrayOf(x, nil)
	if err == nil {
		return a, nil
	}
	got, hint := goType(x)
	if x == nil {
		got, hint = "nil", "; the parameter is not nullable"
	}
	e := &constraints.TypeError{Field: "it", Got: got, Want: "an array", Kind: constraints.ErrArray}
	if hint != "" {
		e.Want += hint
		e.Hint = hint[2:]
	}
	return memview.Array{}, e
}

// own checks that a guest array lies in this library and was not freed.
func (f *Func) own(a memview.Array) *constraints.TypeError {
	m := a.Memory()
	if m == nil {
		return nil // Go memory, or no array, which Check refuses
	}
	lease, freed := leaseOf(m)
	switch {
	case lease != f.lib.in.lease && lease != nil && lease.closed.Load():
		return &constraints.TypeError{Field: "it", Got: "in the memory of a closed library", Want: "an array that is still there", Kind: ErrClosed}
	case lease != f.lib.in.lease:
		return &constraints.TypeError{Field: "it", Got: "in the memory of another library", Want: "an array of this one; lib.Array(a) copies it here", Kind: ErrMemory, Hint: "lib.Array(a) copies it here"}
	case freed:
		return &constraints.TypeError{Field: "it", Got: "freed", Want: "an array that is still there", Kind: ErrFreed}
	}
	return nil
}
