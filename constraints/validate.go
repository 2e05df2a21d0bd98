package constraints

import (
	"fmt"
	"math"

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
	names, symbols := map[string]Param{}, map[string]bool{}
	for i, p := range s.Params {
		if p.Name != "" {
			if !isIdent(p.Name) {
				return fmt.Errorf("parameter %d is named %q, want a name or none", i+1, p.Name)
			}
			if _, double := names[p.Name]; double {
				return fmt.Errorf("two parameters are named %q", p.Name)
			}
			names[p.Name] = p
		}
		if p.Dir > InOut {
			return fmt.Errorf("parameter %s has direction %d, want In, Out or InOut", s.label(i), p.Dir)
		}
		if nd, ok := p.Type.(NDPointer); ok && p.Dir != In && nd.Dir != In && p.Dir != nd.Dir {
			return fmt.Errorf("parameter %s is %s and its ndpointer %s, want one direction", s.label(i), p.Dir, nd.Dir)
		}
		if err := s.checkType(p.Type); err != nil {
			return fmt.Errorf("parameter %s: %w", s.label(i), err)
		}
		if a, ok := p.Type.(ArrayOf); ok {
			for _, d := range a.Dims {
				if d.Name != "" && d.Name != "_" {
					symbols[d.Name] = true
				}
			}
		}
	}
	if len(symbols) > MaxSymbols {
		return fmt.Errorf("%d named dimensions, want at most %d", len(symbols), MaxSymbols)
	}
	if err := s.checkDerived(names); err != nil {
		return err
	}
	return s.checkResult(symbols)
}

// checkDerived refuses parameters that are named like a dimension but cannot
// carry one.
func (s *Signature) checkDerived(names map[string]Param) error {
	for i, owner := range s.Params {
		a, ok := owner.Type.(ArrayOf)
		if !ok {
			continue
		}
		for _, d := range a.Dims {
			p, named := names[d.Name]
			if sc, scalar := p.Type.(Scalar); named && (!scalar || p.Dir != In || !countable(sc)) {
				return fmt.Errorf("parameter %q is %s, but %q is a dimension of %s: want i32, i64, u32, u64 or size", d.Name, paramText(p), d.Name, s.label(i))
			}
		}
	}
	return nil
}

func (s *Signature) checkResult(symbols map[string]bool) error {
	r := s.Result
	if r.Type == nil {
		if r.OK != nil || r.Nullable {
			return fmt.Errorf("result has conditions but no type")
		}
		return nil
	}
	if err := s.checkType(r.Type); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	sc, scalar := r.Type.(Scalar)
	if r.OK != nil {
		if k := sc.DType.Kind(); k != memview.Int && k != memview.Uint {
			return fmt.Errorf("result: ok() goes with an integer")
		}
		if least, most := limits(sc.DType); *r.OK < least || *r.OK > most {
			return fmt.Errorf("result: ok(%d) is no value of %s", *r.OK, typeText(sc))
		}
	}
	if r.Nullable && scalar {
		return fmt.Errorf("result: nullable goes with a pointer")
	}
	if a, ok := r.Type.(ArrayOf); ok {
		for _, d := range a.Dims {
			if d.Name == "_" {
				return fmt.Errorf("result: nothing says how long dimension _ is")
			}
			if d.Name != "" && !symbols[d.Name] {
				return fmt.Errorf("result: dimension %q stands in no array parameter", d.Name)
			}
		}
	}
	return nil
}

func (s *Signature) checkType(t Type) error {
	switch t := t.(type) {
	case nil:
		return fmt.Errorf("no type given")
	case NDPointer:
		if why := t.impossible(); why != "" {
			return fmt.Errorf("%s: %s", t, why)
		}
		return nil
	case Scalar:
		if err := s.checkName(t.DType, t.Name); err != nil {
			return err
		}
		for _, e := range elems {
			if e.scalar && e.dtype.Equal(t.DType) {
				return nil
			}
		}
		return fmt.Errorf("%s is no scalar; want bool, an integer of 8 to 64 bits, float32 or float64, little-endian", elemText(t.DType, t.Name))
	case ArrayOf:
		if t.DType.IsZero() || t.DType.Kind() == memview.SubArray {
			return fmt.Errorf("array has element type %s, want one of fixed size; dimensions go into Dims", t.DType)
		}
		if err := s.checkName(t.DType, t.Name); err != nil {
			return err
		}
		return checkDims(t)
	}
	return fmt.Errorf("type is %T, want NDPointer, Scalar or ArrayOf", t)
}

// checkName refuses a name that means another dtype, so that the text of a signature
// says what is checked.
func (s *Signature) checkName(d memview.DType, name string) error {
	if name == "" {
		return nil
	}
	for _, e := range elems {
		if e.name == name && !e.dtype.Equal(d) {
			return fmt.Errorf("name %q means %s, but the dtype is %s", name, e.dtype, d)
		} else if e.name == name {
			return nil
		}
	}
	for _, decl := range s.Structs {
		if decl.Name == name && !decl.DType.Equal(d) {
			return fmt.Errorf("type %s is declared as another struct than the dtype %s", name, d)
		} else if decl.Name == name {
			return nil
		}
	}
	return fmt.Errorf("unknown type %q", name)
}

func checkDims(a ArrayOf) error {
	if len(a.Dims) > MaxDims {
		return fmt.Errorf("array has %d dimensions, want at most %d", len(a.Dims), MaxDims)
	}
	n := int64(max(a.DType.ItemSize(), 1))
	for _, d := range a.Dims {
		switch {
		case d.Name == "_":
		case d.Name != "":
			if !isIdent(d.Name) {
				return fmt.Errorf("dimension %q is no name", d.Name)
			}
		case d.N < 0:
			return fmt.Errorf("dimension is %d, want 0 or more", d.N)
		case d.N > 0:
			if n > math.MaxUint32/int64(d.N) {
				return fmt.Errorf("array is larger than a linear memory")
			}
			n *= int64(d.N)
		}
	}
	return nil
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

// limits are the least and the largest value of an integer dtype, as far as they
// are values of int64.
func limits(d memview.DType) (least, most int64) {
	bits := 8 * d.ItemSize()
	switch {
	case d.Kind() == memview.Int:
		return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
	case bits < 64:
		return 0, 1<<bits - 1
	}
	return 0, math.MaxInt64
}
