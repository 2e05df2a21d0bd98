package wasmffi

import (
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// quick is the way through a call that most calls take: numbers, and views of the
// library's own memory that fit. It says yes or no and nothing more: what it
// does not take goes the long way, which finds out what is wrong, or that nothing
// is. The two agree on every call that quick takes (tested against each other), so it is
// there for speed alone: half of the time of the long way.
type quick struct {
	given   []quickParam // in the order of the Go arguments
	derived []quickExtent
	pairs   [][2]int // arrays that must not overlap, by their place in given
	extents [constraints.MaxSymbols]int
	arrays  []memview.Array // of the call, by their place in given
}

type quickParam struct {
	array  bool
	clear  bool // an array that is only written
	need   memview.Flags
	slot   int
	out    int
	dtype  memview.DType
	dims   []quickDim
	number number
}

// quickDim is a symbol, or with symbol -1 the extent n.
type quickDim struct{ symbol, n int }

type quickExtent struct {
	slot, symbol int
	most         int64
	number       number
}

// newQuick is nil for signatures that say more than quick understands.
func newQuick(p *plan) *quick {
	s := p.checker.Signature()
	// Errors about other results than numbers speak of the arguments, which the quick
	// way does not keep.
	number := p.spec.kind == noResult || p.spec.kind == scalarResult
	if !number || p.late || p.lens || len(s.Where) > 0 || len(p.spec.outs) > 0 && !p.spec.single {
		return nil
	}
	q := &quick{}
	var symbols []string
	for i, param := range s.Params {
		t := &p.params[i]
		if t.role == constraints.Derived {
			continue // when all symbols are known
		}
		g := quickParam{slot: i, out: t.out, number: t.number, dtype: t.dtype}
		switch typ := param.Type.(type) {
		case constraints.Scalar:
			if t.role != constraints.Given || t.named {
				return nil
			}
		case constraints.ArrayOf:
			if typ.Layout != constraints.COrder || typ.Align > mallocAlign || typ.Nullable || typ.MayAlias || typ.Finite || typ.Desc || t.dtype.IsZero() {
				return nil
			}
			g.array, g.clear, g.need = true, t.dir == constraints.Out, memview.CContiguous|memview.Aligned
			if t.dir != constraints.In {
				g.need |= memview.Writeable
			}
			for _, d := range typ.Dims {
				at := -1
				switch {
				case d.Expr != nil || d.Name == "_":
					return nil
				case d.Name != "":
					if at = slices.Index(symbols, d.Name); at < 0 {
						at, symbols = len(symbols), append(symbols, d.Name)
					}
				}
				g.dims = append(g.dims, quickDim{at, d.N})
			}
		default:
			return nil
		}
		for k := range q.given {
			if o := &q.given[k]; g.array && o.array && (g.need|o.need)&memview.Writeable != 0 {
				q.pairs = append(q.pairs, [2]int{k, len(q.given)})
			}
		}
		q.given = append(q.given, g)
	}
	for _, i := range p.derived {
		at := slices.Index(symbols, s.Params[i].Name)
		if s.Params[i].Value != nil || at < 0 {
			return nil
		}
		n := p.params[i].number
		most, _ := n.asInt64(1<<(n.bits-1) - 1)
		if n.kind == memview.Uint && n.bits < 64 {
			most = 1<<n.bits - 1
		}
		q.derived = append(q.derived, quickExtent{i, at, most, n})
	}
	q.arrays = make([]memview.Array, len(q.given))
	return q
}

// take reads and checks the arguments, and fills the stack. When it says no, nothing
// has happened that the long way does not do again.
func (q *quick) take(own *lease, stack []uint64, args []any) bool {
	if len(args) != len(q.given) {
		return false
	}
	var bound uint
	for k := range q.given {
		g := &q.given[k]
		if !g.array {
			bits, e := g.number.lower(args[k])
			if e != nil {
				return false
			}
			stack[g.slot] = bits
			continue
		}
		a, ok := args[k].(memview.Array)
		if !ok || a.Flags()&g.need != g.need || !a.DType().Equal(g.dtype) || a.NDim() != len(g.dims) {
			return false
		}
		switch m := a.Memory().(type) {
		case *allocation:
			if m.lease != own || !m.usable() {
				return false
			}
		case *window:
			if m.lease != own || m.stale.Load() {
				return false
			}
		default:
			return false
		}
		for axis := range g.dims {
			n, d := a.Dim(axis), &g.dims[axis]
			switch at := d.symbol; {
			case at < 0:
				if n != d.n {
					return false
				}
			case bound>>at&1 == 0:
				bound |= 1 << at
				q.extents[at] = n
			case q.extents[at] != n:
				return false
			}
		}
		q.arrays[k] = a
		stack[g.slot] = addressOf(a)
	}
	for _, p := range q.pairs {
		alo, ahi := q.arrays[p[0]].Extent()
		blo, bhi := q.arrays[p[1]].Extent()
		if alo < bhi && blo < ahi {
			return false // or not: the long way looks closer
		}
	}
	for i := range q.derived {
		d := &q.derived[i]
		n := int64(q.extents[d.symbol])
		if n > d.most {
			return false
		}
		stack[d.slot] = d.number.narrow(uint64(n))
	}
	return true
}
