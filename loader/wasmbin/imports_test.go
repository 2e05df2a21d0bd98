package wasmbin_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// sameFields wants the fields that sections have to be equal; whether a list without entries is nil does not count.
func sameFields(t testing.TB, want, got *wasmbin.Module) {
	t.Helper()
	sameList(t, want.Types, got.Types)
	sameList(t, want.Imports, got.Imports)
	sameList(t, want.Functions, got.Functions)
	sameList(t, want.Tables, got.Tables)
	sameList(t, want.Memories, got.Memories)
	sameList(t, want.Tags, got.Tags)
	sameList(t, want.Globals, got.Globals)
	sameList(t, want.Exports, got.Exports)
	sameList(t, want.Elements, got.Elements)
	sameList(t, want.Data, got.Data)
	sameList(t, want.Customs, got.Customs)
	require.Equal(t, want.Start, got.Start)
	require.Equal(t, want.DataCount, got.DataCount)
	require.Len(t, got.Code, len(want.Code))
	for i := range want.Code {
		require.Equal(t, want.Code[i].Code, got.Code[i].Code)
	}
}

func sameList[T any](t testing.TB, want, got []T) {
	t.Helper()
	if len(want)+len(got) > 0 {
		require.Equal(t, want, got)
	}
}

// sameSections wants the sections of the ids given to differ and all others to be equal byte for byte.
func sameSections(t testing.TB, want, got *wasmbin.Module, but ...byte) {
	t.Helper()
	raw := func(m *wasmbin.Module) (kept []string, changed map[byte]string) {
		changed = map[byte]string{}
		for _, id := range but {
			changed[id] = ""
		}
		for _, s := range m.Sections {
			if _, ok := changed[s.ID]; ok {
				changed[s.ID] = string(s.Raw)
			} else {
				kept = append(kept, string(s.Raw))
			}
		}
		return kept, changed
	}
	before, old := raw(want)
	after, now := raw(got)
	require.Equal(t, before, after)
	for _, id := range but {
		require.NotEqual(t, old[id], now[id], "section %d", id)
	}
}

func TestRenameImport(t *testing.T) {
	m := decode(t, full())
	m.RenameImport(0, "host", "f0")
	m.RenameImport(4, "", "")
	m.RenameImport(2, "m", "m") // the names that it has
	got := decode(t, m.Encode())
	sameFields(t, m, got)
	sameSections(t, decode(t, full()), got, 2)
	require.Equal(t, "host", got.Imports[0].Module)
	require.Equal(t, "f0", got.Imports[0].Name)

	m = decode(t, full())
	m.RenameImport(0, "m", "f")
	require.Equal(t, full(), m.Encode())
	require.Panics(t, func() { m.RenameImport(5, "", "") })
}

func TestDefineImports(t *testing.T) {
	before, m := decode(t, full()), decode(t, full())
	require.NoError(t, m.DefineImports(func(i int, x wasmbin.Import) (lo, hi uint64) {
		require.Equal(t, 3, i)
		require.Equal(t, before.Imports[3], x)
		return 0xffffffff_fffffffe, 9
	}))
	require.Equal(t, before.Imports[:1], m.Imports)
	require.Equal(t, append([]wasmbin.Table{*before.Imports[1].Table}, before.Tables...), m.Tables)
	require.Equal(t, append([]wasmbin.Memory{*before.Imports[2].Memory}, before.Memories...), m.Memories)
	require.Equal(t, append([]wasmbin.Global{{GlobalType: before.Imports[3].Global, Init: []byte("\x41\x7e\x0b")}}, before.Globals...), m.Globals)
	require.Equal(t, []wasmbin.Tag{{Type: 1}, {Type: 1}}, m.Tags)
	require.Equal(t, before.Elements, m.Elements) // the global that an offset reads is mutable
	require.Equal(t, before.Sections, m.Sections)

	got := decode(t, m.Encode())
	sameFields(t, m, got)
	sameSections(t, before, got, 2, 4, 5, 13, 6)
	require.NoError(t, got.CheckIndices())
	require.NoError(t, got.DefineImports(nil))
	require.Equal(t, m.Encode(), got.Encode())

	// What was appended, before and after, keeps its index.
	m = decode(t, full())
	_, _, table, global, _ := appendAll(t, m)
	require.NoError(t, m.DefineImports(nil))
	require.Equal(t, []uint32{table + 1, global + 1}, []uint32{m.AppendTable(wasmbin.Table{Type: wasmbin.FuncRef}), m.AppendGlobal(before.Globals[0])})
	got = decode(t, m.Encode())
	require.Equal(t, m.Tables[table], got.Tables[table])
	require.Equal(t, m.Globals[global], got.Globals[global])
	require.Len(t, got.Tables, 5)
	require.Len(t, got.Globals, 5)
}

