package hostmod_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// Section numbers and opcodes of the binary format of WebAssembly.
const (
	secType, secImport, secFunc, secTable, secMemory, secGlobal, secExport, secElem, secCode = 1, 2, 3, 4, 5, 6, 7, 9, 10

	opUnreachable, opEnd, opCall, opLocalGet, opGlobalGet, opGlobalSet, opStore, opConst = 0x00, 0x0b, 0x10, 0x20, 0x23, 0x24, 0x36, 0x41
)

// cat joins bytes, numbers below 256, and names.
func cat(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case byte:
			b = append(b, p)
		case []byte:
			b = append(b, p...)
		case string:
			b = append(append(b, leb(len(p))...), p...)
		default:
			panic("cat: neither byte, bytes nor name")
		}
	}
	return b
}

// leb is an unsigned LEB128 number.
func leb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// section is a section of a vector of items.
func section(id int, items ...[]byte) []byte {
	body := leb(len(items))
	for _, item := range items {
		body = append(body, item...)
	}
	return cat(id, leb(len(body)), body)
}

var codes = map[byte]api.ValueType{'i': api.ValueTypeI32, 'j': api.ValueTypeI64, 'f': api.ValueTypeF32, 'd': api.ValueTypeF64, 'e': api.ValueTypeExternref}

// values reads "iid" as value types.
func values(letters string) []api.ValueType {
	var types []api.ValueType
	for i := range len(letters) {
		types = append(types, codes[letters[i]])
	}
	return types
}

func itoa(i int) string { return strconv.Itoa(i) }

// imported is an import "module.name" of the type "ii:i".
func imported(module, name, types string) hostmod.Import {
	params, results, _ := strings.Cut(types, ":")
	return hostmod.Import{Module: module, Name: name, Params: values(params), Results: values(results)}
}

func signature(params, results []api.ValueType) []byte {
	return cat(0x60, leb(len(params)), params, leb(len(results)), results)
}

// fn is a function that the guest has itself.
type fn struct {
	name, types string
	body        []byte
}

// module is a guest with the imports, each called by an export of the name of its
// index, and functions of its own after them. Its table has, from entry 1 on, the callers of the imports and
// its own functions. Global 0 is a mutable i32 of 64.
type module struct {
	imports    []hostmod.Import
	own        []fn
	pages, max int  // of its memory; none at all: no memory
	bare       bool // nothing calls the imports
	stack      bool // global 0 is exported as the stack pointer
}

func (m *module) encode(links *hostmod.Links) []byte {
	var types, imports, funcs, exports, bodies, elems [][]byte
	index := map[string]int{}
	typeIndex := func(params, results []api.ValueType) []byte {
		t := string(signature(params, results))
		if _, ok := index[t]; !ok {
			index[t] = len(types)
			types = append(types, []byte(t))
		}
		return leb(index[t])
	}
	for i, im := range m.imports {
		t := typeIndex(im.Params, im.Results)
		module, name := links.Target(i)
		imports = append(imports, cat(module, name, 0, t))
		if m.bare {
			continue
		}
		funcs = append(funcs, t)
		exports = append(exports, cat(strconv.Itoa(i), 0, leb(len(m.imports)+i)))
		var get []byte
		for p := range im.Params {
			get = cat(get, opLocalGet, leb(p))
		}
		body := cat(0, get, opCall, leb(i), opEnd)
		bodies = append(bodies, cat(leb(len(body)), body))
	}
	for i, f := range m.own {
		params, results, _ := strings.Cut(f.types, ":")
		funcs = append(funcs, typeIndex(values(params), values(results)))
		exports = append(exports, cat(f.name, 0, leb(2*len(m.imports)+i)))
		body := cat(0, f.body, opEnd)
		bodies = append(bodies, cat(leb(len(body)), body))
	}
	for i := range funcs {
		elems = append(elems, leb(len(m.imports)+i))
	}
	b := cat([]byte("\x00asm\x01\x00\x00\x00"), section(secType, types...), section(secImport, imports...), section(secFunc, funcs...),
		section(secTable, cat(0x70, 0, leb(1+len(elems)))))
	if m.max > 0 {
		b = cat(b, section(secMemory, cat(1, leb(m.pages), leb(m.max))))
		exports = append(exports, cat("memory", 2, 0))
	}
	if m.stack {
		exports = append(exports, cat("__stack_pointer", 3, 0))
	}
	return cat(b, section(secGlobal, cat(api.ValueTypeI32, 1, opConst, 0xc0, 0, opEnd)),
		section(secExport, exports...), section(secElem, cat(0, opConst, 1, opEnd, leb(len(elems)), bytes.Join(elems, nil))), section(secCode, bodies...))
}

