package wasmffi

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// ErrSignature says that a signature does not go with the export: its wasm
// type differs, the module carries another signature, or there is no memory for
// its arrays.
var ErrSignature = errors.New("signature does not match the export")

// plan is what a signature makes of an export: all that is known without an
// instance. It is immutable.
type plan struct {
	name     string
	checker  *constraints.Checker
	params   []slot
	given    []int // parameters of the Go arguments, in order
	short    []int // the same when the outputs are left out
	derived  []int // parameters that the host fills in
	funcs    []int // parameters that are functions
	stages   bool  // every call has something to stage
	spec     resultSpec
	want     memview.DType // of what a returned pointer points to; zero: a type variable says
	flags    memview.Flags // the same, of an NDPointer
	ok       *int64
	null     bool // a returned pointer may be NULL
	owned    bool // a returned array is freed with the Result
	late     bool // results and outputs are named in expressions
	lens     bool // some output has len()
	pointers bool // a memory is needed
	plain    bool // the result is a number or none, and nothing is to be judged
}

// slot is one parameter as a call needs it.
type slot struct {
	role   constraints.Role
	dir    constraints.Dir
	number number // of scalars
	named  bool   // its value stands in expressions
	dtype  memview.DType
	layout constraints.Layout
	flags  memview.Flags         // of an NDPointer
	align  uint64                // of what is made for it
	desc   bool                  // passed as a DLTensor
	alias  bool                  // may overlap other arrays
	handle string                // type of a handle
	fn     *constraints.FuncType // of a function
	out    int                   // position among the outputs; -1: it is none
}

// plan holds a signature against the module's export.
func (m *Module) plan(s *constraints.Signature) (*plan, error) {
	p, want, err := newPlan(s)
	if err != nil {
		return nil, err
	}
	def, ok := m.funcs[s.Name]
	if !ok {
		return nil, fmt.Errorf("%w: %q%s", ErrNotFound, s.Name, m.similar(s.Name))
	}
	if got := funcType(def); !slices.Equal(want.Params, got.Params) || !slices.Equal(want.Results, got.Results) {
		return nil, fmt.Errorf("%s: %w: export is %s, signature wants %s%s", s.Name, ErrSignature, got, want, typeHint(want, got))
	}
	return p, m.planHandles(s)
}

// newPlan is what a signature says by itself, and the wasm type that the function must have.
func newPlan(s *constraints.Signature) (*plan, FuncType, error) {
	var want FuncType
	c, err := constraints.Compile(s)
	if err != nil {
		return nil, want, err
	}
	p := &plan{
		name: s.Name, checker: c, params: make([]slot, len(s.Params)),
		ok: s.Result.OK, null: s.Result.Nullable, owned: s.Result.Owned,
		spec: resultSpec{name: s.Name}, late: c.Named(-1),
	}
	for i := range s.Params {
		value, pointer := p.planParam(i, s.Params[i])
		p.pointers = p.pointers || pointer
		want.Params = append(want.Params, api.ValueTypeName(value))
		p.placeArgument(i)
	}
	if value, pointer, ok := p.planResult(s.Result); ok {
		p.pointers = p.pointers || pointer
		want.Results = []string{api.ValueTypeName(value)}
	}
	p.spec.single = len(p.spec.outs) == 1 && p.spec.kind != arrayResult
	p.plain = (p.spec.kind == scalarResult || p.spec.kind == noResult) && p.ok == nil && !p.late && !p.lens
	return p, want, nil
}

