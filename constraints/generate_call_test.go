package constraints_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Arrays over Go memory of the common types lie in these slices, others in their own.
var (
	bufferF64  = make([]float64, 1024)
	bufferF32  = make([]float32, 1024)
	bufferC128 = make([]complex128, 1024)
	bufferI32  = make([]int32, 1024)
	bufferI16  = make([]int16, 1024)
	bufferU8   = make([]uint8, 1024)
)

const ownBuffer = 100 // and above: an array alone, all zero

func refMemory(buffer int) []byte {
	var data any
	switch buffer {
	case 0:
		return *guestMemory
	case 1:
		data = bufferF64
	case 2:
		data = bufferF32
	case 3:
		data = bufferC128
	default:
		return make([]byte, 1<<14) // no floats, or all 0
	}
	b, err := binary.Append(nil, binary.LittleEndian, data)
	if err != nil {
		panic(err)
	}
	return b
}

// caller makes the arguments of calls. Most fit: no random call would ever be accepted.
type caller struct {
	*generator
	t     testing.TB
	r     *refCall
	sizes map[string]int
	vars  map[string]*refType
	undo  []func()
}

func (g *caller) call() *refCall {
	g.r = &refCall{sig: g.sig, args: make([]refArg, len(g.sig.Params)), result: g.Int64N(6) - 1}
	g.sizes, g.vars = map[string]int{}, map[string]*refType{}
	for _, d := range []string{"m", "n", "k", "in"} {
		g.sizes[d] = pick(g.Rand, 0, 1, 1, 2, 2, 3, 3)
	}
	all, without := g.r.counts()
	g.r.nargs = pick(g.Rand, all, all, without)
	short := g.r.nargs != all
	if g.IntN(40) == 0 {
		g.r.nargs += pick(g.Rand, -1, 1)
	}
	for i, p := range g.sig.Params {
		a := &g.r.args[i]
		a.n, a.after = g.Int64N(5), g.Int64N(6)-1
		if s, ok := p.Type.(constraints.Scalar); ok && refTypeOf(s.DType).kind == 'i' && g.IntN(8) == 0 {
			a.n = -a.n
		}
		switch {
		case g.r.isArray(i) && g.r.dir(i) == constraints.Out && short:
			a.given = "nothing"
		case refNullable(p.Type) && g.chance(5, "arg null") || !refNullable(p.Type) && g.IntN(300) == 0 && !g.scalar(i):
			a.given = "null"
		case !g.r.isArray(i):
		case g.r.dir(i) == constraints.Out && g.chance(5, "arg shape"):
			a.given, a.shape = "shape", g.shape(i)
		default:
			a.given, a.array = "array", &refArray{shape: g.shape(i)}
			a.array.typ.refType = g.typ(i)
		}
	}
	g.fitExprs()
	broken := -1
	if g.IntN(2) == 0 {
		broken = g.IntN(len(g.sig.Params))
	}
	for i := range g.r.args {
		a := &g.r.args[i]
		how := -1
		if i == broken {
			how = g.IntN(12)
		}
		switch {
		case a.given == "shape" && how >= 0 && len(a.shape) > 0:
			a.shape[g.IntN(len(a.shape))] = g.IntN(6) - 1
		case a.given == "array":
			g.place(i, how)
		}
	}
	return g.r
}

func (g *caller) scalar(i int) bool {
	_, ok := g.sig.Params[i].Type.(constraints.Scalar)
	return ok
}

func (g *caller) typ(i int) *refType {
	a, ok := g.r.array(i)
	if !ok {
		return refTypeNamed("f64")
	}
	elems := a.Elems
	v := elems[0].Var
	if v != "" {
		if t := g.vars[v]; t != nil {
			return t
		}
		elems = []constraints.Elem{{}}
		for _, w := range g.sig.Where {
			if w.Var == v {
				elems = w.In
			}
		}
	}
	for {
		if t := pick(g.Rand, refTypes...); refTakes(elems, refDType{t, false}) {
			if v != "" {
				g.vars[v] = t
			}
			return t
		}
	}
}

func (g *caller) shape(i int) []int {
	a, ok := g.r.array(i)
	shape := []int{}
	if !ok {
		nd := g.sig.Params[i].Type.(constraints.NDPointer)
		for _, n := range nd.Shape {
			shape = append(shape, max(n, 0))
		}
		for range max(nd.NDim, 0) {
			shape = append(shape, g.IntN(3))
		}
		return shape
	}
	for _, d := range a.Dims {
		n := d.N
		if d.Name == "_" || d.Expr != nil {
			n = g.IntN(4)
		} else if d.Name != "" {
			n = g.sizes[d.Name]
		}
		shape = append(shape, n)
	}
	return shape
}

// fitExprs gives the dimensions that are expressions what they should be, as far as that
// is possible.
func (g *caller) fitExprs() {
	g.r.types, g.r.shapes, g.r.dims = map[string]refDType{}, map[int][]int{}, map[string]int{}
	for name, n := range g.sizes {
		if g.r.isDim(name) {
			g.r.dims[name] = n
		}
	}
	for v, t := range g.vars {
		g.r.types[v] = refDType{t, false}
	}
	for i := range g.r.args {
		if a := &g.r.args[i]; a.given == "shape" {
			g.r.shapes[i] = a.shape
		} else if a.given == "array" {
			a.array.buffer, a.array.strides = 1, make([]int, len(a.array.shape)) // as of a dense copy
		}
	}
	for i := range g.r.args {
		a, _ := g.r.array(i)
		for axis, d := range a.Dims {
			shape := g.r.shapes[i]
			if g.r.args[i].given == "array" {
				shape = g.r.args[i].array.shape
			}
			if d.Expr == nil || d.Name != "" || shape == nil || g.IntN(40) == 0 {
				continue
			}
			if n, kind := g.r.eval(d.Expr); kind == nil && n.IsInt64() && n.Int64() >= 0 && n.Int64() < 9 {
				shape[axis] = int(n.Int64())
			}
		}
	}
}

