package hostile

import "github.com/wasmffi/go/loader/wasmbin"

// bombs are small modules, mostly of one function, that take an engine seconds or gigabytes to compile.
func bombs() []Guest {
	list := []Guest{
		{Name: "nest_20000", What: "20,000 blocks in one another", Wasm: attack(0, 0, nest(20_000, wasmbin.OpBlock))},
		{Name: "nest_500000", What: "500,000 blocks in one another", Wasm: attack(0, 0, nest(500_000, wasmbin.OpBlock))},
		{Name: "nest_loops", What: "20,000 loops in one another", Wasm: attack(0, 0, nest(20_000, wasmbin.OpLoop))},
		{Name: "loops_of_many_locals", What: "4,000 loops with 49,999 locals", Wasm: attack(0, 49_999, countdowns(4_000, 49_999))},
		{Name: "many_loops_of_locals", What: "30,000 loops with 1,999 locals", Wasm: attack(0, 1_999, countdowns(30_000, 1_999))},
		{Name: "br_tables", What: "20 br_tables of 100,000 entries", Wasm: attack(0, 0,
			repeat(20, wasmbin.OpBlock, empty, small(0), wasmbin.OpBrTable, 100_000, make([]byte, 100_001), wasmbin.OpEnd))},
		{Name: "stack", What: "500,000 values on the stack", Wasm: attack(0, 1,
			repeat(500_000, wasmbin.OpLocalGet, 0, small(3), wasmbin.OpI32Mul), repeat(500_000, opDrop))},
		{Name: "live", What: "20,000 locals that live through a loop of 2,000 blocks", Wasm: attack(0, 20_000, live(20_000))},
		{Name: "invokers", What: "9,000 imports of different types that call through the table", Wasm: invokers(9_000, 0)},
		{Name: "invokers_functions", What: "9,000 imports of different types that call through the table, and 100,000 functions", Wasm: invokers(9_000, 100_000)},
	}
	for i := range list {
		list[i].Name = "bomb_" + list[i].Name
		list[i].What += ", which take very long to compile: refused before that."
	}
	return list
}

func nest(n int, op wasmbin.Opcode) []byte {
	return append(repeat(n, op, empty), repeat(n, wasmbin.OpEnd)...)
}

// countdowns are loops one after another, each with the next of so many locals.
func countdowns(n, locals int) (b []byte) {
	for i := range n {
		l := i % locals
		b = append(b, code(wasmbin.OpLoop, empty, wasmbin.OpLocalGet, l, small(1), wasmbin.OpI32Sub, wasmbin.OpLocalTee, l,
			wasmbin.OpBrIf, 0, wasmbin.OpEnd)...)
	}
	return b
}

// live is a loop in which every local depends on the next.
func live(n int) []byte {
	b := code(wasmbin.OpLoop, empty)
	for i := range n {
		b = append(b, code(wasmbin.OpLocalGet, (i+1)%n, small(1), wasmbin.OpI32Add, wasmbin.OpLocalSet, i)...)
		if i%10 == 0 {
			b = append(b, code(wasmbin.OpBlock, empty, wasmbin.OpLocalGet, 0, wasmbin.OpBrIf, 0, wasmbin.OpEnd)...)
		}
	}
	return append(b, code(wasmbin.OpLocalGet, 0, wasmbin.OpBrIf, 0, wasmbin.OpEnd)...)
}

// invokers imports so many functions of different types that call through its table, with each of which an engine
// may compare its functions. Those are of type 0, as the first import is.
func invokers(n, funcs int) []byte {
	section := func(id byte, items []byte, count int) []byte {
		items = append(code(count), items...)
		return append(code(id, len(items)), items...)
	}
	var types, imports []byte
	for i := range n {
		params := []byte{byte(wasmbin.I32)}
		for k := i; k > 0; k /= 4 {
			params = append(params, [...]byte{byte(wasmbin.I32), byte(wasmbin.I64), byte(wasmbin.F32), byte(wasmbin.F64)}[k%4])
		}
		types = append(types, code(0x60, len(params), params, 0)...)
		imports = append(imports, code(3, "env", 8, "invoke_v", 0, i)...)
	}
	return code("\x00asm\x01\x00\x00\x00", section(1, types, n), section(2, imports, n), section(3, make([]byte, funcs), funcs),
		section(4, code(byte(wasmbin.FuncRef), 0, 1), 1), section(10, repeat(funcs, 2, 0, wasmbin.OpEnd), funcs))
}
