package memview_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// Rows 61-63, and the mutants dt_aligned and dt_title of the vectors.
func TestDTypeEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"<i8", "q", true}, {"f8", "d", true}, {"=f8", "<f8", true}, {">u1", "|u1", true}, {"?", "bool", true},
		{"<f8", ">f8", false}, {"f8", "i8", false}, {"u8", "i8", false}, {"c8", "f8", false}, {"S4", "V4", false}, {"U1", "V4", false},
		{"M8[ns]", "M8[us]", false}, {"M8[ns]", "m8[ns]", false}, {"M8", "i8", false}, {"M8[1s]", "M8[s]", true}, {">M8[s]", "M8[s]", false},
		{"V8", "f4,f4", false}, {"f4,f4", "[('f0','f4'),('f1','f4')]", true}, {"f4,f4", "f4,>f4", false},
		{"f4,f4", "[('f1','f4'),('f0','f4')]", false},
		{"[('a','f4')]", "[(('t','a'),'f4')]", false}, {"[(('u','a'),'f4')]", "[(('t','a'),'f4')]", false},
		{"[('a','f4')]", "{'names':['a'],'formats':['f4'],'itemsize':8}", false},
		{"[('a','f4'),('b','f4')]", "{'names':['a','b'],'formats':['f4','f4'],'offsets':[4,0]}", false},
		{"[('a','f4'),('b','f4')]", "{'names':['a','b'],'formats':['f4','f4'],'aligned':True}", true}, // alignment does not count
		{"(2,3)f4", "(3,2)f4", false}, {"(2,3)f4", "6f4", false}, {"2f4", "(2,)f4", true}, {"2f4", "2i4", false}, {"()f4", "f4", true},
	} {
		a, b := memview.MustParseDType(c.a), memview.MustParseDType(c.b)
		require.Equal(t, c.want, a.Equal(b), "%s, %s", c.a, c.b)
		require.Equal(t, c.want, b.Equal(a), "%s, %s", c.b, c.a)
		require.True(t, a.Equal(a))
		require.False(t, a.Equal(memview.DType{}))
		require.False(t, (memview.DType{}).Equal(a))
	}
	require.True(t, (memview.DType{}).Equal(memview.DType{}))
}

func TestDTypeFacts(t *testing.T) {
	for in, want := range map[string]struct {
		kind        memview.Kind
		size, align int
		str, typ    string
	}{
		"?":      {memview.Boolean, 1, 1, "bool", "|b1"},
		"i1":     {memview.Int, 1, 1, "int8", "|i1"},
		"i2":     {memview.Int, 2, 2, "int16", "<i2"},
		"i8":     {memview.Int, 8, 8, "int64", "<i8"},
		"u4":     {memview.Uint, 4, 4, "uint32", "<u4"},
		"e":      {memview.Float, 2, 2, "float16", "<f2"},
		">f4":    {memview.Float, 4, 4, ">f4", ">f4"},
		"c8":     {memview.Complex, 8, 4, "complex64", "<c8"}, // row 74: the alignment of a component
		"c16":    {memview.Complex, 16, 8, "complex128", "<c16"},
		"S3":     {memview.Bytes, 3, 1, "|S3", "|S3"},
		"U2":     {memview.Unicode, 8, 4, "<U2", "<U2"},
		">U2":    {memview.Unicode, 8, 4, ">U2", ">U2"},
		"V5":     {memview.Void, 5, 1, "|V5", "|V5"},
		"M8[ns]": {memview.Datetime, 8, 8, "datetime64[ns]", "<M8[ns]"},
		">m8":    {memview.Timedelta, 8, 8, ">m8", ">m8"},
		"m8":     {memview.Timedelta, 8, 8, "timedelta64", "<m8"},
		"i1,f8":  {memview.Struct, 9, 1, "[('f0', 'i1'), ('f1', '<f8')]", "|V9"},
		"(2,3)?": {memview.SubArray, 6, 1, "('?', (2, 3))", "|V6"},
		"[]":     {memview.Struct, 0, 1, "[]", "|V0"},
	} {
		d := memview.MustParseDType(in)
		require.Equal(t, want.kind, d.Kind(), in)
		require.Equal(t, []int{want.size, want.align}, []int{d.ItemSize(), d.Alignment()}, in)
		require.Equal(t, []string{want.str, want.typ}, []string{d.String(), d.TypeString()}, in)
		require.True(t, d.LittleEndian().BigEndian().LittleEndian().Equal(d.LittleEndian()), in)
	}
	var zero memview.DType
	require.True(t, zero.IsZero())
	require.Equal(t, []any{memview.Invalid, 0, 1, "any", "any", "", 0, false, false, false}, []any{zero.Kind(), zero.ItemSize(),
		zero.Alignment(), zero.String(), zero.TypeString(), zero.Unit(), zero.NumField(), zero.HasBool(), zero.IsBigEndian(), zero.IsAlignedStruct()})
	require.True(t, zero.BigEndian().IsZero())
	_, ok := zero.FieldByName("x")
	require.False(t, ok)
	_, ok = zero.StructSpec()
	require.False(t, ok)
	_, _, ok = zero.SubArray()
	require.False(t, ok)
}

