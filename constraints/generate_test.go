package constraints_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// generator makes signatures that are right by every rule, as trees. It counts what it
// makes of each production of the language.
type generator struct {
	*rand.Rand
	count map[string]int

	sig    *constraints.Signature
	names  []string // that expressions before the call may use
	outs   []string // and those after it
	arrays []string // with a name
	ranks  map[string]int
	plain  bool // no literal that has no text
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (g *generator) chance(of int, production string) bool {
	if g.IntN(of) != 0 {
		return false
	}
	g.count[production]++
	return true
}

func (g *generator) signature() *constraints.Signature {
	g.sig = &constraints.Signature{Name: pick(g.Rand, "f", "out", "a b", "type_")}
	g.names, g.outs, g.arrays, g.ranks, g.plain = nil, nil, nil, map[string]int{}, true
	dims := []string{"m", "n", "k", "in"}[:1+g.IntN(4)]
	used := map[string]bool{}
	var params []constraints.Param
	for i := range 1 + g.IntN(4) {
		p := constraints.Param{Name: fmt.Sprintf("x%d", i), Dir: g.dir("array")}
		a := constraints.ArrayOf{Elems: g.elems(), Layout: g.layout()}
		for range g.IntN(4) {
			a.Dims = append(a.Dims, g.bare(dims, used))
		}
		if len(a.Dims) == 0 {
			g.count["dim none"]++
		}
		g.attributes(&a)
		p.Type = a
		g.arrays, g.ranks[p.Name] = append(g.arrays, p.Name), len(a.Dims)
		params = append(params, p)
	}
	for _, d := range dims {
		if used[d] {
			g.names = append(g.names, d)
			if g.chance(2, "param derived") {
				params = append(params, constraints.Param{Name: d, Type: g.integer("i32", "i64", "u32", "u64", "size")})
			}
		}
	}
	params = append(params, g.others()...)
	g.Shuffle(len(params), func(i, k int) { params[i], params[k] = params[k], params[i] })
	g.sig.Params = params
	g.fill()
	g.open()
	g.result()
	g.conditions()
	g.declare()
	return g.sig
}

func (g *generator) dir(of string) constraints.Dir {
	d := pick(g.Rand, constraints.In, constraints.In, constraints.Out, constraints.InOut)
	g.count["dir "+of+" "+d.String()]++
	return d
}

func (g *generator) integer(names ...string) constraints.Scalar {
	name := pick(g.Rand, names...)
	g.count["scalar "+name]++
	s := constraints.Scalar{DType: refTypeNamed(name).dtype}
	if name == "size" || name == "ptr" {
		s.Name = name
	}
	return s
}

func (g *generator) fixed() constraints.Elem {
	name := pick(g.Rand, "bool", "i8", "u8", "i16", "i32", "u64", "f16", "f32", "f32", "f64", "f64", "f64", "f64", "c64", "c128", "size", "ptr", "Pp", "Qq")
	g.count["elem "+name]++
	e := constraints.Elem{DType: refTypeNamed(name).dtype}
	if slices.Contains([]string{"size", "ptr", "Pp", "Qq"}, name) {
		e.Name = name
	}
	return e
}

func (g *generator) class() constraints.Elem {
	k := pick(g.Rand, memview.Int, memview.Uint, memview.Float, memview.Complex)
	g.count["elem "+string(rune(k))+"*"]++
	return constraints.Elem{Kind: k}
}

func (g *generator) elems() []constraints.Elem {
	switch g.IntN(16) {
	case 0:
		return []constraints.Elem{g.class()}
	case 1:
		g.count["elem any"]++
		return []constraints.Elem{{}}
	case 2, 3, 4:
		g.count["elem Var"]++
		return []constraints.Elem{{Var: pick(g.Rand, "T", "T", "U")}}
	case 5, 6:
		g.count["elem |"]++
		return g.choice()
	}
	return []constraints.Elem{g.fixed()}
}

func (g *generator) choice() []constraints.Elem {
	var all []constraints.Elem
	for range 1 + g.IntN(3) {
		if g.IntN(3) == 0 {
			all = append(all, g.class())
		} else {
			all = append(all, g.fixed())
		}
	}
	return all
}

// bare is a dimension that is no expression yet; N below 0 stands for one.
func (g *generator) bare(dims []string, used map[string]bool) constraints.Dim {
	switch g.IntN(8) {
	case 0:
		g.count["dim _"]++
		return constraints.Dim{Name: "_"}
	case 1:
		g.count["dim number"]++
		return constraints.Dim{N: g.IntN(4)}
	case 2:
		g.count["dim expr"]++
		return constraints.Dim{N: -1}
	}
	g.count["dim name"]++
	d := constraints.Dim{Name: pick(g.Rand, dims...)}
	used[d.Name] = true
	return d
}

func (g *generator) layout() constraints.Layout {
	l := pick(g.Rand, constraints.COrder, constraints.COrder, constraints.FOrder, constraints.Contiguous, constraints.Strided)
	g.count[fmt.Sprintf("attr layout %d", l)]++
	return l
}

func (g *generator) attributes(a *constraints.ArrayOf) {
	if g.chance(8, "attr align") {
		a.Align = pick(g.Rand, 1, 2, 16, 32)
	}
	a.Nullable = g.chance(4, "attr nullable")
	a.MayAlias = g.chance(4, "attr mayalias")
	a.Finite = g.chance(4, "attr finite")
	a.Desc = g.chance(8, "attr desc")
}

// others are the parameters that are no arrays.
func (g *generator) others() []constraints.Param {
	var all []constraints.Param
	add := func(name string, d constraints.Dir, t constraints.Type) {
		all = append(all, constraints.Param{Name: name, Dir: d, Type: t})
	}
	if g.IntN(2) == 0 {
		t := g.integer("i8", "i32", "i64", "u16", "u64", "size", "ptr")
		d := g.dir("scalar")
		add("a", d, t)
		if d != constraints.Out {
			g.names = append(g.names, "a")
		}
		g.outs = append(g.outs, "a")
	}
	if g.IntN(3) == 0 {
		name := pick(g.Rand, "bool", "f32", "f64")
		g.count["scalar "+name]++
		add("b", g.dir("scalar"), constraints.Scalar{DType: refTypeNamed(name).dtype})
	}
	if g.IntN(3) == 0 {
		add("s", constraints.Out, g.integer("i32", "i64", "size"))
		g.outs = append(g.outs, "s")
	}
	if g.chance(6, "cstr") {
		add("text", constraints.In, constraints.CString{Nullable: g.chance(2, "cstr nullable")})
	}
	if g.chance(6, "handle") {
		add("h", constraints.In, constraints.Handle{Name: pick(g.Rand, "Hh", "Gg"), Nullable: g.chance(2, "handle nullable")})
	}
	if g.chance(6, "func") {
		f := g.funcType(false)
		f.Nullable = g.chance(2, "func nullable")
		add("cb", constraints.In, f)
	}
	for i := range g.IntN(3) {
		g.count["param computed"]++
		t := g.integer("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "size", "ptr")
		all = append(all, constraints.Param{Name: fmt.Sprintf("v%d", i), Type: t, Value: &constraints.Expr{}})
	}
	if g.IntN(12) == 0 {
		g.count["ndpointer"]++
		g.plain = false
		nd := constraints.NDPointer{Flags: pick(g.Rand, 0, 0, memview.CContiguous, memview.Writeable, memview.FContiguous|memview.Aligned)}
		if g.IntN(2) == 0 {
			nd.DType = memview.F64
		}
		switch g.IntN(4) {
		case 0:
			nd.NDim = pick(g.Rand, 1, 2, constraints.ZeroD)
		case 1:
			nd.Shape = []int{g.IntN(4)}
		case 2:
			nd.Shape = []int{constraints.Any, g.IntN(4)}
		}
		add("", g.dir("ndpointer"), nd)
	}
	return all
}

// fill puts expressions where they were left out.
func (g *generator) fill() {
	for i := range g.sig.Params {
		p := &g.sig.Params[i]
		if p.Value != nil {
			p.Value = g.expr(3, g.names)
		}
		a, ok := p.Type.(constraints.ArrayOf)
		if !ok {
			continue
		}
		for k := range a.Dims {
			if a.Dims[k].N < 0 {
				e := g.expr(2, g.names)
				for e.Op == constraints.Num || e.Op == constraints.Name {
					e = g.expr(2, g.names)
				}
				a.Dims[k] = constraints.Dim{Expr: e}
			}
		}
		p.Type = a
	}
}

func (g *generator) expr(depth int, names []string) *constraints.Expr {
	ops := []string{"+", "-", "*", "/", "%"}
	switch k := g.IntN(12); {
	case k < 5 && depth > 0:
		n := g.IntN(len(ops))
		g.count["expr "+ops[n]]++
		return &constraints.Expr{Op: constraints.Add + constraints.Op(n), X: g.expr(depth-1, names), Y: g.expr(depth-1, names)}
	case k < 7 && len(g.arrays) > 0:
		e := &constraints.Expr{Op: constraints.ItemSize + constraints.Op(g.IntN(5)), Name: pick(g.Rand, g.arrays...)}
		if e.Op == constraints.Stride {
			if g.ranks[e.Name] == 0 {
				e.Op = constraints.Count
			} else {
				e.Axis = g.IntN(g.ranks[e.Name])
			}
		}
		g.count[fmt.Sprintf("expr function %d", e.Op)]++
		return e
	case k < 11 && len(names) > 0:
		g.count["expr name"]++
		return &constraints.Expr{Op: constraints.Name, Name: pick(g.Rand, names...)}
	}
	g.count["expr number"]++
	if g.IntN(30) == 0 {
		return &constraints.Expr{N: pick(g.Rand, int64(math.MaxInt64), 1<<62, 1<<32, 1<<31)}
	}
	return &constraints.Expr{N: g.Int64N(4)}
}

// open makes the guest learn every dtype that is not fixed.
func (g *generator) open() {
	for i := range g.sig.Params {
		a, ok := g.sig.Params[i].Type.(constraints.ArrayOf)
		if !ok || a.Desc || len(a.Elems) == 1 && !a.Elems[0].DType.IsZero() {
			continue
		}
		if g.IntN(3) == 0 {
			a.Desc = true
			g.sig.Params[i].Type = a
			continue
		}
		g.sig.Params = append(g.sig.Params, constraints.Param{
			Name: "t" + g.sig.Params[i].Name, Type: constraints.Scalar{DType: memview.I32},
			Value: &constraints.Expr{Op: pick(g.Rand, constraints.ItemSize, constraints.TypeCode), Name: g.sig.Params[i].Name},
		})
	}
}
