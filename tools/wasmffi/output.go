package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// resultName is what a function's own result is called beside its outputs.
const resultName = "result"

// output is what a call gives back, and what becomes of it.
type output struct {
	values []value
}

// value is one result or output of a call.
type value struct {
	name  string
	own   bool          // the function's own result
	is    string        // what a file cannot hold: "a text", "a handle"; else empty
	dtype memview.DType // of a scalar result
	save  string        // the file; empty: it is printed
}

// newOutput lists what a signature gives back and where the flags -o send it. A
// name that is not there is refused, and so is one name for two things.
func newOutput(c *constraints.Checker, saves []save) (*output, error) {
	o := &output{}
	sig := c.Signature()
	switch t := sig.Result.Type.(type) {
	case nil:
	case constraints.Scalar:
		if sig.Result.OK == nil { // a status is checked and says no more
			o.values = append(o.values, value{name: resultName, own: true, dtype: t.DType})
		}
	case constraints.CString:
		o.values = append(o.values, value{name: resultName, own: true, is: "a text"})
	case constraints.Handle:
		o.values = append(o.values, value{name: resultName, own: true, is: "a handle"})
	default:
		o.values = append(o.values, value{name: resultName, own: true})
	}
	for i, p := range sig.Params {
		if c.Dir(i) != constraints.In {
			o.values = append(o.values, value{name: p.Name})
		}
	}
	for _, s := range saves {
		v, err := o.find(sig.Name, s.name)
		if err == nil && v.save != "" {
			err = fmt.Errorf("-o: %s is saved twice", v.name)
		}
		if err == nil && v.is != "" {
			err = fmt.Errorf("-o: %s is %s, want a number or an array", v.name, v.is)
		}
		if err == nil {
			err = checkTarget("-o", s.file)
		}
		if err != nil {
			return nil, &usageError{err.Error(), callUsage}
		}
		v.save = s.file
	}
	return o, nil
}

// find is the value that a flag -o means. Without a name it is the only output, or
// the result of a function that has none.
func (o *output) find(function, name string) (*value, error) {
	var names []string
	var found, outs []*value
	for i := range o.values {
		v := &o.values[i]
		names = append(names, v.name)
		if v.name == name {
			found = append(found, v)
		}
		if !v.own || len(o.values) == 1 || v.dtype.IsZero() {
			outs = append(outs, v)
		}
	}
	if name == "" {
		found = outs
	}
	list := strings.Join(names, ", ")
	switch {
	case len(o.values) == 0:
		return nil, fmt.Errorf("-o: %s has no result and no outputs", function)
	case len(found) == 1:
		return found[0], nil
	case name == "":
		return nil, fmt.Errorf("-o: %s gives back %s: write -o name=file", function, list)
	case len(found) > 1:
		return nil, fmt.Errorf("-o: %s gives back two values named %s", function, name)
	}
	return nil, fmt.Errorf("-o: got %s, want one of what %s gives back: %s", quoted(name), function, list)
}

// write saves and prints what a call gave back.
func (o *output) write(w io.Writer, r wasmffi.Result) error {
	for _, v := range o.values {
		var err error
		if got := v.of(r); v.save != "" {
			err = v.saveTo(w, got)
		} else {
			err = v.print(w, got, len(o.values) > 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// of takes a value from the result of a call: an Array, a number, a bool, a text, a
// Handle, or nil for NULL.
func (v value) of(r wasmffi.Result) any {
	if v.own {
		return r.Value()
	}
	if a := r.Out(v.name); !a.IsZero() {
		return a
	}
	return nil
}

// release gives back what the call allocated, and ends a handle that it returned, by
// the module's own functions.
func (o *output) release(r wasmffi.Result) error {
	err := r.Free()
	if h, ok := r.Value().(wasmffi.Handle); ok {
		err = errors.Join(h.Close(), err)
	}
	return err
}

// print writes a value as numpy does, after its name where there are several. An
// array of several lines begins on a line of its own, so that it is aligned.
func (v value) print(w io.Writer, got any, named bool) error {
	text := "None"
	switch x := got.(type) {
	case nil:
	case memview.Array:
		text = x.String()
	case string:
		text = plain(x)
	case wasmffi.Handle:
		text = plain(x.String()) + ", which ends with this command"
	case memview.Ptr:
		text = memview.FormatScalar(uint32(x))
	default:
		text = memview.FormatScalar(x)
	}
	switch {
	case !named:
		_, err := fmt.Fprintln(w, text)
		return err
	case strings.Contains(text, "\n"):
		_, err := fmt.Fprintf(w, "%s =\n%s\n", v.name, text)
		return err
	}
	_, err := fmt.Fprintf(w, "%s = %s\n", v.name, text)
	return err
}

// saveTo writes a value to its file and says so.
func (v value) saveTo(w io.Writer, got any) error {
	a, isArray := got.(memview.Array)
	if got == nil {
		return fmt.Errorf("-o: %s is NULL, and nothing was saved", v.name)
	}
	if !isArray {
		var err error
		if a, err = memview.Zeros(v.dtype); err == nil {
			err = a.Set(got)
		}
		if err != nil {
			return err
		}
	}
	size, err := saveFile(v.save, a)
	if err != nil {
		return fmt.Errorf("saving %s: %w", v.name, err)
	}
	_, err = fmt.Fprintf(w, "saved %s: %s, dtype %s, shape %s, %d bytes\n", v.name, v.save, a.DType(), memview.ShapeString(a.Shape()), size)
	return err
}
