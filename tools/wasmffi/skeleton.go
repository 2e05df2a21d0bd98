package main

import (
	"context"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/wasmffi"
)

// skeleton compiles a module that exports functions of the same names and types and does
// nothing: whether signatures fit can be asked of it, also where the module itself cannot
// be compiled, or only in minutes. It carries the signatures in text, which stand at place.
func (l *inspection) skeleton(text []byte, place string) (*wasmffi.Module, error) {
	full := l.report.Module()
	bare, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00"))
	if err != nil {
		return nil, err
	}
	trap := []byte{0, byte(wasmbin.OpUnreachable), byte(wasmbin.OpEnd)} // no locals
	same := map[uint32]uint32{}                                         // function -> that of the skeleton
	types := functionTypes(full)
	for _, x := range full.Exports {
		if x.Kind != wasmbin.KindFunc || !portable(full.Types[types[x.Index]]) {
			continue
		}
		f, ok := same[x.Index]
		if !ok {
			if f, err = bare.AppendFunction(bare.AppendType(full.Types[types[x.Index]]), trap); err != nil {
				return nil, err
			}
			same[x.Index] = f
		}
		if _, err := bare.AppendExport(wasmbin.Export{Name: x.Name, Kind: wasmbin.KindFunc, Index: f}); err != nil {
			return nil, err
		}
	}
	stand := *l.Binary
	stand.Bytes, stand.Sidecar, stand.SidecarPath = bare.Encode(), text, place
	return wasmffi.CompileBinary(context.Background(), &stand, &wasmffi.Options{Names: l.names})
}

// functionTypes are the types of all functions, imported ones first.
func functionTypes(m *wasmbin.Module) []uint32 {
	var types []uint32
	for _, im := range m.Imports {
		if im.Kind == wasmbin.KindFunc {
			types = append(types, im.Type)
		}
	}
	return append(types, m.Functions...)
}

// portable is whether a type means the same in another module, and C may have it.
func portable(t wasmbin.FuncType) bool {
	for _, list := range [][]wasmbin.ValueType{t.Params, t.Results} {
		for _, v := range list {
			switch v {
			case wasmbin.I32, wasmbin.I64, wasmbin.F32, wasmbin.F64:
			default:
				return false
			}
		}
	}
	return true
}
