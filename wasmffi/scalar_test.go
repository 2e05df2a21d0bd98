package wasmffi_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// integers are the integer types of the language.
var integers = []struct {
	name string
	low  int64
	high uint64
}{
	{"i8", math.MinInt8, math.MaxInt8}, {"i16", math.MinInt16, math.MaxInt16},
	{"i32", math.MinInt32, math.MaxInt32}, {"i64", math.MinInt64, math.MaxInt64},
	{"u8", 0, math.MaxUint8}, {"u16", 0, math.MaxUint16}, {"u32", 0, math.MaxUint32},
	{"u64", 0, math.MaxUint64}, {"size", 0, math.MaxUint32}, {"ptr", 0, math.MaxUint32},
}

// goIntegers are v as every Go type that holds it.
func goIntegers(v *big.Int) []any {
	var all []any
	if v.IsInt64() {
		n := v.Int64()
		all = append(all, n, int(n))
		if n == int64(int8(n)) {
			all = append(all, int8(n))
		}
		if n == int64(int16(n)) {
			all = append(all, int16(n))
		}
		if n == int64(int32(n)) {
			all = append(all, int32(n))
		}
	}
	if v.IsUint64() {
		n := v.Uint64()
		all = append(all, n, uint(n))
		if n <= math.MaxUint8 {
			all = append(all, uint8(n))
		}
		if n <= math.MaxUint16 {
			all = append(all, uint16(n))
		}
		if n <= math.MaxUint32 {
			all = append(all, uint32(n), memview.Ptr(n))
		}
	}
	return all
}

// Any Go integer goes to any integer parameter that holds it, and to no other; what
// comes back is the same number.
func TestScalarIntegers(t *testing.T) {
	lib := open(t, wasm.Scalars)
	edges := map[string]*big.Int{}
	for _, it := range integers {
		for d := int64(-1); d <= 1; d++ {
			for _, v := range []*big.Int{big.NewInt(it.low), new(big.Int).SetUint64(it.high)} {
				v = new(big.Int).Add(v, big.NewInt(d))
				edges[v.String()] = v
			}
		}
	}
	for _, it := range integers {
		f := bind(t, lib, fmt.Sprintf("id_%s(v: %[1]s) -> %[1]s", it.name))
		high := new(big.Int).SetUint64(it.high)
		for _, v := range edges {
			fits := v.Cmp(big.NewInt(it.low)) >= 0 && v.Cmp(high) <= 0
			for _, arg := range goIntegers(v) {
				r, err := f.Call(bg, arg)
				if !fits {
					e := typeError(t, err)
					require.ErrorIs(t, err, constraints.ErrScalar)
					require.Equal(t, v.String(), e.Got, "%T(%v) as %s", arg, arg, it.name)
					require.Equal(t, []any{1, 1, "v"}, []any{e.Arg, e.Index, e.Param})
					continue
				}
				require.NoError(t, err, "%T(%v) as %s", arg, arg, it.name)
				if it.low < 0 {
					require.Equal(t, v.Int64(), r.Int(), "%T(%v) as %s", arg, arg, it.name)
				} else {
					require.Equal(t, v.Uint64(), r.Uint(), "%T(%v) as %s", arg, arg, it.name)
				}
			}
		}
	}
}

// An integer goes to a float parameter that holds it exactly.
func TestScalarIntegerToFloat(t *testing.T) {
	lib := open(t, wasm.Scalars)
	toF32, toF64 := bind(t, lib, "id_f32(v: f32) -> f32"), bind(t, lib, "id_f64(v: f64) -> f64")
	var all []any
	for shift := range 64 {
		for d := int64(-2); d <= 2; d++ {
			all = append(all, int64(1)<<shift+d, -(int64(1)<<shift)+d, uint64(1)<<shift+uint64(d))
		}
	}
	all = append(all, int64(math.MinInt64), int64(math.MaxInt64), uint64(math.MaxUint64), uint64(math.MaxUint64-2047))
	for _, arg := range all {
		v, _ := new(big.Int).SetString(fmt.Sprint(arg), 10)
		for _, f := range []*wasmffi.Func{toF32, toF64} {
			near, _ := new(big.Float).SetInt(v).Float64()
			if f == toF32 {
				narrow, _ := new(big.Float).SetInt(v).Float32()
				near = float64(narrow)
			}
			back, accuracy := new(big.Float).SetFloat64(near).Int(nil)
			r, err := f.Call(bg, arg)
			if accuracy != big.Exact || back.Cmp(v) != 0 {
				e := typeError(t, err)
				require.Equal(t, v.String(), e.Got, "%v to %s", arg, f.Name())
				require.Equal(t, f.Signature().Params[0].Type.(wasmffi.Scalar).DType.String()+" that holds it exactly", e.Want)
				continue
			}
			require.NoError(t, err, "%v to %s", arg, f.Name())
			require.Equal(t, near, r.Float64(), "%v to %s", arg, f.Name())
		}
	}
}

