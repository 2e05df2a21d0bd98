package constraints

import (
	"fmt"
	"math"
	"slices"

	"github.com/wasmffi/go/memview"
)

// scope is what the names of a signature mean.
type scope struct {
	sig    *Signature
	params map[string]int // by name
	dims   map[string]int // bare dimensions of array parameters, by the first that has it
	fn     *FuncType      // whose parameters are judged: its scalars hide other names; nil: none
	alone  bool           // fn stands by itself
}

// check refuses signatures that say something impossible. Compile and Parse
// share it.
func (s *Signature) check() error {
	if s.Name == "" {
		return fmt.Errorf("function has no name")
	}
	if len(s.Params) > MaxParams {
		return fmt.Errorf("%d parameters, want at most %d", len(s.Params), MaxParams)
	}
	sc := s.scope()
	if len(sc.dims) > MaxSymbols {
		return fmt.Errorf("%d named dimensions, want at most %d", len(sc.dims), MaxSymbols)
	}
	for i, p := range s.Params {
		if p.Name != "" && (sc.params[p.Name] != i) {
			return fmt.Errorf("two parameters are named %q", p.Name)
		}
		if err := sc.checkParam(p); err != nil {
			return fmt.Errorf("parameter %s: %w", s.quoted(i), err)
		}
	}
	if err := sc.checkResult(); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	for i, c := range s.Where {
		if err := sc.checkCond(c, s.Where[:i]); err != nil {
			return fmt.Errorf("condition %d: %w", i+1, err)
		}
	}
	return sc.checkOpenTypes()
}

func (s *Signature) scope() *scope {
	sc := &scope{sig: s, params: map[string]int{}, dims: map[string]int{}}
	for i, p := range s.Params {
		if _, double := sc.params[p.Name]; p.Name != "" && !double {
			sc.params[p.Name] = i
		}
		if a, ok := p.Type.(ArrayOf); ok {
			for _, d := range a.Dims {
				if _, known := sc.dims[d.Name]; d.Name != "" && d.Name != "_" && !known {
					sc.dims[d.Name] = i
				}
			}
		}
	}
	return sc
}

func (sc *scope) checkParam(p Param) error {
	if p.Name != "" && !isIdent(p.Name) {
		return fmt.Errorf("its name is no identifier")
	}
	if p.Dir > InOut {
		return fmt.Errorf("direction is %d, want In, Out or InOut", p.Dir)
	}
	if nd, ok := p.Type.(NDPointer); ok && p.Dir != In && nd.Dir != In && p.Dir != nd.Dir {
		return fmt.Errorf("it is %s and its ndpointer %s, want one direction", p.Dir, nd.Dir)
	}
	scalar, isScalar := p.Type.(Scalar)
	owner, isDim := sc.dims[p.Name]
	switch {
	case p.Value != nil && (!isScalar || p.Dir != In):
		return fmt.Errorf("only a scalar that is passed by value can be computed")
	case p.Value != nil && scalar.DType.Kind() != memview.Int && scalar.DType.Kind() != memview.Uint:
		return fmt.Errorf("an expression is an integer, and cannot be passed as %s", typeText(scalar))
	case p.Value != nil && isDim:
		return fmt.Errorf("it is a dimension of %s, and cannot be computed too", sc.sig.label(owner))
	case p.Name != "" && isDim && (!isScalar || p.Dir != In || !countable(scalar)):
		return fmt.Errorf("it is %s, and a dimension of %s: want i32, i64, u32, u64 or size", paramText(p), sc.sig.label(owner))
	}
	if p.Value != nil {
		if err := sc.checkExpr(p.Value, beforeCall); err != nil {
			return err
		}
	}
	switch t := p.Type.(type) {
	case ArrayOf:
		if t.Len != nil {
			if p.Dir == In || len(t.Dims) == 0 {
				return fmt.Errorf("len() says how much of an output was written, this is %s", paramText(p))
			}
			if err := sc.checkExpr(t.Len, afterCall); err != nil {
				return err
			}
		}
		return sc.checkArray(t, beforeCall)
	case CString, Handle, FuncType:
		if p.Dir != In {
			return fmt.Errorf("%s cannot be %s: it is passed as it is", typeText(t), p.Dir)
		}
	}
	return sc.checkType(p.Type, p.Dir == In)
}

