package wasmffi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// ErrSignature says that a signature does not go with the export: its wasm
// type differs, or it has arrays and the module has no memory.
var ErrSignature = errors.New("signature does not match the export")

// Func is an exported function bound to a signature. Bind once, call often:
// everything that can be known before a call is worked out here. A Func belongs to
// its Library and serves one goroutine at a time with it.
type Func struct {
	lib     *Library
	name    string
	fn      api.Function
	checker *constraints.Checker
	binding *constraints.Binding
	params  []slot
	spec    resultSpec
	want    memview.DType // of what a returned pointer points to
	flags   memview.Flags // the same, of an NDPointer
	ok      *int64
	null    bool // a returned pointer may be NULL
	stack   []uint64
	there   []memview.Array // staged copies in guest memory, during a call
}

// slot is one parameter as a call needs it.
type slot struct {
	role   constraints.Role
	dir    constraints.Dir
	number number // of scalars
	dtype  memview.DType
	flags  memview.Flags // of an NDPointer
	out    int           // position among the outputs; -1: it is none
}

// Func binds the export that a signature names. The signature is the whole truth
// about the call: see package constraints for the language. It fails when the
// text is no signature, the module has no such export (ErrNotFound), or the
// export's wasm type is another one (ErrSignature).
func (l *Library) Func(sig string) (*Func, error) {
	s, err := constraints.Parse(sig)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	return l.bind(s)
}

// FuncOf binds an export as ctypes does: one type for each parameter, an
// NDPointer or a Scalar, and one for the result; nil for none. An NDPointer with dtype
// and shape as the result gives an Array; any other gives a Ptr (numpy rows 76
// and 77).
func (l *Library) FuncOf(name string, argtypes []constraints.Type, restype constraints.Type) (*Func, error) {
	s := &constraints.Signature{Name: name, Result: constraints.Result{Type: restype}}
	for _, t := range argtypes {
		s.Params = append(s.Params, constraints.Param{Type: t})
	}
	return l.bind(s)
}

func (l *Library) bind(s *constraints.Signature) (*Func, error) {
	c, err := constraints.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	def, ok := l.in.module.funcs[s.Name]
	if !ok {
		return nil, fmt.Errorf("wasmffi: %w: %q%s", ErrNotFound, s.Name, l.in.module.similar(s.Name))
	}
	f := &Func{
		lib: l, name: s.Name, checker: c, binding: c.NewBinding(),
		params: make([]slot, len(s.Params)), ok: s.Result.OK, null: s.Result.Nullable,
		stack: make([]uint64, max(len(s.Params), 1)), there: make([]memview.Array, len(s.Params)),
		spec: resultSpec{name: s.Name},
	}
	want, pointers := f.plan(s)
	got := funcType(def)
	if !slices.Equal(want.Params, got.Params) || !slices.Equal(want.Results, got.Results) {
		return nil, fmt.Errorf("wasmffi: %s: %w: export is %s, signature wants %s%s", s.Name, ErrSignature, got, want, typeHint(want, got))
	}
	if pointers && l.in.lease == nil {
		return nil, fmt.Errorf("wasmffi: %s: %w: the module has no memory for its arrays", s.Name, ErrSignature)
	}
	if l.state.Load()&stateClosing != 0 {
		return nil, fmt.Errorf("wasmffi: %s: %w", s.Name, ErrClosed)
	}
	f.fn = l.in.handle(s.Name)
	return f, nil
}

// plan fills in slots and result, and returns the wasm type that the signature
// asks for, and whether it has pointers.
func (f *Func) plan(s *constraints.Signature) (want FuncType, pointers bool) {
	for i, p := range s.Params {
		t := slot{role: f.checker.Role(i), dir: f.checker.Dir(i), dtype: f.checker.DType(i), out: -1}
		if sc, ok := p.Type.(constraints.Scalar); ok {
			t.number = numberOf(sc.DType)
		}
		if nd, ok := p.Type.(constraints.NDPointer); ok {
			t.flags = nd.Flags
		}
		value := api.ValueTypeI32
		if t.role == constraints.Given || t.role == constraints.Derived {
			value = t.number.valueType()
		} else {
			pointers = true
			if t.dir != constraints.In {
				t.out = len(f.spec.outs)
				if t.role != constraints.Array {
					f.spec.scalars |= 1 << t.out
				}
				f.spec.outs = append(f.spec.outs, label(p.Name, i))
			}
		}
		want.Params = append(want.Params, api.ValueTypeName(value))
		f.params[i] = t
	}
	switch t := s.Result.Type.(type) {
	case constraints.Scalar:
		f.spec.kind, f.spec.number = scalarResult, numberOf(t.DType)
		want.Results = []string{api.ValueTypeName(f.spec.number.valueType())}
	case constraints.ArrayOf:
		f.spec.kind, f.want = arrayResult, t.DType
	case constraints.NDPointer:
		f.spec.kind, f.want, f.flags = arrayResult, t.DType, t.Flags
		if t.DType.IsZero() || t.Shape == nil && t.NDim != constraints.ZeroD || slices.Contains(t.Shape, constraints.Any) {
			f.spec.kind = pointerResult
		}
	}
	if f.spec.kind == arrayResult || f.spec.kind == pointerResult {
		pointers = true
		want.Results = []string{api.ValueTypeName(api.ValueTypeI32)}
	}
	return want, pointers
}

// label is the name of an output: its own, or arg1, arg2, ... by position.
func label(name string, i int) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("arg%d", i+1)
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

// similar suggests exports whose names are close to a name that is missing.
func (m *Module) similar(name string) string {
	var near []string
	for _, e := range m.Exports() {
		if strings.EqualFold(strings.Trim(e.Name, "_"), strings.Trim(name, "_")) || distance(e.Name, name) <= 1+len(name)/4 {
			near = append(near, e.Name)
		}
	}
	switch {
	case len(near) > 0:
		return "; did you mean " + strings.Join(near[:min(len(near), 3)], " or ") + "?"
	case len(m.funcs) == 0:
		return "; the module exports no functions"
	}
	return fmt.Sprintf("; the module exports %d functions", len(m.funcs))
}

// distance is the number of single-character edits between two short names.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			edit := diagonal
			if a[i] != b[j] {
				edit = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], edit
		}
	}
	return row[len(b)]
}

// Name is the name of the export.
func (f *Func) Name() string { return f.name }

// Signature is what the function was bound with. It must not be changed.
func (f *Func) Signature() *constraints.Signature { return f.checker.Signature() }

// Library is the library that the function belongs to.
func (f *Func) Library() *Library { return f.lib }
