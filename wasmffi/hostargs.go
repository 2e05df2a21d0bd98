package wasmffi

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Args are the arguments of one call of a [HostFunc] by a guest, and its result.
// Arrays were checked before. It is valid until the function returns, and belongs to
// its goroutine. To ask for a parameter that the signature does not have, or for
// one of another type, is a bug and panics.
type Args struct {
	ctx      context.Context
	f        *HostFunc
	mem      *window
	stack    []uint64
	scalars  []int64 // one for each parameter, for the extents that depend on them
	shape    []int   // of the array that is looked at
	result   uint64  // once answered
	answered bool
}

// begin is for one call.
func (a *Args) begin(ctx context.Context, f *HostFunc, mem *window, stack []uint64) {
	a.ctx, a.f, a.mem, a.stack, a.answered = ctx, f, mem, stack, false
	if a.scalars = a.scalars[:0]; !f.varies {
		a.scalars = slices.Grow(a.scalars, len(f.params))[:len(f.params)] // nobody looks at their values
		return
	}
	for i := range f.params {
		n := int64(0)
		switch p := &f.params[i]; {
		case p.array:
		case p.number.kind == memview.Int:
			n = p.number.int(stack[i])
		case p.number.kind == memview.Uint:
			n = int64(p.number.uint(stack[i]))
		}
		a.scalars = append(a.scalars, n)
	}
}

// end forgets the call, so that nothing is kept alive.
func (a *Args) end() { a.ctx, a.f, a.mem, a.stack = nil, nil, nil, nil }

// extents is the shape of the array i, until the next.
func (a *Args) extents(i int) ([]int, error) {
	shape, e := a.f.checker.Extents(i, a.scalars, a.shape[:0])
	if e != nil {
		return nil, e
	}
	a.shape = shape
	return shape, nil
}

// size is the number of bytes of the array i; 2**32 where it has more.
func (a *Args) size(i int) (uint64, error) {
	if p := &a.f.params[i]; p.fixed {
		return p.bytes, nil
	}
	shape, err := a.extents(i)
	if err != nil {
		return 0, err
	}
	return denseSize(a.f.params[i].dtype, shape), nil
}

// denseSize is the number of bytes of a dense array; 2**32 where it has more.
func denseSize(t memview.DType, shape []int) uint64 {
	n := uint64(t.ItemSize())
	for _, d := range shape {
		if n *= uint64(d); n >= 1<<32 { // each is at most 2**32, and n was less
			return 1 << 32
		}
	}
	return n
}

// check judges the array i, as the guest passed it.
func (a *Args) check(i int) error {
	p := &a.f.params[i]
	at := memview.Ptr(a.stack[i])
	if at == 0 {
		if p.nullable {
			return nil
		}
		return a.bad(i, "NULL", "an address", memview.ErrNull)
	}
	n, err := a.size(i)
	if err != nil {
		return err
	}
	if align := uint64(max(p.dtype.Alignment(), 1)); uint64(at)%align != 0 {
		return a.bad(i, fmt.Sprintf("%#x", uint32(at)), fmt.Sprintf("a multiple of %d", align), memview.ErrLayout)
	}
	if a.mem == nil || uint64(at)+n > a.mem.Size() {
		return a.bad(i, fmt.Sprintf("%#x to %#x", uint32(at), uint64(at)+n), "a range inside of the memory", memview.ErrBounds)
	}
	return nil
}

// bad is an argument that the guest has got wrong.
func (a *Args) bad(i int, got, want string, kind error) error {
	return &constraints.TypeError{Index: i + 1, Param: a.f.label(i), Field: "what the guest passes", Got: got, Want: want, Kind: kind}
}

func (h *HostFunc) label(i int) string { return label(h.typ.Params[i].Name, i) }

// Context is that of the call which the host made.
func (a *Args) Context() context.Context { return a.ctx }

// Memory is the guest's memory; nil when it has none.
func (a *Args) Memory() memview.Memory {
	if a.mem == nil {
		return nil
	}
	return a.mem
}

// Len is the number of parameters.
func (a *Args) Len() int { return len(a.f.params) }

// scalar is the value of parameter i.
func (a *Args) scalar(i int, method string, kinds ...memview.Kind) (number, uint64) {
	p := &a.f.params[i]
	if p.array || !slices.Contains(kinds, p.number.kind) {
		panic(fmt.Sprintf("wasmffi: %s of parameter %d of %s", method, i+1, a.f.text))
	}
	return p.number, a.stack[i]
}

// Float64 is parameter i, counted from 0, an f32 or f64.
func (a *Args) Float64(i int) float64 {
	n, bits := a.scalar(i, "Float64", memview.Float)
	return n.floatOf(bits)
}

