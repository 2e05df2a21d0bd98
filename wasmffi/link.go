package wasmffi

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// link decides what supplies each import, and rewrites the module to it: functions are imported
// under the names of the host's own modules, which no guest can name by itself; memories, tables,
// globals and tags become the module's own, with the limits and values that the host gives them.
func (c *code) link(mod *wasmbin.Module, o *Options) error {
	var imports []hostmod.Import
	var at []int
	for i := range mod.Imports {
		x := &mod.Imports[i]
		if x.Kind != wasmbin.KindFunc {
			continue
		}
		t := mod.Types[x.Type]
		params, err := apiTypes(t.Params)
		if err != nil {
			return fmt.Errorf("function %q.%q: %w", x.Module, x.Name, err)
		}
		results, err := apiTypes(t.Results)
		if err != nil {
			return fmt.Errorf("function %q.%q: %w", x.Module, x.Name, err)
		}
		full := x.Module + "." + x.Name
		im := hostmod.Import{Module: x.Module, Name: x.Name, Params: params, Results: results}
		if o.Names != nil {
			im.Meaning = o.Names.Imports[full]
		}
		f, name := o.Imports[full], full
		if f == nil && im.Meaning != "" {
			f, name = o.Imports[im.Meaning], im.Meaning
		}
		if f == nil && (hostmod.IsInvoke(x.Name, params) || hostmod.IsInvoke(im.Meaning, params)) {
			if im.Caller, err = c.invoker(mod, t); err != nil {
				return err
			}
		}
		if f != nil {
			if err := f.fits(FuncType{typeNames(params), typeNames(results)}); err != nil {
				return fmt.Errorf("function %s: %w", name, err)
			}
			im.Given = c.running.imported(f, name)
		}
		imports, at = append(imports, im), append(at, i)
		c.imports = append(c.imports, Import{x.Module, x.Name, FuncType{typeNames(params), typeNames(results)}})
	}
	c.links = hostmod.Link(imports)
	for k, i := range at {
		module, name := c.links.Target(k)
		mod.RenameImport(i, module, name)
	}
	if o.Names != nil {
		if err := alias(mod, o.Names.Exports); err != nil {
			return err
		}
	}
	p := newPlacement(mod, o.Globals)
	if err := p.raise(mod); err != nil {
		return err
	}
	c.symbols = slices.Sorted(maps.Keys(p.symbols))
	if p.relocatable {
		c.dataBase = p.memoryBase
	}
	return mod.DefineImports(p.value)
}

// maxInvokers is how many types of functions can be called by invokers, each of which is an export that the engine
// compares with all functions. Real modules have a few dozen.
const maxInvokers = 1_000

// invoker is a private export that calls an entry of the module's table, for an import whose first parameter is the
// index and whose others are those of the entry; empty where there is no table.
func (c *code) invoker(mod *wasmbin.Module, t wasmbin.FuncType) (string, error) {
	table := functionTable(mod)
	if table < 0 {
		return "", nil
	}
	t.Params = t.Params[1:]
	key := fmt.Sprint(t)
	if name := c.invokers[key]; name != "" {
		return name, nil
	}
	if c.invokers == nil {
		c.invokers = map[string]string{"": mod.PrivatePrefix("wasmffi.call")}
	}
	if n := len(c.invokers); n > maxInvokers || n*len(mod.Functions) > loader.MaxLookups/10 {
		return "", fmt.Errorf("functions that call through the table, invoke_*: got more than %d types of them for %d functions", n-1, len(mod.Functions))
	}
	name := fmt.Sprint(c.invokers[""], ".", len(c.invokers))
	c.invokers[key] = name
	return name, mod.AppendCaller(t, uint32(table), name)
}

// alias exports functions under their C names, too. A name that the module has itself is its own.
func alias(mod *wasmbin.Module, names map[string]string) error {
	own := make(map[string]wasmbin.Export, len(mod.Exports))
	for _, x := range mod.Exports {
		own[x.Name] = x
	}
	for _, c := range slices.Sorted(maps.Keys(names)) {
		x, ok := own[names[c]]
		if _, taken := own[c]; taken || !ok {
			continue
		}
		x.Name = c
		if _, err := mod.AppendExport(x); err != nil {
			return err
		}
	}
	return nil
}

// fits reports whether a guest that imports a function of type t can have h.
func (h *HostFunc) fits(t FuncType) error {
	if h.raw != nil {
		return nil
	}
	if own := h.funcType(); own.String() != t.String() {
		return fmt.Errorf("the module imports it as %s, Options.Imports has %s, which is %s%s", t, h, own, typeHint(own, t))
	}
	return nil
}

// apiTypes are the engine's names of value types.
func apiTypes(types []wasmbin.ValueType) ([]api.ValueType, error) {
	list := make([]api.ValueType, len(types))
	for i, t := range types {
		switch t {
		case wasmbin.I32, wasmbin.I64, wasmbin.F32, wasmbin.F64, wasmbin.ExternRef:
			list[i] = api.ValueType(t)
		default:
			return nil, fmt.Errorf("a host function has no values of type %v", t)
		}
	}
	return list, nil
}
