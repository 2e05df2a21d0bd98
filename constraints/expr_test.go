package constraints_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// value computes an expression over the scalars a and b, and an array x of shape (m, n).
func value(t testing.TB, expr string, a, b int64, m, n int) (int64, *constraints.TypeError) {
	t.Helper()
	c := compile(t, "f(a: i64, b: i64, x: f64[m,n], v: i64 = "+expr+")")
	state := c.NewBinding()
	require.Nil(t, c.Start(state, 3))
	c.SetNumber(state, 0, a)
	c.SetNumber(state, 1, b)
	state.Arrays[2] = guest(t, memview.F64, m, n)
	if e := c.Check(state); e != nil {
		return 0, e
	}
	return c.Value(state, 3)
}

func TestExprValues(t *testing.T) {
	for _, tt := range []struct {
		expr string
		a, b int64
		want int64
	}{
		{"1+2*3", 0, 0, 7},
		{"(1+2)*3", 0, 0, 9},
		{"10-4-3", 0, 0, 3}, // from the left
		{"10-(4-3)", 0, 0, 9},
		{"100/10/2", 0, 0, 5},
		{"100/(10/2)", 0, 0, 20},
		{"17%10%4", 0, 0, 3},
		{"7/2*2", 0, 0, 6},
		{"7*2/2", 0, 0, 7},
		{"2+7%4", 0, 0, 5},
		{"0/5", 0, 0, 0},
		{"0%5", 0, 0, 0},
		{"a-b", 3, 5, -2},
		{"a*b", -3, 5, -15},
		{"0-a", 5, 0, -5},
		{"m*10+n", 0, 0, 23},
		{"count(x)", 0, 0, 6},
		{"nbytes(x)", 0, 0, 48},
		{"itemsize(x)", 0, 0, 8},
		{"typecode(x)", 0, 0, 2*256 + 64},
		{"stride(x,0)*10+stride(x,1)", 0, 0, 31},
		{"9223372036854775807", 0, 0, math.MaxInt64},
		{"a+b", math.MaxInt64, math.MinInt64, -1},
		{"a+b", math.MinInt64, 0, math.MinInt64},
		{"a-b", math.MinInt64, math.MinInt64, 0},
		{"a-b", -1, math.MinInt64, math.MaxInt64},
		{"a*b", math.MinInt64, 1, math.MinInt64},
		{"a*b", 1 << 32, -1 << 31, math.MinInt64},
		{"a*b", math.MinInt64, 0, 0},
		{"a/b", math.MaxInt64, 1, math.MaxInt64},
		{"a%b", math.MaxInt64, 2, 1},
	} {
		got, e := value(t, tt.expr, tt.a, tt.b, 2, 3)
		require.Nil(t, e, tt.expr)
		require.Equal(t, tt.want, got, "%s, a=%d, b=%d", tt.expr, tt.a, tt.b)
	}
	// Arrays without elements, and one without axes.
	for expr, want := range map[string]int64{"count(x)": 0, "nbytes(x)": 0, "stride(x,0)": 3, "stride(x,1)": 1, "m+n": 3} {
		got, e := value(t, expr, 0, 0, 0, 3)
		require.Nil(t, e, expr)
		require.Equal(t, want, got, expr)
	}
	c := compile(t, "f(x: f64[], v: i32 = count(x)*100+nbytes(x))")
	b, e := judge(t, c, guest(t, memview.F64))
	require.Nil(t, e)
	got, e := c.Value(b, 1)
	require.Nil(t, e)
	require.EqualValues(t, 108, got)
}

func TestExprFaults(t *testing.T) {
	for _, tt := range []struct {
		expr string
		a, b int64
		want string
	}{
		{"a+b", math.MaxInt64, 1, "it is a+b, which overflows 64 bits (from a=9223372036854775807, b=1)"},
		{"a+b", math.MinInt64, -1, "it is a+b, which overflows 64 bits (from a=-9223372036854775808, b=-1)"},
		{"a-b", math.MinInt64, 1, "it is a-b, which overflows 64 bits (from a=-9223372036854775808, b=1)"},
		{"a-b", 0, math.MinInt64, "it is a-b, which overflows 64 bits (from a=0, b=-9223372036854775808)"},
		{"a*b", math.MinInt64, -1, "it is a*b, which overflows 64 bits (from a=-9223372036854775808, b=-1)"},
		{"a*b", 1 << 32, 1 << 31, "it is a*b, which overflows 64 bits (from a=4294967296, b=2147483648)"},
		{"a*(a+b)", 1 << 62, 0, "it is a*(a+b), which overflows 64 bits (from a=4611686018427387904, b=0)"},
		{"a/b", 7, 0, "it is a/b, which divides by zero (from a=7, b=0)"},
		{"a%b", 7, 0, "it is a%b, which divides by zero (from a=7, b=0)"},
		{"a/b", -7, 2, "it is a/b, which divides with a negative operand, want 0 or more on both sides (from a=-7, b=2)"},
		{"a/b", 7, -2, "it is a/b, which divides with a negative operand, want 0 or more on both sides (from a=7, b=-2)"},
		{"a%b", -7, 2, "it is a%b, which divides with a negative operand, want 0 or more on both sides (from a=-7, b=2)"},
		{"m/(n-3)", 0, 0, "it is m/(n-3), which divides by zero (from m=2, n=3)"},
	} {
		_, e := value(t, tt.expr, tt.a, tt.b, 2, 3)
		require.EqualError(t, e, `f: parameter 4 "v": `+tt.want, tt.expr)
		require.ErrorIs(t, e, constraints.ErrExpr)
	}
}

