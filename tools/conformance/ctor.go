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
	Arg     string          `json:"arg"`
	Value   json.RawMessage `json:"value"`
	Form    string          `json:"form"`
	OK      bool            `json:"ok"`
	Message string          `json:"message_for_2x3,omitempty"` // of ndim and shapes: why an array of shape (2, 3) is rejected

	ofFlags struct {
		Num      *int64          `json:"num"`
		Reported json.RawMessage `json:"reported,omitempty"` // the names of num
	}
	reported []string
	ofShape  struct {
		Shape shapeSpec `json:"shape"`
	}

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
		err = c.read(line)
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
			same(o, "shape", c.ofShape.Shape.String(), shapeSpec{dims: c.p.Shape}.String())
		}
	}
	if c.Arg != "flags" && c.OK {
		c.compareOn2x3(o)
	}
	return o, nil
}

// read takes the value apart, and what numpy made of it.
func (c *ctorCase) read(line []byte) (err error) {
	switch c.Arg {
	case "flags":
		if err = decode(line, &c.ofFlags); err != nil {
			return err
		}
		if err = json.Unmarshal(c.Value, &c.flags); err != nil {
			return err
		}
		c.alien = c.flags.alien
		held := c.OK && c.flags.json != "null"
		if held != (c.ofFlags.Num != nil) || c.OK != (c.ofFlags.Reported != nil) {
			return fmt.Errorf("ok is %t, want num and reported when it is, num null for null", c.OK)
		}
		if c.OK {
			err = json.Unmarshal(c.ofFlags.Reported, &c.reported)
		}
		if err == nil && held != (c.reported != nil) {
			err = fmt.Errorf("reported is %s for %s", c.ofFlags.Reported, c.flags.json)
		}
	case "shape":
		if err = decode(line, &c.ofShape); err != nil {
			return err
		}
		err = json.Unmarshal(c.Value, &c.shape)
		if c.alien = c.shape.alien; !c.alien && c.ofShape.Shape.alien {
			err = fmt.Errorf("shape is no list of integers, but value is")
		}
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
	theirs, ours := "refused", c.flags.meaning(c.p.Flags)
	switch {
	case c.ofFlags.Num != nil:
		theirs = flagText(*c.ofFlags.Num)
	case c.OK:
		theirs = "None"
	}
	same(o, "num", theirs, ours)
	if c.reported != nil {
		known := ""
		if f := c.p.Flags & memview.AllFlags; f != 0 {
			known = f.String()
		}
		same(o, "reported", strings.Join(c.reported, ", "), known)
	}
}

// compareOn2x3 compares what the restriction says of an array of shape (2, 3).
// One that is refused when built rejects every array.
func (c *ctorCase) compareOn2x3(o *outcome) {
	theirs, ours := "accept", "accept"
	switch {
	case c.Message == "array must have shape "+c.shape.String():
		theirs = "reject for shape"
	case c.ndim != nil && c.Message == fmt.Sprintf("array must have %d dimension(s)", *c.ndim):
		theirs = "reject for ndim"
	case c.Message != "":
		theirs = c.Message
	}
	if c.refused != nil {
		same(o, "on (2, 3)", theirs, "reject for "+c.Arg)
		return
	}
	if err := c.p.Check(twoByThree); err != nil {
		ours = "reject for " + check(err)
	}
	same(o, "on (2, 3)", theirs, ours)
}

var twoByThree = func() memview.Array {
	a, err := memview.AsArray(make(buffer, 48), base, memview.F64, 2, 3)
	if err != nil {
		panic("conformance: " + err.Error())
	}
	return a
}()
