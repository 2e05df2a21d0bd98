package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// The tests of this file are inside of the package because the command has no
// signature for many of the dtypes.

func TestReadJSON(t *testing.T) {
	for _, c := range []struct {
		text, dtype string
		ndim        int
		want        string // as numpy prints it
	}{
		{"[1, 2.5]", "f8", 1, "[1.  2.5]"},
		{" [ 1 ,2 ] \n", "i4", 1, "[1 2]"},
		{"[18446744073709551615, 0, 9007199254740993]", "u8", 1, "[18446744073709551615                    0     9007199254740993]"},
		{"[-9223372036854775808, 9223372036854775807]", "i8", 1, "[-9223372036854775808  9223372036854775807]"},
		{"[-128, 127, -0]", "i1", 1, "[-128  127    0]"},
		{"[255, -0]", "u1", 1, "[255   0]"},
		{`["nan", "inf", "-inf", "Infinity", "NaN", -0]`, "f8", 1, "[ nan  inf -inf  inf  nan  -0.]"},
		{"[65519, 1e-30]", "f2", 1, "[65504.     0.]"},
		{"[16777217]", "f4", 1, "[16777216.]"},
		{"[9007199254740993]", "f8", 1, "[9.00719925e+15]"},
		{"[1e308, 1e-400]", "f8", 1, "[1.e+308 0.e+000]"},
		{"[]", "f8", 1, "[]"},
		{"[[], []]", "f8", 2, "[]"},
		{"[[[1]], [[2]]]", "i2", 3, "[[[1]]\n\n [[2]]]"},
		{"7", "i4", 0, "7"},
		{"[[1, 2]]", "c16", 1, "[1.+2.j]"},
		{`[1, "-inf"]`, "c8", 0, "(1-infj)"},
		{"[true, false]", "?", 1, "[ True False]"},
		{`["abc", ""]`, "S3", 1, "[b'abc' b'']"},
		{`["äö", "\u20ac"]`, "U2", 1, "['äö' '€']"},
		{"[[1, 2], [3, 4]]", "i1,f4", 1, "[(1, 2.) (3, 4.)]"},
		{`{"f1": 2, "f0": 1}`, "i1,f4", 0, "(1, 2.)"},
		{`[{"f0": [[1,2],[3,4]], "f1": [true]}]`, "(2,2)i1,(1,)?", 1, "[([[1, 2], [3, 4]], [ True])]"},
		{`[[[1, 2], 3]]`, "[('a', [('b', 'i1'), ('c', 'i1')]), ('d', 'i1')]", 1, "[((1, 2), 3)]"},
	} {
		t.Run(c.text, func(t *testing.T) {
			a, err := readJSON(c.text, memview.MustParseDType(c.dtype), c.ndim)
			require.NoError(t, err)
			require.Equal(t, c.want, a.String())
			require.Equal(t, c.ndim, a.NDim())
		})
	}
	empty, err := readJSON("[[],[]]", memview.F64, 2)
	require.NoError(t, err)
	require.Equal(t, []int{2, 0}, empty.Shape())
	empty, err = readJSON("[]", memview.F64, 3)
	require.NoError(t, err)
	require.Equal(t, []int{0, 0, 0}, empty.Shape())
}

