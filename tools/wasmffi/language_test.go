package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
)

// Every feature of the signature language, as far as a command line reaches.
func TestLanguage(t *testing.T) {
	norm := "norm(x: %[n], n: size, t: i32 = typecode(x)) -> f64"
	as := func(elem string) string { return strings.ReplaceAll(norm, "%", elem) }
	transcript(t, "language",
		// Dtypes that are left open.
		[]string{"call", "sigs", "gemm", "[[1,2]]", "[[3],[4]]", "-o", "c.npy"},
		[]string{"call", "sigs", "gemm", "f32:[[1,2]]", "[[3],[4]]", "-o", "c.npy"},
		[]string{"call", "sigs", "gemm", "[[1,2]]", "f32:[[3],[4]]", "-o", "c.npy"},
		[]string{"call", "sigs", "gemm", "c.npy", "[[3]]"},
		[]string{"call", "sigs", "gemm", "f32:[[1]]", "f64:[[2]]"},
		[]string{"call", "sigs", "gemm", "i32:[[1]]", "[[2]]"},
		[]string{"call", "sigs", "norm", "f32.npy"},
		[]string{"call", "sigs", "norm", "f16:[3, 4]"},
		[]string{"call", "sigs", "norm", "[3, 4]"},
		[]string{"call", "sigs", "norm", "i8:[3, 4]"},
		[]string{"call", "sigs", "typed_add", "[1, 2]", "[3, 4]", "-o", "z.npy"},
		[]string{"call", "sigs", "typed_add", "i8:[127]", "[1]", "-o", "z.npy"},
		[]string{"call", "sigs", "typed_add", "i8:[128]", "[1]"},
		[]string{"call", "sigs", "typed_add", "[1.5]", "[1]"},
		[]string{"call", "sigs", "typed_add", "int:[1]", "[1]"},
		[]string{"call", "sigs", "typed_add", "wide:[1]", "[1]"},
		[]string{"call", "sigs", "typed_add", "any:[1]", "[1]"},
		[]string{"call", "sigs", "typed_add", "i16:", "[1]"},
		[]string{"call", "sigs", "qsort_bytes", "u8:[3, 1, 2]"},
		[]string{"call", "sigs", "qsort_bytes", "bool:[true, false]"},
		[]string{"call", "sigs", "qsort_bytes", "[2, 2]", "-o", "q.npy"},
		[]string{"call", "sigs", "qsort_bytes", "null"},
		[]string{"call", "baresigs", "norm", "[3, 4]", "-sig", as("f32|f64")},
		[]string{"call", "baresigs", "norm", "f32:[3, 4]", "-sig", as("f16|f32")},
		[]string{"call", "baresigs", "norm", "[3, 4]", "-sig", as("f16|f32")},
		[]string{"call", "baresigs", "norm", "[3, 4]", "-sig", as("u*|c*")},
		[]string{"call", "baresigs", "norm", "[3, 4]", "-sig", as("c*|bool|u8|u16|u32|u64|i8|i16")},
		[]string{"call", "baresigs", "qsort_bytes", "u8:new:3", "-sig", "qsort_bytes(base: out any[n], n: size, width: size = itemsize(base))"},
		[]string{"call", "baresigs", "qsort_bytes", "new:3", "-sig", "qsort_bytes(base: out any[n], n: size, width: size = itemsize(base))"},
		[]string{"call", "baresigs", "qsort_bytes", "u8:new:2000000000", "-sig", "qsort_bytes(base: out any[n], n: size, width: size = itemsize(base))"},
		[]string{"call", "vec", "centroid", "Particle:[[1,2,3,7]]"},

		// Expressions and conditions.
		[]string{"call", "sigs", "conv1d", "[1, 2]", "[1, 1]"},
		[]string{"call", "sigs", "conv1d", "[]", "[]"},
		[]string{"call", "sigs", "conv1d", "[1, 2]", "[1, 1]", "new:4"},
		[]string{"call", "sigs", "rdft", "[1, 0, 0, 0]"},
		[]string{"call", "sigs", "halve", "[1, 3, 5, 7, 9, 11]"},
		[]string{"call", "sigs", "halve", "[1, 2, 3]"},
		[]string{"call", "sigs", "mean", `[1, "nan"]`},
		[]string{"call", "sigs", "hist", "[1, 2]"},

		// Layouts and NULL.
		[]string{"call", "sigs", "sum_strided", "[[1, 2], [3, 4]]"},
		[]string{"call", "sigs", "dgemm", "1", "[[1, 2]]", "[[3], [4]]", "0", "[[0]]"},
		[]string{"call", "sigs", "daxpy_strided", "2", "[1, 2]", "[3, 4]"},
		[]string{"call", "sigs", "fsum", "[[1, 2], [3, 4]]"},
		[]string{"call", "sigs", "alias_copy", "[1, 2]"},
		[]string{"call", "sigs", "optional", "null"},
		[]string{"call", "sigs", "optional", "[1, 2]"},
		[]string{"call", "sigs", "optional", "3"},
		[]string{"call", "baresigs", "optional", "null", "-sig", "optional(x: out f64[n] nullable, n: size) -> f64"},
		[]string{"call", "baresigs", "optional", "null", "-sig", "optional(x: out f64[n] nullable, n: size) -> f64", "-o", "x=x.npy"},

		// Lengths that the guest says, memory that it gives away.
		[]string{"call", "sigs", "rle_compress", "new:10", "[1, 1, 1, 2]", "1"},
		[]string{"call", "sigs", "rle_compress", "new:10", "[1, 1, 1, 2]", "1", "-o", "dst=dst.npy"},
		[]string{"call", "sigs", "rle_compress", "new:1", "[1, 1, 1, 2]", "1"},
		[]string{"call", "sigs", "rle_compress", "[1, 1, 1, 2]", "1"},
		[]string{"call", "sigs", "get", "3"},
		[]string{"call", "sigs", "get", "3", "-o", "result=x.npy"},
		[]string{"call", "sigs", "get", "-1"},

		// Handles, texts, functions, names.
		[]string{"call", "sigs", "setup_new", "3", "2"},
		[]string{"call", "sigs", "setup_new", "3", "2", "-o", "s.npy"},
		[]string{"call", "sigs", "setup_none"},
		[]string{"call", "baresigs", "setup_none", "-sig", "type Setup = opaque free(setup_free); setup_none() -> Setup nullable"},
		[]string{"call", "sigs", "setup_scale", "1", "[1]"},
		[]string{"call", "baresigs", "setup_free", "null", "-sig", "type Setup = opaque; setup_free(s: Setup nullable)"},
		[]string{"call", "sigs", "text_length", "word"},
		[]string{"call", "sigs", "text_length", "12.50"},
		[]string{"call", "sigs", "text_length", "-5"},
		[]string{"call", "sigs", "text_length", "x.npy"},
		[]string{"call", "sigs", "text_length", ""},
		[]string{"call", "sigs", "text_length", "--", "-x"},
		[]string{"call", "sigs", "text_length", "-x"},
		[]string{"call", "sigs", "text_length", "null"},
		[]string{"call", "baresigs", "text_length", "null", "-sig", "text_length(s: cstr) -> i32"},
		[]string{"call", "sigs", "version"},
		[]string{"call", "sigs", "version", "-o", "v.npy"},
		[]string{"call", "sigs", "integrate", "sin", "0", "1", "10"},
		[]string{"call", "sigs", "Foo#bar", "[1, 2]"},

		// Another signature than the module carries; everything that is wrong.
		[]string{"call", "sigs", "mean", "[1]", "-sig", "mean(x: f64[n], n: size) -> f64"},
		[]string{"call", "beside", "id_i8", "1", "-sig", "id_i8(v: u8) -> u8"},
		[]string{"call", "torn", "id_i8", "1"},
		[]string{"call", "torn", "id_i8", "1", "-sig", "id_i8(v: i8) -> i8"},
		[]string{"call", "sigs", "gemm", "[1]", `[["x"]]`},
		[]string{"call", "sigs", "conv1d", "f32.npy", "f32.npy"},
		[]string{"call", "sigs", "dgemm", "two", "[[1]]", "[1]", "null", "x.npy"},
	)
}