func TestScalarFloats(t *testing.T) {
	lib := open(t, wasm.Scalars)
	toF32, toF64 := bind(t, lib, "id_f32(v: f32) -> f32"), bind(t, lib, "id_f64(v: f64) -> f64")
	r := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		v := math.Float64frombits(r.Uint64())
		if math.IsNaN(v) {
			continue
		}
		require.Equal(t, v, call(t, toF64, v).Float64())
		w := float32(v)
		got, err := toF32.Call(bg, v)
		if math.IsInf(float64(w), 0) && !math.IsInf(v, 0) {
			require.ErrorIs(t, err, constraints.ErrScalar)
			require.ErrorIs(t, err, wasmffi.ErrNotRun)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, float64(w), got.Float64())
		require.Equal(t, float64(w), call(t, toF64, w).Float64())
	}
	for _, v := range []float64{math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), math.MaxFloat32, math.SmallestNonzeroFloat32} {
		require.Equal(t, math.Float64bits(v), math.Float64bits(call(t, toF32, v).Float64()))
		require.Equal(t, math.Float64bits(v), math.Float64bits(call(t, toF64, float32(v)).Float64()))
	}
	require.True(t, math.IsNaN(call(t, toF32, math.NaN()).Float64()))
	require.True(t, math.IsNaN(call(t, toF64, float32(math.NaN())).Float64()))
	// The last double that rounds down to the largest float32, and the first that does not.
	most := math.MaxFloat32 + math.Ldexp(1, 103)
	require.Equal(t, float64(math.MaxFloat32), call(t, toF32, most-math.Ldexp(1, 75)).Float64())
	_, err := toF32.Call(bg, most)
	require.ErrorIs(t, err, constraints.ErrScalar)
}

func TestScalarBool(t *testing.T) {
	lib := open(t, wasm.Scalars)
	f := bind(t, lib, "id_bool(v: bool) -> bool")
	require.True(t, call(t, f, true).Bool())
	require.False(t, call(t, f, false).Bool())
	for _, arg := range []any{0, 1, uint8(1), 1.0, "true", nil, []bool{true}} {
		_, err := f.Call(bg, arg)
		require.ErrorIs(t, err, constraints.ErrScalar, "%v", arg)
		typeError(t, err)
	}
}

// Kinds never change into one another silently.
func TestScalarOtherKinds(t *testing.T) {
	lib := open(t, wasm.Scalars)
	for _, sig := range []string{"id_i32(v: i32) -> i32", "id_u64(v: u64) -> u64", "id_f32(v: f32) -> f32", "id_f64(v: f64) -> f64", "id_ptr(v: ptr) -> ptr"} {
		f := bind(t, lib, sig)
		for _, arg := range []any{
			true, "1", nil, []float64{1}, []int32{1}, complex(1, 0), complex64(1), [1]float64{1}, new(float64), new(int),
			struct{}{}, errors.New("x"), func() {}, make(chan int), map[string]int{}, wasmffi.New(1), wasmffi.InOut(1),
			wasmffi.Array{}, memview.F64, big.NewInt(1), [][]float64{{1}},
		} {
			_, err := f.Call(bg, arg)
			require.ErrorIs(t, err, constraints.ErrScalar, "%s of %T", f.Name(), arg)
			typeError(t, err)
		}
		if strings.HasPrefix(f.Name(), "id_f") {
			continue
		}
		for _, arg := range []any{1.0, float32(1), 1.5, math.NaN(), math.Inf(1)} { // not even a whole float is an integer
			_, err := f.Call(bg, arg)
			require.ErrorIs(t, err, constraints.ErrScalar, "%s of %v", f.Name(), arg)
			typeError(t, err)
		}
	}
}

