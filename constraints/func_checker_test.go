package constraints_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func compileFunc(t testing.TB, text string) *constraints.FuncChecker {
	c, err := constraints.CompileFunc(parseFunc(t, text))
	require.NoError(t, err, text)
	return c
}

// What a guest may say in a call, and what is made of it.
func TestExtents(t *testing.T) {
	for _, tt := range []struct {
		text    string
		i       int
		scalars []int64
		shape   []int
		want    string
		kind    error
	}{
		{text: "func(f64[])", scalars: []int64{9}, shape: []int{}},
		{text: "func(f64[3,0])", scalars: []int64{9}, shape: []int{3, 0}},
		{text: "func(x: f64[n], n: size)", scalars: []int64{0, 5}, shape: []int{5}},
		{text: "func(x: f64[n], n: size)", scalars: []int64{0, 0}, shape: []int{0}},
		{text: "func(n: i32, f64, m: i64, x: f64[m,2*n+1])", i: 3, scalars: []int64{4, -1, 3, -1}, shape: []int{3, 9}},
		{text: "func(x: f64[n], n: i32)", scalars: []int64{0, -1}, want: `parameter 1 "x": shape[0] is n=-1, want 0 to 2^32`, kind: constraints.ErrShape},
		{text: "func(f64[2,n], n: i64)", scalars: []int64{0, math.MinInt64}, want: "parameter 1: shape[1] is n=-9223372036854775808, want 0 to 2^32", kind: constraints.ErrShape},
		{text: "func(f64[n], n: u64)", scalars: []int64{0, -1}, want: "parameter 1: shape[0] is n=18446744073709551615, want 0 to 2^32", kind: constraints.ErrShape},
		{text: "func(f64[n], n: i64)", scalars: []int64{0, 1<<32 + 1}, want: "parameter 1: shape[0] is n=4294967297, want 0 to 2^32", kind: constraints.ErrShape},
		{text: "func(f64[n*1], n: u64)", scalars: []int64{0, -1}, want: "parameter 1: shape[0] is n*1, which overflows 64 bits (from n=18446744073709551615)", kind: constraints.ErrExpr},
		{text: "func(f64[n*n], n: i64)", scalars: []int64{0, 1 << 32}, want: "parameter 1: shape[0] is n*n, which overflows 64 bits (from n=4294967296)", kind: constraints.ErrExpr},
		{text: "func(f64[n*m], n: i64, m: i32)", scalars: []int64{0, 1 << 31, 4}, want: "parameter 1: shape[0] is n*m=8589934592, want 0 to 2^32 (from n=2147483648, m=4)", kind: constraints.ErrShape},
		{text: "func(f64[n-2], n: i32)", scalars: []int64{0, 1}, want: "parameter 1: shape[0] is n-2=-1, want 0 or more (from n=1)", kind: constraints.ErrExpr},
		{text: "func(f64[8/n], n: i32)", scalars: []int64{0, 0}, want: "parameter 1: shape[0] is 8/n, which divides by zero (from n=0)", kind: constraints.ErrExpr},
		{text: "func(f64[n%3], n: i32)", scalars: []int64{0, -1}, want: "parameter 1: shape[0] is n%3, which divides with a negative operand, want 0 or more on both sides (from n=-1)", kind: constraints.ErrExpr},
		{text: "func(u8[n,n], n: size)", scalars: []int64{0, 1 << 16}, shape: []int{1 << 16, 1 << 16}},
		{text: "func(u16[n,n], n: size)", scalars: []int64{0, 1 << 16}, want: "parameter 1: it is u16[65536,65536], want at most 2^32 bytes (from n=65536)", kind: constraints.ErrShape},
		{text: "func(u8[n,2*n], n: size)", scalars: []int64{0, 1 << 16}, want: "parameter 1: it is u8[65536,131072], want at most 2^32 bytes (from n=65536)", kind: constraints.ErrShape},
		{text: "func(u8[m,n,m+n], m: size, n: size)", scalars: []int64{0, 1 << 16, 1 << 17}, want: "parameter 1: it is u8[65536,131072,196608], want at most 2^32 bytes (from m=65536, n=131072)", kind: constraints.ErrShape},
		{text: "func(u8[n,n,n,n], n: size)", scalars: []int64{0, 1<<31 - 1}, want: "parameter 1: it is u8[2147483647,2147483647,2147483647,2147483647], want at most 2^32 bytes (from n=2147483647)", kind: constraints.ErrShape},
		// No element, but strides that would not fit.
		{text: "func(f64[0,n,n], n: size)", scalars: []int64{0, 1 << 20}, want: "parameter 1: it is f64[0,1048576,1048576], want at most 2^32 bytes (from n=1048576)", kind: constraints.ErrShape},
		{text: "type Empty = {x: f32[0]}; func(Empty[n], n: size)", scalars: []int64{0, 1 << 20}, shape: []int{1 << 20}},
	} {
		c := compileFunc(t, tt.text)
		buf := make([]int, 1, 9)
		buf[0] = 77
		got, e := c.Extents(tt.i, tt.scalars, buf)
		if tt.want == "" {
			if e != nil {
				require.Nil(t, e, e.Error())
			}
			require.Equal(t, append([]int{77}, tt.shape...), got, tt.text)
			require.Zero(t, testing.AllocsPerRun(10, func() { _, _ = c.Extents(tt.i, tt.scalars, buf) }))
			continue
		}
		require.NotNil(t, e, tt.text)
		require.EqualError(t, e, tt.want)
		require.ErrorIs(t, e, tt.kind)
		require.Equal(t, c.String(), e.Signature)
		require.Equal(t, []int{77}, got)
	}
	c := compileFunc(t, "func(x: f64[n], n: size)")
	require.PanicsWithValue(t, "constraints: Extents of a parameter that is no array", func() { _, _ = c.Extents(1, []int64{0, 1}, nil) })
	require.PanicsWithValue(t, "constraints: Extents without a value for each parameter", func() { _, _ = c.Extents(0, []int64{1}, nil) })
}

