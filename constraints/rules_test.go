package constraints_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
)

// What the rules of the language refuse, each with its place and message; texts that look
// like them and are right stand between them.
func TestRules(t *testing.T) {
	for _, tt := range []struct {
		text string
		pos  int
		want string // empty: accepted
	}{
		{"f(x: T[n])", 0, `parameter "x": the guest does not learn which type T is: add desc, or a scalar = itemsize(x) or typecode(x)`},
		{"f(x: f32|f64[n])", 0, `parameter "x": the guest does not learn which type f32|f64 is: add desc, or a scalar = itemsize(x) or typecode(x)`},
		{"f(x: any[n], k: i32 = nbytes(x))", 0, `parameter "x": the guest does not learn which type any is: add desc, or a scalar = itemsize(x) or typecode(x)`},
		{"f(x: i*[n], y: T[n], t: i32 = typecode(y))", 0, `parameter "x": the guest does not learn which type i* is: add desc, or a scalar = itemsize(x) or typecode(x)`},
		{"f(x: any[n], w: i32 = itemsize(x)*2)", 0, ""},
		{"f(x: f64[n], y: any[n], w: i32 = itemsize(x))", 0, `parameter "y": the guest does not learn which type any is: add desc, or a scalar = itemsize(y) or typecode(y)`},
		{"f(x: T[n], y: T[n], t: i32 = typecode(x))", 0, ""},
		{"f(x: f64[n]) -> T[n]", 0, "result: nothing says which type T is"},
		{"f(x: T[n] desc) -> T[n]", 0, ""},
		{"f(x: any[n] desc) -> any[n]", 0, "result: nothing says of which type the elements are: any"},
		{"f(x: f64[n]) -> f32|f64[n]", 0, "result: nothing says of which type the elements are: f32|f64"},
		{"f(x: T|f64[n] desc)", 0, `parameter "x": type variable T stands alone; say what it may be after where`},
		{"f(x: f64|T[n] desc)", 0, `parameter "x": type variable T stands alone; say what it may be after where`},
		{"f(a: T)", 5, "T cannot be passed by value; C passes a pointer: T[1]"},
		{"f(a: f*)", 5, "f* cannot be passed by value; C passes a pointer: f*[1]"},
		{"f(a: any)", 5, "any cannot be passed by value; C passes a pointer: any[1]"},
		{"f(x: f64[n]) where T in f32", 0, "condition 1: T is the type of no array"},
		{"f(x: T[n] desc) where T in f32, T in f64", 0, "condition 2: T has two choices"},
		{"f(x: T[n] desc, y: U[n] desc) where T in U", 0, "condition 1: T in U: want dtypes and kinds"},
		{"f(x: T[n] desc) where T in T", 0, "condition 1: T in T: want dtypes and kinds"},
		{"f(x: f64[n]) where F in f32", 21, `want a comparison after F, got "in"`},
		{"f(x: F[n])", 5, `unknown type "F"`},
		{"f(x: AB[n])", 5, `unknown type "AB"`},
		{"f(x: f64[m+n])", 0, `parameter "x": nothing says what "m" is: no array has such a dimension, and no parameter that name`},
		{"f(x: f64[m+n], y: f64[m])", 0, `parameter "x": nothing says what "n" is: no array has such a dimension, and no parameter that name`},
		{"f(x: f64[m+n], y: f64[m,n])", 0, ""},
		{"f(x: f64[n], v: i32 = k)", 0, `parameter "v": nothing says what "k" is: no array has such a dimension, and no parameter that name`},
		{"f(x: f64[n]) where k > 1", 0, `condition 1: nothing says what "k" is: no array has such a dimension, and no parameter that name`},
		{"f(x: f64[n], n: out size)", 0, `parameter "n": it is out size, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f(a: out i32, x: f64[a+1])", 0, `parameter "x": "a" is known after the call only`},
		{"f(a: f64, x: f64[a+1])", 0, `parameter "x": "a" is f64, want an integer`},
		{"f(a: i32, v: i32 = a, w: i32 = v)", 0, `parameter "w": "v" is computed itself; write a`},
		{"f(s: cstr, v: i32 = s)", 0, `parameter "v": "s" is cstr, want an integer`},
		{"f(a: bool, v: i32 = a)", 0, `parameter "v": "a" is bool, want an integer`},
		{"f(v: i32 = result) -> i32", 0, `parameter "v": nothing says what "result" is: no array has such a dimension, and no parameter that name`},
		{"f(x: out u8[n] len(result))", 0, `parameter "x": the result is no integer`},
		{"f(x: out u8[n] len(result)) -> f64", 0, `parameter "x": the result is no integer`},
		{"f(x: u8[n] len(n))", 0, `parameter "x": len() says how much of an output was written, this is u8[n] len(n)`},
		{"f(x: out u8[] len(1))", 0, `parameter "x": len() says how much of an output was written, this is out u8[] len(1)`},
		{"f(x: out u8[n] len(k)) -> i32", 0, `parameter "x": nothing says what "k" is: no array has such a dimension, and no parameter that name`},
		{"f(x: out u8[n] len(r), r: out f64)", 0, `parameter "x": "r" is out f64, want an integer`},
		{"f(n: out size) -> f64[n]", 0, ""},
		{"f(n: size) -> f64[n]", 0, ""},
		{"f(n: out size) -> f64[n+1]", 0, ""},
		{"f(n: out size, x: f64[n])", 0, `parameter "n": it is out size, and a dimension of x: want i32, i64, u32, u64 or size`},
		{"f() -> f64[result]", 0, "result: the result is no integer"},
		{"f(a: i32) -> f64[a]", 0, ""},
		{"f(v: f64 = 1)", 0, `parameter "v": an expression is an integer, and cannot be passed as f64`},
		{"f(v: bool = 1)", 0, `parameter "v": an expression is an integer, and cannot be passed as bool`},
		{"f(v: i32[1] = 1)", 12, "only a scalar that is passed by value can be computed"},
		{"f(v: inout i32 = 1)", 15, "only a scalar that is passed by value can be computed"},
		{"f(x: f64[n], n: size = 3)", 0, `parameter "n": it is a dimension of x, and cannot be computed too`},
		{"f(v: i32 = )", 11, `want a number, a name or a function of an array, got ")"`},
		{"f(v: i32 = 1 +)", 14, `want a number, a name or a function of an array, got ")"`},
		{"f(v: i32 = -1)", 11, `want a number, a name or a function of an array, got "-"`},
		{"f(v: i32 = (1)", 14, `want "," or ")" after a parameter, got the end`},
		{"f(v: i32 = itemsize(3))", 20, `want the name of an array in itemsize(), got "3"`},
		{"f(v: i32 = itemsize(v))", 0, `parameter "v": itemsize(v): v is i32, want an array`},
		{"f(v: i32 = itemsize(x))", 0, `parameter "v": itemsize(x): there is no parameter "x"`},
		{"f(x: f64[n], v: i32 = stride(x,1))", 0, `parameter "v": stride(x,1): x has 1 dimension`},
		{"f(x: f64[n], v: i32 = stride(x))", 30, `want "," and an axis after the array, got ")"`},
		{"f(x: f64[n], v: i32 = stride(x,9))", 31, "an axis is 9, want at most 7"},
		{"f(v: i32 = 9223372036854775808)", 11, "a number is 9223372036854775808, want at most 9223372036854775807"},
		{"f(v: i32 = 1 2)", 13, `want "," or ")" after a parameter, got "2"`},
		{"f(v: i32 = n<3)", 12, `want "," or ")" after a parameter, got "<"`},
		{"f(x: f64[n] C F)", 14, "F: the array has such an attribute already"},
		{"f(x: f64[n] strided contig)", 20, "contig: the array has such an attribute already"},
		{"f(x: f64[n] C C)", 14, "C: the array has such an attribute already"},
		{"f(x: f64[n] nullable nullable)", 21, "nullable: the array has such an attribute already"},
		{"f(x: f64[n] align)", 17, `want "(" after align, got ")"`},
		{"f(x: f64[n] align())", 18, `want an alignment, got ")"`},
		{"f(x: f64[n] align(3))", 0, `parameter "x": alignment is 3, want a power of two up to 4096`},
		{"f(x: f64[n] align(0))", 18, "alignment is 0, want a power of two up to 4096"},
		{"f(x: f64[n] align(4096))", 0, ""},
		{"f(x: f64[n] align(8192))", 18, "an alignment is 8192, want at most 4096"},
		{"f(x: f64[n] len)", 15, `want "(" after len, got ")"`},
		{"f(x: f64[n] owned)", 12, `want "," or ")" after a parameter, got "owned"`},
		{"f(x: f64[n] ok(1))", 12, `want "," or ")" after a parameter, got "ok"`},
		{"f() -> f64[1] C", 14, `unexpected "C" after the signature`},
		{"f() -> f64[1] desc", 14, `unexpected "desc" after the signature`},
		{"f(a: f64 desc)", 9, "desc goes with arrays, f64 is a scalar"},
		{"f(s: cstr finite)", 10, `want "," or ")" after a parameter, got "finite"`},
		{"f(s: out cstr)", 9, "cstr cannot be out: it is passed as it is"},
		{"f(h: inout cstr nullable)", 11, "cstr nullable cannot be inout: it is passed as it is"},
		{"f() -> cstr nullable", 0, ""},
		{"f() -> cstr owned", 12, "owned goes with an array, the result is cstr"},
		{"type Hh = opaque; f(h: Hh[1])", 25, "Hh is opaque: there are no arrays of it"},
		{"type Hh = opaque; f(h: out Hh)", 27, "Hh cannot be out: it is passed as it is"},
		{"type Hh = opaque; type Ss = {h: Hh}; f(x: Ss[1])", 32, "Hh is opaque: a pointer to it is a parameter or a result of its own"},
		{"f(h: Hh)", 5, `unknown type "Hh"`},
		{"type Hh = opaque free; f(h: Hh)", 21, `want "(" after free, got ";"`},
		{"type Hh = opaque free(); f(h: Hh)", 22, `want the name of the function that frees a Hh, got ")"`},
		{"type Hh = opaque free(1); f(h: Hh)", 22, `want the name of the function that frees a Hh, got "1"`},
		{"type Hh = opaque free(g) x; f(h: Hh)", 25, `want the end of the line or ";", got "x"`},
		{"type Hh = opaque; type Hh = opaque free(g); f(h: Hh)", 23, "type Hh is declared twice, in different ways"},
		{"type Hh = opaque; type Hh = {x: i8}; f(h: Hh)", 23, "type Hh is declared twice, in different ways"},
		{"type Ss = {x: T}; f(x: Ss[1])", 14, "field x: T has no fixed size"},
		{"type Ss = {x: any}; f(x: Ss[1])", 14, "field x: any has no fixed size"},
		{"type Ss = {x: f*}; f(x: Ss[1])", 14, "field x: f* has no fixed size"},
		{"type Ss = {x: cstr}; f(x: Ss[1])", 14, `unknown type "cstr"`},
		{"type Ss = {x: f64|f32}; f(x: Ss[1])", 17, `want "," or "}" after a field, got "|"`},
		{"f(g: func)", 9, `want "(" after func, got ")"`},
		{"f(g: func(cstr))", 10, "a parameter of a func is a scalar or an array, got cstr"},
		{"f(g: func(func()))", 10, "a parameter of a func is a scalar or an array, got func"},
		{"f(g: func() -> f64[1])", 15, "the result of a func is a scalar, got f64[1]"},
		{"f(g: func() -> cstr)", 15, "the result of a func is a scalar, got cstr"},
		{"f(g: func(f64[n]))", 0, `parameter "g": func parameter 1: nothing says what "n" is: no array has such a dimension, and no parameter that name`},
		{"f(g: func(f64[1] F))", 17, `want "," or ")" after a type, got "F"`},
		{"f(g: out func())", 9, "func() cannot be out: it is passed as it is"},
		{"f(g: func(out f64))", 10, `unknown type "out"`},
		{"f() -> func()", 0, "result: a function cannot be a result"},
		{"f(g: func(x: f64))", 10, `unknown type "x"`},
		{"f(g: func(f64,))", 14, `want a type, got ")"`},
		{"f(g: func() nullable)", 0, ""},
		{"f(x: f64[n]) where", 18, "want a number, a name or a function of an array, got the end"},
		{"f(x: f64[n]) where n", 20, "want a comparison after n, got the end"},
		{"f(x: f64[n]) where n = 3", 21, `want a comparison after n, got "="`},
		{"f(x: f64[n]) where n == 3 == 4", 26, `unexpected "==" after the signature`},
		{"f(x: f64[n]) where n > 1 n < 3", 25, `unexpected "n" after the signature`},
		{"f(x: T[n] desc) where T in", 26, "want a type, got the end"},
		{"f(x: T[n] desc) where T in f32|", 31, "want a type, got the end"},
		{"f(x: T[n] desc) where T > 3", 0, `condition 1: nothing says what "T" is: no array has such a dimension, and no parameter that name`},
		{"f(x: short[n])", 5, `unknown type "short": write i16 (C short)`},
		{"f(x: char[n])", 5, `unknown type "char": write i8 or u8`},
		{"f(x: long[n])", 5, `unknown type "long": write i32 (C long on wasm32)`},
		{"f(x: unsigned[n])", 5, `unknown type "unsigned": write u32 (C unsigned)`},
		{"f(x: double[n])", 5, `unknown type "double": write f64 (C double)`},
		{"f(x: f64[n], ...)", 13, "a variable number of arguments cannot be checked: name every parameter"},
		{"f(...)", 2, "a variable number of arguments cannot be checked: name every parameter"},
		{"f() -> (f64)", 7, "a function has one result; C returns more through out parameters"},
		{"f() -> inout f64", 7, "a result has no direction"},
		{"f(x: (f64, f64))", 5, `want a type, got "("`},
	} {
		s, err := constraints.Parse(tt.text)
		if tt.want == "" {
			require.NoError(t, err, tt.text)
			require.Equal(t, tt.text, s.String())
			mustCompile(t, s)
			continue
		}
		var pe *constraints.ParseError
		require.ErrorAs(t, err, &pe, tt.text)
		require.Equal(t, tt.want, pe.Msg, tt.text)
		require.Equal(t, tt.pos, pe.Pos, "%s: %s", tt.text, pe.Msg)
	}
}
