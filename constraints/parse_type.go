package constraints

import "strings"

// typ reads a scalar, an array with its attributes, cstr, a function or a
// handle. The attributes of results follow in result.
func (p *parser) typ(result bool) (Type, error) {
	at := p.peek()
	switch {
	case at.is("cstr"):
		p.i++
		return CString{Nullable: !result && p.accept("nullable")}, nil
	case at.is("func"):
		p.i++
		f, err := p.funcType()
		if err == nil {
			f.Nullable = !result && p.accept("nullable")
		}
		return f, err
	}
	if d, ok := p.decls[at.text]; ok && d.opaque && at.kind == tokIdent {
		p.i++
		p.used[at.text] = true
		if t := p.peek(); t.is("[") {
			return nil, p.fail(t.pos, "%s is opaque: there are no arrays of it", at.text)
		}
		return Handle{Name: at.text, Nullable: !result && p.accept("nullable")}, nil
	}
	elems, err := p.elems()
	if err != nil {
		return nil, err
	}
	if !p.is("[") {
		return p.scalar(at, elems, result)
	}
	a := ArrayOf{Elems: elems}
	if a.Dims, err = p.dims(); err != nil || result {
		return a, err
	}
	return a, p.attrs(&a)
}

// scalar makes one of what stands without dimensions.
func (p *parser) scalar(at token, elems []Elem, result bool) (Type, error) {
	e := elems[0]
	if len(elems) > 1 {
		return nil, p.fail(at.pos, "%s: a scalar has one type", elemsText(elems))
	}
	if _, ok, known := builtin(at.text); !known || !ok {
		return nil, p.fail(at.pos, "%s cannot be passed by value; C passes a pointer: %s[1]", e, e)
	}
	if t := p.peek(); t.kind == tokIdent && attributes[t.text] && !result {
		return nil, p.fail(t.pos, "%s goes with arrays, %s is a scalar", t.text, e)
	}
	return Scalar{DType: e.DType, Name: e.Name}, nil
}

var attributes = map[string]bool{"C": true, "F": true, "contig": true, "strided": true, "align": true, "nullable": true, "mayalias": true, "finite": true, "desc": true, "len": true}

func (p *parser) dims() ([]Dim, error) {
	p.i++ // [
	var dims []Dim
	for !p.accept("]") {
		if len(dims) > 0 {
			if err := p.expect(",", "or \"]\" after a dimension"); err != nil {
				return nil, err
			}
		}
		if len(dims) == MaxDims {
			return nil, p.fail(p.peek().pos, "more than %d dimensions", MaxDims)
		}
		if p.accept("_") {
			dims = append(dims, Dim{Name: "_"})
			continue
		}
		at := p.peek()
		if at.kind != tokIdent && at.kind != tokInt && !at.is("(") {
			return nil, p.fail(at.pos, "want a dimension: a name, a number, an expression or _, got %s", at)
		}
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		d := Dim{Expr: e}
		switch e.Op {
		case Num:
			if e.N > 1<<31-1 {
				return nil, p.fail(at.pos, "dimension is %d, want at most %d", e.N, 1<<31-1)
			}
			d = Dim{N: int(e.N)}
		case Name:
			d = Dim{Name: e.Name}
		}
		dims = append(dims, d)
	}
	return dims, nil
}

func (p *parser) attrs(a *ArrayOf) error {
	seen := map[string]bool{}
	for {
		t := p.peek()
		if t.kind != tokIdent || !attributes[t.text] {
			return nil
		}
		p.i++
		kind := t.text
		if strings.Contains(" C F contig strided ", " "+kind+" ") {
			kind = "layout"
		}
		if seen[kind] {
			return p.fail(t.pos, "%s: the array has such an attribute already", t.text)
		}
		seen[kind] = true
		switch t.text {
		case "F":
			a.Layout = FOrder
		case "contig":
			a.Layout = Contiguous
		case "strided":
			a.Layout = Strided
		case "nullable":
			a.Nullable = true
		case "mayalias":
			a.MayAlias = true
		case "finite":
			a.Finite = true
		case "desc":
			a.Desc = true
		case "align", "len":
			if err := p.expect("(", "after "+t.text); err != nil {
				return err
			}
			if t.text == "align" {
				at := p.peek()
				n, err := p.integer("an alignment", maxAlign)
				if err == nil && n == 0 {
					err = p.fail(at.pos, "alignment is 0, want a power of two up to %d", maxAlign)
				}
				if err != nil {
					return err
				}
				a.Align = int(n)
			} else {
				var err error
				if a.Len, err = p.expr(); err != nil {
					return err
				}
			}
			if err := p.expect(")", "after "+t.text+"("); err != nil {
				return err
			}
		}
	}
}

// maxAlign is the largest alignment that can be asked for.
const maxAlign = 4096

// elems reads: elem | elem | ...
func (p *parser) elems() ([]Elem, error) {
	var all []Elem
	for more := true; more; more = p.accept("|") {
		if len(all) == MaxSymbols {
			return nil, p.fail(p.peek().pos, "more than %d element types", MaxSymbols)
		}
		e, err := p.elem()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// isVar reports whether a word is a type variable: a capital other than C and F,
// which are layouts.
func isVar(s string) bool {
	return len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' && s != "C" && s != "F"
}

func (p *parser) elem() (Elem, error) {
	t := p.next()
	if t.kind != tokIdent {
		return Elem{}, p.fail(t.pos, "want a type, got %s", t)
	}
	if k, ok := kinds[t.text]; ok && p.is("*") {
		p.i++
		return Elem{Kind: k}, nil
	}
	d, _, known := builtin(t.text)
	switch {
	case t.text == "size" || t.text == "ptr":
		return Elem{DType: d, Name: t.text}, nil
	case known:
		return Elem{DType: d}, nil
	case t.text == "any":
		return Elem{}, nil
	case isVar(t.text):
		return Elem{Var: t.text}, nil
	}
	if dc, ok := p.decls[t.text]; ok {
		if dc.opaque {
			return Elem{}, p.fail(t.pos, "%s is opaque: a pointer to it is a parameter or a result of its own", t.text)
		}
		if p.used != nil {
			p.used[t.text] = true
		}
		return Elem{DType: dc.dtype, Name: t.text}, nil
	}
	if c, ok := cNames[t.text]; ok {
		return Elem{}, p.fail(t.pos, "unknown type %s: write %s", t, c)
	}
	return Elem{}, p.fail(t.pos, "unknown type %s", t)
}

// cNames are types of C and of numpy that a newcomer would write.
var cNames = map[string]string{
	"float": "f32 (C float) or f* (any float)", "double": "f64 (C double)", "int": "i32 (C int) or i* (any signed)", "long": "i32 (C long on wasm32)",
	"char": "i8 or u8", "short": "i16 (C short)", "unsigned": "u32 (C unsigned)", "size_t": "size", "void": "no result at all", "string": "cstr",
	"float32": "f32", "float64": "f64", "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
	"uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64", "complex64": "c64", "complex128": "c128", "float16": "f16",
	"f8": "f64 (the language counts bits)", "i1": "i8 (the language counts bits)", "u1": "u8 (the language counts bits)",
	"f4": "f32 (the language counts bits)", "i4": "i32 (the language counts bits)", "c8": "c64 (the language counts bits)", "c16": "c128 (the language counts bits)",
}
