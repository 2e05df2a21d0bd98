package constraints_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func parseFunc(t testing.TB, text string) constraints.FuncType {
	f, err := constraints.ParseFunc(text)
	require.NoError(t, err, text)
	return f
}

// The func type of a parameter, that of a callback, and what Accepts says; empty: it fits.
func TestAccepts(t *testing.T) {
	const shape = "type Pp = {x: f32}; type Qq = {y: f32}; s(y: f64[n], a: i32, n: size, f: %s)"
	for _, tt := range []struct {
		param, callback string
		want            string
		kind            error
	}{
		{"func()", "func()", "", nil},
		{"func(x: f64) -> f64", "func(f64) -> f64", "", nil},
		{"func(size) -> ptr", "func(u32) -> size", "", nil},
		{"func(f64)", "func()", "the callback is func() with 0 parameters, want 1: func(f64)", constraints.ErrArgs},
		{"func(f64)", "func(f64, x: i32)", "the callback is func(f64, x: i32) with 2 parameters, want 1: func(f64)", constraints.ErrArgs},
		{"func(f64)", "func(f32)", "parameter 1 of the callback is f32, want f64", constraints.ErrScalar},
		{"func(i32, i32)", "func(i32, u32)", "parameter 2 of the callback is u32, want i32", constraints.ErrScalar},
		{"func(f64)", "func(f64[])", "parameter 1 of the callback is f64[], want f64", constraints.ErrScalar},
		{"func(f64[1])", "func(f64)", "parameter 1 of the callback is f64, want f64[1]", constraints.ErrScalar},
		{"func() -> f64", "func() -> f32", "the result of the callback is f32, want f64", constraints.ErrScalar},
		{"func() -> f64", "func()", "the result of the callback is none, want f64", constraints.ErrScalar},
		{"func()", "func() -> f64", "the result of the callback is f64, want none", constraints.ErrScalar},
		// Elements.
		{"func(f64[1])", "func(f32[1])", "parameter 1 of the callback is f32[1], want f64[1]", constraints.ErrDType},
		{"func(any[1])", "type Pp = {z: i8}; func(Pp[1])", "", nil},
		{"func(f*[1])", "func(f16[1])", "", nil},
		{"func(f*[1])", "func(i32[1])", "parameter 1 of the callback is i32[1], want f*[1]", constraints.ErrDType},
		{"func(f32|u*[1])", "func(u8[1])", "", nil},
		{"func(f32|u*[1])", "func(f64[1])", "parameter 1 of the callback is f64[1], want f32|u*[1]", constraints.ErrDType},
		{"func(T[1], U[1], T[2])", "func(f64[1], i8[1], f64[2])", "", nil},
		{"func(T[1], U[1], T[2])", "func(f64[1], f64[1], f64[2])", "", nil},
		{"func(T[1], U[1], T[2])", "func(f64[1], f64[1], f32[2])", "parameter 3 of the callback is f32[2], want T[2] with T=float64 (from parameter 1 of the callback)", constraints.ErrDType},
		{"func(Pp[1])", "type Other = {x: f32}; func(Other[1])", "", nil},
		{"func(Pp[1])", "type Qq = {y: f32}; func(Qq[1])", "parameter 1 of the callback is Qq[1], want Pp[1]", constraints.ErrDType},
		// Dimensions.
		{"func(f64[])", "func(f64[1])", "parameter 1 of the callback is f64[1], want f64[]", constraints.ErrNDim},
		{"func(f64[2,3])", "func(f64[6])", "parameter 1 of the callback is f64[6], want f64[2,3]", constraints.ErrNDim},
		{"func(f64[2,3])", "func(f64[2,3])", "", nil},
		{"func(f64[2,3])", "func(f64[3,2])", "parameter 1 of the callback is f64[3,2], want f64[2,3]", constraints.ErrShape},
		{"func(f64[2], i32)", "func(f64[n], n: i32)", "parameter 1 of the callback is f64[n], want f64[2]", constraints.ErrShape},
		{"func(f64[n], f64[n+1], f64[a*2], f64[_])", "func(f64[1], f64[2], f64[3], f64[4])", "", nil},
		{"func(f64[n], f64[n+1], f64[a], f64[_], i32)", "func(f64[k], f64[2*k], f64[k], f64[k], k: i32)", "", nil},
		{"func(x: f64[k], k: i32, j: i32)", "func(f64[m], m: i32, k: i32)", "", nil},
		{"func(x: f64[k], k: i32, j: i32)", "func(f64[m], k: i32, m: i32)", "parameter 1 of the callback is f64[m], want f64[k]", constraints.ErrShape},
		{"func(x: f64[k], k: i32)", "func(f64[k*1], k: i32)", "parameter 1 of the callback is f64[k*1], want f64[k]", constraints.ErrShape},
		{"func(x: f64[k], k: i32)", "func(f64[3], i32)", "parameter 1 of the callback is f64[3], want f64[k], where the guest says k in every call", constraints.ErrShape},
		{"func(x: f64[2*k+n], k: i32)", "func(f64[3], i32)", "parameter 1 of the callback is f64[3], want f64[2*k+n], where the guest says 2*k+n in every call", constraints.ErrShape},
		{"func(x: f64[2*k], k: i32)", "func(f64[k+k], k: i32)", "", nil},
		{"func(n: i32, x: f64[n])", "func(i32, f64[4])", "parameter 2 of the callback is f64[4], want f64[n], where the guest says n in every call", constraints.ErrShape},
		// NULL.
		{"func(f64[1] nullable)", "func(f64[1] nullable)", "", nil},
		{"func(f64[1])", "func(f64[1] nullable)", "", nil},
		{"func(f64[1] nullable)", "func(f64[1])", "parameter 1 of the callback is f64[1], want f64[1] nullable", constraints.ErrArray},
	} {
		s := constraints.MustParse(fmt.Sprintf(shape, tt.param))
		err := s.Params[3].Type.(constraints.FuncType).Accepts(parseFunc(t, tt.callback))
		if tt.want == "" {
			require.NoError(t, err, tt)
			continue
		}
		require.EqualError(t, err, tt.want)
		require.ErrorIs(t, err, tt.kind)
		var te *constraints.TypeError
		require.True(t, errors.As(err, &te))
	}
	// A literal that no text is.
	loose := constraints.MustParse("f(g: func(f64[_]))").Params[0].Type.(constraints.FuncType)
	require.EqualError(t, loose.Accepts(loose), "the callback is func(f64[_]), which cannot stand by itself: func parameter 1: nothing says how long dimension _ is")
}

