package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/memview"
)

// structure reads a struct: its fields in order, or by name.
func (r *jsonArray) structure(d memview.DType, tok json.Token) (any, error) {
	switch tok {
	case json.Delim('{'):
		return r.object(d)
	case json.Delim('['):
		vals := []any{}
		err := r.fixed(d.NumField(), structWant(d), func(i int, tok json.Token) error {
			f := d.Field(i)
			return r.inside(step{field: f.Name}, func() error {
				v, err := r.element(f.DType, tok)
				vals = append(vals, v)
				return err
			})
		})
		return vals, err
	}
	return nil, r.refuse(tokenText(tok), structWant(d), memview.ErrDType)
}

// fixed reads the rest of a JSON array of n items.
func (r *jsonArray) fixed(n int, of string, f func(i int, tok json.Token) error) error {
	got, err := r.list(func(i int, tok json.Token) error {
		if i == n {
			return r.refuse(fmt.Sprintf("an array of more than %d", n), of, memview.ErrShape)
		}
		return f(i, tok)
	})
	if err == nil && got != n {
		return r.refuse(fmt.Sprintf("an array of %d", got), of, memview.ErrShape)
	}
	return err
}

// subArray reads a block inside of a struct, as memview.Array.Set takes it.
func (r *jsonArray) subArray(d memview.DType, shape []int, tok json.Token) (any, error) {
	if len(shape) == 0 {
		return r.element(d, tok)
	}
	want := fmt.Sprintf("an array of %d", shape[0])
	if tok != json.Delim('[') {
		return nil, r.refuse(tokenText(tok), want, memview.ErrShape)
	}
	vals := []any{}
	err := r.fixed(shape[0], want, func(i int, tok json.Token) error {
		return r.inside(step{index: i}, func() error {
			v, err := r.subArray(d, shape[1:], tok)
			vals = append(vals, v)
			return err
		})
	})
	return vals, err
}

// object reads the rest of a JSON object as a struct.
func (r *jsonArray) object(d memview.DType) (any, error) {
	vals := make([]any, d.NumField())
	for {
		tok, err := r.next()
		if err != nil {
			return nil, err
		}
		name, ok := tok.(string)
		if !ok { // the end
			break
		}
		i := slices.IndexFunc(fields(d), func(f memview.Field) bool { return f.Name == name })
		if i < 0 {
			return nil, r.refuse("an object with the field "+quoted(name), structWant(d), memview.ErrDType)
		}
		if vals[i] != nil {
			return nil, r.refuse("an object with "+quoted(name)+" twice", structWant(d), memview.ErrDType)
		}
		if vals[i], err = r.field(d.Field(i)); err != nil {
			return nil, err
		}
	}
	for i, v := range vals {
		if v == nil {
			return nil, r.refuse("an object without "+quoted(d.Field(i).Name), structWant(d), memview.ErrDType)
		}
	}
	return vals, nil
}

// field reads the value of a field in an object.
func (r *jsonArray) field(f memview.Field) (v any, err error) {
	tok, err := r.next()
	if err != nil {
		return nil, err
	}
	err = r.inside(step{field: f.Name}, func() error {
		v, err = r.element(f.DType, tok)
		return err
	})
	return v, err
}

func fields(d memview.DType) []memview.Field {
	spec, _ := d.StructSpec()
	return spec.Fields
}

// structWant names the fields of a struct, as far as there is room.
func structWant(d memview.DType) string {
	const most = 8
	var names []string
	for i, f := range fields(d) {
		if i == most {
			names = append(names, "...")
			break
		}
		names = append(names, shown(f.Name))
	}
	return "a struct of " + strings.Join(names, ", ")
}