// What an expression demands of dimensions and scalars.
func TestExprDims(t *testing.T) {
	f := func(shape ...int) memview.Array { return guest(t, memview.F64, shape...) }
	for _, tt := range []struct {
		sig    string
		arrays []memview.Array
		want   string
		kind   error
	}{
		{"f(x: f64[m], y: f64[n], z: out f64[m+n-1])", []memview.Array{f(3), f(2), f(4)}, "", nil},
		{"f(x: f64[m], y: f64[n], z: out f64[m+n-1])", []memview.Array{f(3), f(2), f(5)}, `f: argument 3 "z": shape[0] is 5, want m+n-1=4 (from m=3, n=2)`, constraints.ErrShape},
		{"f(x: f64[m], y: f64[n], z: out f64[m+n-1])", []memview.Array{f(0), f(0), none}, `f: parameter 3 "z": shape[0] is m+n-1=-1, want 0 or more (from m=0, n=0)`, constraints.ErrExpr},
		{"f(z: f64[n*2], x: f64[n])", []memview.Array{f(6), f(3)}, "", nil}, // named before it is bound
		{"f(z: f64[n*2], x: f64[n])", []memview.Array{f(3), f(3)}, `f: argument 1 "z": shape[0] is 3, want n*2=6 (from n=3)`, constraints.ErrShape},
		{"f(z: f64[8/n], x: f64[n])", []memview.Array{f(3), f(0)}, `f: argument 1 "z": shape[0] is 8/n, which divides by zero (from n=0)`, constraints.ErrExpr},
		{"f(z: f64[n-2], x: f64[n])", []memview.Array{f(3), f(1)}, `f: argument 1 "z": shape[0] is n-2=-1, want 0 or more (from n=1)`, constraints.ErrExpr},
		{"f(z: out f64[count(y)], y: out f64[count(x)], x: f64[_])", []memview.Array{none, none, f(3)}, "", nil},
		{"f(z: out f64[count(y)+0], y: out f64[count(z)+0])", []memview.Array{none, none}, `f: parameter 1 "z": shape[0] is count(y)+0, but y is not known, want an array`, constraints.ErrArgs},
		{"f(x: u8[n], v: i8 = n*100)", []memview.Array{guest(t, memview.U8, 2)}, `f: parameter 2 "v": it is n*100=200, want int8 from -128 to 127 (from n=2)`, constraints.ErrScalar},
		{"f(x: u8[n], v: size = n-3)", []memview.Array{guest(t, memview.U8, 2)}, `f: parameter 2 "v": it is n-3=-1, want uint32 from 0 to 4294967295 (from n=2)`, constraints.ErrScalar},
		{"f(x: f64[n]) where n % 2 == 0, n > 4", []memview.Array{f(6)}, "", nil},
		{"f(x: f64[n]) where n % 2 == 0, n > 4", []memview.Array{f(7)}, "f: condition n%2 == 0 is not met: 1 == 0 (from n=7)", constraints.ErrCondition},
		{"f(x: f64[n]) where n % 2 == 0, n > 4", []memview.Array{f(4)}, "f: condition n > 4 is not met: 4 > 4 (from n=4)", constraints.ErrCondition},
		{"f(x: f64[m,n]) where m*n <= m+n", []memview.Array{f(3, 3)}, "f: condition m*n <= m+n is not met: 9 <= 6 (from m=3, n=3, m=3, n=3)", constraints.ErrCondition},
		{"f(x: f64[n]) where 1/n != 1", []memview.Array{f(0)}, "f: condition 1/n != 1 is 1/n, which divides by zero (from n=0)", constraints.ErrExpr},
		{"type Pp = {x: f32}; f(x: Pp[n], v: i32 = typecode(x))", []memview.Array{none}, `f: argument 1 "x": it is no array, want an array`, constraints.ErrArray},
		{"f(x: any[n], v: i32 = typecode(x))", []memview.Array{guest(t, memview.F64.BigEndian(), 2)}, `f: parameter 2 "v": it is typecode(x), but the type code of >f8 is not known, want a number or bool`, constraints.ErrArgs},
		{"f(x: f64[n] strided, s: i32 = stride(x,0))", []memview.Array{guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(2), Strides: dims(-16)})}, "", nil},
		{"f(x: c128[n] strided, s: i32 = stride(x,0))", []memview.Array{guestAt(t, 0x400, memview.C128, memview.Layout{Shape: dims(2), Strides: dims(24)})}, `f: parameter 2 "s": it is stride(x,0), a stride that is no whole number of elements`, constraints.ErrExpr},
	} {
		_, e := judge(t, compile(t, tt.sig), tt.arrays...)
		if tt.want == "" {
			require.Nil(t, e, tt.sig)
			continue
		}
		require.EqualError(t, e, tt.want, tt.sig)
		require.ErrorIs(t, e, tt.kind)
	}
}

