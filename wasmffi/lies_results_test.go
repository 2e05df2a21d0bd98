package wasmffi_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// Addresses are believed only as far as what they point to lies in the memory, in whatever way the call is made.
func TestLiesOfAddresses(t *testing.T) {
	m := compile(t, liar(), wasmffi.Options{})
	const size = 65536
	const handle = "type Hh = opaque free(end); "
	for _, tt := range []struct {
		sig, kind string
		p         uint32
		want      error // nil: it fits
		text      string
	}{
		{"id(p: ptr) -> f64[4]", "array", size - 32, nil, ""},
		{"id(p: ptr) -> f64[4]", "array", size - 24, memview.ErrBounds, "id: result is 0xffe8, want float64 of shape (4,) inside of the memory of 0x10000 bytes"},
		{"id(p: ptr) -> f64[4]", "array", size, memview.ErrBounds, ""},
		{"id(p: ptr) -> f64[4]", "array", math.MaxUint32, memview.ErrBounds, ""},
		{"id(p: ptr) -> f64[4]", "array", math.MaxUint32 - 31, memview.ErrBounds, "id: result is 0xffffffe0, want float64 of shape (4,) inside of the memory of 0x10000 bytes"},
		{"id(p: ptr) -> f64[4]", "array", 0, memview.ErrNull, "id: result is NULL, want a pointer, or nullable in the signature"},
		{"id(p: ptr) -> f64[4]", "array", 1, constraints.ErrAlign, "id: result is 0x1, want a multiple of 8"},
		{"id(p: ptr) -> f64[4] nullable", "array", 0, nil, ""},
		{"id(p: ptr) -> f64[4] nullable", "array", 4, constraints.ErrAlign, ""},
		{"id(p: ptr) -> u8[1]", "array", size - 1, nil, ""},
		{"id(p: ptr) -> u8[1]", "array", size, memview.ErrBounds, ""},
		{"id(p: ptr) -> u8[0]", "array", size, nil, ""},
		{"id(p: ptr) -> u8[0]", "array", size + 1, memview.ErrBounds, ""},
		{"id(p: ptr) -> f64[0]", "array", 0, memview.ErrNull, ""},
		{"id(p: ptr) -> f64[536870911]", "array", 8, memview.ErrBounds, ""}, // up to 2^32
		{"id(p: ptr) -> u8[32768,65536]", "array", math.MaxUint32, memview.ErrBounds, ""},
		{"id(p: ptr) -> c128[2]", "array", size - 16, memview.ErrBounds, ""},
		{"id(p: ptr) -> f64[4] owned", "slice", size - 24, memview.ErrBounds, ""},
		{"id(p: ptr) -> f64[4] owned", "slice", 0, memview.ErrNull, ""},
		{"id(p: ptr) -> f64[4] owned", "slice", 4, constraints.ErrAlign, ""},
		{"id(p: ptr) -> f64[4] owned", "slice", 1024, nil, ""},
		{"id(p: ptr) -> f64[4] nullable owned", "slice", 0, nil, ""},
		{"id(p: ptr) -> cstr", "text", 0, memview.ErrNull, ""},
		{"id(p: ptr) -> cstr", "text", 1, nil, ""},
		{"id(p: ptr) -> cstr", "text", size - 10, nil, ""},
		{"id(p: ptr) -> cstr", "text", size - 7, nil, ""}, // not UTF-8
		{"id(p: ptr) -> cstr", "text", size - 4, memview.ErrBounds, "id: result is 0xfffc, where no NUL follows in 4 bytes, want a string of at most 1048576 bytes"},
		{"id(p: ptr) -> cstr", "text", size - 1, memview.ErrBounds, "id: result is 0xffff, where no NUL follows in 1 bytes, want a string of at most 1048576 bytes"},
		{"id(p: ptr) -> cstr", "text", size, memview.ErrBounds, "id: result is 0x10000, want a string inside of the memory of 0x10000 bytes"},
		{"id(p: ptr) -> cstr nullable", "text", math.MaxUint32, memview.ErrBounds, ""},
		{"id(p: ptr) -> cstr nullable", "text", 0, nil, ""},
		{handle + "id(p: ptr) -> Hh", "handle", 0, memview.ErrNull, ""},
		{handle + "id(p: ptr) -> Hh", "handle", math.MaxUint32, nil, ""}, // which nobody looks into
		{handle + "id(p: ptr) -> Hh nullable", "handle", 0, nil, ""},
	} {
		r, err := everyWay(t, m, tt.sig, tt.p)
		lib := instance(t, m)
		also := boundCall(lib, tt.sig, tt.kind, tt.p)
		if tt.want == nil {
			require.NoError(t, err, "%s of %#x", tt.sig, tt.p)
			require.NoError(t, also, "%s of %#x", tt.sig, tt.p)
			if a, ok := r.Value().(memview.Array); ok {
				inMemory(t, a, size, tt.sig)
			}
			continue
		}
		require.ErrorIs(t, err, tt.want, "%s of %#x", tt.sig, tt.p)
		require.NotErrorIs(t, err, wasmffi.ErrNotRun, tt.sig)
		require.EqualError(t, also, err.Error(), tt.sig)
		require.NotContains(t, err.Error(), "\n")
		if tt.text != "" {
			require.EqualError(t, err, tt.text)
		}
		_, err = lib.Empty(memview.U8, 1)
		require.ErrorIs(t, err, wasmffi.ErrPoisoned, tt.sig)
	}
}

