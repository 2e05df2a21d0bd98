package wasmffi_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// tensor is an array of a test whose element type the table need not know.
type tensor struct {
	slice any           // a flat Go slice
	array wasmffi.Array // over it, with its shape
	equal func(t testing.TB, got wasmffi.Array, what string)
}

func tensorOf[T any](s []T, shape ...int) tensor {
	return tensor{s, must(memview.FromSlice(s, shape...)), func(t testing.TB, got wasmffi.Array, what string) {
		t.Helper()
		require.Equal(t, s, values[T](t, got), what)
	}}
}

// forms are the ways in which a caller may hold the same array. Each makes a new copy of it.
var forms = []struct {
	name string
	make func(lib *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error)
}{
	{"Go memory", func(_ *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error) {
		return copied(memview.Zeros(a.DType(), a.Shape()...))(a)
	}},
	{"Go memory, big-endian", func(_ *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error) {
		return copied(memview.Zeros(a.DType().BigEndian(), a.Shape()...))(a)
	}},
	{"Go memory, Fortran order", func(_ *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error) {
		turned, err := a.Transpose()
		if err != nil {
			return a, err
		}
		z, err := memview.Zeros(a.DType(), turned.Shape()...)
		if err != nil {
			return a, err
		}
		return copied(z.Transpose())(a)
	}},
	{"Go memory, gaps, downwards", func(_ *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error) {
		shape := a.Shape()
		for i := range shape {
			shape[i] = 2*shape[i] + 3
		}
		z, err := memview.Zeros(a.DType(), shape...)
		for axis := 0; axis < a.NDim() && err == nil; axis++ {
			if n := a.Dim(axis); n > 0 {
				z, err = z.Sub(axis, 2*n, 0, -2)
			} else {
				z, err = z.Sub(axis, 1, 1, 1)
			}
		}
		return copied(z, err)(a)
	}},
	{"guest memory", func(lib *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error) { return lib.Array(a) }},
	{"view of guest memory", func(lib *wasmffi.Library, a wasmffi.Array) (wasmffi.Array, error) {
		if a.NDim() == 0 {
			return lib.Array(a)
		}
		shape := a.Shape()
		shape[0] += 5
		z, err := lib.Empty(a.DType(), shape...)
		if err != nil {
			return a, err
		}
		return copied(z.Sub(0, 3, 3+a.Dim(0), 1))(a)
	}},
}

// copied fills a new array with the elements of another one.
func copied(z wasmffi.Array, err error) func(wasmffi.Array) (wasmffi.Array, error) {
	return func(from wasmffi.Array) (wasmffi.Array, error) {
		if err == nil {
			err = memview.Copy(z, from)
		}
		return z, err
	}
}

// kernel is one export of vec.wasm and the same computation in Go.
type kernel struct {
	sig string
	// run makes arguments for a size, and what the outputs hold afterwards, by
	// name; result is nil where there is none.
	run func(r *rand.Rand, n int) (args []any, want map[string]tensor, result any)
}

// whole makes floats that are small integers, of which sums and products are exact in any order.
func whole[T ~float32 | ~float64](r *rand.Rand, n int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = T(r.IntN(2001) - 1000)
	}
	return s
}

func reals(r *rand.Rand, n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = r.NormFloat64() * 1e3
	}
	return s
}

type particle struct {
	X  float32 `dtype:"x"`
	Y  float32 `dtype:"y"`
	Z  float32 `dtype:"z"`
	ID int32   `dtype:"id"`
}

const particleDecl = "type Particle = {x: f32, y: f32, z: f32, id: i32}; "

// particles are structs as the signature declares them.
func particles(r *rand.Rand, n int) []particle {
	s := make([]particle, n)
	for i := range s {
		s[i] = particle{float32(r.IntN(100)), float32(r.IntN(100)), float32(r.IntN(100)), int32(i)}
	}
	return s
}

type vec = map[string]tensor

