package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"strconv"

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
	// No method of an argument may be called from here on, nor its type be asked
	// by reflection: either moves the arguments of every call to the heap.
	staged, te := f.take(args)
	if te != nil {
		return Result{}, &refusal{te}
	}
	r := Result{spec: &f.spec, from: l}
	if staged {
		if err := f.prepare(ctx, &r); err != nil {
			return Result{}, err
		}
	}
	for i := range f.params {
		if p := &f.params[i]; p.out >= 0 && p.role == constraints.Array {
			a := f.binding.Arrays[i]
			if r.made>>p.out&1 == 0 {
				r.setOut(p.out, a)
			}
			// Its elements are there: take has checked.
			if p.dir == constraints.Out && a.Memory() != nil {
				if err := a.Zero(); err != nil {
					return Result{}, f.refuse(err)
				}
			}
		}
	}
	if err := l.in.invoke(ctx, f.fn, f.name, f.stack); err != nil {
		return Result{}, err
	}
	if err := f.results(&r); err != nil {
		return Result{}, also(err, f.discard(ctx, &r))
	}
	if staged {
		if err := f.finish(ctx, &r); err != nil {
			return Result{}, err
		}
	}
	return r, nil
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

// prepare allocates the outputs that were left out and stages Go memory. On an error
// nothing of the caller was written and nothing stays allocated.
func (f *Func) prepare(ctx context.Context, r *Result) error {
	err := f.allocate(ctx, r)
	if err == nil {
		err = f.stage(ctx)
	}
	if err == nil {
		return nil
	}
	if te := (*constraints.TypeError)(nil); errors.As(err, &te) {
		err = &refusal{te}
	} else {
		err = f.refuse(err)
	}
	return also(err, f.discard(ctx, r))
}

func (f *Func) allocate(ctx context.Context, r *Result) error {
	for i := range f.params {
		p := &f.params[i]
		if p.role != constraints.Array || !f.binding.Arrays[i].IsZero() {
			continue
		}
		shape, e := f.checker.OutShape(f.binding, i)
		if e != nil {
			return e
		}
		a, err := f.lib.in.empty(ctx, p.dtype, shape)
		if err != nil {
			return fmt.Errorf("output %q: %w", f.spec.outs[p.out], err)
		}
		r.setOut(p.out, a)
		r.made |= 1 << p.out
		if e := f.judge(i, a); e != nil {
			return e
		}
		f.stack[i] = uint64(a.Ptr())
	}
	return nil
}

// judge holds an allocated output against an NDPointer, which may ask for
// flags that no fresh array has.
func (f *Func) judge(i int, a memview.Array) *constraints.TypeError {
	nd, ok := f.Signature().Params[i].Type.(constraints.NDPointer)
	if !ok {
		return nil
	}
	if all := nd.CheckAll(a); len(all) > 0 {
		return f.checker.Explain(f.binding, i, all[0])
	}
	return nil
}

// stage copies Go memory into the guest and makes room for out scalars.
func (f *Func) stage(ctx context.Context) error {
	var need uint64
	for i := range f.params {
		need += f.scratchOf(i)
	}
	l := f.lib
	if need > 0 {
		if err := l.scratch.reserve(ctx, l.in, need); err != nil {
			return err
		}
	}
	for i := range f.params {
		p := &f.params[i]
		switch a := f.binding.Arrays[i]; {
		case p.role == constraints.OutScalar || p.role == constraints.InOutScalar:
			there, err := l.scratch.place(l.in, p.dtype, nil)
			if err == nil {
				err = there.Zero()
			}
			if err == nil && p.role == constraints.InOutScalar {
				err = there.Set(p.number.value(f.stack[i]))
			}
			if err != nil {
				return err
			}
			f.there[i] = there
			f.stack[i] = uint64(there.Ptr())
		case p.role == constraints.Array && !a.IsZero() && a.Memory() == nil:
			there, err := l.scratch.place(l.in, a.DType().LittleEndian(), a.Shape())
			if err == nil && p.dir == constraints.Out {
				err = there.Zero()
			} else if err == nil {
				err = memview.Copy(there, a)
			}
			if err != nil {
				return err
			}
			f.there[i] = there
			f.stack[i] = uint64(there.Ptr())
		}
	}
	return nil
}

