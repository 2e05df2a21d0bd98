package memview_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// inC lays a declaration out by the rules of C on wasm32, knowing only what its text says.
func inC(t testing.TB, c memview.CType) (size, align int) {
	switch c.Kind {
	case memview.CScalar:
		size := map[string]int{"_Bool": 1, "char": 1, "unsigned char": 1, "int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "_Float16": 2,
			"int32_t": 4, "uint32_t": 4, "float": 4, "char32_t": 4, "int64_t": 8, "uint64_t": 8, "double": 8, "float _Complex": 8, "double _Complex": 16}[c.Name]
		require.NotZero(t, size, c.Name)
		if strings.HasSuffix(c.Name, "_Complex") {
			return size, size / 2
		}
		return size, size
	case memview.CVector:
		size, align := inC(t, *c.Elem)
		return size * c.Len, align
	}
	packed := strings.HasPrefix(c.String(), "struct __attribute__((packed))") || strings.HasPrefix(c.String(), "union __attribute__((packed))")
	align = 1
	for _, f := range c.Fields {
		n, a := inC(t, f.Type)
		if packed {
			a = 1
		}
		align = max(align, a)
		if c.Kind == memview.CUnion {
			require.Zero(t, f.Offset)
			size = max(size, n)
			continue
		}
		size += (a - size%a) % a
		require.Equal(t, f.Offset, size, "%s in %s", f.Name, c)
		size += n
	}
	return size + (align-size%align)%align, align
}

// The C declaration of a dtype has the sizes and offsets of the dtype, whatever its layout.
func TestCTypeIsLaidOutAsTheDType(t *testing.T) {
	structs, refused := 0, 0
	for seed := range 3000 {
		d := randomDType(t, seeded(seed), 3)
		c, err := memview.AsCTypesType(d)
		if err != nil {
			require.ErrorIs(t, err, memview.ErrDType)
			refused++
			continue
		}
		size, align := inC(t, c)
		require.Equal(t, []int{d.ItemSize(), d.Alignment()}, []int{size, align}, "seed %d: %s is %s", seed, d, c)
		require.Equal(t, []int{size, align}, []int{c.Size, c.Alignment})
		if d.Kind() == memview.Struct {
			structs++
		}
	}
	require.Greater(t, structs, 500)
	require.Less(t, refused, 1000)
}

// StructOf adds the padding that C adds: none has to be written that C does not know of.
func TestStructOfIsAsInC(t *testing.T) {
	for seed := range 1000 {
		d := seeded(seed)
		var fields []memview.Field
		for i := range 1 + d.roll(6) {
			fields = append(fields, memview.Field{Name: string(rune('a' + i)), DType: memview.MustParseDType(pick(d, "?", "i1", "i2", "f4", "f8", "c8", "c16", "(3,)i2", "S3", "U1", "V5"))})
		}
		s, err := memview.StructOf(fields...)
		require.NoError(t, err)
		c, err := memview.AsCTypesType(s)
		require.NoError(t, err)
		require.NotContains(t, c.String(), "packed")
		end, align := 0, 1
		named := []memview.CField{}
		for _, f := range c.Fields {
			if f.Name != "" {
				named = append(named, f)
			}
		}
		require.Len(t, named, len(fields))
		for i, f := range fields {
			size, a := inC(t, named[i].Type)
			end += (a - end%a) % a
			require.Equal(t, []any{f.Name, end, size}, []any{named[i].Name, named[i].Offset, f.DType.ItemSize()})
			require.Equal(t, end, s.Field(i).Offset)
			end, align = end+size, max(align, a)
		}
		require.Equal(t, []int{end + (align-end%align)%align, align}, []int{s.ItemSize(), s.Alignment()})
	}
}

