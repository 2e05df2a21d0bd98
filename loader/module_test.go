package loader_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
)

func leb(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }

func str(s string) string { return leb(len(s)) + s }

// builder makes a module of entries of its sections.
type builder struct {
	types, imports, funcs, tables, mems, globals, exports, elems, code, data []string
	start                                                                    bool
	imported                                                                 int // functions
	customs                                                                  []string
}

func (b *builder) bytes() string {
	var out strings.Builder
	out.WriteString(empty)
	for _, s := range []struct {
		id      byte
		entries []string
	}{{1, b.types}, {2, b.imports}, {3, b.funcs}, {4, b.tables}, {5, b.mems}, {6, b.globals}, {7, b.exports}, {8, nil}, {9, b.elems}, {10, b.code}, {11, b.data}} {
		switch {
		case len(s.entries) > 0:
			out.WriteString(section(s.id, leb(len(s.entries))+strings.Join(s.entries, "")))
		case s.id == 8 && b.start:
			out.WriteString(section(8, "\x00"))
		}
	}
	return out.String() + strings.Join(b.customs, "")
}

// typ is the index of the type of that many i32.
func (b *builder) typ(params, results int) int {
	t := "\x60" + leb(params) + strings.Repeat("\x7f", params) + leb(results) + strings.Repeat("\x7f", results)
	for i, old := range b.types {
		if old == t {
			return i
		}
	}
	b.types = append(b.types, t)
	return len(b.types) - 1
}

// body is a function body without locals.
func body(instructions string) string { return str("\x00" + instructions) }

// export defines and exports functions of i32 alone, given as "malloc 1 1": name, parameters, results. It is called after the
// last import.
func (b *builder) export(funcs ...string) *builder {
	for _, f := range funcs {
		var name string
		var params, results int
		if _, err := fmt.Sscan(f, &name, &params, &results); err != nil {
			panic(err)
		}
		b.exports = append(b.exports, str(name)+"\x00"+leb(b.imported+len(b.funcs)))
		b.funcs = append(b.funcs, leb(b.typ(params, results)))
		b.code = append(b.code, body("\x00\x0b"))
	}
	return b
}

// importing imports functions of i32 alone, given as "env abort 4 0".
func importing(funcs ...string) *builder {
	b := &builder{}
	for _, f := range funcs {
		var module, name string
		var params, results int
		if _, err := fmt.Sscan(f, &module, &name, &params, &results); err != nil {
			panic(err)
		}
		b.imports = append(b.imports, str(module)+str(name)+"\x00"+leb(b.typ(params, results)))
		b.imported++
	}
	return b
}

func exporting(funcs ...string) *builder { return new(builder).export(funcs...) }

func inspect(t testing.TB, module string, o *loader.InspectOptions) *loader.Report {
	t.Helper()
	r, err := loader.Inspect(load(t, module), o)
	require.NoError(t, err)
	return r
}
