package constraints_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// A dimension called result is a dimension, whatever the function returns.
func TestDimensionCalledResult(t *testing.T) {
	for _, sig := range []string{
		"f(y: out f64[result] len(result), result: size)",
		"f(y: out f64[result] len(result), result: size) -> i32",
	} {
		c := compile(t, sig)
		require.False(t, c.Named(-1), sig)
		b, e := judge(t, c, guest(t, memview.F64, 7))
		require.Nil(t, e)
		c.SetNumber(b, -1, 3)
		n, e := c.Len(b, 0, 7)
		require.Nil(t, e)
		require.Equal(t, 7, n)
	}
}

// What a result cannot be is known before the call, unless the call itself says it.
func TestImpossibleResult(t *testing.T) {
	c := compile(t, "f(x: f64[n], n: size) -> f64[n-1]")
	_, e := judge(t, c, guest(t, memview.F64, 0))
	require.EqualError(t, e, "f: shape[0] is n-1=-1, want 0 or more (from n=0)")
	require.ErrorIs(t, e, constraints.ErrExpr)
	_, e = judge(t, c, guest(t, memview.F64, 1))
	require.Nil(t, e)
	c = compile(t, "f(x: f64[n], n: size, k: out i32) -> f64[n-k]")
	_, e = judge(t, c, guest(t, memview.F64, 0))
	require.Nil(t, e)
}
