package constraints

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// Explain fills in what a TypeError about parameter i says of the call; -1 stands for
// the result. It changes e and returns it.
func (c *Checker) Explain(b *Binding, i int, e *TypeError) *TypeError { return c.explain(b, i, e) }

func (c *Checker) explain(b *Binding, i int, e *TypeError) *TypeError {
	e.Func, e.Signature = c.sig.Name, c.text
	if e.Index = i + 1; i >= 0 {
		e.Param = c.sig.Params[i].Name
		e.Arg = c.Arg(b, i) + 1
	}
	var called, bound []string
	for k, p := range c.params {
		if a := b.Arrays[k]; p.role == Array && !a.IsZero() {
			called = append(called, c.sig.label(k)+": "+c.describe(a))
		}
	}
	for k, name := range c.symbols {
		if b.bound[k] {
			bound = append(bound, fmt.Sprintf("%s=%d from %s", name, b.value[k], c.origin(b.from[k])))
		}
	}
	if called != nil {
		e.CalledAs = nameText(c.sig.Name) + "(" + strings.Join(called, ", ") + ")"
	}
	e.Bound = strings.Join(bound, ", ")
	return e
}

// describe names an array by dtype, shape and place; never by its data.
func (c *Checker) describe(a memview.Array) string {
	dims := make([]string, a.NDim())
	for i := range dims {
		dims[i] = strconv.Itoa(a.Dim(i))
	}
	text := elemText(a.DType(), structName(a.DType(), c.sig.Structs)) + "[" + strings.Join(dims, ",") + "]"
	if a.Memory() == nil {
		return text + " in Go memory"
	}
	return text + fmt.Sprintf(" @%#x", uint32(a.Ptr()))
}
