package wasmffi_test

import (
	varint "encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// made is a module that is put together piece by piece. Imports come before functions, so that
// indices are known when they are given out. The zero made is an empty module.
type made struct {
	customs [][]byte // that come first: name and content
	types   [][]byte
	known   map[string]int
	imports [][]byte
	funcs   [][]byte // the type of each that is defined
	tables  [][]byte
	memory  [][]byte
	tags    [][]byte
	globals [][]byte
	exports [][]byte
	start   []byte // an index, or nothing
	elems   [][]byte
	bodies  [][]byte
	data    [][]byte
	funcsIn int // imported functions
}

// Sections and opcodes that only such modules have.
const (
	secTable, secElem, secTag = 4, 9, 13

	funcref, kindTag = 0x70, 4

	opLocalSet, opReturn, opCallIndirect = 0x21, 0x0f, 0x11
	opF64Load, opF64Store, opF64Mul      = 0x2b, 0x39, 0xa2
	opLoop, opBr, opEmpty                = 0x03, 0x0c, 0x40
)

// valueTypes are those of a text such as "ijfd".
func valueTypes(text string) (list []byte) {
	for _, c := range text {
		list = append(list, map[rune]byte{'i': i32, 'j': i64, 'f': f32, 'd': f64, 'v': 0x7b, 'x': 0x6f, 'r': funcref}[c])
	}
	return list
}

// typ is the index of a function type, of parameters and results as valueTypes has them.
func (m *made) typ(params, results string) int {
	key := params + ":" + results
	if i, ok := m.known[key]; ok {
		return i
	}
	if m.known == nil {
		m.known = map[string]int{}
	}
	m.known[key] = len(m.types)
	m.types = append(m.types, signature(valueTypes(params), valueTypes(results)))
	return m.known[key]
}

// imp imports a function and gives its index.
func (m *made) imp(module, name, params, results string) int {
	m.imports = append(m.imports, cat(module, name, kindFunc, leb(m.typ(params, results))))
	m.funcsIn++
	return m.funcsIn - 1
}

// fn defines a function and gives its index; it is exported unless the name is empty.
func (m *made) fn(export, params, results string, parts ...any) int {
	m.funcs = append(m.funcs, leb(m.typ(params, results)))
	m.bodies = append(m.bodies, code(parts...))
	i := m.funcsIn + len(m.funcs) - 1
	if export != "" {
		m.export(export, kindFunc, i)
	}
	return i
}

func (m *made) export(name string, kind, index int) {
	m.exports = append(m.exports, cat(name, kind, leb(index)))
}

// pages gives the module a memory, which is exported.
func (m *made) pages(minimum int) *made {
	m.memory = append(m.memory, cat(0, leb(minimum)))
	m.export("memory", kindMemory, 0)
	return m
}

// bytes is the binary.
func (m *made) bytes() []byte {
	var list [][]byte
	for _, c := range m.customs {
		list = append(list, cat(0, leb(len(c)), c))
	}
	for _, s := range []struct {
		id    int
		items [][]byte
	}{
		{secType, m.types},
		{secImport, m.imports},
		{secFunc, m.funcs},
		{secTable, m.tables},
		{secMemory, m.memory},
		{secTag, m.tags},
		{secGlobal, m.globals},
		{secExport, m.exports},
		{secStart, nil},
		{secElem, m.elems},
		{secCode, m.bodies},
		{secData, m.data},
	} {
		switch {
		case s.id == secStart && m.start != nil:
			list = append(list, cat(secStart, leb(len(m.start)), m.start))
		case len(s.items) > 0:
			list = append(list, section(s.id, s.items...))
		}
	}
	return binary(list...)
}

// compile compiles for one test.
func compile(t testing.TB, code []byte, o wasmffi.Options) *wasmffi.Module {
	t.Helper()
	if o.Cache == nil {
		o.Cache = wasmffi.NewCache(0)
	}
	m, err := wasmffi.Compile(bg, code, &o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// instance instantiates for one test.
func instance(t testing.TB, m *wasmffi.Module) *wasmffi.Library {
	t.Helper()
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lib.Close()) })
	return lib
}

// goFunc is what a HostFunc is made of.
type goFunc struct {
	sig string
	fn  any
}

func hostFunc(t testing.TB, sig string, fn any) *wasmffi.HostFunc {
	t.Helper()
	h, err := wasmffi.NewHostFunc(sig, fn)
	require.NoError(t, err)
	return h
}

func given(t testing.TB, funcs map[string]goFunc) wasmffi.Options {
	t.Helper()
	o := wasmffi.Options{Imports: map[string]*wasmffi.HostFunc{}}
	for name, f := range funcs {
		o.Imports[name] = hostFunc(t, f.sig, f.fn)
	}
	return o
}

// uleb is leb for numbers that an int may not hold.
func uleb(n uint64) []byte { return varint.AppendUvarint(nil, n) }
