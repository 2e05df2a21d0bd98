package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// passed is a scalar type as a host function sees it: what a guest's 64 bits are in Go, and how
// a Go value comes back.
type passed struct {
	name string
	wasm string // as valueTypes has it
	typ  reflect.Type
	wide []reflect.Type // that hold it, too
	bits int
}

var passedTypes = []passed{
	{"bool", "i", reflect.TypeFor[bool](), nil, 1},
	{"i8", "i", reflect.TypeFor[int8](), []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[int64]()}, 8},
	{"u8", "i", reflect.TypeFor[uint8](), []reflect.Type{reflect.TypeFor[uint](), reflect.TypeFor[int64](), reflect.TypeFor[int]()}, 8},
	{"i16", "i", reflect.TypeFor[int16](), []reflect.Type{reflect.TypeFor[int]()}, 16},
	{"u16", "i", reflect.TypeFor[uint16](), []reflect.Type{reflect.TypeFor[uint64]()}, 16},
	{"i32", "i", reflect.TypeFor[int32](), []reflect.Type{reflect.TypeFor[int64]()}, 32},
	{"u32", "i", reflect.TypeFor[uint32](), []reflect.Type{reflect.TypeFor[uint64](), reflect.TypeFor[int64]()}, 32},
	{"i64", "j", reflect.TypeFor[int64](), nil, 64},
	{"u64", "j", reflect.TypeFor[uint64](), nil, 64},
	{"f32", "f", reflect.TypeFor[float32](), nil, 32},
	{"f64", "d", reflect.TypeFor[float64](), nil, 64},
}

// go64 is the value that a guest's bits are, as the bits of a Go value of 64 bits: sign-extended, zero-extended,
// or the bits of a float.
func (p passed) go64(guest uint64) uint64 {
	switch {
	case p.name == "bool":
		return map[bool]uint64{true: 1}[uint32(guest) != 0]
	case p.name[0] == 'i':
		return uint64(int64(guest<<(64-p.bits)) >> (64 - p.bits))
	}
	return guest << (64 - p.bits) >> (64 - p.bits)
}

// guest64 is what the guest gets for a value, as it extends its own to 64 bits without a sign.
func (p passed) guest64(value uint64) uint64 {
	if p.wasm == "i" || p.wasm == "f" {
		return uint64(uint32(value))
	}
	return value
}

// bitsOf is the bits of a Go value, as go64 has them.
func bitsOf(v reflect.Value) uint64 {
	switch v.Kind() {
	case reflect.Bool:
		return map[bool]uint64{true: 1}[v.Bool()]
	case reflect.Float32:
		return uint64(math.Float32bits(v.Interface().(float32)))
	case reflect.Float64:
		return math.Float64bits(v.Float())
	}
	if v.CanInt() {
		return uint64(v.Int())
	}
	return v.Uint()
}

// valueOf is the Go value of those bits.
func valueOf(t reflect.Type, bits uint64) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(bits != 0)
	case reflect.Float32:
		return reflect.ValueOf(math.Float32frombits(uint32(bits)))
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(bits))
	default:
		if v.CanInt() {
			v.SetInt(int64(bits))
		} else {
			v.SetUint(bits)
		}
	}
	return v
}

// trampoline is a guest that passes 64 bits for each parameter on to an import, and what that
// returns back.
func trampoline(params []passed, result *passed) []byte {
	var m made
	in, out, wide := "", "", ""
	var body []any
	for k, p := range params {
		in, wide = in+p.wasm, wide+"j"
		body = append(body, opLocalGet, k)
		switch p.wasm {
		case "i":
			body = append(body, 0xa7) // i32.wrap_i64
		case "f":
			body = append(body, 0xa7, 0xbe) // f32.reinterpret_i32
		case "d":
			body = append(body, 0xbf) // f64.reinterpret_i64
		}
	}
	if result != nil {
		out = result.wasm
	}
	body = append(body, opCall, leb(m.imp("env", "f", in, out)))
	switch out {
	case "i":
		body = append(body, 0xad) // i64.extend_i32_u
	case "f":
		body = append(body, 0xbc, 0xad) // i32.reinterpret_f32
	case "d":
		body = append(body, 0xbd) // i64.reinterpret_f64
	}
	if out != "" {
		out = "j"
	}
	m.fn("call", wide, out, body...)
	return m.bytes()
}

