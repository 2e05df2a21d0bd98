package constraints_test

import (
	"fmt"

	"github.com/wasmffi/go/constraints"
)

// funcType makes the type of a callback; alone: of one that can stand by itself.
func (g *generator) funcType(alone bool) constraints.FuncType {
	var f constraints.FuncType
	var own []string
	for i := range g.IntN(4) {
		var p constraints.Param
		if g.chance(2, "func name") {
			p.Name = pick(g.Rand, "n", "m", "in", "func") // the same once in a while as outside
			for _, q := range f.Params {
				if q.Name == p.Name {
					p.Name = fmt.Sprintf("q%d", i)
				}
			}
		}
		if g.chance(2, "func scalar") {
			p.Type = g.integer("i32", "size", "u64")
			if p.Name != "" {
				own = append(own, p.Name)
			}
		} else {
			p.Type = constraints.ArrayOf{Nullable: g.chance(3, "func array nullable")}
		}
		f.Params = append(f.Params, p)
	}
	for i, p := range f.Params {
		if a, ok := p.Type.(constraints.ArrayOf); ok {
			f.Params[i].Type = g.funcArray(a, own, alone)
		}
	}
	if g.chance(2, "func result") {
		s := g.integer("i32", "u64")
		f.Result = &s
	}
	return f
}

func (g *generator) funcArray(a constraints.ArrayOf, own []string, alone bool) constraints.ArrayOf {
	g.count["func array"]++
	if a.Elems = g.elems(); alone {
		a.Elems = []constraints.Elem{g.fixed()}
	}
	for range g.IntN(3) {
		d := constraints.Dim{N: g.IntN(4)}
		switch {
		case !alone && g.chance(4, "func dim _"):
			d = constraints.Dim{Name: "_"}
		case !alone && len(g.names) > 0 && g.chance(4, "func dim outer"):
			d = constraints.Dim{Name: pick(g.Rand, g.names...)}
		case len(own) > 0 && g.chance(2, "func dim own"):
			if d = (constraints.Dim{Name: pick(g.Rand, own...)}); g.chance(2, "func dim expr") {
				d = constraints.Dim{Expr: &constraints.Expr{Op: constraints.Add, X: g.funcExpr(d.Name), Y: g.funcExpr(pick(g.Rand, own...))}}
			}
		}
		a.Dims = append(a.Dims, d)
	}
	return a
}

func (g *generator) funcExpr(name string) *constraints.Expr {
	e := &constraints.Expr{Op: constraints.Name, Name: name}
	if g.IntN(2) == 0 {
		return e
	}
	op := pick(g.Rand, constraints.Add, constraints.Subtract, constraints.Mul, constraints.Div, constraints.Mod)
	return &constraints.Expr{Op: op, X: e, Y: &constraints.Expr{N: g.Int64N(4)}}
}
