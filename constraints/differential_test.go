package constraints_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

var (
	differentialN    = flag.Int("constraints.n", 3000, "signatures that are compared with the reference, eight calls each")
	differentialSeed = flag.Uint64("constraints.seed", 1, "of the random signatures")
)

var refSentinels = map[error]string{
	constraints.ErrArgs: "args", constraints.ErrArray: "array", constraints.ErrDType: "dtype", constraints.ErrNDim: "ndim", constraints.ErrShape: "shape",
	constraints.ErrFlags: "flags", constraints.ErrAccess: "access", constraints.ErrLayout: "layout", constraints.ErrAlign: "align", constraints.ErrScalar: "scalar",
	constraints.ErrExpr: "expr", constraints.ErrCondition: "condition", constraints.ErrOverlap: "overlap", constraints.ErrFinite: "finite",
}

// Random signatures, as trees and as texts, and random calls: the checker and the reference
// must agree on everything.
func TestCheckerAgainstReference(t *testing.T) {
	const calls = 8
	g := &caller{t: t, generator: &generator{Rand: rand.New(rand.NewPCG(*differentialSeed, 7)), count: map[string]int{}}}
	for range *differentialN {
		s := g.signature()
		compiled := []*constraints.Checker{mustCompile(t, s)}
		if g.plain {
			text := g.text()
			parsed, err := constraints.Parse(text)
			require.NoError(t, err, text)
			require.Equal(t, s, parsed, text)
			require.True(t, s.Equal(parsed), text)
			again, err := constraints.Parse(s.String())
			require.NoError(t, err, s.String())
			require.Equal(t, s, again)
			compiled = append(compiled, mustCompile(t, parsed))
		}
		c := pick(g.Rand, compiled...)
		b := c.NewBinding()
		for range calls {
			compareCall(t, g, c, b)
			for _, undo := range g.undo {
				undo()
			}
			g.undo = g.undo[:0]
		}
	}
	for _, name := range refSentinels {
		require.Positive(t, g.count["refused: "+name], "no call failed with %s", name)
	}
	for _, production := range slices.Sorted(maps.Keys(g.count)) {
		t.Logf("%9d %s", g.count[production], production)
	}
	for _, production := range productions {
		require.Positive(t, g.count[production], production)
	}
	t.Logf("%d signatures, %d calls", *differentialN, calls**differentialN)
}

func mustCompile(t testing.TB, s *constraints.Signature) *constraints.Checker {
	c, err := constraints.Compile(s)
	if err != nil {
		require.NoError(t, err, s.String())
	}
	return c
}

func compareCall(t *testing.T, g *caller, c *constraints.Checker, b *constraints.Binding) {
	r := g.call()
	want := r.judge()
	place := func() string {
		var text strings.Builder
		text.WriteString(fmt.Sprintf("%s\n%d arguments", c, r.nargs))
		for i, a := range r.args {
			text.WriteString(fmt.Sprintf("\n%d: %s %v n=%d after=%d", i+1, a.given, a.shape, a.n, a.after))
			if x := a.array; x != nil {
				text.WriteString(fmt.Sprintf(" %s big=%v shape=%v strides=%v at=%#x buffer=%d", x.typ.name, x.typ.big, x.shape, x.strides, x.at, x.buffer))
			}
		}
		return text.String()
	}
	e := c.Start(b, r.nargs)
	if e == nil {
		e = r.give(c, b)
	}
	if e == nil {
		e = c.Check(b)
	}
	if want.kind != nil {
		if e == nil || !errors.Is(e, want.kind) || e.Index != want.param {
			t.Fatalf("got %v, want %v of parameter %d\n%s", e, want.kind, want.param, place())
		}
		g.count["refused: "+refSentinels[want.kind]]++
		if e.Detail() == "" || e.Error() == "" {
			t.Fatal(place())
		}
		return
	}
	if e != nil {
		t.Fatalf("got %+v, want none\n%s", e, place())
	}
	g.count["accepted"]++
	compareMemory(t, g, r, place)
	for i, p := range r.sig.Params {
		if require.Equal(t, r.isDerived(i), c.Role(i) == constraints.Derived, place()); r.isDerived(i) {
			n, kind := r.derivedValue(p)
			got, e := c.Value(b, i)
			if kind != nil || e != nil || n.Cmp(big.NewInt(got)) != 0 {
				t.Fatalf("value of %s: got %d, %v, want %v, %v\n%s", p.Name, got, e, n, kind, place())
			}
			g.count["compared: value"]++
		}
		if shape, ok := r.shapes[i]; ok {
			got, e := c.OutShape(b, i)
			if e != nil || !slices.Equal(got, shape) || refTypeOf(c.OutDType(b, i).LittleEndian()) != r.outType(i) && r.outType(i).kind != 's' {
				t.Fatalf("shape of %s: got %v, %v, want %v\n%s", p.Name, got, e, shape, place())
			}
			g.count["compared: shape of an output"]++
		}
	}
	r.back = true
	compareResult(t, g, r, c, b, place)
}

// give hands the arguments over, as package wasmffi does.
func (r *refCall) give(c *constraints.Checker, b *constraints.Binding) *constraints.TypeError {
	for i := range r.sig.Params {
		switch a := r.args[i]; {
		case a.given == "null":
			if e := c.SetNull(b, i); e != nil {
				return e
			}
		case a.given == "shape":
			b.Shapes[i] = slices.Clone(a.shape)
		case a.given == "array":
			b.Arrays[i] = a.array.view
		case c.Role(i) == constraints.Given || c.Role(i) == constraints.InOutScalar:
			c.SetNumber(b, i, a.n)
		}
	}
	return nil
}