// A guest may leave anything above the bits of a narrow result.
func TestScalarJunkInHighBits(t *testing.T) {
	lib := open(t, wasm.Scalars)
	for result, want := range map[string]any{
		"i8": int8(-2), "i16": int16(0x7ffe), "u8": uint8(0xfe), "u16": uint16(0x7ffe), "i32": int32(-0x65438002), "u32": uint32(0x9abc7ffe), "bool": true,
	} {
		f := bind(t, lib, "id_u32(v: u32) -> "+result)
		r := call(t, f, uint32(0x9abc7ffe))
		require.Equal(t, want, r.Value(), result)
		switch want := want.(type) {
		case bool:
			require.True(t, r.Bool())
		case uint8, uint16, uint32:
			require.EqualValues(t, want, r.Uint(), result)
			require.EqualValues(t, want, r.Int(), result)
		default:
			require.EqualValues(t, want, r.Int(), result)
		}
	}
	status := bind(t, lib, "id_u32(v: u32) -> i8 ok(-1)")
	require.EqualValues(t, -1, call(t, status, 0xabcdeff).Int())
	_, err := status.Call(bg, 0xff00)
	var e *wasmffi.StatusError
	require.ErrorAs(t, err, &e)
	require.Equal(t, wasmffi.StatusError{Func: "id_u32", Got: 0, Want: -1}, *e)
	unsigned := bind(t, lib, "id_u32(v: u32) -> u8 ok(255)")
	require.EqualValues(t, 255, call(t, unsigned, 0xabcdeff).Uint())
}

func TestScalarSix(t *testing.T) {
	lib := open(t, wasm.Scalars)
	six := bind(t, lib, "six(a: i8, b: u16, c: i64, d: f32, e: f64, f: size) -> f64")
	require.Equal(t, -1.0+65535+1e6+0.5+0.25+7, call(t, six, -1, uint16(65535), 1_000_000, 0.5, 0.25, 7).Float64())
	require.Equal(t, int64(42), call(t, bind(t, lib, "no_args() -> i32")).Int())
	require.Nil(t, call(t, bind(t, lib, "no_result(v: i32)"), 1).Value())
	add := bind(t, lib, "add_i64(a: i64, b: i64) -> i64")
	require.Equal(t, int64(math.MinInt64), call(t, add, int64(math.MaxInt64), 1).Int())
}

func TestScalarTexts(t *testing.T) {
	lib := open(t, wasm.Scalars)
	for _, tt := range []struct {
		sig  string
		arg  any
		want string
	}{
		{"id_i8(v: i8) -> i8", 128, `id_i8: argument 1 "v": it is 128, want int8 from -128 to 127`},
		{"id_u16(v: u16) -> u16", -1, `id_u16: argument 1 "v": it is -1, want uint16 from 0 to 65535`},
		{"id_u64(v: u64) -> u64", -1, `id_u64: argument 1 "v": it is -1, want uint64`},
		{"id_i64(v: i64) -> i64", uint64(1 << 63), `id_i64: argument 1 "v": it is 9223372036854775808, want int64`},
		{"id_i32(v: i32) -> i32", 1.5, `id_i32: argument 1 "v": it is the float 1.5, want int32 from -2147483648 to 2147483647`},
		{"id_f32(v: f32) -> f32", 1e39, `id_f32: argument 1 "v": it is 1e+39, want float32`},
		{"id_f32(v: f32) -> f32", 1<<24 + 1, `id_f32: argument 1 "v": it is 16777217, want float32 that holds it exactly`},
		{"id_f64(v: f64) -> f64", true, `id_f64: argument 1 "v": it is true, want float64`},
		{"id_bool(v: bool) -> bool", 1, `id_bool: argument 1 "v": it is 1, want bool`},
		{"id_f64(v: f64) -> f64", nil, `id_f64: argument 1 "v": it is nil, want float64`},
		{"id_f64(v: f64) -> f64", "1", `id_f64: argument 1 "v": it is a string, want float64`},
	} {
		_, err := bind(t, lib, tt.sig).Call(bg, tt.arg)
		require.EqualError(t, err, tt.want)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
	}
}

