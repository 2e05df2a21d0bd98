package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/wasmffi"
)

// maxListed is how many functions an error lists.
const maxListed = 40

const sigHint = "give the signature, such as -sig 'sum(x: f64[n], n: size) -> f64'"

// signatureOf finds the signature of a function: the text that -sig gives, or the
// one that the module carries, whose place is then returned as well.
func (l *library) signatureOf(name, text string) (s *constraints.Signature, place string, err error) {
	if text != "" {
		if s, err = constraints.Parse(text); err != nil {
			return nil, "", fmt.Errorf("-sig: %w", err)
		}
		if s.Name != name {
			return nil, "", fmt.Errorf("-sig: signature is of %s, want %s", quoted(s.Name), quoted(name))
		}
		return s, "", nil
	}
	f, place, err := l.signatures()
	switch {
	case err != nil:
		return nil, "", annotate(err, "hint", sigHint)
	case f != nil:
		if s, ok := f.Lookup(name); ok {
			return s, l.placeText(place), nil
		}
	case l.exports(name):
		return nil, "", annotate(fmt.Errorf("%s: no signatures in it or beside it", l.Path), "hint", sigHint)
	}
	return nil, "", l.missing(name, f, place)
}

// missing is the error for a function that has no signature where the module has
// some; f is nil where it has none.
func (l *library) missing(name string, f *constraints.File, place string) error {
	var names []string
	where := l.Path + ": no function " + quoted(name)
	if f != nil {
		where = l.placeText(place) + ": no signature of " + quoted(name)
		if l.exports(name) {
			where += ", which the module exports; give it with -sig"
		}
		for _, s := range f.Signatures {
			names = append(names, shown(s.Name))
		}
	} else {
		for _, e := range l.module.Exports() {
			names = append(names, shown(e.Name))
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("%s; there is none at all", where)
	}
	more := ""
	if len(names) > maxListed {
		names, more = names[:maxListed], fmt.Sprintf(" and %d more", len(names)-maxListed)
	}
	return fmt.Errorf("%s; there are %s%s", where, strings.Join(names, ", "), more)
}

// bind makes the function of an instance. What the module carries is bound as
// such, because the library then writes to nothing of ours that was not offered.
func (l *library) bind(inst *wasmffi.Library, s *constraints.Signature, place string) (*wasmffi.Func, error) {
	if place != "" {
		return inst.DeclaredFunc(s.Name)
	}
	f, err := inst.Func(s.String())
	if err == nil || !errors.Is(err, wasmffi.ErrSignature) {
		return f, err
	}
	// The module may carry another one: where, the library does not say.
	own, place, broken := l.signatures()
	if broken == nil && own != nil {
		if c, ok := own.Lookup(s.Name); ok && !c.Equal(s) {
			return nil, annotate(err, "from", l.placeText(place))
		}
	}
	return nil, err
}

// shown is the name of an export as it is where that is unmistakable, and in
// quotes elsewhere.
func shown(name string) string {
	if name == "" || len(name) > 64 || plain(name) != name || strings.ContainsAny(name, " ,;\"'\n\t\u00a0") {
		return quoted(name)
	}
	return name
}
