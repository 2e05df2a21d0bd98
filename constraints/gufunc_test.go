package constraints_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func TestParseGUFunc(t *testing.T) {
	f64s := func(n int) []memview.DType {
		all := make([]memview.DType, n)
		for i := range all {
			all[i] = memview.F64
		}
		return all
	}
	for _, tt := range []struct {
		text   string
		dtypes []memview.DType
		want   string
	}{
		{"(m,k),(k,n)->(m,n)", f64s(3), "f(x0: f64[m,k], x1: f64[k,n], y0: out f64[m,n], m: size, k: size, n: size)"},
		{"(i),(i)->()", []memview.DType{memview.F32, memview.F32, memview.F64}, "f(x0: f32[i], x1: f32[i], y0: out f64[], i: size)"},
		{" ( m , 3 ) -> ( m ) , ( ) ", f64s(3), "f(x0: f64[m,3], y0: out f64[m], y1: out f64[], m: size)"},
		{"()->()", f64s(2), "f(x0: f64[], y0: out f64[])"},
		{"(n)->", f64s(1), "f(x0: f64[n], n: size)"},
		{"->(n)", f64s(1), "f(y0: out f64[n], n: size)"},
		{"(3),(3)->(3)", f64s(3), "f(x0: f64[3], x1: f64[3], y0: out f64[3])"},
		{"(n_1)->(n_1)", f64s(2), "f(x0: f64[n_1], y0: out f64[n_1], n_1: size)"},
	} {
		s, err := constraints.ParseGUFunc("f", tt.text, tt.dtypes...)
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, s.String())
		require.Equal(t, constraints.MustParse(tt.want), s)
		mustCompile(t, s)
	}
	for _, tt := range []struct {
		text   string
		dtypes int
		want   string
	}{
		{"", 0, "want inputs and outputs with one -> between them"},
		{"(n)", 1, "want inputs and outputs with one -> between them"},
		{"(n)->(n)->(n)", 3, "want inputs and outputs with one -> between them"},
		{"(n)->(n)", 1, "got 1 dtypes for 2 arrays"},
		{"(n)->(n)", 3, "got 3 dtypes for 2 arrays"},
		{"n->(n)", 2, `want ( and ) around the dimensions of every array, got "n"`},
		{"(n->(n)", 2, `want ( and ) around the dimensions of every array, got "(n"`},
		{"(n)(m)->(n)", 3, `want a comma between arrays, got "(m)"`},
		{"(n),->(n)", 2, `want ( and ) around the dimensions of every array, got ""`},
		{"(n,)->(n)", 2, `dimension "": want a name or a number`},
		{"(n?)->(n)", 2, `dimension "n?": want a name or a number`},
		{"(n|1)->(n)", 2, `dimension "n|1": want a name or a number`},
		{"(-1)->(n)", 2, `dimension "-1": want a name or a number`},
		{"(1234567890)->(n)", 2, `dimension "1234567890": want a name or a number`},
		{"(é)->(n)", 2, `dimension "é": want a name or a number`},
		{"(x0)->(n)", 2, `parameter "x0": it is f64[x0], and a dimension of x0`},
		{"(a,b,c,d,e,f,g,h,i)->(a)", 2, `parameter "x0": array has 9 dimensions, want at most 8`},
		{"(a,b,c,d,e,f,g,h),(i,j,k,l,m,n,o,p),(q)->()", 4, "17 named dimensions, want at most 16"},
		{strings.Repeat("(n),", 70) + "(n)->()", 72, "73 parameters, want at most 64"},
		{strings.Repeat(" ", constraints.MaxText+1), 0, "text has 4097 bytes, want at most 4096"},
	} {
		s, err := constraints.ParseGUFunc("f", tt.text, f64s(tt.dtypes)...)
		require.Nil(t, s)
		require.ErrorContains(t, err, tt.want, tt.text)
		require.LessOrEqual(t, len(err.Error()), 250, tt.text)
	}
	_, err := constraints.ParseGUFunc("", "()->()", f64s(2)...)
	require.ErrorContains(t, err, "function has no name")
	_, err = constraints.ParseGUFunc("f", "(n)->(n)", memview.DType{}, memview.F64)
	require.ErrorContains(t, err, `the guest does not learn which type any is`)
}
