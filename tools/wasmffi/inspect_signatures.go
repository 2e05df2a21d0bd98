package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// describeSignatures are the signatures that the module carries, empty where there
// are none, and a line about where they stand, or why they cannot be read.
func (l *library) describeSignatures() (*constraints.File, string) {
	f, place, err := l.signatures()
	switch {
	case err != nil:
		text := strings.TrimPrefix(unprefixed(oneLine(err)), l.Path+": ")
		return &constraints.File{}, "unreadable: " + text
	case f == nil:
		return &constraints.File{}, "none: no section wasmffi, and no file beside the module"
	case place != l.SidecarPath && l.Sidecar != nil:
		place += "; " + l.SidecarPath + " is not read"
	}
	return f, place
}

// describeTypes lists the types that signatures declare.
func (l *library) describeTypes(b *strings.Builder, sigs *constraints.File) {
	if len(sigs.Structs)+len(sigs.Handles) == 0 {
		return
	}
	// A struct after those that it is made of, which it then names.
	structs := slices.Clone(sigs.Structs)
	slices.SortStableFunc(structs, func(x, y constraints.StructDecl) int { return cmp.Compare(depth(x.DType), depth(y.DType)) })
	fmt.Fprintf(b, "\ntypes\n")
	decls, _ := splitDecls(&constraints.Signature{Name: "f", Structs: structs})
	for d := range strings.SplitSeq(decls, "; ") { // in which no name of a struct or a field can be
		if d != "" {
			fmt.Fprintf(b, "  %s\n", strings.TrimPrefix(d, "type "))
		}
	}
	for _, h := range sigs.Handles {
		d, _ := splitDecls(&constraints.Signature{Name: "f", Handles: []constraints.HandleDecl{h}})
		fmt.Fprintf(b, "  %s\n", strings.TrimSuffix(strings.TrimPrefix(d, "type "), "; "))
	}
}

// depth is how deep structs are in one another; memview bounds what it walks.
func depth(d memview.DType) int {
	if base, _, ok := d.SubArray(); ok {
		return depth(base)
	}
	n := 0
	for _, f := range fields(d) {
		n = max(n, 1+depth(f.DType))
	}
	return n
}

// splitDecls is the text of a signature in two parts: declarations and the rest.
func splitDecls(s *constraints.Signature) (decls, rest string) {
	bare := *s
	bare.Structs, bare.Handles = nil, nil
	rest = bare.String()
	return strings.TrimSuffix(s.String(), rest), rest
}

// describeExports lists the functions, with their signatures where there are some.
func (l *library) describeExports(b *strings.Builder, sigs *constraints.File) {
	exports := l.module.Exports()
	fmt.Fprintf(b, "\nexports %s\n", count(len(exports), "function"))
	var t table
	for _, e := range exports {
		text := ""
		if s, ok := sigs.Lookup(e.Name); ok {
			_, text = splitDecls(s)
			if why := l.unfit(s); why != "" {
				text += "  # " + why
			}
		}
		t.add(shown(e.Name), e.Type.String(), text)
	}
	t.write(b)
	var absent []string
	for _, s := range sigs.Signatures {
		if !slices.ContainsFunc(exports, func(e wasmffi.Export) bool { return e.Name == s.Name }) {
			absent = append(absent, shown(s.Name))
		}
	}
	if len(absent) > 0 {
		fmt.Fprintf(b, "\nsignatures of what is not exported: %s\n", strings.Join(absent, ", "))
	}
}

// unfit says in a few words why a carried signature cannot be bound; empty when
// it can.
func (l *library) unfit(s *constraints.Signature) string {
	err := l.module.Implements(s.String())
	if err == nil {
		return ""
	}
	text := unprefixed(oneLine(err))
	// The module, the function and its type stand in the listing already.
	for _, known := range []string{l.Path, s.Name, wasmffi.ErrSignature.Error()} {
		text = strings.TrimPrefix(text, known+": ")
	}
	if _, want, ok := strings.Cut(text, ", signature wants "); ok {
		return "does not fit: wants " + want
	}
	text, _, _ = strings.Cut(text, "; the module exports")
	return "does not fit: " + text
}
