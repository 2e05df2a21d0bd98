package main

import (
	"errors"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// splitPrefix takes the dtype off a word: f32:[1,2] is f32 and [1,2]. The name is
// empty where there is none.
func splitPrefix(word string) (name, value string) {
	name, value, ok := strings.Cut(word, ":")
	if !ok || value == "" || !isName(name) || isFile(word) || isNew(word) {
		return "", word
	}
	return name, value
}

// variable is the type variable of the array i; empty when it has none.
func (a *arguments) variable(i int) string {
	t, ok := a.checker.Signature().Params[i].Type.(constraints.ArrayOf)
	if !ok || len(t.Elems) != 1 {
		return ""
	}
	return t.Elems[0].Var
}

// follows reports whether an array takes its dtype from another argument: it has a
// type variable, and its word says nothing.
func (a *arguments) follows(i int, word string) bool {
	name, _ := splitPrefix(word)
	return a.checker.Role(i) == constraints.Array && a.variable(i) != "" && name == "" && !isFile(word)
}

// dtype is what the elements of the array i are that a word writes: by its prefix,
// by the signature, or by another array of the same type variable. Where several dtypes
// are left it is float64, else int64: never one that the numbers decide,
// so that [1, 2] and [1, 2.5] are the same kind of array.
func (a *arguments) dtype(i int, prefix, word string) (memview.DType, error) {
	if prefix != "" {
		return a.named(prefix)
	}
	if d := a.checker.DType(i); !d.IsZero() {
		return d, nil
	}
	name := a.variable(i)
	if d := a.vars[name]; name != "" && !d.IsZero() {
		return d, nil
	}
	elems := a.elems(i, name)
	if len(elems) == 1 && !elems[0].DType.IsZero() {
		return elems[0].DType, nil
	}
	for _, d := range []memview.DType{memview.F64, memview.I64} {
		if takes(elems, d) {
			return d, nil
		}
	}
	return memview.DType{}, &mismatch{got: wordText(word), want: "its dtype as well: write " + choices(elems), kind: constraints.ErrDType}
}

// elems lists what the elements of the array i may be; nil: anything.
func (a *arguments) elems(i int, variable string) []constraints.Elem {
	s := a.checker.Signature()
	if variable == "" {
		return s.Params[i].Type.(constraints.ArrayOf).Elems
	}
	for _, c := range s.Where {
		if c.Var == variable {
			return c.In
		}
	}
	return nil
}

func takes(elems []constraints.Elem, d memview.DType) bool {
	for _, e := range elems {
		if e.Takes(d) {
			return true
		}
	}
	return len(elems) == 0
}

// choices lists how a word may begin: "u8:[...], u16:[...] or u32:[...]".
func choices(elems []constraints.Elem) string {
	var names []string
	for _, e := range elems {
		switch e.Kind {
		case memview.Uint:
			names = append(names, "u8", "u16", "u32", "u64")
		case memview.Complex:
			names = append(names, "c64", "c128")
		default: // no class that takes float64 or int64 gets here
			names = append(names, e.String())
		}
	}
	for k := range names {
		names[k] += ":[...]"
	}
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and so on"
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// named is the dtype that the language calls name: a struct of the signature, or one
// of its own.
func (a *arguments) named(name string) (memview.DType, error) {
	for _, s := range a.checker.Signature().Structs {
		if s.Name == name {
			return s.DType, nil
		}
	}
	// The table of names is the language's own.
	s, err := constraints.Parse("f(x: " + name + "[1])")
	if err == nil {
		if d := s.Params[0].Type.(constraints.ArrayOf).Elems[0].DType; !d.IsZero() {
			return d, nil
		}
	}
	m := &mismatch{got: quoted(name + ":..."), want: "a dtype such as f64, i32 or c128 before the colon", kind: constraints.ErrDType}
	if bad := (*constraints.ParseError)(nil); errors.As(err, &bad) && strings.HasPrefix(bad.Msg, "unknown type") {
		_, m.hint, _ = strings.Cut(bad.Msg, ": ") // "write i32 (C int)"
	}
	return memview.DType{}, m
}
