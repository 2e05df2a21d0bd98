package constraints_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/constraints"
)

func (g *generator) variables() []string {
	var all []string
	for _, p := range g.sig.Params {
		if a, ok := p.Type.(constraints.ArrayOf); ok && a.Elems[0].Var != "" && !slices.Contains(all, a.Elems[0].Var) {
			all = append(all, a.Elems[0].Var)
		}
	}
	return all
}

func (g *generator) result() {
	r := &g.sig.Result
	after := slices.Clone(append(g.outs, g.names...))
	switch g.IntN(9) {
	case 0:
		g.count["result none"]++
	case 1:
		g.count["result cstr"]++
		r.Type, r.Nullable = constraints.CString{}, g.chance(2, "result nullable")
	case 2:
		g.count["result handle"]++
		r.Type, r.Nullable = constraints.Handle{Name: "Hh"}, g.chance(2, "result nullable")
	case 3:
		g.count["result func"]++
		r.Type, r.Nullable = g.funcType(true), g.chance(2, "result nullable")
	case 4, 5:
		g.count["result array"]++
		a := constraints.ArrayOf{Elems: []constraints.Elem{g.fixed()}}
		if v := g.variables(); len(v) > 0 && g.chance(2, "result Var") {
			a.Elems = []constraints.Elem{{Var: pick(g.Rand, v...)}}
		}
		for range g.IntN(3) {
			d := constraints.Dim{N: g.IntN(4)}
			if len(after) > 0 && g.chance(2, "result dim name") {
				d = constraints.Dim{Name: pick(g.Rand, after...)}
			} else if e := g.expr(2, after); e.Op > constraints.Name {
				g.count["result dim expr"]++
				d = constraints.Dim{Expr: e}
			}
			a.Dims = append(a.Dims, d)
		}
		r.Type, r.Nullable, r.Owned = a, g.chance(3, "result nullable"), g.chance(3, "result owned")
	default:
		s := g.integer("i8", "i32", "i64", "u32", "u64", "size")
		after = append(after, "result")
		if r.Type = s; g.chance(3, "result ok") {
			ok := int64(g.IntN(3))
			if refTypeOf(s.DType).kind == 'i' && g.IntN(2) == 0 {
				ok = -ok
			}
			r.OK = &ok
		}
	}
	for i, p := range g.sig.Params {
		if a, ok := p.Type.(constraints.ArrayOf); ok && p.Dir != constraints.In && len(a.Dims) > 0 && g.chance(4, "attr len") {
			a.Len = g.expr(2, after)
			g.sig.Params[i].Type = a
		}
	}
}

func (g *generator) conditions() {
	for range g.IntN(3) {
		op := pick(g.Rand, "<", "<=", "==", "!=", ">=", ">")
		g.count["where "+op]++
		g.sig.Where = append(g.sig.Where, constraints.Cond{X: g.expr(2, g.names), Op: op, Y: g.expr(2, g.names)})
	}
	for _, v := range g.variables() {
		if g.chance(2, "where in") {
			c := constraints.Cond{Var: v, In: g.choice()}
			if g.IntN(8) == 0 {
				c.In = []constraints.Elem{{}}
			}
			g.sig.Where = append(g.sig.Where, c)
		}
	}
	g.Shuffle(len(g.sig.Where), func(i, k int) { g.sig.Where[i], g.sig.Where[k] = g.sig.Where[k], g.sig.Where[i] })
}

