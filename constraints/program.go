package constraints

import (
	"math"
	"math/bits"

	"github.com/wasmffi/go/memview"
)

// program is a compiled expression: postfix code for a small stack.
type program []instr

type instr struct {
	op   Op
	arg  int32 // of Name: the symbol, or in a func type the parameter; of functions: the parameter
	axis int32 // of Stride; of Name: see unsigned
	n    int64 // of Num
}

// fault says why an expression has no value.
type fault uint8

const (
	noFault     fault = iota
	overflow          // of int64
	divByZero         // right operand of / or % is 0
	negOperand        // an operand of / or % is below 0
	unbound           // a name that nothing has bound, or an array that is not there
	oddStride         // a stride that is no multiple of the element
	notPositive       // the whole is below 0 where it may not be
)

// unsigned marks a scalar of a func type that is below 0 when it is beyond int64.
const unsigned = 1

// compile appends the code of e.
func (c *Checker) compile(code program, e *Expr) program {
	return compileExpr(code, e, c.symbol, c.paramNamed)
}

// compileExpr appends the code of e, in which names and arrays have those numbers.
func compileExpr(code program, e *Expr, symbol, param func(string) int) program {
	in := instr{op: e.Op, n: e.N, axis: int32(e.Axis)}
	switch {
	case e.Op == Num:
	case e.Op == Name:
		in.arg = int32(symbol(e.Name))
	case e.Op.rank() < 3:
		code = compileExpr(compileExpr(code, e.X, symbol, param), e.Y, symbol, param)
	default:
		in.arg = int32(param(e.Name))
	}
	return append(code, in)
}

// run computes the value of p for what b has bound.
func (p program) run(c *Checker, b *Binding) (int64, fault) { return p.eval(c, b, nil) }

// eval is run, or without b the value for the parameters of a func type.
func (p program) eval(c *Checker, b *Binding, scalars []int64) (int64, fault) {
	var stack [MaxDepth + 1]int64 // an expression of that depth keeps fewer operands
	top := 0
	for i := range p {
		in := &p[i]
		switch in.op {
		case Num:
			stack[top] = in.n
			top++
		case Name:
			if b == nil {
				if stack[top] = scalars[in.arg]; stack[top] < 0 && in.axis == unsigned {
					return 0, overflow
				}
				top++
				continue
			}
			s := &b.slots[in.arg]
			if s.epoch != b.epoch {
				return 0, unbound
			}
			stack[top] = s.value
			top++
		case Add, Subtract, Mul, Div, Mod:
			top--
			v, f := arith(in.op, stack[top-1], stack[top])
			if f != noFault {
				return 0, f
			}
			stack[top-1] = v
		default:
			v, f := c.measure(b, in)
			if f != noFault {
				return 0, f
			}
			stack[top] = v
			top++
		}
	}
	return stack[0], noFault
}

// arith applies an operator with every overflow seen.
func arith(op Op, x, y int64) (int64, fault) {
	switch op {
	case Add:
		if s := x + y; (s > x) == (y > 0) {
			return s, noFault
		}
	case Subtract:
		if d := x - y; (d < x) == (y > 0) {
			return d, noFault
		}
	case Mul:
		if x == 0 || y == 0 {
			return 0, noFault
		}
		hi, lo := bits.Mul64(magnitude(x), magnitude(y))
		switch {
		case hi != 0:
		case (x < 0) == (y < 0) && lo <= math.MaxInt64:
			return int64(lo), noFault
		case (x < 0) != (y < 0) && lo <= 1<<63:
			return -int64(lo), noFault
		}
	case Div, Mod:
		switch {
		case y == 0:
			return 0, divByZero
		case x < 0 || y < 0:
			return 0, negOperand
		case op == Div:
			return x / y, noFault
		}
		return x % y, noFault
	}
	return 0, overflow
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// measure is a function of an array: of the one that the guest gets, which
// for arrays over Go memory is a dense copy.
func (c *Checker) measure(b *Binding, in *instr) (int64, fault) {
	i := int(in.arg)
	d, shape, ok := c.passed(b, i)
	item := int64(d.ItemSize())
	a := b.Arrays[i]
	switch {
	case !ok:
		return 0, unbound
	case in.op == TypeCode:
		code, ok := typeCode(d)
		if !ok {
			return 0, unbound
		}
		return code, noFault
	case b.IsNull(i) && in.op == Stride:
		return 1, noFault
	case b.IsNull(i) && in.op != ItemSize:
		return 0, noFault
	case d.IsZero() && (in.op == ItemSize || in.op == NBytes):
		return 0, unbound
	case in.op == ItemSize:
		return item, noFault
	}
	if in.op == Stride && a.Memory() != nil {
		s := int64(a.Stride(int(in.axis)))
		if item == 0 || s%item != 0 {
			return 0, oddStride
		}
		return s / item, noFault
	}
	nd := a.NDim()
	if a.IsZero() {
		nd = len(shape)
	}
	extent := func(axis int) int64 {
		if a.IsZero() {
			return int64(shape[axis])
		}
		return int64(a.Dim(axis))
	}
	lo, hi := 0, nd
	if in.op == Stride { // of the dense copy: the product of the faster axes
		if lo = int(in.axis) + 1; c.params[i].fortran(a) {
			lo, hi = 0, int(in.axis)
		}
	}
	n := int64(1)
	for axis := lo; axis < hi; axis++ {
		var f fault
		d := extent(axis)
		if in.op == Stride {
			d = max(d, 1)
		}
		if n, f = arith(Mul, n, d); f != noFault {
			return 0, f
		}
	}
	if in.op == NBytes {
		return arith(Mul, n, item)
	}
	return n, noFault
}

// passed is the dtype of the array that the guest gets for parameter i, and its
// shape where it is still to be made. It fails when there is none. NULL passes for an
// array without elements, and has a dtype where the signature or its variable says one.
func (c *Checker) passed(b *Binding, i int) (d memview.DType, shape []int, ok bool) {
	if a := b.Arrays[i]; !a.IsZero() {
		if d = a.DType(); d.IsBigEndian() && a.Memory() == nil {
			d = d.LittleEndian()
		}
		return d, nil, true
	}
	return c.OutDType(b, i), b.Shapes[i], b.Shapes[i] != nil || b.IsNull(i)
}

// fortran reports whether the dense copy of a, an array over Go memory or one
// still to be made, is in Fortran order.
func (p *param) fortran(a memview.Array) bool {
	switch p.layout {
	case FOrder:
		return true
	case Contiguous:
		return !a.IsZero() && a.Flags()&(memview.CContiguous|memview.FContiguous) == memview.FContiguous
	}
	return false
}

// typeCode is a dtype as DLPack writes it: code*256 + bits. Text, times and structs
// have none, nor have numbers in the order that the guest does not use.
func typeCode(d memview.DType) (int64, bool) {
	var code int64
	if d.IsBigEndian() {
		return 0, false
	}
	switch d.Kind() {
	case memview.Int:
	case memview.Uint:
		code = 1
	case memview.Float:
		code = 2
	case memview.Complex:
		code = 5
	case memview.Boolean:
		code = 6
	default:
		return 0, false
	}
	return code<<8 + int64(8*d.ItemSize()), true
}
