package wasm_test

import (
	"bytes"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/api"
)

func TestVec(t *testing.T) {
	g := compile(t, "vec")
	perLength := map[string]func(t *testing.T, in *instance, n int){
		"dot": func(t *testing.T, in *instance, n int) {
			x, y, want := ramp[float64](n), ramp[float64](2 * n)[n:], 0.0
			for i := range x {
				want += x[i] * y[i]
			}
			require.Equal(t, want, api.DecodeF64(in.call("dot", put(in, x), put(in, y), uint64(n))))
		},
		"sum": func(t *testing.T, in *instance, n int) {
			x, want := ramp[float64](n), 0.0
			for _, v := range x {
				want += v
			}
			require.Equal(t, want, api.DecodeF64(in.call("sum", put(in, x), uint64(n))))
		},
		"saxpy": func(t *testing.T, in *instance, n int) {
			x, y := ramp[float32](n), ramp[float32](2 * n)[n:]
			p := put(in, y)
			in.call("saxpy", uint64(n), api.EncodeF32(0.1), put(in, x), p)
			require.Equal(t, mapped(n, func(i int) float32 { return y[i] + float32(0.1*x[i]) }), get[float32](in, p, n))
		},
		"daxpy": func(t *testing.T, in *instance, n int) {
			x, y := ramp[float64](n), ramp[float64](2 * n)[n:]
			p := put(in, y)
			in.call("daxpy", uint64(n), f64(0.1), put(in, x), p)
			require.Equal(t, mapped(n, func(i int) float64 { return y[i] + float64(0.1*x[i]) }), get[float64](in, p, n))
		},
		"scale": func(t *testing.T, in *instance, n int) {
			x := ramp[float64](n)
			p := put(in, x)
			in.call("scale", p, uint64(n), f64(0.1))
			require.Equal(t, mapped(n, func(i int) float64 { return x[i] * 0.1 }), get[float64](in, p, n))
		},
		"stencil3": func(t *testing.T, in *instance, n int) {
			x, p := ramp[float64](n), put(in, garbage(n))
			in.call("stencil3", put(in, x), p, uint64(n))
			require.Equal(t, mapped(n, func(i int) float64 {
				if i == 0 || i == n-1 {
					return x[i]
				}
				return (x[i-1] + x[i] + x[i+1]) / 3
			}), get[float64](in, p, n))
		},
		"cmul": func(t *testing.T, in *instance, n int) {
			x := mapped(n, func(i int) complex128 { return complex(float64(i), float64(-i)/3) })
			y := mapped(n, func(i int) complex128 { return complex(0.7, float64(i)) })
			p := put(in, garbage(2*n))
			in.call("cmul", put(in, x), put(in, y), p, uint64(n))
			require.Equal(t, mapped(n, func(i int) complex128 {
				xr, xi, yr, yi := real(x[i]), imag(x[i]), real(y[i]), imag(y[i])
				// The conversions forbid fused multiply-add, which wasm does not have.
				return complex(float64(xr*yr)-float64(xi*yi), float64(xr*yi)+float64(xi*yr))
			}), get[complex128](in, p, n))
		},
		"prefix_sum": func(t *testing.T, in *instance, n int) {
			x := ramp[int64](n)
			if n > 4 {
				x[1], x[2] = math.MaxInt64, 5 // wraps around
			}
			p, s := put(in, garbage(n)), int64(0)
			in.call("prefix_sum", put(in, x), p, uint64(n))
			require.Equal(t, mapped(n, func(i int) int64 { s += x[i]; return s }), get[int64](in, p, n))
		},
		"linspace": func(t *testing.T, in *instance, n int) {
			for _, r := range [][2]float64{{0, 1}, {-3, 0.1}, {2, 2}, {5, -5}, {0, 5e-324}, {1, math.Inf(1)}} {
				a, b, p := r[0], r[1], put(in, garbage(n))
				in.call("linspace", f64(a), f64(b), uint64(n), p)
				require.Equal(t, bitsOf(linspace(a, b, n)), bitsOf(get[float64](in, p, n)), "from %v to %v", a, b)
			}
		},
		"histogram": func(t *testing.T, in *instance, n int) {
			x, want := ramp[uint8](n), make([]uint32, 256)
			for _, v := range x {
				want[v]++
			}
			p := put(in, garbage(128))
			in.call("histogram", put(in, x), uint64(n), p)
			require.Equal(t, want, get[uint32](in, p, 256))
		},
		"centroid": func(t *testing.T, in *instance, n int) {
			type particle struct {
				X, Y, Z float32
				ID      int32
			}
			ps := mapped(n, func(i int) particle { return particle{float32(i), float32(-2 * i), 0.5, int32(i)} })
			want := make([]float64, 3)
			if n > 0 {
				mean := float64(n*(n-1)/2) / float64(n)
				want = []float64{mean, -2 * mean, 0.5}
			}
			p := put(in, garbage(3))
			in.call("centroid", put(in, ps), uint64(n), p)
			require.InDeltaSlice(t, want, get[float64](in, p, 3), 1e-12)
		},
		"count_true": func(t *testing.T, in *instance, n int) {
			x := mapped(n, func(i int) uint8 { return []uint8{0, 1, 0, 2, 200}[i%5] }) // any byte but 0 is true
			want := 0
			for _, v := range x {
				if v != 0 {
					want++
				}
			}
			require.EqualValues(t, want, in.call("count_true", put(in, x), uint64(n)))
		},
		"any_true": func(t *testing.T, in *instance, n int) {
			x := make([]uint8, n)
			require.Zero(t, in.call("any_true", put(in, x), uint64(n)))
			if n > 0 {
				x[n-1] = 200
				require.EqualValues(t, 1, in.call("any_true", put(in, x), uint64(n)))
			}
		},
		"set_bytes": func(t *testing.T, in *instance, n int) {
			for _, v := range []byte{0, 1, 2, 200} {
				p := put(in, make([]uint8, n+1))
				in.call("set_bytes", p, uint64(n), uint64(v))
				require.Equal(t, append(bytes.Repeat([]byte{v}, n), 0), get[byte](in, p, n+1))
			}
		},
		"first_half": func(t *testing.T, in *instance, n int) {
			p := put(in, make([]float64, n))
			in.call("first_half", p, uint64(n))
			require.Equal(t, mapped(n, func(i int) float64 {
				if i < n/2 {
					return 1
				}
				return 0
			}), get[float64](in, p, n))
		},
		"fill_status": func(t *testing.T, in *instance, n int) {
			for _, code := range []int32{0, 3, -1} {
				x := ramp[float64](n)
				p := put(in, x)
				require.Equal(t, code, int32(in.call("fill_status", p, uint64(n), api.EncodeI32(code))))
				require.Equal(t, mapped(n, func(i int) float64 { return 2 * x[i] }), get[float64](in, p, n))
			}
		},
	}
	in := g.instantiate(t)
	for _, name := range slices.Sorted(maps.Keys(perLength)) {
		t.Run(name, func(t *testing.T) {
			for _, n := range lengths {
				perLength[name](t, in.in(t), n)
			}
		})
	}

	t.Run("matmul", func(t *testing.T) {
		in := in.in(t)
		// Around the tile of 4x4 and the blocks of 256 and 128; k = 0 must give zeros.
		for _, s := range [][3]int{{1, 1, 1}, {3, 5, 2}, {4, 4, 4}, {0, 3, 3}, {4, 0, 4}, {3, 3, 0}, {130, 260, 133}, {5, 513, 257}} {
			m, k, n := s[0], s[1], s[2]
			a, b, p := ramp[float64](m*k), ramp[float64](k*n), put(in, garbage(m*n))
			in.call("matmul", put(in, a), put(in, b), p, uint64(m), uint64(k), uint64(n))
			want := mapped(m*n, func(i int) float64 {
				sum := 0.0
				for q := range k {
					sum += a[i/n*k+q] * b[q*n+i%n]
				}
				return sum
			})
			require.Equal(t, want, get[float64](in, p, m*n), "m=%d k=%d n=%d", m, k, n)
		}
	})

	t.Run("blur", func(t *testing.T) {
		in := in.in(t)
		for _, s := range [][3]int{{0, 4, 3}, {1, 1, 1}, {1, 9, 1}, {9, 1, 3}, {2, 2, 4}, {3, 3, 1}, {17, 40, 3}, {40, 70, 1}, {2, 5, 0}} {
			h, w, c := s[0], s[1], s[2]
			img := mapped(h*w*c, func(i int) uint8 { return uint8(i * i * 31) })
			p := put(in, img)
			require.Zero(t, in.call("blur", p, uint64(h), uint64(w), uint64(c)))
			require.Equal(t, blur(img, h, w, c), get[uint8](in, p, len(img)), "h=%d w=%d c=%d", h, w, c)
		}
		// No room for a row of 2^30 bytes, nor for one whose copies do not fit 32 bits: 1, and the image untouched.
		p := put(in, ramp[uint8](64))
		require.EqualValues(t, 1, in.call("blur", p, 1, 1<<29, 1))
		require.EqualValues(t, 1, in.call("blur", p, 1, 1<<31, 1))
		require.Equal(t, ramp[uint8](64), get[uint8](in, p, 64))
	})

	t.Run("pointer results", func(t *testing.T) {
		in := in.in(t)
		table := []float64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53}
		require.Equal(t, table, get[float64](in, in.call("primes"), 16))
		require.Equal(t, table, get[float64](in, in.call("nothing_or", 1), 16))
		require.Zero(t, in.call("nothing_or", 0))
		require.Zero(t, in.call("nothing"))
	})

	t.Run("modf_parts", func(t *testing.T) {
		in := in.in(t)
		for _, x := range []float64{0, math.Copysign(0, -1), 3.75, -3.75, 0.5, -1e300, math.Inf(1), math.Inf(-1), math.NaN()} {
			p := put(in, []float64{-99})
			frac := api.DecodeF64(in.call("modf_parts", f64(x), p))
			whole, want := math.Modf(x)
			if math.IsInf(x, 0) {
				want = math.Copysign(0, x) // C; Go says NaN
			}
			require.Equal(t, bitsOf([]float64{whole, math.Copysign(want, x)}), bitsOf([]float64{get[float64](in, p, 1)[0], frac}), "x=%v", x)
		}
	})

	in.call("free", put(in, ramp[float64](4)))
	g.requireAllCalled()
}

