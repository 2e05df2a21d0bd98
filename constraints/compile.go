package constraints

import (
	"fmt"
	"math"
	"slices"

	"github.com/wasmffi/go/memview"
)

// Role says what becomes of a parameter in a call.
type Role uint8

// The roles of parameters.
const (
	Given       Role = iota // a number that the caller gives
	Derived                 // an extent or an expression that the host fills in; never given
	Array                   // an array that the caller gives, or leaves out when it is Out
	OutScalar               // a pointer to one value that the host provides; never given
	InOutScalar             // a pointer to one value that the caller gives as a number
	Text                    // a string that the caller gives
	Opaque                  // a handle that the caller gives
	Function                // a callback that the caller gives
)

// Checker is a compiled signature: it checks the arrays of a call and binds
// the dimensions, without allocation while nothing is wrong. A Checker is immutable and
// safe for concurrent use; what changes in a call is in a [Binding].
type Checker struct {
	sig      *Signature
	text     string
	params   []param
	symbols  []symbol
	vars     []typeVar
	given    int // Go arguments when all outputs are given
	outs     int // arrays among them that may be left out
	result   []dim
	early    bool       // the dimensions of the result are known before the call
	returned int        // symbol of the function's own result; -1: nothing names it
	arrays   []int      // parameters that are arrays
	outputs  []int      // those of them that are only written
	unfixed  bool       // there is an output whose dtype or shape may stay open when it is given by shape
	computed []computed // dimensions and values by expressions
	conds    []condition
	pairs    [][2]int16 // arrays that must not overlap
	written  []int      // arrays that must not overlap themselves
	finite   []int      // arrays whose elements are looked at
}

type param struct {
	role     Role
	dir      Dir
	layout   Layout
	nullable bool
	desc     bool
	open     bool // the dtype is not fixed
	variable int  // type variable; -1: none
	dtype    memview.DType
	elems    []Elem
	nd       *NDPointer // of an NDPointer parameter; then dims is nil
	dims     []dim
	align    int           // beyond that of the dtype; 0: none
	symbol   int           // of scalars: that holds the value; -1: none needs it
	fn       *FuncType     // of Function
	fdims    []funcDim     // of Function: extents that the call must have bound
	need     memview.Flags // of an array that surely fits; see fits
	least    int64         // smallest value of Derived
	most     int64         // largest
	length   program       // of len()
	arg      [2]int8       // position among the Go arguments: outputs left out, given; -1: not there
}

// symbol is a name that stands for a number.
type symbol struct {
	name  string
	param int // scalar that holds it; -1: none
}

// typeVar is a name that stands for a dtype.
type typeVar struct {
	name string
	in   []Elem // nil: any
}

// dim is a symbol, an extent, an expression, or none of these.
type dim struct {
	symbol int // below 0: see the constants
	n      int64
	code   program
}

const (
	constant = -1 - iota // the extent is n
	free                 // any
	formula              // code computes it
)

// computed is an expression whose value is wanted before the call: an extent,
// or a scalar.
type computed struct {
	param, axis int // axis -1: the value of the scalar
	expr        *Expr
	code        program
}

type condition struct {
	cond Cond
	op   comparison
	x, y program
}

// Compile checks a signature and makes it ready for calls. The Checker keeps a
// copy: s may be changed afterwards. It panics when s is nil.
func Compile(s *Signature) (*Checker, error) {
	if s == nil {
		panic("constraints: nil Signature")
	}
	s = s.clone()
	err := s.checkDecls()
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return nil, fmt.Errorf("constraints: signature %s: %w", nameText(s.Name), err)
	}
	c := &Checker{sig: s, text: s.String(), params: make([]param, len(s.Params))}
	c.findSymbols()
	c.returned = -1
	if sc := s.scope(); sc.isResult("result") && c.paramNamed("result") < 0 {
		c.returned = c.symbol("result")
	}
	for i, p := range s.Params {
		c.compileParam(i, p)
	}
	for i := range c.params {
		c.place(i)
	}
	for _, w := range s.Where {
		if w.Var == "" {
			c.conds = append(c.conds, condition{w, comparisons[w.Op], c.compile(nil, w.X), c.compile(nil, w.Y)})
		}
	}
	if a, ok := s.Result.Type.(ArrayOf); ok {
		c.result = c.compileDims(a.Dims, -1)
		c.early = !slices.ContainsFunc(a.Dims, c.isLate)
	}
	c.findPairs()
	return c, nil
}

