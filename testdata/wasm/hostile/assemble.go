package hostile

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/wasmffi/go/loader/wasmbin"
)

// module is a module that is put together by its parts. What is wrong with one is a mistake in this package, and a panic.
type module struct{ *wasmbin.Module }

// newModule has a memory of so many pages, which is exported; of 0: none.
func newModule(pages int) module {
	header := []byte("\x00asm\x01\x00\x00\x00")
	if pages > 0 {
		limits := code(0x00, pages)
		header = append(header, code(0x05, len(limits)+1, 1, limits, 0x07, 10, 1, 6, "memory", 0x02, 0)...)
	}
	m, err := wasmbin.Decode(header)
	if err != nil {
		panic(fmt.Errorf("hostile: %w", err))
	}
	return module{m}
}

// function appends a function of no result, of parameters and locals that are all i32; it is exported unless the name is empty.
func (m module) function(export string, params, locals int, parts ...any) {
	t := wasmbin.FuncType{Params: bytesOf(params, wasmbin.I32)}
	typ := -1
	for i, known := range m.Types {
		if len(known.Params) == params && len(known.Results) == 0 {
			typ = i
		}
	}
	if typ < 0 {
		typ = int(m.AppendType(t))
	}
	declared := code(0)
	if locals > 0 {
		declared = code(1, locals, byte(wasmbin.I32))
	}
	f, err := m.AppendFunction(uint32(typ), append(declared, code(append(parts, wasmbin.OpEnd)...)...))
	if err != nil {
		panic(fmt.Errorf("hostile: %w", err))
	}
	if export == "" {
		return
	}
	if _, err := m.AppendExport(wasmbin.Export{Name: export, Kind: wasmbin.KindFunc, Index: f}); err != nil {
		panic(fmt.Errorf("hostile: %w", err))
	}
}

// attack is a module of one function.
func attack(pages, locals int, parts ...any) []byte {
	m := newModule(pages)
	m.function("attack", 0, locals, parts...)
	return m.Encode()
}

// code puts bytes together: opcodes of one byte, numbers as unsigned LEB128, texts and bytes as they are.
func code(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case wasmbin.Opcode:
			b = append(b, byte(p))
		case byte:
			b = append(b, p)
		case int:
			b = binary.AppendUvarint(b, uint64(p))
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		default:
			panic(fmt.Sprintf("hostile: got a part of type %T, want an opcode, a byte, an int, a string or bytes", p))
		}
	}
	return b
}

// bytesOf is n times v.
func bytesOf[T any](n int, v T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// repeat is n times the code of the parts.
func repeat(n int, parts ...any) []byte { return bytes.Repeat(code(parts...), n) }

// Immediates, and opcodes that package wasmbin has no need to name.
const (
	empty    = byte(0x40) // the type of a block without parameters and results
	catchAll = byte(0x02) // a clause of try_table, before a label

	opDrop     = wasmbin.Opcode(0x1a)
	opF64Load  = wasmbin.Opcode(0x2b)
	opF64Store = wasmbin.Opcode(0x39)
	opF64Sqrt  = wasmbin.Opcode(0x9f)
	opF64Div   = wasmbin.Opcode(0xa3)
)

// small is an i32.const of 0 to 63.
func small(n byte) []byte { return []byte{byte(wasmbin.OpI32Const), n} }
