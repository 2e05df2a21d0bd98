package constraints_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func TestOverlap(t *testing.T) {
	at := func(p memview.Ptr, shape, strides []int) memview.Array {
		return guestAt(t, p, memview.F64, memview.Layout{Shape: shape, Strides: strides})
	}
	slice := make([]float64, 10)
	goAt := func(lo, hi int) memview.Array {
		a, err := memview.FromSlice(slice[lo:hi])
		require.NoError(t, err)
		return a
	}
	const (
		two     = "f(x: f64[n] strided, y: inout f64[m] strided)"
		refused = ", want disjoint arrays where one is written, or mayalias in the signature"
	)
	for _, tt := range []struct {
		name, sig string
		x, y      memview.Array
		want      string
	}{
		{"apart", two, at(0x400, dims(4), nil), at(0x420, dims(4), nil), ""},
		{"one byte", two, at(0x400, dims(4), nil), at(0x418, dims(4), nil), `f: argument 2 "y": it is at 0x418 to 0x438, overlapping x at 0x400 to 0x420` + refused},
		{"only read", "f(x: f64[n], y: f64[m])", at(0x400, dims(4), nil), at(0x418, dims(4), nil), ""},
		{"the first is written", "f(x: out f64[n], y: f64[m])", at(0x400, dims(4), nil), at(0x418, dims(4), nil), `f: argument 2 "y": it is at 0x418 to 0x438, overlapping x at 0x400 to 0x420` + refused},
		{"mayalias on the first", "f(x: f64[n] mayalias, y: out f64[m])", at(0x400, dims(4), nil), at(0x400, dims(4), nil), ""},
		{"mayalias on the second", "f(x: f64[n], y: out f64[m] mayalias)", at(0x400, dims(4), nil), at(0x400, dims(4), nil), ""},
		{"even and odd", two, at(0x400, dims(4), dims(16)), at(0x408, dims(4), dims(16)), ""},
		{"even and even", two, at(0x400, dims(4), dims(16)), at(0x410, dims(4), dims(16)), `f: argument 2 "y": it is at 0x410 to 0x448, overlapping x at 0x400 to 0x438` + refused},
		{"backwards", two, at(0x438, dims(4), dims(-16)), at(0x400, dims(4), dims(16)), ""},
		{"empty", two, at(0x400, dims(0), nil), at(0x400, dims(4), nil), ""},
		{"stride 0", two, at(0x600, dims(1), nil), at(0x400, dims(4), dims(0)), `f: argument 2 "y": it is overlapping itself: strides (0,) for shape (4,), want an element of its own at every index, as it is written`},
		{"stride 0, read", "f(x: f64[n] strided, y: out f64[m])", at(0x400, dims(4), dims(0)), at(0x600, dims(4), nil), ""},
		{"stride 0, one element", two, at(0x600, dims(1), nil), at(0x400, dims(1), dims(0)), ""},
		{"stride 0, mayalias", "f(x: f64[n] strided, y: inout f64[m] strided mayalias)", at(0x600, dims(1), nil), at(0x400, dims(4), dims(0)), ""},
		{"guest and Go", two, at(0x400, dims(4), nil), goAt(0, 4), ""},
		{"Go, apart", two, goAt(0, 4), goAt(4, 8), ""},
		{"Go, one element", two, goAt(0, 5), goAt(4, 8), `f: argument 2 "y": it is overlapping x` + refused},
	} {
		_, e := judge(t, compile(t, tt.sig), tt.x, tt.y)
		if tt.want == "" {
			require.Nil(t, e, tt.name)
			continue
		}
		require.EqualError(t, e, tt.want, tt.name)
		require.ErrorIs(t, e, constraints.ErrOverlap, tt.name)
	}
}

func TestFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	array := func(a memview.Array, err error) memview.Array {
		require.NoError(t, err)
		return a
	}
	for _, tt := range []struct {
		sig  string
		a    memview.Array
		want string
	}{
		{"f(x: f64[n] finite)", array(memview.FromSlice([]float64{1, 2})), ""},
		{"f(x: f64[n] finite)", array(memview.FromSlice([]float64{})), ""},
		{"f(x: f64[n] finite)", array(memview.FromSlice([]float64{1, nan, inf})), `f: argument 1 "x": element [1] is NaN or infinite, want finite elements`},
		{"f(x: f64[n])", array(memview.FromSlice([]float64{1, nan, inf})), ""},
		{"f(x: f32[m,n] finite)", array(memview.FromSlice([]float32{0, 0, 0, 0, float32(inf), 0}, 2, 3)), `f: argument 1 "x": element [1, 1] is NaN or infinite, want finite elements`},
		{"f(x: f64[] finite)", array(memview.FromStrided([]float64{nan}, dims(), dims())), `f: argument 1 "x": element [] is NaN or infinite, want finite elements`},
		{"f(x: c128[n] finite)", array(memview.FromSlice([]complex128{1, complex(0, nan)})), `f: argument 1 "x": element [1] is NaN or infinite, want finite elements`},
		{"f(x: c64[n] finite)", array(memview.FromSlice([]complex64{complex64(complex(inf, 0))})), `f: argument 1 "x": element [0] is NaN or infinite, want finite elements`},
		{"f(x: f64[n] finite)", array(memview.FromStrided([]float64{1, nan, 2}, dims(2), dims(2))), ""},
		{"f(x: i32[n] finite)", array(memview.FromSlice([]int32{1})), ""},
	} {
		_, e := judge(t, compile(t, tt.sig), tt.a)
		if tt.want == "" {
			require.Nil(t, e, tt.sig)
			continue
		}
		require.EqualError(t, e, tt.want)
		require.ErrorIs(t, e, constraints.ErrFinite)
	}
}