// What no memory could hold is no signature.
func TestResultsThatNoMemoryHolds(t *testing.T) {
	lib := instance(t, compile(t, liar(), wasmffi.Options{}))
	for _, result := range []string{"f64[536870913]", "f64[2147483647,2147483647]", "u8[65536,65537]", "u8[4294967296]", "c128[2147483647,2147483647,2147483647,2147483647]"} {
		_, err := lib.Func("id(p: ptr) -> " + result)
		require.Error(t, err, result)
	}
}

func TestLiesOfTexts(t *testing.T) {
	m := compile(t, liar(), wasmffi.Options{})
	text := bind(t, instance(t, m), "id(p: ptr) -> cstr")
	require.Equal(t, "hi", call(t, text, 65526).Text())
	require.Equal(t, "\xff\xfe", call(t, text, 65529).Text(), "the bytes as they are")
	require.Empty(t, call(t, text, 65528).Text())
}

// numbers that look like lengths and are none that a memory has.
var liedLengths = []int64{-1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 7, 1 << 29, 1 << 31, 1<<31 - 1, 1<<32 - 1, 1 << 32, 1<<32 + 1, 1 << 33, 1 << 61, 1 << 62, -1 << 32}

// Extents of results that the guest says in outputs: neither sums nor products wrap.
func TestLiesOfExtents(t *testing.T) {
	m := compile(t, liar(), wasmffi.Options{})
	const size = 65536
	for _, sig := range []string{
		"give(n: out i64, v: i64, p: ptr) -> f64[n]",
		"give(n: out i64, v: i64, p: ptr) -> f64[n] nullable owned",
		"give(n: out u64, v: i64, p: ptr) -> u8[n]",
		"give(n: out i64, v: i64, p: ptr) -> u8[n,n]",
		"give(n: out i64, v: i64, p: ptr) -> f64[n*n]",
		"give(n: out i64, v: i64, p: ptr) -> c128[n*8]",
		"give(n: out i64, v: i64, p: ptr) -> f64[n+9223372036854775807]",
		"give(n: out i64, v: i64, p: ptr) -> u8[n,n,n,n]",
	} {
		for _, v := range liedLengths {
			if (v == -1 || v == -1<<32) && sig == "give(n: out i64, v: i64, p: ptr) -> f64[n*n]" {
				continue // whose squares are none, or too large, below
			}
			r, err := everyWay(t, m, sig, v, uint32(1024))
			require.Error(t, err, "%s of %d: %v", sig, v, r)
			require.NotErrorIs(t, err, wasmffi.ErrNotRun)
			var e *wasmffi.TypeError
			require.ErrorAs(t, err, &e, "%s of %d", sig, v)
			require.NotEmpty(t, e.Got, "%s of %d: %v", sig, v, err)
			require.Equal(t, "give", e.Func)
		}
	}
	r, err := everyWay(t, m, "give(n: out i64, v: i64, p: ptr) -> f64[n*n]", -1, uint32(1024))
	require.NoError(t, err)
	require.Equal(t, []int{1}, r.Array().Shape())
	_, err = everyWay(t, m, "give(n: out i64, v: i64, p: ptr) -> f64[n]", 8065, uint32(1024))
	require.ErrorIs(t, err, memview.ErrBounds)
	r, err = everyWay(t, m, "give(n: out i64, v: i64, p: ptr) -> f64[n]", 8064, uint32(1024))
	require.NoError(t, err)
	inMemory(t, r.Array(), size, "all of it")

	// An extent of 32 bits is what its type says, signed or not.
	_, err = everyWay(t, m, "give32(n: out i32, v: u32, p: ptr) -> u8[n]", uint32(math.MaxUint32), 1024)
	require.ErrorContains(t, err, "-1")
	_, err = everyWay(t, m, "give32(n: out size, v: u32, p: ptr) -> u8[n]", uint32(math.MaxUint32), 1)
	require.ErrorIs(t, err, memview.ErrBounds)
	_, err = everyWay(t, m, "give32(n: out size, v: u32, p: ptr) -> u8[n]", uint32(0xfffffc00), 1024) // 2^32 together
	require.ErrorIs(t, err, memview.ErrBounds)
	// Two factors of which none is wrong by itself.
	for _, v := range []int64{1 << 16, 1 << 31, 1 << 32} {
		_, err = everyWay(t, m, "give2(n: out i64, k: out i64, v: i64, w: i64, p: ptr) -> f64[n,k]", v, v, 1024)
		require.ErrorIs(t, err, memview.ErrBounds, "%d", v)
	}
	r, err = everyWay(t, m, "give2(n: out i64, k: out i64, v: i64, w: i64, p: ptr) -> f64[n,k]", int64(1)<<32, 0, 1024)
	require.NoError(t, err)
	require.Zero(t, r.Array().Size())
}

