package hostmod

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Import is a function that a module imports.
type Import struct {
	Module, Name    string               // as the guest spells them
	Meaning         string               // the name in the source, where the guest's is minified; "": not known
	Params, Results []api.ValueType      // the guest's
	Given           api.GoModuleFunction // by the caller, for these types; nil: none
	Caller          string               // of a function for which IsInvoke: the guest's export that calls an entry of its table, whose index is the last parameter; "": it has no table
}

// Links says who supplies each import. It is immutable.
type Links struct {
	imports  []Import
	supplies []supply
}

// supply is where an import comes from.
type supply struct {
	family  Family
	engine  string   // the name of a function of WASI that the engine has; "": not the engine's
	fn      function // of ours; nil: given, or the engine's
	missing bool     // it ends in Unresolved
}

// Link decides who supplies each of the imports, which are those of one module in its order. It does
// not fail: what nobody supplies becomes a stub. Time and space are linear.
func Link(imports []Import) *Links {
	l := &Links{imports, make([]supply, len(imports))}
	for i := range imports {
		l.supplies[i] = find(&imports[i])
	}
	return l
}

// find is the supply of one import.
func find(im *Import) supply {
	if im.Given != nil {
		return supply{family: Given}
	}
	types := typesOf(im.Params, im.Results)
	for _, look := range [...]func(*Import, string) (supply, bool){findWASI, findBindgen, findAssemblyScript, findEmscripten} {
		if s, ok := look(im, types); ok {
			return s
		}
	}
	if im.isUnnamed() {
		return unnamed(im, types)
	}
	return unresolved(Stub, im, im.Meaning)
}

// unresolved is a stub that names its import.
func unresolved(family Family, im *Import, meaning string) supply {
	err := &Unresolved{im.Module, im.Name, meaning}
	return supply{family: family, missing: true, fn: func(call, []uint64) { panic(err) }}
}

// Names of our own host modules. The engine compares the types of the functions of
// a module with each other, so that there are several if there are many functions.
const (
	hostModule = "host"
	perModule  = 1024
)

// Target is what import i must be renamed to before the module is compiled.
func (l *Links) Target(i int) (module, name string) {
	module = hostModule
	if n := i / perModule; n > 0 {
		module += strconv.Itoa(n)
	}
	return module, strconv.Itoa(i)
}

// Family says whose function import i is.
func (l *Links) Family(i int) Family { return l.supplies[i].family }

// Label is import i as people read it, with its meaning where that is known: one line of bounded length.
func (l *Links) Label(i int) string {
	im := &l.imports[i]
	return label(im.Module, im.Name, im.Meaning)
}

// Missing is the indices of the imports that nobody supplies: a call of one ends
// with an *Unresolved, but for some that constructors make where names are minified. Most are stubs; objects of
// JavaScript count as missing too.
func (l *Links) Missing() []int {
	var list []int
	for i, s := range l.supplies {
		if s.missing {
			list = append(list, i)
		}
	}
	return list
}

// Instantiate makes the host modules in r, once, for all instances of guest, whose imports
// must be renamed by Target. env is asked for the Env of the calling instance, also while a start function
// runs; it must not be nil, and neither what it returns. They end with the runtime.
func (l *Links) Instantiate(ctx context.Context, r wazero.Runtime, guest wazero.CompiledModule, env func(api.Module) *Env) error {
	if env == nil {
		panic("hostmod: nil env")
	}
	if err := l.check(guest); err != nil {
		return err
	}
	var builder wazero.HostModuleBuilder
	open := ""
	for i := range l.imports {
		module, name := l.Target(i)
		if module != open {
			if err := instantiate(ctx, builder); err != nil {
				return err
			}
			builder, open = r.NewHostModuleBuilder(module), module
		}
		l.export(builder, i, name, env)
	}
	return instantiate(ctx, builder)
}

func instantiate(ctx context.Context, b wazero.HostModuleBuilder) error {
	if b == nil {
		return nil
	}
	if _, err := b.Instantiate(ctx); err != nil {
		return fmt.Errorf("hostmod: %w", err)
	}
	return nil
}

// check sees that the guest imports what it was linked to and nothing else.
func (l *Links) check(guest wazero.CompiledModule) error {
	funcs := guest.ImportedFunctions()
	if len(funcs) != len(l.imports) {
		return fmt.Errorf("hostmod: module imports %d functions, want %d", len(funcs), len(l.imports))
	}
	for i, f := range funcs {
		module, name, _ := f.Import()
		if m, n := l.Target(i); m != module || n != name {
			return fmt.Errorf("hostmod: import %d is %s, want it renamed to %s.%s", i, label(module, name, ""), m, n)
		}
	}
	return nil
}

// export adds import i to its host module.
func (l *Links) export(b wazero.HostModuleBuilder, i int, name string, env func(api.Module) *Env) {
	im := &l.imports[i]
	fn := im.Given
	switch s := &l.supplies[i]; {
	case s.engine != "":
		fn = &host{engineWASI(s.engine), env}
	case fn == nil:
		fn = &host{s.fn, env}
	}
	b.NewFunctionBuilder().WithGoModuleFunction(fn, im.Params, im.Results).
		WithName(label(im.Module, im.Name, im.Meaning)).Export(name)
}
