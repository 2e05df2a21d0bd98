package wasmffi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Every signature that a fixture carries binds to it, and says so.
func TestBindSidecars(t *testing.T) {
	for name, code := range map[string][]byte{"vec": wasm.Vec, "scalars": wasm.Scalars, "traps": wasm.Traps, "exit": wasm.Exit, "mem": wasm.Mem, "noalloc": wasm.NoAlloc, "badalloc": wasm.BadAlloc, "ctor": wasm.Ctor} {
		text, err := wasm.FS.ReadFile(name + ".sig")
		require.NoError(t, err)
		file, err := constraints.ParseFile(string(text))
		require.NoError(t, err)
		lib := open(t, code)
		require.NotEmpty(t, file.Signatures)
		for _, s := range file.Signatures {
			f, err := lib.Func(s.String())
			require.NoError(t, err, s.Name)
			require.Equal(t, s.Name, f.Name())
			require.Equal(t, s.String(), f.Signature().String())
			require.Same(t, lib, f.Library())
		}
	}
}

func TestBindNotFound(t *testing.T) {
	lib := open(t, wasm.Vec)
	for sig, want := range map[string]string{
		"Dot(x: f64[n], y: f64[n], n: size) -> f64": `wasmffi: no such export: "Dot"; did you mean dot?`,
		"_dot() -> f64":                         `wasmffi: no such export: "_dot"; did you mean dot?`,
		"matmull()":                             `wasmffi: no such export: "matmull"; did you mean matmul?`,
		"histogramm()":                          `wasmffi: no such export: "histogramm"; did you mean histogram?`,
		`"no such thing"()`:                     `wasmffi: no such export: "no such thing"; the module exports `,
		`"` + strings.Repeat("x", 2000) + `"()`: `wasmffi: no such export: "xxx`,
		`"memory"()`:                            `wasmffi: no such export: "memory"`,
	} {
		_, err := lib.Func(sig)
		require.ErrorIs(t, err, wasmffi.ErrNotFound, sig)
		require.ErrorContains(t, err, want, sig)
	}
	_, err := lib.FuncOf("dots", nil, nil)
	require.EqualError(t, err, `wasmffi: no such export: "dots"; did you mean dot?`)
}

func TestBindOtherType(t *testing.T) {
	vec, scalars := open(t, wasm.Vec), open(t, wasm.Scalars)
	for _, tt := range []struct {
		lib       *wasmffi.Library
		sig, want string
	}{
		{vec, "dot(x: f64[n], y: f64[n]) -> f64", "wasmffi: dot: signature does not match the export: export is (i32, i32, i32) -> f64, signature wants (i32, i32) -> f64; the export has 3 parameters, the signature 2"},
		{vec, "dot(x: f64[n], y: f64[n], n: size)", `wasmffi: dot: signature does not match the export: export is (i32, i32, i32) -> f64, signature wants (i32, i32, i32); name the result after "->"`},
		{vec, "dot(x: f64[n], y: f64[n], n: i64) -> f64", "wasmffi: dot: signature does not match the export: export is (i32, i32, i32) -> f64, signature wants (i32, i32, i64) -> f64"},
		{vec, "sum(x: f64[n], n: i64) -> f64", "wasmffi: sum: signature does not match the export: export is (i32, i32) -> f64, signature wants (i32, i64) -> f64"},
		{vec, "dot(x: f64[n], n: i64) -> f64", "wasmffi: dot: signature does not match the export: export is (i32, i32, i32) -> f64, signature wants (i32, i64) -> f64; this toolchain splits an i64 in two i32: write two u32 parameters, low half first"},
		{vec, "set_bytes(n: size, v: i32) -> f64", "wasmffi: set_bytes: signature does not match the export: export is (i32, i32, i32), signature wants (i32, i32) -> f64; this toolchain returns through a hidden first pointer: write it as an out parameter"},
		{vec, "sum(x: f64[n], n: size) -> f32", "wasmffi: sum: signature does not match the export: export is (i32, i32) -> f64, signature wants (i32, i32) -> f32"},
		{vec, "sum(x: f64[n], n: size) -> f64[n]", "wasmffi: sum: signature does not match the export: export is (i32, i32) -> f64, signature wants (i32, i32) -> i32"},
		{scalars, "id_f32(v: f64) -> f32", "wasmffi: id_f32: signature does not match the export: export is (f32) -> f32, signature wants (f64) -> f32"},
		{scalars, "id_i64(v: out i64) -> i64", "wasmffi: id_i64: signature does not match the export: export is (i64) -> i64, signature wants (i32) -> i64"},
		{scalars, "no_args() -> i64", "wasmffi: no_args: signature does not match the export: export is () -> i32, signature wants () -> i64"},
		{scalars, "no_result(v: i32) -> i32", "wasmffi: no_result: signature does not match the export: export is (i32), signature wants (i32) -> i32"},
	} {
		_, err := tt.lib.Func(tt.sig)
		require.ErrorIs(t, err, wasmffi.ErrSignature, tt.sig)
		require.EqualError(t, err, tt.want, tt.sig)
	}
}

