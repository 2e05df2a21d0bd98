package memview_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// Every spelling of numpy 1.24 and 2, by what it means there. Checked against
// numpy 1.24.2.
var spellings = map[string]string{
	"|b1": "? b1 bool bool_ bool8",
	"|i1": "b i1 int8 byte", "|u1": "B u1 uint8 ubyte",
	"<i2": "h i2 int16 short", "<u2": "H u2 uint16 ushort",
	"<i4": "i i4 int32 intc", "<u4": "I u4 uint32 uintc",
	"<i8": "q i8 int64 longlong", "<u8": "Q u8 uint64 ulonglong",
	"<f2": "e f2 float16 half", "<f4": "f f4 float32 single", "<f8": "d f8 float64 double float float_",
	"<c8": "F c8 complex64 csingle singlecomplex", "<c16": "D c16 complex128 cdouble complex complex_ cfloat",
	"|S3": "S3 a3 S03", "<U3": "U3", "|V3": "V3",
	"<M8": "M M8 datetime64 M8[generic]", "<m8": "m m8 timedelta64",
	"<M8[us]": "M8[us] datetime64[us] M8[μs] M8[1us]", "<m8[25s]": "m8[25s] timedelta64[25s]", "<M8[7D]": "M8[7D]",
}

func TestParseDTypeNumpy(t *testing.T) {
	for want, all := range spellings {
		for in := range strings.FieldsSeq(all) {
			for _, order := range []string{"", "<", ">", "=", "|"} {
				d, err := memview.ParseDType(order + in)
				word := strings.TrimRight(in, "0123456789")
				if order != "" && len(word) > 1 && !strings.ContainsAny(in, "[") && !strings.HasSuffix(word, "e64") && word != "datetime" && word != "timedelta" {
					require.ErrorContains(t, err, "a byte order goes with a type string such as "+order+"f8", order+in) // as numpy
					continue
				}
				require.NoError(t, err, order+in)
				expect := want
				if order == ">" {
					expect = strings.Replace(want, "<", ">", 1)
				}
				require.Equal(t, expect, d.TypeString(), order+in)
			}
		}
	}
	for unit := range strings.FieldsSeq("Y M W D h m s ms us ns ps fs as") {
		require.Equal(t, unit, memview.MustParseDType("M8["+unit+"]").Unit())
		require.Equal(t, "100"+unit, memview.MustParseDType(">m8[100"+unit+"]").Unit())
	}
}

// What numpy refuses or reads otherwise: decision 5 of the contract.
func TestParseDTypeOwn(t *testing.T) {
	for in, want := range map[string]string{
		"i16": "int16", "i32": "int32", "i64": "int64", "u16": "uint16", "u32": "uint32", "u64": "uint64", "f32": "float32", "f64": "float64",
		"c64": "complex64", "c128": "complex128", ">f64": ">f8",
		"intp": "int32", "p": "int32", "uintp": "uint32", "P": "uint32", // a guest pointer has 4 bytes
		"i8": "int64", "u8": "uint64", "f8": "float64", // not the bit-sized names of signatures
		" f8\n": "float64",
	} {
		d, err := memview.ParseDType(in)
		require.NoError(t, err, in)
		require.Equal(t, want, d.String(), in)
	}
}

