package wasmffi_test

// Modules that no compiler makes are put together here, section by section, in the
// binary format of the WebAssembly specification.

// Section numbers, value types and kinds of imports and exports.
const (
	secType, secImport, secFunc, secMemory, secGlobal, secExport, secStart, secCode, secData = 1, 2, 3, 5, 6, 7, 8, 10, 11

	i32, i64, f32, f64 = 0x7f, 0x7e, 0x7d, 0x7c

	kindFunc, kindTable, kindMemory, kindGlobal = 0, 1, 2, 3
)

// A few opcodes.
const (
	opUnreachable, opEnd, opCall, opDrop, opLocalGet = 0x00, 0x0b, 0x10, 0x1a, 0x20
	opGlobalGet, opGlobalSet                         = 0x23, 0x24
	opLoad, opStore, opStore8, opGrow                = 0x28, 0x36, 0x3a, 0x40
	opConst, opF64Const, opAdd                       = 0x41, 0x44, 0x6a
)

// cat joins bytes and byte slices, and numbers below 256, for readable literals.
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
		case string: // a name: its length and its bytes
			b = append(append(b, leb(len(p))...), p...)
		default:
			panic("cat: neither byte, bytes nor name")
		}
	}
	return b
}

// leb is an unsigned LEB128 number.
func leb(n int) []byte {
	var b []byte
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// sleb is a signed LEB128 number, as constants are written.
func sleb(n int64) []byte {
	var b []byte
	for {
		c := byte(n & 0x7f)
		n >>= 7
		if n == 0 && c&0x40 == 0 || n == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// constant is i32.const n.
func constant(n int64) []byte { return cat(opConst, sleb(n)) }

// section is a section of a vector of items.
func section(id int, items ...[]byte) []byte {
	body := leb(len(items))
	for _, item := range items {
		body = append(body, item...)
	}
	return cat(id, leb(len(body)), body)
}

// binary is a module of sections, which must come in ascending order.
func binary(sections ...[]byte) []byte {
	b := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range sections {
		b = append(b, s...)
	}
	return b
}

// signature is a function type.
func signature(params, results []byte) []byte {
	return cat(0x60, leb(len(params)), params, leb(len(results)), results)
}

// code is a function body without locals.
func code(parts ...any) []byte {
	b := cat(0, cat(parts...), opEnd)
	return cat(leb(len(b)), b)
}

// heap is the two functions of an allocator that grows upwards from 1 KiB and
// aligns to 64, types (i32) -> i32 and (i32), with its global.
var (
	heapGlobal = cat(i32, 1, constant(1024), opEnd) // mutable
	heapMalloc = code(
		opGlobalGet, 0,
		opGlobalGet, 0, opLocalGet, 0, opAdd, constant(63), opAdd, constant(-64), 0x71 /* and */, opGlobalSet, 0)
)
