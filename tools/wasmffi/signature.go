package main

import (
	"fmt"
	"strings"

	"github.com/wasmffi/go/constraints"
)

// maxListed is how many functions an error lists.
const maxListed = 40

// signatureOf finds the signature of a function: the text that -sig gives, or the
// one in the file beside the module, whose path is then returned as well.
func (l *library) signatureOf(name, text string) (s *constraints.Signature, file string, err error) {
	if text != "" {
		if s, err = constraints.Parse(text); err != nil {
			return nil, "", fmt.Errorf("-sig: %w", err)
		}
		if s.Name != name {
			return nil, "", fmt.Errorf("-sig: signature is of %s, want %s", quoted(s.Name), quoted(name))
		}
		return s, "", nil
	}
	if l.Sidecar == nil && !l.exports(name) {
		return nil, "", l.missing(name, nil)
	}
	f, err := l.signatures()
	if err != nil {
		return nil, "", annotate(err, "hint", "give the signature, such as -sig 'sum(x: f64[n], n: size) -> f64'")
	}
	if s, ok := f.Lookup(name); ok {
		return s, l.SidecarPath, nil
	}
	return nil, "", l.missing(name, f)
}

// missing is the error for a function that the file of signatures does not have;
// f is nil where there is no file.
func (l *library) missing(name string, f *constraints.File) error {
	var names []string
	where := l.Path + ": no function " + quoted(name)
	if f != nil {
		where = l.SidecarPath + ": no signature of " + quoted(name)
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

// shown is the name of an export as it is where that is unmistakable, and in
// quotes elsewhere.
func shown(name string) string {
	if name == "" || len(name) > 64 || plain(name) != name || strings.ContainsAny(name, " ,;\"'\n\u00a0") {
		return quoted(name)
	}
	return name
}