// What is accepted by itself is accepted for itself.
func TestAcceptsItself(t *testing.T) {
	for _, tt := range acceptedFuncs {
		f := parseFunc(t, tt.text)
		require.NoError(t, f.Accepts(f), tt.text)
	}
}

func TestCheckFunc(t *testing.T) {
	f64 := func(n ...int) memview.Array { return guest(t, memview.F64, n...) }
	for _, tt := range []struct {
		sig      string
		param    int
		callback string
		arrays   []memview.Array
		numbers  map[int]int64
		want     string // empty: it fits
		kind     error
	}{
		{sig: "rk4(f: func(f64, f64[n], f64[n]), y: inout f64[n], n: size)", callback: "func(f64, f64[3], f64[3])", arrays: []memview.Array{{}, f64(3)}},
		{sig: "rk4(f: func(f64, f64[n], f64[n]), y: inout f64[n], n: size)", callback: "func(f64, f64[2], f64[2])", arrays: []memview.Array{{}, f64(3)},
			want: `rk4: argument 1 "f": parameter 2 of the callback is f64[2], want f64[n] with n=3 (from y.shape[0])`, kind: constraints.ErrShape},
		{sig: "rk4(f: func(f64[n], i32), y: inout f64[n], n: size)", callback: "func(f64[k], k: i32)", arrays: []memview.Array{{}, f64(3)}},
		{sig: "g(y: f64[n], f: func(f64[2*n,n]))", param: 1, callback: "func(f64[6,3])", arrays: []memview.Array{f64(3)}},
		{sig: "g(y: f64[n], f: func(f64[2*n,n]))", param: 1, callback: "func(f64[6,4])", arrays: []memview.Array{f64(3)},
			want: `g: argument 2 "f": parameter 1 of the callback is f64[6,4], want f64[2*n,n] with n=3 (from y.shape[0])`, kind: constraints.ErrShape},
		{sig: "g(y: f64[n], f: func(f64[2*n,n]))", param: 1, callback: "func(f64[5,3])", arrays: []memview.Array{f64(3)},
			want: `g: argument 2 "f": parameter 1 of the callback is f64[5,3], want f64[2*n,n] with 2*n=6 (from n=3)`, kind: constraints.ErrShape},
		{sig: "g(y: f64[n], f: func(f64[1/(n-3)]))", param: 1, callback: "func(f64[1])", arrays: []memview.Array{f64(3)},
			want: `g: argument 2 "f": shape[0] of parameter 1 of the callback is 1/(n-3), which divides by zero (from n=3)`, kind: constraints.ErrExpr},
		{sig: "g(a: i32, f: func(f64[a]))", param: 1, callback: "func(f64[7])", numbers: map[int]int64{0: 7}},
		{sig: "g(a: i32, f: func(f64[a]))", param: 1, callback: "func(f64[7])", numbers: map[int]int64{0: 8},
			want: `g: argument 2 "f": parameter 1 of the callback is f64[7], want f64[a] with a=8 (from a)`, kind: constraints.ErrShape},
		{sig: "g(y: f64[n,2], f: func(f64[count(y)]))", param: 1, callback: "func(f64[6])", arrays: []memview.Array{f64(3, 2)}},
		{sig: "g(y: f64[n,2], f: func(f64[count(y)]))", param: 1, callback: "func(f64[3])", arrays: []memview.Array{f64(3, 2)},
			want: `g: argument 2 "f": parameter 1 of the callback is f64[3], want f64[count(y)] with count(y)=6`, kind: constraints.ErrShape},
		// A scalar of the func type hides the name of the call.
		{sig: "g(y: f64[n], f: func(n: i32, x: f64[n]))", param: 1, callback: "func(m: i32, f64[m])", arrays: []memview.Array{f64(3)}},
		// Variables.
		{sig: "qsort(base: T[n], w: size = itemsize(base), cmp: func(T[1], T[1]) -> i32)", param: 2, callback: "func(f64[1], f64[1]) -> i32", arrays: []memview.Array{f64(3)}},
		{sig: "qsort(base: T[n], w: size = itemsize(base), cmp: func(T[1], T[1]) -> i32)", param: 2, callback: "func(i64[1], i64[1]) -> i32", arrays: []memview.Array{f64(3)},
			want: `qsort: argument 2 "cmp": parameter 1 of the callback is i64[1], want T[1] with T=float64 (from base.dtype)`, kind: constraints.ErrDType},
		{sig: "g(f: func(T[1]), x: T[n] desc nullable) where T in f*", callback: "func(f32[1])", arrays: []memview.Array{{}, {}}},
		{sig: "g(f: func(T[1]), x: T[n] desc nullable) where T in f*", callback: "func(i32[1])", arrays: []memview.Array{{}, {}},
			want: `g: argument 1 "f": parameter 1 of the callback is i32[1], want T[1] with T in f*`, kind: constraints.ErrDType},
		// What Accepts would have refused.
		{sig: "g(f: func(f64[n]), x: f64[n])", callback: "func()", arrays: []memview.Array{{}, f64(1)},
			want: `g: argument 1 "f": the callback is func() with 0 parameters, want 1: func(f64[n])`, kind: constraints.ErrArgs},
		{sig: "g(f: func(f64[n]), x: f64[n])", callback: "func(f64)", arrays: []memview.Array{{}, f64(1)},
			want: `g: argument 1 "f": parameter 1 of the callback is f64, want f64[n]`, kind: constraints.ErrScalar},
		{sig: "g(f: func(f64[n]), x: f64[n])", callback: "func(f64[1,1])", arrays: []memview.Array{{}, f64(1)},
			want: `g: argument 1 "f": parameter 1 of the callback is f64[1,1], want f64[n]`, kind: constraints.ErrNDim},
	} {
		cb, err := constraints.ParseFunc(tt.callback)
		require.NoError(t, err, tt.callback)
		c := compile(t, tt.sig)
		b := c.NewBinding()
		given := 0
		for i := range c.Signature().Params {
			if r := c.Role(i); r != constraints.Derived {
				given++
			}
		}
		require.Nil(t, c.Start(b, given), tt.sig)
		for i, a := range tt.arrays {
			if b.Arrays[i] = a; a.IsZero() && c.Role(i) == constraints.Array {
				require.Nil(t, c.SetNull(b, i))
			}
		}
		for i, n := range tt.numbers {
			require.True(t, c.Named(i))
			c.SetNumber(b, i, n)
		}
		if e := c.Check(b); e != nil {
			require.Nil(t, e, e.Error())
		}
		e := c.CheckFunc(b, tt.param, cb)
		if tt.want == "" {
			if e != nil {
				require.Nil(t, e, e.Error())
			}
			require.Zero(t, testing.AllocsPerRun(10, func() { _ = c.CheckFunc(b, tt.param, cb) }), tt.sig)
			continue
		}
		require.NotNil(t, e, tt.sig)
		require.EqualError(t, e, tt.want)
		require.ErrorIs(t, e, tt.kind)
	}
}

