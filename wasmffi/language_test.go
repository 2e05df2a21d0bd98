package wasmffi_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// The signature language against a guest that means what it says: one test for each thing
// that a signature can say beyond plain arrays and their extents.

func take[T any](t testing.TB, r wasmffi.Result, name string) []T {
	t.Helper()
	v, err := wasmffi.Take[T](r, name)
	require.NoError(t, err)
	return v
}

func TestTypeVariables(t *testing.T) {
	lib := open(t, wasm.Sigs)
	gemm := bind(t, lib, "gemm(a: T[m,k], b: T[k,n], c: out T[m,n], m: size, k: size, n: size, t: i32 = typecode(a)) where T in f32|f64")
	a, b := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 0, 0, 1, 1, 1}
	r, err := gemm.Call(bg, goArray(t, a, 2, 3), goArray(t, b, 3, 2))
	require.NoError(t, err)
	require.Equal(t, []float64{4, 5, 10, 11}, take[float64](t, r, "c"))
	narrow := func(s []float64) (out []float32) {
		for _, v := range s {
			out = append(out, float32(v))
		}
		return out
	}
	r, err = gemm.Call(bg, goArray(t, narrow(a), 2, 3), goArray(t, narrow(b), 3, 2))
	require.NoError(t, err)
	require.Equal(t, []float32{4, 5, 10, 11}, take[float32](t, r, "c"))
	_, err = gemm.Call(bg, goArray(t, a, 2, 3), goArray(t, narrow(b), 3, 2))
	require.EqualError(t, err, `gemm: argument 2 "b": dtype is float32, want T=float64 (from a.dtype)`)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = gemm.Call(bg, goArray(t, []int32{1}, 1, 1), goArray(t, []int32{1}, 1, 1))
	require.EqualError(t, err, `gemm: argument 1 "a": dtype is int32, want f32|f64`)

	norm := bind(t, lib, "norm(x: f*[n], n: size, t: i32 = typecode(x)) -> f64")
	for _, x := range []any{[]float64{3, 4}, []float32{3, 4}} {
		r, err := norm.Call(bg, x)
		require.NoError(t, err)
		require.InDelta(t, 5, r.Float64(), 1e-6)
	}
	half, err := memview.Zeros(memview.F16, 2)
	require.NoError(t, err)
	require.NoError(t, half.Set(3.0, 0))
	require.NoError(t, half.Set(4.0, 1))
	r, err = norm.Call(bg, half)
	require.NoError(t, err)
	require.InDelta(t, 5, r.Float64(), 1e-6)
	_, err = norm.Call(bg, []int64{3, 4})
	require.EqualError(t, err, `norm: argument 1 "x": dtype is int64, want f*`)
}

func TestExpressions(t *testing.T) {
	lib := open(t, wasm.Sigs)
	conv := bind(t, lib, "conv1d(x: f64[m], y: f64[n], z: out f64[m+n-1] align(16), m: size, n: size) where m+n >= 1")
	r, err := conv.Call(bg, []float64{1, 2, 3}, []float64{1, 1})
	require.NoError(t, err)
	require.EqualValues(t, 0, r.Out("z").Ptr()%16)
	require.Equal(t, []float64{1, 3, 5, 3}, take[float64](t, r, "z"))
	_, err = conv.Call(bg, []float64{1, 2, 3}, []float64{1, 1}, make([]float64, 5))
	require.EqualError(t, err, `conv1d: argument 3 "z": shape[0] is 5, want m+n-1=4 (from m=3, n=2)`)
	_, err = conv.Call(bg, []float64{}, []float64{})
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.ErrorIs(t, err, constraints.ErrExpr)

	rdft := bind(t, lib, "rdft(x: f64[n], n: size, y: out c128[n/2+1])")
	r, err = rdft.Call(bg, []float64{1, 0, 0, 0, 0})
	require.NoError(t, err)
	require.Equal(t, []complex128{1, 1, 1}, take[complex128](t, r, "y"))

	halve := bind(t, lib, "halve(x: f64[n], n: size, y: out f64[n/2]) where n % 2 == 0, n > 4")
	_, err = halve.Call(bg, []float64{1, 2, 3, 4, 5, 6})
	require.NoError(t, err)
	_, err = halve.Call(bg, []float64{1, 2, 3})
	require.EqualError(t, err, "halve: condition n%2 == 0 is not met: 1 == 0 (from n=3)")
	require.ErrorIs(t, err, constraints.ErrCondition)
	_, err = halve.Call(bg, []float64{1, 2})
	require.EqualError(t, err, "halve: condition n > 4 is not met: 2 > 4 (from n=2)")

	fill := bind(t, lib, "fill_bytes(x: out f64[n], bytes: size = nbytes(x))")
	r, err = fill.Call(bg, wasmffi.New(3))
	require.NoError(t, err)
	x := take[float64](t, r, "x")
	require.Equal(t, []uint64{0x0706050403020100, 0x1716151413121110}, []uint64{math.Float64bits(x[0]), math.Float64bits(x[2])})
}

