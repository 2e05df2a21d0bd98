package wasmffi_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

func TestBind(t *testing.T) {
	vec, sigs, scalars := open(t, wasm.Vec), open(t, wasm.Sigs), open(t, wasm.Scalars)

	dot, err := wasmffi.Bind[func(context.Context, []float64, []float64) (float64, error)](vec, "dot(x: f64[n], y: f64[n], n: size) -> f64")
	require.NoError(t, err)
	v, err := dot(bg, []float64{1, 2, 3}, []float64{4, 5, 6})
	require.NoError(t, err)
	require.EqualValues(t, 32, v)
	v, err = dot(bg, []float64{1, 2, 3}, []float64{4, 5})
	require.Zero(t, v)
	require.EqualError(t, err, `dot: argument 2 "y": shape[0] is 2, want n=3 (from x.shape[0])`)

	saxpy, err := wasmffi.Bind[func(ctx context.Context, a float32, x, y []float32) error](vec, "saxpy(n: size, a: f32, x: f32[n], y: inout f32[n])")
	require.NoError(t, err)
	y := []float32{1, 1}
	require.NoError(t, saxpy(bg, 0.5, []float32{2, 4}, y))
	require.Equal(t, []float32{2, 3}, y)

	// Outputs that are no parameters are results.
	smooth, err := wasmffi.Bind[func(context.Context, []float64) ([]float64, error)](vec, "stencil3(x: f64[n], y: out f64[n], n: size)")
	require.NoError(t, err)
	out, err := smooth(bg, []float64{0, 3, 6, 0})
	require.NoError(t, err)
	require.Equal(t, []float64{0, 3, 3, 0}, out)
	modf, err := wasmffi.Bind[func(context.Context, float64) (frac, whole float64, err error)](vec, "modf_parts(x: f64, ip: out f64) -> f64")
	require.NoError(t, err)
	frac, whole, err := modf(bg, 2.5)
	require.NoError(t, err)
	require.Equal(t, []float64{0.5, 2}, []float64{frac, whole})

	// A status is the error.
	fill, err := wasmffi.Bind[func(context.Context, memview.Array, int) error](vec, "fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)")
	require.NoError(t, err)
	require.ErrorContains(t, fill(bg, goArray(t, []float64{1}), 3), "status is 3, want 0")

	primes, err := wasmffi.Bind[func(context.Context) ([]float64, error)](vec, "primes() -> f64[16]")
	require.NoError(t, err)
	table, err := primes(bg)
	require.NoError(t, err)
	require.Len(t, table, 16)

	id, err := wasmffi.Bind[func(context.Context, int8) (int64, error)](scalars, "id_i8(v: i8) -> i8")
	require.NoError(t, err)
	n, err := id(bg, -7)
	require.NoError(t, err)
	require.EqualValues(t, -7, n)

	length, err := wasmffi.Bind[func(context.Context, string) (int, error)](sigs, "text_length(s: cstr nullable) -> i32")
	require.NoError(t, err)
	k, err := length(bg, "four")
	require.NoError(t, err)
	require.Equal(t, 4, k)
	const decl = "type Setup = opaque free(setup_free); "
	create, err := wasmffi.Bind[func(context.Context, int32, int32) (wasmffi.Handle, error)](sigs, decl+"setup_new(n: i32, kind: i32) -> Setup")
	require.NoError(t, err)
	h, err := create(bg, 4, 1)
	require.NoError(t, err)
	require.NoError(t, h.Close())
	get, err := wasmffi.Bind[func(context.Context, int) ([]float64, uint32, error)](sigs, "get(k: i32, n_out: out size) -> f64[n_out] nullable owned")
	require.NoError(t, err)
	owned, count, err := get(bg, 3)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, 2}, owned)
	require.EqualValues(t, 3, count)
	owned, _, err = get(bg, -1)
	require.NoError(t, err)
	require.Nil(t, owned)
}

type celsius float64

// What does not fit is an error of Bind, and none of a call.
func TestBindRefuses(t *testing.T) {
	lib := open(t, wasm.Vec)
	const dot, stencil = "dot(x: f64[n], y: f64[n], n: size) -> f64", "stencil3(x: f64[n], y: out f64[n], n: size)"
	for want, bind := range map[string]func() error{
		"want a func(context.Context, ...) (..., error)": func() error { _, err := wasmffi.Bind[int](lib, dot); return err },
		"bind dot to func([]float64, []float64) (float64, error): want a func": func() error {
			_, err := wasmffi.Bind[func([]float64, []float64) (float64, error)](lib, dot)
			return err
		},
		"bind dot to func(context.Context, []float64, []float64) float64: want a func": func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64, []float64) float64](lib, dot)
			return err
		},
		"it has 3 parameters after the context, want 2, or 2 without": func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64, []float64, int) (float64, error)](lib, dot)
			return err
		},
		"parameter 2: y is f64[n], Go type is []float32, want a slice of its element type": func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64, []float32) (float64, error)](lib, dot)
			return err
		},
		"Go type is []wasmffi_test.celsius": func() error {
			_, err := wasmffi.Bind[func(context.Context, []celsius, []float64) (float64, error)](lib, dot)
			return err
		},
		"result 1: dot gives a result of type float64, Go type is float32": func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64, []float64) (float32, error)](lib, dot)
			return err
		},
		`it has 0 results before the error, want 1 ["the result"]`: func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64, []float64) error](lib, dot)
			return err
		},
		`it has 0 results before the error, want 1 ["y"]`: func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64) error](lib, stencil)
			return err
		},
		"output y is out f64[n], Go type is []int64": func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64) ([]int64, error)](lib, stencil)
			return err
		},
		"parameter 2: a is f64, Go type is string": func() error {
			_, err := wasmffi.Bind[func(context.Context, []float64, string) error](lib, "scale(x: inout f64[n], n: size, a: f64)")
			return err
		},
	} {
		require.ErrorContains(t, bind(), want)
	}
}
