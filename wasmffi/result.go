package wasmffi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Result is what a call gave back: the function's own result and its outputs.
// It is a value. Output arrays that the call allocated belong to it: they live until
// Free, or until the library is closed.
type Result struct {
	// Four words, which Go returns in registers: more would cost a call a fifth
	// of its time.
	spec *resultSpec
	bits uint64        // of a scalar or an address
	arr  memview.Array // that a pointer points to; else the only output, where there is one
	more *resultMore   // what does not fit; nil: nothing
}

// resultMore is the part of a Result that simple calls do not need. It is not
// changed any more once the call has returned.
type resultMore struct {
	from   owner
	outs   []memview.Array
	made   uint64          // one bit for each output: allocated by the call
	whole  []memview.Array // outputs that were allocated, before they were cut to their len(); nil: none was
	text   string          // of a cstr
	handle *handle         // of an opaque type
	moment *moment         // of a function pointer: when it was returned
	claim  bool            // the function pointer's type is the module's own word
	fuel   uint64          // that the call took
}

// resultSpec says what the results of a function are.
type resultSpec struct {
	name    string
	kind    resultKind
	number  number
	outs    []string              // names of the out and inout parameters, in order
	scalars uint64                // one bit for each of them: it is a pointer to one value
	handle  string                // type of a handle
	target  *constraints.FuncType // of a function pointer
	single  bool                  // the only output is kept in Result.arr
}

type resultKind uint8

const (
	noResult resultKind = iota
	scalarResult
	arrayResult
	pointerResult // an address of which nothing more is known
	textResult
	handleResult
	funcResult
)

// extend makes room for what does not fit in r itself.
func (r *Result) extend(from owner) *resultMore {
	if r.more == nil {
		r.more = &resultMore{from: from, outs: make([]memview.Array, len(r.spec.outs))}
	}
	return r.more
}

func (r *Result) setOut(i int, a memview.Array) {
	if r.spec.single {
		r.arr = a
	} else {
		r.more.outs[i] = a
	}
}

func (r *Result) out(i int) memview.Array {
	if r.spec.single {
		return r.arr
	}
	if r.more == nil {
		return memview.Array{}
	}
	return r.more.outs[i]
}

// made reports whether the call allocated an output.
func (r *Result) made(i int) bool { return r.more != nil && r.more.made>>i&1 != 0 }

// cut replaces an output by a part of it.
func (r *Result) cut(i int, part memview.Array) {
	if r.made(i) {
		if r.more.whole == nil {
			r.more.whole = make([]memview.Array, len(r.spec.outs))
		}
		r.more.whole[i] = r.out(i)
	}
	r.setOut(i, part)
}

// whole is an output before it was cut.
func (r *Result) whole(i int) memview.Array {
	if r.more != nil && r.more.whole != nil && !r.more.whole[i].IsZero() {
		return r.more.whole[i]
	}
	return r.out(i)
}

// scalar returns the bits of a scalar result of one of the kinds. Asking for
// another kind than the signature says is a bug of the caller.
func (r Result) scalar(method string, kinds ...memview.Kind) uint64 {
	if r.spec == nil {
		panic("wasmffi: " + method + " of the zero Result")
	}
	if r.spec.kind == scalarResult {
		if slices.Contains(kinds, r.spec.number.kind) {
			return r.bits
		}
	}
	panic(fmt.Sprintf("wasmffi: %s: %s of %s", r.spec.name, method, r.spec.describe()))
}

func (s *resultSpec) describe() string {
	switch s.kind {
	case scalarResult:
		return "a result of type " + s.number.String()
	case arrayResult:
		return "a result that is an array"
	case pointerResult:
		return "a result that is a pointer"
	case textResult:
		return "a result of type cstr"
	case handleResult:
		return "a result of type " + s.handle
	case funcResult:
		return "a result that is a function pointer"
	}
	return "a function without result"
}

// Float64 is the result of type f32 or f64. It panics when the signature says
// another type, as the methods below do.
func (r Result) Float64() float64 {
	bits := r.scalar("Float64", memview.Float)
	return r.spec.number.floatOf(bits)
}

// Int is the result of an integer type other than u64.
func (r Result) Int() int64 {
	bits := r.scalar("Int", memview.Int, memview.Uint)
	if r.spec.number.kind == memview.Int {
		return r.spec.number.int(bits)
	}
	if r.spec.number.bits == 64 {
		panic("wasmffi: " + r.spec.name + ": Int of a result of type uint64: use Uint")
	}
	return int64(r.spec.number.uint(bits))
}

// Uint is the result of an unsigned type, size and ptr included.
func (r Result) Uint() uint64 {
	bits := r.scalar("Uint", memview.Uint)
	return r.spec.number.uint(bits)
}

// Bool is the result of type bool.
func (r Result) Bool() bool {
	bits := r.scalar("Bool", memview.Boolean)
	return r.spec.number.boolOf(bits)
}

// Ptr is the address that the function returned, where the signature
// says ptr, or an NDPointer without dtype or shape.
func (r Result) Ptr() memview.Ptr {
	if r.spec != nil && r.spec.kind == pointerResult {
		return memview.Ptr(r.bits)
	}
	return memview.Ptr(uint32(r.scalar("Ptr", memview.Uint)))
}

