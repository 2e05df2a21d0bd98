package constraints

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Special values of NDPointer's fields.
const (
	Any   = -1 // in Shape: one free dimension
	ZeroD = -1 // as NDim: exactly 0-d
)

// NDPointer is a restriction on one array: numpy.ctypeslib.ndpointer. Every field
// is optional and the zero value accepts any array. Used as a parameter of a
// function it passes the array's address; used as a result it describes what the
// returned address points to.
//
// As in numpy, strides are not restricted unless Flags says so: without CContiguous a
// strided view passes and the guest sees only the address of its first element.
type NDPointer struct {
	DType memview.DType // zero: any
	NDim  int           // 0: any; ZeroD: 0-d; else 1 to 32
	Shape []int         // nil: any; Any stands for one free dimension; []int{}: 0-d
	Flags memview.Flags // the array must have at least these
	Dir   Dir           // In, unless Flags has Writeable: then InOut. Without either nothing is copied back to a Go slice
}

// NewNDPointer builds a restriction and checks it, from the arguments of numpy's
// constructor: a nil ndim or shape, no flags, and the zero dtype are no
// restriction. Flags are given by name; see memview.ParseFlags.
func NewNDPointer(dtype memview.DType, ndim *int, shape []int, flags ...string) (NDPointer, error) {
	p := NDPointer{DType: dtype, Shape: slices.Clone(shape)}
	if ndim != nil {
		if *ndim < 0 || *ndim > memview.MaxNDim {
			return NDPointer{}, fmt.Errorf("constraints: ndpointer: ndim is %d, want 0 to %d", *ndim, memview.MaxNDim)
		}
		if p.NDim = *ndim; *ndim == 0 {
			p.NDim = ZeroD
		}
	}
	var err error
	if p.Flags, err = memview.ParseFlags(flags...); err != nil {
		return NDPointer{}, fmt.Errorf("constraints: ndpointer: %w", err)
	}
	if err := p.Validate(); err != nil {
		return NDPointer{}, err
	}
	return p, nil
}

// Validate refuses restrictions that no array meets, where numpy finds out at the
// call or never (numpy rows 31-36, 40, 49): ndim against shape, negative or huge
// dimensions, unknown flags, a sub-array dtype, C and Fortran order of a
// shape that cannot have both, WRITEBACKIFCOPY.
func (p NDPointer) Validate() error {
	if why := p.impossible(); why != "" {
		return fmt.Errorf("constraints: %s: %s", p, why)
	}
	return nil
}

func (p NDPointer) impossible() string {
	if p.NDim < ZeroD || p.NDim > memview.MaxNDim {
		return fmt.Sprintf("ndim is %d, want 0 to %d", p.NDim, memview.MaxNDim)
	}
	if len(p.Shape) > memview.MaxNDim {
		return fmt.Sprintf("shape has %d dimensions, want at most %d", len(p.Shape), memview.MaxNDim)
	}
	if p.Shape != nil && p.NDim != 0 && max(p.NDim, 0) != len(p.Shape) {
		return fmt.Sprintf("ndim %d contradicts shape %s of %d dimensions", max(p.NDim, 0), openShape(p.Shape), len(p.Shape))
	}
	if p.DType.Kind() == memview.SubArray {
		return "an array never has a sub-array dtype; give its dimensions in the shape"
	}
	if p.Dir > InOut {
		return fmt.Sprintf("direction %d is none of In, Out, InOut", p.Dir)
	}
	if unknown := p.Flags &^ memview.AllFlags; unknown != 0 {
		return fmt.Sprintf("flags %#x have no meaning", uint32(unknown))
	}
	if p.Flags&memview.WriteBackIfCopy != 0 {
		return "no array has WRITEBACKIFCOPY; what is copied back follows from the direction"
	}
	bytes, long, wild := float64(max(p.DType.ItemSize(), 1)), 0, false
	for i, d := range p.Shape {
		if d < Any {
			return fmt.Sprintf("shape[%d] is %d, want 0 or more, or Any", i, d)
		}
		wild = wild || d == Any
		if d == 0 {
			bytes = 0
		} else if d > 1 {
			bytes *= float64(d)
			long++
		}
	}
	if bytes > math.MaxUint32 {
		return fmt.Sprintf("shape %s has more than the %d bytes of a linear memory", openShape(p.Shape), int64(math.MaxUint32))
	}
	both := memview.CContiguous | memview.FContiguous
	if p.Flags&both == both && long > 1 && !wild && bytes > 0 {
		return fmt.Sprintf("no array of shape %s is both C_CONTIGUOUS and F_CONTIGUOUS", memview.ShapeString(p.Shape))
	}
	return ""
}