// patterns are bits that something may get wrong, and random ones.
func pattern(r *rand.Rand) uint64 {
	list := [...]uint64{0, 1, math.MaxUint64, 1 << 63, 1 << 31, 1<<31 - 1, 1 << 7, 1 << 8, 0x7fff, 0x8000, 0xffffffff, 1 << 32,
		0x7fa00001, 0xffa12345, 0x7fc00000, 0x7f800000, 0x80000000, // float32: signalling and quiet NaN, infinity, -0
		0x7ff4000000000001, 0xfff4123456789abc, 0x7ff8000000000000, 0x7ff0000000000000, 1} // the same of float64
	if i := r.IntN(2 * len(list)); i < len(list) {
		return list[i]
	}
	return r.Uint64() >> r.IntN(64)
}

// hostFuncAgrees makes a random function type and calls a Go function of it through a guest.
func hostFuncAgrees(t testing.TB, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	params := make([]passed, r.IntN(7))
	var in, out []reflect.Type
	var names []string
	withContext, fails, asArgs := r.IntN(4) == 0, r.IntN(3) == 0, r.IntN(5) == 0
	if withContext {
		in = append(in, reflect.TypeFor[context.Context]())
	}
	for k := range params {
		params[k] = passedTypes[r.IntN(len(passedTypes))]
		typ := params[k].typ
		if wide := params[k].wide; len(wide) > 0 && r.IntN(3) == 0 {
			typ = wide[r.IntN(len(wide))]
		}
		in, names = append(in, typ), append(names, params[k].name)
	}
	sig := "func(" + strings.Join(names, ", ") + ")"
	var result *passed
	if r.IntN(4) > 0 {
		result = &passedTypes[r.IntN(len(passedTypes))]
		sig += " -> " + result.name
		typ := result.typ
		if len(result.wide) > 0 && r.IntN(3) == 0 {
			typ = result.wide[r.IntN(len(result.wide))]
		}
		out = append(out, typ)
	}
	if fails {
		out = append(out, reflect.TypeFor[error]())
	}

	var got []uint64
	var answer uint64
	typ := reflect.FuncOf(in, out, false)
	fn := reflect.MakeFunc(typ, func(args []reflect.Value) []reflect.Value {
		got = nil
		for k, v := range args {
			if k > 0 || !withContext {
				got = append(got, bitsOf(v))
			}
		}
		var results []reflect.Value
		if result != nil {
			results = append(results, valueOf(out[0], answer))
		}
		if fails {
			results = append(results, reflect.Zero(reflect.TypeFor[error]()))
		}
		return results
	}).Interface()
	if asArgs {
		fn = func(a *wasmffi.Args) error {
			got = nil
			for k, p := range params {
				got = append(got, argBits(a, k, p))
			}
			if result == nil {
				return nil
			}
			return answerBits(a, *result, answer)
		}
	}
	h, err := wasmffi.NewHostFunc(sig, fn)
	require.NoError(t, err, "seed %d: %s as %T", seed, sig, fn)
	lib := openWith(t, trampoline(params, result), wasmffi.Options{Cache: wasmffi.NewCache(0), Imports: map[string]*wasmffi.HostFunc{"env.f": h}})
	var wide []string
	for range params {
		wide = append(wide, "u64")
	}
	outer := "call(" + strings.Join(numbered(wide), ", ") + ")"
	if result != nil {
		outer += " -> u64"
	}
	f := bind(t, lib, outer)
	for range 40 {
		args, want := make([]any, len(params)), []uint64(nil)
		for k, p := range params {
			bits := pattern(r)
			args[k], want = bits, append(want, p.go64(bits))
		}
		if result != nil {
			answer = result.go64(pattern(r))
		}
		back, err := f.Call(bg, args...)
		require.NoError(t, err, "seed %d: %s as %T", seed, sig, fn)
		for k := range want {
			if params[k].name == "f32" && asArgs { // by float64, which has no signalling NaN of float32
				want[k], got[k] = quiet32(want[k]), quiet32(got[k])
			}
			require.Equal(t, fmt.Sprintf("%#x", want[k]), fmt.Sprintf("%#x", got[k]), "seed %d: parameter %d of %s as %T", seed, k, sig, fn)
		}
		if result != nil {
			want, got := result.guest64(answer), back.Uint()
			if result.name == "f32" && asArgs {
				want, got = quiet32(want), quiet32(got)
			}
			require.Equal(t, fmt.Sprintf("%#x", want), fmt.Sprintf("%#x", got), "seed %d: result of %s as %T", seed, sig, fn)
		}
	}
}