// Value is the result as a Go value of its dtype: bool, int8 to uint64, float32,
// float64, an Array, a string, a Handle, a memview.Ptr; nil where there is none or the
// pointer is NULL.
func (r Result) Value() any {
	if r.spec == nil {
		return nil
	}
	switch r.spec.kind {
	case noResult:
		return nil
	case pointerResult, funcResult:
		if r.bits == 0 {
			return nil
		}
		return memview.Ptr(r.bits)
	case arrayResult:
		if r.arr.IsZero() {
			return nil
		}
		return r.arr
	case textResult:
		if r.bits == 0 {
			return nil
		}
		return r.more.text
	case handleResult:
		if r.more == nil || r.more.handle == nil {
			return nil
		}
		return Handle{r.more.handle}
	}
	return r.spec.number.value(r.bits)
}

// Text is the string that the function returned, copied; empty where the signature
// allows NULL and the guest returned it.
func (r Result) Text() string {
	if r.spec == nil || r.spec.kind != textResult {
		r.scalar("Text")
	}
	if r.more == nil {
		return ""
	}
	return r.more.text
}

// Handle is what the function returned where the signature has an opaque type. It is
// the zero Handle where the signature allows NULL and the guest returned it.
func (r Result) Handle() Handle {
	if r.spec == nil || r.spec.kind != handleResult {
		r.scalar("Handle")
	}
	if r.more == nil {
		return Handle{}
	}
	return Handle{r.more.handle}
}

// Array is the array that the returned pointer points to: a view of the guest's
// own memory, not owned. It is the zero Array where the signature allows
// NULL and the guest returned it.
func (r Result) Array() memview.Array {
	if r.spec == nil || r.spec.kind != arrayResult {
		r.scalar("Array")
	}
	return r.arr
}

// Outs are the names of the out and inout parameters, in order.
func (r Result) Outs() []string {
	if r.spec == nil {
		return nil
	}
	return append([]string{}, r.spec.outs...)
}

// String shows the result and the outputs as numpy prints them, each output after its
// name. It is for people.
func (r Result) String() string {
	if r.spec == nil {
		return "<no result>"
	}
	var parts []string
	show := func(name string, v any) {
		text := fmt.Sprint(v)
		if _, isArray := v.(memview.Array); !isArray && v != nil && r.spec.kind == scalarResult {
			text = memview.FormatScalar(v)
		}
		parts = append(parts, name+text)
	}
	if v := r.Value(); v != nil {
		show("", v)
	}
	for i, name := range r.spec.outs {
		show(name+" = ", r.out(i))
	}
	return strings.Join(parts, ", ")
}

// Out is the array of an out or inout parameter: the one that was passed, or the
// one that the call allocated. It panics when the signature has no such output.
func (r Result) Out(param string) memview.Array {
	i := r.index("Out", param)
	return r.out(i)
}

// OutInt is the value of an out or inout scalar of an integer type other than u64.
func (r Result) OutInt(param string) int64 {
	switch v := r.outScalar("OutInt", param).(type) {
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	}
	panic("wasmffi: " + r.spec.name + ": OutInt of " + param + ", which is no integer that fits int64")
}

// OutFloat is the value of an out or inout scalar of type f32 or f64.
func (r Result) OutFloat(param string) float64 {
	switch v := r.outScalar("OutFloat", param).(type) {
	case float32:
		return float64(v)
	case float64:
		return v
	}
	panic("wasmffi: " + r.spec.name + ": OutFloat of " + param + ", which is no float")
}

func (r Result) outScalar(method, param string) any {
	i := r.index(method, param)
	if r.spec.scalars>>i&1 == 0 {
		panic("wasmffi: " + r.spec.name + ": " + method + " of " + param + ", which is an array: use Out")
	}
	v, err := r.out(i).At()
	if err != nil { // out scalars are copied to Go memory, which does not go away
		panic("wasmffi: " + r.spec.name + ": " + err.Error())
	}
	return v
}

func (r Result) index(method, param string) int {
	if r.spec != nil {
		for i, name := range r.spec.outs {
			if name == param {
				return i
			}
		}
		panic(fmt.Sprintf("wasmffi: %s: %s(%q): the outputs are %q", r.spec.name, method, param, r.spec.outs))
	}
	panic("wasmffi: " + method + " of the zero Result")
}

// Take copies an output to Go memory in C order, and frees it if the call
// allocated it: the usual way to read outputs. T must have the output's dtype.
func Take[T any](r Result, param string) ([]T, error) {
	i := -1
	if r.spec != nil {
		i = slices.Index(r.spec.outs, param)
	}
	if i < 0 {
		return nil, fmt.Errorf("wasmffi: Take(%q): the call has no such output, it has %q", param, r.Outs())
	}
	v, err := memview.Values[T](r.out(i))
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %s: Take(%q): %w", r.spec.name, param, err)
	}
	if err := r.free(i); err != nil {
		return nil, err
	}
	return v, nil
}
