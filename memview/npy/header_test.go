package npy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

// The wanted bytes are what numpy.save of 1.24 wrote.
func TestAppendBinaryGolden(t *testing.T) {
	for name, c := range map[string]struct {
		h    npy.Header
		want string
	}{
		"f8": {npy.Header{DType: memview.F64, Shape: []int{0, 3}},
			"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }" + strings.Repeat(" ", 58) + "\n"},
		"0-d": {npy.Header{DType: memview.C128.BigEndian()},
			"\x93NUMPY\x01\x00v\x00{'descr': '>c16', 'fortran_order': False, 'shape': (), }" + strings.Repeat(" ", 61) + "\n"},
		"datetime": {npy.Header{DType: memview.MustParseDType("M8[25s]"), Shape: []int{1}},
			"\x93NUMPY\x01\x00v\x00{'descr': '<M8[25s]', 'fortran_order': False, 'shape': (1,), }" + strings.Repeat(" ", 55) + "\n"},
		"padding only": {npy.Header{DType: memview.MustParseDType("{'names': [], 'formats': [], 'itemsize': 4}"), Shape: []int{2}},
			"\x93NUMPY\x01\x00v\x00{'descr': [('', '|V4')], 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 52) + "\n"},
		"quotes and Latin-1": {npy.Header{DType: memview.MustParseDType(`[('a\'"é\x00\n', 'f8')]`), Shape: []int{2}},
			"\x93NUMPY\x01\x00v\x00{'descr': [('a\\'\"\xe9\\x00\\n', '<f8')], 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 41) + "\n"},
		"version 3": {npy.Header{DType: memview.MustParseDType("[('日', 'f8')]"), Shape: []int{2}},
			"\x93NUMPY\x03\x00t\x00\x00\x00{'descr': [('日', '<f8')], 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 47) + "\n"},
		"escaped above Latin-1": {npy.Header{DType: memview.MustParseDType(`[('\u2028', 'f8')]`), Shape: []int{2}},
			"\x93NUMPY\x01\x00v\x00{'descr': [('\\u2028', '<f8')], 'fortran_order': False, 'shape': (2,), }" + strings.Repeat(" ", 46) + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.h.AppendBinary([]byte("before"))
			require.NoError(t, err)
			require.Equal(t, "before"+c.want, string(got))
			h, err := npy.ReadHeader(strings.NewReader(c.want))
			require.NoError(t, err)
			require.True(t, h.DType.Equal(c.h.DType), "%s", h.DType)
			require.EqualValues(t, len(c.want), h.Offset)
		})
	}
}

func TestAppendBinaryVersions(t *testing.T) {
	h := npy.Header{DType: memview.F32, Shape: []int{4, 5}, Fortran: true}
	for v := range 4 {
		h.Version = v
		b, err := h.AppendBinary(nil)
		require.NoError(t, err)
		require.Zero(t, len(b)%64)
		got, err := npy.ReadHeader(bytes.NewReader(b))
		require.NoError(t, err)
		require.Equal(t, npy.Header{Version: max(v, 1), DType: memview.F32, Shape: []int{4, 5}, Fortran: true, Offset: int64(len(b))}, got)
	}
}

// wide is a struct whose description has more bytes than version 1.0 holds.
func wide(t *testing.T, fields, width int) memview.DType {
	var f []memview.Field
	for i := range fields {
		f = append(f, memview.Field{Name: fmt.Sprintf("%0*d", width, i), DType: memview.F64})
	}
	d, err := memview.PackedStructOf(f...)
	require.NoError(t, err)
	return d
}

func TestAppendBinaryLong(t *testing.T) {
	h := npy.Header{DType: wide(t, 4000, 20), Shape: []int{1}}
	b, err := h.AppendBinary(nil)
	require.NoError(t, err)
	got, err := npy.ReadHeader(bytes.NewReader(b))
	require.NoError(t, err)
	require.Equal(t, 2, got.Version)
	require.True(t, got.DType.Equal(h.DType))

	h.Version = 1
	_, err = h.AppendBinary(nil)
	require.EqualError(t, err, "npy: header has 132086 bytes, want at most 65535 in version 1.0")
}

// The longest header of version 1.0 has 65,535 bytes less the alignment.
func TestAppendBinaryVersionBorder(t *testing.T) {
	seen := map[int]int{}
	for width := 16200; width < 16500; width++ {
		b, err := npy.Header{DType: wide(t, 4, width)}.AppendBinary(nil)
		require.NoError(t, err)
		h, err := npy.ReadHeader(bytes.NewReader(b))
		require.NoError(t, err)
		require.Zero(t, len(b)%64)
		seen[h.Version] = max(seen[h.Version], len(b))
	}
	require.Equal(t, 65536, seen[1])
	require.Greater(t, seen[2], 65536)
}

func TestAppendBinaryRefuses(t *testing.T) {
	overlap, err := memview.StructSpec{Fields: []memview.Field{{Name: "a", DType: memview.I64}, {Name: "b", Offset: 4, DType: memview.I32}}}.DType()
	require.NoError(t, err)
	sub, err := memview.SubArrayOf(memview.F64, 2)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		h    npy.Header
		want string
	}{
		"no dtype":  {npy.Header{}, "npy: dtype does not fit: no dtype given"},
		"overlap":   {npy.Header{DType: overlap}, `npy: dtype does not fit: field "b" starts at byte 4, after fields up to byte 8: a .npy file lists fields in order and without overlap`},
		"sub-array": {npy.Header{DType: sub}, "npy: dtype does not fit: ('<f8', (2,)) is a sub-array, want its dimensions in the shape"},
		"dims":      {npy.Header{DType: memview.I8, Shape: make([]int, 33)}, "npy: shape has 33 dimensions, want at most 32"},
		"negative":  {npy.Header{DType: memview.I8, Shape: []int{2, -1}}, "npy: dimension 1 of the shape is -1, want 0 or more"},
		"large":     {npy.Header{DType: memview.I64, Shape: []int{math.MaxInt, 0}}, fmt.Sprintf("npy: array is too large: shape (%d, 0) of 8 bytes each", math.MaxInt)},
		"version":   {npy.Header{Version: 4, DType: memview.I8}, "npy: version is 4, want 1, 2 or 3, or 0 for the lowest that fits"},
		"latin":     {npy.Header{Version: 2, DType: memview.MustParseDType("[('日', 'f8')]")}, "npy: version 2.0 holds names of Latin-1 only, want 3"},
		"cap":       {npy.Header{DType: wide(t, 2, 1<<19)}, "npy: dtype does not fit: description of 2 fields has more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := c.h.AppendBinary([]byte("x"))
			require.EqualError(t, err, c.want)
			require.Equal(t, "x", string(b))
		})
	}
}

