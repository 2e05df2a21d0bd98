package wasmbin_test

import (
	"fmt"

	"github.com/wasmffi/go/loader/wasmbin"
)

// answer is (module (func (export "answer") (result i32) i32.const 42)).
var answer = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x05\x01\x60\x00\x01\x7f" + "\x03\x02\x01\x00" +
	"\x07\x0a\x01\x06answer\x00\x00" + "\x0a\x06\x01\x04\x00\x41\x2a\x0b")

func ExampleDecode() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	for _, x := range m.Exports {
		fmt.Println(x.Kind, x.Name, m.Types[m.Functions[x.Index]].Results)
	}
	// Output: func answer [i32]
}

func ExampleError() {
	_, err := wasmbin.Decode(answer[:14])
	fmt.Println(err)
	// Output: wasmbin: type section: offset 0x9: size: got 5, want at most 4: 4 bytes are left
}

func ExampleModule_Encode() {
	m, err := wasmbin.Decode(empty)
	if err != nil {
		panic(err)
	}
	typ := m.AppendType(wasmbin.FuncType{Results: []wasmbin.ValueType{wasmbin.I32}})
	f, err := m.AppendFunction(typ, []byte{0, 0x41, 42, 0x0b}) // no locals; i32.const 42; end
	if err != nil {
		panic(err)
	}
	if _, err = m.AppendExport(wasmbin.Export{Name: "answer", Kind: wasmbin.KindFunc, Index: f}); err != nil {
		panic(err)
	}
	fmt.Println(string(m.Encode()) == string(answer))
	// Output: true
}

// empty is the empty module.
var empty = answer[:8]

func ExampleModule_AppendGlobal() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	fuel := wasmbin.Global{GlobalType: wasmbin.GlobalType{Type: wasmbin.I64, Mutable: true}, Init: []byte{0x42, 0, 0x0b}}
	index := m.AppendGlobal(fuel)
	name := m.PrivatePrefix("answer") + ".fuel"
	if _, err := m.AppendExport(wasmbin.Export{Name: name, Kind: wasmbin.KindGlobal, Index: index}); err != nil {
		panic(err)
	}
	fmt.Println(name, index)
	// Output: answer_.fuel 0
}

func ExampleModule_CheckIndices() {
	m, err := wasmbin.Decode(append(answer[:len(answer)-4:len(answer)-4], 0, 0x10, 1, 0x0b)) // call 1
	if err != nil {
		panic(err)
	}
	fmt.Println(m.CheckIndices())
	// Output: wasmbin: code section: offset 0x25: opcode 0x10: function index: got 1, want less than 1
}

func ExampleInstructions() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	code := m.Code[0].Code
	for ins, err := range wasmbin.Instructions(code) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%d %v % x\n", ins.Offset, ins.Op, code[ins.Imm:ins.End])
	}
	// Output:
	// 0 opcode 0x41 2a
	// 2 opcode 0xb
}

func ExampleBody_Locals() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	if _, err := m.AppendFunction(0, []byte{2, 3, 0x7f, 1, 0x70, 0x41, 0, 0x0b}); err != nil {
		panic(err)
	}
	for n, t := range m.Code[1].Locals() {
		fmt.Println(n, t)
	}
	// Output:
	// 3 i32
	// 1 funcref
}

func ExampleModule_ShadowTables() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	table := m.AppendTable(wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Min: 8}})
	body := []byte{0, 0x41, 0, 0x41, 0, 0x25, byte(table), 0x26, byte(table), 0x41, 0, 0x0b} // table[0] = table[0]
	if _, err := m.AppendFunction(0, body); err != nil {
		panic(err)
	}
	m, err = wasmbin.Decode(m.Encode())
	if err == nil {
		err = m.CheckIndices()
	}
	if err != nil {
		panic(err)
	}
	writes, err := m.Writes()
	if err != nil {
		panic(err)
	}
	shadows, err := m.ShadowTables(writes.Tables)
	if err != nil {
		panic(err)
	}
	for _, s := range shadows {
		fmt.Println(s.Table, s.Type, s.Save, s.Restore)
	}
	fmt.Println(len(m.Encode()) > len(answer))
	// Output:
	// 0 funcref wasmffi.shadow.save.0 wasmffi.shadow.restore.0
	// true
}

func ExampleModule_Writes() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Writes())
	// Output: {[] false} <nil>
}

func ExampleRefTo() {
	t := wasmbin.RefTo(3, true)
	index, ok := t.TypeIndex()
	fmt.Println(t, t.IsRef(), t.Nullable(), index, ok)
	// Output: (ref null 3) true true 3 true
}