// garbage fills outputs before a call, so that an element which the guest leaves alone shows.
func garbage(n int) []float64 { return mapped(n, func(int) float64 { return math.NaN() }) }

// bitsOf makes floats comparable: signed zeros differ, and all NaNs are one.
func bitsOf(values []float64) []uint64 {
	return mapped(len(values), func(i int) uint64 {
		if math.IsNaN(values[i]) {
			return math.Float64bits(math.NaN())
		}
		return math.Float64bits(values[i])
	})
}

// linspace is numpy's, with the endpoint.
func linspace(a, b float64, n int) []float64 {
	div, delta := float64(n-1), b-a
	step := delta / div
	return mapped(n, func(i int) float64 {
		switch {
		case n == 1:
			return a
		case i == n-1:
			return b
		case step == 0:
			return float64(float64(i)/div*delta) + a
		}
		return float64(float64(i)*step) + a
	})
}

// blur is the 3x3 box blur, pixel by pixel.
func blur(img []uint8, h, w, c int) []uint8 {
	return mapped(len(img), func(i int) uint8 {
		y, x, ch := i/(w*c), i/c%w, i%c
		sum, count := 0, 0
		for yy := max(y-1, 0); yy <= min(y+1, h-1); yy++ {
			for xx := max(x-1, 0); xx <= min(x+1, w-1); xx++ {
				sum, count = sum+int(img[(yy*w+xx)*c+ch]), count+1
			}
		}
		return uint8((sum + count/2) / count)
	})
}

func BenchmarkMatmul(b *testing.B) {
	const n = 512
	in := compile(b, "vec").instantiate(b)
	x, y, z := put(in, ramp[float64](n*n)), put(in, ramp[float64](n*n)), put(in, make([]float64, n*n))
	f := in.ExportedFunction("matmul")
	for b.Loop() {
		if _, err := f.Call(b.Context(), x, y, z, n, n, n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
