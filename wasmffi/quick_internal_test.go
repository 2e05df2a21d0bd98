package wasmffi

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
)

// White-box: the long way is the oracle of the quick one. What quick takes, the long way
// must take too, with the same stack and nothing to stage.
func TestQuickAgainstLongWay(t *testing.T) {
	ctx := context.Background()
	m, err := Compile(ctx, wasm.Vec, nil)
	require.NoError(t, err)
	defer m.Close()
	lib, err := m.Instantiate(ctx)
	require.NoError(t, err)
	defer lib.Close()
	other, err := m.Instantiate(ctx)
	require.NoError(t, err)
	defer other.Close()
	r := rand.New(rand.NewPCG(3, 5))

	array := func(l *Library, d memview.DType, shape ...int) memview.Array {
		a, err := l.Empty(d, shape...)
		require.NoError(t, err)
		return a
	}
	freed := array(lib, memview.F64, 3)
	require.NoError(t, lib.Free(freed))
	pool := []any{freed, array(other, memview.F64, 3), memview.Array{}, nil, []float64{1, 2, 3}, New(3), InOut([]float64{1}), "text",
		1, -1, 2.5, 1e300, float32(3), true, uint64(math.MaxUint64), int64(math.MinInt64), uint8(200)}
	for _, d := range []memview.DType{memview.F64, memview.F32, memview.U8, memview.I64, memview.F64.BigEndian()} {
		for _, shape := range [][]int{{}, {0}, {1}, {3}, {4}, {2, 2}, {2, 3}, {3, 2}, {0, 3}} {
			a := array(lib, d, shape...)
			pool = append(pool, a, a, a.ReadOnly())
			if b, err := a.Transpose(); err == nil {
				pool = append(pool, b)
			}
			if len(shape) == 1 && shape[0] > 1 {
				b, err := a.Sub(0, 0, shape[0], 2)
				require.NoError(t, err)
				c, err := a.Sub(0, 1, shape[0], 1)
				require.NoError(t, err)
				raw, err := memview.AsArray(lib.Memory(), a.Ptr()+1, d, 1)
				require.NoError(t, err)
				pool = append(pool, b, c, raw)
			}
		}
	}
	quick, calls := 0, 0
	for _, sig := range []string{
		"dot(x: f64[n], y: f64[n], n: size) -> f64",
		"sum(x: f64[n], n: size) -> f64",
		"saxpy(n: size, a: f32, x: f32[n], y: inout f32[n])",
		"daxpy(n: size, a: f64, x: f64[n], y: inout f64[n])",
		"scale(x: inout f64[n], n: size, a: f64)",
		"stencil3(x: f64[n], y: out f64[n], n: size)",
		"linspace(a: f64, b: f64, n: size, y: out f64[n])",
		"matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)",
		"fill_status(x: inout f64[n], n: size, code: i32) -> i32 ok(0)",
		"sum(x: f64[3], n: i32) -> f64",
		"histogram(x: u8[n], n: size, bins: inout u32[256])",
		"prefix_sum(x: i64[n], y: out i64[n], n: u32)",
		"blur(img: inout u8[h,w], h: size, w: size, c: i32) -> i32",
		"dot(x: f64[n], y: f64[n] mayalias, n: size) -> f64",
		"dot(x: f64[n], y: f64[n], n: size) -> f64 where n > 2",
	} {
		parsed, err := constraints.Parse(sig)
		require.NoError(t, err)
		plan, err := m.plan(parsed) // whatever the module carries
		require.NoError(t, err)
		f, err := lib.bind(plan)
		require.NoError(t, err)
		for range 4000 {
			args := make([]any, len(f.given)-r.IntN(2)*r.IntN(2))
			for i := range args {
				args[i] = pool[r.IntN(len(pool))]
			}
			if r.IntN(2) == 0 { // most random calls are wrong: make some nearly right
				for i := range args {
					for range 200 {
						x := pool[r.IntN(len(pool))]
						a, isArray := x.(memview.Array)
						if isArray == (f.quickKind(i) != nil) && (!isArray || f.quickKind(i).fits(a)) {
							args[i] = x
							break
						}
					}
				}
			}
			calls++
			stack := make([]uint64, len(f.frame.stack))
			yes := f.quick != nil && f.quick.take(lib.in.lease, stack, args)
			staged, e := f.take(&f.frame, args)
			if !yes {
				continue
			}
			quick++
			require.Nil(t, e, "%s %v", sig, args)
			require.False(t, staged)
			require.Equal(t, f.frame.stack, stack, sig)
		}
	}
	t.Logf("%d calls, %d of them quick", calls, quick)
	require.Greater(t, quick, calls/50)
}

// quickKind is what the quick way knows of the i-th argument, if that is an array.
func (f *Func) quickKind(i int) *quickParam {
	if f.quick == nil || !f.quick.given[i].array {
		return nil
	}
	return &f.quick.given[i]
}

func (g *quickParam) fits(a memview.Array) bool {
	return a.DType().Equal(g.dtype) && a.NDim() == len(g.dims)
}
