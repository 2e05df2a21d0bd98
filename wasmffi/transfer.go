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
func (f *Func) prepare(ctx context.Context, fr *frame, r *Result) error {
	if len(f.spec.outs) > 0 {
		r.extend(f.lib)
	}
	err := f.allocate(ctx, fr, r)
	if err == nil {
		err = f.stage(ctx, fr, r)
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
func (f *Func) allocate(ctx context.Context, fr *frame, r *Result) error {
	for i := range f.params {
		if f.leftOut(fr, i) {
			if e := f.judge(fr, i); e != nil {
				return e
			}
		}
	}
	for i := range f.params {
		if !f.leftOut(fr, i) {
			continue
		}
		p, d := &f.params[i], f.checker.OutDType(fr.binding, i)
		a, err := f.lib.empty(ctx, d, denseLayout(d, fr.binding.Shapes[i], p.layout), p.align)
		if err != nil {
			return fmt.Errorf("output %q: %w", f.spec.outs[p.out], err)
		}
		r.setOut(p.out, a)
		r.more.made |= 1 << p.out
		fr.stack[i] = uint64(a.Ptr())
	}
	return nil
}

// leftOut reports whether parameter i is an array that the call has to make.
func (f *Func) leftOut(fr *frame, i int) bool {
	return f.params[i].role == constraints.Array && fr.binding.Arrays[i].IsZero() && !fr.binding.IsNull(i)
}

// judge holds an output that is still to be made against its type: an NDPointer
// may ask for a shape or for flags that it cannot have.
func (f *Func) judge(fr *frame, i int) *constraints.TypeError {
	p, shape, d := &f.params[i], fr.binding.Shapes[i], f.checker.OutDType(fr.binding, i)
	layout := denseLayout(d, shape, p.layout)
	layout.OwnData = true
	a, err := memview.NewArray(nowhere{}, mallocAlign, d, layout)
	if err != nil {
		return f.checker.Explain(fr.binding, i, &constraints.TypeError{Field: "shape", Got: memview.ShapeString(shape), Want: "an array that fits in a linear memory", Kind: constraints.ErrShape})
	}
	if nd, ok := f.Signature().Params[i].Type.(constraints.NDPointer); ok {
		if all := nd.CheckAll(a); len(all) > 0 {
			return f.checker.Explain(fr.binding, i, all[0])
		}
	}
	return nil
}

// nowhere is a memory for arrays that have a description and no elements.
type nowhere struct{}

func (nowhere) Size() uint64 { return MaxMemory }

func (nowhere) Bytes(memview.Ptr, uint32) ([]byte, error) { return nil, ErrFreed }

// denseLayout is the layout of a dense array of that order: Fortran order for FOrder,
// else C order.
func denseLayout(t memview.DType, shape []int, order constraints.Layout) memview.Layout {
	l := memview.Layout{Shape: shape}
	if order == constraints.FOrder {
		l.Strides = make([]int, len(shape))
		step := t.ItemSize()
		for i, n := range shape {
			l.Strides[i] = step
			step *= max(n, 1)
		}
	}
	return l
}

// order is the one in which an array over Go memory is copied into the guest.
func (p *slot) order(a memview.Array) constraints.Layout {
	if p.layout == constraints.Contiguous && a.Flags()&(memview.CContiguous|memview.FContiguous) == memview.FContiguous {
		return constraints.FOrder
	}
	return p.layout
}

// guestType is the dtype in which an array over Go memory is copied to the guest: the
// one that the signature wants, else a's in the guest's byte order.
func (p *slot) guestType(a memview.Array) memview.DType {
	if !p.dtype.IsZero() {
		return p.dtype
	}
	return a.DType().LittleEndian()
}

// isStaged reports whether parameter i is an array over Go memory.
func (f *Func) isStaged(fr *frame, i int) bool {
	a := fr.binding.Arrays[i]
	return f.params[i].role == constraints.Array && !a.IsZero() && a.Memory() == nil
}

// stage copies Go memory into the guest and makes room for out scalars, texts
// and descriptors.
func (f *Func) stage(ctx context.Context, fr *frame, r *Result) error {
	var need uint64
	for i := range f.params {
		need += f.scratchOf(fr, i)
	}
	l := f.lib
	if need > 0 {
		if err := l.scratch.reserve(ctx, l.in, need); err != nil {
			return err
		}
	}
	for i := range f.params {
		if err := f.stageParam(fr, i); err != nil {
			return err
		}
	}
	for i := range f.params {
		if p := &f.params[i]; p.desc && !fr.binding.IsNull(i) {
			if err := f.describe(fr, i, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Func) stageParam(fr *frame, i int) error {
	p, s, in := &f.params[i], &f.lib.scratch, f.lib.in
	switch {
	case p.role == constraints.OutScalar || p.role == constraints.InOutScalar:
		there, err := s.place(in, p.dtype, memview.Layout{}, p.align)
		if err == nil {
			err = there.Zero()
		}
		if err == nil && p.role == constraints.InOutScalar {
			err = there.Set(p.number.value(fr.stack[i]))
		}
		if err != nil {
			return err
		}
		fr.there[i], fr.stack[i] = there, uint64(there.Ptr())
	case f.isStaged(fr, i):
		a := fr.binding.Arrays[i]
		d := p.guestType(a)
		there, err := s.place(in, d, denseLayout(d, a.Shape(), p.order(a)), p.align)
		if err == nil && p.dir == constraints.Out {
			err = there.Zero()
		} else if err == nil {
			err = memview.Copy(there, a)
		}
		if err != nil {
			return err
		}
		fr.there[i], fr.stack[i] = there, uint64(there.Ptr())
	case p.role == constraints.Text && !fr.binding.IsNull(i):
		b, at, err := s.bytes(in, len(fr.texts[i])+1)
		if err != nil {
			return err
		}
		b[copy(b, fr.texts[i])] = 0
		fr.stack[i] = uint64(at)
	}
	return nil
}

// describe writes the DLTensor of an array that is in guest memory by now.
func (f *Func) describe(fr *frame, i int, r *Result) error {
	a := fr.binding.Arrays[i]
	switch {
	case !fr.there[i].IsZero():
		a = fr.there[i]
	case a.IsZero():
		a = r.out(f.params[i].out)
	}
	b, at, err := f.lib.scratch.bytes(f.lib.in, memview.DLTensorBytes(a.NDim()))
	if err == nil {
		err = memview.PutDLTensor(b, at, a)
	}
	if err != nil {
		return f.checker.Explain(fr.binding, i, &constraints.TypeError{Field: "it", Got: "an array that a DLTensor cannot describe", Want: "one that it can: " + err.Error(), Kind: constraints.ErrDType})
	}
	fr.stack[i] = uint64(at)
	return nil
}

// scratchOf is the scratch memory that parameter i needs.
func (f *Func) scratchOf(fr *frame, i int) (n uint64) {
	p := &f.params[i]
	switch {
	case p.role == constraints.OutScalar || p.role == constraints.InOutScalar:
		n = scratchSize(p.dtype.ItemSize(), p.align)
	case f.isStaged(fr, i):
		n = scratchSize(fr.binding.Arrays[i].NBytes(), p.align)
	case p.role == constraints.Text && !fr.binding.IsNull(i):
		n = scratchSize(len(fr.texts[i])+1, mallocAlign)
	}
	if p.desc {
		n += scratchSize(memview.DLTensorBytes(len(f.Signature().Params[i].Type.(constraints.ArrayOf).Dims)), mallocAlign)
	}
	return n
}

// finish copies outputs back to Go memory, now that the call has succeeded.
func (f *Func) finish(fr *frame, r *Result) error {
	for i := range f.params {
		p := &f.params[i]
		if p.out < 0 {
			continue
		}
		to, err := fr.binding.Arrays[i], error(nil)
		switch {
		case p.role != constraints.Array:
			if to, err = memview.Zeros(p.dtype); err == nil {
				r.setOut(p.out, to)
			}
		case to.IsZero() || to.Memory() != nil:
			continue // already where it belongs
		}
		if err == nil {
			err = memview.Copy(to, fr.there[i])
		}
		if err != nil {
			return fmt.Errorf("%s: output %q: %w", f.name, f.spec.outs[p.out], err)
		}
	}
	return nil
}

// discard frees what a failed call had allocated.
func (f *Func) discard(ctx context.Context, r *Result) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for i := range f.spec.outs {
		if r.made(i) && f.lib.in.poison == nil {
			errs = append(errs, f.lib.in.freeArray(ctx, r.whole(i)))
		}
	}
	return errors.Join(errs...)
}
