package wasmffi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// adapter calls a Go function with what a guest has passed.
type adapter = func(*Args) error

// adapt holds a Go function against the signature and makes what calls it.
func (h *HostFunc) adapt(fn any) (adapter, error) {
	if fn == nil || reflect.ValueOf(fn).Kind() == reflect.Func && reflect.ValueOf(fn).IsNil() {
		return nil, errors.New("got no function")
	}
	if f, ok := fn.(func(*Args) error); ok {
		return f, nil
	}
	m, err := h.match(reflect.TypeOf(fn))
	if err != nil {
		return nil, err
	}
	if m.ctx {
		return m.reflected(reflect.ValueOf(fn)), nil
	}
	if call := plainAdapter(fn, m.params); call != nil {
		return call, nil
	}
	for _, try := range sliceAdapters {
		if call := try(fn, m.params); call != nil {
			return call, nil
		}
	}
	return m.reflected(reflect.ValueOf(fn)), nil
}

// matched is a Go function type that goes with a signature.
type matched struct {
	h      *HostFunc
	ctx    bool
	params []int // which parameter of the signature each of Go's is
	typ    reflect.Type
	result bool // there is one before the error
	fails  bool // it returns an error
}

func (h *HostFunc) match(t reflect.Type) (*matched, error) {
	if t.Kind() != reflect.Func || t.IsVariadic() {
		return nil, fmt.Errorf("got a Go value of type %s, want a func", t)
	}
	m := &matched{h: h, typ: t}
	n := t.NumIn()
	if n > 0 && t.In(0) == contextType {
		m.ctx = true
		n--
	}
	var all, short []int
	for i := range h.params {
		all = append(all, i)
		if !h.derived(i) {
			short = append(short, i)
		}
	}
	switch n {
	case len(all):
		m.params = all
	case len(short):
		m.params = short
	default:
		return nil, fmt.Errorf("the function is a %s of %d parameters, want %d%s", t, n, len(all), orWithoutExtents(len(all), len(short)))
	}
	for k, i := range m.params {
		if err := h.goParam(i, t.In(t.NumIn()-n+k)); err != nil {
			return nil, err
		}
	}
	return m, m.matchResults()
}

func orWithoutExtents(all, short int) string {
	if all == short {
		return ""
	}
	return fmt.Sprintf(", or %d without the extents of slices", short)
}

// derived reports whether parameter i is a scalar that a slice knows: a bare dimension.
func (h *HostFunc) derived(i int) bool {
	name := h.typ.Params[i].Name
	if h.params[i].array || name == "" {
		return false
	}
	for _, p := range h.typ.Params {
		if a, ok := p.Type.(constraints.ArrayOf); ok {
			for _, d := range a.Dims {
				if d.Name == name {
					return true
				}
			}
		}
	}
	return false
}

// goParam judges a Go type for parameter i.
func (h *HostFunc) goParam(i int, t reflect.Type) error {
	p := &h.params[i]
	want := ""
	switch {
	case p.array:
		if t == arrayType || t.Kind() == reflect.Slice && t == reflect.SliceOf(t.Elem()) && elemOf(t.Elem(), p.dtype) || t == ptrType {
			return nil
		}
		want = "a slice of " + p.dtype.String() + ", memview.Array or memview.Ptr"
	case t == p.number.goType() || p.number.widens(t.Kind()) && t == basic(t):
		return nil
	case t == ptrType && p.number.bits == 32 && p.number.kind != memview.Float:
		return nil
	default:
		want = p.number.String()
	}
	return fmt.Errorf("parameter %s: Go type is %s, want %s", h.label(i), t, want)
}

// elemOf reports whether a Go type is that of elements which may be borrowed.
func elemOf(t reflect.Type, want memview.DType) bool {
	d, ok := goDType(t)
	return ok && d.Equal(want) && d.Kind() != memview.Boolean
}

func (m *matched) matchResults() error {
	t, n := m.typ, m.typ.NumOut()
	if n > 0 && t.Out(n-1) == errorType {
		m.fails = true
		n--
	}
	want := "no result"
	if r := m.h.result; r.bits > 0 {
		m.result = true
		want = "a result for " + r.String()
		if n == 1 && takesResult(r, t.Out(0)) {
			return nil
		}
	} else if n == 0 {
		return nil
	}
	return fmt.Errorf("the function is a %s, want %s, then an error or nothing", t, want)
}