var kernels = []kernel{
	{"dot(x: f64[n], y: f64[n], n: size) -> f64", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, y, s := whole[float64](r, n), whole[float64](r, n), 0.0
		for i := range x {
			s += x[i] * y[i]
		}
		return []any{tensorOf(x), tensorOf(y)}, nil, s
	}},
	{"sum(x: f64[n], n: size) -> f64", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, s := whole[float64](r, n), 0.0
		for _, v := range x {
			s += v
		}
		return []any{tensorOf(x)}, nil, s
	}},
	{"saxpy(n: size, a: f32, x: f32[n], y: inout f32[n])", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, y, z := whole[float32](r, n), whole[float32](r, n), make([]float32, n)
		for i := range x {
			z[i] = y[i] + 3*x[i]
		}
		return []any{3, tensorOf(x), tensorOf(y)}, vec{"y": tensorOf(z)}, nil
	}},
	{"daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, y, z := reals(r, n), reals(r, n), make([]float64, n)
		for i := range x {
			z[i] = y[i] + float64(0.1*x[i]) // the conversion keeps Go from fusing the two
		}
		return []any{0.1, tensorOf(x), tensorOf(y)}, vec{"y": tensorOf(z)}, nil
	}},
	{"scale(x: inout f64[n], n: size, a: f64)", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, z := reals(r, n), make([]float64, n)
		for i := range x {
			z[i] = x[i] * -1.7
		}
		return []any{tensorOf(x), -1.7}, vec{"x": tensorOf(z)}, nil
	}},
	{"stencil3(x: f64[n], y: out f64[n], n: size)", func(r *rand.Rand, n int) ([]any, vec, any) {
		x := reals(r, n)
		z := append([]float64{}, x...)
		for i := 1; i+1 < n; i++ {
			z[i] = (x[i-1] + x[i] + x[i+1]) / 3
		}
		return []any{tensorOf(x), tensorOf(make([]float64, n))}, vec{"y": tensorOf(z)}, nil
	}},
	{"cmul(x: c128[n], y: c128[n], z: out c128[n], n: size)", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, y, z := make([]complex128, n), make([]complex128, n), make([]complex128, n)
		for i := range x {
			x[i] = complex(float64(r.IntN(99)), float64(r.IntN(99)))
			y[i] = complex(float64(r.IntN(99)), -float64(r.IntN(99)))
			z[i] = x[i] * y[i]
		}
		return []any{tensorOf(x), tensorOf(y), tensorOf(make([]complex128, n))}, vec{"z": tensorOf(z)}, nil
	}},
	{"prefix_sum(x: i64[n], y: out i64[n], n: size)", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, z, s := make([]int64, n), make([]int64, n), int64(0)
		for i := range x {
			x[i] = int64(r.Uint64())
			s += x[i] // wraps around on both sides
			z[i] = s
		}
		return []any{tensorOf(x), tensorOf(make([]int64, n))}, vec{"y": tensorOf(z)}, nil
	}},
	{"linspace(a: f64, b: f64, n: size, y: out f64[n])", func(r *rand.Rand, n int) ([]any, vec, any) {
		a, b, z := r.NormFloat64(), r.NormFloat64(), make([]float64, n)
		for i := range z {
			z[i] = float64(float64(i)*((b-a)/float64(n-1))) + a
		}
		if n > 0 {
			z[0] = a
		}
		if n > 1 {
			z[n-1] = b
		}
		return []any{a, b, tensorOf(make([]float64, n))}, vec{"y": tensorOf(z)}, nil
	}},
	{"matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)", func(r *rand.Rand, n int) ([]any, vec, any) {
		m, k := min(n, 1+r.IntN(40)), min(n, 1+r.IntN(40))
		n = min(n, 37)
		a, b, c := whole[float64](r, m*k), whole[float64](r, k*n), make([]float64, m*n)
		for i := range m {
			for j := range n {
				for p := range k {
					c[i*n+j] += a[i*k+p] * b[p*n+j]
				}
			}
		}
		return []any{tensorOf(a, m, k), tensorOf(b, k, n), tensorOf(make([]float64, m*n), m, n)}, vec{"c": tensorOf(c, m, n)}, nil
	}},
	{"blur(img: inout u8[h,w,c], h: size, w: size, c: size) -> i32 ok(0)", func(r *rand.Rand, n int) ([]any, vec, any) {
		h, w, c := min(n, 1+r.IntN(30)), min(n, 30), 1+r.IntN(4)
		img := make([]uint8, h*w*c)
		for i := range img {
			img[i] = uint8(r.Uint32())
		}
		return []any{tensorOf(img, h, w, c)}, vec{"img": tensorOf(blurred(img, h, w, c), h, w, c)}, int64(0)
	}},
	{"histogram(x: u8[n], n: size, bins: out u32[256])", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, z := make([]uint8, n), make([]uint32, 256)
		for i := range x {
			x[i] = uint8(r.Uint32())
			z[x[i]]++
		}
		return []any{tensorOf(x), tensorOf(make([]uint32, 256))}, vec{"bins": tensorOf(z)}, nil
	}},
	{particleDecl + "centroid(p: Particle[n], n: size, out_xyz: out f64[3])", func(r *rand.Rand, n int) ([]any, vec, any) {
		p, z := particles(r, n), make([]float64, 3)
		for _, one := range p {
			z[0], z[1], z[2] = z[0]+float64(one.X), z[1]+float64(one.Y), z[2]+float64(one.Z)
		}
		for i := range z {
			z[i] /= float64(max(n, 1))
		}
		return []any{tensorOf(p), tensorOf(make([]float64, 3))}, vec{"out_xyz": tensorOf(z)}, nil
	}},
	{"count_true(x: bool[n], n: size) -> size", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, count := make([]bool, n), uint64(0)
		for i := range x {
			if x[i] = r.IntN(3) == 0; x[i] {
				count++
			}
		}
		return []any{tensorOf(x)}, nil, count
	}},
	{"any_true(x: bool[n], n: size) -> bool", func(r *rand.Rand, n int) ([]any, vec, any) {
		x := make([]bool, n)
		if n > 1 && n%2 == 1 {
			x[r.IntN(n)] = true
		}
		return []any{tensorOf(x)}, nil, n > 1 && n%2 == 1
	}},
	{"set_bytes(x: out bool[n], n: size, v: i32)", func(r *rand.Rand, n int) ([]any, vec, any) {
		x := make([]bool, n)
		for i := range x {
			x[i] = true
		}
		return []any{tensorOf(make([]bool, n)), 1}, vec{"x": tensorOf(x)}, nil
	}},
	{"first_half(x: out f64[n], n: size)", func(r *rand.Rand, n int) ([]any, vec, any) {
		z := make([]float64, n)
		for i := range n / 2 {
			z[i] = 1
		}
		return []any{tensorOf(reals(r, n))}, vec{"x": tensorOf(z)}, nil
	}},
	{"fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)", func(r *rand.Rand, n int) ([]any, vec, any) {
		x, z := reals(r, n), make([]float64, n)
		for i := range x {
			z[i] = 2 * x[i]
		}
		return []any{tensorOf(x), 0}, vec{"x": tensorOf(z)}, int64(0)
	}},
}

