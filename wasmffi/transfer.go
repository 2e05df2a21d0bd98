package wasmffi

import (
	"context"
	"errors"
	"fmt"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

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

// allocate makes the outputs that were left out. All are judged before the
// first is made, so that a refusal does not even reach the guest's allocator.
func (f *Func) allocate(ctx context.Context, r *Result) error {
	for i := range f.params {
		if !f.leftOut(i) {
			continue
		}
		shape, e := f.checker.OutShape(f.binding, i)
		if e != nil {
			return e
		}
		f.binding.Shapes[i] = shape
		if e := f.judge(i, shape); e != nil {
			return e
		}
	}
	for i := range f.params {
		if !f.leftOut(i) {
			continue
		}
		p := &f.params[i]
		a, err := f.lib.in.empty(ctx, p.dtype, layoutOf(p.dtype, f.binding.Shapes[i], p.flags))
		if err != nil {
			return fmt.Errorf("output %q: %w", f.spec.outs[p.out], err)
		}
		r.setOut(p.out, a)
		r.made |= 1 << p.out
		f.stack[i] = uint64(a.Ptr())
	}
	return nil
}

// leftOut reports whether parameter i is an array that the call has to make.
func (f *Func) leftOut(i int) bool {
	return f.params[i].role == constraints.Array && f.binding.Arrays[i].IsZero()
}

// judge holds an output that is still to be made against its type: an NDPointer
// may ask for a shape or for flags that it cannot have.
func (f *Func) judge(i int, shape []int) *constraints.TypeError {
	p := &f.params[i]
	a, err := memview.NewArray(nowhere{}, mallocAlign, p.dtype, layoutOf(p.dtype, shape, p.flags))
	if err != nil {
		return f.checker.Explain(f.binding, i, &constraints.TypeError{Field: "shape", Got: memview.ShapeString(shape), Want: "an array that fits in a linear memory", Kind: constraints.ErrShape})
	}
	if nd, ok := f.Signature().Params[i].Type.(constraints.NDPointer); ok {
		if all := nd.CheckAll(a); len(all) > 0 {
			return f.checker.Explain(f.binding, i, all[0])
		}
	}
	return nil
}

// nowhere is a memory for arrays that have a description and no elements.
type nowhere struct{}

func (nowhere) Size() uint64 { return MaxMemory }

func (nowhere) Bytes(memview.Ptr, uint32) ([]byte, error) { return nil, ErrFreed }

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
			there, err := l.scratch.place(l.in, p.guestType(a), a.Shape())
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

// guestType is the dtype in which an array over Go memory is copied to the guest: the
// one that the signature wants, else a's in the guest's byte order.
func (p *slot) guestType(a memview.Array) memview.DType {
	if !p.dtype.IsZero() {
		return p.dtype
	}
	return a.DType().LittleEndian()
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
