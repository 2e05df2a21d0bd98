package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// ctorCase is a line about one argument of numpy's constructor, and what we
// made of it.
type ctorCase struct {
	Arg      string          `json:"arg"`
	Value    json.RawMessage `json:"value"`
	Form     string          `json:"form"`
	OK       bool            `json:"ok"`
	Num      *int64          `json:"num,omitempty"`             // of flags
	Reported *[]string       `json:"reported,omitempty"`        // of flags: their names
	Shape    shapeSpec       `json:"shape,omitempty"`           // of shapes
	Message  string          `json:"message_for_2x3,omitempty"` // of ndim and shapes: why an array of shape (2, 3) is rejected

	flags flagSpec
	shape shapeSpec
	ndim  *int

	alien   bool // no Go call can give the value: the compiler refuses it
	named   error
	p       constraints.NDPointer
	refused error // when built
}

func replayCtor(line []byte) (*outcome, error) {
	c := new(ctorCase)
	err := decode(line, c)
	if err == nil {
		err = c.read()
	}
	if err != nil {
		return nil, err
	}
	o := &outcome{id: fmt.Sprintf("%s=%s (%s)", c.Arg, c.Value, c.Form), evidence: c}
	if c.alien {
		same(o, "ok", c.OK, false)
		return o, nil
	}
	c.build()
	same(o, "ok", c.OK, c.refused == nil)
	switch c.Arg {
	case "flags":
		c.compareFlags(o)
	case "shape":
		if c.OK {
			same(o, "shape", memview.ShapeString(c.Shape.dims), memview.ShapeString(c.p.Shape))
			same(o, "shape is given", c.Shape.dims != nil, c.p.Shape != nil)
		}
	}
	if c.Arg != "flags" && c.OK {
		c.compareOn2x3(o)
	}
	return o, nil
}

// read takes the value apart.
func (c *ctorCase) read() (err error) {
	switch c.Arg {
	case "flags":
		err = json.Unmarshal(c.Value, &c.flags)
		c.alien = c.flags.alien
	case "shape":
		err = json.Unmarshal(c.Value, &c.shape)
		c.alien = c.shape.alien
	case "ndim":
		err = json.Unmarshal(c.Value, &c.ndim)
	default:
		err = fmt.Errorf("arg is %q, want flags, shape or ndim", c.Arg)
	}
	return err
}

// build makes the restriction, by the constructor where that takes the value.
func (c *ctorCase) build() {
	c.p.Shape = c.shape.dims
	if c.p.Flags, c.named = c.flags.parse(); c.named != nil {
		c.refused = c.named
		return
	}
	if c.flags.mask != nil {
		c.refused = c.p.Validate()
		return
	}
	p, err := constraints.NewNDPointer(memview.DType{}, c.ndim, c.shape.dims, c.flags.names...)
	if c.refused = err; err == nil {
		c.p = p
	}
}

// compareFlags compares what the names mean, even where the restriction is
// refused.
func (c *ctorCase) compareFlags(o *outcome) {
	if c.named != nil {
		return // "ok" says it
	}
	numpy, ours := "refused", flagText(int64(c.p.Flags))
	if c.OK {
		numpy = flagText(0) // None is no restriction
		if c.Num != nil {
			numpy = flagText(int64(uint32(*c.Num)))
		}
	}
	same(o, "num", numpy, ours)
	if c.Reported != nil {
		known := (c.p.Flags & memview.AllFlags).String()
		if known == "none" {
			known = ""
		}
		same(o, "reported", strings.Join(*c.Reported, ", "), known)
	}
}

func flagText(num int64) string { return fmt.Sprintf("%#x", num) }

// compareOn2x3 compares what the restriction says of an array of shape (2, 3).
// One that is refused when built rejects every array.
func (c *ctorCase) compareOn2x3(o *outcome) {
	numpy, ours := "accept", "accept"
	switch {
	case strings.Contains(c.Message, "must have shape"):
		numpy = "reject for shape"
	case strings.Contains(c.Message, "dimension(s)"):
		numpy = "reject for ndim"
	case c.Message != "":
		numpy = c.Message
	}
	if c.refused != nil {
		same(o, "on (2, 3)", numpy != "accept", true)
		return
	}
	if err := c.p.Check(twoByThree); err != nil {
		ours = "reject for " + check(err)
	}
	same(o, "on (2, 3)", numpy, ours)
}

var twoByThree = func() memview.Array {
	a, err := memview.AsArray(make(buffer, 48), base, memview.F64, 2, 3)
	if err != nil {
		panic("conformance: " + err.Error())
	}
	return a
}()
