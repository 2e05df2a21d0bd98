package constraints_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func TestTypeErrorDetail(t *testing.T) {
	f := func(p memview.Ptr, shape ...int) memview.Array {
		return guestAt(t, p, memview.F64, memview.Layout{Shape: shape})
	}
	for want, call := range map[string]func() *constraints.TypeError{
		`dot: argument 2 "y": shape[0] is 126, want n=128 (from x.shape[0])
  signature: dot(x: f64[n], y: f64[n], n: size) -> f64
  called as: dot(x: f64[128] @0x400, y: f64[126] @0x1000)
  bound:     n=128 from x.shape[0]`: func() *constraints.TypeError {
			_, e := judge(t, compile(t, "dot(x: f64[n], y: f64[n], n: size) -> f64"), f(0x400, 128), f(0x1000, 126))
			return e
		},
		`dot: argument 1 "x": dtype is float32, want float64
  signature: dot(x: f64[n], y: f64[n], n: size) -> f64
  called as: dot(x: f32[3] in Go memory)
  hint:      arrays are not converted implicitly`: func() *constraints.TypeError {
			_, e := judge(t, compile(t, "dot(x: f64[n], y: f64[n], n: size) -> f64"), local[float32](t, 3), none)
			return e
		},
		`"a b": argument 2 "y": shape[1] is 4, want m=2 (from x.shape[0])
  signature: "a b"(x: f64[m,k], y: f64[k,m])
  called as: "a b"(x: f64[2,3] @0x400, y: f64[3,4] @0x400)
  bound:     m=2 from x.shape[0], k=3 from x.shape[1]`: func() *constraints.TypeError {
			_, e := judge(t, compile(t, `"a b"(x: f64[m,k], y: f64[k,m])`), f(0x400, 2, 3), f(0x400, 3, 4))
			return e
		},
		`f: argument 1 "p": shape[0] is 3, want 2
  signature: type Pp = {x: f32}; f(p: Pp[2])
  called as: f(p: Pp[3] in Go memory)`: func() *constraints.TypeError {
			c := compile(t, "type Pp = {x: f32}; f(p: Pp[2])")
			a, err := memview.Zeros(c.DType(0), 3)
			require.NoError(t, err)
			_, e := judge(t, c, a)
			return e
		},
		`dot: 3 arguments, want 2 (x: f64[n], y: f64[n]); leave out n
  signature: dot(x: f64[n], y: f64[n], n: size) -> f64
  hint:      n follows from the arrays: leave it out`: func() *constraints.TypeError {
			c := compile(t, "dot(x: f64[n], y: f64[n], n: size) -> f64")
			return c.Start(c.NewBinding(), 3)
		},
		`f: result is NULL, want a pointer
  signature: f(x: f64[n]) -> f64[n]
  called as: f(x: f64[3] @0x400)
  bound:     n=3 from x.shape[0]`: func() *constraints.TypeError {
			c := compile(t, "f(x: f64[n]) -> f64[n]")
			b, e := judge(t, c, f(0x400, 3))
			require.Nil(t, e)
			return c.Explain(b, -1, &constraints.TypeError{Field: "result", Got: "NULL", Want: "a pointer", Kind: memview.ErrNull})
		},
		`rk4: argument 1 "f": parameter 2 of the callback is f64[2], want f64[n] with n=3 (from y.shape[0])
  signature: rk4(f: func(f64, f64[n]), y: inout f64[n], n: size)
  called as: rk4(y: f64[3] @0x400)
  bound:     n=3 from y.shape[0]`: func() *constraints.TypeError {
			c := compile(t, "rk4(f: func(f64, f64[n]), y: inout f64[n], n: size)")
			b, e := judge(t, c, f(0x400, 3))
			require.Nil(t, e)
			return c.CheckFunc(b, 0, parseFunc(t, "func(f64, f64[2])"))
		},
		`g: argument 1 "f": parameter 1 of the callback is f64[3], want f64[n], where the guest says n in every call
  signature: g(f: func(x: f64[n], n: i32))
  hint:      give the scalar a name in the callback's type, and let the dimension be that name`: func() *constraints.TypeError {
			c := compile(t, "g(f: func(x: f64[n], n: i32))")
			b, e := judge(t, c)
			require.Nil(t, e)
			g, _ := c.Signature().Func(0)
			var misfit *constraints.TypeError
			require.True(t, errors.As(g.Accepts(parseFunc(t, "func(f64[3], i32)")), &misfit))
			return c.Explain(b, 0, misfit)
		},
		`parameter 1 "x": shape[0] is n-1=-1, want 0 or more (from n=0)
  signature: func(x: f64[n-1], n: i32)`: func() *constraints.TypeError {
			_, e := compileFunc(t, "func(x: f64[n-1], n: i32)").Extents(0, []int64{0, 0}, nil)
			return e
		},
	} {
		e := call()
		require.NotNil(t, e, want)
		require.Equal(t, want, e.Detail())
	}
}