// takesResult reports whether a Go result can be the guest's, as far as its value fits.
func takesResult(r number, t reflect.Type) bool {
	k := t.Kind()
	switch {
	case t != basic(t):
		return false
	case r.kind == memview.Boolean || k == reflect.Bool:
		return r.kind == memview.Boolean && k == reflect.Bool
	case r.kind == memview.Float:
		return k == reflect.Float64 || k == reflect.Float32
	}
	return k >= reflect.Int && k <= reflect.Uint64
}

// reflected calls by reflection.
func (m *matched) reflected(fn reflect.Value) adapter {
	return func(a *Args) error {
		in := make([]reflect.Value, 0, m.typ.NumIn())
		if m.ctx {
			in = append(in, reflect.ValueOf(&a.ctx).Elem())
		}
		for _, i := range m.params {
			v, err := a.value(i, m.typ.In(len(in)))
			if err != nil {
				return err
			}
			in = append(in, v)
		}
		out := fn.Call(in)
		if m.fails {
			if err, _ := out[len(out)-1].Interface().(error); err != nil {
				return err
			}
		}
		if !m.result {
			return nil
		}
		switch v := out[0]; {
		case v.Kind() == reflect.Float32:
			return a.float32(v.Interface().(float32))
		case v.CanInt():
			return a.SetInt(v.Int())
		case v.CanUint():
			return a.SetUint(v.Uint())
		case v.CanFloat():
			a.SetFloat64(v.Float())
		default:
			a.SetBool(v.Bool())
		}
		return nil
	}
}

// value is parameter i as a Go type that was matched.
func (a *Args) value(i int, t reflect.Type) (reflect.Value, error) {
	p := &a.f.params[i]
	switch {
	case t == ptrType:
		return reflect.ValueOf(memview.Ptr(a.stack[i])), nil
	case t == arrayType:
		return reflect.ValueOf(a.Array(i)), nil
	case p.array:
		s, err := borrowers[t.Elem()](a, i)
		return reflect.ValueOf(s), err
	}
	return reflect.ValueOf(p.number.value(a.stack[i])).Convert(t), nil
}

// borrowers are argSlice for a Go type.
var borrowers = map[reflect.Type]func(*Args, int) (any, error){
	reflect.TypeFor[int8](): borrow[int8], reflect.TypeFor[int16](): borrow[int16], reflect.TypeFor[int32](): borrow[int32], reflect.TypeFor[int64](): borrow[int64],
	reflect.TypeFor[uint8](): borrow[uint8], reflect.TypeFor[uint16](): borrow[uint16], reflect.TypeFor[uint32](): borrow[uint32], reflect.TypeFor[uint64](): borrow[uint64],
	reflect.TypeFor[float32](): borrow[float32], reflect.TypeFor[float64](): borrow[float64], reflect.TypeFor[complex64](): borrow[complex64], reflect.TypeFor[complex128](): borrow[complex128],
}

func borrow[T memview.Elem](a *Args, i int) (any, error) { return argSlice[T](a, i) }

// plainAdapter is for functions of numbers: those that need no reflection.
func plainAdapter(fn any, at []int) adapter {
	switch f := fn.(type) {
	case func():
		return func(*Args) error { f(); return nil }
	case func() error:
		return func(*Args) error { return f() }
	case func(float64) float64:
		return func(a *Args) error { return a.float(f(a.Float64(at[0])), nil) }
	case func(float64) (float64, error):
		return func(a *Args) error { return a.float(f(a.Float64(at[0]))) }
	case func(float64, float64) float64:
		return func(a *Args) error { return a.float(f(a.Float64(at[0]), a.Float64(at[1])), nil) }
	case func(float64, float64) (float64, error):
		return func(a *Args) error { return a.float(f(a.Float64(at[0]), a.Float64(at[1]))) }
	case func(float64):
		return func(a *Args) error { f(a.Float64(at[0])); return nil }
	case func(float32) float32:
		return func(a *Args) error { return a.float32(f(a.float32At(at[0]))) }
	case func(float32, float32) float32:
		return func(a *Args) error { return a.float32(f(a.float32At(at[0]), a.float32At(at[1]))) }
	case func(int32) int32:
		return func(a *Args) error { return a.SetInt(int64(f(int32(a.Int(at[0]))))) }
	case func(int32) error:
		return func(a *Args) error { return f(int32(a.Int(at[0]))) }
	case func(int32):
		return func(a *Args) error { f(int32(a.Int(at[0]))); return nil }
	case func(int32, int32) int32:
		return func(a *Args) error { return a.SetInt(int64(f(int32(a.Int(at[0])), int32(a.Int(at[1]))))) }
	case func(int64) int64:
		return func(a *Args) error { return a.SetInt(f(a.Int(at[0]))) }
	case func(int64, int64) int64:
		return func(a *Args) error { return a.SetInt(f(a.Int(at[0]), a.Int(at[1]))) }
	}
	return nil
}