// Asking a result for another kind than the signature says is a bug of the
// caller, and panics; what fits does not.
func TestScalarAccessors(t *testing.T) {
	lib := open(t, wasm.Scalars)
	methods := map[string]func(wasmffi.Result){
		"Float64": func(r wasmffi.Result) { r.Float64() }, "Int": func(r wasmffi.Result) { r.Int() },
		"Uint": func(r wasmffi.Result) { r.Uint() }, "Bool": func(r wasmffi.Result) { r.Bool() },
		"Ptr": func(r wasmffi.Result) { r.Ptr() }, "Array": func(r wasmffi.Result) { r.Array() },
	}
	for _, tt := range []struct {
		sig  string
		arg  any
		fits string
	}{
		{"id_f32(v: f32) -> f32", 1.0, "Float64"}, {"id_f64(v: f64) -> f64", 1.0, "Float64"},
		{"id_bool(v: bool) -> bool", true, "Bool"},
		{"id_i8(v: i8) -> i8", 1, "Int"}, {"id_i64(v: i64) -> i64", 1, "Int"},
		{"id_u8(v: u8) -> u8", 1, "Int Uint Ptr"}, {"id_size(v: size) -> size", 1, "Int Uint Ptr"}, {"id_ptr(v: ptr) -> ptr", 1, "Int Uint Ptr"},
		{"no_result(v: i32)", 1, ""},
	} {
		r := call(t, bind(t, lib, tt.sig), tt.arg)
		for name, method := range methods {
			if strings.Contains(" "+tt.fits+" ", " "+name+" ") {
				require.NotPanics(t, func() { method(r) }, "%s of %s", name, tt.sig)
			} else {
				require.Panics(t, func() { method(r) }, "%s of %s", name, tt.sig)
			}
		}
		for _, f := range []func(){
			func() { r.Out("v") }, func() { r.OutInt("v") }, func() { r.OutFloat("v") },
		} {
			require.Panics(t, f)
		}
		require.Empty(t, r.Outs())
		require.NoError(t, r.Free())
	}
	for name, method := range methods {
		require.PanicsWithValue(t, "wasmffi: "+name+" of the zero Result", func() { method(wasmffi.Result{}) })
	}
	var zero wasmffi.Result
	require.Nil(t, zero.Value())
	require.Nil(t, zero.Outs())
	require.NoError(t, zero.Free())
	require.Panics(t, func() { zero.Out("x") })

	r := call(t, bind(t, lib, "id_u64(v: u64) -> u64"), uint64(math.MaxUint64))
	require.Equal(t, uint64(math.MaxUint64), r.Uint())
	require.PanicsWithValue(t, "wasmffi: id_u64: Int of a result of type uint64: use Uint", func() { r.Int() })
	require.PanicsWithValue(t, "wasmffi: id_u64: Float64 of a result of type uint64", func() { r.Float64() })
	r = call(t, bind(t, lib, "no_result(v: i32)"), 1)
	require.PanicsWithValue(t, "wasmffi: no_result: Int of a function without result", func() { r.Int() })
	require.PanicsWithValue(t, `wasmffi: no_result: Out("v"): the outputs are []`, func() { r.Out("v") })
}

func TestScalarValue(t *testing.T) {
	lib := open(t, wasm.Scalars)
	for sig, want := range map[string]any{
		"id_bool(v: bool) -> bool": true, "id_i8(v: i8) -> i8": int8(-3), "id_i16(v: i16) -> i16": int16(-3), "id_i32(v: i32) -> i32": int32(-3),
		"id_i64(v: i64) -> i64": int64(-3), "id_u8(v: u8) -> u8": uint8(3), "id_u16(v: u16) -> u16": uint16(3), "id_u32(v: u32) -> u32": uint32(3),
		"id_u64(v: u64) -> u64": uint64(3), "id_f32(v: f32) -> f32": float32(0.5), "id_f64(v: f64) -> f64": 0.1, "id_size(v: size) -> size": uint32(3),
	} {
		require.Equal(t, want, call(t, bind(t, lib, sig), want).Value(), sig)
	}
	require.Equal(t, memview.Ptr(9), call(t, bind(t, lib, "id_ptr(v: ptr) -> ptr"), memview.Ptr(9)).Ptr())
}
