package constraints

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// check refuses signatures that say something impossible. Compile and Parse
// share it.
func (s *Signature) check() error {
	if s.Name == "" {
		return fmt.Errorf("function has no name")
	}
	if len(s.Params) > MaxParams {
		return fmt.Errorf("%d parameters, want at most %d", len(s.Params), MaxParams)
	}
	names, dims := map[string]Param{}, map[string]string{}
	for i, p := range s.Params {
		if p.Name != "" {
			if _, double := names[p.Name]; double {
				return fmt.Errorf("two parameters are named %q", p.Name)
			}
			names[p.Name] = p
		}
		if p.Dir > InOut {
			return fmt.Errorf("parameter %s has direction %d, want In, Out or InOut", s.label(i), p.Dir)
		}
		if err := checkType(p.Type, p.Dir == In); err != nil {
			return fmt.Errorf("parameter %s: %w", s.label(i), err)
		}
		if a, ok := p.Type.(ArrayOf); ok {
			for _, d := range a.Dims {
				if d.Name != "" && d.Name != "_" {
					dims[d.Name] = s.label(i)
				}
			}
		}
	}
	if len(dims) > MaxSymbols {
		return fmt.Errorf("%d named dimensions, want at most %d", len(dims), MaxSymbols)
	}
	for name, owner := range dims {
		p, ok := names[name]
		if !ok {
			continue
		}
		if sc, scalar := p.Type.(Scalar); !scalar || p.Dir != In || !countable(sc) {
			return fmt.Errorf("parameter %q is %s, but %q is a dimension of %s: want i32, i64, u32, u64 or size", name, paramText(p), name, owner)
		}
	}
	return s.checkResult(dims)
}

func (s *Signature) checkResult(dims map[string]string) error {
	r := s.Result
	if r.Type == nil {
		if r.OK != nil || r.Nullable {
			return fmt.Errorf("result has conditions but no type")
		}
		return nil
	}
	if err := checkType(r.Type, true); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	sc, scalar := r.Type.(Scalar)
	if r.OK != nil && (!scalar || sc.DType.Kind() != memview.Int && sc.DType.Kind() != memview.Uint) {
		return fmt.Errorf("result: ok() goes with an integer")
	}
	if r.Nullable && scalar {
		return fmt.Errorf("result: nullable goes with a pointer")
	}
	if a, ok := r.Type.(ArrayOf); ok {
		for _, d := range a.Dims {
			if d.Name == "_" {
				return fmt.Errorf("result: nothing says how long dimension _ is")
			}
			if _, known := dims[d.Name]; d.Name != "" && !known {
				return fmt.Errorf("result: dimension %q stands in no array parameter", d.Name)
			}
		}
	}
	return nil
}

func checkType(t Type, byValue bool) error {
	switch t := t.(type) {
	case NDPointer:
		return t.Validate()
	case Scalar:
		for _, e := range elems {
			if e.dtype.Equal(t.DType) && (e.scalar || !byValue) && (t.Name == "" || t.Name == e.name) {
				return nil
			}
		}
		return fmt.Errorf("%s is no scalar; want bool, an integer of 8 to 64 bits, float32 or float64, little-endian", elemText(t.DType, t.Name))
	case ArrayOf:
		if t.DType.IsZero() || t.DType.Kind() == memview.SubArray {
			return fmt.Errorf("array has element type %s, want one of fixed size; dimensions go into Dims", t.DType)
		}
		if len(t.Dims) > MaxDims {
			return fmt.Errorf("array has %d dimensions, want at most %d", len(t.Dims), MaxDims)
		}
		n := int64(max(t.DType.ItemSize(), 1))
		for _, d := range t.Dims {
			if d.Name != "" && d.Name != "_" && !isIdent(d.Name) {
				return fmt.Errorf("dimension %q is no name", d.Name)
			}
			if d.Name != "" {
				continue
			}
			if d.N < 0 {
				return fmt.Errorf("dimension is %d, want 0 or more", d.N)
			}
			if d.N > 0 {
				if n > 1<<32/int64(d.N) {
					return fmt.Errorf("array is larger than a linear memory")
				}
				n *= int64(d.N)
			}
		}
		return nil
	}
	return fmt.Errorf("no type given")
}

// countable reports whether a scalar can carry an extent.
func countable(s Scalar) bool {
	for _, d := range []memview.DType{memview.I32, memview.I64, memview.U32, memview.U64} {
		if s.DType.Equal(d) && s.Name != "ptr" {
			return true
		}
	}
	return false
}