// Two callbacks of one variable, and no array of it.
func TestCheckFuncBindsVariables(t *testing.T) {
	c := compile(t, "g(f: func(T[1]), h: func(T[2]) nullable)")
	b := c.NewBinding()
	require.Nil(t, c.Start(b, 2))
	require.Nil(t, c.Check(b))
	require.Nil(t, c.CheckFunc(b, 0, parseFunc(t, "func(f64[1])")))
	require.Nil(t, c.CheckFunc(b, 1, parseFunc(t, "func(f64[2])")))
	e := c.CheckFunc(b, 1, parseFunc(t, "func(u8[2])"))
	require.EqualError(t, e, `g: argument 2 "h": parameter 1 of the callback is u8[2], want T[2] with T=float64 (from f.dtype)`)
	require.Nil(t, c.Start(b, 2))
	require.Nil(t, c.CheckFunc(b, 1, parseFunc(t, "func(u8[2])")))
	c = compile(t, "g(y: f64[n], f: func(f64[n]))")
	b = c.NewBinding()
	require.Nil(t, c.Start(b, 2)) // and no Check
	e = c.CheckFunc(b, 1, parseFunc(t, "func(f64[2])"))
	require.EqualError(t, e, `g: argument 2 "f": dimension n is not known, want an array that has it`)
	require.PanicsWithValue(t, "constraints: CheckFunc of a parameter that is no func", func() {
		c := compile(t, "g(n: i32)")
		_ = c.CheckFunc(c.NewBinding(), 0, constraints.FuncType{})
	})
}