func TestReadJSONRefuses(t *testing.T) {
	const particle = "[('x', 'f4'), ('v', 'i1', (2,))]"
	for _, c := range []struct {
		text, dtype string
		ndim        int
		want        string
	}{
		{"", "f8", 1, "it is not valid JSON: the text ends too early, want one JSON value"},
		{"[1,]", "f8", 1, "it is not valid JSON: invalid character ']' looking for beginning of value (character 4), want one JSON value"},
		{"[1 2]", "f8", 1, "it is not valid JSON: invalid character '2' after array element (character 4), want one JSON value"},
		{"[01]", "f8", 1, "it is not valid JSON: invalid character '1' after array element (character 3), want one JSON value"},
		{"[1]]", "f8", 1, "it is not valid JSON: text after the value, want one JSON value"},
		{"[1}", "f8", 1, "it is not valid JSON: invalid character '}' after array element (character 3), want one JSON value"},
		{"[\"\xff\"]", "S3", 1, "it is not UTF-8, want JSON"},
		{"null", "f8", 1, "it is null, want an array, as the parameter has 1 dimension"},
		{"[[1], 2]", "f8", 2, "element [1] is 2, want an array, as the parameter has 2 dimensions"},
		{"[[1], null]", "f8", 2, "element [1] is null, want an array, as the parameter has 2 dimensions"},
		{"[[[1]]]", "f8", 2, "element [0,0] is an array, want float64, as the parameter has 2 dimensions"},
		{"[[1], []]", "f8", 2, "length of [1] is 0, want 1"},
		{"[[[1],[2]], [[3],[4,5]]]", "f8", 3, "length of [1,1] is more than 1, want 1"},
		{"[[[1],[2]], [[3]]]", "f8", 3, "length of [1] is 1, want 2"},
		{"[[], [1]]", "f8", 2, "length of [1] is more than 0, want 0"},
		{"[256]", "u1", 1, "element [0] is 256, want uint8 from 0 to 255"},
		{"[-1]", "u8", 1, "element [0] is -1, want uint64 from 0 to 18446744073709551615"},
		{"[18446744073709551616]", "u8", 1, "element [0] is 18446744073709551616, want uint64 from 0 to 18446744073709551615"},
		{"[1.0]", "i4", 1, "element [0] is 1.0, want int32 from -2147483648 to 2147483647"},
		{"[true]", "i4", 1, "element [0] is true, want int32 from -2147483648 to 2147483647"},
		{`["1"]`, "i4", 1, `element [0] is the string "1", want int32 from -2147483648 to 2147483647`},
		{"[1e39]", "f4", 1, `element [0] is 1e39, want a number that float32 holds, or "nan", "inf", "-inf"`},
		{"[65520]", "f2", 1, `element [0] is 65520, want a number that float16 holds, or "nan", "inf", "-inf"`},
		{`["1.5"]`, "f8", 1, `element [0] is the string "1.5", want a number that float64 holds, or "nan", "inf", "-inf"`},
		{"[{}]", "f8", 1, `element [0] is an object, want a number that float64 holds, or "nan", "inf", "-inf"`},
		{"[1, 2]", "c16", 1, "element [0] is 1, want complex128 as [re, im]"},
		{"[[1]]", "c16", 1, "element [0] is an array of 1, want complex128 as [re, im]"},
		{"[[1, true]]", "c16", 1, "element [0] is an array with true, want complex128 as [re, im]"},
		{`["abcd"]`, "S3", 1, `element [0] is the string "abcd", want a string for |S3`},
		{`["ääää"]`, "U3", 1, `element [0] is the string "ääää", want a string for <U3`},
		{"[1]", particle, 1, "element [0] is 1, want a struct of x, v"},
		{"[[1]]", particle, 1, "element [0] is an array of 1, want a struct of x, v"},
		{"[[1, [2, 3], 4]]", particle, 1, "element [0] is an array of more than 2, want a struct of x, v"},
		{"[[1, [2]]]", particle, 1, "element [0].v is an array of 1, want an array of 2"},
		{"[[1, 2]]", particle, 1, "element [0].v is 2, want an array of 2"},
		{`[{"v": [1, 300]}]`, particle, 1, "element [0].v[1] is 300, want int8 from -128 to 127"},
		{`[{"x": 1, "x": 2}]`, particle, 1, `element [0] is an object with "x" twice, want a struct of x, v`},
		{`{"x": null}`, particle, 0, `element .x is null, want a number that float32 holds, or "nan", "inf", "-inf"`},
		{"[1]", "M8[s]", 1, "element [0] is 1, want datetime64[s], which has no JSON: give a .npy file"},
	} {
		t.Run(c.text+" "+c.dtype, func(t *testing.T) {
			_, err := readJSON(c.text, memview.MustParseDType(c.dtype), c.ndim)
			require.EqualError(t, err, c.want)
		})
	}
}

// Depth and length of what is hostile cost nothing: reading stops where the type ends.
func TestReadJSONHostile(t *testing.T) {
	const n = 1 << 20
	deep := strings.Repeat("[", n)
	_, err := readJSON(deep, memview.F64, 2)
	require.EqualError(t, err, "element [0,0] is an array, want float64, as the parameter has 2 dimensions")
	_, err = readJSON(strings.Repeat(`[{"x":`, n), memview.MustParseDType("[('x', 'f4')]"), 1)
	require.EqualError(t, err, `element [0].x is an array, want a number that float32 holds, or "nan", "inf", "-inf"`)
	digits := strings.Repeat("9", n)
	for _, d := range []memview.DType{memview.I64, memview.U64, memview.F64} {
		_, err = readJSON("["+digits+"]", d, 1)
		require.Error(t, err)
		require.Less(t, len(err.Error()), 200)
	}
	_, err = readJSON("[1e999999999999999999999]", memview.F64, 1)
	require.Error(t, err)
	_, err = readJSON("["+digits+"e-1048570]", memview.F64, 1)
	require.Error(t, err)
	a, err := readJSON("["+digits[:790]+"e-784]", memview.F64, 1)
	require.NoError(t, err)
	require.Equal(t, "[1000000.]", a.String())
	long, err := readJSON("["+strings.Repeat("1,", 100_000)+"2]", memview.U8, 1)
	require.NoError(t, err)
	require.Equal(t, 100_001, long.Size())
}

