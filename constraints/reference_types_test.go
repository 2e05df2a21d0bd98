package constraints_test

import (
	"math/big"
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// The reference says once more, slowly and plainly, what a signature means. It shares
// nothing with the code that it judges but the tree of the signature: dtypes are rows of
// this table, numbers are big, names are looked up in maps, arrays are lists of bytes.

type refType struct {
	name        string // in the language
	dtype       memview.DType
	kind        byte // b i u f c, s for structs
	item, align int
	code        int // DLPack
}

var refTypes = func() []*refType {
	pp, err := memview.StructOf(memview.Field{Name: "x", DType: memview.F32}, memview.Field{Name: "k", DType: memview.I16})
	if err != nil {
		panic(err)
	}
	qq, err := memview.StructOf(memview.Field{Name: "p", DType: pp}, memview.Field{Name: "z", DType: memview.U8})
	if err != nil {
		panic(err)
	}
	return []*refType{
		{"bool", memview.Bool, 'b', 1, 1, 6},
		{"i8", memview.I8, 'i', 1, 1, 0}, {"i16", memview.I16, 'i', 2, 2, 0}, {"i32", memview.I32, 'i', 4, 4, 0}, {"i64", memview.I64, 'i', 8, 8, 0},
		{"u8", memview.U8, 'u', 1, 1, 1}, {"u16", memview.U16, 'u', 2, 2, 1}, {"u32", memview.U32, 'u', 4, 4, 1}, {"u64", memview.U64, 'u', 8, 8, 1},
		{"f16", memview.F16, 'f', 2, 2, 2}, {"f32", memview.F32, 'f', 4, 4, 2}, {"f64", memview.F64, 'f', 8, 8, 2},
		{"c64", memview.C64, 'c', 8, 4, 5}, {"c128", memview.C128, 'c', 16, 8, 5},
		{"Pp", pp, 's', 8, 4, -1}, {"Qq", qq, 's', 12, 4, -1},
	}
}()

func refTypeNamed(name string) *refType {
	switch name {
	case "size", "ptr":
		name = "u32"
	}
	for _, t := range refTypes {
		if t.name == name {
			return t
		}
	}
	return nil
}

// refTypeOf is the row of a dtype; nil for none. Structs of a text are not those of the
// table, but their names are.
func refTypeOf(d memview.DType) *refType {
	for _, t := range refTypes {
		if t.dtype == d {
			return t
		}
	}
	return nil
}

// refDType is a row in one byte order.
type refDType struct {
	*refType
	big bool
}

func (d refDType) dtype() memview.DType {
	if d.big {
		return d.refType.dtype.BigEndian()
	}
	return d.refType.dtype
}

// swaps reports whether the dtype has a byte order.
func (t *refType) swaps() bool { return t.item > 1 && t.kind != 's' }

// refArray is an array as it was made: where it lies, and how.
type refArray struct {
	typ      refDType
	shape    []int
	strides  []int // bytes
	at       int   // address in the guest, or offset in a Go slice
	buffer   int   // the slice; 0: the guest's memory
	readOnly bool
	owned    bool // OWNDATA
	view     memview.Array
}

func (a *refArray) size() int {
	n := 1
	for _, d := range a.shape {
		n *= d
	}
	return n
}

// elements are the places of all elements, in C order.
func (a *refArray) elements() []int {
	places := []int{a.at}
	for axis, n := range a.shape {
		var next []int
		for _, p := range places {
			for k := range n {
				next = append(next, p+k*a.strides[axis])
			}
		}
		places = next
	}
	return places
}

// inOrder reports whether the elements follow each other without gaps, the axes taken from
// the fastest to the slowest.
func (a *refArray) inOrder(axes []int) bool {
	if a.size() == 0 {
		return true
	}
	step := a.typ.item
	for _, axis := range axes {
		if a.shape[axis] != 1 && a.strides[axis] != step {
			return false
		}
		step *= a.shape[axis]
	}
	return true
}

func (a *refArray) flags() memview.Flags {
	var up, down []int
	for axis := range a.shape {
		up, down = append(up, axis), append([]int{axis}, down...)
	}
	var f memview.Flags
	if a.inOrder(down) {
		f |= memview.CContiguous
	}
	if a.inOrder(up) {
		f |= memview.FContiguous
	}
	odd := a.at%a.typ.align != 0
	for axis, n := range a.shape {
		odd = odd || n > 1 && a.strides[axis]%a.typ.align != 0
	}
	if !odd || a.size() == 0 {
		f |= memview.Aligned
	}
	if !a.readOnly {
		f |= memview.Writeable
	}
	if a.owned {
		f |= memview.OwnData
	}
	return f
}

// extent is the range of bytes from the first to the last that an element has.
func (a *refArray) extent() (lo, hi int) {
	all := a.elements()
	if len(all) == 0 {
		return a.at, a.at
	}
	return slices.Min(all), slices.Max(all) + a.typ.item
}

func (a *refArray) bytes() map[int]int {
	count := map[int]int{}
	for _, p := range a.elements() {
		for k := range a.typ.item {
			count[p+k]++
		}
	}
	return count
}

// refTouch is the rule for two arrays, and whether they truly share a byte.
func refTouch(a, b *refArray) (rule, truth bool) {
	if a.buffer != b.buffer {
		return false, false
	}
	own := a.bytes()
	for p := range b.bytes() {
		truth = truth || own[p] > 0
	}
	alo, ahi := a.extent()
	blo, bhi := b.extent()
	if ahi <= blo || bhi <= alo || alo == ahi || blo == bhi {
		return false, truth
	}
	g := new(big.Int)
	for _, x := range []*refArray{a, b} {
		for axis, n := range x.shape {
			if n > 1 {
				s := big.NewInt(int64(x.strides[axis]))
				g.GCD(nil, nil, g, s.Abs(s))
			}
		}
	}
	if g.Sign() == 0 {
		return true, truth
	}
	r := new(big.Int).Mod(big.NewInt(int64(b.at-a.at)), g)
	apart := r.Cmp(big.NewInt(int64(a.typ.item))) >= 0 && r.Add(r, big.NewInt(int64(b.typ.item))).Cmp(g) <= 0
	return !apart, truth
}

// refSelf is the rule for one array that is written: taken by the size of its step, every
// axis must step over all that lies within it.
func refSelf(a *refArray) (rule, truth bool) {
	for _, n := range a.bytes() {
		truth = truth || n > 1
	}
	if a.size() < 2 || a.flags()&(memview.CContiguous|memview.FContiguous) != 0 {
		return false, truth
	}
	type step struct{ bytes, n int }
	var steps []step
	for axis, n := range a.shape {
		if n > 1 {
			steps = append(steps, step{max(a.strides[axis], -a.strides[axis]), n})
		}
	}
	slices.SortStableFunc(steps, func(x, y step) int { return x.bytes - y.bytes })
	reach := a.typ.item
	for _, s := range steps {
		if s.bytes < reach {
			return true, truth
		}
		reach += s.bytes * (s.n - 1)
	}
	return false, truth
}

// refKindOf is the letter of a class of dtypes.
func refKindOf(e constraints.Elem) byte {
	return map[memview.Kind]byte{memview.Int: 'i', memview.Uint: 'u', memview.Float: 'f', memview.Complex: 'c'}[e.Kind]
}