// 2^32 itself is an extent where int holds it.
func TestExtentsOfMemory(t *testing.T) {
	c := compileFunc(t, "func(u8[n], n: i64)")
	scalars := []int64{0, 1 << 32}
	got, e := c.Extents(0, scalars, nil)
	if math.MaxInt == math.MaxInt32 {
		require.EqualError(t, e, "parameter 1: shape[0] is n=4294967296, want what this machine can address")
		return
	}
	require.Nil(t, e)
	require.Equal(t, scalars[1], int64(got[0]))
}

// Random func types and values of hostile guests, against arithmetic without limits.
func TestExtentsAgainstReference(t *testing.T) {
	g := &generator{Rand: rand.New(rand.NewPCG(3, 4)), count: map[string]int{}}
	fit, refused := 0, 0
	for range 6000 {
		f := g.funcType(true)
		used := map[string]bool{}
		for _, p := range f.Params {
			if a, ok := p.Type.(constraints.ArrayOf); ok {
				used[a.Elems[0].Name] = true
			}
		}
		for _, name := range []string{"Pp", "Qq"} {
			if used[name] || name == "Pp" && used["Qq"] {
				f.Structs = append(f.Structs, constraints.StructDecl{Name: name, DType: refTypeNamed(name).dtype})
			}
		}
		parsed, err := constraints.ParseFunc(f.String())
		require.NoError(t, err, f)
		require.Equal(t, f, parsed)
		require.NoError(t, f.Accepts(parsed))
		c, err := constraints.CompileFunc(f)
		require.NoError(t, err)
		require.Equal(t, f.String(), c.String())
		scalars := make([]int64, len(f.Params))
		for i := range scalars {
			scalars[i] = pick(g.Rand, int64(0), 1, 2, 3, 100, 1<<16, 1<<31-1, 1<<31, 1<<32, 1<<32+1, -1, math.MinInt64, math.MaxInt64)
		}
		for i, p := range f.Params {
			a, ok := p.Type.(constraints.ArrayOf)
			if !ok {
				continue
			}
			want, ok := refExtents(f, a, scalars)
			got, e := c.Extents(i, scalars, nil)
			if !ok {
				require.NotNil(t, e, "%s %v", f, scalars)
				require.NotEmpty(t, e.Detail())
				refused++
				continue
			}
			if e != nil {
				require.Nil(t, e, "%s %v: %s", f, scalars, e.Error())
			}
			require.Equal(t, want, append([]int{}, got...), "%s %v", f, scalars)
			fit++
		}
	}
	require.Greater(t, fit, 100)
	require.Greater(t, refused, 100)
}

