package wasmffi

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Bind binds an export as a typed Go function, so that a wrong Go type is an error
// here and none in a call:
//
//	dot, err := wasmffi.Bind[func(ctx context.Context, x, y []float64) (float64, error)](lib, "dot(x: f64[n], y: f64[n], n: size) -> f64")
//
// F is a func of a context.Context and one parameter for each Go argument of Call: numbers,
// bool, string, slices of numbers, memview.Array, Handle, Callback. Either all outputs are
// among them or none; those that are not are results. Its results are that of the function,
// unless a status that ok() judges, then the outputs that are no parameters, as slices
// of numbers (copied to Go memory and freed) or numbers, and then an error.
//
// A call through F costs about a microsecond more than Call.
func Bind[F any](l *Library, sig string) (F, error) {
	var zero F
	f, err := l.Func(sig)
	if err != nil {
		return zero, err
	}
	b, err := newBound(f, reflect.TypeFor[F]())
	if err != nil {
		return zero, fmt.Errorf("wasmffi: bind %s to %s: %w", f.name, reflect.TypeFor[F](), err)
	}
	return reflect.MakeFunc(reflect.TypeFor[F](), b.call).Interface().(F), nil
}

// bound is a Go function type that was matched with a signature.
type bound struct {
	f       *Func
	typ     reflect.Type
	results []func(Result) (any, error) // before the error, in order
}

var (
	handleType   = reflect.TypeFor[Handle]()
	callbackType = reflect.TypeFor[Callback]()
)

func newBound(f *Func, t reflect.Type) (*bound, error) {
	b := &bound{f: f, typ: t}
	if t.Kind() != reflect.Func || t.IsVariadic() || t.NumIn() == 0 || t.In(0) != contextType || t.NumOut() == 0 || t.Out(t.NumOut()-1) != errorType {
		return nil, fmt.Errorf("want a func(context.Context, ...) (..., error)")
	}
	given := f.given
	if t.NumIn()-1 != len(given) {
		given = f.short
	}
	if t.NumIn()-1 != len(given) {
		return nil, fmt.Errorf("it has %d parameters after the context, want %d, or %d without the outputs", t.NumIn()-1, len(f.given), len(f.short))
	}
	for k, i := range given {
		if err := f.goParam(i, t.In(k+1)); err != nil {
			return nil, fmt.Errorf("parameter %d: %w", k+1, err)
		}
	}
	return b, b.matchResults(given)
}

// goParam judges a Go type for parameter i.
func (f *Func) goParam(i int, t reflect.Type) error {
	p := &f.params[i]
	want := ""
	switch p.role {
	case constraints.Array:
		if t == arrayType {
			return nil
		}
		if want = "a slice of its element type or memview.Array"; !f.oneAxis(i) {
			want = "memview.Array, as memview.FromSlice(s, rows, cols) makes it"
		} else if t.Kind() == reflect.Slice && t == reflect.SliceOf(basic(t.Elem())) && f.elemFits(i, t.Elem()) {
			return nil
		}
	case constraints.Text:
		if t == reflect.TypeFor[string]() {
			return nil
		}
		want = "string"
	case constraints.Opaque:
		if t == handleType {
			return nil
		}
		want = "wasmffi.Handle"
	case constraints.Function:
		if t == callbackType {
			return nil
		}
		want = "wasmffi.Callback"
	default:
		if p.number.takesKind(t.Kind()) && t == basic(t) {
			return nil
		}
		want = "a Go number that goes to " + p.number.String()
	}
	return fmt.Errorf("%s is %s, Go type is %s, want %s", f.label(i), f.Signature().ParamText(i), t, want)
}

func (f *Func) label(i int) string { return label(f.Signature().Params[i].Name, i) }

// oneAxis reports whether the array of parameter i may have one dimension.
func (f *Func) oneAxis(i int) bool {
	switch p := f.Signature().Params[i].Type.(type) {
	case constraints.ArrayOf:
		return len(p.Dims) == 1
	case constraints.NDPointer:
		return p.NDim == 0 && (p.Shape == nil || len(p.Shape) == 1) || p.NDim == 1
	}
	return false
}

// elemFits reports whether a Go type is the element type of parameter i, or one of them.
func (f *Func) elemFits(i int, t reflect.Type) bool {
	d, ok := goDType(t)
	if !ok {
		return false
	}
	switch p := f.Signature().Params[i].Type.(type) {
	case constraints.NDPointer:
		return p.DType.IsZero() || p.DType.LittleEndian().Equal(d)
	case constraints.ArrayOf:
		return slices.ContainsFunc(p.Elems, func(e constraints.Elem) bool { return e.Takes(d) })
	}
	return false
}

// resultFits is the same of the array that the function returns.
func (f *Func) resultFits(t reflect.Type) bool {
	d, ok := goDType(t)
	switch p := f.Signature().Result.Type.(type) {
	case constraints.NDPointer:
		return ok && p.DType.LittleEndian().Equal(d)
	case constraints.ArrayOf:
		return ok && p.Elems[0].Takes(d)
	}
	return false
}