func quiet32(bits uint64) uint64 {
	if math.IsNaN(float64(math.Float32frombits(uint32(bits)))) {
		return bits | 1<<22
	}
	return bits
}

func numbered(types []string) []string {
	for k := range types {
		types[k] = fmt.Sprint("p", k, ": ", types[k])
	}
	return types
}

func argBits(a *wasmffi.Args, k int, p passed) uint64 {
	switch {
	case p.name == "bool":
		return bitsOf(reflect.ValueOf(a.Bool(k)))
	case p.name == "f32":
		return uint64(math.Float32bits(float32(a.Float64(k))))
	case p.name == "f64":
		return math.Float64bits(a.Float64(k))
	case p.name[0] == 'i' || k%2 == 0:
		return uint64(a.Int(k))
	}
	return a.Uint(k)
}

func answerBits(a *wasmffi.Args, p passed, bits uint64) error {
	switch {
	case p.name == "bool":
		a.SetBool(bits != 0)
	case p.name == "f32":
		a.SetFloat64(float64(math.Float32frombits(uint32(bits))))
	case p.name == "f64":
		a.SetFloat64(math.Float64frombits(bits))
	case p.name[0] == 'i':
		return a.SetInt(int64(bits))
	default:
		return a.SetUint(bits)
	}
	return nil
}

// Go functions of random types get what the guest passes, bit by bit, and the guest what they return.
func TestHostFuncTypes(t *testing.T) {
	for seed := range uint64(times(500)) {
		hostFuncAgrees(t, seed)
	}
}

func FuzzHostFunc(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { hostFuncAgrees(t, seed) })
}

// The functions that need no reflection, by every bit pattern.
func TestHostFuncPlain(t *testing.T) {
	type plain struct {
		sig string
		fn  any
	}
	for _, p := range []plain{
		{"func(x: f32) -> f32", func(x float32) float32 { return x }},
		{"func(x: f64) -> f64", func(x float64) float64 { return x }},
		{"func(x: f64) -> f64", func(x float64) (float64, error) { return x, nil }},
		{"func(x: i32) -> i32", func(x int32) int32 { return x }},
		{"func(x: i64) -> i64", func(x int64) int64 { return x }},
		{"func(x: f32) -> f32", func(x float32) (float32, error) { return x, nil }}, // by reflection
	} {
		name := p.sig[8:11]
		typ := passedTypes[map[string]int{"f32": 9, "f64": 10, "i32": 5, "i64": 7}[name]]
		lib := openWith(t, trampoline([]passed{typ}, &typ), wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{"env.f": hostFunc(t, p.sig, p.fn)}})
		f := bind(t, lib, "call(x: u64) -> u64")
		r := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			bits := pattern(r)
			require.Equal(t, fmt.Sprintf("%#x", typ.guest64(bits)), fmt.Sprintf("%#x", call(t, f, bits).Uint()), "%s as %T", p.sig, p.fn)
		}
	}
	for sig, fn := range map[string]any{
		"func()":               func() {},
		"func(x: i32)":         func(int32) error { return errors.New("no") },
		"func(x: f64)":         func(float64) {},
		"func(x: f64, y: f64)": func(float64, float64) {},
	} {
		require.Equal(t, sig, hostFunc(t, sig, fn).String())
	}
}
