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
			same(o, "shape", c.Shape.String(), shapeSpec{dims: c.p.Shape}.String())
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
		none := !c.OK || c.flags.json == "null"
		if err == nil && (none != (c.Num == nil) || none != (c.Reported == nil)) {
			err = fmt.Errorf("ok is %t, want num and reported when it is and the value is not null, else neither", c.OK)
		}
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
	theirs := "refused"
	switch {
	case c.Num != nil:
		theirs = flagText(int64(uint32(*c.Num)))
	case c.OK:
		theirs = "None"
	}
	same(o, "num", theirs, c.flags.meaning(c.p.Flags))
	if c.Reported != nil {
		known := ""
		if f := c.p.Flags & memview.AllFlags; f != 0 {
			known = f.String()
		}
		same(o, "reported", strings.Join(*c.Reported, ", "), known)
	}
}

// compareOn2x3 compares what the restriction says of an array of shape (2, 3).
// One that is refused when built rejects every array.
func (c *ctorCase) compareOn2x3(o *outcome) {
	theirs, ours := "accept", "accept"
	switch {
	case strings.Contains(c.Message, "must have shape"):
		theirs = "reject for shape"
	case strings.Contains(c.Message, "dimension(s)"):
		theirs = "reject for ndim"
	case c.Message != "":
		theirs = c.Message
	}
	if c.refused != nil {
		same(o, "on (2, 3) is accepted", theirs == "accept", false)
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