// findSymbols lists every name that stands for a number or a dtype: bare dimensions, and
// the scalars that expressions name.
func (c *Checker) findSymbols() {
	add := func(name string) {
		if c.symbol(name) < 0 {
			c.symbols = append(c.symbols, symbol{name, c.paramNamed(name)})
		}
	}
	var named func(e *Expr)
	named = func(e *Expr) {
		switch {
		case e == nil:
		case e.Op == Name:
			add(e.Name)
		case e.Op.rank() < 3:
			named(e.X)
			named(e.Y)
		}
	}
	dims := func(a ArrayOf) {
		if v := a.Elems[0].Var; v != "" && c.variable(v) < 0 {
			c.vars = append(c.vars, typeVar{name: v})
		}
		for _, d := range a.Dims {
			if d.Name != "" && d.Name != "_" {
				add(d.Name)
			}
			named(d.Expr)
		}
	}
	for _, p := range c.sig.Params {
		if a, ok := p.Type.(ArrayOf); ok {
			dims(a)
			named(a.Len)
		}
		if t, ok := p.Type.(FuncType); ok {
			for _, a := range t.outer() {
				dims(a)
			}
		}
		named(p.Value)
	}
	if a, ok := c.sig.Result.Type.(ArrayOf); ok {
		dims(a)
	}
	for _, w := range c.sig.Where {
		named(w.X)
		named(w.Y)
		if w.Var != "" {
			c.vars[c.variable(w.Var)].in = w.In
		}
	}
}

func (c *Checker) symbol(name string) int {
	return slices.IndexFunc(c.symbols, func(s symbol) bool { return s.name == name })
}

func (c *Checker) variable(name string) int {
	return slices.IndexFunc(c.vars, func(v typeVar) bool { return v.name == name })
}

func (c *Checker) paramNamed(name string) int {
	return slices.IndexFunc(c.sig.Params, func(p Param) bool { return p.Name == name && name != "" })
}

func (c *Checker) compileParam(i int, p Param) {
	q := &c.params[i]
	q.dir, q.symbol, q.variable = p.Dir, -1, -1
	switch t := p.Type.(type) {
	case NDPointer:
		q.role, q.nd, q.dtype = Array, &t, t.DType
		if p.Dir == In {
			q.dir = t.dir()
		}
	case ArrayOf:
		q.role, q.elems, q.layout, q.nullable, q.desc = Array, t.Elems, t.Layout, t.Nullable, t.Desc
		q.dtype, _ = fixed(t.Elems)
		q.open = q.dtype.IsZero()
		if v := t.Elems[0].Var; v != "" {
			q.variable = c.variable(v)
		}
		q.align = t.Align
		q.dims = c.compileDims(t.Dims, i)
		if t.Len != nil {
			q.length = c.compile(nil, t.Len)
		}
		if t.Finite {
			c.finite = append(c.finite, i)
		}
	case CString:
		q.role, q.nullable = Text, t.Nullable
	case Handle:
		q.role, q.nullable = Opaque, t.Nullable
	case FuncType:
		q.role, q.nullable, q.fn = Function, t.Nullable, &t
		q.fdims = c.compileFunc(t)
	case Scalar:
		c.compileScalar(i, p, t)
	}
	if q.role == Array {
		c.arrays = append(c.arrays, i)
		if q.dir == Out {
			c.outputs = append(c.outputs, i)
			c.unfixed = c.unfixed || q.dtype.IsZero()
		}
		q.need = q.flags()
	}
}

