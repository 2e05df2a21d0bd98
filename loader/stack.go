package loader

import (
	"math"

	"github.com/wasmffi/go/loader/wasmbin"
)

// stackFirst is whether the stack of C, Rust and the like lies below static data. LLVM's linker makes it grow down from the
// initial value of the global __stack_pointer; with --stack-first that is where static data begin.
func (i *inspection) stackFirst(t Toolchain) Answer {
	top, ok := i.stackTop(t)
	if !ok {
		return Unknown
	}
	if end, ok := i.exportedInt("__data_end"); ok && top >= end {
		return No // also where there are only zeros, which no segment shows
	}
	lowest := uint64(math.MaxUint64)
	for _, s := range i.m.Data {
		if len(s.Init) == 0 {
			continue
		}
		at, ok := constantInt(s.Offset)
		if s.Mode != wasmbin.Active || !ok {
			return Unknown // copied by code, or to where the host says
		}
		lowest = min(lowest, uint64(at))
	}
	switch {
	case lowest == math.MaxUint64:
		return Unknown
	case uint64(top) <= lowest:
		return Yes
	}
	return No
}

// stackTop is the initial value of the stack pointer. The linker makes it the first global; where it has no name it is
// known by being a mutable address that can be one.
func (i *inspection) stackTop(t Toolchain) (uint32, bool) {
	if v, ok := i.exportedInt("__stack_pointer"); ok {
		return v, true
	}
	if t == AssemblyScript || t == Go || len(i.m.Globals) == 0 || i.importsGlobal() {
		return 0, false
	}
	g := i.m.Globals[0]
	v, ok := constantInt(g.Init)
	const least, grain = 1024, 16 // C aligns it; a smaller stack holds nothing
	return v, ok && g.Mutable && g.Type == wasmbin.I32 && v >= least && v%grain == 0
}

func (i *inspection) importsGlobal() bool {
	for _, im := range i.m.Imports {
		if im.Kind == wasmbin.KindGlobal {
			return true
		}
	}
	return false
}

// exportedInt is the initial value of an exported i32 global that the module defines.
func (i *inspection) exportedInt(name string) (uint32, bool) {
	x, ok := i.exports[name]
	if !ok || x.Kind != wasmbin.KindGlobal {
		return 0, false
	}
	k := int64(x.Index)
	for _, im := range i.m.Imports {
		if im.Kind == wasmbin.KindGlobal {
			k--
		}
	}
	if k < 0 || i.m.Globals[k].Type != wasmbin.I32 {
		return 0, false
	}
	return constantInt(i.m.Globals[k].Init)
}

// constantInt is the value of a constant expression that is an i32.const alone.
func constantInt(expr []byte) (uint32, bool) {
	if len(expr) < 3 || wasmbin.Opcode(expr[0]) != wasmbin.OpI32Const || wasmbin.Opcode(expr[len(expr)-1]) != wasmbin.OpEnd {
		return 0, false
	}
	var v int64
	for k, b := range expr[1 : len(expr)-1] {
		if k == 5 { // no i32 is longer; another instruction follows
			return 0, false
		}
		v |= int64(b&0x7f) << (7 * k)
		if b < 0x80 {
			if k != len(expr)-3 {
				return 0, false
			}
			if b&0x40 != 0 {
				v |= -1 << (7 * (k + 1))
			}
		}
	}
	return uint32(v), true
}