func TestDTypeIsImmutable(t *testing.T) {
	d := memview.MustParseDType("[('a','(2,3)f4'),('b','?')]")
	spec, _ := d.StructSpec()
	spec.Fields[0].Name = "changed"
	_, shape, _ := d.Field(0).DType.SubArray()
	shape[0] = 99
	dims := []int{4}
	sub, err := memview.SubArrayOf(memview.F64, dims...)
	require.NoError(t, err)
	dims[0] = 5
	require.Equal(t, "[('a', '<f4', (2, 3)), ('b', '?')]", d.String())
	require.Equal(t, "('<f8', (4,))", sub.String())
	_ = d.BigEndian()
	require.Equal(t, "[('a', '<f4', (2, 3)), ('b', '?')]", d.String())
}

func TestSizedDTypes(t *testing.T) {
	for _, n := range []int{0, -1, memview.MaxItemSize} {
		_, err := memview.UnicodeOf(n)
		require.ErrorIs(t, err, memview.ErrDType)
	}
	for _, n := range []int{0, -1} {
		_, err := memview.BytesOf(n)
		require.ErrorIs(t, err, memview.ErrDType)
		_, err = memview.VoidOf(n)
		require.ErrorIs(t, err, memview.ErrDType)
	}
	_, err := memview.BytesOf(0)
	require.EqualError(t, err, "dtype does not fit: S0: length is 0, want 1 to 2147483647")
	big, err := memview.VoidOf(memview.MaxItemSize)
	require.NoError(t, err)
	require.Equal(t, memview.MaxItemSize, big.ItemSize())
}

func TestSubArrayOf(t *testing.T) {
	empty := memview.MustParseDType("[]")
	for _, c := range []struct {
		base  memview.DType
		shape []int
		want  string
	}{
		{memview.DType{}, []int{2}, "sub-array without dtype"},
		{memview.F64, []int{2, -1}, "sub-array shape (2, -1) has a negative dimension"},
		{memview.F64, []int{1 << 28}, "sub-array of shape (268435456,) is larger than 2147483647 bytes"},
		{memview.F64, []int{0, 1 << 30}, "sub-array of shape (0, 1073741824) is larger than 2147483647 bytes"},
		{memview.F64, []int{1 << 30, 0}, "sub-array of shape (1073741824, 0) is larger than 2147483647 bytes"},
		{empty, []int{1 << 20, 1 << 20}, "sub-array of shape (1048576, 1048576) is larger than 2147483647 bytes"},
		{memview.F64, make([]int, 33), "sub-array has 33 dimensions, want at most 32"},
	} {
		_, err := memview.SubArrayOf(c.base, c.shape...)
		require.EqualError(t, err, "dtype does not fit: "+c.want)
		require.ErrorIs(t, err, memview.ErrDType)
	}
	d, err := memview.SubArrayOf(memview.F32)
	require.NoError(t, err)
	require.True(t, d.Equal(memview.F32)) // numpy: ('f4', ()) is f4
	d, err = memview.SubArrayOf(memview.F32, 3, 0)
	require.NoError(t, err)
	require.Zero(t, d.ItemSize())
	for range 31 {
		d, err = memview.SubArrayOf(d, 1)
		require.NoError(t, err)
	}
	_, err = memview.SubArrayOf(d, 1)
	require.EqualError(t, err, "dtype does not fit: sub-array is nested more than 32 deep")
	_, err = memview.PackedStructOf(memview.Field{Name: "x", DType: d})
	require.EqualError(t, err, `dtype does not fit: struct: field "x" is nested more than 32 deep`)
}

