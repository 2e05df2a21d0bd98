package loader

import (
	"encoding/binary"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// usage is what the code of a module uses and takes.
type usage struct {
	features    []string
	atomicWaits bool
	nesting     greatest
	locals      greatest
	product     greatest // locals x blocks
	branches    greatest
	body        greatest
}

// greatest is a greatest number, and the function that has it.
type greatest struct {
	n    uint64
	fn   int
	seen bool
}

func (g *greatest) see(n uint64, fn int) {
	if !g.seen || n > g.n {
		*g = greatest{n, fn, true}
	}
}

func measure(m *wasmbin.Module) (usage, error) {
	var u usage
	found := map[string]bool{}
	imported := 0
	for _, im := range m.Imports {
		switch im.Kind {
		case wasmbin.KindFunc:
			imported++
		case wasmbin.KindMemory:
			found["atomics"] = found["atomics"] || im.Memory.Shared
		case wasmbin.KindTag:
			found["exception-handling"] = true
		}
	}
	for _, mem := range m.Memories {
		found["atomics"] = found["atomics"] || mem.Shared
	}
	for k, body := range m.Code {
		fn := imported + k
		locals := uint64(len(m.Types[m.Functions[k]].Params))
		for n := range body.Locals() {
			locals += uint64(n)
		}
		var depth, blocks uint64 = 0, 1
		for in, err := range wasmbin.Instructions(body.Code) {
			if err != nil {
				return u, err
			}
			switch {
			case in.Op == wasmbin.OpBlock, in.Op == wasmbin.OpLoop, in.Op == wasmbin.OpIf, in.Op == wasmbin.OpTryTable:
				depth++
				blocks++
				u.nesting.see(depth, fn)
				if in.Op == wasmbin.OpTryTable {
					found["exception-handling"] = true
				}
			case in.Op == wasmbin.OpEnd && depth > 0:
				depth--
			case in.Op == wasmbin.OpBrTable:
				n, _ := binary.Uvarint(body.Code[in.Imm:])
				u.branches.see(n, fn)
			case in.Op == wasmbin.OpThrow, in.Op == wasmbin.OpThrowRef:
				found["exception-handling"] = true
			case in.Op>>8 == 0xfe:
				found["atomics"] = true
				u.atomicWaits = u.atomicWaits || in.Op == wasmbin.OpMemoryWait32 || in.Op == wasmbin.OpMemoryWait64
			case in.Op>>8 == 0xfd:
				found["simd128"] = true
			case in.Op == wasmbin.OpReturnCall, in.Op == wasmbin.OpReturnCallIndirect:
				found["tail-call"] = true
			case in.Op == wasmbin.OpCallRef, in.Op == wasmbin.OpReturnCallRef:
				found["function-references"] = true
			}
		}
		u.locals.see(locals, fn)
		u.product.see(locals*blocks, fn)
		u.body.see(uint64(len(body.Code)), fn)
	}
	for _, name := range []string{"atomics", "exception-handling", "function-references", "simd128", "tail-call"} {
		if found[name] {
			u.features = append(u.features, name)
		}
	}
	return u, nil
}

func isFeature(e *wasmbin.Error) bool {
	return strings.Contains(e.Reason, "memory64") || strings.Contains(e.Reason, "custom-page-sizes") || strings.Contains(e.Reason, "shared table")
}
