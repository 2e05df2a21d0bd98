package constraints_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Texts with what String makes of them; empty: the same. A few are refused, beside those that look like them.
var accepted = []struct{ text, want string }{
	{"f()", ""},
	{"f() -> i32", ""},
	{"dot(x: f64[n], y: f64[n], n: size) -> f64", ""},
	{"blur(img: inout u8[h,w,3], h: size, w: size) -> i32 ok(0)", ""},
	{"xxh64(p: u8[n], n: size, seed: u64) -> u64", ""},
	{"modf(x: f64, ip: out f64) -> f64", ""},
	{"hist(x: u8[m], m: size, bins: out u32[k], k: size)", ""},
	{`"Foo#bar"(x: f64[n], n: size)`, ""},
	{`"dot"(x: f64[2])`, "dot(x: f64[2])"},
	{`"a\tb\"c\\"()`, ""},
	{`"\x61é\u4e16"()`, `"aé世"()`},
	{`"\xff"()`, ""},
	{`" "()`, ""},
	{`"_"()`, ""},
	{"Highs_lpCall(nc: i32, nr: i32, nnz: i32, off: f64, cost: f64[nc], lo: f64[nc], up: f64[nc], rlo: f64[nr], rup: f64[nr], start: i32[nc], index: i32[nnz], val: f64[nnz], cv: out f64[nc], cd: out f64[nc], rv: out f64[nr], ms: out i32) -> i32 ok(0)", ""},
	{"f(x:f64[n],n:size)->f64", "f(x: f64[n], n: size) -> f64"},
	{"  f ( x : in f64 [ n , 0003 ] )  ", "f(x: f64[n,3])"},
	{"f(x: f64[\n  m, # rows\n  n # columns\n],\r\n  m: size)", "f(x: f64[m,n], m: size)"},
	{"# first\n\n;;f()\n# last", "f()"},
	{"f(); f()", "f()"},
	{"f(x: f64[])", ""},
	{"f(x: f64[_,_,n])", ""},
	{"f(x: f64[0])", ""},
	{"f(x: u8[4294967295])", "refused"},
	{"f(x: u8[2147483647])", ""},
	{"f(a: bool, b: i8, c: i16, d: i32, e: i64, f: u8, g: u16, h: u32, i: u64, j: f32, k: f64, l: size, m: ptr) -> ptr", ""},
	{"f(a: bool[1], b: f16[1], c: c64[1], d: c128[1], e: size[1], f: ptr[1])", ""},
	{"f(x: f64[n]) -> f64[n,3] nullable", ""},
	{"f() -> f64[3]", ""},
	{"f() -> f64[]", ""},
	{"f() -> i64 ok(-9223372036854775808)", ""},
	{"f() -> u64 ok(9223372036854775807)", ""},
	{"f() -> i8 ok(-128)", ""},
	{"f() -> u8 ok(255)", ""},
	{"f() -> i32 ok(-0)", "f() -> i32 ok(0)"},
	// Words of the language are no keywords.
	{"f(in: f64[n], out: out f64[n], n: size)", ""},
	{"f(in: in f64, out: out f64, inout: inout f64)", "f(in: f64, out: out f64, inout: inout f64)"},
	{"type(type: f64[size], size: size) -> f64", ""},
	{"wasmffi(ok: f64[nullable]) -> f64[nullable] nullable", ""},
	{"out(x: f64[in,out,f64,C,T])", ""},
	{"f(f64: f64, i32: i32[f32], f32: i32)", ""},
	{"type type(x: f64)", "refused"},
	// Func types.
	{"f(g: func( x :f64[ n ],n:size )->f64 nullable)", "f(g: func(x: f64[n], n: size) -> f64 nullable)"},
	{"rk4(f: func(t: f64, y: f64[n], dydt: f64[n]), y: inout f64[n], n: size)", ""},
	{"f(g: func(in: f64, out: f64[nullable] nullable, nullable: i32, func: func[1]))", "refused"},
	{"f(g: func(in: f64, out: f64[nullable] nullable, nullable: i32, func: i32))", ""},
	{"get_op(k: i32) -> func(f64) -> f64", ""},
	{"get_op(k: i32) -> func(f64) -> f64 nullable", ""},
	{"type Pp = {x: f32}; get() -> func(p: Pp[n*n+1], n: i64)", ""},
	{"func(func: func()) -> func()", ""},
	// Structs.
	{"type Particle = {x: f32, y: f32, z: f32, id: i32}; centroid(p: Particle[n], n: size, out_xyz: out f64[3])", ""},
	{"type Aa={x:f32}\nf(p:Aa[_])", "type Aa = {x: f32}; f(p: Aa[_])"},
	{"f(p: Aa[_]); type Aa = {x: f32}", "type Aa = {x: f32}; f(p: Aa[_])"},
	{"type In = {x: f32[2,3], n: size, p: ptr}; type Out = {a: In, b: In[4]}; f(p: Out[_])", "type In = {x: f32[2,3], n: u32, p: u32}; type Out = {a: In, b: In[4]}; f(p: Out[_])"},
	{"type Out = {x: f32}; type In = {o: Out}; f() -> In[2]", ""},
	{"type Bb = {x: Aa}; type Aa = {x: f32}; f(b: Bb[1])", "type Aa = {x: f32}; type Bb = {x: Aa}; f(b: Bb[1])"},
	{"type Aa = opaque; f()", "f()"},
	{"type Aa = {x: f32}; type Bb = {x: i32}; f(p: Bb[_])", "type Bb = {x: i32}; f(p: Bb[_])"},
	{"type Aa = {x: f32}; type Aa = {x: f32}; f(p: Aa[_])", "type Aa = {x: f32}; f(p: Aa[_])"},
	{"type Aa = {_: f32, in: f64, f64: i32}; f(p: Aa[_])", ""},
	// Structs of one layout: the first that was declared names a field.
	{"type Aa = {x: f32}; type Bb = {x: f32}; f(p: Bb[_])", "type Bb = {x: f32}; f(p: Bb[_])"},
	{"type Aa = {x: f32}; type Bb = {x: f32}; type Cc = {a: Bb}; f(p: Cc[_])", "type Aa = {x: f32}; type Cc = {a: Aa}; f(p: Cc[_])"},
	{"type Aa = {x: f32}; type Pp = {a: Aa}; type Bb = {x: f32}; f(p: Pp[_], q: Bb[_])", ""},
	{"type Aa = {x: f32}; type Bb = {x: f32}; type Cc = {a: Aa}; type Dd = {a: Bb}; f(p: Dd[_], q: Cc[_])", "type Aa = {x: f32}; type Cc = {a: Aa}; type Dd = {a: Aa}; f(p: Dd[_], q: Cc[_])"},
}