// place says where an array lies, in which order, and spoils it in one of twelve ways.
func (g *caller) place(i, how int) {
	x := g.r.args[i].array
	a, isArray := g.r.array(i)
	local := g.IntN(3) == 0
	switch how {
	case 0:
		x.typ.refType = pick(g.Rand, refTypes...)
	case 1:
		x.shape = append(x.shape, 1)
	case 2, 3:
		if len(x.shape) > 0 {
			x.shape[g.IntN(len(x.shape))] = g.IntN(5)
		}
	case 4:
		x.readOnly = true
	case 5:
		x.typ.big = x.typ.swaps()
	case 6:
		g.r.args[i].given = "nothing"
		return
	}
	order := a.Layout
	if !isArray || how == 7 {
		order = pick(g.Rand, constraints.COrder, constraints.FOrder, constraints.Strided)
	}
	fortran := order == constraints.FOrder || order == constraints.Contiguous && g.IntN(2) == 0
	x.strides = make([]int, len(x.shape))
	step := x.typ.item
	for k := range x.shape {
		axis := len(x.shape) - 1 - k
		if fortran {
			axis = k
		}
		x.strides[axis] = step
		step *= max(x.shape[axis], 1)
	}
	if order == constraints.Strided {
		for axis := range x.strides {
			x.strides[axis] *= pick(g.Rand, 1, 1, 2, -1, -2)
		}
		if len(x.strides) > 0 && g.IntN(12) == 0 {
			x.strides[g.IntN(len(x.strides))] = pick(g.Rand, 0, x.typ.align, 3*x.typ.align)
		}
	}
	if local && x.size() < 100 {
		g.placeLocal(i, fortran)
	} else {
		g.placeGuest(i, how)
	}
}

func (g *caller) placeGuest(i, how int) {
	x := g.r.args[i].array
	x.buffer = 0
	x.at = 0x4000 * (i + 1)
	for axis, n := range x.shape {
		x.at += max(0, -x.strides[axis]*(n-1))
	}
	switch {
	case how == 8:
		x.at += pick(g.Rand, 1, x.typ.align, 8)
	case how >= 9 && i > 0 && g.r.args[i-1].array != nil && g.r.args[i-1].array.buffer == 0:
		x.at = g.r.args[i-1].array.at + pick(g.Rand, 0, x.typ.item, 2*x.typ.item, -x.typ.item, 4*x.typ.item, 8)
	}
	l := memview.Layout{Shape: x.shape, Strides: x.strides, ReadOnly: x.readOnly}
	x.view = guestAt(g.t, memview.Ptr(x.at), x.typ.dtype(), l)
	if all := x.elements(); g.IntN(5) == 0 && len(all) > 0 && (x.typ.kind == 'f' || x.typ.kind == 'c') {
		g.count["arg NaN"]++
		p := pick(g.Rand, all...)
		bytes := (*guestMemory)[p : p+x.typ.item]
		for k := range bytes {
			bytes[k] = 0xff
		}
		g.undo = append(g.undo, func() { clear(bytes) })
	}
	g.count["arg guest"]++
}

func (g *caller) placeLocal(i int, fortran bool) {
	x := g.r.args[i].array
	for axis := range x.strides {
		x.strides[axis] = max(x.strides[axis], -x.strides[axis]) / x.typ.item * x.typ.item
	}
	x.at = 128 * (i % 7)
	if g.IntN(8) == 0 {
		x.at = g.IntN(4)
	}
	var err error
	if x.typ.big {
		x.buffer = 0
	} else {
		x.buffer = slices.Index([]string{"", "f64", "f32", "c128", "i32", "i16", "u8"}, x.typ.name)
	}
	switch x.buffer {
	case 1:
		x.view, err = fromBuffer(bufferF64, x)
		if g.IntN(5) == 0 {
			bufferF64[x.at] = math.Inf(-1)
			g.undo = append(g.undo, func() { clear(bufferF64) })
		}
	case 2:
		x.view, err = fromBuffer(bufferF32, x)
		if g.IntN(5) == 0 {
			bufferF32[x.at] = float32(math.NaN())
			g.undo = append(g.undo, func() { clear(bufferF32) })
		}
	case 3:
		x.view, err = fromBuffer(bufferC128, x)
		if g.IntN(5) == 0 {
			bufferC128[x.at] = complex(0, math.NaN())
			g.undo = append(g.undo, func() { clear(bufferC128) })
		}
	case 4:
		x.view, err = fromBuffer(bufferI32, x)
	case 5:
		x.view, err = fromBuffer(bufferI16, x)
	case 6:
		x.view, err = fromBuffer(bufferU8, x)
	default:
		shape := slices.Clone(x.shape)
		if fortran {
			slices.Reverse(shape)
		}
		x.view, err = memview.Zeros(x.typ.dtype(), shape...)
		if err == nil && fortran {
			x.view, err = x.view.Transpose()
		}
		if err == nil {
			x.strides = x.view.Strides()
		}
		x.buffer, x.at = ownBuffer+i, 0
	}
	require.NoError(g.t, err)
	x.at *= x.typ.item
	if x.readOnly {
		x.view = x.view.ReadOnly()
	}
	g.count["arg Go memory"]++
}

func fromBuffer[T any](s []T, x *refArray) (memview.Array, error) {
	strides := make([]int, len(x.strides))
	for axis := range strides {
		strides[axis] = x.strides[axis] / x.typ.item
	}
	return memview.FromStrided(s[x.at:], x.shape, strides)
}