// agree calls a kernel and holds every output and the result against Go's.
func agree(t testing.TB, f *wasmffi.Func, args []any, want vec, result any, what string) {
	t.Helper()
	r, err := f.Call(bg, args...)
	require.NoError(t, err, what)
	for name, w := range want {
		w.equal(t, r.Out(name), what+": "+name)
	}
	switch want := result.(type) {
	case float64:
		require.Equal(t, want, r.Float64(), what)
	case int64:
		require.Equal(t, want, r.Int(), what)
	case uint64:
		require.Equal(t, want, r.Uint(), what)
	case bool:
		require.Equal(t, want, r.Bool(), what)
	default:
		require.Nil(t, r.Value(), what)
	}
	require.NoError(t, r.Free(), what)
}

// Every kernel gives what Go computes, whatever memory and layout its arrays
// have. Sizes are the corners, and others of every remainder.
func TestKernels(t *testing.T) {
	sizes := []int{0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 255}
	for _, k := range kernels {
		lib := open(t, wasm.Vec)
		f := bind(t, lib, k.sig)
		t.Run(f.Name(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for _, n := range sizes {
				args, want, result := k.run(r, n)
				slices := make([]any, len(args))
				dense := true
				for i, a := range args {
					slices[i] = a
					if a, ok := a.(tensor); ok {
						dense = dense && a.array.NDim() == 1
						slices[i] = must(memview.Zeros(a.array.DType(), a.array.Shape()...))
						require.NoError(t, memview.Copy(slices[i].(wasmffi.Array), a.array))
					}
				}
				for _, form := range forms {
					what := fmt.Sprintf("n=%d, %s", n, form.name)
					given := make([]any, len(args))
					for i, a := range args {
						given[i] = a
						if a, ok := a.(tensor); ok {
							made, err := form.make(lib, a.array)
							require.NoError(t, err, what)
							given[i] = made
						}
					}
					agree(t, f, given, want, result, what)
				}
				if dense { // last: it writes to the slices of the table
					for i, a := range args {
						if a, ok := a.(tensor); ok {
							args[i] = a.slice
							if _, structs := a.slice.([]particle); structs {
								args[i] = a.array
							}
						}
					}
					agree(t, f, args, want, result, fmt.Sprintf("n=%d, Go slices", n))
				}
			}
		})
	}
}