// How much of an output was written is believed from nothing to all of it.
func TestLiesOfLengths(t *testing.T) {
	m := compile(t, liar(), wasmffi.Options{})
	for _, tt := range []struct {
		sig  string
		args func(v int64, dst any) []any
	}{
		{"fill(dst: out u8[8] len(result), v: i64) -> i64", nil},
		{"fill(dst: out u8[8] len(result), v: i64) -> u64", nil},
		{"fill(dst: inout u8[8] len(result*2), v: i64) -> i64", nil},
		{"fill(dst: out u8[8] len(8-result), v: i64) -> i64", nil},
		{"fillout(dst: out u8[8] len(n), n: out i64, v: i64)", nil},
		{"fillout(dst: out u8[8] len(n*n), n: out u64, v: i64)", nil},
	} {
		for _, v := range append([]int64{9, 8, 4, 0, 100}, liedLengths...) {
			for _, dst := range []string{"Go", "left out", "guest"} {
				var errs []string
				for _, w := range ways {
					lib := instance(t, m)
					f := bind(t, lib, tt.sig)
					host := []uint8{1, 2, 3, 4, 5, 6, 7, 8}
					args := []any{host, v}
					switch dst {
					case "guest":
						args[0] = array(t, lib, host)
					case "left out":
						if f.Signature().Params[0].Dir.String() != "out" {
							continue
						}
						args[0] = wasmffi.New(8)
					}
					r, err := w.call(f, args)
					if err != nil {
						require.NotErrorIs(t, err, wasmffi.ErrNotRun)
						require.ErrorAs(t, err, new(*wasmffi.TypeError), "%s of %d: %v", tt.sig, v, err)
						require.Equal(t, []uint8{1, 2, 3, 4, 5, 6, 7, 8}, host, "%s of %d", tt.sig, v)
						errs = append(errs, err.Error())
						continue
					}
					errs = append(errs, "")
					require.LessOrEqual(t, r.Out("dst").Size(), 8, "%s of %d", tt.sig, v)
					require.True(t, v >= 0 && v <= 8 || v < 0 && tt.sig[5] == 'o', "%s of %d: %v", tt.sig, v, r)
				}
				for _, e := range errs {
					require.Equal(t, errs[0], e, "%s of %d", tt.sig, v)
				}
			}
		}
	}
	_, err := everyWay(t, m, "fill(dst: out u8[8] len(result), v: i64) -> i64", wasmffi.New(8), 9)
	require.EqualError(t, err, "fill: length of output dst is result=9, want 0 to 8")
	_, err = everyWay(t, m, "fill(dst: out u8[8] len(result), v: i64) -> u64", wasmffi.New(8), -1)
	require.ErrorContains(t, err, "18446744073709551615")
}

