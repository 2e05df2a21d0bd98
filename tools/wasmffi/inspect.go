package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/wasmffi"
)

const inspectUsage = `usage: wasmffi inspect LIB [-names FILE] [-json]
`

const inspectHelp = `
Lists what a WebAssembly library offers and needs, without running or compiling any of it: its size
and its SHA-256, both uncompressed; the toolchain that made it and the features that it
uses; its memory and tables; the functions by which memory is allocated, and the one
that must be called first; whether the stack lies below static data, where an
overflow traps; warnings, and why it would be refused; what it imports, and whose that
is; the functions that it exports, with their WebAssembly types and the signatures that
the module carries, in its section wasmffi or else in the file beside it (vec.sig beside
vec.wasm); the types that these declare.

Signatures are claims by whoever made the module. One that cannot be bound to its export
is marked with # and the reason.

LIB          path of a module, with or without .wasm or .wasm.gz
-names FILE  C names of a module that was minified: its JavaScript, or what wasmffi names
             prints
-json        the report as JSON, without the exports
`

func inspect(args []string, stdout, _ io.Writer) error {
	var namesFile string
	var asJSON bool
	words, err := parseFlags(args, map[string]func(string) error{"names": once(&namesFile)}, map[string]*bool{"json": &asJSON})
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
	var n *loader.Names
	if namesFile != "" {
		if n, err = readNames(namesFile); err != nil {
			return err
		}
	}
	bin, err := findLibrary(words[0], nil)
	if err != nil {
		return err
	}
	report, err := loader.Inspect(bin, &loader.InspectOptions{Names: n})
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(stdout, report)
	}
	l := &inspection{Binary: bin, report: report, names: n}
	text := l.describe()
	if l.shape != nil {
		l.shape.Close()
	}
	_, err = io.WriteString(stdout, plain(text))
	return err
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// inspection is a library that is described.
type inspection struct {
	*loader.Binary
	report *loader.Report
	names  *loader.Names
	shape  *wasmffi.Module // has the types of the functions, see skeleton; nil: none
}

// describe is the whole text of inspect.
func (l *inspection) describe() string {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "  %-11s %s\n", label, fmt.Sprintf(format, args...))
	}
	r := l.report
	fmt.Fprintln(&b, l.Path)
	line("size", "%d bytes", r.Size)
	line("sha256", "%s", r.Digest)
	line("toolchain", "%s", toolchainText(r))
	line("features", "%s", orNone(strings.Join(r.Features, ", ")))
	line("memory", "%s", memoryText(r.Memory))
	for _, t := range r.Tables[:min(len(r.Tables), mostTables)] {
		line("table", "%s", tableText(t))
	}
	if more := len(r.Tables) - mostTables; more > 0 {
		line("table", "and %d more", more)
	}
	line("allocator", "%s", allocatorText(r.Allocator))
	line("constructor", "%s", constructorText(r))
	line("stack", "%s", stackTexts[r.StackFirst])
	sigs, text := l.describeSignatures()
	line("signatures", "%s", text)
	for _, w := range r.Warnings {
		line("warning", "%s", w)
	}
	for _, why := range r.Refusals {
		line("refused", "%s", why)
	}
	l.describeImports(&b)
	l.describeTypes(&b, sigs)
	l.describeExports(&b, sigs)
	return b.String()
}

// toolchainText is what made the module by its looks, and as it says itself.
func toolchainText(r *loader.Report) string {
	var says []string
	for _, p := range r.Producers[:min(len(r.Producers), 4)] {
		says = append(says, strings.TrimSpace(clipped(p.Name)+" "+clipped(p.Version)))
	}
	if len(says) == 0 {
		return string(r.Toolchain)
	}
	return fmt.Sprintf("%s (%s)", r.Toolchain, strings.Join(says, ", "))
}

// mostTables is how many tables are listed; C has one.
const mostTables = 8

var stackTexts = map[loader.Answer]string{
	loader.Yes:     "below static data: an overflow traps",
	loader.No:      "above static data: an overflow overwrites them",
	loader.Unknown: "unknown, as is whether an overflow traps",
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func memoryText(m *loader.MemoryInfo) string {
	if m == nil {
		return "none"
	}
	most := "no limit of its own"
	if m.Max < 1<<32 {
		most = fmt.Sprintf("at most %d", m.Max)
	}
	text := fmt.Sprintf("%d bytes at first, %s, ", m.Min, most)
	if m.Shared {
		text += "shared, "
	}
	return text + placeText(m.ImportedFrom, m.Exports)
}

func tableText(t loader.TableInfo) string {
	most := "no limit of its own"
	if t.Max < 1<<32-1 {
		most = fmt.Sprintf("at most %d", t.Max)
	}
	entries := "entries"
	if t.Min == 1 {
		entries = "entry"
	}
	return fmt.Sprintf("%s, %d %s at first, %s, %s", t.Type, t.Min, entries, most, placeText(t.ImportedFrom, t.Exports))
}

// placeText says where a memory or table comes from and goes to.
func placeText(from *loader.ImportName, exports []string) string {
	var text []string
	if from != nil {
		text = append(text, "imported from "+shown(from.Module)+"."+shown(from.Name))
	}
	if len(exports) > 0 {
		text = append(text, "exported as "+list(exports))
	}
	if len(text) == 0 {
		return "not exported"
	}
	return strings.Join(text, ", ")
}

// list is a list of names, of which the first few are given.
func list(names []string) string {
	const most = 8
	var all []string
	for _, n := range names[:min(len(names), most)] {
		all = append(all, shown(n))
	}
	if len(names) > most {
		all = append(all, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(all, ", ")
}

func allocatorText(a loader.Allocator) string {
	var used []string
	for _, name := range []string{a.Alloc, a.Free, a.Pin, a.Unpin, a.Collect} {
		if name != "" {
			used = append(used, name)
		}
	}
	if len(used) == 0 {
		return "none"
	}
	return fmt.Sprintf("%s: %s", a.Kind, list(used))
}

func constructorText(r *loader.Report) string {
	var text []string
	if r.Start {
		text = append(text, "a start function")
	}
	if r.Constructor != "" {
		text = append(text, shown(r.Constructor))
	}
	return orNone(strings.Join(text, ", then "))
}

func (l *inspection) describeImports(b *strings.Builder) {
	r := l.report
	if len(r.Imports) == 0 {
		fmt.Fprintf(b, "\nimports nothing\n")
		return
	}
	fmt.Fprintf(b, "\nimports %s\n", count(len(l.report.Module().Imports), "item"))
	var t table
	for _, im := range r.Imports {
		kind, family := "", string(im.Family)
		if im.Kind != wasmbin.KindFunc.String() {
			kind, family = im.Kind+" ", ""
		}
		if im.Meaning != "" {
			family += ": " + shown(im.Meaning)
		}
		t.add(shown(im.Module)+"."+shown(im.Name), kind+im.Type, family)
	}
	t.write(b)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
