package wasmffi

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/memview"
)

// Symbol is the address of data that the module exports, as C's extern double table[4] does when it is linked with
// --export=table: what ctypes calls in_dll. An array of it is made by
//
//	memview.AsArray(lib.Memory(), p, memview.F64, 4)
//
// The address is the module's word; whether an array fits there is checked when it is made. It is that
// of the linker, and does not change. It fails with ErrNotFound where there is no such export, or it is
// no constant of type i32.
func (l *Library) Symbol(name string) (memview.Ptr, error) {
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	if l.state.Load()&stateClosing != 0 {
		return 0, fmt.Errorf("wasmffi: Symbol %q: %w", name, ErrClosed)
	}
	g := l.in.inst.ExportedGlobal(name)
	if g == nil || l.in.module.private(name) {
		return 0, fmt.Errorf("wasmffi: Symbol: %w: data %q%s", ErrNotFound, name, suggest(name, l.in.module.symbols, "data"))
	}
	if _, mutable := g.(api.MutableGlobal); mutable || g.Type() != api.ValueTypeI32 {
		return 0, fmt.Errorf("wasmffi: Symbol: %w: %q is %s, want data, whose address is a constant of type i32", ErrNotFound, name, g)
	}
	return memview.Ptr(l.in.module.dataBase) + memview.Ptr(g.Get()), nil
}