func TestCTypeText(t *testing.T) {
	for in, want := range map[string]string{
		"?": "_Bool", "e": "_Float16", "f4": "float", ">f8": "double /* big-endian */", "c8": "float _Complex", "M8[ns]": "int64_t", "u2": "uint16_t",
		"S3": "char[3]", "V4": "unsigned char[4]", "U2": "char32_t[2]", ">U2": "char32_t /* big-endian */[2]", "(2,3)i4": "int32_t[2][3]", "(2,)S3": "char[2][3]",
		"i1,f8":  "struct __attribute__((packed)) { int8_t f0; double f1; }",
		"f8,i1":  "struct __attribute__((packed)) { double f0; int8_t f1; }",
		"i1,u1":  "struct { int8_t f0; uint8_t f1; }",
		"[]":     "struct { }",
		"2f4,i4": "struct __attribute__((packed)) { float f0[2]; int32_t f1; }",
		"{'names':['a','b'],'formats':['i1','f8'],'aligned':True}":                  "struct { int8_t a; char _pad1[7]; double b; }",
		"{'names':['a','b'],'formats':['f8','i1'],'aligned':True}":                  "struct { double a; int8_t b; char _pad2[7]; }",
		"{'names':['a','b'],'formats':['i1','i1'],'offsets':[4,2],'itemsize':6}":    "struct { char _pad0[2]; int8_t b; char _pad2[1]; int8_t a; char _pad4[1]; }",
		"{'names':['a','b'],'formats':['i1','f8'],'offsets':[0,0]}":                 "union __attribute__((packed)) { int8_t a; double b; }",
		"{'names':['a','b'],'formats':['i1','u1'],'offsets':[0,0],'itemsize':4}":    "union { int8_t a; uint8_t b; char _pad2[4]; }",
		"[('in', [('x','i1'),('y','(2,)>u1')])]":                                    "struct { struct { int8_t x; uint8_t y[2]; } in; }",
		"[('in', {'names':['x','y'],'formats':['u1','u1'],'offsets':[0,0]}, (3,))]": "struct { union { uint8_t x; uint8_t y; } in[3]; }",
		"{'names':['v'],'formats':['>i4'],'aligned':True}":                          "struct { int32_t /* big-endian */ v; }",
	} {
		c, err := memview.AsCTypesType(memview.MustParseDType(in))
		require.NoError(t, err, in)
		require.Equal(t, want, c.String(), in)
	}
	_, err := memview.AsCTypesType(memview.DType{})
	require.EqualError(t, err, "memview: dtype does not fit: C type of any")
	_, err = memview.AsCTypesType(memview.MustParseDType("[('in', {'names':['x','y'],'formats':['u2','u2'],'offsets':[0,1]})]"))
	require.ErrorContains(t, err, `memview: field "in": dtype does not fit`)
	require.ErrorContains(t, err, `field "y" at byte 1 overlaps the one before, which ends at 2`)
}

func TestAsCTypes(t *testing.T) {
	a, err := memview.AsArray(newMemory(256), 16, memview.MustParseDType("[('x','f4'),('y','f4')]"), 3, 2)
	require.NoError(t, err)
	c, err := memview.AsCTypes(a)
	require.NoError(t, err)
	require.Equal(t, "struct __attribute__((packed)) { float x; float y; }[3][2]", c.Type.String())
	require.Equal(t, memview.Ptr(16), c.Ptr)
	require.Equal(t, a.NBytes(), c.Type.Size)
	require.Equal(t, a, c.Array())
	host, err := memview.Zeros(memview.F64, 2)
	require.NoError(t, err)
	_, err = memview.AsCTypes(host)
	require.EqualError(t, err, "memview: NULL pointer: an array in Go memory has no guest address")
	// A strided array that is read-only too is refused for its strides, as in numpy.
	x, err := a.ReadOnly().Field("x")
	require.NoError(t, err)
	_, err = memview.AsCTypes(x)
	require.ErrorIs(t, err, memview.ErrLayout)
}

func TestShapeAs(t *testing.T) {
	a, err := memview.NewArray(newMemory(1<<17), 1<<16, memview.U8, memview.Layout{Shape: []int{2, 127, 128, 1}, Strides: []int{-32768, 128, 1, math.MinInt32}})
	require.NoError(t, err)
	shape, err := memview.ShapeAs[int16](a)
	require.NoError(t, err)
	require.Equal(t, []int16{2, 127, 128, 1}, shape)
	strides, err := memview.StridesAs[int32](a)
	require.NoError(t, err)
	require.Equal(t, []int32{-32768, 128, 1, math.MinInt32}, strides)
	_, err = memview.ShapeAs[int8](a)
	require.ErrorIs(t, err, memview.ErrShape)
	require.EqualError(t, err, "memview: shape does not fit: shape[2] is 128 and does not fit the C type")
	_, err = memview.StridesAs[int16](a)
	require.EqualError(t, err, "memview: shape does not fit: strides[3] is -2147483648 and does not fit the C type")
	_, err = memview.StridesAs[int8](a)
	require.EqualError(t, err, "memview: shape does not fit: strides[0] is -32768 and does not fit the C type")
	none, err := memview.ShapeAs[memview.CIntp](memview.Array{})
	require.NoError(t, err)
	require.Empty(t, none)
}
