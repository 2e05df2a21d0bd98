package wasm_test

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Type codes of DLPack times 256, plus bits.
const (
	codeI64 = 0*256 + 64
	codeF16 = 2*256 + 16
	codeF32 = 2*256 + 32
	codeF64 = 2*256 + 64
)

const trapped = "wasm error: unreachable"

func TestSigs(t *testing.T) {
	g := compile(t, "sigs")
	in := g.instantiate(t)
	// traps calls a function whose promises are broken, in an instance of its own.
	traps := func(t *testing.T, fn string, args ...uint64) {
		t.Helper()
		_, err := g.instantiate(t).try(t.Context(), fn, args...)
		require.ErrorContains(t, err, trapped, "%s(%v)", fn, args)
	}
	tests := map[string]func(t *testing.T, in *instance){
		"gemm": func(t *testing.T, in *instance) {
			for _, s := range [][3]int{{1, 1, 1}, {3, 5, 2}, {0, 3, 3}, {4, 0, 4}, {3, 3, 0}, {9, 17, 21}} {
				m, k, n := s[0], s[1], s[2]
				a, b := ramp[float64](m*k), ramp[float64](k*n)
				want := product(m, k, n, a, b)
				p := put(in, garbage(m*n))
				in.call("gemm", put(in, a), put(in, b), p, uint64(m), uint64(k), uint64(n), codeF64)
				require.Equal(t, want, get[float64](in, p, m*n), "m=%d k=%d n=%d", m, k, n)

				p = put(in, garbage(m*n))
				in.call("gemm", put(in, ramp[float32](m*k)), put(in, ramp[float32](k*n)), p, uint64(m), uint64(k), uint64(n), codeF32)
				got := get[float32](in, p, m*n)
				require.Equal(t, want, mapped(m*n, func(i int) float64 { return float64(got[i]) }), "m=%d k=%d n=%d", m, k, n)
			}
			traps(t, "gemm", 1024, 1024, 1024, 1, 1, 1, codeI64)
		},
		"norm": func(t *testing.T, in *instance) {
			norm := func(code uint64, p uint64, n int) float64 { return api.DecodeF64(in.call("norm", p, uint64(n), code)) }
			for _, n := range lengths {
				x, squares := ramp[float64](n), 0.0
				for _, v := range x {
					squares += v * v
				}
				require.Equal(t, math.Sqrt(squares), norm(codeF64, put(in, x), n))
				require.Equal(t, math.Sqrt(squares), norm(codeF32, put(in, ramp[float32](n)), n))
			}
			for bits, want := range map[uint16]float64{
				0x0000: 0, 0x8000: 0, 0x0001: 0x1p-24, 0x83ff: 1023 * 0x1p-24, 0x0400: 0x1p-14, 0x3c00: 1, 0xbc00: 1, 0x3555: 0x1.554p-2,
				0x4248: 3.140625, 0xfbff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(1), 0x7e00: math.NaN(),
			} {
				require.Equal(t, bitsOf([]float64{want}), bitsOf([]float64{norm(codeF16, put(in, []uint16{bits}), 1)}), "%#x", bits)
			}
			require.Equal(t, 5.0, norm(codeF16, put(in, []uint16{0x4200, 0xc400}), 2))
			traps(t, "norm", 1024, 1, codeI64)
		},
		"typed_add": func(t *testing.T, in *instance) {
			requireSum(t, in, math.MaxInt8, func(a, b int8) int8 { return a + b })
			requireSum(t, in, math.MaxInt16, func(a, b int16) int16 { return a + b })
			requireSum(t, in, math.MaxInt32, func(a, b int32) int32 { return a + b })
			requireSum(t, in, math.MaxInt64, func(a, b int64) int64 { return a + b })
			traps(t, "typed_add", 1024, 1024, 1024, 1, 3)
		},
		"qsort_bytes": func(t *testing.T, in *instance) {
			for _, n := range lengths {
				for _, width := range []int{1, 2, 3, 8, 16} {
					b := mapped(n*width, func(i int) byte { return byte(i * i * 31 >> 3 % 7) })
					p := put(in, append(slices.Clone(b), 99))
					in.call("qsort_bytes", p, uint64(n), uint64(width))
					want := slices.SortedFunc(slices.Chunk(b, width), bytes.Compare)
					require.Equal(t, append(bytes.Join(want, nil), 99), get[byte](in, p, n*width+1), "n=%d width=%d", n, width)
				}
			}
		},
		"conv1d": func(t *testing.T, in *instance) {
			for _, s := range [][2]int{{1, 1}, {5, 3}, {3, 5}, {1, 0}, {0, 1}, {4, 0}, {100, 37}} {
				m, n := s[0], s[1]
				x, y, want := ramp[float64](m), ramp[float64](n), make([]float64, m+n-1)
				for i := range x {
					for j := range y {
						want[i+j] += x[i] * y[j]
					}
				}
				p := put(in, garbage(m+n-1))
				in.call("conv1d", put(in, x), put(in, y), p, uint64(m), uint64(n))
				require.Equal(t, want, get[float64](in, p, m+n-1), "m=%d n=%d", m, n)
			}
			traps(t, "conv1d", 1024, 1024, 1032, 1, 1)
			traps(t, "conv1d", 1024, 1024, 1024, 0, 0)
		},
		"rdft": func(t *testing.T, in *instance) {
			for _, n := range lengths {
				x, p := ramp[float64](n), put(in, garbage(2*(n/2+1)+1))
				in.call("rdft", put(in, x), uint64(n), p)
				got := get[complex128](in, p, n/2+1)
				for j := range got {
					var want complex128
					for i := range x {
						sin, cos := math.Sincos(2 * math.Pi * float64(i*j%n) / float64(n))
						want += complex(x[i]*cos, -x[i]*sin)
					}
					require.InDelta(t, real(want), real(got[j]), 1e-9, "n=%d j=%d", n, j)
					require.InDelta(t, imag(want), imag(got[j]), 1e-9, "n=%d j=%d", n, j)
				}
				require.True(t, math.IsNaN(get[float64](in, p, 2*len(got)+1)[2*len(got)]), "writes no more")
			}
		},
		"halve": func(t *testing.T, in *instance) {
			for _, n := range []int{6, 8, 100} {
				x, p := ramp[float64](n), put(in, garbage(n/2))
				in.call("halve", put(in, x), uint64(n), p)
				require.Equal(t, mapped(n/2, func(i int) float64 { return (x[2*i] + x[2*i+1]) / 2 }), get[float64](in, p, n/2))
			}
			traps(t, "halve", 1024, 4, 2048)
			traps(t, "halve", 1024, 7, 2048)
		},
		"mean": func(t *testing.T, in *instance) {
			for _, n := range lengths[1:] {
				x, want := ramp[float64](n), 0.0
				for _, v := range x {
					want += v
				}
				require.Equal(t, want/float64(n), api.DecodeF64(in.call("mean", put(in, x), uint64(n))))
			}
			traps(t, "mean", 1024, 0)
			for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				in := g.instantiate(t)
				_, err := in.try(t.Context(), "mean", put(in, []float64{1, v, 2}), 3)
				require.ErrorContains(t, err, trapped, "%v", v)
			}
		},
		"fill_bytes": func(t *testing.T, in *instance) {
			for _, n := range []int{0, 1, 8, 2056} {
				p := put(in, make([]byte, n+1))
				in.call("fill_bytes", p, uint64(n))
				require.Equal(t, append(mapped(n, func(i int) byte { return byte(i) }), 0), get[byte](in, p, n+1))
			}
		},
		"hist": func(t *testing.T, in *instance) {
			x := mapped(1000, func(i int) uint8 { return uint8(i * i) })
			for _, k := range []int{0, 1, 3, 16, 256, 1000} {
				want := make([]uint32, k)
				for _, v := range x {
					if k > 0 {
						want[int(v)*k/256]++
					}
				}
				p := put(in, garbage(k))
				in.call("hist", put(in, x), uint64(len(x)), p, uint64(k))
				require.Equal(t, want, get[uint32](in, p, k), "k=%d", k)
			}
		},
		"sum_strided": func(t *testing.T, in *instance) {
			x := mapped(60, func(i int) float64 { return float64(i * i) })
			data := put(in, x)
			for _, c := range []struct{ offset, m, n, sm, sn int }{
				{0, 6, 10, 10, 1}, {0, 10, 6, 1, 10}, {59, 6, 10, -10, -1}, {9, 6, 5, 10, -2}, {7, 4, 3, 0, 2}, {0, 0, 3, 1, 1}, {0, 3, 0, 1, 1},
			} {
				want := 0.0
				for i := range c.m {
					for j := range c.n {
						want += x[c.offset+i*c.sm+j*c.sn]
					}
				}
				p := putTensor(in, data, c.offset, []int64{int64(c.m), int64(c.n)}, []int64{int64(c.sm), int64(c.sn)})
				require.Equal(t, want, api.DecodeF64(in.call("sum_strided", p)), "%+v", c)
			}
			for field, b := range map[uint32]byte{4: 2, 8: 1, 12: 3, 16: 0, 17: 32, 18: 2, 24: 0} {
				in := g.instantiate(t)
				p := putTensor(in, put(in, x), 0, []int64{1, 1}, []int64{1, 1})
				require.True(t, in.Memory().WriteByte(uint32(p)+field, b))
				if field == 24 {
					require.True(t, in.Memory().WriteUint32Le(uint32(p)+field, 0))
				}
				_, err := in.try(t.Context(), "sum_strided", p)
				require.ErrorContains(t, err, trapped, "byte %d is %d", field, b)
			}
		},
		"dgemm": func(t *testing.T, in *instance) {
			const m, n, k, lda, ldb, ldc = 3, 4, 5, 7, 6, 9
			a, b, c := ramp[float64](m*lda), ramp[float64](k*ldb), ramp[float64](m*ldc)
			for _, s := range [][2]float64{{1, 0}, {2, 1}, {0.5, -3}, {0, 1}} {
				alpha, beta, before := s[0], s[1], slices.Clone(c)
				if beta == 0 {
					before[0] = math.NaN()
				}
				want := slices.Clone(before)
				for i := range m {
					for j := range n {
						sum := 0.0
						for p := range k {
							sum += a[i*lda+p] * b[p*ldb+j]
						}
						want[i*ldc+j] = alpha * sum
						if beta != 0 {
							want[i*ldc+j] += beta * before[i*ldc+j]
						}
					}
				}
				p := put(in, before)
				in.call("dgemm", m, n, k, f64(alpha), put(in, a), lda, put(in, b), ldb, f64(beta), p, ldc)
				require.Equal(t, want, get[float64](in, p, m*ldc), "alpha=%v beta=%v", alpha, beta)
			}
		},
		"daxpy_strided": func(t *testing.T, in *instance) {
			x, y := ramp[float64](40), ramp[float64](80)[40:]
			for _, c := range []struct{ n, x0, sx, y0, sy int }{{40, 0, 1, 0, 1}, {10, 1, 3, 2, 4}, {20, 39, -2, 0, 1}, {20, 0, 0, 39, -1}, {0, 0, 1, 0, 1}} {
				want := slices.Clone(y)
				for i := range c.n {
					want[c.y0+i*c.sy] += 0.5 * x[c.x0+i*c.sx]
				}
				p := put(in, y)
				in.call("daxpy_strided", uint64(c.n), f64(0.5), put(in, x)+8*uint64(c.x0), api.EncodeI32(int32(c.sx)),
					p+8*uint64(c.y0), api.EncodeI32(int32(c.sy)))
				require.Equal(t, want, get[float64](in, p, len(y)), "%+v", c)
			}
		},
		"fsum": func(t *testing.T, in *instance) {
			// As a 2x3 matrix in F order: 1 3 5 / 2 4 6.
			p := put(in, []float64{1, 2, 3, 4, 5, 6})
			require.Equal(t, 1.0*1+3*2+5*3+2*4+4*5+6*6, api.DecodeF64(in.call("fsum", p, 2, 3)))
			require.Equal(t, 1.0*1+4*2+2*3+5*4+3*5+6*6, api.DecodeF64(in.call("fsum", p, 3, 2)))
			require.Zero(t, in.call("fsum", p, 0, 3))
		},
		"alias_copy": func(t *testing.T, in *instance) {
			x := ramp[float64](20)
			for _, d := range []int{0, 3, -3} {
				p := put(in, x)
				in.call("alias_copy", p+24, uint64(int(p)+24+8*d), 10)
				want := slices.Clone(x)
				copy(want[3+d:], x[3:13])
				require.Equal(t, want, get[float64](in, p, 20), "by %d", d)
			}
		},
		"optional": func(t *testing.T, in *instance) {
			require.Equal(t, 6.0, api.DecodeF64(in.call("optional", put(in, []float64{1, 2, 3}), 3)))
			require.Equal(t, -1.0, api.DecodeF64(in.call("optional", 0, 3)))
		},
		"rle_compress": func(t *testing.T, in *instance) {
			run := bytes.Repeat([]byte{7}, 300)
			for _, c := range []struct {
				src   []byte
				level uint64
				want  []byte
			}{
				{nil, 1, nil},
				{[]byte{5}, 1, []byte{1, 5}},
				{[]byte{1, 1, 2, 1}, 1, []byte{2, 1, 1, 2, 1, 1}},
				{[]byte{1, 1, 2}, 0, []byte{1, 1, 1, 1, 1, 2}},
				{run, 9, []byte{255, 7, 45, 7}},
			} {
				for capacity := range len(c.want) + 3 {
					p := put(in, bytes.Repeat([]byte{0xee}, capacity+1))
					n := in.call("rle_compress", p, uint64(capacity), put(in, c.src), uint64(len(c.src)), c.level)
					require.EqualValues(t, len(c.want), n, "the bytes needed, also where they do not fit")
					fit := min(len(c.want), capacity) / 2 * 2
					want := append(slices.Clone(c.want[:fit]), bytes.Repeat([]byte{0xee}, capacity+1-fit)...)
					require.Equal(t, want, get[byte](in, p, capacity+1), "%v in %d", c.src, capacity)
				}
			}
		},
		"get": func(t *testing.T, in *instance) {
			n := put(in, []uint32{99})
			for _, k := range []int{0, 1, 5, 999_999} {
				p := in.call("get", uint64(k), n)
				require.NotZero(t, p)
				require.EqualValues(t, k, get[uint32](in, n, 1)[0])
				require.Equal(t, mapped(k, func(i int) float64 { return float64(i) }), get[float64](in, p, k))
				in.call("free", p)
			}
			require.Zero(t, in.call("get", api.EncodeI32(-1), n))
			require.Zero(t, get[uint32](in, n, 1)[0])
			require.Zero(t, in.call("get", math.MaxInt32, n))
			require.NotZero(t, in.call("get", 1_000_000, n))
			require.Equal(t, uint32(1)<<31, get[uint32](in, n, 1)[0], "a lie")
		},
		"modf2": func(t *testing.T, in *instance) {
			for x, want := range map[float64][2]float64{3.75: {3, 0.75}, -3.75: {-3, -0.75}, 0: {0, 0}, math.Inf(-1): {math.Inf(-1), math.Copysign(0, -1)}} {
				p := put(in, garbage(1))
				fraction := api.DecodeF64(in.call("modf2", f64(x), p))
				require.Equal(t, bitsOf(want[:]), bitsOf([]float64{get[float64](in, p, 1)[0], fraction}), "x=%v", x)
			}
		},
		"setups": func(t *testing.T, in *instance) {
			require.Zero(t, in.call("setup_none"))
			require.Zero(t, in.call("setup_new", api.EncodeI32(-1), 2))
			a, b := in.call("setup_new", 3, 2), in.call("setup_new", 5, api.EncodeI32(-1))
			require.NotZero(t, a)
			require.NotZero(t, b)
			require.EqualValues(t, 2, in.call("setup_count"))
			p := put(in, []float64{1, 2, 3, 4})
			in.call("setup_scale", a, p, 4)
			require.Equal(t, []float64{2, 4, 6, 4}, get[float64](in, p, 4))
			in.call("setup_scale", b, p, 2)
			require.Equal(t, []float64{-2, -4, 6, 4}, get[float64](in, p, 4))
			in.call("setup_free", a)
			require.EqualValues(t, 1, in.call("setup_count"))
			in.call("setup_free", 0)
			require.EqualValues(t, 1, in.call("setup_count"))
			_, err := in.try(t.Context(), "setup_free", a)
			require.ErrorContains(t, err, trapped, "freed twice")
			_, err = in.try(t.Context(), "setup_scale", a, p, 4)
			require.ErrorContains(t, err, trapped, "freed")
			traps(t, "setup_scale", 1024, 2048, 0)
		},
		"texts": func(t *testing.T, in *instance) {
			for _, s := range []string{"", "a", "héllo"} {
				require.EqualValues(t, len(s), in.call("text_length", put(in, []byte(s+"\x00more"))))
			}
			require.Equal(t, int32(-1), int32(in.call("text_length", 0)))
			require.Equal(t, "sigs 1.0\x00", string(get[byte](in, in.call("version"), 9)))
		},
		"text_wild": func(t *testing.T, _ *instance) {
			in := g.instantiate(t)
			for range 2 {
				p := in.call("text_wild")
				require.EqualValues(t, in.Memory().Size()-16, p, "at the end of memory")
				require.Equal(t, bytes.Repeat([]byte{'x'}, 16), get[byte](in, p, 16))
				_, err := in.try(t.Context(), "text_length", p)
				require.ErrorContains(t, err, "wasm error: out of bounds memory access")
				require.Equal(t, uint64(0xFFFFFFF0), in.call("text_wild"), "outside")
				x := ramp[float64](20_000) // more than a page: the allocator lives with the growth
				require.Equal(t, x, get[float64](in, put(in, x), len(x)))
			}
		},
		"Foo#bar": func(t *testing.T, in *instance) {
			require.Equal(t, 6.0, api.DecodeF64(in.call("Foo#bar", put(in, []float64{1, 2, 3}), 3)))
		},
		"integrate": func(t *testing.T, _ *instance) {
			// Imports the table, as a host does that passes callbacks, and appends a function that squares.
			m, err := g.rt.InstantiateModule(t.Context(), g.compiled, wazero.NewModuleConfig().WithName("sigs").WithStartFunctions("_initialize"))
			require.NoError(t, err)
			in := &instance{m, g, t}
			callbacks, err := g.rt.Instantiate(t.Context(), squareWasm)
			require.NoError(t, err)
			f, err := callbacks.ExportedFunction("add").Call(t.Context())
			require.NoError(t, err)
			require.NotZero(t, f[0])
			require.Equal(t, 0.625, api.DecodeF64(in.call("integrate", f[0], f64(-1), f64(1), 4))) // 2 (0.75^2 + 0.25^2) / 2
			require.Zero(t, in.call("integrate", f[0], f64(0), f64(1), 0))
			_, err = in.try(t.Context(), "integrate", f[0]+1, f64(0), f64(1), 1)
			require.ErrorContains(t, err, "wasm error: invalid table access")
		},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) { tests[name](t, in.in(t)) })
	}
	in.call("free", put(in, ramp[float64](4)))
	g.requireAllCalled()
}