// matchResults finds how each Go result is made.
func (b *bound) matchResults(given []int) error {
	f, t := b.f, b.typ
	var want []string
	if s := f.Signature().Result; f.spec.kind != noResult && s.OK == nil {
		want = append(want, "the result")
		if len(want) < t.NumOut() {
			get, err := f.goResult(t.Out(0))
			if err != nil {
				return fmt.Errorf("result 1: %w", err)
			}
			b.results = append(b.results, get)
		}
	}
	for i := range f.params {
		if f.params[i].out < 0 || slices.Contains(given, i) && f.params[i].role == constraints.Array {
			continue
		}
		if want = append(want, f.label(i)); len(want) < t.NumOut() {
			get, err := f.goOutput(i, t.Out(len(want)-1))
			if err != nil {
				return fmt.Errorf("result %d: %w", len(want), err)
			}
			b.results = append(b.results, get)
		}
	}
	if len(want) != t.NumOut()-1 {
		return fmt.Errorf("it has %d results before the error, want %d %q", t.NumOut()-1, len(want), want)
	}
	return nil
}

// goResult makes the function's own result a value of a Go type.
func (f *Func) goResult(t reflect.Type) (func(Result) (any, error), error) {
	switch {
	case f.spec.kind == scalarResult && f.spec.number.goType() == t:
		return func(r Result) (any, error) { return r.Value(), nil }, nil
	case f.spec.kind == scalarResult && f.spec.number.widens(t.Kind()) && t == basic(t):
		return func(r Result) (any, error) { return reflect.ValueOf(r.Value()).Convert(t).Interface(), nil }, nil
	case f.spec.kind == textResult && t.Kind() == reflect.String && t == basic(t):
		return func(r Result) (any, error) { return r.Text(), nil }, nil
	case f.spec.kind == handleResult && t == handleType:
		return func(r Result) (any, error) { return r.Handle(), nil }, nil
	case f.spec.kind == funcResult && t == reflect.TypeFor[*Func]():
		return func(r Result) (any, error) { return r.Func() }, nil
	case f.spec.kind == pointerResult && t == reflect.TypeFor[memview.Ptr]():
		return func(r Result) (any, error) { return r.Ptr(), nil }, nil
	case f.spec.kind == arrayResult && t == arrayType && !f.owned:
		return func(r Result) (any, error) { return r.Array(), nil }, nil
	case f.spec.kind == arrayResult:
		if take, ok := takers[t]; ok && f.resultFits(t.Elem()) {
			return func(r Result) (any, error) { return take(r.Array()) }, nil
		}
	}
	return nil, fmt.Errorf("%s gives %s, Go type is %s", f.name, f.spec.describe(), t)
}

// goOutput does so for an output.
func (f *Func) goOutput(i int, t reflect.Type) (func(Result) (any, error), error) {
	p := &f.params[i]
	name := f.label(i)
	if p.role != constraints.Array {
		if t == p.number.goType() || p.number.widens(t.Kind()) && t == basic(t) {
			return func(r Result) (any, error) {
				return reflect.ValueOf(r.outScalar("Bind", name)).Convert(t).Interface(), nil
			}, nil
		}
	} else if take, ok := takers[t]; ok && f.elemFits(i, t.Elem()) {
		return func(r Result) (any, error) { return take(r.Out(name)) }, nil
	}
	return nil, fmt.Errorf("output %s is %s, Go type is %s", name, f.Signature().ParamText(i), t)
}

// takers copy arrays to slices of basic types.
var takers = map[reflect.Type]func(memview.Array) (any, error){
	reflect.TypeFor[[]bool](): values[bool], reflect.TypeFor[[]int8](): values[int8], reflect.TypeFor[[]int16](): values[int16],
	reflect.TypeFor[[]int32](): values[int32], reflect.TypeFor[[]int64](): values[int64], reflect.TypeFor[[]uint8](): values[uint8],
	reflect.TypeFor[[]uint16](): values[uint16], reflect.TypeFor[[]uint32](): values[uint32], reflect.TypeFor[[]uint64](): values[uint64],
	reflect.TypeFor[[]float32](): values[float32], reflect.TypeFor[[]float64](): values[float64],
	reflect.TypeFor[[]complex64](): values[complex64], reflect.TypeFor[[]complex128](): values[complex128],
}

// values copies; NULL is a nil slice.
func values[T any](a memview.Array) (any, error) {
	if a.IsZero() {
		return []T(nil), nil
	}
	return memview.Values[T](a)
}

func (b *bound) call(in []reflect.Value) []reflect.Value {
	out := make([]reflect.Value, b.typ.NumOut())
	for i := range out {
		out[i] = reflect.Zero(b.typ.Out(i))
	}
	last := len(out) - 1
	args := make([]any, len(in)-1)
	for i := range args {
		args[i] = in[i+1].Interface()
	}
	ctx, _ := in[0].Interface().(context.Context)
	r, err := b.f.Call(ctx, args...)
	values := make([]any, len(b.results))
	for i := range b.results {
		if err == nil {
			values[i], err = b.results[i](r)
		}
	}
	if free := r.Free(); err == nil {
		err = free
	}
	if err != nil {
		out[last] = reflect.ValueOf(&err).Elem()
		return out
	}
	for i, v := range values {
		out[i] = reflect.ValueOf(v)
	}
	return out
}