// planParam fills in a slot and returns the wasm type that carries it, and
// whether that is a pointer.
func (p *plan) planParam(i int, param constraints.Param) (value api.ValueType, pointer bool) {
	c := p.checker
	t := slot{role: c.Role(i), dir: c.Dir(i), dtype: c.DType(i), out: -1, align: mallocAlign}
	switch typ := param.Type.(type) {
	case constraints.Scalar:
		t.number, t.named = numberOf(typ.DType), c.Named(i)
	case constraints.NDPointer:
		t.flags, t.alias = typ.Flags, true
		if typ.Flags&(memview.CContiguous|memview.FContiguous) == memview.FContiguous {
			t.layout = constraints.FOrder
		}
	case constraints.ArrayOf:
		t.layout, t.desc, t.alias = typ.Layout, typ.Desc, typ.MayAlias
		t.align = max(t.align, uint64(typ.Align))
		p.lens = p.lens || typ.Len != nil
	case constraints.Handle:
		t.handle = typ.Name
	case constraints.FuncType:
		fn, _ := c.Signature().Func(i)
		t.fn = &fn
		p.funcs = append(p.funcs, i)
	}
	value = api.ValueTypeI32
	if t.role == constraints.Given || t.role == constraints.Derived {
		value = t.number.valueType()
	} else {
		pointer = t.role != constraints.Opaque && t.role != constraints.Function
		if t.dir != constraints.In {
			t.out = len(p.spec.outs)
			if t.role != constraints.Array {
				p.spec.scalars |= 1 << t.out
				p.late = p.late || t.named
			}
			p.spec.outs = append(p.spec.outs, label(param.Name, i))
		}
	}
	p.params[i] = t
	return value, pointer
}

// placeArgument notes which Go argument parameter i takes.
func (p *plan) placeArgument(i int) {
	switch t := &p.params[i]; t.role {
	case constraints.Derived:
		p.derived = append(p.derived, i)
	case constraints.OutScalar:
		p.stages = true
	default:
		p.given = append(p.given, i)
		if t.role != constraints.Array || t.dir != constraints.Out {
			p.short = append(p.short, i)
		}
		p.stages = p.stages || t.role == constraints.InOutScalar || t.role == constraints.Text || t.desc
	}
}

// planResult is the same for the result; ok is false where there is none.
func (p *plan) planResult(r constraints.Result) (value api.ValueType, pointer, ok bool) {
	switch t := r.Type.(type) {
	case nil:
		return 0, false, false
	case constraints.Scalar:
		p.spec.kind, p.spec.number = scalarResult, numberOf(t.DType)
		return p.spec.number.valueType(), false, true
	case constraints.ArrayOf:
		p.spec.kind, p.want = arrayResult, t.Elems[0].DType
	case constraints.NDPointer:
		p.spec.kind, p.want, p.flags = arrayResult, t.DType, t.Flags
		if t.DType.IsZero() || t.Shape == nil && t.NDim != constraints.ZeroD || slices.Contains(t.Shape, constraints.Any) {
			p.spec.kind = pointerResult
		}
	case constraints.CString:
		p.spec.kind = textResult
	case constraints.Handle:
		p.spec.kind, p.spec.handle = handleResult, t.Name
		return api.ValueTypeI32, false, true
	case constraints.FuncType:
		fn, _ := p.checker.Signature().Func(-1)
		p.spec.kind, p.spec.target = funcResult, &fn
		return api.ValueTypeI32, false, true
	}
	return api.ValueTypeI32, true, true
}

// planHandles finds the exports that end handles.
func (m *Module) planHandles(s *constraints.Signature) error {
	for _, d := range s.Handles {
		if d.Free == "" {
			continue
		}
		def, ok := m.funcs[d.Free]
		if !ok {
			return fmt.Errorf("type %s: free: %w: %q%s", d.Name, ErrNotFound, d.Free, m.similar(d.Free))
		}
		if got := funcType(def); len(got.Params) != 1 || got.Params[0] != "i32" || len(got.Results) > 1 {
			return fmt.Errorf("type %s: free: %s: %w: export is %s, want one pointer", d.Name, d.Free, ErrSignature, got)
		}
	}
	return nil
}

// typeHint explains the usual ways in which toolchains change a type.
func typeHint(want, got FuncType) string {
	split := 0
	for _, t := range want.Params {
		if t == "i64" {
			split++
		}
	}
	switch n := len(got.Params) - len(want.Params); {
	case n == split && n > 0 && !slices.Contains(got.Params, "i64"):
		return "; this toolchain splits an i64 in two i32: write two u32 parameters, low half first"
	case n == 1 && len(want.Results) == 1 && len(got.Results) == 0:
		return "; this toolchain returns through a hidden first pointer: write it as an out parameter"
	case n == 0 && len(want.Results) < len(got.Results):
		return "; name the result after \"->\""
	case n != 0:
		return fmt.Sprintf("; the export has %d parameters, the signature %d", len(got.Params), len(want.Params))
	}
	return ""
}