func TestParseAccepts(t *testing.T) {
	for _, tt := range accepted {
		s, err := constraints.Parse(tt.text)
		if tt.want == "refused" {
			require.Error(t, err, tt.text)
			continue
		}
		require.NoError(t, err, tt.text)
		want := tt.want
		if want == "" {
			want = tt.text
		}
		require.Equal(t, want, s.String())
		again, err := constraints.Parse(s.String())
		require.NoError(t, err, s.String())
		require.Equal(t, s.String(), again.String())
		_, err = constraints.Compile(s)
		require.NoError(t, err, "what Parse accepts compiles: %s", s)
		require.Equal(t, s, constraints.MustParse(tt.text))
	}
}

// Each text with the place and the message.
func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		text string
		pos  int
		want string
	}{
		{"", 0, "got 0 signatures, want one"},
		{"# nothing", 9, "got 0 signatures, want one"},
		{"f(); g()", 8, "got 2 signatures, want one"},
		{"f(); f(x: i32)", 5, "f has two different signatures: f() and f(x: i32)"},
		{`"a b"(); "a b"() -> i32`, 9, `"a b" has two different signatures: "a b"() and "a b"() -> i32`},
		{"type Aa = {x: f32}", 18, "got 0 signatures, want one"},
		{"f", 1, `want "(" after the function name, got the end`},
		{"f\n()", 1, `want "(" after the function name, got the end of the line`},
		{"f;", 1, `want "(" after the function name, got ";"`},
		{"_()", 0, `want the name of a function, got "_"`},
		{"1()", 0, `want the name of a function, got "1"`},
		{`""()`, 0, "function has no name"},
		{`"a`, 0, "string does not end or has a bad escape"},
		{`"\q"()`, 0, "string does not end or has a bad escape"},
		{"\"a\nb\"()", 0, "string does not end or has a bad escape"},
		{"\"\xff\"()", 0, "string does not end or has a bad escape"},
		{"f(", 2, "want the name of a parameter, got the end"},
		{"f(x", 3, `want ":" after the parameter name, got the end`},
		{"f(x:", 4, "want a type, got the end"},
		{"f(x: f64", 8, `want "," or ")" after a parameter, got the end`},
		{"f(x: f64,)", 9, `want the name of a parameter, got ")"`},
		{"f(,)", 2, `want the name of a parameter, got ","`},
		{"f(f64)", 5, `want ":" after the parameter name, got ")"`},
		{"f(x: f64; y: f64)", 8, `want "," or ")" after a parameter, got ";"`},
		{"f(x: f64) y", 10, `unexpected "y" after the signature`},
		{"f(x: f64))", 9, `unexpected ")" after the signature`},
		{"f() -> ", 7, "want a type, got the end"},
		{"f() - f64", 4, `unexpected "-" after the signature`},
		{"f(x: f64[n)", 10, `want "," or "]" after a dimension, got ")"`},
		{"f(x: f64[n,])", 11, `want a dimension: a name, a number, an expression or _, got "]"`},
		{"f(x: f64[-1])", 9, `want a dimension: a name, a number, an expression or _, got "-"`},
		{"f(x: f64[n+1])", 0, `parameter "x": nothing says what "n" is: no array has such a dimension, and no parameter that name`},
		{"f(x: f64[2147483648])", 9, `dimension is 2147483648, want at most 2147483647`},
		{"f(x: f64[99999999999999999999])", 9, `a number is 99999999999999999999, want at most 9223372036854775807`},
		{"f(x: f64[1000000,1000000])", 0, `parameter "x": array is larger than a linear memory`},
		{"f(x: u8[65536,65536])", 0, `parameter "x": array is larger than a linear memory`},
		{"f(x: f64[1n])", 10, `want "," or "]" after a dimension, got "n"`},
		{"f(x: f64[1,2,3,4,5,6,7,8,9])", 25, "more than 8 dimensions"},
		{"f(x: nosuch)", 5, `unknown type "nosuch"`},
		{"f(x: out)", 8, `want a type, got ")"`},
		{"f(x: in out f64)", 8, `unknown type "out"`},
		{"f(x: float[n], n: int)", 5, `unknown type "float": write f32 (C float) or f* (any float)`},
		{"f(n: int)", 5, `unknown type "int": write i32 (C int) or i* (any signed)`},
		{"f(n: size_t)", 5, `unknown type "size_t": write size`},
		{"f(n: float64)", 5, `unknown type "float64": write f64`},
		{"f(n: f8)", 5, `unknown type "f8": write f64 (the language counts bits)`},
		{"f() -> void", 7, `unknown type "void": write no result at all`},
		{"f(z: c128)", 5, "c128 cannot be passed by value; C passes a pointer: c128[1]"},
		{"f(h: f16)", 5, "f16 cannot be passed by value; C passes a pointer: f16[1]"},
		{"f(z: out c128)", 9, "c128 cannot be passed by value; C passes a pointer: c128[1]"},
		{"f() -> c64", 7, "c64 cannot be passed by value; C passes a pointer: c64[1]"},
		{"type Aa = {x: f32}; f(a: Aa)", 25, "Aa cannot be passed by value; C passes a pointer: Aa[1]"},
		{"f(x: f64[n], x: f64[n])", 0, `two parameters are named "x"`},
		{"f(_: f64)", 2, `want the name of a parameter, got "_"`},
		{`f("x": f64)`, 2, `want the name of a parameter, got "x"`},
		{"f(x: f64[n], n: f64)", 0, `parameter "n": it is f64, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[n], n: ptr)", 0, `parameter "n": it is ptr, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[n], n: i16)", 0, `parameter "n": it is i16, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[n], n: out size)", 0, `parameter "n": it is out size, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[n], n: i32[1])", 0, `parameter "n": it is i32[1], and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[x])", 0, `parameter "x": it is f64[x], and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[a,b], a: f64, b: f64)", 0, `parameter "a": it is f64, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(x: f64[n]) -> f64[m]", 0, `result: nothing says what "m" is: no array has such a dimension, and no parameter that name`},
		{"f(x: f64[n]) -> f64[_]", 0, "result: nothing says how long dimension _ is"},
		{"f() -> f64[3] ok(0)", 14, "ok() goes with a scalar, the result is f64[3]"},
		{"f() -> f64 ok(0)", 0, "result: ok() goes with an integer"},
		{"f() -> bool ok(1)", 0, "result: ok() goes with an integer"},
		{"f() -> i8 ok(128)", 0, "result: ok(128) is no value of i8"},
		{"f() -> i32 ok(-2147483649)", 0, "result: ok(-2147483649) is no value of i32"},
		{"f() -> size ok(-1)", 0, "result: ok(-1) is no value of size"},
		{"f() -> u64 ok(-1)", 0, "result: ok(-1) is no value of u64"},
		{"f() -> i64 ok(9223372036854775808)", 14, `want a 64-bit integer in ok(), got "9223372036854775808"`},
		{"f() -> i64 ok()", 14, `want a 64-bit integer in ok(), got ")"`},
		{`f() -> i64 ok("1")`, 14, `want a 64-bit integer in ok(), got "1"`},
		{"f() -> i64 ok 1", 14, `want "(" after ok, got "1"`},
		{"f() -> i64 ok(1", 15, `want ")" after the value of ok, got the end`},
		{"f() -> i64 nullable", 11, "nullable goes with a pointer, the result is i64"},
		{"f() -> i64 owned", 11, "owned goes with an array, the result is i64"},
		{"f() -> cstr owned", 12, "owned goes with an array, the result is cstr"},
		{"f() -> i64 ok(0) ok(1)", 17, "ok is said twice"},
		{"f() -> f64[1] owned nullable owned", 29, "owned is said twice"},
		{"f() -> f64[1] nullable ok(0)", 23, "ok() goes with a scalar, the result is f64[1]"},
		{"f(x: C[n])", 5, `unknown type "C"`},
		{"f(x: f64 C)", 9, "C goes with arrays, f64 is a scalar"},
		{"f(n: out i32 = 3)", 13, "only a scalar that is passed by value can be computed"},
		{"printf(fmt: cstr, ...)", 18, "a variable number of arguments cannot be checked: name every parameter"},
		{"f() -> (f64, f64)", 7, "a function has one result; C returns more through out parameters"},
		{"f(x: f64[n]) -> out f64", 16, "a result has no direction"},
		{"type T = {x: f32}; f(x: T[n])", 5, `name of a type is "T", want a capital and at least one more character`},
		{"type pp = {x: f32}; f()", 5, `name of a type is "pp", want a capital and at least one more character`},
		{"type Aa {x: f32}; f()", 8, `want "=" after the name of the type, got "{"`},
		{"type Aa = x; f()", 10, `want "{" to begin the fields of Aa, or opaque, got "x"`},
		{"type Aa = {}; f()", 5, "type Aa has no fields"},
		{"type Aa = {x f32}; f()", 13, `want ":" after the field name, got "f32"`},
		{"type Aa = {x: f32 y: f32}; f()", 18, `want "," or "}" after a field, got "y"`},
		{"type Aa = {x: f32,}; f()", 18, `want a field name, got "}"`},
		{"type Aa = {1: f32}; f()", 11, `want a field name, got "1"`},
		{"type Aa = {x: f32[]}; f()", 18, `want a dimension of the field, got "]"`},
		{"type Aa = {x: f32[n]}; f()", 18, `want a dimension of the field, got "n"`},
		{"type Aa = {x: f32[2}; f()", 19, `want "]" after the dimensions, got "}"`},
		{"type Aa = {x: f32[2147483647,2147483647]}; f()", 11, "memview: dtype does not fit: "},
		{"type Aa = {x: f32, x: f64}; f()", 5, `type Aa: dtype does not fit: struct: two fields are named "x"`},
		{"type Aa = {x: Aa}; f()", 0, "type Aa holds itself"},
		{"type Bb = {x: Aa}; type Aa = {x: Bb[2]}; f()", 0, "type Bb holds itself"},
		{"type Aa = {x: f32} f()", 19, `want the end of the line or ";", got "f"`},
		{"type Aa = {x: f32}; type Aa = {x: f64}; f()", 25, "type Aa is declared twice, in different ways"},
		{"wasmffi 1\nf()", 8, `want "(" after the function name, got "1"`},
		{"f(x: f64[n] @)", 12, "unexpected character '@'"},
		{"f(x: é)", 5, "unexpected character 'é'"},
		{"f(x: \xff)", 5, "unexpected character '�'"},
		{"f(\x00)", 2, `unexpected character '\x00'`},
		{"\ufefff()", 0, `unexpected character '\ufeff'`},
		{"f(x: " + strings.Repeat("a", 100) + ")", 5, `unknown type "` + strings.Repeat("a", 40) + `..."`},
	} {
		s, err := constraints.Parse(tt.text)
		require.Nil(t, s, tt.text)
		var pe *constraints.ParseError
		require.ErrorAs(t, err, &pe, tt.text)
		require.Equal(t, tt.text, pe.Text)
		if strings.HasSuffix(tt.want, ": ") {
			require.Contains(t, pe.Msg, strings.TrimPrefix(tt.want, "memview: "), tt.text) // the rest is memview's
		} else {
			require.Equal(t, tt.want, pe.Msg, tt.text)
		}
		require.Equal(t, tt.pos, pe.Pos, "%s: %s", tt.text, pe.Msg)
	}
}

func TestParseLimits(t *testing.T) {
	list := func(n int, format string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = strings.ReplaceAll(format, "#", strconv.Itoa(i))
		}
		return strings.Join(all, ", ")
	}
	pad := func(text string, n int) string { return text + strings.Repeat(" ", n-len(text)) }
	for name, tt := range map[string]struct {
		text string
		want string // empty: accepted
	}{
		"MaxText":      {pad("f()", constraints.MaxText), ""},
		"MaxText+1":    {pad("f()", constraints.MaxText+1), "text has 4097 bytes, want at most 4096"},
		"MaxParams":    {"f(" + list(constraints.MaxParams, "x#: f64") + ")", ""},
		"MaxParams+1":  {"f(" + list(constraints.MaxParams+1, "x#: f64") + ")", "more than 64 parameters"},
		"MaxDims":      {"f(x: f64[1,1,1,1,1,1,1,1])", ""},
		"MaxDims+1":    {"f(x: f64[1,1,1,1,1,1,1,1,1])", "more than 8 dimensions"},
		"MaxSymbols":   {"f(" + list(constraints.MaxSymbols, "x#: f64[n#]") + ")", ""},
		"MaxSymbols+1": {"f(" + list(constraints.MaxSymbols+1, "x#: f64[n#]") + ")", "17 named dimensions, want at most 16"},
		"long name":    {strings.Repeat("a", 4000) + "()", ""},
		// String has a space after each comma and colon, and longer escapes than the text.
		"String is longer":        {"f(" + strings.ReplaceAll(list(30, "x#"+strings.Repeat("y", 128)+":f64"), " ", "") + ")", "signature has 4131 bytes with its declarations, want at most 4096"},
		"String has more escapes": {`"` + strings.Repeat("\u00a0", 2000) + `"()`, "signature has 12004 bytes with its declarations, want at most 4096"},
	} {
		s, err := constraints.Parse(tt.text)
		if tt.want == "" {
			require.NoError(t, err, name)
			require.Equal(t, strings.TrimSpace(tt.text), s.String(), name)
			continue
		}
		var pe *constraints.ParseError
		require.ErrorAs(t, err, &pe, name)
		require.Equal(t, tt.want, pe.Msg, name)
	}
}

func TestParsedSignature(t *testing.T) {
	s := constraints.MustParse("type Pp = {x: f32}; f(p: inout Pp[n,_,3], n: size, s: out i8) -> ptr ok(7)")
	pp, err := memview.StructOf(memview.Field{Name: "x", DType: memview.F32})
	require.NoError(t, err)
	require.True(t, pp.Equal(s.Structs[0].DType))
	ok := int64(7)
	require.Equal(t, &constraints.Signature{
		Structs: []constraints.StructDecl{{Name: "Pp", DType: s.Structs[0].DType}},
		Name:    "f",
		Params: []constraints.Param{
			{Name: "p", Dir: constraints.InOut, Type: constraints.ArrayOf{Elems: []constraints.Elem{{DType: s.Structs[0].DType, Name: "Pp"}}, Dims: []constraints.Dim{{Name: "n"}, {Name: "_"}, {N: 3}}}},
			{Name: "n", Type: constraints.Scalar{DType: memview.U32, Name: "size"}},
			{Name: "s", Dir: constraints.Out, Type: constraints.Scalar{DType: memview.I8}},
		},
		Result: constraints.Result{Type: constraints.Scalar{DType: memview.U32, Name: "ptr"}, OK: &ok},
	}, s)
}

func TestMustParsePanics(t *testing.T) {
	require.PanicsWithValue(t, `constraints: signature: column 6: unknown type "int": write i32 (C int) or i* (any signed)`, func() { constraints.MustParse("f(n: int)") })
}