// float32At is parameter i, an f32, bit by bit.
func (a *Args) float32At(i int) float32 { return math.Float32frombits(uint32(a.stack[i])) }

// float32 sets a result from a float32: bit by bit where it is one.
func (a *Args) float32(v float32) error {
	if a.f.result.bits == 32 {
		a.answer(uint64(math.Float32bits(v)))
	} else {
		a.SetFloat64(float64(v))
	}
	return nil
}

// float sets a result that is a float, unless there is an error.
func (a *Args) float(v float64, err error) error {
	if err == nil {
		a.SetFloat64(v)
	}
	return err
}

// sliceAdapters are for functions of slices: comparisons, objectives, right-hand sides.
var sliceAdapters = []func(fn any, at []int) adapter{
	sliceAdapter[float64], sliceAdapter[float32], sliceAdapter[int32], sliceAdapter[int64], sliceAdapter[uint8], sliceAdapter[uint32],
	sliceAdapter[int8], sliceAdapter[int16], sliceAdapter[uint16], sliceAdapter[uint64], sliceAdapter[complex64], sliceAdapter[complex128],
}

func sliceAdapter[T memview.Elem](fn any, at []int) adapter {
	two := func(a *Args, i, j int) (x, y []T, err error) {
		if x, err = argSlice[T](a, i); err == nil {
			y, err = argSlice[T](a, j)
		}
		return x, y, err
	}
	switch f := fn.(type) {
	case func(x, y []T) int32:
		return func(a *Args) error {
			x, y, err := two(a, at[0], at[1])
			if err != nil {
				return err
			}
			return a.SetInt(int64(f(x, y)))
		}
	case func(x, y []T) (int32, error):
		return func(a *Args) error {
			x, y, err := two(a, at[0], at[1])
			if err != nil {
				return err
			}
			v, err := f(x, y)
			if err != nil {
				return err
			}
			return a.SetInt(int64(v))
		}
	case func(x, y []T) int:
		return func(a *Args) error {
			x, y, err := two(a, at[0], at[1])
			if err != nil {
				return err
			}
			return a.SetInt(int64(f(x, y)))
		}
	case func(x, y []T):
		return func(a *Args) error {
			x, y, err := two(a, at[0], at[1])
			if err == nil {
				f(x, y)
			}
			return err
		}
	case func(x []T):
		return func(a *Args) error {
			x, err := argSlice[T](a, at[0])
			if err == nil {
				f(x)
			}
			return err
		}
	case func(x []T) error:
		return func(a *Args) error {
			x, err := argSlice[T](a, at[0])
			if err != nil {
				return err
			}
			return f(x)
		}
	case func(x []T) float64:
		return func(a *Args) error {
			x, err := argSlice[T](a, at[0])
			if err != nil {
				return err
			}
			return a.float(f(x), nil)
		}
	case func(x []T) (float64, error):
		return func(a *Args) error {
			x, err := argSlice[T](a, at[0])
			if err != nil {
				return err
			}
			return a.float(f(x))
		}
	case func(t float64, x, y []T):
		return func(a *Args) error {
			x, y, err := two(a, at[1], at[2])
			if err == nil {
				f(a.Float64(at[0]), x, y)
			}
			return err
		}
	case func(t float64, x, y []T) error:
		return func(a *Args) error {
			x, y, err := two(a, at[1], at[2])
			if err != nil {
				return err
			}
			return f(a.Float64(at[0]), x, y)
		}
	}
	return nil
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	arrayType   = reflect.TypeFor[memview.Array]()
	ptrType     = reflect.TypeFor[memview.Ptr]()
)
