package wasmffi

import (
	"context"
	"fmt"

	"github.com/wasmffi/go/constraints"
)

// Prepared is a call whose arguments were checked once: only what can change since is
// checked again. It serves one goroutine at a time with its Library, and keeps its arguments
// alive. Numbers and strings are those of Prepare; the elements of arrays and
// slices are those of the moment of the call.
type Prepared struct {
	f      *Func
	frame  frame
	stack  []uint64 // as the arguments left it
	staged bool
	simple bool          // nothing to stage, no outputs, a plain result
	again  bool          // elements are looked at
	arrays []*allocation // that may be freed or go stale meanwhile
	places []*window     // that may go stale
	ends   []*handle     // that may be closed meanwhile
	calls  []*callback   // the same
}

// Prepare checks arguments as Call does, for any number of calls with them. Its
// errors are those of Call before the function is entered.
func (f *Func) Prepare(args ...any) (*Prepared, error) {
	if err := f.lib.enter(); err != nil {
		return nil, f.refuse(err)
	}
	defer f.lib.leave()
	p := &Prepared{f: f, frame: f.newFrame()}
	staged, te := f.take(&p.frame, args)
	if te != nil {
		return nil, &refusal{te}
	}
	p.staged, p.simple = staged, !staged && f.plain && len(f.spec.outs) == 0
	p.stack = append(p.stack, p.frame.stack...)
	for i := range f.params {
		switch m := p.frame.binding.Arrays[i].Memory().(type) {
		case *allocation:
			p.arrays = append(p.arrays, m)
		case *window:
			p.places = append(p.places, m)
		}
		if t, ok := f.Signature().Params[i].Type.(constraints.ArrayOf); ok && t.Finite {
			p.again = true
		}
	}
	for _, x := range args {
		switch v := x.(type) {
		case Handle:
			if v.h != nil {
				p.ends = append(p.ends, v.h)
			}
		case Callback:
			if v.c != nil {
				p.calls = append(p.calls, v.c)
			}
		}
	}
	return p, nil
}

// Call enters the guest with the arguments of Prepare. An array that was freed, or a
// handle that was closed, since then is refused with ErrFreed, and what Call of Func says
// holds here too. With Arrays and numbers only it allocates nothing.
func (p *Prepared) Call(ctx context.Context) (Result, error) {
	if ctx == nil {
		panic("wasmffi: nil context")
	}
	f, l := p.f, p.f.lib
	if err := l.enter(); err != nil {
		return Result{}, f.refuse(err)
	}
	defer l.leave()
	if ctx.Err() != nil {
		return Result{}, f.refuse(context.Cause(ctx))
	}
	for _, a := range p.arrays {
		if !a.usable() {
			return Result{}, f.refuse(fmt.Errorf("since Prepare: %w", a.alive()))
		}
	}
	for _, w := range p.places {
		if w.stale.Load() {
			return Result{}, f.refuse(fmt.Errorf("since Prepare: %w", w.alive()))
		}
	}
	if len(p.ends) > 0 || len(p.calls) > 0 || p.again {
		if err := p.recheck(); err != nil {
			return Result{}, err
		}
	}
	copy(p.frame.stack, p.stack)
	if p.simple {
		if err := f.invoke(ctx, p.frame.stack); err != nil {
			return Result{}, err
		}
		r := Result{spec: &f.spec, bits: p.frame.stack[0]}
		if l.in.meter.limited {
			f.noteFuel(&r)
		}
		return r, nil
	}
	r := Result{spec: &f.spec}
	err := f.run(ctx, &p.frame, p.staged, &r)
	if p.staged {
		clear(p.frame.there)
	}
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

// recheck looks at what simple calls have not: handles, and elements.
func (p *Prepared) recheck() error {
	for _, h := range p.ends {
		if h.stale() {
			return p.f.refuse(fmt.Errorf("since Prepare: %w: handle %s", ErrStale, Handle{h}))
		}
		if h.closed.Load() {
			return p.f.refuse(fmt.Errorf("%w since Prepare: handle %s", ErrFreed, Handle{h}))
		}
	}
	for _, c := range p.calls {
		if c.closed.Load() {
			return p.f.refuse(fmt.Errorf("%w since Prepare: callback %s", ErrClosed, Callback{c}))
		}
	}
	if p.again {
		if te := p.f.checker.Recheck(p.frame.binding); te != nil {
			return &refusal{te}
		}
	}
	return nil
}

// Func is the function that the call is of.
func (p *Prepared) Func() *Func { return p.f }