// checkType judges all types but arrays.
func (sc *scope) checkType(t Type, byValue bool) error {
	switch t := t.(type) {
	case NDPointer:
		if why := t.impossible(); why != "" {
			return fmt.Errorf("%s: %s", t, why)
		}
		return nil
	case Scalar:
		if err := sc.checkTypeName(t.DType, t.Name); err != nil {
			return err
		}
		for _, e := range builtins {
			if e.dtype.Equal(t.DType) && e.scalar {
				return nil
			}
		}
		return fmt.Errorf("%s is no scalar; want bool, an integer of 8 to 64 bits, float32 or float64, little-endian", dtypeText(t.DType, t.Name))
	case CString:
		return nil
	case Handle:
		if !slices.ContainsFunc(sc.sig.Handles, func(d HandleDecl) bool { return d.Name == t.Name }) {
			return fmt.Errorf("%q is no opaque type that is declared", t.Name)
		}
		return nil
	case FuncType:
		return sc.checkFunc(t, false)
	}
	if t == nil {
		return fmt.Errorf("no type given")
	}
	return fmt.Errorf("type is %T, want one of this package by value", t)
}

// moment says which names an expression may use: result and outputs are known
// after the call only.
type moment uint8

const (
	beforeCall moment = iota
	afterCall
)

func (sc *scope) checkArray(a ArrayOf, when moment) error {
	if len(a.Elems) == 0 {
		return fmt.Errorf("array has no element type")
	}
	if err := sc.checkElems(a.Elems); err != nil {
		return err
	}
	switch {
	case len(a.Dims) > MaxDims:
		return fmt.Errorf("array has %d dimensions, want at most %d", len(a.Dims), MaxDims)
	case a.Layout > Strided:
		return fmt.Errorf("layout is %d, want COrder, FOrder, Contiguous or Strided", a.Layout)
	case a.Align < 0 || a.Align > maxAlign || a.Align&(a.Align-1) != 0:
		return fmt.Errorf("alignment is %d, want a power of two up to %d", a.Align, maxAlign)
	}
	n := int64(1)
	for _, e := range a.Elems {
		n = max(n, int64(e.DType.ItemSize()))
	}
	for _, d := range a.Dims {
		switch {
		case d.Name != "" && d.Expr != nil:
			return fmt.Errorf("dimension %s has an expression too", d.Name)
		case d.Name != "" && d.Name != "_" && !isIdent(d.Name):
			return fmt.Errorf("dimension %q is no name", d.Name)
		case d.Name != "":
			if err := sc.checkDim(d.Name, when); err != nil {
				return err
			}
		case d.Expr != nil:
			if d.Expr.Op == Num || d.Expr.Op == Name {
				return fmt.Errorf("dimension %s is a plain one, and goes into N or Name", d.Expr)
			}
			if err := sc.checkExpr(d.Expr, when); err != nil {
				return err
			}
		case d.N < 0:
			return fmt.Errorf("dimension is %d, want 0 or more", d.N)
		case d.N > 0:
			if n > math.MaxUint32/int64(d.N) {
				return fmt.Errorf("array is larger than a linear memory")
			}
			n *= int64(d.N)
		}
	}
	return nil
}

// checkDim judges a bare dimension. Those of array parameters are bound by the
// array; one of a result or of a func is known from elsewhere.
func (sc *scope) checkDim(name string, when moment) error {
	if _, bound := sc.dims[name]; bound && !sc.alone {
		return nil
	}
	if name == "_" {
		if when == afterCall || sc.alone {
			return fmt.Errorf("nothing says how long dimension _ is")
		}
		return nil
	}
	return sc.checkName(name, when)
}

func (sc *scope) checkElems(elems []Elem) error {
	if len(elems) > MaxSymbols {
		return fmt.Errorf("%d element types, want at most %d", len(elems), MaxSymbols)
	}
	for _, e := range elems {
		switch {
		case e.Var != "" && !isVar(e.Var):
			return fmt.Errorf("type variable is %q, want one capital other than C and F", e.Var)
		case e.Var != "" && (len(elems) > 1 || e.Kind != 0 || !e.DType.IsZero()):
			return fmt.Errorf("type variable %s stands alone; say what it may be after where", e.Var)
		case e.Kind != memview.Invalid && (kinds[string(rune(e.Kind))] != e.Kind || !e.DType.IsZero()):
			return fmt.Errorf("kind %q with dtype %s: want Int, Uint, Float or Complex, and none", rune(e.Kind), e.DType)
		case e.DType.Kind() == memview.SubArray:
			return fmt.Errorf("array has element type %s, want its dimensions in Dims", e.DType)
		}
		if err := sc.checkTypeName(e.DType, e.Name); err != nil {
			return err
		}
	}
	return nil
}

