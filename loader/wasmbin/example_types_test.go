package wasmbin_test

import (
	"fmt"

	"github.com/wasmffi/go/loader/wasmbin"
)

// everything is a module with one of everything.
func everything() *wasmbin.Module {
	m, err := wasmbin.Decode(full())
	if err != nil {
		panic(err)
	}
	return m
}

func ExampleModule() {
	m := everything()
	fmt.Println(len(m.Types), len(m.Imports), len(m.Functions), len(m.AllTables()), *m.Start, *m.DataCount)
	// Output: 4 5 2 3 0 3
}

func ExampleSection() {
	for _, s := range everything().Sections[:3] {
		fmt.Printf("%d at %#x: %d bytes, %d of content\n", s.ID, s.Offset, len(s.Raw), len(s.Content))
	}
	// Output:
	// 0 at 0x8: 10 bytes, 8 of content
	// 1 at 0x12: 25 bytes, 23 of content
	// 2 at 0x2b: 41 bytes, 39 of content
}

func ExampleFuncType() {
	t := everything().Types[0]
	fmt.Println(t.Params, t.Results)
	// Output: [i32 v128] [i64 funcref]
}

func ExampleImport() {
	for _, i := range everything().Imports {
		switch i.Kind {
		case wasmbin.KindFunc:
			fmt.Println(i.Module, i.Name, i.Kind, i.Type)
		case wasmbin.KindTable:
			fmt.Println(i.Module, i.Name, i.Kind, *i.Table)
		case wasmbin.KindMemory:
			fmt.Println(i.Module, i.Name, i.Kind, *i.Memory)
		case wasmbin.KindGlobal:
			fmt.Println(i.Module, i.Name, i.Kind, i.Global)
		case wasmbin.KindTag:
			fmt.Println(i.Module, i.Name, i.Kind, i.Tag)
		}
	}
	// Output:
	// m f func 1
	// m t table {externref {2 128 true} []}
	// m m memory {{1 2 true} true}
	// m g global {i32 true}
	// m e tag {1}
}

func ExampleKind() {
	for _, x := range everything().Exports {
		fmt.Println(x.Name, "is", x.Kind, x.Index)
	}
	// Output:
	// f is func 1
	// t is table 0
	// m is memory 0
	// g is global 1
	// e is tag 0
}

func ExampleExport() {
	m := everything()
	_, err := m.AppendExport(wasmbin.Export{Name: "f", Kind: wasmbin.KindFunc, Index: 2})
	fmt.Println(err)
	// Output: wasmbin: appended export: got the name "f", want one that the module does not export
}

func ExampleTable() {
	for _, t := range everything().Tables {
		fmt.Println(t.Type, t.Limits.Min, t.Limits.HasMax, t.Init)
	}
	// Output:
	// funcref 5 false []
	// (ref func) 1 true [210 0 11]
}

func ExampleLimits() {
	l := everything().Memories[0].Limits
	fmt.Println(l.Min, l.Max, l.HasMax)
	// Output: 1 4294967295 false
}

func ExampleMemory() {
	m := everything().Imports[2].Memory
	fmt.Println(m.Limits.Min, m.Limits.Max, m.Shared)
	// Output: 1 2 true
}

func ExampleGlobal() {
	for _, g := range everything().Globals {
		fmt.Printf("%v %v %d bytes\n", g.Type, g.Mutable, len(g.Init))
	}
	// Output:
	// i32 false 3 bytes
	// v128 true 19 bytes
}

func ExampleGlobalType() {
	fmt.Println(everything().Imports[3].Global == wasmbin.GlobalType{Type: wasmbin.I32, Mutable: true})
	// Output: true
}

func ExampleTag() {
	m := everything()
	fmt.Println(len(m.Types[m.Tags[0].Type].Params))
	// Output: 0
}

func ExampleElement() {
	for _, e := range everything().Elements[:3] {
		fmt.Println(e.Mode == wasmbin.Active, e.Table, e.Type, e.Count, e.Init)
	}
	// Output:
	// true 0 funcref 1 [0]
	// false 0 funcref 2 [0 1]
	// true 1 funcref 0 []
}

func ExampleMode() {
	for _, e := range everything().Elements[:4] {
		switch e.Mode {
		case wasmbin.Active:
			fmt.Println("active")
		case wasmbin.Passive:
			fmt.Println("passive")
		case wasmbin.Declarative:
			fmt.Println("declarative")
		}
	}
	// Output:
	// active
	// passive
	// active
	// declarative
}

func ExampleSegment() {
	for _, s := range everything().Data {
		fmt.Printf("%v %q\n", s.Mode == wasmbin.Passive, s.Init)
	}
	// Output:
	// false "hi"
	// true "abc"
	// false ""
}

func ExampleCustom() {
	for _, c := range everything().Customs {
		fmt.Printf("%s %q\n", c.Name, c.Data)
	}
	// Output:
	// first "\xff\x00"
	// name "\x00\x02\x01x"
}

func ExampleBody() {
	b := everything().Code[1]
	fmt.Printf("%#x % x\n", b.Offset, b.Code)
	// Output: 0xec 42 00 1a 0b
}

func ExampleInstruction() {
	code := []byte{0x41, 0x80, 0x01, 0x1a, 0x0b}
	for ins := range wasmbin.Instructions(code) {
		fmt.Printf("%v at %d [% x]\n", ins.Op, ins.Offset, code[ins.Imm:ins.End])
	}
	// Output:
	// opcode 0x41 at 0 [80 01]
	// opcode 0x1a at 3 []
	// opcode 0xb at 4 []
}

func ExampleOpcode() {
	fmt.Println(wasmbin.OpTableFill, wasmbin.OpI32Const)
	// Output: opcode 0xfc11 opcode 0x41
}

func ExampleValueType() {
	fmt.Println(wasmbin.I32, wasmbin.ExternRef, wasmbin.RefTo(7, false), wasmbin.I32.IsRef())
	// Output: i32 externref (ref 7) false
}

func ExampleShadow() {
	m, err := wasmbin.Decode(tables("\x41\x00\x41\x00\x41\x00\xfc\x0e\x00\x00\x0b")) // table.copy 0 0
	if err != nil {
		panic(err)
	}
	shadows, err := m.ShadowTables([]uint32{0})
	if err != nil {
		panic(err)
	}
	for _, s := range shadows {
		fmt.Println("table", s.Table, "of", s.Type)
		fmt.Println(s.Save)
		fmt.Println(s.Restore)
	}
	// Output:
	// table 0 of funcref
	// wasmffi.shadow.save.0
	// wasmffi.shadow.restore.0
}

func ExampleWrites() {
	m, err := wasmbin.Decode(tables("\xfc\x0d\x00\x0b")) // elem.drop 0
	if err != nil {
		panic(err)
	}
	writes, err := m.Writes()
	fmt.Println(writes.Tables, writes.Segments, err)
	// Output: [] true <nil>
}