func (r *refCall) derivedValue(p constraints.Param) (*big.Int, error) {
	if p.Value != nil {
		return r.eval(p.Value)
	}
	return r.number(p.Name)
}

// compareMemory: what is accepted shares no byte that is written.
func compareMemory(t *testing.T, g *caller, r *refCall, place func() string) {
	for i := range r.sig.Params {
		a, ok := r.array(i)
		if !ok || a.MayAlias || r.args[i].given != "array" {
			continue
		}
		if _, truth := refSelf(r.args[i].array); truth && r.dir(i) != constraints.In {
			t.Fatalf("%d overlaps itself\n%s", i+1, place())
		}
		for k := range i {
			other, ok := r.array(k)
			if !ok || other.MayAlias || r.args[k].given != "array" || r.dir(i) == constraints.In && r.dir(k) == constraints.In {
				continue
			}
			if _, truth := refTouch(r.args[k].array, r.args[i].array); truth {
				t.Fatalf("%d overlaps %d\n%s", k+1, i+1, place())
			}
			g.count["compared: disjoint"]++
		}
	}
}

// compareResult is about what is known after the call only.
func compareResult(t *testing.T, g *caller, r *refCall, c *constraints.Checker, b *constraints.Binding, place func() string) {
	for i, p := range r.sig.Params {
		if s, ok := p.Type.(constraints.Scalar); ok && p.Dir != constraints.In && (refTypeOf(s.DType).kind == 'i' || refTypeOf(s.DType).kind == 'u') {
			c.SetNumber(b, i, r.args[i].after)
		}
	}
	if _, ok := r.sig.Result.Type.(constraints.Scalar); ok {
		c.SetNumber(b, -1, r.result)
	}
	if a, ok := r.sig.Result.Type.(constraints.ArrayOf); ok {
		want, kind := r.shapeOf(a.Dims)
		got, e := c.ResultShape(b)
		if kind != nil && (!errors.Is(e, kind) || e.Index != 0) || kind == nil && (e != nil || !slices.Equal(want, got)) {
			t.Fatalf("result: got %v, %v, want %v, %v\n%s", got, e, want, kind, place())
		}
		g.count["compared: result shape"]++
		d := a.Elems[0].DType
		if v := a.Elems[0].Var; v != "" {
			d = memview.DType{}
			if bound, ok := r.types[v]; ok {
				d = bound.dtype()
			}
		}
		if !d.Equal(c.ResultDType(b)) {
			t.Fatalf("result: got %s, want %s\n%s", c.ResultDType(b), d, place())
		}
	}
	for i := range r.sig.Params {
		a, _ := r.array(i)
		if require.Equal(t, a.Len != nil, c.HasLen(i)); a.Len == nil {
			continue
		}
		capacity := g.IntN(5)
		n, kind := r.eval(a.Len)
		if kind == nil && (n.Sign() < 0 || n.Cmp(big.NewInt(int64(capacity))) > 0) {
			kind = constraints.ErrShape
		}
		got, e := c.Len(b, i, capacity)
		if kind != nil && (!errors.Is(e, kind) || e.Index != 0) || kind == nil && (e != nil || n.Int64() != int64(got)) {
			t.Fatalf("len of %d: got %d, %v, want %v, %v\n%s", i+1, got, e, n, kind, place())
		}
		g.count["compared: len"]++
		if kind != nil {
			g.count["refused: len"]++
		}
	}
}

// productions are what the generator must have made.
var productions = []string{
	"arg Go memory", "arg NaN", "arg guest", "arg null", "arg shape",
	"attr align", "attr desc", "attr finite", "attr layout 0", "attr layout 1", "attr layout 2", "attr layout 3", "attr len", "attr mayalias", "attr nullable",
	"cstr", "cstr nullable", "decl opaque", "decl struct", "dim _", "dim expr", "dim name", "dim none", "dim number",
	"dir array in", "dir array inout", "dir array out", "dir scalar in", "dir scalar inout", "dir scalar out",
	"elem Pp", "elem Qq", "elem Var", "elem any", "elem bool", "elem c*", "elem c128", "elem c64", "elem f*", "elem f16", "elem f32", "elem f64", "elem i*",
	"elem i16", "elem i32", "elem i8", "elem ptr", "elem size", "elem u*", "elem u64", "elem u8", "elem |",
	"expr %", "expr ( )", "expr *", "expr +", "expr -", "expr /", "expr function 7", "expr function 8", "expr function 9", "expr function 10", "expr function 11",
	"expr name", "expr number", "func", "func array", "func array nullable", "func dim _", "func dim expr", "func dim outer", "func dim own", "func name", "func nullable", "func result", "func scalar",
	"handle", "handle nullable", "ndpointer",
	"param computed", "param derived", "result Var", "result array", "result cstr", "result func", "result dim expr", "result dim name", "result handle", "result none",
	"result nullable", "result ok", "result owned", "scalar bool", "scalar f32", "scalar f64", "scalar i16", "scalar i32", "scalar i64", "scalar i8", "scalar ptr",
	"scalar size", "scalar u16", "scalar u32", "scalar u64", "scalar u8", "where !=", "where <", "where <=", "where ==", "where >", "where >=", "where in",
}