// scratchOf is the scratch memory that parameter i needs.
func (f *Func) scratchOf(i int) uint64 {
	p, a := &f.params[i], f.binding.Arrays[i]
	switch {
	case p.role == constraints.OutScalar || p.role == constraints.InOutScalar:
		return scratchSize(p.dtype.ItemSize())
	case p.role == constraints.Array && !a.IsZero() && a.Memory() == nil:
		return scratchSize(a.NBytes())
	}
	return 0
}

// results reads what the function returned and judges it.
func (f *Func) results(r *Result) error {
	r.bits = f.stack[0]
	switch f.spec.kind {
	case scalarResult:
		if f.ok == nil {
			return nil
		}
		got := f.spec.number.int(r.bits)
		if f.spec.number.kind == memview.Uint && f.spec.number.bits < 64 {
			got = int64(f.spec.number.uint(r.bits))
		}
		if got != *f.ok {
			return &StatusError{Func: f.name, Got: got, Want: *f.ok}
		}
	case pointerResult:
		r.bits = uint64(uint32(r.bits))
	case arrayResult:
		err := f.pointer(r)
		if err != nil {
			f.lib.in.spoil(err)
		}
		return err
	}
	return nil
}

// pointer makes the Array that the returned address points to. The address is
// the guest's word and is believed only as far as its memory goes.
func (f *Func) pointer(r *Result) error {
	p := memview.Ptr(uint32(r.bits))
	bad := func(got, want string, kind error) error {
		return f.checker.Explain(f.binding, -1, &constraints.TypeError{Field: "result", Got: got, Want: want, Kind: kind})
	}
	if p == 0 {
		if f.null {
			return nil
		}
		return bad("NULL", "a pointer, or nullable in the signature", memview.ErrNull)
	}
	shape, e := f.checker.ResultShape(f.binding)
	if e != nil {
		return e
	}
	layout := memview.Layout{Shape: shape}
	if f.flags&memview.FContiguous != 0 && f.flags&memview.CContiguous == 0 {
		layout.Strides = make([]int, len(shape))
		step := f.want.ItemSize()
		for i, n := range shape {
			layout.Strides[i] = step
			step *= max(n, 1)
		}
	}
	a, err := memview.NewArray(f.lib.in.lease, p, f.want, layout)
	if err != nil {
		return bad(fmt.Sprintf("%#x", uint32(p)), fmt.Sprintf("%s of shape %s inside of the memory of %#x bytes", f.want, memview.ShapeString(shape), f.lib.in.lease.Size()), memview.ErrBounds)
	}
	if a.Flags()&memview.Aligned == 0 && f.spec.kind == arrayResult && f.flags == 0 {
		return bad(fmt.Sprintf("%#x", uint32(p)), "a multiple of "+strconv.Itoa(f.want.Alignment()), constraints.ErrAlign)
	}
	r.arr = a
	return nil
}

// finish copies outputs back to Go memory, now that the call has succeeded.
func (f *Func) finish(ctx context.Context, r *Result) error {
	for i := range f.params {
		p := &f.params[i]
		if p.out < 0 {
			continue
		}
		to, err := f.binding.Arrays[i], error(nil)
		switch {
		case p.role != constraints.Array:
			if to, err = memview.Zeros(p.dtype); err == nil {
				r.setOut(p.out, to)
			}
		case to.IsZero() || to.Memory() != nil:
			continue // already where it belongs
		}
		if err == nil {
			err = memview.Copy(to, f.there[i])
		}
		if err != nil {
			return fmt.Errorf("%s: output %q: %w", f.name, f.spec.outs[p.out], err)
		}
	}
	clear(f.there)
	clear(f.binding.Arrays) // do not keep the caller's slices alive
	return f.lib.scratch.trim(ctx, f.lib.in)
}

// discard frees what a failed call had allocated.
func (f *Func) discard(ctx context.Context, r *Result) error {
	var errs []error
	for i := range f.spec.outs {
		if r.made>>i&1 != 0 && f.lib.in.poison == nil {
			errs = append(errs, f.lib.in.freeArray(ctx, r.out(i)))
		}
	}
	if f.lib.in.poison == nil {
		errs = append(errs, f.lib.scratch.trim(ctx, f.lib.in))
	}
	return errors.Join(errs...)
}

// also adds an error of the clean-up to the one that mattered.
func also(err, more error) error {
	if more == nil {
		return err
	}
	return errors.Join(err, more)
}