func TestBindNonsense(t *testing.T) {
	lib := open(t, wasm.Vec)
	for _, sig := range []string{"", "dot", "dot(", "dot(x: double)", "dot(x: f64[n], x: f64[n], n: size) -> f64", "a(); b()", strings.Repeat("(", 5000)} {
		_, err := lib.Func(sig)
		require.ErrorContains(t, err, "wasmffi: ", sig)
		var e *constraints.ParseError
		require.ErrorAs(t, err, &e, sig)
	}
	for name, types := range map[string][]constraints.Type{
		"nil": {nil}, "a pointer": {(*wasmffi.Scalar)(nil)}, "no scalar": {wasmffi.Scalar{}}, "complex by value": {wasmffi.Scalar{DType: memview.C128}},
		"impossible": {wasmffi.NDPointer{NDim: 2, Shape: []int{1}}}, "too many": make([]constraints.Type, 65),
	} {
		_, err := lib.FuncOf("sum", types, nil)
		require.ErrorContains(t, err, "wasmffi: constraints: ", name)
	}
	_, err := lib.FuncOf("", nil, nil)
	require.Error(t, err)
}

// One export may be bound in several ways at once.
func TestBindTwice(t *testing.T) {
	lib := open(t, wasm.Vec)
	one := bind(t, lib, "sum(x: f64[n], n: size) -> f64")
	two := bind(t, lib, "sum(x: f64[m,n], count: size) -> f64")
	three, err := lib.FuncOf("sum", []constraints.Type{wasmffi.NDPointer{DType: memview.F64}, wasmffi.Scalar{DType: memview.U32}}, wasmffi.Scalar{DType: memview.F64})
	require.NoError(t, err)
	for range 3 {
		require.Equal(t, 6.0, call(t, one, []float64{1, 2, 3}).Float64())
		require.Equal(t, 10.0, call(t, two, goArray(t, []float64{1, 2, 3, 4}, 2, 2), 4).Float64())
		require.Equal(t, 3.0, call(t, three, []float64{1, 2, 3, 4}, 2).Float64())
	}
	_, err = three.Call(bg, []float32{1}, 1)
	require.EqualError(t, err, "sum: argument 1: dtype is float32, want float64")
	_, err = three.Call(bg, []float64{1}, -1)
	require.EqualError(t, err, "sum: argument 2: it is -1, want uint32 from 0 to 4294967295")
}

// argtypes and restype as in ctypes: outputs are called arg1, arg2, ...
func TestBindFuncOf(t *testing.T) {
	lib := open(t, wasm.Vec)
	vector := wasmffi.NDPointer{DType: memview.F64, NDim: 1, Flags: memview.CContiguous}
	out := wasmffi.NDPointer{DType: memview.F64, Shape: []int{4}, Dir: constraints.Out}
	size := wasmffi.Scalar{DType: memview.U32}
	f, err := lib.FuncOf("stencil3", []constraints.Type{vector, out, size}, nil)
	require.NoError(t, err)
	x := []float64{1, 2, 3, 7}
	r := call(t, f, x, 4)
	require.Equal(t, []string{"arg2"}, r.Outs())
	y, err := wasmffi.Take[float64](r, "arg2")
	require.NoError(t, err)
	require.Equal(t, []float64{1, 2, 4, 7}, y)
	clear(y)
	call(t, f, x, y, 4)
	require.Equal(t, []float64{1, 2, 4, 7}, y)
	_, err = f.Call(bg, x, wasmffi.New(3), 4)
	require.ErrorIs(t, err, memview.ErrShape)

	// Without WRITEABLE an array goes one way, with it both.
	for flags, want := range map[memview.Flags][]float64{0: {1, 2}, memview.Writeable: {3, 6}} {
		nd := vector
		nd.Flags |= flags
		f, err := lib.FuncOf("scale", []constraints.Type{nd, size, wasmffi.Scalar{DType: memview.F64}}, nil)
		require.NoError(t, err)
		x := []float64{1, 2}
		call(t, f, x, 2, 3)
		require.Equal(t, want, x)
		_, err = f.Call(bg, must(must(lib.Empty(memview.F64, 4)).Sub(0, 0, 4, 2)), 2, 3)
		require.ErrorIs(t, err, constraints.ErrFlags)
	}
}