func TestExprString(t *testing.T) {
	for _, text := range []string{
		"1", "n", "n+1", "n+m-k", "n-(m-k)", "n*m/k%3", "n*(m/k)", "(n+m)*k", "n+m*k", "n*m+k", "n-(m+k)*2", "n%(m%k)",
		"itemsize(x)", "nbytes(x)+count(x)*typecode(x)", "stride(x,1)",
	} {
		s := constraints.MustParse("f(x: f64[m,n,k], v: i64 = " + text + ")")
		require.Equal(t, text, s.Params[1].Value.String())
	}
	for text, want := range map[string]string{"((n))": "n", "(n+m)+k": "n+m+k", "(n*m)+(k)": "n*m+k", "n - ( m - k )": "n-(m-k)"} {
		require.Equal(t, want, constraints.MustParse("f(x: f64[m,n,k], v: i64 = " + text + ")").Params[1].Value.String())
	}
	var missing *constraints.Expr
	require.Equal(t, "?", missing.String())
	require.Equal(t, "?+1", (&constraints.Expr{Op: constraints.Add, Y: &constraints.Expr{N: 1}}).String())
	require.Equal(t, "?", (&constraints.Expr{Op: 99}).String())
	loop := &constraints.Expr{Op: constraints.Mul}
	loop.X, loop.Y = loop, &constraints.Expr{N: 1}
	require.Equal(t, "...", loop.String())
}

// FuzzExprString: what String writes is read back as the same tree, and no pair of
// parentheses can be left out.
func FuzzExprString(f *testing.F) {
	for _, s := range []string{"n", "(a+b)*c", "a-(b-c)", "a/(b*c)%2", "itemsize(x)+stride(x,0)", "((1))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read := func(text string) *constraints.Expr {
			s, err := constraints.Parse("f(x: f64[a,b,c,n], v: i64 = " + text + "\n)")
			if err != nil || len(s.Params) != 2 {
				return nil
			}
			return s.Params[1].Value
		}
		e := read(text)
		if e == nil {
			return
		}
		own := e.String()
		require.Equal(t, e, read(own), "%s of %s", own, text)
		for i, open := range own {
			if open != '(' || i > 0 && own[i-1] >= 'a' && own[i-1] <= 'z' {
				continue // of a function
			}
			depth := 0
			for k := i; ; k++ {
				if own[k] == '(' {
					depth++
				} else if own[k] == ')' {
					depth--
				}
				if depth == 0 {
					bare := own[:i] + own[i+1:k] + own[k+1:]
					require.NotEqual(t, e, read(bare), "%s needs no parentheses at %d", own, i)
					break
				}
			}
		}
	})
}

// The precedence of operators, as Go has it: every pair, with and without parentheses.
func TestExprPrecedence(t *testing.T) {
	ops := map[string]func(x, y int64) int64{
		"+": func(x, y int64) int64 { return x + y }, "-": func(x, y int64) int64 { return x - y },
		"*": func(x, y int64) int64 { return x * y }, "/": func(x, y int64) int64 { return x / y }, "%": func(x, y int64) int64 { return x % y },
	}
	tight := map[string]bool{"*": true, "/": true, "%": true}
	for p, f := range ops {
		for q, g := range ops {
			left, right := g(f(97, 5), 3), int64(0)
			if g(5, 3) != 0 || !tight[p] || p == "*" {
				right = f(97, g(5, 3))
			}
			want := left
			if tight[q] && !tight[p] {
				want = right
			}
			for text, want := range map[string]int64{
				fmt.Sprintf("97%s5%s3", p, q): want, fmt.Sprintf("(97%s5)%s3", p, q): left, fmt.Sprintf("97%s(5%s3)", p, q): right,
			} {
				got, e := value(t, text, 0, 0, 1, 1)
				require.Nil(t, e, text)
				require.Equal(t, want, got, text)
			}
		}
	}
}