func TestParseDTypeStructured(t *testing.T) {
	for in, want := range map[string]string{
		"f8,f8":              "[('f0', '<f8'), ('f1', '<f8')]",
		"f8,":                "[('f0', '<f8')]", // numpy 2; numpy 1 read float64
		"i4, f8":             "[('f0', '<i4'), ('f1', '<f8')]",
		"2i4,(2,3)f8":        "[('f0', '<i4', (2,)), ('f1', '<f8', (2, 3))]",
		"M8[ns],>i2":         "[('f0', '<M8[ns]'), ('f1', '>i2')]",
		"2f8":                "('<f8', (2,))",
		"1f8":                "float64",
		"0f8":                "('<f8', (0,))",
		"()f8":               "float64",
		"(1,)f8":             "('<f8', (1,))",
		"(2, 3) f8":          "('<f8', (2, 3))",
		">(2,3)f8":           "('>f8', (2, 3))",
		"(2,3)>f8":           "('>f8', (2, 3))",
		">2f8":               "('>f8', (2,))",
		"3S2":                "('S2', (3,))",
		"('f8', 3)":          "('<f8', (3,))",
		"('f8', (2,3))":      "('<f8', (2, 3))",
		"('f8', ())":         "float64",
		"('f8', 1)":          "float64",
		"('f8', (1,))":       "('<f8', (1,))",
		"(('f8',(2,)),(3,))": "(('<f8', (2,)), (3,))",
		"([],(3,))":          "([], (3,))",
		"([('a','i1')], 2)":  "([('a', 'i1')], (2,))",
		"[]":                 "[]",
		"[('x','f8',1)]":     "[('x', '<f8')]",
		"[('x','f8',())]":    "[('x', '<f8')]",
		"[('x','f8',[2])]":   "[('x', '<f8', (2,))]",
		"[('x','3f8')]":      "[('x', '<f8', (3,))]",
		"[('x','(2,)f8',3)]": "[('x', ('<f8', (2,)), (3,))]",
		"[('x','f8,f4')]":    "[('x', [('f0', '<f8'), ('f1', '<f4')])]",
		"[(('t','x'),'f8')]": "[(('t', 'x'), '<f8')]",
		"[(u'x','<f8'), ('', '|V4'), ('y','i1')]":                                  "{'names': ['x', 'y'], 'formats': ['<f8', 'i1'], 'offsets': [0, 12], 'itemsize': 13}", // npy
		"{'names':['a','b'],'formats':['i1','f8'],'aligned':True}":                 "{'names': ['a', 'b'], 'formats': ['i1', '<f8'], 'offsets': [0, 8], 'itemsize': 16, 'aligned': True}",
		"{'names':['a','b'],'formats':['f8','i1'],'offsets':[0,8],'aligned':True}": "{'names': ['a', 'b'], 'formats': ['<f8', 'i1'], 'offsets': [0, 8], 'itemsize': 16, 'aligned': True}",
		"{'names':('a','b'),'formats':('f8','i1'),'offsets':(0,8)}":                "[('a', '<f8'), ('b', 'i1')]",
		"{'names':['a','b'],'formats':['f8','i1'],'offsets':[8,0]}":                "{'names': ['a', 'b'], 'formats': ['<f8', 'i1'], 'offsets': [8, 0], 'itemsize': 16}",
		"{'names':['a'],'formats':['f8'],'titles':[None]}":                         "[('a', '<f8')]",
		"{'names':['a'],'formats':['f8'],'titles':['t'],'itemsize':12}":            "{'names': ['a'], 'formats': ['<f8'], 'offsets': [0], 'titles': ['t'], 'itemsize': 12}",
		"{'names':[],'formats':[],'offsets':[],'itemsize':8}":                      "{'names': [], 'formats': [], 'offsets': [], 'itemsize': 8}",
		"[('in', {'names':['a','b'],'formats':['i1','f8'],'offsets':[0,8]})]":      "[('in', {'names': ['a', 'b'], 'formats': ['i1', '<f8'], 'offsets': [0, 8], 'itemsize': 16})]",
	} {
		d, err := memview.ParseDType(in)
		require.NoError(t, err, in)
		require.Equal(t, want, d.String(), in)
		require.True(t, memview.MustParseDType(want).Equal(d), in)
	}
	// numpy's text for a C struct inside of another one does not say that it is one.
	require.Equal(t, "[('in', [('a', 'i1'), ('b', '<f8')])]", memview.MustParseDType("[('in', {'names':['a','b'],'formats':['i1','f8'],'aligned':True})]").String())
}

