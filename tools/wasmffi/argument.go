package main

import (
	"errors"
	"fmt"
	"math"
	"os"
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
	binding *constraints.Binding // what was read so far, for messages
	words   []string
	limit   uint64 // of the guest's memory: no larger file is read
}

// read returns one Go argument for each word.
func (a *arguments) read() ([]any, error) {
	if e := a.checker.Start(a.binding, len(a.words)); e != nil {
		return nil, e
	}
	args := make([]any, len(a.words))
	for i, p := range a.checker.Signature().Params {
		k := a.checker.Arg(a.binding, i)
		if k < 0 {
			continue
		}
		v, err := a.argument(i, p, a.words[k])
		if m := (*mismatch)(nil); errors.As(err, &m) {
			at := m.at
			if at == "" {
				at = "it"
			}
			return nil, a.checker.Explain(a.binding, i, &constraints.TypeError{Field: at, Got: m.got, Want: m.want, From: m.from, Hint: m.hint, Kind: m.kind})
		}
		if err != nil {
			return nil, fmt.Errorf("%s: argument %d %s: %w", a.checker.Signature().Name, k+1, strconv.Quote(p.Name), err)
		}
		if arr, ok := v.(memview.Array); ok {
			a.binding.Arrays[i] = arr
		}
		args[k] = v
	}
	return args, nil
}

// argument reads the word that is given for parameter i.
func (a *arguments) argument(i int, p constraints.Param, word string) (any, error) {
	if a.checker.Role(i) != constraints.Array {
		return scalarWord(word, a.checker.DType(i))
	}
	if a.checker.Dir(i) == constraints.Out {
		if !isNew(word) {
			return nil, &mismatch{got: wordText(word), want: "the shape of the output, such as new:100 or new:2x3, or no output at all", kind: constraints.ErrArgs}
		}
		shape, err := newShape(word)
		if err != nil {
			return nil, err
		}
		return wasmffi.New(shape...), nil
	}
	if isNew(word) {
		return nil, &mismatch{got: quoted(word), want: "an array: only outputs are allocated", kind: constraints.ErrArgs}
	}
	if isFile(word) {
		return readFile(word, a.limit)
	}
	t, ok := p.Type.(constraints.ArrayOf)
	if d := a.checker.DType(i); ok && !d.IsZero() {
		return jsonWord(word, d, len(t.Dims))
	}
	return nil, &mismatch{got: wordText(word), want: "a .npy file: the signature leaves the dtype open", kind: constraints.ErrArgs}
}

// jsonWord reads an array that is written on the command line.
func jsonWord(word string, d memview.DType, ndim int) (any, error) {
	text := strings.TrimLeft(word, " \t\r\n")
	switch {
	case text == "":
	case strings.IndexByte("[{\"", text[0]) >= 0:
		return readJSON(word, d, ndim)
	case ndim == 0: // one element, which may be spelled as scalars are
		v, err := scalarWord(word, d)
		if err != nil {
			return nil, err
		}
		one, err := memview.Zeros(d)
		if err == nil {
			err = one.Set(v)
		}
		return one, err
	}
	m := &mismatch{got: wordText(word), want: arrayText(d, ndim) + ", as JSON such as [1, 2] or a .npy file", kind: constraints.ErrArray}
	if text == "null" {
		m.want += "; no parameter is nullable"
	}
	return nil, m
}

const (
	newPrefix = "new:"
	npySuffix = ".npy"
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

// forCommandLine words an error of the library, which speaks to Go programs, for
// the command line.
func forCommandLine(e *constraints.TypeError) {
	const call = "wasmffi.New("
	before, rest, found := strings.Cut(e.Want, call)
	if !found {
		return
	}
	name, after, _ := strings.Cut(rest, ")")
	if name == "..." {
		name = "SHAPE"
	}
	e.Want = before + newPrefix + name + after
	if e.Hint == "" {
		e.Hint = "give the shape of the outputs where they stand among the arguments: new:100 or new:2x3"
	}
}