func TestTypeErrorError(t *testing.T) {
	for want, e := range map[string]constraints.TypeError{
		"":                            {},
		"f: x":                        {Func: "f", Got: "x"},
		`"\x1b[2J": x`:                {Func: "\x1b[2J", Got: "x"},
		"argument 1: x":               {Arg: 1, Got: "x"},
		`argument 1 "p": x`:           {Arg: 1, Index: 3, Param: "p", Got: "x"},
		"parameter 3: x":              {Index: 3, Got: "x"},
		`parameter 3 "p": d is x`:     {Index: 3, Param: "p", Field: "d", Got: "x"},
		"d is x, want y (from x.n)":   {Field: "d", Got: "x", Want: "y", From: "x.n"},
		"x (from x.n)":                {Got: "x", From: "x.n"},
		"f: d is x, want y":           {Func: "f", Param: "p", Field: "d", Got: "x", Want: "y"},
		"f: argument 2: d is x, want": {Func: "f", Arg: 2, Field: "d", Got: "x, want"},
	} {
		require.Equal(t, want, e.Error())
	}
}

func TestTypeErrorFormat(t *testing.T) {
	e := &constraints.TypeError{Func: "f", Field: "ndim", Got: "2", Want: "1", Hint: "h", Kind: constraints.ErrNDim}
	for format, want := range map[string]string{
		"%v":   "f: ndim is 2, want 1",
		"%s":   "f: ndim is 2, want 1",
		"%+v":  "f: ndim is 2, want 1\n  hint:      h",
		"%+s":  "f: ndim is 2, want 1",
		"%#v":  "f: ndim is 2, want 1",
		"%q":   `"f: ndim is 2, want 1"`,
		"%25v": "     f: ndim is 2, want 1",
		"%.1s": "f",
		"%x":   "663a206e64696d20697320322c2077616e742031",
		"%d":   "%!d(string=f: ndim is 2, want 1)",
	} {
		require.Equal(t, want, fmt.Sprintf(format, e), format)
	}
	require.Equal(t, "call: f: ndim is 2, want 1", fmt.Errorf("call: %w", e).Error())
}

// Every sentinel is reached, and none is another.
func TestSentinels(t *testing.T) {
	sentinels := []error{
		constraints.ErrArray, constraints.ErrMemory, constraints.ErrDType, constraints.ErrNDim, constraints.ErrShape, constraints.ErrFlags,
		constraints.ErrAccess, constraints.ErrLayout, constraints.ErrAlign, constraints.ErrScalar, constraints.ErrArgs,
	}
	for i, kind := range sentinels {
		err := fmt.Errorf("wrapped: %w", &constraints.TypeError{Kind: kind})
		for k, other := range sentinels {
			require.Equal(t, i == k, errors.Is(err, other), "%v, %v", kind, other)
		}
		require.False(t, errors.Is(err, fs.ErrNotExist))
		var te *constraints.TypeError
		require.ErrorAs(t, err, &te)
		require.Same(t, kind, te.Kind)
	}
	require.NoError(t, (&constraints.TypeError{}).Unwrap())
	require.ErrorIs(t, constraints.ErrDType, memview.ErrDType)
	require.ErrorIs(t, constraints.ErrShape, memview.ErrShape)
	require.ErrorIs(t, constraints.ErrAccess, memview.ErrReadOnly)
	require.ErrorIs(t, constraints.ErrLayout, memview.ErrLayout)
}
