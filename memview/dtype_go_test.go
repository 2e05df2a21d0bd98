package memview_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

type (
	celsius float32
	point   struct{ X, Y float64 }
	mixed   struct {
		A int8
		B float64 `dtype:"bee"`
		C [2][3]uint16
		D point `dtype:"dee" json:"d"`
		E complex64
		_ uint32
		F [4]byte `dtype:",S4"`
		G [4]byte `dtype:"gee,f4"`
		H [8]byte `dtype:",U2"`
		I int64   `dtype:"when,M8[ms]"`
	}
)

func TestDTypeOf(t *testing.T) {
	if _, err := memview.DTypeOf[struct {
		A int32
		B int64
	}](); err != nil {
		// Where Go aligns int64 to 4 bytes its structs are not those of wasm32.
		require.EqualError(t, err, "dtype does not fit: Go type struct { A int32; B int64 }: field B lies at byte 4, C on wasm32 wants a multiple of 8")
		t.Skip("a 32-bit host")
	}
	little := func(d memview.DType, err error) string {
		t.Helper()
		require.NoError(t, err)
		require.True(t, d.Kind() != memview.Struct || d.IsAlignedStruct())
		return d.LittleEndian().String()
	}
	require.Equal(t, "float32", little(memview.DTypeOf[celsius]()))
	require.Equal(t, "('<f4', (2, 3))", little(memview.DTypeOf[[2][3]celsius]()))
	require.Equal(t, "('?', (0,))", little(memview.DTypeOf[[0]bool]()))
	require.Equal(t, "([('X', '<f8'), ('Y', '<f8')], (2,))", little(memview.DTypeOf[[2]point]()))
	require.Equal(t, "{'names': ['A', 'bee', 'C', 'dee', 'E', 'F', 'gee', 'H', 'when'],"+
		" 'formats': ['i1', '<f8', ('<u2', (2, 3)), [('X', '<f8'), ('Y', '<f8')], '<c8', 'S4', '<f4', '<U2', '<M8[ms]'],"+
		" 'offsets': [0, 8, 16, 32, 48, 60, 64, 68, 80], 'itemsize': 88, 'aligned': True}", little(memview.DTypeOf[mixed]()))
}

func TestDTypeOfRefusals(t *testing.T) {
	refuse := func(want string) func(memview.DType, error) {
		return func(d memview.DType, err error) {
			t.Helper()
			require.True(t, d.IsZero())
			require.ErrorIs(t, err, memview.ErrDType)
			require.ErrorContains(t, err, want)
		}
	}
	refuse("Go type int: size of int depends on the machine; write int32 or int64")(memview.DTypeOf[int]())
	refuse("Go type uint: size of uint depends on the machine; write uint32 or uint64")(memview.DTypeOf[uint]())
	refuse("size of uintptr depends on the machine")(memview.DTypeOf[[3]uintptr]())
	refuse("a string holds Go pointers")(memview.DTypeOf[string]())
	refuse("a slice holds Go pointers")(memview.DTypeOf[[]int32]())
	refuse("a map holds Go pointers")(memview.DTypeOf[map[int32]int32]())
	refuse("a interface holds Go pointers")(memview.DTypeOf[any]())
	refuse("a func holds Go pointers")(memview.DTypeOf[func()]())
	refuse("field P: a ptr holds Go pointers")(memview.DTypeOf[struct{ P *point }]())
	refuse("field A: field X: size of int depends")(memview.DTypeOf[struct{ A struct{ X int } }]())
	refuse("field _: a ptr holds Go pointers")(memview.DTypeOf[struct {
		A int32
		_ *int32
	}]())
	refuse("struct has no bytes")(memview.DTypeOf[struct{}]())
	refuse("two fields are named \"x\"")(memview.DTypeOf[struct {
		A int32 `dtype:"x"`
		B int32 `dtype:"x"`
	}]())
	refuse(`field A of type int32: dtype "f8": it has 8 bytes, the Go type has 4`)(memview.DTypeOf[struct {
		A int32 `dtype:"a,f8"`
	}]())
	refuse(`field A of type int32: dtype "nonsense": `)(memview.DTypeOf[struct {
		A int32 `dtype:"a,nonsense"`
	}]())
	refuse(`field A of type int32: dtype "": `)(memview.DTypeOf[struct {
		A int32 `dtype:"a,"`
	}]())
	refuse("field B lies at byte 1, C on wasm32 wants a multiple of 4")(memview.DTypeOf[struct {
		A uint8
		B [4]byte `dtype:"b,f4"`
	}]())
	refuse("struct has 5 bytes, C on wasm32 wants a multiple of 4")(memview.DTypeOf[struct {
		B [4]byte `dtype:"b,f4"`
		A uint8
	}]())
	refuse("struct: name or title of field 0 is not UTF-8")(memview.DTypeOf[struct {
		A int32 "dtype:\"\\xff\""
	}]())
}
