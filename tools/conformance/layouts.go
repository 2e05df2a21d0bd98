package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/wasmffi/go/memview"
)

// layoutCase is a line about a struct dtype, and what we made of it.
type layoutCase struct {
	ID        int           `json:"id"`
	Mode      string        `json:"mode"`
	Spec      dtypeSpec     `json:"spec"`
	ItemSize  int           `json:"itemsize"`
	Alignment int           `json:"alignment"`
	Aligned   bool          `json:"isalignedstruct"`
	Fields    []layoutField `json:"fields"`
	Str       string        `json:"str"`
	CTypes    ctypesRecord  `json:"ctypes"`
}

type layoutField struct {
	Name      string    `json:"name"`
	Offset    int       `json:"offset"`
	ItemSize  int       `json:"itemsize"`
	Alignment int       `json:"alignment"`
	DType     dtypeSpec `json:"dtype"`
}

type ctypesRecord struct {
	OK        bool      `json:"ok"`
	Kind      *string   `json:"kind"`
	Size      *int      `json:"size"`
	Alignment *int      `json:"alignment"`
	Fields    *[]cField `json:"fields"`
	Exc       *string   `json:"exc"`
	Error     *string   `json:"error"`
}

func replayLayout(line []byte) (*outcome, error) {
	c := new(layoutCase)
	err := decode(line, c)
	if err == nil {
		err = c.malformed()
	}
	if err != nil {
		return nil, err
	}
	o := &outcome{id: "case " + strconv.Itoa(c.ID)}
	d, err := c.build()
	if err != nil {
		o.differ("dtype", "made", err)
		return o, nil
	}
	o.evidence = c
	c.compareDType(o, d)
	c.compareCType(o, d)
	return o, nil
}

func (c *layoutCase) malformed() error {
	r := c.CTypes
	switch {
	case c.Mode != "align" && c.Mode != "packed" && c.Mode != "explicit":
		return fmt.Errorf("mode is %q, want align, packed or explicit", c.Mode)
	case c.Spec.fields == nil:
		return fmt.Errorf("spec is no struct")
	case !c.repeats(c.Spec.fields):
		return fmt.Errorf("spec is not what itemsize, alignment, isalignedstruct and fields say")
	case r.OK != (r.Kind != nil) || r.OK != (r.Size != nil) || r.OK != (r.Alignment != nil) || r.OK != (r.Fields != nil):
		return fmt.Errorf("ctypes is ok: %t, want kind, size, alignment and fields when it is, else null", r.OK)
	}
	return ctypesOutcome{r.OK, r.Exc, r.Error}.malformed("ctypes")
}

// repeats reports whether the record says again what the spec says.
func (c *layoutCase) repeats(s *structSpec) bool {
	return s.ItemSize == c.ItemSize && s.Alignment == c.Alignment && s.Aligned == c.Aligned &&
		slices.EqualFunc(s.Fields, c.Fields, func(f fieldSpec, g layoutField) bool {
			return f.Name == g.Name && f.Offset == g.Offset && reflect.DeepEqual(f.DType, g.DType)
		})
}

// build makes the dtype the way that the mode says: with offsets as given, or
// as they follow from the fields.
func (c *layoutCase) build() (memview.DType, error) {
	if c.Mode == "explicit" {
		return c.Spec.build()
	}
	fields, err := c.Spec.fields.members()
	if err != nil {
		return memview.DType{}, err
	}
	if c.Mode == "align" {
		return memview.StructOf(fields...)
	}
	return memview.PackedStructOf(fields...)
}

func (c *layoutCase) compareDType(o *outcome, d memview.DType) {
	same(o, "itemsize", c.ItemSize, d.ItemSize())
	same(o, "alignment", c.Alignment, d.Alignment())
	same(o, "isalignedstruct", c.Aligned, d.IsAlignedStruct())
	for i, want := range c.Fields {
		f, at := d.Field(i), fmt.Sprintf("fields[%d].", i)
		same(o, at+"name", want.Name, f.Name)
		same(o, at+"offset", want.Offset, f.Offset)
		same(o, at+"itemsize", want.ItemSize, f.DType.ItemSize())
		same(o, at+"alignment", want.Alignment, f.DType.Alignment())
	}
	same(o, "str", c.Str, d.String())
	if !c.Spec.alike(c.Aligned) {
		return // numpy's text forgets which of the structs are aligned
	}
	if back, err := memview.ParseDType(c.Str); err != nil {
		o.differ("dtype of str", "understood", err)
	} else if !back.Equal(d) {
		o.differ("dtype of str", d, back)
	}
}

func (c *layoutCase) compareCType(o *outcome, d memview.DType) {
	r := c.CTypes
	theirs := ctypesOutcome{r.OK, r.Exc, r.Error}.String()
	t, err := memview.AsCTypesType(d)
	switch {
	case err == nil && r.OK:
		ours := layoutOf(t)
		same(o, "ctypes.kind", *r.Kind, ours.kind)
		same(o, "ctypes.size", *r.Size, ours.size)
		same(o, "ctypes.alignment", *r.Alignment, ours.alignment)
		sameList(o, "ctypes.fields", *r.Fields, ours.fields)
	case err == nil:
		o.differ("ctypes", theirs, "ok")
	case !r.OK && c.Spec.refusal(documented) != "":
		// Fields that overlap are refused by both, unless numpy comes upon
		// an element type first.
		same(o, "ctypes.error", theirs, c.Spec.refusal(numpy))
	default:
		o.differ("ctypes", theirs, err.Error())
	}
	if err == nil {
		want, refusal := c.Spec.fields.cType(documented)
		same(o, "ctypes as documented", refusal, "")
		same(o, "ctypes as documented", written(want), written(layoutOf(t)))
	}
}
