package main

import (
	"errors"
	"fmt"

	"github.com/wasmffi/go/memview"
)

// ctypesOutcome is whether numpy had a C type.
type ctypesOutcome struct {
	OK    bool    `json:"ok"`
	Exc   *string `json:"exc"`
	Error *string `json:"error"`
}

func (n ctypesOutcome) String() string {
	if n.OK {
		return "ok"
	}
	return *n.Exc + ": " + *n.Error
}

func (n ctypesOutcome) malformed(at string) error {
	if n.OK != (n.Exc == nil) || n.OK != (n.Error == nil) {
		return fmt.Errorf("%s is ok: %t, want exc and error when it is not, else null", at, n.OK)
	}
	return nil
}

// compareAsCTypes compares the view of the array as a C array.
func (c *arrayCase) compareAsCTypes(o *outcome) {
	view, err := memview.AsCTypes(c.array)
	ours := "ok"
	switch {
	case errors.Is(err, memview.ErrLayout):
		ours = "TypeError: strided arrays not supported"
	case errors.Is(err, memview.ErrReadOnly):
		ours = "TypeError: readonly arrays unsupported"
	case err != nil:
		ours = err.Error()
	}
	same(o, "as_ctypes", c.AsCTypes.String(), ours)
	if err == nil {
		same(o, "as_ctypes.address", c.array.Ptr(), view.Ptr)
		same(o, "as_ctypes.type is documented", true, c.documents(view.Type))
	}
}

// documents reports whether t is the C type that rows 106 to 111 give the
// array: its dimensions, and in them the element.
func (c *arrayCase) documents(t memview.CType) bool {
	if t.Size != c.array.NBytes() {
		return false
	}
	for _, n := range c.Array.Shape {
		if t.Kind != memview.CVector || t.Len != n {
			return false
		}
		t = *t.Elem
	}
	if s := c.Array.DType.fields; s != nil {
		want, refusal := s.cType(documented)
		return refusal == "" && written(want) == written(layoutOf(t))
	}
	return t.Size == c.Array.ItemSize && t.Alignment == c.Array.Alignment
}