// Int is parameter i, an integer; of a u64 above the largest int64 the bits.
func (a *Args) Int(i int) int64 {
	n, bits := a.scalar(i, "Int", memview.Int, memview.Uint)
	if n.kind == memview.Uint {
		return int64(n.uint(bits))
	}
	return n.int(bits)
}

// Uint is parameter i, an unsigned integer.
func (a *Args) Uint(i int) uint64 {
	n, bits := a.scalar(i, "Uint", memview.Uint)
	return n.uint(bits)
}

// Bool is parameter i, a bool.
func (a *Args) Bool(i int) bool {
	n, bits := a.scalar(i, "Bool", memview.Boolean)
	return n.boolOf(bits)
}

// Ptr is the address that parameter i is: of an array, or a ptr, or any number of the guest's type i32.
func (a *Args) Ptr(i int) memview.Ptr {
	if p := &a.f.params[i]; !p.array && p.number.bits == 64 || !p.array && p.number.kind == memview.Float {
		panic(fmt.Sprintf("wasmffi: Ptr of parameter %d of %s", i+1, a.f.text))
	}
	return memview.Ptr(a.stack[i])
}

// Array is parameter i, an array, as a view of the guest's memory; the zero Array for NULL.
// It allocates; [ArgSlice] does not. A view that is kept follows the rules of
// all Arrays; what it shows then is the guest's business.
func (a *Args) Array(i int) memview.Array {
	if !a.f.params[i].array {
		panic(fmt.Sprintf("wasmffi: Array of parameter %d of %s", i+1, a.f.text))
	}
	if memview.Ptr(a.stack[i]) == 0 { // the upper half of the word may be anything
		return memview.Array{}
	}
	shape, err := a.extents(i)
	if err != nil {
		panic("wasmffi: " + err.Error()) // check has seen to it
	}
	arr, err := memview.AsArray(a.mem, memview.Ptr(a.stack[i]), a.f.params[i].dtype, shape...)
	if err != nil {
		panic(err.Error())
	}
	return arr
}

// ArgSlice is parameter i of a, an array of elements of type T, in C order; nil for NULL. It shares the guest's memory and
// is valid until the function returns.
func ArgSlice[T memview.Elem](a *Args, i int) []T {
	if p := &a.f.params[i]; !p.array || !isElem[T](p.dtype) {
		panic(fmt.Sprintf("wasmffi: ArgSlice[%T] of parameter %d of %s", *new(T), i+1, a.f.text))
	}
	s, err := argSlice[T](a, i)
	if err != nil {
		panic("wasmffi: " + err.Error())
	}
	return s
}

// isElem reports whether T is the Go type of a dtype.
func isElem[T memview.Elem](d memview.DType) bool {
	own, err := memview.DTypeOf[T]()
	return err == nil && own.Equal(d)
}

// argSlice is ArgSlice when the type was compared before.
func argSlice[T memview.Elem](a *Args, i int) ([]T, error) {
	if memview.Ptr(a.stack[i]) == 0 {
		return nil, nil
	}
	n, err := a.size(i)
	if err != nil {
		return nil, err
	}
	b, err := a.mem.Bytes(memview.Ptr(a.stack[i]), uint32(n))
	if err != nil {
		return nil, err
	}
	return memview.Elements[T](b)
}

func (a *Args) answer(bits uint64) {
	a.result, a.answered = bits, true
}

// resultOf is the type of the result.
func (a *Args) resultOf(method string, kinds ...memview.Kind) number {
	if a.f.result.bits == 0 || !slices.Contains(kinds, a.f.result.kind) {
		panic(fmt.Sprintf("wasmffi: %s of %s", method, a.f.text))
	}
	return a.f.result
}

// SetFloat64 sets the result, an f32 or f64. For an f32 it is rounded, as C does.
func (a *Args) SetFloat64(v float64) {
	if a.resultOf("SetFloat64", memview.Float).bits == 32 {
		a.answer(uint64(math.Float32bits(float32(v))))
		return
	}
	a.answer(math.Float64bits(v))
}

// SetInt sets the result, an integer. An error says that the result's type does not hold v; nothing is set then.
func (a *Args) SetInt(v int64) error {
	bits, e := a.resultOf("SetInt", memview.Int, memview.Uint).signed(v)
	if e != nil {
		return fmt.Errorf("result is %s, want %s", e.Got, e.Want)
	}
	a.answer(bits)
	return nil
}

// SetUint is SetInt for values above the largest int64.
func (a *Args) SetUint(v uint64) error {
	bits, e := a.resultOf("SetUint", memview.Int, memview.Uint).unsigned(v)
	if e != nil {
		return fmt.Errorf("result is %s, want %s", e.Got, e.Want)
	}
	a.answer(bits)
	return nil
}

// SetBool sets the result, a bool.
func (a *Args) SetBool(v bool) {
	a.resultOf("SetBool", memview.Boolean)
	bits := uint64(0)
	if v {
		bits = 1
	}
	a.answer(bits)
}