// product is the matrix product in C order.
func product(m, k, n int, a, b []float64) []float64 {
	return mapped(m*n, func(i int) float64 {
		sum := 0.0
		for q := range k {
			sum += a[i/n*k+q] * b[q*n+i%n]
		}
		return sum
	})
}

// requireSum checks typed_add for one type, across the largest value.
func requireSum[T int8 | int16 | int32 | int64](t *testing.T, in *instance, largest T, add func(a, b T) T) {
	t.Helper()
	for _, n := range lengths {
		x := mapped(n, func(i int) T { return largest - T(i%3) })
		y := mapped(n, func(i int) T { return T(i%5) - 2 })
		p := put(in, make([]T, n+1))
		in.call("typed_add", put(in, x), put(in, y), p, uint64(n), uint64(binary.Size(largest)))
		require.Equal(t, append(mapped(n, func(i int) T { return add(x[i], y[i]) }), 0), get[T](in, p, n+1))
	}
}

// putTensor writes a DLTensor of doubles, 40 bytes, with its shape and strides. Half of the offset stands in data, half in
// byte_offset.
func putTensor(in *instance, data uint64, offset int, shape, strides []int64) uint64 {
	first := offset / 2
	b := binary.LittleEndian.AppendUint32(nil, uint32(data)+uint32(8*first))
	b = binary.LittleEndian.AppendUint32(b, 1) // device_type
	b = binary.LittleEndian.AppendUint32(b, 0) // device_id
	b = binary.LittleEndian.AppendUint32(b, uint32(len(shape)))
	b = append(b, 2, 64, 1, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(put(in, shape)))
	b = binary.LittleEndian.AppendUint32(b, uint32(put(in, strides)))
	b = binary.LittleEndian.AppendUint32(b, 0)
	return put(in, binary.LittleEndian.AppendUint64(b, uint64(8*(offset-first))))
}

// squareWasm is
//
//	(module
//	  (type $f (func (param f64) (result f64)))
//	  (import "sigs" "__indirect_function_table" (table $t 1 funcref))
//	  (func $square (type $f) (f64.mul (local.get 0) (local.get 0)))
//	  (elem declare func $square)
//	  (func (export "add") (result i32) (table.grow $t (ref.func $square) (i32.const 1))))
var squareWasm = []byte("\x00\x61\x73\x6d\x01\x00\x00\x00\x01\x0a\x02\x60\x01\x7c\x01\x7c\x60\x00\x01\x7f\x02\x24\x01\x04\x73\x69\x67\x73" +
	"\x19\x5f\x5f\x69\x6e\x64\x69\x72\x65\x63\x74\x5f\x66\x75\x6e\x63\x74\x69\x6f\x6e\x5f\x74\x61\x62\x6c\x65\x01\x70" +
	"\x00\x01\x03\x03\x02\x00\x01\x07\x07\x01\x03\x61\x64\x64\x00\x01\x09\x05\x01\x03\x00\x01\x00\x0a\x13\x02\x07\x00" +
	"\x20\x00\x20\x00\xa2\x0b\x09\x00\xd2\x00\x41\x01\xfc\x0f\x00\x0b")