// checkTypeName refuses a name that means another dtype, so that the text of a signature
// says what is checked.
func (sc *scope) checkTypeName(d memview.DType, name string) error {
	if name == "" {
		return nil
	}
	if own, _, ok := builtin(name); ok {
		if !own.Equal(d) {
			return fmt.Errorf("name %q means %s, but the dtype is %s", name, own, d)
		}
		return nil
	}
	for _, decl := range sc.sig.Structs {
		if decl.Name == name && !decl.DType.Equal(d) {
			return fmt.Errorf("type %s is declared as another struct than the dtype %s", name, d)
		} else if decl.Name == name {
			return nil
		}
	}
	return fmt.Errorf("unknown type %q", name)
}

func (sc *scope) checkResult() error {
	r := sc.sig.Result
	if r.Type == nil {
		if r.OK != nil || r.Nullable || r.Owned {
			return fmt.Errorf("there are conditions but no type")
		}
		return nil
	}
	scalar, isScalar := r.Type.(Scalar)
	array, isArray := r.Type.(ArrayOf)
	_, isND := r.Type.(NDPointer)
	switch {
	case r.OK != nil && (!isScalar || scalar.DType.Kind() != memview.Int && scalar.DType.Kind() != memview.Uint):
		return fmt.Errorf("ok() goes with an integer")
	case r.OK != nil && !within(*r.OK, scalar.DType):
		return fmt.Errorf("ok(%d) is no value of %s", *r.OK, typeText(scalar))
	case r.Nullable && isScalar:
		return fmt.Errorf("nullable goes with a pointer")
	case r.Owned && !isArray && !isND:
		return fmt.Errorf("owned goes with an array")
	}
	switch t := r.Type.(type) {
	case ArrayOf:
		if t.Nullable || t.Align != 0 || t.Layout != COrder || t.MayAlias || t.Finite || t.Desc || t.Len != nil {
			return fmt.Errorf("%s: attributes go with parameters; say nullable and owned in Result", typeText(t))
		}
		if err := sc.checkArray(array, afterCall); err != nil {
			return err
		}
		if e := t.Elems[0]; e.Var == "" && (len(t.Elems) > 1 || e.DType.IsZero()) {
			return fmt.Errorf("nothing says of which type the elements are: %s", elemsText(t.Elems))
		}
		return nil
	case CString:
		if t.Nullable {
			return fmt.Errorf("cstr: say nullable in Result")
		}
	case Handle:
		if t.Nullable {
			return fmt.Errorf("%s: say nullable in Result", t.Name)
		}
	case FuncType:
		if t.Nullable {
			return fmt.Errorf("%s: say nullable in Result", typeText(t))
		}
		return sc.checkFunc(t, true)
	}
	return sc.checkType(r.Type, true)
}

func (sc *scope) checkCond(c Cond, before []Cond) error {
	if c.Var == "" {
		if c.X == nil || c.Y == nil || comparisons[c.Op] == 0 || len(c.In) > 0 {
			return fmt.Errorf("want two expressions and one of < <= == != >= >")
		}
		if err := sc.checkExpr(c.X, beforeCall); err != nil {
			return err
		}
		return sc.checkExpr(c.Y, beforeCall)
	}
	if c.X != nil || c.Y != nil || c.Op != "" || len(c.In) == 0 {
		return fmt.Errorf("want a type variable and what it may be")
	}
	if !sc.hasVar(c.Var) {
		return fmt.Errorf("%s is the type of no array", c.Var)
	}
	if slices.ContainsFunc(before, func(b Cond) bool { return b.Var == c.Var }) {
		return fmt.Errorf("%s has two choices", c.Var)
	}
	for _, e := range c.In {
		if e.Var != "" {
			return fmt.Errorf("%s in %s: want dtypes and kinds", c.Var, e.Var)
		}
	}
	return sc.checkElems(c.In)
}

func (sc *scope) hasVar(name string) bool {
	return slices.ContainsFunc(sc.sig.Params, func(p Param) bool {
		a, ok := p.Type.(ArrayOf)
		return ok && len(a.Elems) == 1 && a.Elems[0].Var == name
	})
}

func within(n int64, d memview.DType) bool {
	least, most := bounds(d)
	return least <= n && n <= most
}

// countable reports whether a scalar can carry an extent.
func countable(s Scalar) bool {
	return s.Name != "ptr" && s.DType.ItemSize() >= 4 && (s.DType.Kind() == memview.Int || s.DType.Kind() == memview.Uint)
}
