package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// sound reports whether a bool is one of the two that Go knows: compiled code uses
// its byte, so that a third one shows as a contradiction.
func sound(b bool) bool {
	names := map[bool]int{false: 0, true: 1}
	n, known := names[b]
	other := 0
	switch b {
	case true:
		other = 1
	case false:
	default:
		return false
	}
	table := []int{0, 1}
	return known && n == other && table[index(b)] == n && (b == true) == b && !b != b && (b != false) == (b == true) && index(b)+index(!b) == 1
}

// index is 0 or 1 by assignment: the compiler takes the byte as it is.
func index(b bool) int {
	n := 0
	if b {
		n++
	}
	return n
}

// guestBools are bools as guests write them.
func guestBools(t *testing.T, lib *wasmffi.Library, v int) wasmffi.Array {
	t.Helper()
	a := must(lib.Empty(memview.Bool, 5))
	call(t, bind(t, lib, "set_bytes(x: out bool[n], n: size, v: i32)"), a, v)
	raw := must(memview.AsArray(lib.Memory(), a.Ptr(), memview.U8, 5))
	require.Equal(t, uint8(v), values[uint8](t, raw)[3]) // the guest did as told
	return a
}

// Bytes 2 and 200 in a bool array are true to every accessor, and never an invalid bool.
func TestBoolsOfGuests(t *testing.T) {
	lib := open(t, wasm.Vec)
	set := bind(t, lib, "set_bytes(x: out bool[n], n: size, v: i32)")
	type flagged struct {
		ID   uint8 `dtype:"id"`
		Good bool  `dtype:"good"`
		Bad  [3]bool
	}
	check := func(what string, want bool, all ...bool) {
		t.Helper()
		for _, b := range all {
			require.True(t, sound(b), what)
			require.Equal(t, want, b, what)
		}
		// Through a Go array over the slice the bytes themselves can be seen.
		a := goArray(t, all)
		bytes, err := lib.Array(a)
		require.NoError(t, err)
		raw := values[uint8](t, must(memview.AsArray(lib.Memory(), bytes.Ptr(), memview.U8, len(all))))
		for _, v := range raw {
			require.LessOrEqual(t, v, uint8(1), what)
		}
		require.NoError(t, lib.Free(bytes))
	}
	for _, v := range []int{0, 1, 2, 3, 127, 128, 200, 254, 255, 256, 257} {
		want := v&0xff != 0
		a := guestBools(t, lib, v)
		check("Values", want, values[bool](t, a)...)
		check("Values of a view", want, values[bool](t, must(a.Sub(0, 4, -1, -2)))...)
		one, err := a.At(2)
		require.NoError(t, err)
		check("At", want, one.(bool))
		to := make([]bool, 5)
		require.NoError(t, memview.Copy(goArray(t, to), a))
		check("Copy", want, to...)
		wide := make([]bool, 9)
		require.NoError(t, memview.Copy(must(memview.FromStrided(wide, []int{5}, []int{2})), a))
		check("Copy with gaps", want, wide[0], wide[2], wide[8])
		z := must(memview.Zeros(memview.Bool, 5))
		require.NoError(t, memview.Copy(z, a))
		check("Zeros", want, values[bool](t, z)...)
		copied := array(t, lib, a)
		check("Array of an Array", want, values[bool](t, copied)...)

		staged := make([]bool, 5)
		call(t, set, staged, v)
		check("a staged slice", want, staged...)
		taken, err := wasmffi.Take[bool](call(t, set, wasmffi.New(5), v), "x")
		require.NoError(t, err)
		check("Take", want, taken...)
		scalar, err := call(t, bind(t, lib, "set_bytes(x: out bool, count: size, v: i32)"), 1, v).Out("x").At()
		require.NoError(t, err)
		check("an out scalar", want, scalar.(bool))

		// A struct with bools, written byte by byte.
		dt := must(memview.DTypeOf[flagged]())
		structs := must(lib.Empty(dt, 2))
		raw := must(memview.AsArray(lib.Memory(), structs.Ptr(), memview.U8, 10))
		call(t, bind(t, lib, "set_bytes(x: inout u8[n], n: size, v: i32)"), raw, v)
		for _, s := range values[flagged](t, structs) {
			check("Values of a struct", want, s.Good, s.Bad[0], s.Bad[1], s.Bad[2])
		}
		check("Field", want, values[bool](t, must(structs.Field("good")))...)
		field, err := structs.At(1)
		require.NoError(t, err)
		check("At of a struct", want, field.([]any)[1].(bool))
		host := make([]flagged, 2)
		require.NoError(t, memview.Copy(goArray(t, host), structs))
		check("Copy of a struct", want, host[1].Good, host[1].Bad[2])
		require.NoError(t, memview.Copy(must(goArray(t, host).Field("good")), must(structs.Field("good"))))
		check("Copy of a field", want, host[0].Good)

		for _, arr := range []wasmffi.Array{a, copied, structs} {
			require.NoError(t, lib.Free(arr))
		}
	}
	// What a guest makes of such bools is its own affair: any byte but 0 counts.
	a := guestBools(t, lib, 200)
	require.EqualValues(t, 5, call(t, bind(t, lib, "count_true(x: bool[n], n: size) -> size"), a).Uint())
	require.True(t, sound(call(t, bind(t, lib, "any_true(x: bool[n], n: size) -> bool"), a).Bool()))
	// A bool result with any bits.
	scalars := open(t, wasm.Scalars)
	for _, v := range []uint32{0, 1, 2, 200, 256, 1 << 31} {
		r := call(t, bind(t, scalars, "id_u32(v: u32) -> bool"), v)
		require.True(t, sound(r.Bool()) && sound(r.Value().(bool)))
		require.Equal(t, v != 0, r.Bool())
	}
}
