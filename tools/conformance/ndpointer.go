package main

import (
	"fmt"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// arrayCase is a line about an array and a restriction, and what we made of it.
type arrayCase struct {
	ID       int            `json:"id"`
	Section  string         `json:"section"`
	Array    arrayRecord    `json:"array"`
	Flags    flagsRecord    `json:"flags"`
	Span     []int64        `json:"span"`
	CBytes   *string        `json:"cbytes"`
	Restrict restrictRecord `json:"restrict"`
	Verdict  string         `json:"verdict"`
	Failed   *string        `json:"failed"`
	All      []string       `json:"all_failed"`
	AsCTypes ctypesOutcome  `json:"as_ctypes"`

	array memview.Array
}

type arrayRecord struct {
	DType     dtypeSpec `json:"dtype"`
	ItemSize  int       `json:"itemsize"`
	Alignment int       `json:"alignment"`
	Shape     []int     `json:"shape"`
	Strides   []int     `json:"strides"`
	Offset    int       `json:"offset"`
	BufferLen int       `json:"buffer_len"`
	Writeable bool      `json:"writeable"`
	OwnData   bool      `json:"owndata"`
}

type flagsRecord struct {
	C   bool  `json:"C"`
	F   bool  `json:"F"`
	A   bool  `json:"A"`
	W   bool  `json:"W"`
	O   bool  `json:"O"`
	X   bool  `json:"X"`
	Num int64 `json:"num"`
}

func replayNDPointer(line []byte) (*outcome, error) {
	c := new(arrayCase)
	err := decode(line, c)
	if err == nil {
		err = c.malformed()
	}
	if err != nil {
		return nil, err
	}
	o := &outcome{id: "case " + strconv.Itoa(c.ID)}
	if c.make(o) {
		o.evidence = c
		c.compareArray(o)
		c.compareVerdict(o)
		c.compareAsCTypes(o)
	}
	return o, nil
}

// malformed finds what no recorded case can hold.
func (c *arrayCase) malformed() error {
	a, r := c.Array, c.Restrict
	switch {
	case c.Section != "basic" && c.Section != "exotic" && c.Section != "structured":
		return fmt.Errorf("section is %q, want basic, exotic or structured", c.Section)
	case (c.Section == "structured") != (a.DType.fields != nil):
		return fmt.Errorf("section is %q, but not the dtype", c.Section)
	case len(a.Shape) != len(a.Strides):
		return fmt.Errorf("array has %d dimensions and %d strides", len(a.Shape), len(a.Strides))
	case a.BufferLen < 0 || a.BufferLen > maxBuffer || a.Offset < 0 || a.Offset > maxBuffer:
		return fmt.Errorf("array at byte %d of a buffer of %d, want 0 to %d", a.Offset, a.BufferLen, maxBuffer)
	case len(c.Span) != 2:
		return fmt.Errorf("span has %d numbers, want 2", len(c.Span))
	case c.Verdict != "accept" && c.Verdict != "reject":
		return fmt.Errorf("verdict is %q, want accept or reject", c.Verdict)
	case (r.DType == nil) != (r.DTypeIn == nil):
		return fmt.Errorf("restrict has only one of dtype and dtype_in")
	case r.Shape.alien || r.ShapeIn.alien:
		return fmt.Errorf("restrict has a shape that is no list of integers")
	case r.Flags.alien:
		return fmt.Errorf("restrict.flags is %.40s, want null, names or an integer", r.Flags.json)
	}
	return c.AsCTypes.malformed("as_ctypes")
}

// make places the array in memory.
func (c *arrayCase) make(o *outcome) bool {
	a := &c.Array
	d, err := a.DType.build()
	if err != nil {
		o.differ("dtype", "understood", err)
		return false
	}
	same(o, "itemsize", a.ItemSize, d.ItemSize())
	same(o, "alignment", a.Alignment, d.Alignment())
	if a.DType.text != "" {
		same(o, "dtype.str", a.DType.text, d.TypeString())
	}
	layout := memview.Layout{Shape: a.Shape, Strides: a.Strides, ReadOnly: !a.Writeable, OwnData: a.OwnData}
	c.array, err = memview.NewArray(recorded(a.BufferLen), base+memview.Ptr(a.Offset), d, layout)
	if err != nil {
		o.differ("array", "made", err)
		return false
	}
	return true
}

// compareArray compares what follows from the layout.
func (c *arrayCase) compareArray(o *outcome) {
	f := c.array.Flags()
	same(o, "flags.C", c.Flags.C, f&memview.CContiguous != 0)
	same(o, "flags.F", c.Flags.F, f&memview.FContiguous != 0)
	same(o, "flags.A", c.Flags.A, f&memview.Aligned != 0)
	same(o, "flags.W", c.Flags.W, f&memview.Writeable != 0)
	same(o, "flags.O", c.Flags.O, f&memview.OwnData != 0)
	same(o, "flags.X", c.Flags.X, f&memview.WriteBackIfCopy != 0)
	same(o, "flags.num", c.Flags.Num, int64(f))
	lo, hi := c.array.Extent()
	sameList(o, "span", c.Span, []int64{int64(lo) - base, int64(hi) - base})
	switch {
	case c.CBytes == nil:
		left := c.Section == "structured" || c.Array.OwnData || c.array.NBytes() > 96
		same(o, "cbytes are left out", true, left)
	case len(*c.CBytes) != 2*c.array.NBytes():
		o.differ("cbytes", strconv.Itoa(len(*c.CBytes)/2)+" bytes", strconv.Itoa(c.array.NBytes())+" bytes")
	default:
		ours, err := dense(c.array)
		if err != nil {
			o.differ("cbytes", *c.CBytes, err)
			return
		}
		same(o, "cbytes", *c.CBytes, ours)
	}
}

// compareVerdict compares what the restriction says of the array. One that is
// refused when built rejects every array.
func (c *arrayCase) compareVerdict(o *outcome) {
	p, ok := c.Restrict.build(o)
	if !ok {
		return
	}
	refused := p.Validate()
	row := unsatisfiable(p)
	if (refused != nil) != (row != "") {
		o.differ("refused when built", "row "+strconv.Quote(row), refused)
	} else if c.Verdict == "reject" {
		o.refused = row
	}
	verdict, first := "accept", ""
	err := p.Check(c.array)
	if err != nil {
		verdict = "reject"
	}
	var all []string
	for _, e := range p.CheckAll(c.array) {
		all = append(all, check(e))
	}
	if len(all) > 0 {
		first = all[0]
	}
	want := ""
	if c.Failed != nil {
		want = *c.Failed
	}
	same(o, "verdict", c.Verdict, verdict)
	sameList(o, "all_failed", c.All, all)
	same(o, "failed", want, first)
	if refused == nil && err != nil {
		same(o, "failed (Check)", want, check(err))
	}
}