// globals is a module that imports seven globals, six of them immutable, and reads them in constant expressions.
func globals() []byte {
	return module(
		sec(2, "\x07"+"\x00\x00\x03\x7f\x00"+"\x00\x00\x03\x7e\x00"+"\x00\x00\x03\x7d\x00"+"\x00\x00\x03\x7c\x00"+
			"\x00\x00\x03\x7b\x00"+"\x00\x00\x03\x70\x00"+"\x00\x00\x03\x7f\x01"),
		sec(4, "\x02"+"\x70\x00\x09"+"\x40\x00\x70\x00\x01\x23\x05\x0b"),
		sec(5, "\x01\x00\x01"),
		sec(6, "\x06"+"\x7f\x00\x23\x00\x0b"+"\x7e\x01\x23\x01\x0b"+"\x7d\x00\x23\x02\x0b"+"\x7c\x00\x23\x03\x0b"+
			"\x7b\x00\x23\x84\x00\x0b"+"\x7f\x00\x23\x06\x0b"),
		sec(9, "\x03"+"\x00\x23\x00\x0b\x00"+"\x05\x70\x03\x23\x05\x0b\xd0\x70\x0b\x23\x05\x0b"+"\x04\x41\x00\x0b\x01\xd0\x70\x0b"),
		sec(12, "\x03"),
		sec(11, "\x03"+"\x00\x23\x00\x41\x08\x6a\x23\x80\x80\x80\x80\x00\x6b\x0b\x02hi"+"\x01\x00"+"\x02\x00\x41\x07\x0b\x00"),
	)
}

func TestDefineImportsFoldsConstants(t *testing.T) {
	m := decode(t, globals())
	require.NoError(t, m.CheckIndices())
	values := []uint64{1 << 20, math.MaxUint64, 0xffffffff_00000000, math.Float64bits(math.Pi), 0x0706050403020100, 0, 5}
	var asked []int
	require.NoError(t, m.DefineImports(func(i int, _ wasmbin.Import) (lo, hi uint64) {
		asked = append(asked, i)
		return values[i], 0x0f0e0d0c0b0a0908
	}))
	require.Equal(t, []int{0, 1, 2, 3, 4, 6}, asked)
	pi, vector := "\x44\x18\x2d\x44\x54\xfb\x21\x09\x40\x0b", "\xfd\x0c\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x0b"
	var inits []string
	for _, g := range m.Globals {
		inits = append(inits, string(g.Init))
	}
	require.Equal(t, []string{
		"\x41\x80\x80\xc0\x00\x0b", "\x42\x7f\x0b", "\x43\x00\x00\x00\x00\x0b", pi, vector, "\xd0\x70\x0b", "\x41\x05\x0b", // as imported
		"\x41\x80\x80\xc0\x00\x0b", "\x42\x7f\x0b", "\x43\x00\x00\x00\x00\x0b", pi, vector, "\x23\x06\x0b", // as before
	}, inits)
	require.Equal(t, "\xd0\x70\x0b", string(m.Tables[1].Init))
	require.Equal(t, "\x41\x80\x80\xc0\x00\x0b", string(m.Elements[0].Offset))
	require.Equal(t, "\xd0\x70\x0b\xd0\x70\x0b\xd0\x70\x0b", string(m.Elements[1].Init))
	require.Equal(t, "\x41\x80\x80\xc0\x00\x41\x08\x6a\x41\x80\x80\xc0\x00\x6b\x0b", string(m.Data[0].Offset))
	got := decode(t, m.Encode())
	sameFields(t, m, got)
	sameSections(t, decode(t, globals()), got, 2, 4, 6, 9, 11)
	require.NoError(t, got.CheckIndices())
	require.EqualValues(t, 4, got.Sections[0].ID, "the import section is left out")
}

