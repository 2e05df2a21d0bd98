package wasmffi_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// What a person reads when an argument of each kind of signature does not fit. Nothing of
// the guest and nothing of the caller changes.
func TestLanguageRefuses(t *testing.T) {
	lib := open(t, wasm.Sigs)
	x := array(t, lib, []float64{1, 2, 3, 4})
	half, err := x.Sub(0, 0, 4, 2)
	require.NoError(t, err)
	matrix, err := x.Reshape(2, 2)
	require.NoError(t, err)
	off, err := memview.AsArray(lib.Memory(), x.Ptr()+4, memview.F32, 2)
	require.NoError(t, err)
	const (
		gemm  = "gemm(a: T[m,k], b: T[k,n], c: out T[m,n], m: size, k: size, n: size, t: i32 = typecode(a)) where T in f32|f64"
		conv  = "conv1d(x: f64[m], y: f64[n], z: out f64[m+n-1] align(16), m: size, n: size) where m+n >= 1"
		dgemm = "dgemm(m: i32, n: i32, k: i32, alpha: f64, a: f64[m,k], lda: i32 = k, b: f64[k,n], ldb: i32 = n, beta: f64, c: inout f64[m,n], ldc: i32 = n)"
		pack  = "rle_compress(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size, level: i32) -> size"
		setup = "type Setup = opaque free(setup_free); setup_scale(s: Setup, x: inout f64[n], n: size)"
		sort  = "qsort_bytes(base: inout any[n], n: size, width: size = itemsize(base))"
		axpy  = "daxpy_strided(n: i32, alpha: f64, x: f64[n] strided, sx: i32 = stride(x,0), y: inout f64[n] strided, sy: i32 = stride(y,0))"
	)
	for _, c := range []struct {
		sig  string
		args []any
		want string
		kind error
	}{
		{gemm, []any{matrix, goArray(t, make([]float64, 9), 3, 3)}, `gemm: argument 2 "b": shape[0] is 3, want k=2 (from a.shape[1])`, constraints.ErrShape},
		{gemm, []any{matrix}, "gemm: 1 argument, want 3 (a: T[m,k], b: T[k,n], c: out T[m,n]), or 2 without the out arrays", constraints.ErrArgs},
		{gemm, []any{goArray(t, []uint8{1}, 1, 1), matrix}, `gemm: argument 1 "a": dtype is uint8, want f32|f64`, constraints.ErrDType},
		{conv, []any{x, half}, `conv1d: argument 2 "y": layout is strides (16,) for shape (2,), want C order`, constraints.ErrLayout},
		{conv, []any{x, []float64{1}, off}, `conv1d: argument 3 "z": dtype is float32, want float64`, constraints.ErrDType},
		{dgemm, []any{1.0, matrix, matrix, 0.0}, "", constraints.ErrArgs},
		{dgemm, []any{1.0, matrix, goArray(t, make([]float64, 4), 2, 2), 0.0, matrix}, "", constraints.ErrOverlap},
		{dgemm, []any{"one", matrix, matrix, 0.0, goArray(t, make([]float64, 4), 2, 2)}, `dgemm: argument 1 "alpha": it is a string, want float64`, constraints.ErrScalar},
		{pack, []any{wasmffi.New(8), []byte("aa"), 1e9}, `rle_compress: argument 3 "level": it is the float 1e+09, want int32 from -2147483648 to 2147483647`, constraints.ErrScalar},
		{pack, []any{[]byte("aa"), 1}, `rle_compress: parameter 1 "dst": dimension cap is not known, want an array for dst, or wasmffi.New(...)`, constraints.ErrArgs},
		{setup, []any{wasmffi.Handle{}, []float64{1}}, `setup_scale: argument 1 "s": it is the zero Handle, want a Handle of type Setup`, constraints.ErrArray},
		{setup, []any{nil, []float64{1}}, `setup_scale: argument 1 "s": it is nil, want Setup, which is not nullable`, constraints.ErrArray},
		{sort, []any{half}, "", constraints.ErrLayout},
		{sort, []any{5}, `qsort_bytes: argument 1 "base": it is an integer, want an array`, constraints.ErrArray},
		{axpy, []any{1.0, half, x}, "", constraints.ErrShape},
		{axpy, []any{1.0, half, half}, "", constraints.ErrOverlap},
		{"sum_strided(x: f64[m,n] strided desc) -> f64", []any{x}, `sum_strided: argument 1 "x": ndim is 1, want 2`, constraints.ErrNDim},
		{"rdft(x: f64[n], n: size, y: out c128[n/2+1])", []any{x, make([]complex128, 2)}, `rdft: argument 2 "y": shape[0] is 2, want n/2+1=3 (from n=4)`, constraints.ErrShape},
		{"modf2(x: f64, ip: out f64) -> f64", []any{1, 2}, `modf2: 2 arguments, want 1 (x: f64)`, constraints.ErrArgs},
		{`"Foo#bar"(x: f64[n], n: size) -> f64`, []any{matrix}, `"Foo#bar": argument 1 "x": ndim is 2, want 1`, constraints.ErrNDim},
		{"hist(x: u8[m], m: size, bins: out u32[k], k: size)", []any{[]byte{1}, wasmffi.New(-3)}, `hist: argument 2 "bins": shape[0] is -3, want 0 or more`, constraints.ErrShape},
		{"text_length(s: cstr nullable) -> i32", []any{[]byte("x")}, `text_length: argument 1 "s": it is a slice, want a string`, constraints.ErrArgs},
	} {
		f := bind(t, lib, c.sig)
		before := digest(t, lib)
		_, err := f.Call(bg, c.args...)
		require.ErrorIs(t, err, wasmffi.ErrNotRun, c.sig)
		require.ErrorIs(t, err, c.kind, c.sig)
		if c.want != "" {
			require.EqualError(t, err, c.want)
		}
		require.Equal(t, before, digest(t, lib), c.sig)
	}
}