// Random sizes and a random form for each argument, by fixed seeds.
func TestKernelsMixed(t *testing.T) {
	lib := open(t, wasm.Vec)
	r := rand.New(rand.NewPCG(3, 4))
	for _, k := range kernels {
		f := bind(t, lib, k.sig)
		for range 40 {
			n := r.IntN(300)
			args, want, result := k.run(r, n)
			var what strings.Builder
			what.WriteString(fmt.Sprintf("%s n=%d", f.Name(), n))
			var owned []wasmffi.Array
			for i, a := range args {
				if a, ok := a.(tensor); ok {
					form := forms[r.IntN(len(forms))]
					what.WriteString(", " + form.name)
					made, err := form.make(lib, a.array)
					require.NoError(t, err, what.String())
					if made.Flags()&memview.OwnData != 0 && made.Memory() != nil {
						owned = append(owned, made)
					}
					args[i] = made
				}
			}
			agree(t, f, args, want, result, what.String())
			for _, a := range owned {
				require.NoError(t, lib.Free(a), what.String())
			}
		}
	}
}

// All outputs left out are made by the library and hold the same.
func TestKernelsAllocated(t *testing.T) {
	lib := open(t, wasm.Vec)
	r := rand.New(rand.NewPCG(5, 6))
	for _, tt := range []struct {
		kernel string
		out    string
	}{{"stencil3", "y"}, {"cmul", "z"}, {"prefix_sum", "y"}, {"matmul", "c"}, {"histogram", "bins"}, {"centroid", "out_xyz"}} {
		for _, k := range kernels {
			f := bind(t, lib, k.sig)
			if f.Name() != tt.kernel {
				continue
			}
			for _, n := range []int{0, 1, 2, 33, 257} {
				args, want, result := k.run(r, n)
				var given []any
				for _, a := range args[:len(args)-1] { // the output is the last of each
					given = append(given, a.(tensor).array)
				}
				agree(t, f, given, want, result, fmt.Sprintf("%s n=%d", tt.kernel, n))
			}
		}
	}
}

// linspace is where nothing else says how long the output is.
func TestKernelLinspaceNew(t *testing.T) {
	lib := open(t, wasm.Vec)
	f := bind(t, lib, "linspace(a: f64, b: f64, n: size, y: out f64[n])")
	for _, n := range []int{0, 1, 2, 5} {
		r := call(t, f, 0, 1, wasmffi.New(n))
		y, err := wasmffi.Take[float64](r, "y")
		require.NoError(t, err)
		require.Len(t, y, n)
		for i, v := range y {
			require.InDelta(t, float64(i)/math.Max(1, float64(n-1)), v, 1e-15)
		}
	}
}
