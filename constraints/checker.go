package constraints

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Role says what becomes of a parameter in a call.
type Role uint8

// The roles of parameters.
const (
	Given       Role = iota // a number that the caller gives
	Derived                 // an extent that the host fills in; never given
	Array                   // an array that the caller gives, or leaves out when it is Out
	OutScalar               // a pointer to one value that the host provides; never given
	InOutScalar             // a pointer to one value that the caller gives as a number
)

// Checker is a compiled signature: it checks the arrays of a call and binds
// the dimensions, without allocation while nothing is wrong. A Checker is immutable and
// safe for concurrent use; what changes in a call is in a [Binding].
type Checker struct {
	sig     *Signature
	text    string
	params  []param
	symbols []string
	given   int // Go arguments when all outputs are given
	outs    int // arrays among them that may be left out
	result  []dim
}

type param struct {
	role   Role
	dir    Dir
	dtype  memview.DType
	nd     *NDPointer // of an NDPointer parameter; then dims is nil
	dims   []dim
	symbol int     // of Derived
	most   int64   // largest value of Derived
	arg    [2]int8 // position among the Go arguments: outputs left out, given; -1: not there
}

// dim is an extent n, a symbol, or neither.
type dim struct {
	symbol int // -1: none
	n      int64
	free   bool
}

// Binding is what one call has bound so far. It belongs to one call at a time
// and is reset by Checker.Start.
type Binding struct {
	// Arrays holds the array of each parameter. The zero Array stands for
	// parameters that are none, and for outputs that are still to be made.
	Arrays []memview.Array
	// Shapes holds the extents that the caller gave for outputs in place of an
	// array; nil for the others.
	Shapes [][]int

	short bool
	bound []bool
	value []int64
	from  []source
}

// source is where a symbol was bound: an axis of a parameter.
type source struct{ param, axis int }

// Compile checks a signature and makes it ready for calls.
func Compile(s *Signature) (*Checker, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("constraints: signature %s: %w", nameText(s.Name), err)
	}
	c := &Checker{sig: s, text: s.String(), params: make([]param, len(s.Params))}
	for i, p := range s.Params {
		q := &c.params[i]
		q.dir = p.Dir
		switch t := p.Type.(type) {
		case NDPointer:
			q.role, q.nd, q.dtype = Array, &t, t.DType
			if p.Dir == In {
				q.dir = t.dir()
			}
		case ArrayOf:
			q.role, q.dtype, q.dims = Array, t.DType, c.dims(t.Dims)
		case Scalar:
			q.dtype = t.DType
			if p.Dir != In {
				// A pointer to one value: an output of no dimensions.
				q.role, q.dims = OutScalar, []dim{}
				if p.Dir == InOut {
					q.role = InOutScalar
				}
			}
		}
	}
	for i, p := range s.Params { // all symbols are known now
		q := &c.params[i]
		if k := c.symbol(p.Name); q.role == Given && k >= 0 {
			q.role, q.symbol, q.most = Derived, k, math.MaxInt64
			if size := q.dtype.ItemSize(); q.dtype.Kind() == memview.Int {
				q.most = math.MaxInt64 >> (64 - 8*size)
			} else if size == 4 {
				q.most = math.MaxUint32
			}
		}
		q.arg = [2]int8{-1, -1}
		if q.role == Given || q.role == Array || q.role == InOutScalar {
			if q.arg[1] = int8(c.given); q.dir == Out {
				c.outs++
			} else {
				q.arg[0] = int8(c.given - c.outs)
			}
			c.given++
		}
	}
	if a, ok := s.Result.Type.(ArrayOf); ok {
		c.result = c.dims(a.Dims)
	}
	return c, nil
}

func (c *Checker) dims(from []Dim) []dim {
	out := make([]dim, len(from))
	for i, d := range from {
		out[i] = dim{symbol: -1, n: int64(d.N)}
		switch {
		case d.Name == "_":
			out[i].free = true
		case d.Name != "":
			if out[i].symbol = c.symbol(d.Name); out[i].symbol < 0 {
				out[i].symbol = len(c.symbols)
				c.symbols = append(c.symbols, d.Name)
			}
		}
	}
	return out
}