// declare lists the types that the signature names: in the order of the text, structs after
// those in them.
func (g *generator) declare() {
	used := map[string]bool{}
	note := func(elems []constraints.Elem) {
		for _, e := range elems {
			used[e.Name] = true
		}
	}
	types := []constraints.Type{g.sig.Result.Type}
	for _, p := range g.sig.Params {
		types = append(types, p.Type)
	}
	for i := 0; i < len(types); i++ {
		switch t := types[i].(type) {
		case constraints.ArrayOf:
			note(t.Elems)
		case constraints.Handle:
			used[t.Name] = true
		case constraints.FuncType:
			for _, p := range t.Params {
				types = append(types, p.Type)
			}
		}
	}
	for _, w := range g.sig.Where {
		note(w.In)
	}
	used["Pp"] = used["Pp"] || used["Qq"]
	for _, name := range []string{"Pp", "Qq"} {
		if used[name] {
			g.count["decl struct"]++
			g.sig.Structs = append(g.sig.Structs, constraints.StructDecl{Name: name, DType: refTypeNamed(name).dtype})
		}
	}
	for _, h := range []constraints.HandleDecl{{Name: "Hh", Free: "free it"}, {Name: "Gg"}} {
		if used[h.Name] {
			g.count["decl opaque"]++
			g.sig.Handles = append(g.sig.Handles, h)
		}
	}
}

// text writes the signature in a random way of all those that say the same: other
// white space, more parentheses, declarations before or after.
func (g *generator) text() string {
	var parts []string
	for _, name := range []string{"Pp", "Qq"} {
		if slices.ContainsFunc(g.sig.Structs, func(d constraints.StructDecl) bool { return d.Name == name }) {
			parts = append(parts, map[string]string{"Pp": "type Pp = {x: f32, k: i16}", "Qq": "type Qq = {p: Pp, z: u8}"}[name])
		}
	}
	for _, h := range g.sig.Handles {
		parts = append(parts, map[string]string{"Hh": `type Hh=opaque free ("free it")`, "Gg": "type Gg = opaque"}[h.Name])
	}
	sig := g.line()
	if g.IntN(2) == 0 {
		parts = append([]string{sig}, parts...)
	} else {
		parts = append(parts, sig)
	}
	return strings.Join(parts, pick(g.Rand, ";", "\n", " ; \n"))
}

func (g *generator) space() string { return pick(g.Rand, "", "", " ", "  ") }

func (g *generator) line() string {
	s := g.sig.Name
	if strings.Contains(s, " ") || g.IntN(3) == 0 {
		s = strconv.Quote(s)
	}
	var params []string
	for _, p := range g.sig.Params {
		text := p.Name + g.space() + ":" + g.space() + g.dirText(p) + g.typeText(p.Type)
		if p.Value != nil {
			text += g.space() + "=" + g.space() + g.exprText(p.Value, 0)
		}
		params = append(params, text)
	}
	s += g.space() + "(" + strings.Join(params, g.space()+","+pick(g.Rand, "", " ", "\n", " # and\n")) + g.space() + ")"
	if r := g.sig.Result; r.Type != nil {
		s += g.space() + "->" + g.space() + strings.TrimSuffix(g.typeText(r.Type), " C")
		var words []string
		if r.OK != nil {
			words = append(words, fmt.Sprintf(" ok ( %d )", *r.OK))
		}
		if r.Nullable {
			words = append(words, " nullable")
		}
		if r.Owned {
			words = append(words, " owned")
		}
		g.Shuffle(len(words), func(i, k int) { words[i], words[k] = words[k], words[i] })
		s += strings.Join(words, "")
	}
	for i, w := range g.sig.Where {
		s += []string{" where ", ", "}[min(i, 1)]
		if w.Var != "" {
			s += w.Var + " in " + g.elemsText(w.In)
		} else {
			s += g.exprText(w.X, 0) + g.space() + w.Op + g.space() + g.exprText(w.Y, 0)
		}
	}
	return s
}

func (g *generator) dirText(p constraints.Param) string {
	switch {
	case p.Dir == constraints.Out:
		return "out "
	case p.Dir == constraints.InOut:
		return "inout "
	}
	switch p.Type.(type) {
	case constraints.Scalar, constraints.ArrayOf:
		return pick(g.Rand, "", "", "in ")
	}
	return ""
}