func ExampleFuncType_Accepts() {
	s := constraints.MustParse("qsort(base: inout any[n], n: size, width: size = itemsize(base), cmp: func(any[1], any[1]) -> i32)")
	cmp, _ := s.Func(3)
	good, _ := constraints.ParseFunc("func(x: f64[1], y: f64[1]) -> i32")
	bad, _ := constraints.ParseFunc("func(x: f64[1], y: f64) -> i32")
	fmt.Println(cmp.Accepts(good))
	fmt.Println(cmp.Accepts(bad))
	// Output:
	// <nil>
	// parameter 2 of the callback is f64, want any[1]
}

func ExampleChecker_CheckFunc() {
	c, _ := constraints.Compile(constraints.MustParse("rk4(f: func(f64, f64[n], f64[n]), y: inout f64[n], n: size)"))
	b := c.NewBinding()
	c.Start(b, 2)
	b.Arrays[1], _ = memview.FromSlice([]float64{1, 0, 0})
	c.Check(b)
	cb, _ := constraints.ParseFunc("func(t: f64, y: f64[2], dydt: f64[2])")
	fmt.Println(c.CheckFunc(b, 0, cb))
	// Output:
	// rk4: argument 1 "f": parameter 2 of the callback is f64[2], want f64[n] with n=3 (from y.shape[0])
}
