package wasmffi

import (
	"context"
	"fmt"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// HostFunc is a Go function that guests can call: what Options.Imports supplies, and what
// a [Callback] is made of. It is immutable and may serve any number of modules
// at the same time, if the Go function may.
type HostFunc struct {
	text    string // for messages
	typ     constraints.FuncType
	checker *constraints.FuncChecker // nil: raw
	params  []hostParam
	varies  bool   // the size of some array depends on scalars
	result  number // of bits 0: none
	call    func(*Args) error
	raw     RawFunc
}

// hostParam is one parameter as the guest passes it.
type hostParam struct {
	array    bool
	number   number // of a scalar
	dtype    memview.DType
	nullable bool
	fixed    bool   // the size is the same in every call:
	bytes    uint64 // this
}

// RawFunc is a Go function in the form that costs least: the stack holds the
// parameters as the guest passed them, 64 bits each, and takes the result in its first element.
// The memory is the guest's; nil when it has none. Nothing is checked: all of it is the guest's word. An
// error stops the call, as that of other host functions does. Stack and
// memory are valid until it returns.
type RawFunc func(ctx context.Context, mem memview.Memory, stack []uint64) error

// NewHostFunc makes a host function of a Go function. The signature is that of a C function type:
//
//	func(x: f64[n], n: size) -> f64
//
// where dimensions are numbers, or expressions of the function's own scalars. Every array is checked before fn sees it:
// inside of the memory, aligned, not NULL unless the signature says nullable, of a size that makes sense.
//
// fn is a Go func of one parameter for each of the signature, and of a context.Context in front of
// them if it likes: numbers of the signature's own types or ones that hold them, bool, slices of the array's elements,
// memview.Array, memview.Ptr. Slices and Arrays are the guest's
// memory, without a copy, for the time of the call. It returns the result, if the signature has one,
// and may return an error after it, which stops the guest: the call that the host made
// returns it, for errors.As, and the library is poisoned. A panic passes through that call, too.
//
// A func(*Args) error fits every signature, and is the fast form: such calls allocate nothing. So do the most common
// types of functions, of numbers and slices of numbers; others are called by reflection,
// for about a microsecond.
//
// It must not enter the library that calls it, which answers ErrBusy.
func NewHostFunc(sig string, fn any) (*HostFunc, error) {
	h, err := newHostFunc(sig, fn)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: NewHostFunc: %w", err)
	}
	return h, nil
}

func newHostFunc(sig string, fn any) (*HostFunc, error) {
	t, err := constraints.ParseFunc(sig)
	if err != nil {
		return nil, err
	}
	c, err := constraints.CompileFunc(t)
	if err != nil {
		return nil, err
	}
	h := &HostFunc{text: t.String(), typ: t, checker: c}
	for _, p := range t.Params {
		switch typ := p.Type.(type) {
		case constraints.Scalar:
			h.params = append(h.params, hostParam{number: numberOf(typ.DType)})
		case constraints.ArrayOf:
			h.params = append(h.params, hostParam{array: true, dtype: typ.Elems[0].DType, nullable: typ.Nullable})
		}
	}
	for i := range h.params {
		h.fix(i)
	}
	if t.Result != nil {
		h.result = numberOf(t.Result.DType)
	}
	if h.call, err = h.adapt(fn); err != nil {
		return nil, fmt.Errorf("%s: %w", h.text, err)
	}
	return h, nil
}

// fix works out the size of an array that no scalar decides.
func (h *HostFunc) fix(i int) {
	t, ok := h.typ.Params[i].Type.(constraints.ArrayOf)
	if !ok {
		return
	}
	shape := make([]int, len(t.Dims))
	for k, d := range t.Dims {
		if d.Name != "" || d.Expr != nil {
			h.varies = true
			return
		}
		shape[k] = d.N
	}
	h.params[i].fixed, h.params[i].bytes = true, denseSize(t.Elems[0].DType, shape)
}

// NewRawFunc makes a host function that fits whatever type a guest imports it with, without
// any check. See [RawFunc].
func NewRawFunc(fn RawFunc) *HostFunc {
	if fn == nil {
		panic("wasmffi: NewRawFunc: nil function")
	}
	return &HostFunc{text: "raw function", raw: fn}
}

// String is the signature.
func (h *HostFunc) String() string { return h.text }

// funcType is the wasm type; nothing of a raw function.
func (h *HostFunc) funcType() FuncType {
	var t FuncType
	for _, p := range h.params {
		if p.array {
			t.Params = append(t.Params, "i32")
		} else {
			t.Params = append(t.Params, p.number.wasm())
		}
	}
	if h.result.bits > 0 {
		t.Results = []string{h.result.wasm()}
	}
	return t
}

// run calls the Go function with what the guest has put on the stack.
func (h *HostFunc) run(ctx context.Context, a *Args, in *window, stack []uint64) error {
	if h.raw != nil {
		if in == nil {
			return h.raw(ctx, nil, stack)
		}
		return h.raw(ctx, in, stack)
	}
	a.begin(ctx, h, in, stack)
	defer a.end()
	for i := range h.params {
		if h.params[i].array {
			if err := a.check(i); err != nil {
				return err
			}
		}
	}
	if err := h.call(a); err != nil {
		return err
	}
	if h.result.bits == 0 {
		return nil
	}
	if !a.answered {
		return fmt.Errorf("the function set no result, want %s", h.result)
	}
	stack[0] = a.result
	return nil
}