func TestComputedScalars(t *testing.T) {
	lib := open(t, wasm.Sigs)
	dgemm := bind(t, lib, "dgemm(m: i32, n: i32, k: i32, alpha: f64, a: f64[m,k], lda: i32 = k, b: f64[k,n], ldb: i32 = n, beta: f64, c: inout f64[m,n], ldc: i32 = n)")
	c := []float64{1, 1, 1, 1}
	_, err := dgemm.Call(bg, 2.0, goArray(t, []float64{1, 2, 3, 4}, 2, 2), goArray(t, []float64{1, 0, 0, 1}, 2, 2), 1.0, goArray(t, c, 2, 2))
	require.NoError(t, err)
	require.Equal(t, []float64{3, 5, 7, 9}, c)

	axpy := bind(t, lib, "daxpy_strided(n: i32, alpha: f64, x: f64[n] strided, sx: i32 = stride(x,0), y: inout f64[n] strided, sy: i32 = stride(y,0))")
	x := array(t, lib, []float64{1, 2, 3, 4, 5, 6})
	y := array(t, lib, []float64{0, 0, 0})
	back, err := x.Sub(0, 4, -1, -2)
	require.NoError(t, err)
	_, err = axpy.Call(bg, 10, back, y)
	require.NoError(t, err)
	require.Equal(t, []float64{50, 30, 10}, values[float64](t, y))
	// Over Go memory the copy is dense, and so are the strides.
	s := []float64{1, 2, 3, 4, 5, 6}
	odd, err := memview.FromStrided(s, []int{3}, []int{2})
	require.NoError(t, err)
	_, err = axpy.Call(bg, 1, []float64{10, 20, 30}, odd)
	require.NoError(t, err)
	require.Equal(t, []float64{11, 2, 23, 4, 35, 6}, s)
}

func TestDescriptors(t *testing.T) {
	lib := open(t, wasm.Sigs)
	sum := bind(t, lib, "sum_strided(x: f64[m,n] strided desc) -> f64")
	m := array(t, lib, goArray(t, []float64{1, 2, 3, 4, 5, 6}, 2, 3))
	tr, err := m.Transpose()
	require.NoError(t, err)
	col, err := m.Sub(1, 2, -1, -2)
	require.NoError(t, err)
	for _, c := range []struct {
		x    memview.Array
		want float64
	}{{m, 21}, {tr, 21}, {col, 14}, {goArray(t, []float64{1, 2, 3, 4}, 2, 2), 10}, {goArray(t, []float64{}, 0, 3), 0}} {
		r, err := sum.Call(bg, c.x)
		require.NoError(t, err)
		require.Equal(t, c.want, r.Float64())
	}
}

func TestOpenElements(t *testing.T) {
	lib := open(t, wasm.Sigs)
	sort := bind(t, lib, "qsort_bytes(base: inout any[n], n: size, width: size = itemsize(base))")
	u8 := []uint8{3, 1, 2}
	_, err := sort.Call(bg, u8)
	require.NoError(t, err)
	require.Equal(t, []uint8{1, 2, 3}, u8)
	pairs := [][2]uint8{{2, 1}, {1, 9}, {1, 2}}
	_, err = sort.Call(bg, goArray(t, pairs))
	require.Error(t, err, "two dimensions")

	add := bind(t, lib, "typed_add(x: T[n], y: T[n], z: out T[n], n: size, w: size = itemsize(x)) where T in i8|i16|i32|i64")
	r, err := add.Call(bg, []int16{300, 2}, []int16{1, 2})
	require.NoError(t, err)
	require.Equal(t, []int16{301, 4}, take[int16](t, r, "z"))
	r, err = add.Call(bg, []int64{1 << 40}, []int64{1})
	require.NoError(t, err)
	require.Equal(t, []int64{1<<40 + 1}, take[int64](t, r, "z"))
}

