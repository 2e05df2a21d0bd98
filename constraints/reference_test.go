package constraints_test

import (
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// refArg is what a call gives for a parameter.
type refArg struct {
	given string // "array", "shape", "null", "nothing"
	array *refArray
	shape []int
	n     int64 // of scalars
	after int64 // what the guest makes of it
}

// refCall is one call, judged.
type refCall struct {
	sig    *constraints.Signature
	args   []refArg
	nargs  int
	result int64

	short  bool
	back   bool // the call has returned
	dims   map[string]int
	types  map[string]refDType
	shapes map[int][]int // of outputs to be made
}

// refVerdict is the first failure; kind nil: there is none.
type refVerdict struct {
	kind  error
	param int // from 1; 0: none
}

func (r *refCall) array(i int) (constraints.ArrayOf, bool) {
	a, ok := r.sig.Params[i].Type.(constraints.ArrayOf)
	return a, ok
}

func (r *refCall) isDim(name string) bool {
	for i := range r.sig.Params {
		if a, ok := r.array(i); ok {
			for _, d := range a.Dims {
				if name != "" && name != "_" && d.Name == name {
					return true
				}
			}
		}
	}
	return false
}

func (r *refCall) dir(i int) constraints.Dir {
	p := r.sig.Params[i]
	if nd, ok := p.Type.(constraints.NDPointer); ok && p.Dir == constraints.In {
		if nd.Dir == constraints.In && nd.Flags&memview.Writeable != 0 {
			return constraints.InOut
		}
		return nd.Dir
	}
	return p.Dir
}

// isArray includes ndpointers.
func (r *refCall) isArray(i int) bool {
	_, nd := r.sig.Params[i].Type.(constraints.NDPointer)
	_, ok := r.array(i)
	return ok || nd
}

// isGiven: neither derived nor an out scalar.
func (r *refCall) isGiven(i int) bool {
	p := r.sig.Params[i]
	if _, scalar := p.Type.(constraints.Scalar); scalar {
		return p.Dir == constraints.InOut || p.Dir == constraints.In && p.Value == nil && !r.isDim(p.Name)
	}
	return true
}

func (r *refCall) isDerived(i int) bool {
	_, scalar := r.sig.Params[i].Type.(constraints.Scalar)
	return scalar && r.sig.Params[i].Dir == constraints.In && !r.isGiven(i)
}

func (r *refCall) counts() (all, without int) {
	for i := range r.sig.Params {
		if r.isGiven(i) {
			all++
			if !r.isArray(i) || r.dir(i) != constraints.Out {
				without++
			}
		}
	}
	return all, without
}

func refNullable(t constraints.Type) bool {
	switch t := t.(type) {
	case constraints.ArrayOf:
		return t.Nullable
	case constraints.CString:
		return t.Nullable
	case constraints.Handle:
		return t.Nullable
	case constraints.FuncType:
		return t.Nullable
	}
	return false
}

func (r *refCall) judge() refVerdict {
	r.dims, r.types, r.shapes = map[string]int{}, map[string]refDType{}, map[int][]int{}
	all, without := r.counts()
	if r.nargs != all && r.nargs != without {
		return refVerdict{constraints.ErrArgs, 0}
	}
	r.short = r.nargs != all
	for i, p := range r.sig.Params {
		if r.args[i].given == "null" && !refNullable(p.Type) {
			return refVerdict{constraints.ErrArray, i + 1}
		}
	}
	for i := range r.sig.Params {
		if r.isArray(i) && r.args[i].given != "null" {
			if kind := r.judgeArray(i); kind != nil {
				return refVerdict{kind, i + 1}
			}
		}
	}
	r.nullDims()
	if v := r.makeOutputs(); v.kind != nil {
		return v
	}
	if v := r.judgeExprs(); v.kind != nil {
		return v
	}
	return r.judgeMemory()
}

// nullDims: a dimension that only NULL arrays have is 0.
func (r *refCall) nullDims() {
	only := map[string]bool{}
	for i := range r.sig.Params {
		if a, ok := r.array(i); ok {
			for _, d := range a.Dims {
				if d.Name != "" && d.Name != "_" {
					if _, seen := only[d.Name]; !seen {
						only[d.Name] = true
					}
					only[d.Name] = only[d.Name] && r.args[i].given == "null"
				}
			}
		}
	}
	for name, yes := range only {
		if yes {
			r.dims[name] = 0
		}
	}
}

func (r *refCall) judgeArray(i int) error {
	arg, dir := r.args[i], r.dir(i)
	nd, isND := r.sig.Params[i].Type.(constraints.NDPointer)
	a, _ := r.array(i)
	if arg.given != "array" {
		if dir != constraints.Out || !r.short && arg.given != "shape" {
			return constraints.ErrArray
		}
		if arg.given != "shape" {
			return nil
		}
		if slices.ContainsFunc(arg.shape, func(n int) bool { return n < 0 }) {
			return constraints.ErrShape
		}
		r.shapes[i] = arg.shape
		if isND {
			return refND(nd, arg.shape)
		}
		return r.bindDims(a, arg.shape)
	}
	x := arg.array
	if isND {
		if !nd.DType.IsZero() && (refTypeOf(nd.DType) != x.typ.refType || x.typ.big) {
			return constraints.ErrDType
		}
		if kind := refND(nd, x.shape); kind != nil {
			return kind
		}
		if nd.Flags&^x.flags() != 0 {
			return constraints.ErrFlags
		}
		if dir != constraints.In && x.readOnly {
			return constraints.ErrAccess
		}
		return nil
	}
	if !r.typeFits(a, x) {
		return constraints.ErrDType
	}
	if kind := r.bindDims(a, x.shape); kind != nil {
		return kind
	}
	if dir != constraints.In && x.readOnly {
		return constraints.ErrAccess
	}
	if x.buffer != 0 {
		return nil
	}
	f := x.flags()
	c, fortran := f&memview.CContiguous != 0, f&memview.FContiguous != 0
	fits := map[constraints.Layout]bool{constraints.COrder: c, constraints.FOrder: fortran, constraints.Contiguous: c || fortran, constraints.Strided: true}
	if !fits[a.Layout] {
		return constraints.ErrLayout
	}
	if f&memview.Aligned == 0 || a.Align > 0 && x.at%a.Align != 0 {
		return constraints.ErrAlign
	}
	return nil
}

func refND(nd constraints.NDPointer, shape []int) error {
	if nd.NDim == constraints.ZeroD && len(shape) != 0 || nd.NDim > 0 && len(shape) != nd.NDim {
		return constraints.ErrNDim
	}
	if nd.Shape == nil {
		return nil
	}
	if len(shape) != len(nd.Shape) {
		return constraints.ErrShape
	}
	for i, n := range nd.Shape {
		if n >= 0 && shape[i] != n {
			return constraints.ErrShape
		}
	}
	return nil
}

// typeFits: what lies in Go memory is copied, and has the guest's byte order then.
func (r *refCall) typeFits(a constraints.ArrayOf, x *refArray) bool {
	d := x.typ
	if x.buffer != 0 {
		d.big = false
	}
	if v := a.Elems[0].Var; v != "" {
		if first, ok := r.types[v]; ok {
			return first == d
		}
		for _, w := range r.sig.Where {
			if w.Var == v && !refTakes(w.In, d) {
				return false
			}
		}
		r.types[v] = d
		return true
	}
	return refTakes(a.Elems, d)
}

func refTakes(elems []constraints.Elem, d refDType) bool {
	for _, e := range elems {
		switch {
		case e.Kind != memview.Invalid:
			if refKindOf(e) == d.kind && !d.big {
				return true
			}
		case e.DType.IsZero():
			return true
		case e.Name != "":
			if refTypeNamed(e.Name) == d.refType && !d.big {
				return true
			}
		case refTypeOf(e.DType) == d.refType && !d.big:
			return true
		}
	}
	return false
}

func (r *refCall) bindDims(a constraints.ArrayOf, shape []int) error {
	if len(shape) != len(a.Dims) {
		return constraints.ErrNDim
	}
	for axis, d := range a.Dims {
		n := shape[axis]
		switch {
		case d.Name == "_" || d.Name == "" && d.Expr != nil:
		case d.Name == "" && d.N != n:
			return constraints.ErrShape
		case d.Name != "":
			if first, ok := r.dims[d.Name]; ok && first != n {
				return constraints.ErrShape
			}
			r.dims[d.Name] = n
		}
	}
	return nil
}