func TestStructRefusals(t *testing.T) {
	f := func(name string, off int, d string) memview.Field {
		return memview.Field{Name: name, Offset: off, DType: memview.MustParseDType(d)}
	}
	for want, s := range map[string]memview.StructSpec{
		"field 0 has no name":                                                   {Fields: []memview.Field{f("", 0, "f8")}},
		"name or title of field 0 is not UTF-8":                                 {Fields: []memview.Field{f("\xff", 0, "f8")}},
		`two fields are named "a"`:                                              {Fields: []memview.Field{f("a", 0, "f8"), f("a", 8, "f8")}},
		`two fields are named "b"`:                                              {Fields: []memview.Field{f("b", 0, "f8"), {Name: "a", Title: "b", DType: memview.F64}}},
		`field "a" has no dtype`:                                                {Fields: []memview.Field{{Name: "a"}}},
		`field "a" covers bytes -1 to 7, want 0 to 2147483647`:                  {Fields: []memview.Field{f("a", -1, "f8")}},
		`field "a" covers bytes 2147483647 to 2147483655, want 0 to 2147483647`: {Fields: []memview.Field{f("a", memview.MaxItemSize, "f8")}},
		`field "a" ends at byte 8, size is 7`:                                   {Fields: []memview.Field{f("a", 0, "f8")}, ItemSize: 7},
		`size is -1 bytes, want 0 to 2147483647`:                                {ItemSize: -1},
		`field "a" starts at byte 4, want a multiple of 8`:                      {Fields: []memview.Field{f("a", 4, "f8")}, Aligned: true},
		`size is 12 bytes, want a multiple of the alignment 8`:                  {Fields: []memview.Field{f("a", 0, "f8")}, ItemSize: 12, Aligned: true},
		`4097 fields, want at most 4096`:                                        {Fields: make([]memview.Field, 4097)},
		`size is 2147483648 bytes, want at most 2147483647`:                     {Fields: []memview.Field{f("a", 2147483644, "u2"), f("b", 2147483646, "V1")}, Aligned: true},
	} {
		if strings.Contains(want, "2147483648 bytes") {
			s.Fields[0] = f("a", 0, "f8")
		}
		_, err := s.DType()
		require.ErrorIs(t, err, memview.ErrDType)
		require.EqualError(t, err, "dtype does not fit: struct: "+want)
	}
	big := f("a", 0, "V2147483647")
	_, err := memview.PackedStructOf(big, f("b", 0, "i1"))
	require.EqualError(t, err, `dtype does not fit: struct: size is 2147483648 bytes, want at most 2147483647`)
	_, err = memview.StructOf(big, f("b", 0, "f8"))
	require.EqualError(t, err, `dtype does not fit: struct: field "b" starts at byte 2147483648, want at most 2147483647`)

	// Structs that share types would hold 2^20 fields in twenty lines.
	deep := memview.I8
	for range 20 {
		if deep, err = memview.PackedStructOf(memview.Field{Name: "a", DType: deep}, memview.Field{Name: "b", DType: deep}); err != nil {
			break
		}
	}
	require.EqualError(t, err, `dtype does not fit: struct: more than 65536 fields, with those of the structs in it`)

	// A size that is not given is rounded up for C, and only there.
	d, err := memview.StructSpec{Fields: []memview.Field{f("a", 0, "f8"), f("b", 8, "i1")}, Aligned: true}.DType()
	require.NoError(t, err)
	require.Equal(t, 16, d.ItemSize())
	d, err = memview.StructSpec{Fields: []memview.Field{f("a", 0, "f8"), f("b", 8, "i1")}}.DType()
	require.NoError(t, err)
	require.Equal(t, 9, d.ItemSize())
}