// withCallers adds the functions of the guest that Import.Caller names.
func withCallers(t testing.TB, imports []hostmod.Import, b []byte) []byte {
	t.Helper()
	m, err := wasmbin.Decode(b)
	require.NoError(t, err)
	for _, im := range imports {
		if im.Caller == "" {
			continue
		}
		var typ wasmbin.FuncType
		for _, p := range im.Params[1:] {
			typ.Params = append(typ.Params, wasmbin.ValueType(p))
		}
		for _, r := range im.Results {
			typ.Results = append(typ.Results, wasmbin.ValueType(r))
		}
		require.NoError(t, m.AppendCaller(typ, 0, im.Caller))
	}
	return m.Encode()
}

// guest is an instance, and the environment of it.
type guest struct {
	t     testing.TB
	inst  api.Module
	mem   api.Memory
	links *hostmod.Links
}

// instantiate makes one instance for each environment, in one runtime.
func instantiate(t testing.TB, m *module, envs ...*hostmod.Env) []*guest {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	t.Cleanup(func() { require.NoError(t, r.Close(ctx)) })
	for i := range m.imports {
		if im := &m.imports[i]; hostmod.IsInvoke(im.Name, im.Params) {
			im.Caller = fmt.Sprint("caller.", i)
		}
	}
	links := hostmod.Link(m.imports)
	compiled, err := r.CompileModule(ctx, withCallers(t, m.imports, m.encode(links)))
	require.NoError(t, err)
	byModule := map[api.Module]*hostmod.Env{}
	require.NoError(t, links.Instantiate(ctx, r, compiled, func(m api.Module) *hostmod.Env { return byModule[m] }))
	var guests []*guest
	for _, env := range envs {
		inst, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
		require.NoError(t, err)
		byModule[inst] = env
		guests = append(guests, &guest{t, inst, inst.ExportedMemory("memory"), links})
	}
	return guests
}

// start makes one instance that imports one function, of one page of memory.
func start(t testing.TB, env *hostmod.Env, imports ...hostmod.Import) *guest {
	t.Helper()
	return instantiate(t, &module{imports: imports, pages: 1, max: 4}, env)[0]
}

// call calls the export.
func (g *guest) call(name string, args ...uint64) ([]uint64, error) {
	g.t.Helper()
	return g.inst.ExportedFunction(name).Call(context.Background(), args...)
}

// result is the only result of import 0.
func (g *guest) result(args ...uint64) uint64 {
	g.t.Helper()
	r, err := g.call("0", args...)
	require.NoError(g.t, err)
	require.Len(g.t, r, 1)
	return r[0]
}

// fails is the first line of the error of import 0.
func (g *guest) fails(args ...uint64) error {
	g.t.Helper()
	_, err := g.call("0", args...)
	require.Error(g.t, err)
	require.NotContains(g.t, err.Error(), "Go runtime stack trace")
	return err
}

func (g *guest) put(p uint32, s string) { require.True(g.t, g.mem.Write(p, []byte(s))) }

func (g *guest) get(p, n uint32) string {
	b, ok := g.mem.Read(p, n)
	require.True(g.t, ok)
	return string(b)
}

func (g *guest) int32(p uint32) int32 {
	x, ok := g.mem.ReadUint32Le(p)
	require.True(g.t, ok)
	return int32(x)
}
