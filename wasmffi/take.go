package wasmffi

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// take reads the arguments into the frame and checks all that can be
// checked without touching the guest. It reports whether something must be staged: Go
// memory, outputs to allocate, out scalars, texts, descriptors.
func (f *Func) take(fr *frame, args []any) (staged bool, _ *constraints.TypeError) {
	c, b := f.checker, fr.binding
	if e := c.Start(b, len(args)); e != nil {
		return false, e
	}
	order := f.given
	if staged = f.stages; len(args) != len(order) {
		order, staged = f.short, true
	}
	for k, i := range order {
		if e := f.takeArgument(fr, i, args[k]); e != nil {
			return staged, c.Explain(b, i, e)
		}
		if f.params[i].role == constraints.Array {
			staged = staged || b.Arrays[i].Memory() == nil && !b.IsNull(i)
		}
	}
	if e := c.Check(b); e != nil {
		return staged, e
	}
	for _, i := range f.funcs {
		if cb := fr.funcs[i]; cb != nil {
			if e := c.CheckFunc(b, i, cb.f.typ); e != nil {
				return staged, e
			}
		}
	}
	for _, i := range f.derived {
		n, e := c.Value(b, i)
		if e != nil {
			return staged, e
		}
		fr.stack[i] = f.params[i].number.narrow(uint64(n))
	}
	return staged, nil
}

// takeArgument reads the argument of parameter i.
func (f *Func) takeArgument(fr *frame, i int, x any) (e *constraints.TypeError) {
	switch p := &f.params[i]; p.role {
	case constraints.Array:
		var a memview.Array
		if a, e = f.array(fr, i, x); e == nil {
			fr.binding.Arrays[i], fr.stack[i] = a, addressOf(a)
		}
	case constraints.Given, constraints.InOutScalar:
		var bits uint64
		if bits, e = p.number.lower(x); e == nil && p.named {
			e = f.noteNumber(fr, i, bits)
		}
		fr.stack[i] = bits
	default:
		e = f.pointer(fr, i, x)
	}
	return e
}