func (c *Checker) symbol(name string) int {
	for i, s := range c.symbols {
		if s == name {
			return i
		}
	}
	return -1
}

// Signature is what c was compiled from. It must not be changed.
func (c *Checker) Signature() *Signature { return c.sig }

// String is the text of the signature.
func (c *Checker) String() string { return c.text }

// Role is the part that parameter i plays in a call.
func (c *Checker) Role(i int) Role { return c.params[i].role }

// Dir is the direction of parameter i; for an NDPointer with WRITEABLE it is InOut.
func (c *Checker) Dir(i int) Dir { return c.params[i].dir }

// DType is the dtype of parameter i; zero where an NDPointer leaves it open.
func (c *Checker) DType(i int) memview.DType { return c.params[i].dtype }

// NewBinding makes the state for calls, one at a time.
func (c *Checker) NewBinding() *Binding {
	n := len(c.symbols)
	return &Binding{
		Arrays: make([]memview.Array, len(c.params)), Shapes: make([][]int, len(c.params)),
		bound: make([]bool, n), value: make([]int64, n), from: make([]source, n),
	}
}

// Start resets b for a call with nargs Go arguments: one for each parameter that
// is neither derived nor an out scalar, with or without the arrays
// that are only written. It fails with a *TypeError when nargs is neither.
func (c *Checker) Start(b *Binding, nargs int) *TypeError {
	clear(b.Arrays)
	clear(b.Shapes)
	clear(b.bound)
	if b.short = nargs != c.given; b.short && nargs != c.given-c.outs {
		return c.arityError(nargs)
	}
	return nil
}

// Arg is the position among the Go arguments of parameter i, from 0; -1 when
// the call gives none for it.
func (c *Checker) Arg(b *Binding, i int) int {
	if b.short {
		return int(c.params[i].arg[0])
	}
	return int(c.params[i].arg[1])
}

