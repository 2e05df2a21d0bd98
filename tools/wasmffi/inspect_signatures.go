package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// describeSignatures are the signatures that the module carries, empty where there
// are none, and a line about where they stand, or why they cannot be read.
func (l *inspection) describeSignatures() (*constraints.File, string) {
	text, place, err := l.Signatures()
	f := &constraints.File{}
	switch {
	case err != nil:
		return f, "unreadable: " + strings.TrimPrefix(oneLine(err), "loader: ")
	case text == nil:
		return f, "none: no section wasmffi, and no file beside the module"
	}
	if f, err = constraints.ParseFile(string(text)); err != nil {
		return &constraints.File{}, fmt.Sprintf("unreadable: signatures in %s: %s", place, oneLine(err))
	}
	// Where the skeleton fails it is for names that no module may have; then nothing is marked.
	l.shape, _ = l.skeleton(text, place)
	if place != l.SidecarPath && l.Sidecar != nil {
		place += "; " + l.SidecarPath + " is not read"
	}
	return f, place
}

// describeTypes lists the types that signatures declare.
func (l *inspection) describeTypes(b *strings.Builder, sigs *constraints.File) {
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
func (l *inspection) describeExports(b *strings.Builder, sigs *constraints.File) {
	m := l.report.Module()
	types := functionTypes(m)
	meanings := map[string]string{} // name of an export -> its C name
	if l.names != nil {
		for c, name := range l.names.Exports {
			if old, ok := meanings[name]; !ok || c < old { // some have several
				meanings[name] = c
			}
		}
	}
	exports := slices.DeleteFunc(slices.Clone(m.Exports), func(x wasmbin.Export) bool { return x.Kind != wasmbin.KindFunc })
	read := func(x wasmbin.Export) string { return cmp.Or(meanings[x.Name], x.Name) } // as people know it
	slices.SortStableFunc(exports, func(x, y wasmbin.Export) int { return strings.Compare(read(x), read(y)) })
	fmt.Fprintf(b, "\nexports %s\n", count(len(exports), "function"))
	var t table
	known := map[string]bool{}
	for _, x := range exports {
		name, c := shown(x.Name), meanings[x.Name]
		if c != "" {
			name = shown(c) + " = " + name
		}
		text := ""
		for _, n := range []string{x.Name, c} {
			known[n] = true
			if s, ok := sigs.Lookup(n); ok && text == "" {
				_, text = splitDecls(s)
				if why := l.unfit(s); why != "" {
					text += "  # " + why
				}
			}
		}
		t.add(name, typeText(m.Types[types[x.Index]]), text)
	}
	t.write(b)
	var absent []string
	for _, s := range sigs.Signatures {
		if !known[s.Name] {
			absent = append(absent, shown(s.Name))
		}
	}
	if len(absent) > 0 {
		fmt.Fprintf(b, "\nsignatures of what is not exported: %s\n", strings.Join(absent, ", "))
	}
}

// typeText is the type of a function as wasmffi writes it. What no engine would take is cut.
func typeText(t wasmbin.FuncType) string {
	texts := func(types []wasmbin.ValueType) []string {
		const most = 64
		var all []string
		for _, v := range types[:min(len(types), most)] {
			all = append(all, v.String())
		}
		if more := len(types) - most; more > 0 {
			all = append(all, fmt.Sprintf("and %d more", more))
		}
		return all
	}
	return wasmffi.FuncType{Params: texts(t.Params), Results: texts(t.Results)}.String()
}

// unfit says in a few words why a carried signature cannot be bound; empty when
// it can.
func (l *inspection) unfit(s *constraints.Signature) string {
	if l.shape == nil {
		return ""
	}
	err := l.shape.Implements(s.String())
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
