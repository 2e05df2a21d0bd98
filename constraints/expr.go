package constraints

import "strconv"

// Expr is an integer expression of the signature language. It is computed in
// int64: overflow, a division by zero and a negative operand of / or % are errors
// of the call; / rounds down.
type Expr struct {
	Op   Op     // what it is
	N    int64  // of Num: its value, 0 or more
	Name string // of Name: the dimension or scalar; of functions: the array
	Axis int    // of Stride
	X, Y *Expr  // of operators
}

// Op is the kind of an Expr.
type Op uint8

// The operators and functions.
const (
	Num      Op = iota // a number
	Name               // a dimension, a scalar, or "result"
	Add                // X + Y
	Subtract           // X - Y
	Mul                // X * Y
	Div                // X / Y
	Mod                // X % Y
	ItemSize           // bytes of an element of an array
	NBytes             // bytes of all its elements
	Count              // number of its elements
	TypeCode           // its dtype as DLPack has it: code*256 + bits
	Stride             // elements from one item to the next along an axis
)

var opTexts = [...]string{Add: "+", Subtract: "-", Mul: "*", Div: "/", Mod: "%", ItemSize: "itemsize", NBytes: "nbytes", Count: "count", TypeCode: "typecode", Stride: "stride"}

// rank is how tightly an operator binds: 1 for sums, 2 for products, 3 for atoms.
func (o Op) rank() int {
	switch o {
	case Add, Subtract:
		return 1
	case Mul, Div, Mod:
		return 2
	}
	return 3
}

// String is the text of the expression, with no more parentheses than it needs.
func (e *Expr) String() string {
	if e.depth(MaxDepth) > MaxDepth {
		return "..."
	}
	return string(e.append(nil))
}

func (e *Expr) append(b []byte) []byte {
	switch {
	case e == nil:
		return append(b, "?"...)
	case e.Op == Num:
		return strconv.AppendInt(b, e.N, 10)
	case e.Op == Name:
		return append(b, e.Name...)
	case e.Op.rank() < 3:
		b = append(e.X.operand(b, e.Op.rank()), opTexts[e.Op]...)
		return e.Y.operand(b, e.Op.rank()+1) // operators group from the left
	case int(e.Op) >= len(opTexts):
		return append(b, "?"...)
	}
	b = append(append(append(b, opTexts[e.Op]...), '('), e.Name...)
	if e.Op == Stride {
		b = strconv.AppendInt(append(b, ','), int64(e.Axis), 10)
	}
	return append(b, ')')
}

// operand writes e, in parentheses where it binds less tightly than rank.
func (e *Expr) operand(b []byte, rank int) []byte {
	if e != nil && e.Op.rank() < rank {
		return append(e.append(append(b, '(')), ')')
	}
	return e.append(b)
}

// depth is the height of the expression, no more than limit+1.
func (e *Expr) depth(limit int) int {
	if e == nil || limit < 0 {
		return 0
	}
	return 1 + max(e.X.depth(limit-1), e.Y.depth(limit-1))
}

// clone is a copy of an expression. What is nested too deep to be valid is cut off
// there, so that a literal that holds itself comes to an end.
func (e *Expr) clone() *Expr { return e.cloneTo(MaxDepth + 1) }

func (e *Expr) cloneTo(depth int) *Expr {
	if e == nil || depth == 0 {
		return nil
	}
	c := *e
	c.X, c.Y = e.X.cloneTo(depth-1), e.Y.cloneTo(depth-1)
	return &c
}