func (c *Checker) arityError(nargs int) *TypeError {
	var want, derived []string
	for i, p := range c.params {
		switch p.role {
		case Array, Given, InOutScalar:
			want = append(want, c.sig.label(i)+": "+paramText(c.sig.Params[i]))
		case Derived:
			derived = append(derived, c.sig.label(i))
		}
	}
	e := &TypeError{Func: c.sig.Name, Got: plural(nargs, "argument"), Want: fmt.Sprintf("%d (%s)", c.given, strings.Join(want, ", ")), Kind: ErrArgs, Signature: c.text}
	if c.outs > 0 {
		e.Want = fmt.Sprintf("%d (%s), or %d without the out arrays", c.given, strings.Join(want, ", "), c.given-c.outs)
	}
	if len(derived) > 0 && nargs > c.given-c.outs {
		e.Hint = strings.Join(derived, ", ") + " follow from the arrays: leave them out"
		e.Want += "; leave out " + strings.Join(derived, ", ")
	}
	return e
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// Check compares every array of b with its parameter, in order, and binds the
// dimensions. The error names the first parameter that does not fit. Arrays
// over Go memory are copied to a dense place for the call, so neither their
// strides nor their alignment matter to an [ArrayOf]; an [NDPointer] judges
// the array as it is.
func (c *Checker) Check(b *Binding) *TypeError {
	for i := range c.params {
		if c.params[i].role == Array {
			if e := c.checkParam(b, i); e != nil {
				return c.explain(b, i, e)
			}
		}
	}
	return nil
}

func (c *Checker) checkParam(b *Binding, i int) *TypeError {
	p, a := &c.params[i], b.Arrays[i]
	if a.IsZero() {
		if p.dir == Out && (b.short || b.Shapes[i] != nil) {
			return c.checkShape(b, i)
		}
		return &TypeError{Field: "it", Got: "no array", Want: "an array", Kind: ErrArray}
	}
	if p.nd != nil {
		if e := p.nd.violation(a); e != nil {
			return e
		}
	} else if e := c.checkArray(b, i, a); e != nil {
		return e
	}
	if p.dir != In && a.Flags()&memview.Writeable == 0 {
		return &TypeError{Field: "it", Got: "read-only", Want: "a WRITEABLE array for " + p.dir.String(), Kind: ErrAccess, Hint: "the array was made ReadOnly"}
	}
	if p.nd == nil && a.Memory() != nil {
		return checkLayout(a)
	}
	return nil
}

// checkArray compares dtype and dimensions of an ArrayOf.
func (c *Checker) checkArray(b *Binding, i int, a memview.Array) *TypeError {
	p := &c.params[i]
	if !a.DType().Equal(p.dtype) && (a.Memory() != nil || !a.DType().LittleEndian().Equal(p.dtype)) {
		return dtypeError(a.DType(), p.dtype)
	}
	if a.NDim() != len(p.dims) {
		return ndimError(a, len(p.dims))
	}
	for axis, d := range p.dims {
		if e := c.bind(b, i, axis, d, int64(a.Dim(axis))); e != nil {
			return e
		}
	}
	return nil
}

// checkShape binds the extents that the caller gave for an output to be made.
func (c *Checker) checkShape(b *Binding, i int) *TypeError {
	p, shape := &c.params[i], b.Shapes[i]
	if shape == nil {
		return nil
	}
	if p.nd != nil {
		return nil // made and compared by OutShape
	}
	if len(shape) != len(p.dims) {
		return &TypeError{Field: "ndim", Got: strconv.Itoa(len(shape)), Want: strconv.Itoa(len(p.dims)), Kind: ErrNDim}
	}
	for axis, d := range p.dims {
		if shape[axis] < 0 {
			return &TypeError{Field: "shape[" + strconv.Itoa(axis) + "]", Got: strconv.Itoa(shape[axis]), Want: "0 or more", Kind: ErrShape}
		}
		if e := c.bind(b, i, axis, d, int64(shape[axis])); e != nil {
			return e
		}
	}
	return nil
}

func (c *Checker) bind(b *Binding, i, axis int, d dim, n int64) *TypeError {
	want := d.n
	switch k := d.symbol; {
	case d.free:
		return nil
	case k >= 0 && !b.bound[k]:
		b.bound[k], b.value[k], b.from[k] = true, n, source{i, axis}
		return nil
	case k >= 0:
		want = b.value[k]
	}
	if n == want {
		return nil
	}
	e := &TypeError{Field: "shape[" + strconv.Itoa(axis) + "]", Got: strconv.FormatInt(n, 10), Want: strconv.FormatInt(want, 10), Kind: ErrShape}
	if d.symbol >= 0 {
		e.Want = c.symbols[d.symbol] + "=" + e.Want
		e.From = c.origin(b.from[d.symbol])
	}
	return e
}

func (c *Checker) origin(s source) string {
	return c.sig.label(s.param) + ".shape[" + strconv.Itoa(s.axis) + "]"
}

// checkLayout demands what C code expects of a pointer: C order and the
// natural alignment.
func checkLayout(a memview.Array) *TypeError {
	if a.Flags()&memview.CContiguous == 0 {
		e := &TypeError{Field: "layout", Got: "strides " + memview.ShapeString(a.Strides()) + " for shape " + memview.ShapeString(a.Shape()), Want: "C order", Kind: ErrLayout}
		e.Hint = "a view of guest memory is never copied implicitly: lib.Array(a) makes a dense copy"
		if a.Flags()&memview.FContiguous != 0 {
			e.Hint = "the array is in Fortran order: Transpose it, or lib.Array(a) makes a copy in C order"
		}
		return e
	}
	if a.Flags()&memview.Aligned == 0 {
		return &TypeError{Field: "address", Got: fmt.Sprintf("%#x", uint32(a.Ptr())), Want: fmt.Sprintf("a multiple of %d", a.DType().Alignment()), Kind: ErrAlign}
	}
	return nil
}

// Value is the extent that the host passes for the derived parameter i. It fails
// when no array bound it or the parameter's type cannot hold it.
func (c *Checker) Value(b *Binding, i int) (int64, *TypeError) {
	p := &c.params[i]
	n := b.value[p.symbol]
	if !b.bound[p.symbol] {
		return 0, c.unbound(b, i, p.symbol)
	}
	if n > p.most {
		return 0, c.explain(b, i, &TypeError{Field: "it", Got: strconv.FormatInt(n, 10), Want: "at most " + strconv.FormatInt(p.most, 10), From: c.origin(b.from[p.symbol]), Kind: ErrScalar})
	}
	return n, nil
}

// OutShape is the shape of an output that the host makes: parameter i, after Check.
// It fails when a dimension follows from nothing that was given, or
// the dtype is open.
func (c *Checker) OutShape(b *Binding, i int) ([]int, *TypeError) {
	p := &c.params[i]
	if p.nd != nil {
		shape := b.Shapes[i]
		if shape == nil {
			shape = p.nd.Shape
		}
		if p.dtype.IsZero() || shape == nil || containsNegative(shape) {
			return nil, c.explain(b, i, &TypeError{Field: "it", Got: "left out", Want: "an array: its dtype and shape are not fixed", Kind: ErrArgs})
		}
		return shape, nil
	}
	if b.Shapes[i] != nil {
		return b.Shapes[i], nil
	}
	return c.shape(b, i, p.dims)
}

func containsNegative(shape []int) bool {
	for _, d := range shape {
		if d < 0 {
			return true
		}
	}
	return false
}

// ResultShape is the shape of the array that the function returned a pointer to.
func (c *Checker) ResultShape(b *Binding) ([]int, *TypeError) {
	switch t := c.sig.Result.Type.(type) {
	case NDPointer:
		return t.Shape, nil
	case ArrayOf:
		return c.shape(b, -1, c.result)
	}
	return nil, nil
}

func (c *Checker) shape(b *Binding, i int, dims []dim) ([]int, *TypeError) {
	shape := make([]int, len(dims))
	for axis, d := range dims {
		n := d.n
		if d.free {
			return nil, c.explain(b, i, &TypeError{Field: "it", Got: "left out", Want: "an array or wasmffi.New(...): nothing says how long dimension _ is", Kind: ErrArgs})
		}
		if d.symbol >= 0 {
			if !b.bound[d.symbol] {
				return nil, c.unbound(b, i, d.symbol)
			}
			n = b.value[d.symbol]
		}
		shape[axis] = int(n)
	}
	return shape, nil
}

func (c *Checker) unbound(b *Binding, i, symbol int) *TypeError {
	name := c.symbols[symbol]
	return c.explain(b, i, &TypeError{Field: "dimension " + name, Got: "not known", Want: "an array that has it, or wasmffi.New(" + name + ")", Kind: ErrArgs})
}

// Explain fills in what a TypeError about parameter i says of the call; -1 stands for
// the result.
func (c *Checker) Explain(b *Binding, i int, e *TypeError) *TypeError { return c.explain(b, i, e) }

func (c *Checker) explain(b *Binding, i int, e *TypeError) *TypeError {
	e.Func, e.Signature = c.sig.Name, c.text
	if e.Index = i + 1; i >= 0 {
		e.Param = c.sig.Params[i].Name
		e.Arg = c.Arg(b, i) + 1
	}
	var called, bound []string
	for k, p := range c.params {
		if a := b.Arrays[k]; p.role == Array && !a.IsZero() {
			called = append(called, c.sig.label(k)+": "+describe(a))
		}
	}
	for k, name := range c.symbols {
		if b.bound[k] {
			bound = append(bound, fmt.Sprintf("%s=%d from %s", name, b.value[k], c.origin(b.from[k])))
		}
	}
	if called != nil {
		e.CalledAs = nameText(c.sig.Name) + "(" + strings.Join(called, ", ") + ")"
	}
	e.Bound = strings.Join(bound, ", ")
	return e
}

// describe names an array by dtype, shape and place; never by its data.
func describe(a memview.Array) string {
	dims := make([]string, a.NDim())
	for i := range dims {
		dims[i] = strconv.Itoa(a.Dim(i))
	}
	text := elemText(a.DType(), "") + "[" + strings.Join(dims, ",") + "]"
	if a.Memory() == nil {
		return text + " in Go memory"
	}
	return text + fmt.Sprintf(" @%#x", uint32(a.Ptr()))
}
