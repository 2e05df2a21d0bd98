package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/wasmffi/go/wasmffi"
)

const inspectUsage = `usage: wasmffi inspect LIB
`

const inspectHelp = `
Lists what a WebAssembly library offers and needs, without running any of it: the functions that it
exports, with their WebAssembly types and the signatures that the module carries, in its
section wasmffi or else in the file beside it (vec.sig beside vec.wasm); the types
that these declare; its memory; what it imports; its size and its SHA-256, both
uncompressed.

Signatures are claims by whoever made the module. One that cannot be bound to its export
is marked with # and the reason.

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
	sigs, text := l.describeSignatures()
	line("signatures", "%s", text)
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

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