func TestScalarWord(t *testing.T) {
	for _, c := range []struct {
		word, dtype string
		want        any
	}{
		{"5", "i4", int64(5)}, {"+5", "i4", int64(5)}, {"-0x80", "i1", int64(-128)}, {"0xff", "u1", uint64(255)}, {"-0", "u1", uint64(0)},
		{"18446744073709551615", "u8", uint64(math.MaxUint64)}, {"-9223372036854775808", "i8", int64(math.MinInt64)},
		{"010", "i4", int64(10)}, {"1e3", "f8", 1e3}, {"0.1", "f4", float64(float32(0.1))}, {"-Inf", "f8", math.Inf(-1)}, {"True", "?", true}, {"false", "?", false},
	} {
		got, err := scalarWord(c.word, memview.MustParseDType(c.dtype))
		require.NoError(t, err, c.word)
		require.Equal(t, c.want, got, c.word)
	}
	for word, dtype := range map[string]string{
		"": "i4", "-": "i4", "0x": "i4", "--1": "i4", "0x-1": "i4", "1_000": "i4", "1.0": "i4", "nan": "i4", "2147483648": "i4", "-0x81": "i1", "-1": "u4",
		"x": "f8", "1e400": "f8", "1e39": "f4", "1": "?", "TRUE": "?", "[1]": "f8", `"nan"`: "f8", "1 ": "f8",
	} {
		_, err := scalarWord(word, memview.MustParseDType(dtype))
		require.Error(t, err, "%q as %s", word, dtype)
	}
}

// An array of one element is spelled as a scalar is.
func TestZeroD(t *testing.T) {
	for _, word := range []string{"-inf", `"-inf"`} {
		a, err := jsonWord(word, memview.F64, 0)
		require.NoError(t, err)
		require.Equal(t, "-inf", fmt.Sprint(a))
	}
	_, err := jsonWord("1.5", memview.I32, 0)
	require.EqualError(t, err, "it is 1.5, want int32 from -2147483648 to 2147483647")
}

func TestNewShape(t *testing.T) {
	for word, want := range map[string][]int{"new:": {}, "new:5": {5}, "new:2x0x3": {2, 0, 3}, "new:2147483647": {math.MaxInt32}} {
		got, err := newShape(word)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, word := range []string{"new:x", "new:-1", "new:2x", "new:2X3", "new:2,3", "new:2147483648", "new:1x1x1x1x1x1x1x1x1", "new: 1", "new:0x10"} {
		if _, err := newShape(word); word != "new:0x10" { // which is a shape of no elements
			require.Error(t, err, word)
		}
	}
}

// What is read is what encoding/json reads: the same elements in the same order.
func FuzzReadJSON(f *testing.F) {
	dtypes := []memview.DType{
		memview.F64, memview.I64, memview.U8, memview.Bool, memview.C64, memview.F16,
		memview.MustParseDType("S3"), memview.MustParseDType("U2"), memview.MustParseDType("[('x', 'f4'), ('v', 'i1', (2,))]"),
	}
	for i, text := range []string{"[[1, 2.5], [-1e3, 0]]", "[[18446744073709551615]]", "[[256]]", "[[true]]", `[[[1, "nan"]]]`, "[[65520]]", `[["abc"]]`, `[["äö"]]`, `[[{"x": 1, "v": [1, 2]}, [1, [2, 3]]]]`, "[[1], [2, 3]]", "[1,]", "[[", `[["in`, "[[01]]"} {
		f.Add(text, uint8(i%len(dtypes)), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text string, dtype, ndim uint8) {
		d := dtypes[int(dtype)%len(dtypes)]
		nd := int(ndim) % 9
		a, err := readJSON(text, d, nd)
		if err != nil {
			return
		}
		require.Equal(t, nd, a.NDim())
		require.True(t, d.Equal(a.DType()))
		require.True(t, json.Valid([]byte(text)))
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		var v any
		require.NoError(t, dec.Decode(&v))
		level := []any{v}
		for range nd {
			var next []any
			for _, x := range level {
				next = append(next, x.([]any)...)
			}
			level = next
		}
		require.Len(t, level, a.Size())
		flat, err := a.Reshape(-1)
		if a.Size() == 0 {
			return
		}
		require.NoError(t, err)
		for i, x := range level {
			got, err := flat.At(i)
			require.NoError(t, err)
			n, isNumber := x.(json.Number)
			switch {
			case d.Equal(memview.Bool):
				require.Equal(t, x, got)
			case isNumber && d.Equal(memview.F64):
				want, err := n.Float64()
				require.NoError(t, err)
				require.Equal(t, want, got)
			case d.Equal(memview.I64), d.Equal(memview.U8):
				want, err := strconv.ParseInt(n.String(), 10, 64)
				require.NoError(t, err)
				require.Equal(t, strconv.FormatInt(want, 10), fmt.Sprint(got))
			}
		}
	})
}