func TestLayouts(t *testing.T) {
	lib := open(t, wasm.Sigs)
	fsum := bind(t, lib, "fsum(x: f64[m,n] F, m: size, n: size) -> f64")
	c := goArray(t, []float64{1, 2, 3, 4, 5, 6}, 2, 3)
	want, err := fsum.Call(bg, c)
	require.NoError(t, err)
	guest := array(t, lib, []float64{1, 4, 2, 5, 3, 6}, 3, 2) // the same matrix, transposed in memory
	f, err := guest.Transpose()
	require.NoError(t, err)
	got, err := fsum.Call(bg, f)
	require.NoError(t, err)
	require.Equal(t, want.Float64(), got.Float64())
	_, err = fsum.Call(bg, array(t, lib, c))
	require.EqualError(t, err, `fsum: argument 1 "x": layout is strides (24, 8) for shape (2, 3), want Fortran order`)
}

func TestNullable(t *testing.T) {
	lib := open(t, wasm.Sigs)
	optional := bind(t, lib, "optional(x: f64[n] nullable, n: size) -> f64")
	r, err := optional.Call(bg, []float64{1, 2})
	require.NoError(t, err)
	some := r.Float64()
	r, err = optional.Call(bg, nil)
	require.NoError(t, err)
	require.NotEqual(t, some, r.Float64())
	mean := bind(t, lib, "mean(x: f64[n] finite, n: size) -> f64 where n > 0")
	_, err = mean.Call(bg, nil)
	require.EqualError(t, err, `mean: argument 1 "x": it is nil, want f64[n] finite, which is not nullable`)
	_, err = mean.Call(bg, []float64{1, math.NaN(), 3})
	require.EqualError(t, err, `mean: argument 1 "x": element [1] is NaN or infinite, want finite elements`)
	require.ErrorIs(t, err, constraints.ErrFinite)
	r, err = mean.Call(bg, []float64{1, 2, 3})
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Float64())
}

func TestTexts(t *testing.T) {
	lib := open(t, wasm.Sigs)
	length := bind(t, lib, "text_length(s: cstr nullable) -> i32")
	for text, want := range map[string]int64{"": 0, "abc": 3, "日本": 6} {
		r, err := length.Call(bg, text)
		require.NoError(t, err)
		require.Equal(t, want, r.Int())
	}
	r, err := length.Call(bg, nil)
	require.NoError(t, err)
	require.EqualValues(t, -1, r.Int())
	_, err = length.Call(bg, "a\x00b")
	require.EqualError(t, err, `text_length: argument 1 "s": it is text with a NUL at byte 1, want text that C can end`)
	_, err = length.Call(bg, 5)
	require.EqualError(t, err, `text_length: argument 1 "s": it is an integer, want a string`)

	r, err = bind(t, lib, "version() -> cstr").Call(bg)
	require.NoError(t, err)
	require.NotEmpty(t, r.Text())
	require.Equal(t, r.Text(), r.Value())
	_, err = bind(t, lib, "text_wild() -> cstr").Call(bg)
	require.ErrorIs(t, err, memview.ErrBounds)
	require.NotErrorIs(t, err, wasmffi.ErrNotRun)
}

