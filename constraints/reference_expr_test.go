package constraints_test

import (
	"encoding/binary"
	"math"
	"math/big"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// eval is the value of an expression, or the kind of error that it has.
func (r *refCall) eval(e *constraints.Expr) (*big.Int, error) {
	switch e.Op {
	case constraints.Num:
		return big.NewInt(e.N), nil
	case constraints.Name:
		return r.number(e.Name)
	case constraints.ItemSize, constraints.NBytes, constraints.Count, constraints.TypeCode, constraints.Stride:
		return r.measure(e)
	}
	x, kind := r.eval(e.X)
	if kind != nil {
		return nil, kind
	}
	y, kind := r.eval(e.Y)
	if kind != nil {
		return nil, kind
	}
	z := new(big.Int)
	switch e.Op {
	case constraints.Add:
		z.Add(x, y)
	case constraints.Subtract:
		z.Sub(x, y)
	case constraints.Mul:
		z.Mul(x, y)
	default:
		if y.Sign() == 0 || x.Sign() < 0 || y.Sign() < 0 {
			return nil, constraints.ErrExpr
		}
		rest := new(big.Int)
		if z.QuoRem(x, y, rest); e.Op == constraints.Mod {
			z = rest
		}
	}
	if !z.IsInt64() {
		return nil, constraints.ErrExpr
	}
	return z, nil
}

func (r *refCall) number(name string) (*big.Int, error) {
	if n, ok := r.dims[name]; ok {
		return big.NewInt(int64(n)), nil
	}
	if r.isDim(name) {
		return nil, constraints.ErrArgs
	}
	for i, p := range r.sig.Params {
		if p.Name == name {
			if r.back && p.Dir != constraints.In {
				return big.NewInt(r.args[i].after), nil
			}
			return big.NewInt(r.args[i].n), nil
		}
	}
	return big.NewInt(r.result), nil
}

// outType is the dtype that an output which is to be made gets.
func (r *refCall) outType(i int) *refType {
	a, ok := r.array(i)
	switch {
	case !ok:
		return refTypeOf(r.sig.Params[i].Type.(constraints.NDPointer).DType)
	case a.Elems[0].Var != "":
		return r.types[a.Elems[0].Var].refType
	case len(a.Elems) > 1 || a.Elems[0].DType.IsZero():
		return nil
	case a.Elems[0].Name != "":
		return refTypeNamed(a.Elems[0].Name)
	}
	return refTypeOf(a.Elems[0].DType)
}

// measure is a function of the array that the guest gets: of its dense copy, where it lies
// in Go memory. NULL has no elements.
func (r *refCall) measure(e *constraints.Expr) (*big.Int, error) {
	i := 0
	for r.sig.Params[i].Name != e.Name {
		i++
	}
	arg := r.args[i]
	var shape, strides []int
	typ, bigEndian := r.outType(i), false
	if a, ok := r.array(i); ok {
		bigEndian = r.types[a.Elems[0].Var].big
	}
	switch made, ok := r.shapes[i]; {
	case arg.given == "array":
		x := arg.array
		typ, bigEndian, shape = x.typ.refType, x.typ.big && x.buffer == 0, x.shape
		if x.buffer == 0 {
			strides = x.strides
		}
	case ok:
		shape = made
	case arg.given != "null":
		return nil, constraints.ErrArgs
	}
	null := arg.given == "null"
	n := int64(1)
	for _, d := range shape {
		n *= int64(d)
	}
	if null {
		n = 0
	}
	switch e.Op {
	case constraints.Count:
		return big.NewInt(n), nil
	case constraints.NBytes:
		if null {
			return big.NewInt(0), nil
		}
		if typ == nil {
			return nil, constraints.ErrArgs
		}
		return big.NewInt(n * int64(typ.item)), nil
	case constraints.ItemSize:
		if typ == nil {
			return nil, constraints.ErrArgs
		}
		return big.NewInt(int64(typ.item)), nil
	case constraints.TypeCode:
		if typ == nil || typ.code < 0 || bigEndian {
			return nil, constraints.ErrArgs
		}
		return big.NewInt(int64(256*typ.code + 8*typ.item)), nil
	}
	if null {
		return big.NewInt(1), nil
	}
	if strides != nil {
		if strides[e.Axis]%typ.item != 0 {
			return nil, constraints.ErrExpr
		}
		return big.NewInt(int64(strides[e.Axis] / typ.item)), nil
	}
	a, _ := r.array(i)
	fortran := a.Layout == constraints.FOrder
	if a.Layout == constraints.Contiguous && arg.given == "array" {
		f := arg.array.flags()
		fortran = f&memview.CContiguous == 0 && f&memview.FContiguous != 0
	}
	step := int64(1)
	for axis, d := range shape {
		if !fortran && axis > e.Axis || fortran && axis < e.Axis {
			step *= int64(max(d, 1))
		}
	}
	return big.NewInt(step), nil
}

// extent is a dimension of an array that is not there yet.
func (r *refCall) extent(d constraints.Dim) (int, error) {
	n := big.NewInt(int64(d.N))
	var kind error
	switch {
	case d.Name == "_":
		return 0, constraints.ErrArgs
	case d.Name != "":
		n, kind = r.number(d.Name)
	case d.Expr != nil:
		if n, kind = r.eval(d.Expr); kind == nil && n.Sign() < 0 {
			kind = constraints.ErrExpr
		}
	}
	most := big.NewInt(min(1<<32, math.MaxInt)) // what a memory holds, and what a host can count
	if kind == nil && (n.Sign() < 0 || n.Cmp(most) > 0) {
		kind = constraints.ErrShape
	}
	if kind != nil {
		return 0, kind
	}
	return int(n.Int64()), nil
}

func (r *refCall) shapeOf(dims []constraints.Dim) ([]int, error) {
	shape := []int{}
	for _, d := range dims {
		n, kind := r.extent(d)
		if kind != nil {
			return nil, kind
		}
		shape = append(shape, n)
	}
	return shape, nil
}

// makeOutputs goes over the outputs until nothing new comes of it.
func (r *refCall) makeOutputs() refVerdict {
	for {
		var first refVerdict
		made := false
		for i := range r.sig.Params {
			given := r.args[i].given
			if !r.isArray(i) || r.dir(i) != constraints.Out || given == "array" || given == "null" {
				continue
			}
			kind := constraints.ErrArgs
			if r.outType(i) != nil {
				if r.shapes[i] != nil {
					continue
				}
				kind = r.makeOutput(i)
			}
			made = made || kind == nil
			if kind != nil && first.kind == nil {
				first = refVerdict{kind, i + 1}
			}
		}
		if first.kind == nil || !made {
			return first
		}
	}
}

func (r *refCall) makeOutput(i int) (kind error) {
	nd, ok := r.sig.Params[i].Type.(constraints.NDPointer)
	if !ok {
		a, _ := r.array(i)
		shape, kind := r.shapeOf(a.Dims)
		if kind == nil {
			r.shapes[i] = shape
		}
		return kind
	}
	if nd.NDim == constraints.ZeroD {
		r.shapes[i] = []int{}
		return nil
	}
	for _, n := range nd.Shape {
		if n < 0 {
			return constraints.ErrArgs
		}
	}
	if nd.Shape == nil {
		return constraints.ErrArgs
	}
	r.shapes[i] = nd.Shape
	return nil
}

func (r *refCall) judgeExprs() refVerdict {
	for i, p := range r.sig.Params {
		if a, ok := r.array(i); ok {
			shape := r.shapes[i]
			if r.args[i].given == "array" {
				shape = r.args[i].array.shape
			}
			for axis, d := range a.Dims {
				if d.Expr == nil || d.Name != "" || r.args[i].given == "null" {
					continue
				}
				n, kind := r.eval(d.Expr)
				if kind == nil && n.Sign() < 0 {
					kind = constraints.ErrExpr
				}
				if kind == nil && n.Cmp(big.NewInt(int64(shape[axis]))) != 0 {
					kind = constraints.ErrShape
				}
				if kind != nil {
					return refVerdict{kind, i + 1}
				}
			}
		}
		if p.Value != nil {
			n, kind := r.eval(p.Value)
			if kind == nil && !refFits(n, p.Type.(constraints.Scalar)) {
				kind = constraints.ErrScalar
			}
			if kind != nil {
				return refVerdict{kind, i + 1}
			}
		}
	}
	for _, w := range r.sig.Where {
		if w.Var != "" {
			continue
		}
		x, kind := r.eval(w.X)
		if kind != nil {
			return refVerdict{kind, 0}
		}
		y, kind := r.eval(w.Y)
		if kind != nil {
			return refVerdict{kind, 0}
		}
		c := x.Cmp(y)
		if !map[string]bool{"<": c < 0, "<=": c <= 0, "==": c == 0, "!=": c != 0, ">=": c >= 0, ">": c > 0}[w.Op] {
			return refVerdict{constraints.ErrCondition, 0}
		}
	}
	return refVerdict{r.judgeResult(), 0}
}

// judgeResult is about a result whose dimensions are known before the call: they must
// have a value, and its type must be known.
func (r *refCall) judgeResult() error {
	a, ok := r.sig.Result.Type.(constraints.ArrayOf)
	if !ok {
		return nil
	}
	late := func(name string) bool {
		for _, p := range r.sig.Params {
			if p.Name == name {
				return p.Dir != constraints.In
			}
		}
		return name == "result" && !r.isDim(name)
	}
	var names func(e *constraints.Expr) bool
	names = func(e *constraints.Expr) bool {
		return e != nil && (e.Op == constraints.Name && late(e.Name) || names(e.X) || names(e.Y))
	}
	for _, d := range a.Dims {
		if d.Name != "" && late(d.Name) || names(d.Expr) {
			return nil
		}
	}
	if v := a.Elems[0].Var; v != "" {
		if _, bound := r.types[v]; !bound {
			return constraints.ErrArgs
		}
	}
	_, kind := r.shapeOf(a.Dims)
	return kind
}

// refFits: int64 holds all that an expression can be.
func refFits(n *big.Int, s constraints.Scalar) bool {
	t := refTypeOf(s.DType)
	least, most := new(big.Int), new(big.Int).Lsh(big.NewInt(1), uint(8*t.item))
	if t.kind == 'i' {
		most.Rsh(most, 1)
		least.Neg(most)
	}
	return n.Cmp(least) >= 0 && n.Cmp(most) < 0
}

// judgeMemory is about overlap, and elements that are not finite.
func (r *refCall) judgeMemory() refVerdict {
	alias := func(i int) bool { a, ok := r.array(i); return !ok || a.MayAlias }
	there := func(i int) bool { return r.isArray(i) && r.args[i].given == "array" }
	for i := range r.sig.Params {
		if there(i) && r.dir(i) != constraints.In && !alias(i) {
			if rule, _ := refSelf(r.args[i].array); rule {
				return refVerdict{constraints.ErrOverlap, i + 1}
			}
		}
	}
	for i := range r.sig.Params {
		for k := range i {
			if !there(i) || !there(k) || alias(i) || alias(k) || r.dir(i) == constraints.In && r.dir(k) == constraints.In {
				continue
			}
			if rule, _ := refTouch(r.args[k].array, r.args[i].array); rule {
				return refVerdict{constraints.ErrOverlap, i + 1}
			}
		}
	}
	for i := range r.sig.Params {
		if a, ok := r.array(i); ok && a.Finite && there(i) && !refFinite(r.args[i].array) {
			return refVerdict{constraints.ErrFinite, i + 1}
		}
	}
	return refVerdict{}
}

// refFinite looks at the bits: an exponent of ones is no finite number.
func refFinite(x *refArray) bool {
	parts := map[string]int{"f16": 1, "f32": 1, "f64": 1, "c64": 2, "c128": 2}[x.typ.name]
	for _, p := range x.elements() {
		for k := range parts {
			size := x.typ.item / parts
			raw := make([]byte, 8)
			for b := range size {
				from := p + k*size + b
				if x.typ.big {
					from = p + k*size + size - 1 - b
				}
				raw[b] = refMemory(x.buffer)[from]
			}
			bits := binary.LittleEndian.Uint64(raw)
			ones := map[int]uint64{2: 0x7c00, 4: 0x7f800000, 8: 0x7ff << 52}[size]
			if bits&ones == ones {
				return false
			}
		}
	}
	return true
}