func (g *generator) elemsText(elems []constraints.Elem) string {
	var all []string
	for _, e := range elems {
		switch {
		case e.Var != "":
			all = append(all, e.Var)
		case e.Kind != 0:
			all = append(all, string(rune(refKindOf(e)))+g.space()+"*")
		case e.Name != "":
			all = append(all, e.Name)
		case e.DType.IsZero():
			all = append(all, "any")
		default:
			all = append(all, refTypeOf(e.DType).name)
		}
	}
	return strings.Join(all, g.space()+"|"+g.space())
}

func (g *generator) typeText(t constraints.Type) string {
	null := func(yes bool) string {
		if yes {
			return " nullable"
		}
		return ""
	}
	switch t := t.(type) {
	case constraints.Scalar:
		return g.elemsText([]constraints.Elem{{DType: t.DType, Name: t.Name}})
	case constraints.CString:
		return "cstr" + null(t.Nullable)
	case constraints.Handle:
		return t.Name + null(t.Nullable)
	case constraints.FuncType:
		var params []string
		for _, p := range t.Params {
			s := strings.Replace(g.typeText(p.Type), " C", "", 1)
			if p.Name != "" {
				s = p.Name + g.space() + ":" + s
			}
			params = append(params, s)
		}
		s := "func" + g.space() + "(" + strings.Join(params, ","+g.space()) + ")"
		if t.Result != nil {
			s += g.space() + "->" + g.typeText(*t.Result)
		}
		return s + null(t.Nullable)
	}
	a := t.(constraints.ArrayOf)
	var dims []string
	for _, d := range a.Dims {
		switch {
		case d.Name != "":
			dims = append(dims, d.Name)
		case d.Expr != nil:
			dims = append(dims, g.exprText(d.Expr, 0))
		default:
			dims = append(dims, strconv.Itoa(d.N))
		}
	}
	s := g.elemsText(a.Elems) + g.space() + "[" + strings.Join(dims, g.space()+",") + "]"
	words := []string{pick(g.Rand, "", " C"), " F", " contig", " strided"}[a.Layout : a.Layout+1]
	for word, yes := range map[string]bool{fmt.Sprintf(" align ( %d )", a.Align): a.Align != 0, " nullable": a.Nullable, " mayalias": a.MayAlias, " finite": a.Finite, " desc": a.Desc} {
		if yes {
			words = append(words, word)
		}
	}
	if a.Len != nil {
		words = append(words, " len("+g.exprText(a.Len, 0)+")")
	}
	return s + strings.Join(words, "")
}

// exprText has parentheses where the tree needs them, and sometimes where it does not.
func (g *generator) exprText(e *constraints.Expr, rank int) string {
	s, own := "", 3
	switch e.Op {
	case constraints.Num:
		s = strconv.FormatInt(e.N, 10)
	case constraints.Name:
		s = e.Name
	case constraints.Stride:
		s = fmt.Sprintf("stride(%s, %d)", e.Name, e.Axis)
	case constraints.ItemSize, constraints.NBytes, constraints.Count, constraints.TypeCode:
		s = map[constraints.Op]string{constraints.ItemSize: "itemsize", constraints.NBytes: "nbytes", constraints.Count: "count", constraints.TypeCode: "typecode"}[e.Op] + g.space() + "(" + e.Name + ")"
	default:
		if own = 2; e.Op == constraints.Add || e.Op == constraints.Subtract {
			own = 1
		}
		op := map[constraints.Op]string{constraints.Add: "+", constraints.Subtract: "-", constraints.Mul: "*", constraints.Div: "/", constraints.Mod: "%"}[e.Op]
		s = g.exprText(e.X, own) + g.space() + op + g.space() + g.exprText(e.Y, own+1)
	}
	if own < rank || rank > 0 && g.chance(8, "expr ( )") {
		return "(" + s + ")"
	}
	return s
}
