package wasmffi

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// results reads what the function returned and judges it. Whatever the guest says is
// believed only as far as its own memory goes.
func (f *Func) results(fr *frame, r *Result) error {
	if r.bits = fr.stack[0]; f.plain {
		return nil
	}
	return f.judgeResults(fr, r)
}

func (f *Func) judgeResults(fr *frame, r *Result) error {
	if f.spec.kind == scalarResult && f.ok != nil {
		if got, ok := f.spec.number.asInt64(r.bits); !ok || got != *f.ok {
			return &StatusError{Func: f.name, Got: got, Want: *f.ok}
		}
	}
	if f.spec.kind != scalarResult && f.spec.kind != noResult {
		r.bits = uint64(uint32(r.bits))
	}
	err := f.lateNumbers(fr, r)
	if err == nil {
		err = f.pointee(fr, r)
	}
	if err == nil && f.lens {
		err = f.cut(fr, r)
	}
	if err != nil {
		f.lib.in.spoil(err)
	}
	return err
}

// lateNumbers makes the result and the out scalars known to the expressions that
// name them.
func (f *Func) lateNumbers(fr *frame, r *Result) error {
	if !f.late {
		return nil
	}
	bad := func(what string, bits uint64) error {
		return f.checker.Explain(fr.binding, -1, &constraints.TypeError{Field: what, Got: strconv.FormatUint(bits, 10), Want: "at most 2^63-1, as an expression names it", Kind: constraints.ErrScalar})
	}
	if f.checker.Named(-1) {
		n, ok := f.spec.number.asInt64(r.bits)
		if !ok {
			return bad("result", r.bits)
		}
		f.checker.SetNumber(fr.binding, -1, n)
	}
	for i := range f.params {
		p := &f.params[i]
		if !p.named || p.role != constraints.OutScalar && p.role != constraints.InOutScalar {
			continue
		}
		v, err := fr.there[i].At()
		if err != nil {
			return err
		}
		bits, _ := p.number.lower(v)
		n, ok := p.number.asInt64(bits)
		if !ok {
			return bad("output "+f.spec.outs[p.out], bits)
		}
		f.checker.SetNumber(fr.binding, i, n)
	}
	return nil
}

// pointee reads what a returned pointer points to.
func (f *Func) pointee(fr *frame, r *Result) error {
	p := memview.Ptr(uint32(r.bits))
	switch f.spec.kind {
	case noResult, scalarResult, pointerResult:
		return nil
	}
	if p == 0 {
		if f.null {
			return nil
		}
		return f.badResult(fr, "NULL", "a pointer, or nullable in the signature", memview.ErrNull)
	}
	switch f.spec.kind {
	case funcResult:
		more := r.extend(f.lib)
		more.moment, more.claim = f.lib.in.time.moment(), f.declared
		return nil
	case textResult:
		return f.text(fr, r, p)
	case handleResult:
		r.extend(f.lib).handle = &handle{owner: f.lib, typ: f.spec.handle, ptr: p, free: f.freeOf(f.spec.handle), made: f.lib.in.time.moment()}
		return nil
	}
	return f.returnedArray(fr, r, p)
}

func (f *Func) badResult(fr *frame, got, want string, kind error) error {
	return f.checker.Explain(fr.binding, -1, &constraints.TypeError{Field: "result", Got: got, Want: want, Kind: kind})
}

func (f *Func) freeOf(typ string) string {
	for _, d := range f.Signature().Handles {
		if d.Name == typ {
			return d.Free
		}
	}
	return ""
}

// returnedArray makes the Array that the returned address points to.
func (f *Func) returnedArray(fr *frame, r *Result, p memview.Ptr) error {
	shape, e := f.checker.ResultShape(fr.binding)
	if e != nil {
		return e
	}
	t := f.checker.ResultDType(fr.binding)
	order := constraints.COrder
	if f.flags&(memview.CContiguous|memview.FContiguous) == memview.FContiguous {
		order = constraints.FOrder
	}
	layout := denseLayout(t, shape, order)
	var mem memview.Memory = f.lib.in.window.Load()
	if f.owned {
		size, _ := memview.SizeOf(t, shape...)
		mem, layout.OwnData = f.lib.in.allocation(block{raw: p, ptr: p, size: uint64(size)}), true
	}
	a, err := memview.NewArray(mem, p, t, layout)
	if err != nil {
		return f.badResult(fr, fmt.Sprintf("%#x", uint32(p)), fmt.Sprintf("%s of shape %s inside of the memory of %#x bytes", t, memview.ShapeString(shape), f.lib.in.lease.Size()), memview.ErrBounds)
	}
	if a.Flags()&memview.Aligned == 0 && (f.flags == 0 || f.flags&memview.Aligned != 0) {
		return f.badResult(fr, fmt.Sprintf("%#x", uint32(p)), "a multiple of "+strconv.Itoa(t.Alignment()), constraints.ErrAlign)
	}
	if f.lib.scratch.holds(p) {
		// What it points to is the copy of an argument, which does not outlive the call.
		if f.owned {
			return f.badResult(fr, fmt.Sprintf("%#x, the copy of an argument", uint32(p)), "an array that the function allocated", memview.ErrBounds)
		}
		copied, err := memview.Zeros(t, shape...)
		if err == nil {
			err = memview.Copy(copied, a)
		}
		r.arr = copied
		return err
	}
	if r.arr = a; f.owned {
		f.lib.in.register(a.Memory().(*allocation))
		r.extend(f.lib)
	}
	return nil
}

// maxReturnedText is how long a returned string may be.
const maxReturnedText = 1 << 20

// text copies a string that ends with a NUL.
func (f *Func) text(fr *frame, r *Result, p memview.Ptr) error {
	lease := f.lib.in.lease
	size := lease.Size()
	if uint64(p) >= size {
		return f.badResult(fr, fmt.Sprintf("%#x", uint32(p)), fmt.Sprintf("a string inside of the memory of %#x bytes", size), memview.ErrBounds)
	}
	b, err := lease.peek(p, uint32(min(size-uint64(p), maxReturnedText+1)))
	if err != nil {
		return err
	}
	before, _, ok := bytes.Cut(b, []byte{0})
	if !ok {
		return f.badResult(fr, fmt.Sprintf("%#x, where no NUL follows in %d bytes", uint32(p), len(b)), fmt.Sprintf("a string of at most %d bytes", maxReturnedText), memview.ErrBounds)
	}
	r.extend(f.lib).text = string(before)
	return nil
}

// cut shortens the outputs to what their len() says.
func (f *Func) cut(fr *frame, r *Result) error {
	for i := range f.params {
		p := &f.params[i]
		if p.out < 0 || p.role != constraints.Array || !f.checker.HasLen(i) {
			continue
		}
		a := r.out(p.out)
		if a.IsZero() {
			continue // NULL
		}
		n, e := f.checker.Len(fr.binding, i, a.Dim(0))
		if e != nil {
			return e
		}
		short, err := a.Sub(0, 0, n, 1)
		if err != nil {
			return err
		}
		r.cut(p.out, short)
	}
	return nil
}