// refExtents is what a guest's array has, if it can be one.
func refExtents(f constraints.FuncType, a constraints.ArrayOf, scalars []int64) ([]int, bool) {
	r := &refCall{sig: &constraints.Signature{Params: make([]constraints.Param, len(f.Params))}, args: make([]refArg, len(f.Params))}
	bits := map[string]*big.Int{}
	for i, p := range f.Params {
		r.args[i].n, r.sig.Params[i].Name = scalars[i], p.Name
		if s, ok := p.Type.(constraints.Scalar); ok && p.Name != "" && scalars[i] < 0 && refTypeOf(s.DType).kind == 'u' {
			bits[p.Name] = new(big.Int).SetUint64(uint64(scalars[i]))
		}
	}
	shape := []int{}
	size := big.NewInt(int64(refElemSize(a.Elems[0])))
	for _, d := range a.Dims {
		if refNames(d, bits) {
			return nil, false // beyond int64, whatever is made of it
		}
		n := big.NewInt(int64(d.N))
		var kind error
		switch {
		case d.Name != "":
			n = big.NewInt(scalars[refParam(f, d.Name)])
		case d.Expr != nil:
			n, kind = r.eval(d.Expr)
		}
		if kind != nil || n.Sign() < 0 || n.Cmp(big.NewInt(min(1<<32, math.MaxInt))) > 0 {
			return nil, false
		}
		shape = append(shape, int(n.Int64()))
		if n.Sign() > 0 {
			size.Mul(size, n)
		}
	}
	return shape, size.Cmp(big.NewInt(1<<32)) <= 0
}

func refElemSize(e constraints.Elem) int {
	if e.Name != "" {
		return refTypeNamed(e.Name).item
	}
	return refTypeOf(e.DType).item
}

