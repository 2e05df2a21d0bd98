package wasmffi_test

import (
	"fmt"
)

// relocatable is a module as tools for dynamic linking make it: it exports a pointer of its data, which relocations
// fill in, and reads it.
func relocatable() []byte { return relocatableWith([4][]byte{leb(64), leb(2), leb(2), leb(0)}, 1) }

// relocatableWith has what its dylink.0 section says, and so many tables.
func relocatableWith(info [4][]byte, tables int) []byte {
	var m made
	sizes := cat(info[0], info[1], info[2], info[3])
	m.customs = append(m.customs, cat("dylink.0", 1, leb(len(sizes)), sizes))
	m.imports = append(m.imports, cat("env", "memory", kindMemory, 0, 0))
	for i := range tables {
		name := "__indirect_function_table"
		if i > 0 {
			name = fmt.Sprint(name, i)
		}
		m.imports = append(m.imports, cat("env", name, kindTable, funcref, 0, 0))
	}
	m.imports = append(m.imports,
		cat("env", "__memory_base", kindGlobal, i32, 0), cat("env", "__table_base", kindGlobal, i32, 0),
		cat("env", "__stack_pointer", kindGlobal, i32, 1), cat("GOT.mem", "numbers", kindGlobal, i32, 1),
		cat("GOT.mem", "elsewhere", kindGlobal, i32, 1), cat("GOT.func", "thrice", kindGlobal, i32, 1))
	const memoryBase, tableBase, stack, numbers, elsewhere, thriceAt = 0, 1, 2, 3, 4, 5
	m.export("memory", kindMemory, 0)
	for name, at := range map[string]int{"stack": stack, "got_numbers": numbers, "got_elsewhere": elsewhere, "got_thrice": thriceAt, "memory_base": memoryBase, "table_base": tableBase} {
		m.fn(name, "", "i", opGlobalGet, at)
	}
	// The data: two i32, and the address of the second of them, which is 0 until it is relocated.
	m.fn("__wasm_apply_data_relocs", "", "",
		opGlobalGet, memoryBase, opGlobalGet, memoryBase, constant(4), opAdd, opStore, 2, 8)
	m.fn("second", "", "i", opGlobalGet, memoryBase, opLoad, 2, 8, opLoad, 2, 0) // *pointer
	thrice := m.fn("", "i", "i", opLocalGet, 0, constant(3), 0x6c)
	m.fn("apply", "ii", "i", opLocalGet, 1, opLocalGet, 0, opGlobalGet, tableBase, opAdd, opCallIndirect, leb(m.typ("i", "i")), 0)
	m.globals = append(m.globals, cat(i32, 0, constant(0), opEnd), cat(i32, 0, constant(8), opEnd))
	m.export("numbers", kindGlobal, 6)
	m.export("pointer", kindGlobal, 7)
	m.elems = append(m.elems, cat(0, opGlobalGet, tableBase, opEnd, leb(1), leb(thrice)))
	m.data = append(m.data, cat(0, opGlobalGet, memoryBase, opEnd, leb(8), []byte{11, 0, 0, 0, 22, 0, 0, 0}))
	return m.bytes()
}
