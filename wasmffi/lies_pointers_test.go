package wasmffi_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// pointing is a guest with a table of four entries: NULL, a function of an address and a number that writes there, one of
// another type, and nothing. It answers any function pointer.
func pointing(customs ...[]byte) []byte {
	var m made
	m.customs = customs
	m.pages(1)
	m.tables = append(m.tables, cat(funcref, 0, leb(4)))
	m.fn("at", "i", "i", opLocalGet, 0)
	zero := m.fn("", "ii", "", opLocalGet, 0, constant(-1), opStore, 2, 0)
	other := m.fn("", "d", "d", opLocalGet, 0)
	m.elems = append(m.elems, cat(0, constant(1), opEnd, leb(2), leb(zero), leb(other)))
	return m.bytes()
}

// What is no function of that type in the table is an error when it is called, and not before.
func TestLiesOfFunctionPointers(t *testing.T) {
	m := compile(t, pointing(), wasmffi.Options{})
	const sig = "at(p: u32) -> func(x: i32[n], n: size)"
	for _, tt := range []struct {
		p    uint32
		want error
	}{
		{1, nil}, {2, wasmffi.IndirectCallType}, {3, wasmffi.InvalidTableAccess}, {4, wasmffi.InvalidTableAccess}, {1 << 16, wasmffi.InvalidTableAccess},
		{1 << 31, wasmffi.InvalidTableAccess}, {math.MaxUint32, wasmffi.InvalidTableAccess}, {math.MaxUint32 - 3, wasmffi.InvalidTableAccess},
	} {
		_, err := everyWay(t, m, sig, tt.p)
		require.NoError(t, err)
		for i, w := range ways {
			lib := instance(t, m)
			f, err := call(t, bind(t, lib, sig), tt.p).Func()
			require.NoError(t, err, "%#x", tt.p)
			at, err := lib.FuncAt(memview.Ptr(tt.p), "func(x: i32[n], n: size)")
			require.NoError(t, err, "%#x", tt.p)
			if i%2 == 1 {
				f = at
			}
			x := []int32{1, 2, 3}
			_, err = w.call(f, []any{x})
			if tt.want == nil {
				require.NoError(t, err)
				require.Equal(t, []int32{-1, 2, 3}, x)
				continue
			}
			require.ErrorIs(t, err, tt.want, "%s of %#x", w.name, tt.p)
			require.Equal(t, []int32{1, 2, 3}, x)
			require.ErrorAs(t, err, new(*wasmffi.Trap))
			require.NoError(t, lib.Reset(bg, nil))
			_, err = f.Call(bg, x)
			require.ErrorIs(t, err, wasmffi.ErrStale)
		}
	}
	lib := instance(t, m)
	r := call(t, bind(t, lib, sig+" nullable"), 0)
	_, err := r.Func()
	require.ErrorIs(t, err, memview.ErrNull)
	_, err = everyWay(t, m, sig, 0)
	require.ErrorIs(t, err, memview.ErrNull)
	at, err := lib.FuncAt(0, "func(f64) -> f64")
	require.NoError(t, err)
	_, err = at.Call(bg, 1)
	require.ErrorIs(t, err, wasmffi.InvalidTableAccess)
}

// A function pointer is no address and no number.
func TestValueOfFunctionPointer(t *testing.T) {
	lib := instance(t, compile(t, pointing(), wasmffi.Options{}))
	r := call(t, bind(t, lib, "at(p: u32) -> func(x: i32[n], n: size)"), 1)
	switch v := r.Value().(type) {
	case nil, memview.Ptr, *wasmffi.Func:
	default:
		require.Fail(t, "a function pointer", "got %T(%v), want a Ptr, a *Func or nil", v, v)
	}
	require.NotEqual(t, "0", r.String(), "the pointer is 1")
}

// A type of function that the module itself declares decides as little about Go memory as the signature that it stands in.
func TestDeclaredFunctionPointer(t *testing.T) {
	text := "at(p: u32) -> func(x: i32[n], n: size)\n"
	lib := instance(t, compile(t, pointing(cat("wasmffi", []byte(text))), wasmffi.Options{}))
	at, err := lib.DeclaredFunc("at")
	require.NoError(t, err)
	f, err := call(t, at, 1).Func()
	require.NoError(t, err)
	x := []int32{1, 2, 3}
	_, err = f.Call(bg, x)
	require.ErrorIs(t, err, constraints.ErrAccess, "nobody wrapped it in InOut")
	require.Equal(t, []int32{1, 2, 3}, x)
	_, err = f.Call(bg, wasmffi.InOut(x))
	require.NoError(t, err)
	require.Equal(t, []int32{-1, 2, 3}, x)
}
