package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
	"github.com/wasmffi/go/wasmffi"
)

// arguments reads the words of a command line as the arguments of a call.
type arguments struct {
	checker *constraints.Checker
	binding *constraints.Binding     // what was read so far, for messages
	vars    map[string]memview.DType // what arguments that were read make of type variables
	words   []string
	limit   uint64 // of the guest's memory: no larger file is read
}

func newArguments(c *constraints.Checker, words []string, limit uint64) *arguments {
	return &arguments{checker: c, binding: c.NewBinding(), vars: map[string]memview.DType{}, words: words, limit: limit}
}

// read returns one Go argument for each word, or an error for each word that cannot
// be read, in their order.
func (a *arguments) read() ([]any, []error) {
	if e := a.checker.Start(a.binding, len(a.words)); e != nil {
		return nil, []error{e}
	}
	args, errs := make([]any, len(a.words)), make([]error, len(a.words))
	for _, i := range a.order() {
		k := a.checker.Arg(a.binding, i)
		v, err := a.argument(i, a.words[k])
		if err != nil {
			errs[k] = a.refuse(i, k, err)
			continue
		}
		args[k] = v
		a.note(i, v)
	}
	return args, slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// order lists the parameters that words are given for. Arrays that take their
// dtype from others come last.
func (a *arguments) order() []int {
	var now, later []int
	for i := range a.checker.Signature().Params {
		switch k := a.checker.Arg(a.binding, i); {
		case k < 0:
		case a.follows(i, a.words[k]):
			later = append(later, i)
		default:
			now = append(now, i)
		}
	}
	return append(now, later...)
}

// note keeps what was read, for the arguments that follow and for messages.
func (a *arguments) note(i int, v any) {
	arr, ok := v.(memview.Array)
	if !ok {
		return
	}
	a.binding.Arrays[i] = arr
	if name := a.variable(i); name != "" && a.vars[name].IsZero() {
		a.vars[name] = arr.DType().LittleEndian() // as it is copied
	}
}

// refuse words an error about the word at k, for parameter i.
func (a *arguments) refuse(i, k int, err error) error {
	if m := (*mismatch)(nil); errors.As(err, &m) {
		at := m.at
		if at == "" {
			at = "it"
		}
		return a.checker.Explain(a.binding, i, &constraints.TypeError{Field: at, Got: m.got, Want: m.want, From: m.from, Hint: m.hint, Kind: m.kind})
	}
	s := a.checker.Signature()
	return fmt.Errorf("%s: argument %d %s: %w", s.Name, k+1, strconv.Quote(s.Params[i].Name), err)
}

// argument reads the word that is given for parameter i.
func (a *arguments) argument(i int, word string) (any, error) {
	role := a.checker.Role(i)
	if word == nullWord && role != constraints.Given && role != constraints.InOutScalar && a.checker.SetNull(a.binding, i) == nil {
		return nil, nil
	}
	switch role {
	case constraints.Array:
		return a.array(i, word)
	case constraints.Text:
		return word, nil
	case constraints.Opaque:
		return nil, &mismatch{got: wordText(word), want: "a Handle of type " + a.checker.Signature().ParamText(i) + ", which lives in the library that made it: the command line makes one call", kind: constraints.ErrArgs}
	case constraints.Function:
		return nil, &mismatch{got: wordText(word), want: "a function, which the command line cannot give", kind: constraints.ErrArgs}
	}
	return scalarWord(word, a.checker.DType(i))
}

func (a *arguments) array(i int, word string) (any, error) {
	t, ok := a.checker.Signature().Params[i].Type.(constraints.ArrayOf)
	if !ok { // an NDPointer, which no text makes
		return nil, &mismatch{got: wordText(word), want: "a parameter that the language can say", kind: constraints.ErrArgs}
	}
	name, value := splitPrefix(word)
	if a.checker.Dir(i) == constraints.Out {
		return a.output(name, value, word)
	}
	switch {
	case isNew(value):
		return nil, &mismatch{got: quoted(word), want: "an array: only outputs are allocated", kind: constraints.ErrArgs}
	case isFile(word):
		return readFile(word, a.limit)
	}
	d, err := a.dtype(i, name, word)
	if err != nil {
		return nil, err
	}
	v, err := jsonWord(value, d, len(t.Dims))
	if m := (*mismatch)(nil); t.Nullable && errors.As(err, &m) && m.kind == constraints.ErrArray {
		m.want += ", or null"
	}
	return v, err
}

// output reads the shape of an output: new:3, or f32:new:3 where nothing else
// says the dtype.
func (a *arguments) output(name, value, word string) (any, error) {
	if !isNew(value) {
		return nil, &mismatch{got: wordText(word), want: "the shape of the output, such as new:100 or new:2x3, or no output at all", kind: constraints.ErrArgs}
	}
	shape, err := newShape(value)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return wasmffi.New(shape...), nil
	}
	d, err := a.named(name)
	if err != nil {
		return nil, err
	}
	if n, err := memview.SizeOf(d, shape...); err != nil || uint64(n) > a.limit {
		return nil, &mismatch{got: quoted(word), want: "an output that fits in the library's memory of " + sizeText(a.limit), kind: constraints.ErrShape}
	}
	return memview.Zeros(d, shape...)
}

// offered are the arguments with leave to write what the call writes: all that is
// here was read for it.
func (a *arguments) offered(args []any) []any {
	args = slices.Clone(args)
	for i := range a.checker.Signature().Params {
		k := a.checker.Arg(a.binding, i)
		if k < 0 || a.checker.Dir(i) == constraints.In {
			continue
		}
		if arr, ok := args[k].(memview.Array); ok {
			args[k] = wasmffi.InOut(arr)
		}
	}
	return args
}

const (
	newPrefix = "new:"
	npySuffix = ".npy"
	nullWord  = "null"
)

func isFile(word string) bool { return strings.HasSuffix(word, npySuffix) }

func isNew(word string) bool { return strings.HasPrefix(word, newPrefix) }

// newShape reads new:2x3. An output of no dimensions is new: alone.
func newShape(word string) ([]int, error) {
	text := word[len(newPrefix):]
	if text == "" {
		return []int{}, nil
	}
	parts := strings.Split(text, "x")
	bad := &mismatch{got: quoted(word), want: fmt.Sprintf("a shape such as new:100 or new:2x3, of at most %d dimensions", constraints.MaxDims), kind: constraints.ErrShape}
	if len(parts) > constraints.MaxDims {
		return nil, bad
	}
	shape := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || n > math.MaxInt32 {
			return nil, bad
		}
		shape[i] = int(n)
	}
	return shape, nil
}

// readFile reads a .npy file, unless it is larger than the guest's memory.
func readFile(path string, limit uint64) (any, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	arr, err := npy.Read(f, &npy.Options{MaxBytes: int64(limit)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arr, nil
}
