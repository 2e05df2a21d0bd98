package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/wasmffi"
)

const inspectUsage = `usage: wasmffi inspect LIB
`

const inspectHelp = `
Lists what a WebAssembly library offers and needs, without running any of it: the functions that it
exports, with their WebAssembly types and, from the file beside the module (vec.sig
beside vec.wasm), their signatures; its memory; what it imports; its size and its
SHA-256, both uncompressed.

LIB  path of a module, with or without .wasm or .wasm.gz
`

func inspect(args []string, stdout io.Writer) error {
	words, err := parseFlags(args, nil)
	if err == errHelp {
		_, err = io.WriteString(stdout, inspectUsage+inspectHelp)
		return err
	}
	if err == nil && len(words) != 1 {
		err = fmt.Errorf("inspect: got %d words, want one library", len(words))
	}
	if err != nil {
		return &usageError{err.Error(), inspectUsage}
	}
	// The largest limit there is shows the module's own.
	lib, err := openLibrary(words[0], &wasmffi.Options{Limits: wasmffi.Limits{Memory: wasmffi.MaxMemory}})
	if err != nil {
		return err
	}
	defer lib.module.Close()
	_, err = io.WriteString(stdout, plain(lib.describe()))
	return err
}

// describe is the whole text of inspect.
func (l *library) describe() string {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "  %-11s %s\n", label, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(&b, l.Path)
	line("size", "%d bytes", l.module.Size())
	line("sha256", "%x", l.module.Digest())
	line("memory", "%s", memoryText(l.module))
	sigs, err := l.signatures()
	switch {
	case errors.Is(err, errNoSidecar):
		line("signatures", "none: no file beside the module")
	case err != nil:
		line("signatures", "none: %s", strings.ReplaceAll(err.Error(), "\n", " "))
	default:
		line("signatures", "%s", l.SidecarPath)
	}
	if sigs == nil {
		sigs = &constraints.File{}
	}
	l.describeImports(&b)
	l.describeTypes(&b, sigs)
	l.describeExports(&b, sigs)
	return b.String()
}

func memoryText(m *wasmffi.Module) string {
	mem, ok := m.Memory()
	if !ok {
		return "none exported"
	}
	most := "no limit of its own"
	if mem.Max < wasmffi.MaxMemory {
		most = fmt.Sprintf("at most %d", mem.Max)
	}
	names := make([]string, len(mem.Names))
	for i, n := range mem.Names {
		names[i] = shown(n)
	}
	return fmt.Sprintf("%d bytes at first, %s, exported as %s", mem.Min, most, strings.Join(names, ", "))
}

func (l *library) describeImports(b *strings.Builder) {
	imports := l.module.Imports()
	if len(imports) == 0 {
		fmt.Fprintf(b, "\nimports no functions\n")
		return
	}
	fmt.Fprintf(b, "\nimports %s\n", count(len(imports), "function"))
	var t table
	for _, im := range imports {
		t.add(shown(im.Module)+"."+shown(im.Name), im.Type.String())
	}
	t.write(b)
}

// describeTypes lists the structs that signatures name, once for all of them.
func (l *library) describeTypes(b *strings.Builder, sigs *constraints.File) {
	var seen []string
	for _, s := range sigs.Signatures {
		decls, _ := splitDecls(s)
		for d := range strings.SplitSeq(decls, "; ") {
			if d != "" && !slices.Contains(seen, d) {
				seen = append(seen, d)
			}
		}
	}
	if len(seen) > 0 {
		fmt.Fprintf(b, "\ntypes\n")
	}
	for _, d := range seen {
		fmt.Fprintf(b, "  %s\n", strings.TrimPrefix(d, "type "))
	}
}

// splitDecls is the text of a signature in two parts: declarations and the rest.
func splitDecls(s *constraints.Signature) (decls, rest string) {
	bare := *s
	bare.Structs = nil
	rest = bare.String()
	return strings.TrimSuffix(s.String(), rest), rest
}

func (l *library) describeExports(b *strings.Builder, sigs *constraints.File) {
	exports := l.module.Exports()
	fmt.Fprintf(b, "\nexports %s\n", count(len(exports), "function"))
	var t table
	for _, e := range exports {
		text := ""
		if s, ok := sigs.Lookup(e.Name); ok {
			_, text = splitDecls(s)
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

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// table is text in columns.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write pads the columns. Cells wider than most push the rest of their row to the
// right, so that one hostile name does not widen every row.
func (t *table) write(b *strings.Builder) {
	const most = 40
	width := map[int]int{}
	for _, row := range t.rows {
		for i, c := range row {
			if n := len([]rune(c)); n <= most {
				width[i] = max(width[i], n)
			}
		}
	}
	for _, row := range t.rows {
		line := ""
		for i, c := range row {
			line += fmt.Sprintf("  %-*s", width[i], c)
		}
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
}
