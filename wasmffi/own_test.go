package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// Only what the library allocated can be freed, once, and by nobody else.
func TestFree(t *testing.T) {
	lib, other := open(t, wasm.Vec), open(t, wasm.Vec)
	a := array(t, lib, []float64{1, 2, 3})
	view := must(a.Sub(0, 1, 3, 1))
	again := must(memview.AsArray(lib.Memory(), a.Ptr(), memview.F64, 3))
	for name, not := range map[string]wasmffi.Array{
		"a view": view, "read-only": a.ReadOnly(), "reshaped": must(a.Reshape(3, 1)), "by address": again, "Go memory": goArray(t, []float64{1}),
		"owned Go memory": must(memview.Zeros(memview.F64, 1)), "no array": {},
	} {
		require.ErrorContains(t, lib.Free(not), "wasmffi: Free: array is not owned", name)
		require.NoError(t, a.CheckAlive(), name)
	}
	require.ErrorIs(t, other.Free(a), wasmffi.ErrMemory)
	require.ErrorIs(t, other.Free(again), wasmffi.ErrMemory)
	require.ErrorIs(t, lib.Free(must(memview.AsArray(make(elsewhere, 64), 8, memview.U8, 3))), wasmffi.ErrMemory)
	require.NoError(t, a.CheckAlive())

	s, err := memview.Slice[float64](a)
	require.NoError(t, err)
	require.NoError(t, lib.Free(a))
	for _, gone := range []wasmffi.Array{a, view, a.ReadOnly()} {
		require.ErrorIs(t, gone.CheckAlive(), wasmffi.ErrFreed)
		_, err := memview.Values[float64](gone)
		require.ErrorIs(t, err, wasmffi.ErrFreed)
		_, err = gone.At(0)
		require.ErrorIs(t, err, wasmffi.ErrFreed)
		_, err = lib.Array(gone)
		require.ErrorIs(t, err, wasmffi.ErrFreed)
		require.Error(t, memview.Copy(gone, goArray(t, []float64{1, 2, 3})))
		require.NotPanics(t, func() { _ = gone.String() })
	}
	require.ErrorIs(t, lib.Free(a), wasmffi.ErrFreed)
	require.ErrorIs(t, other.Free(a), wasmffi.ErrMemory) // not even then
	require.Len(t, s, 3)                                 // a borrowed slice cannot ask; it reads what is there
	require.NoError(t, again.CheckAlive())
}

func TestArrayCopies(t *testing.T) {
	lib, other := open(t, wasm.Vec), open(t, wasm.Vec)
	x := []float64{1, 2, 3, 4, 5, 6}
	a := array(t, lib, x, 2, 3)
	x[0] = 9
	require.Equal(t, []float64{1, 2, 3, 4, 5, 6}, values[float64](t, a))
	require.Equal(t, []int{2, 3}, a.Shape())
	flags := memview.CContiguous | memview.Aligned | memview.Writeable | memview.OwnData
	require.Equal(t, flags, a.Flags()&flags)
	require.Zero(t, a.Ptr()%16)

	turned := array(t, other, must(a.Transpose())) // from one library to another
	require.Equal(t, []int{3, 2}, turned.Shape())
	require.Equal(t, []float64{1, 4, 2, 5, 3, 6}, values[float64](t, turned))
	require.NotZero(t, turned.Flags()&memview.CContiguous)
	flat := array(t, lib, a, 6)
	require.Equal(t, []int{6}, flat.Shape())
	readOnly := array(t, lib, a.ReadOnly())
	require.NotZero(t, readOnly.Flags()&memview.Writeable)
	big := must(memview.Zeros(memview.U16.BigEndian(), 2))
	require.NoError(t, big.Set(uint16(0x1234), 1))
	require.Equal(t, []uint16{0, 0x1234}, values[uint16](t, array(t, lib, big)))
	require.True(t, array(t, lib, big).DType().Equal(memview.U16))
	foreign := must(memview.AsArray(elsewhere{0, 1, 2, 3}, 1, memview.U8, 3))
	require.Equal(t, []uint8{1, 2, 3}, values[uint8](t, array(t, lib, foreign)))
	require.Equal(t, []uint8{7}, values[uint8](t, array(t, lib, wasmffi.InOut([]uint8{7}))))
	zeroD := must(lib.Empty(memview.F64))
	require.Equal(t, 0, zeroD.NDim())
	empty := array(t, lib, []complex128{})
	require.Equal(t, 0, empty.Size())
	require.NoError(t, lib.Free(empty))
	for _, s := range []any{[]bool{true}, []int8{1}, []int16{1}, []int32{1}, []int64{1}, []uint8{1}, []uint16{1}, []uint32{1}, []uint64{1}, []float32{1}, []float64{1}, []complex64{1}, []complex128{1}} {
		require.Equal(t, 1, array(t, lib, s).Size())
	}
}