func (c *Checker) compileScalar(i int, p Param, t Scalar) {
	q := &c.params[i]
	q.dtype, q.symbol = t.DType, c.symbol(p.Name)
	q.least, q.most = bounds(t.DType)
	_, dimension := c.sig.scope().dims[p.Name]
	switch {
	case p.Dir == Out:
		q.role = OutScalar
	case p.Dir == InOut:
		q.role = InOutScalar
	case p.Value != nil:
		q.role, q.symbol = Derived, len(c.symbols)
		c.symbols = append(c.symbols, symbol{p.Name, i})
		c.computed = append(c.computed, computed{i, -1, p.Value, c.compile(nil, p.Value)})
	case dimension && p.Name != "":
		q.role = Derived
	}
	if p.Dir != In {
		q.dims = []dim{} // a pointer to one value
	}
}

// flags are those that an array certainly fits with, wherever it lies; 0 where no flags
// tell.
func (p *param) flags() memview.Flags {
	f := memview.Aligned
	switch {
	case p.nd != nil || p.open || p.align > 1 || p.layout == Contiguous:
		return 0
	case p.layout == COrder:
		f |= memview.CContiguous
	case p.layout == FOrder:
		f |= memview.FContiguous
	}
	if p.dir != In {
		f |= memview.Writeable
	}
	return f
}

// bounds are the least and the largest value of an integer type, as far as int64 goes.
func bounds(d memview.DType) (least, most int64) {
	size := 8 * d.ItemSize()
	switch {
	case d.Kind() == memview.Int:
		return math.MinInt64 >> (64 - size), math.MaxInt64 >> (64 - size)
	case size == 64:
		return 0, math.MaxInt64
	}
	return 0, 1<<size - 1
}

// place finds the positions of parameter i among the Go arguments.
func (c *Checker) place(i int) {
	q := &c.params[i]
	q.arg = [2]int8{-1, -1}
	if q.role == Derived || q.role == OutScalar {
		return
	}
	if q.arg[1] = int8(c.given); q.role == Array && q.dir == Out {
		c.outs++
	} else {
		q.arg[0] = int8(c.given - c.outs)
	}
	c.given++
}

func (c *Checker) compileDims(from []Dim, param int) []dim {
	out := make([]dim, len(from))
	for i, d := range from {
		out[i] = dim{symbol: constant, n: int64(d.N)}
		switch {
		case d.Name == "_":
			out[i].symbol = free
		case d.Name != "":
			out[i].symbol = c.symbol(d.Name)
		case d.Expr != nil:
			out[i].symbol, out[i].code = formula, c.compile(nil, d.Expr)
			if param >= 0 {
				c.computed = append(c.computed, computed{param, i, d.Expr, out[i].code})
			}
		}
	}
	return out
}

// findPairs lists what must be disjoint: a written array and any other, unless
// one of the two may alias. NDPointers may, as in numpy.
func (c *Checker) findPairs() {
	alias := func(i int) bool {
		a, ok := c.sig.Params[i].Type.(ArrayOf)
		return !ok || a.MayAlias
	}
	for n, i := range c.arrays {
		for _, k := range c.arrays[:n] {
			if (c.params[i].dir != In || c.params[k].dir != In) && !alias(i) && !alias(k) {
				c.pairs = append(c.pairs, [2]int16{int16(k), int16(i)})
			}
		}
		if c.params[i].dir != In && !alias(i) {
			c.written = append(c.written, i)
		}
	}
}

// isLate reports whether a dimension names what is known after the call only.
func (c *Checker) isLate(d Dim) bool {
	late := func(name string) bool {
		i := c.paramNamed(name)
		return i >= 0 && c.sig.Params[i].Dir != In || i < 0 && c.returned >= 0 && c.symbol(name) == c.returned
	}
	var names func(e *Expr) bool
	names = func(e *Expr) bool {
		return e != nil && (e.Op == Name && late(e.Name) || names(e.X) || names(e.Y))
	}
	return d.Name != "" && late(d.Name) || names(d.Expr)
}