// The block that %+v prints, for one call that says all there is to say.
func TestLanguageDetail(t *testing.T) {
	lib := open(t, wasm.Sigs)
	x := array(t, lib, []float64{1, 2, 3, 4})
	conv := bind(t, lib, "conv1d(x: f64[m], y: f64[n], z: out f64[m+n-1] align(16), m: size, n: size) where m+n >= 1")
	_, err := conv.Call(bg, x, []float64{1, 2}, x)
	require.Equal(t, fmt.Sprintf(`conv1d: argument 3 "z": shape[0] is 4, want m+n-1=5 (from m=4, n=2)
  signature: conv1d(x: f64[m], y: f64[n], z: out f64[m+n-1] align(16), m: size, n: size) where m+n >= 1
  called as: conv1d(x: f64[4] @%#x, y: f64[2] in Go memory, z: f64[4] @%#[1]x)
  bound:     m=4 from x.shape[0], n=2 from y.shape[0]`, uint32(x.Ptr())), fmt.Sprintf("%+v", err))
	gemm := bind(t, lib, "gemm(a: T[m,k], b: T[k,n], c: out T[m,n], m: size, k: size, n: size, t: i32 = typecode(a)) where T in f32|f64")
	_, err = gemm.Call(bg, goArray(t, []float32{1}, 1, 1), goArray(t, []float64{1}, 1, 1))
	require.ErrorContains(t, err, `gemm: argument 2 "b": dtype is float64, want T=float32 (from a.dtype)`)
	require.Contains(t, fmt.Sprintf("%+v", err), "bound:     m=1 from a.shape[0], k=1 from a.shape[1], T=float32 from a.dtype")
}

func TestLanguageRuns(t *testing.T) {
	lib := open(t, wasm.Sigs)
	r := call(t, bind(t, lib, "hist(x: u8[m], m: size, bins: out u32[k], k: size)"), []byte{0, 1, 200, 255}, wasmffi.New(2))
	require.Equal(t, []uint32{2, 2}, take[uint32](t, r, "bins"))
	r = call(t, bind(t, lib, "modf2(x: f64, ip: out f64) -> f64"), -2.75)
	require.Equal(t, []float64{-0.75, -2}, []float64{r.Float64(), r.OutFloat("ip")})
	r = call(t, bind(t, lib, `"Foo#bar"(x: f64[n], n: size) -> f64`), []float64{1, 2, 3})
	require.NotZero(t, r.Float64())
}