func TestReadHeaderAccepts(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want npy.Header
	}{
		"spaces and order": {file("  { 'shape' : ( 2L , ),\n'fortran_order':True,'descr':\"=f8\"}  "), npy.Header{Version: 1, DType: memview.F64, Shape: []int{2}, Fortran: true}},
		"python 2":         {file("{'descr': u'|b1', 'fortran_order': False, 'shape': ()}"), npy.Header{Version: 1, DType: memview.Bool, Shape: []int{}}},
		"padding":          {file(dict("[('', '|V3'), ('a', '<i2'), ('', 'f8', (2,))]", "(1,)")), npy.Header{Version: 1, DType: memview.MustParseDType("{'names': ['a'], 'formats': ['i2'], 'offsets': [3], 'itemsize': 21}"), Shape: []int{1}}},
		"scalar sub-array": {file(dict("[('a', '<f8', ()), ('b', '<f8', 1), ('c', '<f8', 3)]", "()")), npy.Header{Version: 1, DType: memview.MustParseDType("[('a', 'f8'), ('b', 'f8'), ('c', 'f8', (3,))]"), Shape: []int{}}},
		"nested sub-array": {file(dict("[('a', ('<f8', (2,)), (3,))]", "()")), npy.Header{Version: 1, DType: memview.MustParseDType("[('a', ('f8', (2,)), (3,))]"), Shape: []int{}}},
		"titles":           {file(dict("[(('t', 'n'), [(('u', 'm'), '>i4')])]", "(0,)")), npy.Header{Version: 1, DType: memview.MustParseDType("[(('t', 'n'), [(('u', 'm'), '>i4')])]"), Shape: []int{0}}},
		"comma string":     {file(dict("'f8,i4'", "()")), npy.Header{Version: 1, DType: memview.MustParseDType("f8,i4"), Shape: []int{}}},
		"no fields":        {file(dict("[]", "(7,)")), npy.Header{Version: 1, DType: memview.MustParseDType("[]"), Shape: []int{7}}},
		"latin-1":          {fileOf(2, dict("[('\xe9', 'i1')]", "()")), npy.Header{Version: 2, DType: memview.MustParseDType("[('é', 'i1')]"), Shape: []int{}}},
		"utf-8":            {fileOf(3, dict("[('é', 'i1')]", "()")), npy.Header{Version: 3, DType: memview.MustParseDType("[('é', 'i1')]"), Shape: []int{}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := bytes.NewReader(append(c.file, "rest"...))
			got, err := npy.ReadHeader(iotest.OneByteReader(r))
			require.NoError(t, err)
			require.True(t, got.DType.Equal(c.want.DType), "%s", got.DType)
			c.want.Offset = int64(len(c.file))
			c.want.DType = got.DType
			require.Equal(t, c.want, got)
			require.Equal(t, 4, r.Len())
		})
	}
}