func TestDefineImportsRefused(t *testing.T) {
	for name, c := range map[string]struct{ imports, want string }{
		"table":  {"\x02\x00\x00\x02\x00\x01\x00\x00\x01\x64\x70\x00\x01", "entry 1: got a table of type (ref func), want one with null: there is nothing else to begin with"},
		"global": {"\x01\x00\x00\x03\x64\x6f\x01", "entry 0: got a global of type (ref extern), want one with null: there is nothing else to begin with"},
	} {
		t.Run(name, func(t *testing.T) {
			b := module(sec(2, c.imports))
			m := decode(t, b)
			require.EqualError(t, m.DefineImports(nil), "wasmbin: import section: "+c.want)
			sameFields(t, decode(t, b), m)
			require.Equal(t, b, m.Encode())
		})
	}
}

// TestDefineImportsNothing has modules without such imports: they stay as they are.
func TestDefineImportsNothing(t *testing.T) {
	for _, b := range [][]byte{module(), answer, code("\x0b"), module(sec(2, "\x80\x00")),
		module(sec(1, "\x01\x60\x00\x00"), "\x02\x89\x80\x80\x80\x00\x81\x00\x01m\x01f\x00\x80\x00")} {
		m := decode(t, b)
		require.NoError(t, m.DefineImports(func(int, wasmbin.Import) (lo, hi uint64) { panic("not asked") }))
		require.Equal(t, b, m.Encode())
	}
}

func TestSetLimits(t *testing.T) {
	l := wasmbin.Limits{Min: 7, Max: 300, HasMax: true}
	for index := range uint32(3) {
		m := decode(t, full())
		m.SetTableLimits(index, l)
		require.Equal(t, l, m.AllTables()[index].Limits)
		got := decode(t, m.Encode())
		sameFields(t, m, got)
		sameSections(t, decode(t, full()), got, [...]byte{2, 4, 4}[index])
	}
	for index := range uint32(2) {
		m := decode(t, full())
		m.SetMemoryLimits(index, l)
		got := decode(t, m.Encode())
		sameFields(t, m, got)
		sameSections(t, decode(t, full()), got, [...]byte{2, 5}[index])
		require.True(t, got.Imports[2].Memory.Shared)
	}
	m := decode(t, full())
	m.SetTableLimits(1, wasmbin.Limits{Min: 5}) // what it is
	m.SetMemoryLimits(0, wasmbin.Limits{Min: 1, Max: 2, HasMax: true})
	require.Equal(t, full(), m.Encode())
	m.SetTableLimits(m.AppendTable(wasmbin.Table{Type: wasmbin.ExternRef}), wasmbin.Limits{Min: 3})
	require.Equal(t, wasmbin.Limits{Min: 3, Max: math.MaxUint32}, decode(t, m.Encode()).Tables[2].Limits)
	require.Panics(t, func() { m.SetTableLimits(4, l) })
	require.Panics(t, func() { m.SetMemoryLimits(2, l) })
}

func ExampleModule_RenameImport() {
	m := everything()
	m.RenameImport(0, "host", "print")
	m, err := wasmbin.Decode(m.Encode())
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Imports[0].Module, m.Imports[0].Name, m.Imports[1].Module, m.Imports[1].Name)
	// Output: host print m t
}

func ExampleModule_DefineImports() {
	m := everything()
	fmt.Println(len(m.Imports), len(m.Tables), len(m.Memories), len(m.Globals), len(m.Tags))
	err := m.DefineImports(func(i int, x wasmbin.Import) (lo, hi uint64) {
		fmt.Println(i, x.Module, x.Name, x.Global.Type)
		return 42, 0
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(m.Imports), len(m.Tables), len(m.Memories), len(m.Globals), len(m.Tags))
	fmt.Printf("% x\n", m.Globals[0].Init) // i32.const 42, end
	// Output:
	// 5 2 1 2 1
	// 3 m g i32
	// 1 3 2 3 2
	// 41 2a 0b
}

func ExampleModule_SetTableLimits() {
	m := everything()
	m.SetTableLimits(1, wasmbin.Limits{Min: 5, Max: 500, HasMax: true})
	fmt.Println(m.AllTables()[1].Limits)
	// Output: {5 500 true}
}

func ExampleModule_SetMemoryLimits() {
	m := everything()
	m.SetMemoryLimits(0, wasmbin.Limits{Min: 16, Max: 256, HasMax: true})
	fmt.Println(m.Imports[2].Memory.Limits)
	// Output: {16 256 true}
}