// Check returns nil if a meets the restriction, and else a *TypeError for the
// first failure in numpy's order: array, dtype, ndim, shape, flags (numpy row 56).
func (p NDPointer) Check(a memview.Array) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if e := p.violation(a); e != nil {
		return e
	}
	return nil
}

// CheckAll returns every failure that Check could report, in the same order: one for
// each of dtype, ndim, shape and flags, or the one that there is no array.
func (p NDPointer) CheckAll(a memview.Array) []*TypeError {
	if a.IsZero() {
		return []*TypeError{arrayError()}
	}
	var all []*TypeError
	for _, one := range []NDPointer{{DType: p.DType}, {NDim: p.NDim}, {Shape: p.Shape}, {Flags: p.Flags}} {
		if e := one.violation(a); e != nil {
			all = append(all, e)
		}
	}
	return all
}

// violation is the first failure, with the fields about the array filled in.
func (p *NDPointer) violation(a memview.Array) *TypeError {
	if a.IsZero() {
		return arrayError()
	}
	if !p.DType.IsZero() && !a.DType().Equal(p.DType) {
		return dtypeError(a.DType(), p.DType)
	}
	if p.NDim != 0 && a.NDim() != max(p.NDim, 0) {
		return ndimError(a.NDim(), max(p.NDim, 0))
	}
	if p.Shape != nil {
		if a.NDim() != len(p.Shape) {
			return ranksError(a.Shape(), p.Shape)
		}
		for i, d := range p.Shape {
			if d != Any && a.Dim(i) != d {
				return shapeError(i, a.Dim(i), strconv.Itoa(d))
			}
		}
	}
	if missing := p.Flags &^ a.Flags(); missing != 0 {
		e := &TypeError{Field: "flags", Got: a.Flags().String(), Want: missing.String(), Kind: ErrFlags}
		switch {
		case missing&memview.CContiguous != 0 && a.Flags()&memview.FContiguous != 0:
			e.Hint = "the array is in Fortran order: Transpose it or copy it with memview.Values"
		case missing&(memview.CContiguous|memview.FContiguous) != 0:
			e.Hint = "the array is strided: copy it with memview.Values"
		case missing&memview.Writeable != 0:
			e.Hint = "the array was made ReadOnly"
		}
		return e
	}
	return nil
}

// shapeViolation is the first failure of an array that is still to be made.
func (p *NDPointer) shapeViolation(shape []int) *TypeError {
	if p.NDim != 0 && len(shape) != max(p.NDim, 0) {
		return ndimError(len(shape), max(p.NDim, 0))
	}
	if p.Shape != nil && len(shape) != len(p.Shape) {
		return ranksError(shape, p.Shape)
	}
	for i, d := range p.Shape {
		if d != Any && shape[i] != d {
			return shapeError(i, shape[i], strconv.Itoa(d))
		}
	}
	return nil
}

// fixed is the shape of every array that meets the restriction; nil when they differ.
func (p *NDPointer) fixed() []int {
	switch {
	case p.NDim == ZeroD:
		return []int{}
	case slices.Contains(p.Shape, Any):
		return nil
	}
	return p.Shape
}

// dir is the direction with the rule about Writeable applied.
func (p NDPointer) dir() Dir {
	if p.Dir == In && p.Flags&memview.Writeable != 0 {
		return InOut
	}
	return p.Dir
}

// String names the restriction as numpy names the class: "ndpointer(float64,
// ndim=1, C_CONTIGUOUS)".
func (p NDPointer) String() string {
	var parts []string
	if !p.DType.IsZero() {
		parts = append(parts, p.DType.String())
	}
	if p.NDim != 0 {
		parts = append(parts, "ndim="+strconv.Itoa(max(p.NDim, 0)))
	}
	if p.Shape != nil {
		parts = append(parts, "shape="+openShape(p.Shape))
	}
	if p.Flags != 0 {
		parts = append(parts, p.Flags.String())
	}
	if p.dir() != In {
		parts = append(parts, p.dir().String())
	}
	return "ndpointer(" + strings.Join(parts, ", ") + ")"
}
