package wasm_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// write puts values where an allocator of the guest made room.
func (in *instance) write(p uint64, values ...float64) {
	in.t.Helper()
	for i, v := range values {
		require.True(in.t, in.Memory().WriteFloat64Le(uint32(p)+uint32(8*i), v), "%#x", p)
	}
}

// adds calls add on arrays at x, y and z.
func (in *instance) adds(x, y, z uint64) {
	in.t.Helper()
	in.write(x, 1, 2, 3)
	in.write(y, 10, 20, 30)
	in.call("add", x, y, z, 3)
	require.Equal(in.t, []float64{11, 22, 33}, get[float64](in, z, 3))
	require.Equal(in.t, f64(66), in.call("sum", z, 3))
}

func TestASAlloc(t *testing.T) {
	g := compile(t, "asalloc")
	in := g.instantiate(t)
	var p [3]uint64
	for i := range p {
		p[i] = in.call("__pin", in.call("__new", 24, uint64(i)))
		require.Zero(t, p[i]%16)
		require.EqualValues(t, i, in.call("class_id", p[i]))
	}
	require.Equal(t, []uint32{2, 24}, get[uint32](in, p[2]-8, 2), "id and size, where AssemblyScript has them")
	in.adds(p[0], p[1], p[2])
	require.EqualValues(t, 3, in.call("live"))
	require.EqualValues(t, 3, in.call("pinned"))
	require.EqualValues(t, 3, in.call("collected"))

	in.call("__unpin", p[1])
	require.Equal(t, []float64{10}, get[float64](in, p[1], 1), "not collected yet")
	in.call("__collect")
	require.Equal(t, []byte{0xDB, 0xDB, 0xDB}, get[byte](in, p[1], 3), "collected and overwritten")
	require.Equal(t, p[1], in.call("__new", 32, 0), "used again")
	require.Equal(t, make([]float64, 4), get[float64](in, p[1], 4), "zero again")
	require.NotEqual(t, p[1], in.call("__new", 33, 0))
	require.EqualValues(t, 3, in.call("live"), "what was not pinned is gone with the next __new")
	big := in.call("__pin", in.call("__new", 1<<20, 0))
	require.GreaterOrEqual(t, uint64(in.Memory().Size()), big+1<<20)

	require.Zero(t, in.call("__pin", 0))
	in.call("__unpin", 0)
	for _, c := range []struct {
		fn  string
		arg uint64
	}{{"__pin", p[0]}, {"__pin", p[1] + 16}, {"__unpin", 64}, {"class_id", 1 << 24}} {
		_, err := in.try(t.Context(), c.fn, c.arg)
		require.ErrorContains(t, err, trapped, "%s(%d)", c.fn, c.arg)
	}
	_, err := in.try(t.Context(), "__new", math.MaxUint32, 0)
	require.ErrorContains(t, err, trapped)
	g.requireAllCalled()
}

func TestBindgen(t *testing.T) {
	g := compile(t, "bindgen")
	in := g.instantiate(t)
	malloc := func(n, align uint64) uint64 { return in.call("__wbindgen_malloc", n, align) }
	for _, align := range []uint64{1, 2, 8, 16, 64, 4096} {
		p := malloc(24, align)
		require.Zero(t, p%align)
		require.NotEqual(t, p, malloc(24, align))
		require.EqualValues(t, 2, in.call("live"))
		require.EqualValues(t, 48, in.call("live_bytes"))
		in.call("__wbindgen_free", p, 24, align)
		require.Equal(t, p, malloc(20, align), "used again")
		in = g.instantiate(t)
	}
	in.adds(malloc(24, 8), malloc(24, 8), malloc(24, 8))
	require.EqualValues(t, 8, malloc(0, 8), "an address that nobody reads")
	in.call("__wbindgen_free", 8, 0, 8)
	big := malloc(1<<20, 16)
	require.GreaterOrEqual(t, uint64(in.Memory().Size()), big+1<<20)
	require.EqualValues(t, 4, in.call("live"))

	for _, c := range [][3]uint64{{big, 1 << 20, 8}, {big, 1<<20 - 1, 16}, {big + 16, 1 << 20, 16}, {big + 8, 1 << 20, 16}} {
		_, err := in.try(t.Context(), "__wbindgen_free", c[:]...)
		require.ErrorContains(t, err, trapped, "%v", c)
	}
	in.call("__wbindgen_free", big, 1<<20, 16)
	_, err := in.try(t.Context(), "__wbindgen_free", big, 1<<20, 16)
	require.ErrorContains(t, err, trapped, "freed twice")
	for _, c := range [][]uint64{{8, 0}, {8, 12}, {math.MaxUint32, 8}} {
		_, err = in.try(t.Context(), "__wbindgen_malloc", c...)
		require.ErrorContains(t, err, trapped, "%v", c)
	}
	g.requireAllCalled()
}

func TestSbrk(t *testing.T) {
	g := compile(t, "sbrk")
	in := g.instantiate(t)
	p := in.call("sbrk", 100)
	require.Equal(t, in.ExportedGlobal("__heap_base").Get(), p)
	require.Equal(t, p+100, in.call("sbrk", 0))
	require.Equal(t, p+100, in.call("claim", 1000))
	require.Equal(t, p+1100, in.call("sbrk", 1<<20))
	require.GreaterOrEqual(t, uint64(in.Memory().Size()), p+1100+1<<20)

	x := p + 1100 + (-(p + 1100))%16
	in.write(x, 1, 2, 3)
	require.EqualValues(t, 0, in.call("reverse", x, x+24, 3))
	require.Equal(t, []float64{3, 2, 1}, get[float64](in, x+24, 3))
	require.Equal(t, f64(6), in.call("sum", x+24, 3))
	require.Zero(t, in.call("damage"))
	require.True(t, in.Memory().WriteUint64Le(uint32(p)+100, math.MaxUint64))
	require.EqualValues(t, 8, in.call("damage"))

	end := in.call("sbrk", 0)
	require.EqualValues(t, uint32(math.MaxUint32), in.call("sbrk", math.MaxInt32), "more than memory can be")
	require.EqualValues(t, uint32(math.MaxUint32), in.call("sbrk", uint64(uint32(1<<31))), "below the heap")
	require.Equal(t, end, in.call("sbrk", uint64(math.MaxUint32-99)))
	require.Equal(t, end-100, in.call("sbrk", 0))
	require.Zero(t, in.call("claim", math.MaxUint32))
	g.requireAllCalled()
}