func TestHandles(t *testing.T) {
	lib := open(t, wasm.Sigs)
	const decl = "type Setup = opaque free(setup_free); "
	create := bind(t, lib, decl+"setup_new(n: i32, kind: i32) -> Setup")
	scale := bind(t, lib, decl+"setup_scale(s: Setup, x: inout f64[n], n: size)")
	count := bind(t, lib, "setup_count() -> i32")
	opened := func() int64 {
		r, err := count.Call(bg)
		require.NoError(t, err)
		return r.Int()
	}
	before := opened()
	r, err := create.Call(bg, 4, 2)
	require.NoError(t, err)
	s := r.Handle()
	require.Equal(t, "Setup", s.Type())
	require.Equal(t, before+1, opened())
	x := []float64{1, 2, 3, 4}
	_, err = scale.Call(bg, s, x)
	require.NoError(t, err)
	require.NotEqual(t, []float64{1, 2, 3, 4}, x)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.Equal(t, before, opened())
	_, err = scale.Call(bg, s, x)
	require.ErrorIs(t, err, wasmffi.ErrFreed)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	_, err = scale.Call(bg, 5, x)
	require.EqualError(t, err, `setup_scale: argument 1 "s": it is an integer, want a Handle of type Setup`)
	_, err = scale.Call(bg, nil, x)
	require.Error(t, err)
	other := open(t, wasm.Sigs)
	r, err = bind(t, other, decl+"setup_new(n: i32, kind: i32) -> Setup").Call(bg, 4, 2)
	require.NoError(t, err)
	_, err = scale.Call(bg, r.Handle(), x)
	require.ErrorIs(t, err, wasmffi.ErrMemory)
	_, err = bind(t, lib, decl+"setup_none() -> Setup").Call(bg)
	require.ErrorIs(t, err, memview.ErrNull)
}

func TestLenOfOutputs(t *testing.T) {
	lib := open(t, wasm.Sigs)
	pack := bind(t, lib, "rle_compress(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size, level: i32) -> size")
	src := []byte("aaaaaaaabbbbbbbbcccc")
	r, err := pack.Call(bg, wasmffi.New(64), src, 1)
	require.NoError(t, err)
	n := r.Uint()
	require.Less(t, n, uint64(len(src)))
	packed := take[uint8](t, r, "dst")
	require.Len(t, packed, int(n))
	// Into a slice of the caller: the result says how much of it counts.
	dst := make([]byte, 64)
	r, err = pack.Call(bg, dst, src, 1)
	require.NoError(t, err)
	require.Equal(t, packed, dst[:n])
	require.Equal(t, packed, values[uint8](t, r.Out("dst")))
	// A guest that says more than there is room for is not believed.
	small := slices.Repeat([]byte{7}, 2)
	_, err = pack.Call(bg, small, src, 1)
	require.ErrorIs(t, err, constraints.ErrShape)
	require.Equal(t, []byte{7, 7}, small)
}

func TestOwnedResults(t *testing.T) {
	lib := open(t, wasm.Sigs)
	get := bind(t, lib, "get(k: i32, n_out: out size) -> f64[n_out] nullable owned")
	size := lib.Memory().Size()
	for range 2000 {
		r, err := get.Call(bg, 1000)
		require.NoError(t, err)
		require.EqualValues(t, 1000, r.OutInt("n_out"))
		require.Equal(t, 999.0, values[float64](t, r.Array())[999])
		require.NoError(t, r.Free())
		require.NoError(t, r.Free())
		_, err = memview.Values[float64](r.Array())
		require.ErrorIs(t, err, wasmffi.ErrFreed)
	}
	require.LessOrEqual(t, lib.Memory().Size(), size+1<<20, "nothing leaks")
	r, err := get.Call(bg, -1)
	require.NoError(t, err)
	require.True(t, r.Array().IsZero())
	require.NoError(t, r.Free())
	_, err = get.Call(bg, 1000000)
	require.ErrorIs(t, err, memview.ErrBounds)
}

func TestOverlapOfArguments(t *testing.T) {
	lib := open(t, wasm.Vec)
	stencil := bind(t, lib, "stencil3(x: f64[n], y: out f64[n], n: size)")
	x := array(t, lib, []float64{1, 2, 3, 4})
	_, err := stencil.Call(bg, x, x)
	require.ErrorIs(t, err, constraints.ErrOverlap)
	require.ErrorIs(t, err, wasmffi.ErrNotRun)
	require.Equal(t, []float64{1, 2, 3, 4}, values[float64](t, x))
	s := []float64{1, 2, 3, 4}
	_, err = stencil.Call(bg, s, s)
	require.ErrorIs(t, err, constraints.ErrOverlap)
	_, err = stencil.Call(bg, s[:2], s[2:])
	require.NoError(t, err)
	same := open(t, wasm.Sigs)
	alias := bind(t, same, "alias_copy(x: f64[n], y: out f64[n] mayalias, n: size)")
	a := array(t, same, []float64{1, 2, 3})
	_, err = alias.Call(bg, a, a)
	require.NoError(t, err)
}