// A status, and numbers of fewer bits than wasm has, count by their own type.
func TestLiesOfNumbers(t *testing.T) {
	m := compile(t, liar(), wasmffi.Options{})
	for _, v := range []uint32{1, 2, 255, 256, 1 << 16, 1 << 31, math.MaxUint32} {
		r, err := everyWay(t, m, "id(v: u32) -> bool", v)
		require.NoError(t, err)
		require.True(t, sound(r.Bool()) && r.Bool() && sound(r.Value().(bool)), "%#x", v)
		r, err = everyWay(t, m, "id(v: u32) -> u8", v)
		require.NoError(t, err)
		require.EqualValues(t, uint8(v), r.Uint())
		r, err = everyWay(t, m, "id(v: u32) -> i16", v)
		require.NoError(t, err)
		require.EqualValues(t, int16(v), r.Int())
		_, err = everyWay(t, m, "id(v: u32) -> i32 ok(0)", v)
		var status *wasmffi.StatusError
		require.ErrorAs(t, err, &status)
		require.EqualValues(t, int32(v), status.Got)
	}
	for _, v := range liedLengths {
		_, err := everyWay(t, m, "id64(v: i64) -> i64 ok(0)", v)
		require.ErrorAs(t, err, new(*wasmffi.StatusError), "%d", v)
		_, err = everyWay(t, m, "id64(v: i64) -> u64 ok(0)", v)
		require.ErrorAs(t, err, new(*wasmffi.StatusError), "%d", v)
	}
	_, err := everyWay(t, m, "id64(v: i64) -> u64 ok(9223372036854775807)", -1)
	require.ErrorAs(t, err, new(*wasmffi.StatusError))
}

// A function that returns its argument gives a copy of what was staged, which is nobody's to free.
func TestFreeOfReturnedArgument(t *testing.T) {
	m := compile(t, liar(), wasmffi.Options{})
	for _, sig := range []string{"same(x: f64[4], p: ptr) -> f64[4]", "same(x: inout f64[4], p: ptr) -> f64[4]", "same(x: f64[4], p: ptr) -> f64[4] nullable"} {
		for _, w := range ways {
			lib := instance(t, m)
			f := bind(t, lib, sig)
			r, err := w.call(f, []any{[]float64{1, 2, 3, 4}, 1024}) // where the first block of the allocator is
			require.NoError(t, err, w.name)
			require.Nil(t, r.Array().Memory())
			require.Equal(t, []float64{1, 2, 3, 4}, values[float64](t, r.Array()))
			require.NoError(t, r.Free(), "%s by %s", sig, w.name)
			require.Equal(t, []float64{1, 2, 3, 4}, values[float64](t, r.Array()))
		}
	}
	lib := instance(t, m)
	f, err := wasmffi.Bind[func(context.Context, int64, uint32) (memview.Array, int64, error)](lib, "give(n: out i64, v: i64, p: ptr) -> f64[n]")
	require.NoError(t, err)
	a, n, err := f(bg, 2, 1024)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	require.Equal(t, 2, a.Size())
}
