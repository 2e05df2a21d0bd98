package wasmffi

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/wasmffi/go/loader"
	"github.com/wasmffi/go/loader/wasmbin"
)

// placement is where the parts of a relocatable module go, by the convention of the tools for dynamic
// linking: data at memoryBase, functions in the table from tableBase on, the stack above the data. Of other
// modules only the names count.
type placement struct {
	given       map[string]uint64 // by the caller, "module.name"
	relocatable bool
	memoryBase  uint64
	tableBase   uint64
	tableSize   uint64
	stackTop    uint64
	symbols     map[string]uint64 // addresses that the module exports
}

const (
	firstData   = 1024     // below it nothing lies, so that addresses near NULL are nobody's
	moduleStack = 64 << 10 // of a relocatable module
	firstEntry  = 1        // of the table: entry 0 is NULL
)

func newPlacement(mod *wasmbin.Module, given map[string]uint64) *placement {
	p := &placement{given: given, memoryBase: firstData, tableBase: firstEntry, symbols: map[string]uint64{}}
	var size uint64
	for _, s := range mod.Customs {
		if s.Name == "dylink.0" {
			p.relocatable = true
			size, p.tableSize = dylink(s.Data)
		}
	}
	p.stackTop = (p.memoryBase + size + moduleStack + 15) &^ 15
	if !p.relocatable { // then nothing was made larger for it
		p.stackTop = min(p.stackTop, memoryMin(mod))
	}
	first := uint32(0)
	for i := range mod.Imports {
		if mod.Imports[i].Kind == wasmbin.KindGlobal {
			first++
		}
	}
	for _, x := range mod.Exports {
		if x.Kind != wasmbin.KindGlobal || x.Index < first {
			continue
		}
		// i32.const and end
		if g := mod.Globals[x.Index-first]; !g.Mutable && g.Type == wasmbin.I32 && len(g.Init) > 2 && g.Init[0] == byte(wasmbin.OpI32Const) {
			v, _ := binary.Uvarint(g.Init[1:]) // of a number that is not negative, as addresses are written
			p.symbols[x.Name] = v
		}
	}
	return p
}

// memoryMin is the size of the memory at first.
func memoryMin(mod *wasmbin.Module) uint64 {
	for i := range mod.Imports {
		if mod.Imports[i].Kind == wasmbin.KindMemory {
			return uint64(mod.Imports[i].Memory.Limits.Min) * pageSize
		}
	}
	if len(mod.Memories) == 0 {
		return 0
	}
	return uint64(mod.Memories[0].Limits.Min) * pageSize
}

// dylink reads the sizes of data and functions, which are small numbers of a hostile section.
func dylink(b []byte) (memory, table uint64) {
	const memInfo = 1
	for len(b) > 0 {
		kind := b[0]
		n, at := binary.Uvarint(b[1:])
		if at <= 0 || n > uint64(len(b)-1-at) {
			return 0, 0
		}
		part := b[1+at : 1+at+int(n)]
		b = b[1+at+int(n):]
		if kind != memInfo {
			continue
		}
		var v [4]uint64 // size and alignment of the data, size and alignment of the functions
		for i := range v {
			x, n := binary.Uvarint(part)
			if n <= 0 {
				return 0, 0
			}
			v[i], part = min(x, math.MaxUint32), part[n:]
		}
		return v[0], v[2]
	}
	return 0, 0
}

// raise makes an imported memory and the first imported table large enough. What it asks for was not judged with
// the module.
func (p *placement) raise(mod *wasmbin.Module) error {
	if !p.relocatable {
		return nil
	}
	pages, entries := (p.stackTop+pageSize-1)/pageSize, p.tableBase+p.tableSize
	if pages > MaxMemory/pageSize || entries > loader.MaxTableEntries {
		return fmt.Errorf("section dylink.0: got %d bytes of data and stack, and %d entries of the table, want at most %d and %d", p.stackTop, entries, uint64(MaxMemory), loader.MaxTableEntries)
	}
	raised := false
	for i := range mod.Imports {
		switch x := &mod.Imports[i]; x.Kind {
		case wasmbin.KindMemory:
			mod.SetMemoryLimits(0, atLeast(x.Memory.Limits, uint32(pages)))
		case wasmbin.KindTable:
			if !raised {
				mod.SetTableLimits(0, atLeast(x.Table.Limits, uint32(entries)))
			}
			raised = true
		}
	}
	return nil
}

// atLeast is limits of no less than n.
func atLeast(l wasmbin.Limits, n uint32) wasmbin.Limits {
	l.Min = max(l.Min, n)
	l.Max = max(l.Max, l.Min)
	return l
}

// floatBits is a number as a value of a float type; 0 of any other.
func floatBits(t wasmbin.ValueType, v float64) uint64 {
	switch t {
	case wasmbin.F32:
		return uint64(math.Float32bits(float32(v)))
	case wasmbin.F64:
		return math.Float64bits(v)
	}
	return 0
}

// value is that of an imported global.
func (p *placement) value(_ int, x wasmbin.Import) (lo, hi uint64) {
	if v, ok := p.given[x.Module+"."+x.Name]; ok {
		return v, 0
	}
	switch x.Module {
	case "GOT.mem":
		if v, ok := p.symbols[x.Name]; ok {
			return p.memoryBase + v, 0
		}
		return 0, 0
	case "global":
		switch x.Name {
		case "NaN":
			return floatBits(x.Global.Type, math.NaN()), 0
		case "Infinity":
			return floatBits(x.Global.Type, math.Inf(1)), 0
		}
	}
	switch x.Name {
	case "__memory_base", "memoryBase":
		return p.memoryBase, 0
	case "__table_base", "__table_base32", "tableBase":
		return p.tableBase, 0
	case "__stack_pointer", "STACKTOP", "__heap_base":
		return p.stackTop, 0
	}
	return 0, 0
}
