package main

import (
	"errors"
	"slices"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// restrictRecord is what was given to numpy's constructor, and what numpy made
// of it.
type restrictRecord struct {
	DType    *dtypeSpec `json:"dtype"`
	DTypeIn  *dtypeSpec `json:"dtype_in"`
	NDim     *int       `json:"ndim"`
	Shape    shapeSpec  `json:"shape"`
	ShapeIn  shapeSpec  `json:"shape_in"`
	Flags    flagSpec   `json:"flags"`
	FlagsNum *int64     `json:"flags_num"`
}

// build reads the arguments as they were spelled, and compares what they mean.
// It fails when the restriction cannot be described.
func (r *restrictRecord) build(o *outcome) (p constraints.NDPointer, ok bool) {
	if r.DTypeIn != nil {
		d, err := r.DTypeIn.build()
		if err != nil {
			o.differ("restrict.dtype_in", "understood", err)
			return p, false
		}
		want, err := r.DType.build()
		if err != nil {
			o.differ("restrict.dtype", "understood", err)
			return p, false
		}
		if !d.Equal(want) {
			o.differ("restrict.dtype", want, d)
		}
		if r.DType.text != "" {
			same(o, "restrict.dtype.str", r.DType.text, d.TypeString())
		}
		p.DType = d
	}
	flags, err := r.Flags.parse()
	if err != nil {
		o.differ("restrict.flags", "understood", err)
		return p, false
	}
	num := "None"
	if r.FlagsNum != nil {
		num = flagText(*r.FlagsNum)
	}
	same(o, "restrict.flags_num", num, r.Flags.meaning(flags))
	same(o, "restrict.shape", r.Shape.String(), r.ShapeIn.String())
	p.Flags, p.Shape = flags, r.ShapeIn.dims
	if r.NDim != nil {
		if p.NDim = *r.NDim; p.NDim == 0 {
			p.NDim = constraints.ZeroD
		}
	}
	if r.Flags.mask == nil {
		_, err := constraints.NewNDPointer(p.DType, r.NDim, p.Shape, r.Flags.names...)
		same(o, "NewNDPointer agrees with Validate", p.Validate() == nil, err == nil)
	}
	return p, true
}

// unsatisfiable is the row for which a restriction is refused when it is built;
// empty when some array can meet it. It is written apart from
// NDPointer.Validate, to see that this refuses these and nothing else.
func unsatisfiable(p constraints.NDPointer) (row string) {
	long := 0
	for _, d := range p.Shape {
		if d > 1 {
			long++
		}
	}
	const both = memview.CContiguous | memview.FContiguous
	switch {
	case p.Flags&memview.WriteBackIfCopy != 0:
		return "49"
	case p.Shape != nil && p.NDim != 0 && len(p.Shape) != max(p.NDim, 0):
		return "36"
	case p.Flags&both == both && long > 1 && !slices.Contains(p.Shape, 0):
		return "36"
	}
	return ""
}

// check is the name that the files have for what an error is about.
func check(err error) string {
	for name, kind := range map[string]error{
		"dtype": constraints.ErrDType, "ndim": constraints.ErrNDim, "shape": constraints.ErrShape, "flags": constraints.ErrFlags,
	} {
		if errors.Is(err, kind) {
			return name
		}
	}
	return err.Error()
}
