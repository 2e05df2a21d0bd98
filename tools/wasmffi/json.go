package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// mismatch says which part of an argument is not what the parameter takes.
type mismatch struct {
	at        string // "element [1,2]"; empty: the whole
	got, want string
	from      string // where the demand comes from, if not from the signature
	hint      string
	kind      error
}

func (m *mismatch) Error() string {
	at := m.at
	if at == "" {
		at = "it"
	}
	return fmt.Sprintf("%s is %s, want %s", at, m.got, m.want)
}

// jsonArray reads an array whose dtype and number of dimensions are known. Text
// nested deeper or otherwise than they say is refused where it begins to
// differ, so that the text has no influence on the depth of the recursion.
type jsonArray struct {
	text  string
	dec   *json.Decoder
	dtype memview.DType
	shape []int // -1: not known yet
	path  []step
	cells []any
}

// step is one index or field on the way to an element.
type step struct {
	index int
	field string // empty: an index
}

// readJSON makes an array of JSON text: nested arrays down to the elements. Integers
// keep all their 64 bits. NaN and infinities are strings, complex numbers
// [re, im], structs arrays of their fields or objects.
func readJSON(text string, d memview.DType, ndim int) (memview.Array, error) {
	if !utf8.ValidString(text) { // the decoder would replace what is not
		return memview.Array{}, &mismatch{got: "not UTF-8", want: "JSON", kind: errSyntax}
	}
	r := &jsonArray{text: text, dec: json.NewDecoder(strings.NewReader(text)), dtype: d, shape: make([]int, ndim)}
	r.dec.UseNumber()
	for i := range r.shape {
		r.shape[i] = -1
	}
	tok, err := r.next()
	if err == nil {
		err = r.block(0, tok)
	}
	if err == nil {
		if _, tail := r.dec.Token(); tail != io.EOF {
			err = r.syntax(errors.New("text after the value"))
		}
	}
	if err != nil {
		return memview.Array{}, err
	}
	return r.array()
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
	if text == nullWord {
		m.want += "; the parameter is not nullable"
	}
	return nil, m
}

// array stores the cells that were read.
func (r *jsonArray) array() (memview.Array, error) {
	for i, n := range r.shape {
		r.shape[i] = max(n, 0) // the inside of an empty array
	}
	flat, err := memview.Zeros(r.dtype, len(r.cells))
	for i := 0; err == nil && i < len(r.cells); i++ {
		err = flat.Set(r.cells[i], i)
	}
	if err != nil {
		return memview.Array{}, err
	}
	return flat.Reshape(r.shape...)
}

func (r *jsonArray) next() (json.Token, error) {
	tok, err := r.dec.Token()
	if err != nil {
		return nil, r.syntax(err)
	}
	return tok, nil
}

var errSyntax = errors.New("not understood")

// syntax is the error for text that is no JSON.
func (r *jsonArray) syntax(err error) error {
	m := &mismatch{got: "not valid JSON: " + err.Error(), want: "one JSON value", kind: errSyntax}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		m.got = "not valid JSON: the text ends too early"
	}
	if s := (*json.SyntaxError)(nil); errors.As(err, &s) {
		// The decoder of tokens loses count; that of whole texts does not.
		var whole *json.SyntaxError
		if errors.As(json.Unmarshal([]byte(r.text), new(json.RawMessage)), &whole) {
			before := r.text[:max(int(whole.Offset)-1, 0)]
			m.got = "not valid JSON: " + whole.Error() + " (character " + strconv.Itoa(utf8.RuneCountInString(before)+1) + ")"
		}
		// NaN and Infinity are what Python writes.
		if strings.Contains(m.got, "'N'") || strings.Contains(m.got, "'I'") || strings.Contains(m.got, "'i'") {
			m.want += `; NaN and infinities are the strings "nan", "inf", "-inf"`
		}
	}
	return m
}

// at is the place of the current path.
func (r *jsonArray) at() string {
	if len(r.path) == 0 {
		return ""
	}
	return "element " + pathText(r.path)
}

// pathText writes [1,2].x[0].
func pathText(path []step) string {
	var b strings.Builder
	for i, s := range path {
		inside := i > 0 && path[i-1].field == ""
		switch {
		case s.field != "":
			if inside {
				b.WriteByte(']')
			}
			b.WriteString("." + s.field)
			continue
		case inside:
			b.WriteByte(',')
		default:
			b.WriteByte('[')
		}
		b.WriteString(strconv.Itoa(s.index))
		if i == len(path)-1 {
			b.WriteByte(']')
		}
	}
	return b.String()
}

func (r *jsonArray) refuse(got, want string, kind error) error {
	return &mismatch{at: r.at(), got: got, want: want, kind: kind}
}

// block reads the value that begins with tok, the part of the array below an axis.
func (r *jsonArray) block(axis int, tok json.Token) error {
	if axis == len(r.shape) {
		if k := r.dtype.Kind(); tok == json.Delim('[') && k != memview.Struct && k != memview.Complex {
			return r.refuse("an array", r.dtype.String()+r.dimensions(), memview.ErrShape)
		}
		v, err := r.element(r.dtype, tok)
		r.cells = append(r.cells, v)
		return err
	}
	if tok != json.Delim('[') {
		return r.refuse(tokenText(tok), "an array"+r.dimensions(), memview.ErrShape)
	}
	n, err := r.list(func(i int, tok json.Token) error {
		if r.shape[axis] == i {
			return r.ragged(axis, fmt.Sprintf("more than %d", i))
		}
		return r.inside(step{index: i}, func() error { return r.block(axis+1, tok) })
	})
	switch {
	case err != nil:
		return err
	case r.shape[axis] < 0:
		r.shape[axis] = n
	case r.shape[axis] != n:
		return r.ragged(axis, strconv.Itoa(n))
	}
	return nil
}

// dimensions is why a value must be an array, or must not.
func (r *jsonArray) dimensions() string {
	return ", as the parameter has " + count(len(r.shape), "dimension")
}

// ragged says that the lists of one axis differ in length. The first of them,
// at index 0 of all axes before, has set the length.
func (r *jsonArray) ragged(axis int, got string) error {
	return &mismatch{
		at: "length of " + pathText(r.path), got: got, want: strconv.Itoa(r.shape[axis]), from: pathText(make([]step, axis)),
		hint: "the array is ragged: lists side by side must be of one length", kind: memview.ErrShape,
	}
}

// list reads the rest of a JSON array; f is told the first token of every item.
func (r *jsonArray) list(f func(i int, tok json.Token) error) (n int, err error) {
	for ; ; n++ {
		tok, err := r.next()
		if err != nil || tok == json.Delim(']') {
			return n, err
		}
		if err := f(n, tok); err != nil {
			return n, err
		}
	}
}

// inside runs f one step further down.
func (r *jsonArray) inside(s step, f func() error) error {
	r.path = append(r.path, s)
	err := f()
	r.path = r.path[:len(r.path)-1]
	return err
}

// arrayText describes what an array parameter takes.
func arrayText(d memview.DType, ndim int) string {
	name := d.String()
	if d.Kind() == memview.Struct {
		name = "structs"
	}
	if ndim == 1 {
		return "an array of " + name
	}
	return fmt.Sprintf("an array of %s in %d dimensions", name, ndim)
}

// tokenText describes the beginning of a JSON value.
func tokenText(tok json.Token) string {
	switch v := tok.(type) {
	case nil:
		return "null"
	case json.Delim:
		if v == '[' {
			return "an array"
		}
		return "an object"
	case json.Number:
		return clipped(v.String())
	case string:
		return "the string " + quoted(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(tok)
}
