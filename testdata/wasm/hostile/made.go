package hostile

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/wasmffi/go/loader/wasmbin"
)

// made are the guests that Go code makes.
func made() []Guest {
	list := []Guest{
		{Name: "body_200", What: "A loop with a body of 200 divisions and roots that does not end: stopped.", Wasm: heavy(200)},
		{Name: "body_20000", What: "A loop with a body of 20,000 divisions and roots that does not end: stopped in the middle of it.", Wasm: heavy(20_000)},
		{Name: "br_table", What: "A br_table of 10,000 entries in a loop that does not end: stopped.", Wasm: jumps(10_000, 64)},
		{Name: "tables", What: "1,000 tables of 10 million entries each: refused.", Wasm: tables(1000, 10_000_000, false)},
		{Name: "tables_claim", What: "A table of 2^32-1 entries at first: refused.", Wasm: tables(1, math.MaxUint32, false)},
		{Name: "tables_sum", What: "11 tables whose sizes at first are above the limit of them all, each of which is below: refused.", Wasm: tables(11, 950_000, false)},
		{Name: "tables_limit", What: "3 tables of 400,000 entries, which is above a limit of a million for all of them: refused.", Wasm: tables(3, 400_000, false)},
		{Name: "tables_max", What: "100 tables with a maximum of 2^32-1 and nothing in them: harmless.", Wasm: tables(100, 0, true)},
		{Name: "names_claim", What: "A section of names that says it has 4 billion, for which an engine takes 100 GB: harmless.", Wasm: namesClaim("\x01\x05\xff\xff\xff\xff\x0f")},
		{Name: "names_claim_locals", What: "The same of a function's locals, 200 million: harmless.", Wasm: namesClaim("\x02\x06\x01\x00\xb2\xb2\xb2\x74")},
		{Name: "exports", What: "9,000 functions with an export each, each of which an engine compares with each: refused.", Wasm: exports(9000)},
		{Name: "try_recursion", What: "Recursion through try_table, of which each costs the engine a copy of the stack: refused without exceptions, limited with them.", Wasm: tries(1)},
		{Name: "try_nest", What: "Recursion through 100 nested try_tables: refused without exceptions, limited with them.", Wasm: tries(100)},
		{Name: "try_loop", What: "try_table in a loop that does not end: refused without exceptions, stopped with them.", Wasm: attack(0, 0,
			wasmbin.OpLoop, empty, wasmbin.OpTryTable, empty, 1, catchAll, 0, wasmbin.OpEnd, wasmbin.OpBr, 0, wasmbin.OpEnd)},
	}
	return append(list, bombs()...)
}

// heavy is a loop with about n instructions without a branch, from a number in memory to the next.
func heavy(n int) []byte {
	three := binary.LittleEndian.AppendUint64(nil, math.Float64bits(3))
	return attack(1, 0, wasmbin.OpLoop, empty,
		small(0), small(0), opF64Load, 3, 0,
		repeat(n/3, wasmbin.OpF64Const, three, opF64Div, opF64Sqrt),
		opF64Store, 3, 0, wasmbin.OpBr, 0, wasmbin.OpEnd)
}

// jumps is a br_table of so many entries out of so many blocks, up to 64, by a local that is another number each time.
func jumps(entries, blocks int) []byte {
	next := code(wasmbin.OpLocalGet, 0, small(5), wasmbin.OpI32Mul, small(1), wasmbin.OpI32Add,
		small(63), wasmbin.OpI32And, wasmbin.OpLocalSet, 0)
	table := code(wasmbin.OpLocalGet, 0, wasmbin.OpBrTable, entries)
	for i := range entries + 1 {
		table = append(table, code(i%blocks)...)
	}
	return attack(0, 1, wasmbin.OpLoop, empty, repeat(blocks, wasmbin.OpBlock, empty), table, wasmbin.OpEnd,
		repeat(blocks-1, next, wasmbin.OpEnd), next, wasmbin.OpBr, 0, wasmbin.OpEnd)
}

// tables are so many tables of so many entries at first.
func tables(n int, entries uint32, unbounded bool) []byte {
	m := newModule(0)
	limits := wasmbin.Limits{Min: entries, Max: math.MaxUint32, HasMax: unbounded}
	for range n {
		m.AppendTable(wasmbin.Table{Type: wasmbin.FuncRef, Limits: limits})
	}
	m.function("attack", 0, 0)
	return m.Encode()
}

// namesClaim is a harmless module with a section of names.
func namesClaim(content string) []byte {
	m := newModule(0)
	m.function("attack", 0, 0)
	return append(m.Encode(), "\x00"+string(rune(5+len(content)))+"\x04name"+content...)
}

// exports are so many functions that do nothing, each with an export.
func exports(n int) []byte {
	m := newModule(0)
	m.function("attack", 0, 0)
	for i := range n {
		m.function(fmt.Sprint("f", i), 0, 0)
	}
	return m.Encode()
}

// tries is a function that calls itself within so many try_tables that catch everything.
func tries(nested int) []byte {
	return attack(0, 0, repeat(nested, wasmbin.OpTryTable, empty, 1, catchAll, 0), wasmbin.OpCall, 0, repeat(nested, wasmbin.OpEnd))
}