// A text of the guest's is printed without what steers a terminal.
func TestHostileText(t *testing.T) {
	require.Equal(t, "a\tb\n?[31m?", plain("a\tb\n\x1b[31m\x00"))
	workDir(t)
	require.Contains(t, refused(t, "call", "sigs", "text_wild"), "text_wild: result is ")
	require.Contains(t, refused(t, "call", "sigs", "get", "1000000"), "n_out=2147483648")
}

// Everything about the words is said, whatever kind of error it is.
func TestAllFailures(t *testing.T) {
	workDir(t)
	text := refused(t, "call", "vec", "dot", "gone.npy", "1")
	require.Regexp(t, `^wasmffi: dot: argument 1 "x": open gone.npy: `, text)
	require.Contains(t, text, "\n  also:      argument 2 \"y\": it is 1, want an array of float64")
	text = refused(t, "call", "vec", "dot", "1", "gone.npy")
	require.Regexp(t, `^dot: argument 1 "x": it is 1, want an array`, text)
	require.Contains(t, text, "\n  also:      dot: argument 2 \"y\": open gone.npy: ")
}

// The number of lines is bounded: pairs of arrays may be many.
func TestRefusalIsBounded(t *testing.T) {
	var list []error
	for k := range 30 {
		list = append(list, &constraints.TypeError{Func: "f", Arg: k + 1, Got: "no array"})
	}
	var b bytes.Buffer
	require.Equal(t, 1, report(&b, refusal(list)))
	require.Equal(t, 18, strings.Count(b.String(), "\n"))
	require.Contains(t, b.String(), "f: argument 1: no array\n  also:      argument 2: no array\n")
	require.Contains(t, b.String(), "  also:      argument 17: no array\n  also:      13 more\n")
}