func refParam(f constraints.FuncType, name string) int {
	for i, p := range f.Params {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// refNames reports whether a dimension names one of the values.
func refNames(d constraints.Dim, values map[string]*big.Int) bool {
	var in func(e *constraints.Expr) bool
	in = func(e *constraints.Expr) bool {
		return e != nil && (e.Op == constraints.Name && values[e.Name] != nil || in(e.X) || in(e.Y))
	}
	return values[d.Name] != nil || in(d.Expr)
}

func TestFuncTypeSignature(t *testing.T) {
	for _, tt := range []struct{ text, want, err string }{
		{"func()", "op()", ""},
		{"func(f64) -> f64", "op(f64) -> f64", ""},
		{"func(x: f64[n], n: size) -> f64", "op(x: inout f64[n], n: size) -> f64", ""},
		{"func(x: f64[2*n] nullable, n: i8)", "op(x: inout f64[2*n] nullable, n: i8)", ""},
		{"type Pp = {x: f32}; func(Pp[1], f64[2]) -> i32", "type Pp = {x: f32}; op(inout Pp[1], inout f64[2]) -> i32", ""},
		{"func(x: f64[n], n: i8)", "", `constraints: func type func(x: f64[n], n: i8): parameter "n": it is i8, and a dimension of x: want i32, i64, u32, u64 or size`},
	} {
		f := parseFunc(t, tt.text)
		before := f.String()
		s, err := f.Signature("op")
		require.Equal(t, before, f.String())
		if tt.err != "" {
			require.EqualError(t, err, tt.err)
			continue
		}
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, s.String())
		compiled, err := constraints.Compile(s)
		require.NoError(t, err)
		require.Equal(t, tt.want, compiled.String())
	}
	_, err := constraints.FuncType{}.Signature("")
	require.EqualError(t, err, "constraints: func type func(): function has no name")
	_, err = constraints.MustParse("f(g: func(f64[_]))").Params[0].Type.(constraints.FuncType).Signature("op")
	require.EqualError(t, err, "constraints: func type func(f64[_]): func parameter 1: nothing says how long dimension _ is")
}

// A callback with structs stands in a signature without them, and is nothing by itself until
// it is taken out.
func TestSignatureFunc(t *testing.T) {
	s := constraints.MustParse("type Aa = {x: f32}; type Bb = {a: Aa[2]}; type Cc = {y: i8}; f(g: func(b: Bb[n], n: i32) nullable, c: Cc[1]) -> func(Aa[1]) nullable")
	inside := s.Params[0].Type.(constraints.FuncType)
	_, err := constraints.CompileFunc(inside)
	require.EqualError(t, err, `constraints: func type func(b: Bb[n], n: i32) nullable: func parameter "b": unknown type "Bb"`)
	g, ok := s.Func(0)
	require.True(t, ok)
	require.Equal(t, "type Aa = {x: f32}; type Bb = {a: Aa[2]}; func(b: Bb[n], n: i32)", g.String())
	_, err = constraints.CompileFunc(g)
	require.NoError(t, err)
	h, ok := s.Func(-1)
	require.True(t, ok)
	require.Equal(t, "type Aa = {x: f32}; func(Aa[1])", h.String())
	_, ok = s.Func(1)
	require.False(t, ok)
	_, ok = (&constraints.Signature{}).Func(-1)
	require.False(t, ok)
	require.True(t, inside.Nullable, "what is taken out is a copy")
}

// A FuncChecker stays what it was.
func TestCompileFuncCopies(t *testing.T) {
	f := parseFunc(t, "func(x: f64[n], n: size) -> f64")
	c, err := constraints.CompileFunc(f)
	require.NoError(t, err)
	f.Params[1].Name, f.Result.DType = "m", memview.F32
	require.Equal(t, "func(x: f64[n], n: size) -> f64", c.Type().String())
}

func BenchmarkExtents(b *testing.B) {
	c := compileFunc(b, "func(x: f64[n,2*n], n: size)")
	scalars, shape := []int64{0, 8}, make([]int, 0, 8)
	for b.Loop() {
		_, _ = c.Extents(0, scalars, shape)
	}
}

func ExampleCompileFunc() {
	f, _ := constraints.ParseFunc("func(x: f64[n,3], n: size)")
	c, err := constraints.CompileFunc(f)
	fmt.Println(c, err)
	// Output:
	// func(x: f64[n,3], n: size) <nil>
}

func ExampleFuncChecker_Extents() {
	f, _ := constraints.ParseFunc("func(x: f64[n,3], n: i32)")
	c, _ := constraints.CompileFunc(f)
	shape, e := c.Extents(0, []int64{0, 4}, nil) // the guest says n = 4
	fmt.Println(shape, e == nil)
	_, e = c.Extents(0, []int64{0, -4}, nil)
	fmt.Println(e)
	// Output:
	// [4 3] true
	// parameter 1 "x": shape[0] is n=-4, want 0 to 2^32
}

func ExampleFuncChecker_Type() {
	f, _ := constraints.ParseFunc("func(x: f64[n], n: size)")
	c, _ := constraints.CompileFunc(f)
	fmt.Println(c.Type().Params[0].Name)
	// Output:
	// x
}

func ExampleFuncChecker_String() {
	f, _ := constraints.ParseFunc("func(x:f64[ n ],n:size)")
	c, _ := constraints.CompileFunc(f)
	fmt.Println(c.String())
	// Output:
	// func(x: f64[n], n: size)
}

// A function of the guest is called through a pointer as any other is called by name.
func ExampleFuncType_Signature() {
	s := constraints.MustParse("get_norm(k: i32) -> func(x: f64[n], n: size) -> f64")
	norm, _ := s.Func(-1)
	fmt.Println(norm.Signature("norm"))
	// Output:
	// norm(x: inout f64[n], n: size) -> f64 <nil>
}