func TestParseDTypeRefusals(t *testing.T) {
	long := strings.Repeat("x", 70)
	for in, want := range map[string]string{
		"": "not understood", "zz": "not understood", ",": "not understood", "f8,,f8": "not understood", "10": "not understood", "f8,2": "not understood",
		"f3": "not understood", "f1": "not understood", "b2": "not understood", "B1": "not understood", "d8": "not understood", "c4": "not understood", "f8:": "not understood",
		"-1f8": "not understood", "S+1": "not understood", "S_5": "not understood", "S2147483648": "not understood", "string": "not understood",
		"l":    "C long has 8 bytes on 64-bit Linux and 4 on wasm32; write int64 or int32",
		">L":   "C unsigned long has 8 bytes on 64-bit Linux and 4 on wasm32; write uint64 or uint32",
		"int":  "its size depends on the platform; write int64 or int32",
		"int_": "its size depends on the platform; write int64 or int32",
		"uint": "its size depends on the platform; write uint64 or uint32",
		"f16":  "numpy reads f16 as long double, which wasm has not; write float16 or f2 for half precision",
		"g":    "long double is not supported", "<c32": "long double is not supported", "longdouble": "long double is not supported", "complex256": "long double is not supported",
		"O": "host objects have no meaning in guest memory", "object": "host objects have no meaning in guest memory",
		"S": "give the length, such as S8", "a": "give the length, such as S8", "str": "give the length, such as U8", "<U": "give the length, such as U8", "V": "give the length, such as V8",
		"<float64":                             "not understood: a byte order goes with a type string such as <f8",
		">bool":                                "not understood: a byte order goes with a type string such as >f8",
		"<>f8":                                 "not understood: a byte order goes with a type string such as <f8",
		">(2,)>f8":                             "byte order stands twice",
		"M8[]":                                 `unit "[]" is none of Y M W D h m s ms us ns ps fs as in brackets`,
		"M8[":                                  `unit "[" is none of Y M W D h m s ms us ns ps fs as in brackets`,
		"M8]":                                  `unit "]" is none of Y M W D h m s ms us ns ps fs as in brackets`,
		"M8ns":                                 `unit "ns" is none of Y M W D h m s ms us ns ps fs as in brackets`,
		"M8[Y M]":                              `unit "[Y M]" is none of Y M W D h m s ms us ns ps fs as in brackets`,
		"M8[s/2]":                              `unit "[s/2]" is none of Y M W D h m s ms us ns ps fs as in brackets`,
		"M8[0s]":                               `unit "[0s]" has a bad multiplier`,
		"M8[2147483648s]":                      `unit "[2147483648s]" has a bad multiplier`,
		"99999999999f8":                        `repeat count "99999999999" is too large`,
		"(2":                                   "want ')' after the shape",
		"(2,-1)f8":                             "dimension -1 of a shape is no integer from 0 to 2147483647",
		"(2,None)f8":                           "dimension <nil> of a shape is no integer from 0 to 2147483647",
		"('f8', 'x')":                          "dimension x of a shape is no integer from 0 to 2147483647",
		"('f8', 2, 3)":                         "tuple has 3 items, want (dtype, shape)",
		"[1]":                                  "field 0 is no (name, dtype) or (name, dtype, shape)",
		"[('a',)]":                             "field 0 is no (name, dtype) or (name, dtype, shape)",
		"[(1,'f8')]":                           "field 0 has no name",
		"[('','f8')]":                          "field 0 has no name",
		"[(('t',),'f8')]":                      "field 0 has no (title, name)",
		"[('a',1)]":                            "want a string, tuple, list or dict",
		"{'x':1}":                              `unknown key "x"`,
		"{'names formats':1}":                  `unknown key "names formats"`,
		"{'names':'ab','formats':['f8','f4']}": "names are no list",
		"{'names':['a'],'formats':['f8'],'offsets':5}":    "offsets are no list",
		"{'names':['a'],'formats':[]}":                    "1 names, 0 formats, 0 offsets, 0 titles: want as many of each",
		"{'names':['a'],'formats':['f8'],'offsets':[]}":   "1 names, 1 formats, 0 offsets, 0 titles: want as many of each",
		"{'names':[1],'formats':['f8']}":                  "name 0 is no string",
		"{'names':['a'],'formats':['f8'],'offsets':[-1]}": `offset of "a" is no integer from 0 to 2147483647`,
		"{'names':['a'],'formats':['f8'],'titles':[1]}":   `title of "a" is no string`,
		"{'names':['a'],'formats':['f8'],'aligned':1}":    "aligned is no bool",
		"{'names':['a'],'formats':['f8'],'itemsize':-1}":  "itemsize is no integer from 0 to 2147483647",
		"{'names':['a'],'formats':['f8'],'itemsize':0}":   "itemsize is 0, fields have more",
		long: "not understood",
	} {
		_, err := memview.ParseDType(in)
		require.ErrorIs(t, err, memview.ErrDType, in)
		if in == long {
			in = in[:61] + "..."
		}
		require.EqualError(t, err, "dtype does not fit: data type \""+in+"\": "+want)
	}
	for in, want := range map[string]string{ // refused by what makes the dtype
		"S0":                      "S0: length is 0, want 1 to 2147483647",
		"U536870912":              "U536870912: length is 536870912, want 1 to 536870911",
		"[('a','f8'),('a','f8')]": `struct: two fields are named "a"`,
		"{'names':['a'],'formats':['f8'],'itemsize':4}":                              `struct: field "a" ends at byte 8, size is 4`,
		"{'names':['a'],'formats':['f8'],'offsets':[1],'aligned':True}":              `struct: field "a" starts at byte 1, want a multiple of 8`,
		"{'names':['a'],'formats':['f8'],'offsets':[0],'itemsize':9,'aligned':True}": `struct: size is 9 bytes, want a multiple of the alignment 8`,
		"(65536,65536)f8":     "sub-array of shape (65536, 65536) is larger than 2147483647 bytes",
		"([], (65536,65536))": "sub-array of shape (65536, 65536) is larger than 2147483647 bytes",
	} {
		_, err := memview.ParseDType(in)
		require.ErrorIs(t, err, memview.ErrDType, in)
		require.EqualError(t, err, "data type \""+in[:min(len(in), 61)]+strings.Repeat("...", b2i(len(in) > 64))+"\": dtype does not fit: "+want)
	}
	for _, in := range []string{"[", "{", "('f8'", "[('a'", "{'names'", "[('a','f8')", "['\\", "(" + strings.Repeat("[", 100000)} {
		_, err := memview.ParseDType(in)
		require.ErrorIs(t, err, memview.ErrDType, in)
	}
	for _, in := range []string{strings.Repeat("f8,", 5000), "[" + strings.Repeat("('a','V2147483647'),", 2) + "('b','i1')]", strings.Repeat("[('a',", 40) + "'f8'" + strings.Repeat(")]", 40)} {
		_, err := memview.ParseDType(in)
		require.ErrorIs(t, err, memview.ErrDType)
	}
	require.PanicsWithValue(t, `memview: dtype does not fit: data type "zz": not understood`, func() { memview.MustParseDType("zz") })
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func FuzzParseDType(f *testing.F) {
	for _, all := range spellings {
		for in := range strings.FieldsSeq(all) {
			f.Add(in)
		}
	}
	for _, in := range []string{"f8,", ">(2,3)f8,i4", "([],(3,))", "[(('t','a'),'f8',(2,))]", "{'names':['a','b'],'formats':['i1','f8'],'offsets':[1,8],'titles':[None,'t'],'itemsize':24,'aligned':True}",
		"[('a\\n', [('b','(2,)>u2')]), ('', '|V4')]", "('f8', 1)", "M8[25μs]"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		d, err := memview.ParseDType(in)
		if err != nil {
			require.ErrorIs(t, err, memview.ErrDType)
			require.Less(t, len(err.Error()), 10*len(in)+1000)
			return
		}
		require.False(t, d.IsZero())
		require.LessOrEqual(t, d.ItemSize(), memview.MaxItemSize)
		text := d.String()
		again, err := memview.ParseDType(text)
		if len(text) > 1<<16 {
			return // longer than what is read
		}
		require.NoError(t, err, text)
		require.True(t, d.Equal(again), "%q prints %q", in, text)
		require.Equal(t, text, again.String())
		_, _ = memview.AsCTypesType(d)
		require.Equal(t, d.LittleEndian().String(), d.BigEndian().LittleEndian().String())
		if d.ItemSize() > 1<<16 {
			return
		}
		// Elements of the dtype can be read, stored and converted.
		a, err := memview.Zeros(d, 2)
		require.NoError(t, err)
		b, err := memview.Zeros(d.BigEndian(), a.Shape()...)
		if err == nil && d.Kind() != memview.SubArray {
			if err = memview.Copy(b, a); err != nil {
				require.ErrorContains(t, err, "fields that overlap cannot change byte order")
			}
		}
		if a.Size() > 0 {
			index := make([]int, a.NDim())
			v, err := a.At(index...)
			require.NoError(t, err)
			require.NoError(t, a.Set(v, index...))
		}
	})
}