// CheckAll judges arguments as Call does, without a call, and returns every failure
// that it finds, joined: first of each argument by itself and, when all are fine,
// of the call as a whole. It is for tools; Call stops at the first.
func (f *Func) CheckAll(args ...any) error {
	if err := f.lib.enter(); err != nil {
		return f.refuse(err)
	}
	defer f.lib.leave()
	fr := f.newFrame()
	c, b := f.checker, fr.binding
	if e := c.Start(b, len(args)); e != nil {
		return &refusal{e}
	}
	order := f.given
	if len(args) != len(order) {
		order = f.short
	}
	var errs []error
	for k, i := range order {
		if e := f.takeArgument(&fr, i, args[k]); e != nil {
			errs = append(errs, c.Explain(b, i, e))
		}
	}
	if len(errs) == 0 {
		errs = append(errs, c.CheckAll(b))
		for _, i := range f.funcs {
			if cb := fr.funcs[i]; cb != nil && errs[0] == nil {
				if e := c.CheckFunc(b, i, cb.f.typ); e != nil {
					errs = append(errs, e)
				}
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return &refusal{err}
	}
	return nil
}

// noteNumber makes the number of a scalar known to the expressions that name it.
func (f *Func) noteNumber(fr *frame, i int, bits uint64) *constraints.TypeError {
	n, ok := f.params[i].number.asInt64(bits)
	if !ok {
		return &constraints.TypeError{Field: "it", Got: fmt.Sprint(bits), Want: fmt.Sprintf("at most %d, as expressions name it", int64(math.MaxInt64)), Kind: constraints.ErrScalar}
	}
	f.checker.SetNumber(fr.binding, i, n)
	return nil
}

// pointer takes a string or a handle.
func (f *Func) pointer(fr *frame, i int, x any) *constraints.TypeError {
	p := &f.params[i]
	fr.stack[i] = 0
	if fr.funcs != nil {
		fr.funcs[i] = nil
	}
	switch v := x.(type) {
	case nil:
		return f.checker.SetNull(fr.binding, i)
	case string:
		if p.role != constraints.Text {
			break
		}
		if at := strings.IndexByte(v, 0); at >= 0 {
			return &constraints.TypeError{Field: "it", Got: fmt.Sprintf("text with a NUL at byte %d", at), Want: "text that C can end", Kind: constraints.ErrArgs}
		}
		fr.texts[i] = v
		return nil
	case Handle:
		if p.role != constraints.Opaque {
			break
		}
		return f.handle(fr, i, v.h)
	case Callback:
		if p.role != constraints.Function {
			break
		}
		return f.callback(fr, i, v.c)
	}
	got, _ := goType(x)
	want := "a string"
	switch p.role {
	case constraints.Opaque:
		want = "a Handle of type " + p.handle
	case constraints.Function:
		want = "a Callback, as lib.Callback(signature, fn) makes it"
	}
	return &constraints.TypeError{Field: "it", Got: got, Want: want, Kind: constraints.ErrArgs}
}

// handle checks that a handle is one of this library, open, and of the right type.
func (f *Func) handle(fr *frame, i int, h *handle) *constraints.TypeError {
	want := f.params[i].handle
	switch {
	case h == nil:
		return &constraints.TypeError{Field: "it", Got: "the zero Handle", Want: "a Handle of type " + want, Kind: constraints.ErrArray}
	case h.owner != owner(f.lib):
		return &constraints.TypeError{Field: "it", Got: "a Handle of another library", Want: "one of this library", Kind: ErrMemory}
	case h.typ != want:
		return &constraints.TypeError{Field: "it", Got: "a Handle of type " + h.typ, Want: "one of type " + want, Kind: constraints.ErrDType}
	case h.stale():
		return &constraints.TypeError{Field: "it", Got: "a Handle older than a reset", Want: "one that is still there", Kind: ErrStale}
	case h.closed.Load():
		return &constraints.TypeError{Field: "it", Got: "a Handle that was closed", Want: "an open one", Kind: ErrFreed}
	}
	fr.stack[i] = uint64(h.ptr)
	return nil
}

// callback checks that a callback is one of this library, open, and of the right type.
func (f *Func) callback(fr *frame, i int, c *callback) *constraints.TypeError {
	switch {
	case c == nil:
		return &constraints.TypeError{Field: "it", Got: "the zero Callback", Want: "a Callback", Kind: constraints.ErrArgs}
	case c.owner != owner(f.lib):
		return &constraints.TypeError{Field: "it", Got: "a Callback of another library", Want: "one of this library", Kind: ErrMemory}
	case c.closed.Load():
		return &constraints.TypeError{Field: "it", Got: "a Callback that was closed", Want: "an open one", Kind: ErrClosed}
	}
	if fr.fitting[i] != c {
		if err := f.params[i].fn.Accepts(c.f.typ); err != nil {
			return err.(*constraints.TypeError)
		}
		fr.fitting[i] = c
	}
	fr.funcs[i], fr.stack[i] = c, uint64(c.index)
	return nil
}

// array makes an Array of an argument, and checks that its elements are still there
// and in this library.
func (f *Func) array(fr *frame, i int, x any) (memview.Array, *constraints.TypeError) {
	writable := !f.declared || f.params[i].dir == constraints.In
	switch v := x.(type) {
	case memview.Array:
		if v.Memory() == nil && !v.IsZero() && !writable {
			return v, notWritable(f.params[i].dir)
		}
		return v, f.own(v)
	case nil:
		return memview.Array{}, f.checker.SetNull(fr.binding, i)
	case Alloc:
		if f.params[i].dir != constraints.Out {
			return memview.Array{}, &constraints.TypeError{Field: "it", Got: "wasmffi.New(...)", Want: "an array: only outputs can be allocated", Kind: constraints.ErrArgs}
		}
		fr.binding.Shapes[i] = v.shape
		return memview.Array{}, nil
	case Writable:
		switch inner := v.x.(type) {
		case nil:
			return memview.Array{}, f.checker.SetNull(fr.binding, i)
		case memview.Array:
			return inner, f.own(inner)
		}
		x, writable = v.x, true
	}
	a, err := arrayOf(x, nil)
	if err == nil {
		if !writable {
			return a, notWritable(f.params[i].dir)
		}
		return a, f.own(a) // an Array may lie in more than one InOut
	}
	got, hint := goType(x)
	e := &constraints.TypeError{Field: "it", Got: got, Want: "an array", Kind: constraints.ErrArray}
	if hint != "" {
		e.Want += hint
		e.Hint = hint[2:]
	}
	return memview.Array{}, e
}

// notWritable refuses Go memory that only the module's own word says is written.
func notWritable(dir constraints.Dir) *constraints.TypeError {
	return &constraints.TypeError{Field: "it", Got: "Go memory", Want: "wasmffi.InOut(x): the module's own signature says " + dir.String(), Kind: constraints.ErrAccess, Hint: "only what is wrapped in InOut is written on the word of a module"}
}

// own checks that a guest array lies in this library and was not freed.
func (f *Func) own(a memview.Array) *constraints.TypeError {
	m := a.Memory()
	if m == nil {
		return nil // Go memory, or no array, which Check refuses
	}
	g, ok := m.(guestMemory)
	if ok && g.leased() == f.lib.in.lease && g.alive() == nil {
		return nil
	}
	switch own := f.lib.in.lease; {
	case ok && g.leased() != own && g.leased().closed.Load():
		return &constraints.TypeError{Field: "it", Got: "in the memory of a closed library", Want: "an array that is still there", Kind: ErrClosed}
	case !ok || g.leased() != own:
		return &constraints.TypeError{Field: "it", Got: "in the memory of another library", Want: "an array of this one; lib.Array(a) copies it here", Kind: ErrMemory, Hint: "lib.Array(a) copies it here"}
	case errors.Is(g.alive(), ErrStale):
		return &constraints.TypeError{Field: "it", Got: "older than a reset", Want: "an array that is still there", Kind: ErrStale}
	}
	return &constraints.TypeError{Field: "it", Got: "freed", Want: "an array that is still there", Kind: ErrFreed}
}