// 32 structs in each other are as deep as memview goes.
func TestReadHeaderDeep(t *testing.T) {
	d := memview.I8
	var err error
	for range 32 {
		d, err = memview.PackedStructOf(memview.Field{Name: "a", DType: d})
		require.NoError(t, err)
	}
	b, err := npy.Header{DType: d}.AppendBinary(nil)
	require.NoError(t, err)
	h, err := npy.ReadHeader(bytes.NewReader(b))
	require.NoError(t, err)
	require.True(t, h.DType.Equal(d))
}

func TestReadHeaderRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		is   error
		want string
	}{
		"empty":            {nil, io.EOF, "no bytes: EOF"},
		"other magic":      {[]byte("PK\x03\x04 is a zip"), npy.ErrFormat, `starts with "PK\x03\x04 i", want "\x93NUMPY"`},
		"short other":      {[]byte("PK"), npy.ErrFormat, `starts with "PK", want "\x93NUMPY"`},
		"short magic":      {[]byte("\x93NUM"), io.ErrUnexpectedEOF, "magic string and version has 4 bytes, want 8: unexpected EOF"},
		"version 4":        {[]byte("\x93NUMPY\x04\x00aaaaaaaaaaa"), npy.ErrFormat, "version is 4.0, want 1.0, 2.0 or 3.0"},
		"version 1.1":      {[]byte("\x93NUMPY\x01\x01aaaaaaaaaaa"), npy.ErrFormat, "version is 1.1, want 1.0, 2.0 or 3.0"},
		"short length":     {[]byte("\x93NUMPY\x02\x00aaa"), io.ErrUnexpectedEOF, "header length has 3 bytes, want 4"},
		"long length":      {[]byte("\x93NUMPY\x02\x00\x01\x00\x10\x00"), npy.ErrFormat, "header has 1048577 bytes, want at most 1048576"},
		"short header":     {[]byte("\x93NUMPY\x02\x00\x00\x00\x10\x00{}"), io.ErrUnexpectedEOF, "header has 2 bytes, want 1048576"},
		"not utf-8":        {fileOf(3, dict("[('\xe9', 'i1')]", "()")), npy.ErrFormat, "header is not UTF-8"},
		"no literal":       {file("hello"), npy.ErrFormat, "header at byte 0: want a Python literal, got 'h'"},
		"code":             {file("__import__('os')"), npy.ErrFormat, "header at byte 0: want a Python literal, got '_'"},
		"no dict":          {file("[1]"), npy.ErrFormat, "header is a list, want a dict"},
		"no keys":          {file("{}"), npy.ErrFormat, `header has no "descr"`},
		"no shape":         {file("{'descr': 'f8', 'fortran_order': True}"), npy.ErrFormat, `header has no "shape"`},
		"more keys":        {file("{'descr': 'f8', 'x': 1, 'fortran_order': True, 'shape': ()}"), npy.ErrFormat, `header has the key "x", want descr, fortran_order and shape only`},
		"two keys":         {file("{'descr': 'f8', 'descr': 'f8', 'fortran_order': True, 'shape': ()}"), npy.ErrFormat, `key "descr" stands twice`},
		"order":            {file("{'descr': 'f8', 'fortran_order': 1, 'shape': ()}"), npy.ErrFormat, "fortran_order is 1, want True or False"},
		"shape list":       {file(dict("'f8'", "[1]")), npy.ErrFormat, "shape is a list, want a tuple"},
		"shape int":        {file(dict("'f8'", "(1)")), npy.ErrFormat, "shape is 1, want a tuple"},
		"shape bool":       {file(dict("'f8'", "(True,)")), npy.ErrFormat, "dimension 0 of the shape is a bool, want an integer"},
		"shape negative":   {file(dict("'f8'", "(3, -1)")), npy.ErrFormat, "dimension 1 of the shape is -1, want 0 to"},
		"shape overflow":   {file(dict("'f8'", "(2147483647, 2147483647, 2)")), memview.ErrTooLarge, "malformed .npy file: array is too large: shape (2147483647, 2147483647, 2) of 8 bytes each"},
		"zero hides":       {file(dict("'f8'", "(2147483647, 2147483647, 2, 0)")), memview.ErrTooLarge, "array is too large"},
		"33 dims":          {file(dict("'f8'", "("+strings.Repeat("1,", 33)+")")), npy.ErrFormat, "shape has 33 dimensions, want at most 32"},
		"object":           {file(dict("'|O'", "()")), memview.ErrDType, `descr: dtype does not fit: "|O": object arrays hold pickled Python objects, which only Python reads`},
		"object field":     {file(dict("[('a', 'f8'), ('b', 'O')]", "()")), memview.ErrDType, `descr: field 1: dtype does not fit: "O": object arrays`},
		"long double":      {file(dict("'<f16'", "()")), memview.ErrDType, "long double"},
		"no dtype":         {file(dict("'x9'", "()")), memview.ErrDType, `descr: dtype does not fit: data type "x9": not understood`},
		"literal in text":  {file(dict(`"[('a', 'f8')]"`, "()")), npy.ErrFormat, `descr: malformed .npy file: "[('a', 'f8')]" is no type string`},
		"dict form":        {file(dict("{'names': ['a'], 'formats': ['f8']}", "()")), npy.ErrFormat, "descr: malformed .npy file: a dict, want a string, tuple or list"},
		"metadata":         {file(dict("('<f8', {'a': 1})", "()")), npy.ErrFormat, "shape of a sub-array is a dict, want a tuple"},
		"triple":           {file(dict("('<f8', (1,), 2)", "()")), npy.ErrFormat, "tuple of 3 items, want (descr, shape)"},
		"None":             {file(dict("None", "()")), npy.ErrFormat, "None, want a string, tuple or list"},
		"top sub-array":    {file(dict("('<f8', (2,))", "()")), npy.ErrFormat, "descr is a sub-array, want its dimensions in the shape"},
		"no name":          {file(dict("[('', '<f8')]", "()")), memview.ErrDType, "field 0 has no name"},
		"field string":     {file(dict("['a']", "()")), npy.ErrFormat, `field 0: malformed .npy file: got the string "a", want (name, descr) or (name, descr, shape)`},
		"field of four":    {file(dict("[('a', 'f8', (1,), 2)]", "()")), npy.ErrFormat, "field 0: malformed .npy file: got a tuple of 4 items"},
		"name 1":           {file(dict("[(1, 'f8')]", "()")), npy.ErrFormat, "name is 1, want a string"},
		"title 1":          {file(dict("[((1, 'a'), 'f8')]", "()")), npy.ErrFormat, "name is a tuple of 2 items, want (title, name) of two strings"},
		"same name":        {file(dict("[('a', 'f8'), ('a', 'f8')]", "()")), memview.ErrDType, `two fields are named "a"`},
		"sub negative":     {file(dict("[('a', 'f8', (-1,))]", "()")), npy.ErrFormat, "sub-array: dimension 0 of the shape is -1"},
		"sub overflow":     {file(dict("[('a', 'f8', (2147483647, 2147483647))]", "()")), memview.ErrDType, "larger than 2147483647 bytes"},
		"struct overflow":  {file(dict("[('a', 'V2147483647'), ('b', 'i1')]", "()")), memview.ErrDType, "struct of more than 2147483647 bytes"},
		"padding overflow": {file(dict("[('', 'V2147483647'), ('', 'V2147483647'), ('b', 'i1')]", "()")), memview.ErrDType, "struct of more than 2147483647 bytes"},
		"33 deep":          {file(dict(strings.Repeat("[('a', ", 33)+"'i1'"+strings.Repeat(")]", 33), "()")), memview.ErrDType, "nested more than 32 deep"},
		"99 deep":          {file(dict(strings.Repeat("[('a', ", 99)+"'i1'"+strings.Repeat(")]", 99), "()")), npy.ErrFormat, "nested more than 80 deep"},
		"void of nothing":  {file(dict("'|V0'", "()")), memview.ErrDType, "V0: length is 0, want 1 to"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := npy.ReadHeader(bytes.NewReader(c.file))
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.want)
			require.True(t, strings.HasPrefix(err.Error(), "npy: "), err)
			require.Equal(t, 1, strings.Count(err.Error(), "npy: "), err)
			require.NotContains(t, err.Error(), "memview")
			require.Less(t, len(err.Error()), 300)
			_, again := npy.Read(bytes.NewReader(c.file), nil)
			require.EqualError(t, again, err.Error())
		})
	}
}

func TestReadHeaderReaderFails(t *testing.T) {
	whole := file(dict("'f8'", "()"))
	boom := errors.New("boom")
	for n := range len(whole) {
		_, err := npy.ReadHeader(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(boom)))
		require.ErrorIs(t, err, boom, "after %d bytes", n)
		require.NotErrorIs(t, err, npy.ErrFormat)
	}
}

func TestHeaderSizes(t *testing.T) {
	h := npy.Header{DType: memview.I16, Shape: []int{2, 3, 4}}
	require.EqualValues(t, 48, h.NBytes())
	require.Equal(t, memview.Layout{Shape: []int{2, 3, 4}, Strides: []int{24, 8, 2}}, h.Layout())
	h.Fortran = true
	require.Equal(t, memview.Layout{Shape: []int{2, 3, 4}, Strides: []int{2, 4, 12}}, h.Layout())
	h.Shape = []int{0, 3}
	require.Zero(t, h.NBytes())
	require.Equal(t, []int{2, 2}, h.Layout().Strides)
	h.Shape = nil
	require.EqualValues(t, 2, h.NBytes())
	h.Shape = []int{-1}
	require.Equal(t, int64(math.MaxInt64), h.NBytes())
}
