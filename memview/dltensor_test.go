package memview_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

func TestDLTensorRoundTrip(t *testing.T) {
	d := seeded(11)
	for range 2000 {
		m := newMemory(4096)
		nd := d.roll(5)
		shape, strides := make([]int, nd), make([]int, nd)
		dt := memview.MustParseDType(pick(d, "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"))
		for i := range shape {
			shape[i], strides[i] = d.roll(4), (d.roll(9)-4)*dt.ItemSize()
		}
		a, err := memview.NewArray(m, 2048, dt, memview.Layout{Shape: shape, Strides: strides})
		require.NoError(t, err)
		b := must[[]byte](t)(m.Bytes(64, uint32(memview.DLTensorBytes(nd))))
		require.NoError(t, memview.PutDLTensor(b, 64, a))
		back, err := memview.FromDLTensor(m, 64)
		require.NoError(t, err)
		require.Equal(t, []any{a.Ptr(), a.Shape(), a.Strides()}, []any{back.Ptr(), back.Shape(), back.Strides()})
		require.True(t, a.DType().Equal(back.DType()))
	}
}

func TestDLTensorRefuses(t *testing.T) {
	m := newMemory(256)
	a := must[memview.Array](t)(memview.AsArray(m, 128, memview.F64, 2))
	b := make([]byte, memview.DLTensorBytes(1))
	require.ErrorIs(t, memview.PutDLTensor(b[1:], 64, a), memview.ErrLayout)
	require.ErrorIs(t, memview.PutDLTensor(b, 60, a), memview.ErrLayout)
	require.ErrorIs(t, memview.PutDLTensor(b, 64, must[memview.Array](t)(memview.FromSlice([]float64{1, 2}))), memview.ErrLayout)
	require.ErrorIs(t, memview.PutDLTensor(b, 64, must[memview.Array](t)(memview.AsArray(m, 128, memview.F64.BigEndian(), 2))), memview.ErrDType)
	odd := must[memview.Array](t)(memview.NewArray(m, 128, memview.F64, memview.Layout{Shape: []int{2}, Strides: []int{12}}))
	require.ErrorIs(t, memview.PutDLTensor(b, 64, odd), memview.ErrLayout)

	le := binary.LittleEndian
	for name, c := range map[string]struct {
		lie  func(b []byte)
		want error
	}{
		"negative ndim":    {func(b []byte) { le.PutUint32(b[12:], 0xffffffff) }, memview.ErrShape},
		"many dimensions":  {func(b []byte) { le.PutUint32(b[12:], 33) }, memview.ErrShape},
		"another device":   {func(b []byte) { le.PutUint32(b[4:], 2) }, memview.ErrLayout},
		"type code":        {func(b []byte) { b[16] = 4 }, memview.ErrDType},
		"bits":             {func(b []byte) { b[17] = 63 }, memview.ErrDType},
		"lanes":            {func(b []byte) { le.PutUint16(b[18:], 4) }, memview.ErrDType},
		"NULL shape":       {func(b []byte) { le.PutUint32(b[20:], 0) }, memview.ErrNull},
		"shape outside":    {func(b []byte) { le.PutUint32(b[20:], 0xfffffff8) }, memview.ErrBounds},
		"strides outside":  {func(b []byte) { le.PutUint32(b[24:], 250) }, memview.ErrBounds},
		"NULL data":        {func(b []byte) { le.PutUint32(b, 0) }, memview.ErrNull},
		"data outside":     {func(b []byte) { le.PutUint32(b, 250) }, memview.ErrBounds},
		"offset wraps":     {func(b []byte) { le.PutUint64(b[32:], 1<<32) }, memview.ErrBounds},
		"offset and data":  {func(b []byte) { le.PutUint64(b[32:], 1<<32-8) }, memview.ErrBounds},
		"negative extent":  {func(b []byte) { le.PutUint64(b[40:], 1<<64-1) }, memview.ErrShape},
		"huge extent":      {func(b []byte) { le.PutUint64(b[40:], 1<<62) }, memview.ErrTooLarge},
		"too many":         {func(b []byte) { le.PutUint64(b[40:], 100) }, memview.ErrBounds},
		"stride overflows": {func(b []byte) { le.PutUint64(b[48:], 1<<62) }, memview.ErrTooLarge},
		"stride goes down": {func(b []byte) { le.PutUint64(b[48:], 1<<64-100) }, memview.ErrBounds},
	} {
		b := must[[]byte](t)(m.Bytes(64, uint32(memview.DLTensorBytes(1))))
		require.NoError(t, memview.PutDLTensor(b, 64, a))
		c.lie(b)
		_, err := memview.FromDLTensor(m, 64)
		require.ErrorIs(t, err, c.want, name)
	}
	_, err := memview.FromDLTensor(m, 250)
	require.ErrorIs(t, err, memview.ErrBounds)
	_, err = memview.FromDLTensor(m, 0)
	require.ErrorIs(t, err, memview.ErrNull)
}

func FuzzFromDLTensor(f *testing.F) {
	m := newMemory(256)
	a, err := memview.AsArray(m, 128, memview.F64, 2, 3)
	if err != nil {
		f.Fatal(err)
	}
	b := make([]byte, memview.DLTensorBytes(2))
	if err := memview.PutDLTensor(b, 64, a); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newMemory(256)
		copy(m.buf[64:], b)
		if a, err := memview.FromDLTensor(m, 64); err == nil {
			lo, hi := a.Extent()
			require.LessOrEqual(t, hi, m.Size())
			require.True(t, lo > 0 || a.Size() == 0)
			require.NoError(t, a.CheckAlive())
		}
	})
}

func ExampleFromDLTensor() {
	m := newMemory(256)
	a, _ := memview.AsArray(m, 128, memview.F32, 2, 3)
	desc, _ := m.Bytes(64, uint32(memview.DLTensorBytes(a.NDim())))
	fmt.Println(memview.PutDLTensor(desc, 64, a))
	back, err := memview.FromDLTensor(m, 64)
	fmt.Println(back.DType(), back.Shape(), err)
	// Output:
	// <nil>
	// float32 [2 3] <nil>
}

func ExamplePutDLTensor() {
	m := newMemory(256)
	a, _ := memview.AsArray(m, 128, memview.I16, 5)
	desc := make([]byte, memview.DLTensorBytes(1))
	fmt.Println(memview.PutDLTensor(desc, 64, a), "data", desc[0], "ndim", desc[12], "code", desc[16], "bits", desc[17])
	// Output: <nil> data 128 ndim 1 code 0 bits 16
}

func ExampleDLTensorBytes() {
	fmt.Println(memview.DLTensorBytes(0), memview.DLTensorBytes(2))
	// Output: 40 72
}

func ExampleMayShareMemory() {
	s := []float64{1, 2, 3, 4}
	even, _ := memview.FromStrided(s, []int{2}, []int{2})
	odd, _ := memview.FromStrided(s[1:], []int{2}, []int{2})
	all, _ := memview.FromSlice(s)
	fmt.Println(memview.MayShareMemory(even, odd), memview.MayShareMemory(even, all))
	// Output: false true
}
