package wasmffi

import (
	"fmt"
	"reflect"
	"runtime"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/wasmffi/internal/hostmod"
	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// Adopt makes a Library of an instance that the caller has made with the engine itself, for
// checked calls over it: in a program that has runtimes of its own, or needs what Options do not offer.
//
// The instance stays the caller's: whoever calls it beside the Library does so between calls, Close leaves it alone, and
// when the caller closes it calls fail. What stops a call, how far the memory may grow and
// what is imported was decided by the caller. The memory is the engine's, which moves it when it
// grows, unless the caller gave it a memory that does not: Arrays follow, slices of memview.Slice
// are good until then, and no other goroutine may touch an Array while a call is inside.
//
// Not there are Reset and Snapshot (ErrCannotReset), callbacks (ErrCallback), and files and shared arrays that
// are mapped without a copy. The allocator is found by the names of exports. A memory of 4 GiB, whose size the engine does not
// tell, is refused with ErrMemoryLimit.
func Adopt(m api.Module) (*Library, error) {
	if m == nil {
		panic("wasmffi: Adopt: nil module")
	}
	name := m.Name()
	if name == "" {
		name = "module"
	}
	if m.IsClosed() {
		return nil, fmt.Errorf("wasmffi: adopt %s: %w", name, ErrClosed)
	}
	none := func(what error) error { return fmt.Errorf("%w: the instance was adopted", what) }
	mod := &Module{name: name, opts: Options{Limits: Limits{Memory: MaxMemory}}, refs: 1, hold: &hold{}, code: &code{
		report: &loader.Report{Name: name}, funcs: m.ExportedFunctionDefinitions(), adopted: true, links: hostmod.Link(nil),
		inside: inside{err: none(ErrCannotReset), table: -1},
	}}
	in := &instance{module: mod, inst: m, entries: map[string]*entryPoint{}, live: map[*allocation]struct{}{}}
	if mem := m.Memory(); mem != nil && !reflect.ValueOf(mem).IsNil() { // the engine gives a nil pointer in an interface
		def := mem.Definition()
		most := uint64(MaxMemory)
		if pages, ok := def.Max(); ok {
			most = min(most, uint64(pages)*pageSize)
		}
		if mem.Size() == 0 && def.Min() > 0 {
			return nil, fmt.Errorf("wasmffi: adopt %s: %w: memory of 4 GiB", name, ErrMemoryLimit)
		}
		in.lease = newLease(linmem.Foreign(most, func() []byte {
			b, _ := mem.Read(0, mem.Size())
			return b
		}))
		in.window.Store(&window{lease: in.lease})
		mod.code.memory = &MemoryType{Min: uint64(def.Min()) * pageSize, Max: most, Names: def.ExportNames()}
	}
	mod.report.Allocator = loader.FindAllocator(mod.exports)
	in.lookUp()
	in.noteHeapBase()
	l := &Library{in: in, closed: make(chan struct{})}
	l.dropped = runtime.AddCleanup(l, func(in *instance) { in.end() }, in)
	return l, nil
}
