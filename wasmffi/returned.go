package wasmffi

import (
	"fmt"
	"strconv"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

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
	a, err := memview.NewArray(f.lib.in.lease, p, f.want, layoutOf(f.want, shape, f.flags))
	if err != nil {
		return bad(fmt.Sprintf("%#x", uint32(p)), fmt.Sprintf("%s of shape %s inside of the memory of %#x bytes", f.want, memview.ShapeString(shape), f.lib.in.lease.Size()), memview.ErrBounds)
	}
	if a.Flags()&memview.Aligned == 0 && f.spec.kind == arrayResult && f.flags == 0 {
		return bad(fmt.Sprintf("%#x", uint32(p)), "a multiple of "+strconv.Itoa(f.want.Alignment()), constraints.ErrAlign)
	}
	r.arr = a
	return nil
}

// layoutOf is the layout of a dense array with the flags that an NDPointer asks
// for: Fortran order where C order is not wanted too.
func layoutOf(t memview.DType, shape []int, flags memview.Flags) memview.Layout {
	l := memview.Layout{Shape: shape}
	if flags&(memview.CContiguous|memview.FContiguous) == memview.FContiguous {
		l.Strides = make([]int, len(shape))
		step := t.ItemSize()
		for i, n := range shape {
			l.Strides[i] = step
			step *= max(n, 1)
		}
	}
	return l
}