// randomDType makes any dtype.
func randomDType(t testing.TB, d *dice, depth int) memview.DType {
	if depth == 0 || d.roll(3) == 0 {
		return memview.MustParseDType(pick(d, "?", "i1", "u1", "<i2", ">i2", "f2", "<f4", ">f8", "c8", ">c16", "S3", "U2", ">U1", "V7", "M8[ns]", ">m8[25s]", "M8", "u8"))
	}
	if d.roll(4) == 0 {
		sub, err := memview.SubArrayOf(randomDType(t, d, depth-1), pick(d, []int{2}, []int{1}, []int{2, 3}, []int{0}, []int{3, 0, 2})...)
		require.NoError(t, err)
		return sub
	}
	s := memview.StructSpec{}
	names := []string{"a", "b'", `c"`, "d\\n", "été", "\n", "日本", "x y", "\u2028", "\x7f"}
	for i := range d.roll(5) {
		f := memview.Field{Name: names[(i+d.roll(3)*3)%len(names)], DType: randomDType(t, d, depth-1), Offset: d.roll(40)}
		if d.roll(4) == 0 {
			f.Title = "title of " + f.Name
		}
		if _, err := (memview.StructSpec{Fields: append(s.Fields, f)}).DType(); err == nil {
			s.Fields = append(s.Fields, f)
		}
	}
	var dt memview.DType
	var err error
	switch d.roll(3) {
	case 0:
		dt, err = memview.StructOf(s.Fields...)
	case 1:
		dt, err = memview.PackedStructOf(s.Fields...)
	default:
		dt, err = s.DType()
	}
	require.NoError(t, err)
	return dt
}

func TestStringReadsBack(t *testing.T) {
	for seed := range 3000 {
		d := randomDType(t, seeded(seed), 4)
		if !alike(d, d.IsAlignedStruct()) {
			continue // numpy's text does not say which of the structs are aligned
		}
		again, err := memview.ParseDType(d.String())
		require.NoError(t, err, "seed %d: %s", seed, d)
		require.True(t, again.Equal(d), "seed %d: %s, %s", seed, d, again)
		require.Equal(t, d.String(), again.String())
		if d.Kind() != memview.Struct && d.Kind() != memview.SubArray {
			require.True(t, memview.MustParseDType(d.TypeString()).Equal(d))
		}
	}
}

// alike reports whether all structs in d are C-aligned, or none.
func alike(d memview.DType, aligned bool) bool {
	if base, _, ok := d.SubArray(); ok {
		return alike(base, aligned)
	}
	spec, ok := d.StructSpec()
	return !ok || spec.Aligned == aligned && !slices.ContainsFunc(spec.Fields, func(f memview.Field) bool { return !alike(f.DType, aligned) })
}

// Structs as deep as they can be are read back too.
func TestStringReadsBackDeep(t *testing.T) {
	d := memview.F64
	for range 31 {
		var err error
		d, err = memview.StructOf(memview.Field{Name: "x", DType: d}, memview.Field{Name: "y", DType: memview.I8})
		require.NoError(t, err)
		require.True(t, memview.MustParseDType(d.String()).Equal(d))
	}
}
