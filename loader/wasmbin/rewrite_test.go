package wasmbin_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// appendAll appends one of everything.
func appendAll(t testing.TB, m *wasmbin.Module) (typ, f, table, global uint32, export int) {
	t.Helper()
	typ = m.AppendType(wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.F64, wasmbin.RefTo(1, false)}, Results: []wasmbin.ValueType{wasmbin.I32}})
	f, err := m.AppendFunction(typ, []byte("\x01\x02\x7e\x41\x2a\x0b"))
	require.NoError(t, err)
	table = m.AppendTable(wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Min: 300, Max: 300, HasMax: true}, Init: []byte("\xd2\x00\x0b")})
	global = m.AppendGlobal(wasmbin.Global{GlobalType: wasmbin.GlobalType{Type: wasmbin.I64, Mutable: true}, Init: []byte("\x42\x00\x0b")})
	export, err = m.AppendExport(wasmbin.Export{Name: "appended", Kind: wasmbin.KindFunc, Index: f})
	require.NoError(t, err)
	return typ, f, table, global, export
}

func TestAppend(t *testing.T) {
	m := decode(t, full())
	typ, f, table, global, export := appendAll(t, m)
	require.Equal(t, []uint32{4, 3, 3, 3}, []uint32{typ, f, table, global})
	require.Equal(t, 5, export)

	before, after := decode(t, full()), decode(t, m.Encode())
	require.NoError(t, after.CheckIndices())
	require.Equal(t, append(before.Types, m.Types[4]), after.Types)
	require.Equal(t, append(before.Functions, 4), after.Functions)
	require.Equal(t, append(before.Tables, m.Tables[2]), after.Tables)
	require.Equal(t, append(before.Globals, m.Globals[2]), after.Globals)
	require.Equal(t, append(before.Exports, m.Exports[5]), after.Exports)
	require.Equal(t, "\x41\x2a\x0b", string(after.Code[2].Code))
	require.Equal(t, m.Code[2].Code, after.Code[2].Code)
	for n, typ := range after.Code[2].Locals() {
		require.EqualValues(t, 2, n)
		require.Equal(t, wasmbin.I64, typ)
	}
	require.Equal(t, before.Code[1].Code, after.Code[1].Code)
	require.Equal(t, before.Imports, after.Imports)
	require.Equal(t, before.Elements, after.Elements)
	require.Equal(t, before.Data, after.Data)
	require.Equal(t, before.Customs, after.Customs)
	for i, s := range before.Sections {
		switch s.ID {
		case 1, 3, 4, 6, 7, 10:
			require.Greater(t, len(after.Sections[i].Raw), len(s.Raw))
		default:
			require.Equal(t, s.Raw, after.Sections[i].Raw)
		}
	}

	// What was appended is what was there when appending goes on.
	m2 := decode(t, m.Encode())
	require.EqualValues(t, 5, m2.AppendType(wasmbin.FuncType{}))
	require.Len(t, decode(t, m2.Encode()).Types, 6)
}

// TestAppendPlaces has the sections that appending makes, and where.
func TestAppendPlaces(t *testing.T) {
	custom, memory, tag, start, element, count, data := sec(0, "\x00"), sec(5, "\x00"), sec(13, "\x00"), sec(8, "\x00"), sec(9, "\x00"), sec(12, "\x00"), sec(11, "\x00")
	for name, c := range map[string]struct {
		module []byte
		want   []byte
	}{
		"nothing":             {module(), []byte{1, 3, 4, 6, 7, 10}},
		"custom alone":        {module(custom), []byte{0, 1, 3, 4, 6, 7, 10}},
		"memory":              {module(memory), []byte{1, 3, 4, 5, 6, 7, 10}},
		"tag":                 {module(tag), []byte{1, 3, 4, 13, 6, 7, 10}},
		"start and more":      {module(start, element, count, data), []byte{1, 3, 4, 6, 7, 8, 9, 12, 10, 11}},
		"customs first":       {module(custom, memory), []byte{0, 1, 3, 4, 5, 6, 7, 10}},
		"customs last":        {module(memory, custom, custom), []byte{1, 3, 4, 5, 6, 7, 10, 0, 0}},
		"customs in between":  {module(custom, memory, custom, data, custom), []byte{0, 1, 3, 4, 5, 6, 7, 10, 0, 11, 0}},
		"empty ones":          {module(sec(1, "\x00"), sec(3, "\x00"), sec(7, "\x80\x00"), sec(10, "\x00")), []byte{1, 3, 4, 6, 7, 10}},
		"function alone":      {module(sec(3, "\x00")), []byte{1, 3, 4, 6, 7, 10}},
		"count without a sec": {module(count), []byte{1, 3, 4, 6, 7, 12, 10}},
	} {
		t.Run(name, func(t *testing.T) {
			m := decode(t, c.module)
			appendAll(t, m)
			after := decode(t, m.Encode())
			var ids []byte
			for _, s := range after.Sections {
				ids = append(ids, s.ID)
			}
			require.Equal(t, c.want, ids)
			require.Len(t, after.Code, 1)
		})
	}
}

func TestAppendRefused(t *testing.T) {
	m := decode(t, full())
	for body, want := range map[string]string{
		"":             "number of groups of locals: cut short",
		"\x00":         "last byte of a body: want 0xb (end)",
		"\x00\x16\x0b": "unknown opcode 0x16",
		"\x01\x0b":     "number of groups of locals: got 1, want at most 0: 1 bytes are left",
	} {
		_, err := m.AppendFunction(0, []byte(body))
		require.EqualError(t, err, "wasmbin: appended body: "+want)
	}
	_, err := m.AppendExport(wasmbin.Export{Name: "t"})
	require.EqualError(t, err, `wasmbin: appended export: got the name "t", want one that the module does not export`)
	_, err = m.AppendExport(wasmbin.Export{Name: "t2"})
	require.NoError(t, err)
	_, err = m.AppendExport(wasmbin.Export{Name: "t2"})
	require.Error(t, err)
	require.Len(t, m.Exports, 6)
}

func TestPrivatePrefix(t *testing.T) {
	for want, exports := range map[string][]string{
		"p":     {"", "q", "xp", "P", "_p"},
		"p_":    {"p"},
		"p__":   {"px", "p_"},
		"p____": {"p_x_____", "p___"},
	} {
		m := decode(t, module())
		for _, name := range exports {
			_, err := m.AppendExport(wasmbin.Export{Name: name})
			require.NoError(t, err)
		}
		require.Equal(t, want, m.PrivatePrefix("p"))
	}
}

func TestCheckIndices(t *testing.T) {
	long := "\x01\x60\x01\x7f\x00"
	body := func(instructions string) []byte { return code(instructions) }
	for name, c := range map[string]struct {
		module []byte
		want   string
	}{
		"type of a type":     {module(sec(1, "\x01\x60\x01\x63\x01\x00")), "type section: entry 0: type index: got 1, want less than 1"},
		"import":             {module(sec(2, "\x01\x00\x00\x00\x00")), "import section: entry 0: type index: got 0, want less than 0"},
		"import table":       {module(sec(2, "\x01\x00\x00\x01\x63\x02\x00\x00")), "import section: entry 0: type index: got 2, want less than 0"},
		"import tag":         {module(sec(2, "\x01\x00\x00\x04\x00\x02")), "import section: entry 0: type index: got 2, want less than 0"},
		"import global":      {module(sec(2, "\x01\x00\x00\x03\x64\x02\x00")), "import section: entry 0: type index: got 2, want less than 0"},
		"function":           {module(sec(1, long), sec(3, "\x01\x01"), sec(10, "\x01\x02\x00\x0b")), "function section: entry 0: type index: got 1, want less than 1"},
		"table init":         {module(sec(4, "\x01\x40\x00\x70\x00\x00\xd2\x00\x0b")), "table section: entry 0: opcode 0xd2: function index: got 0, want less than 0"},
		"tag":                {module(sec(13, "\x01\x00\x00")), "tag section: entry 0: type index: got 0, want less than 0"},
		"global":             {module(sec(6, "\x01\x7f\x00\x23\x01\x0b")), "global section: entry 0: opcode 0x23: global index: got 1, want less than 1"},
		"export":             {module(sec(7, "\x01\x00\x02\x00")), "export section: entry 0: memory index: got 0, want less than 0"},
		"start":              {module(sec(8, "\x00")), "start section: entry 0: function index: got 0, want less than 0"},
		"element table":      {module(sec(9, "\x01\x00\x41\x00\x0b\x00")), "element section: entry 0: table index: got 0, want less than 0"},
		"element function":   {module(sec(9, "\x01\x01\x00\x01\x07")), "element section: entry 0: function index: got 7, want less than 0"},
		"element expr":       {module(sec(9, "\x01\x05\x70\x02\xd0\x70\x0b\xd2\x01\x0b")), "element section: entry 0: opcode 0xd2: function index: got 1, want less than 0"},
		"data":               {module(sec(11, "\x01\x00\x41\x00\x0b\x00")), "data section: entry 0: memory index: got 0, want less than 0"},
		"local type":         {module(sec(1, long), sec(3, "\x01\x00"), sec(10, "\x01\x05\x01\x01\x63\x01\x0b")), "code section: offset 0x1b: local: type index: got 1, want less than 1"},
		"local":              {body("\x20\x00\x0b"), "code section: offset 0x18: opcode 0x20: local index: got 0, want less than 0"},
		"label":              {body("\x02\x40\x0c\x01\x0c\x02\x0b\x0b"), "code section: offset 0x1c: opcode 0xc: label index: got 2, want less than 2"},
		"br_table":           {body("\x0e\x01\x00\x01\x0b"), "code section: offset 0x18: opcode 0xe: label index: got 1, want less than 1"},
		"catch":              {body("\x1f\x40\x01\x02\x01\x0b\x0b"), "code section: offset 0x19: opcode 0x1f: label index: got 1, want less than 1"},
		"call":               {body("\x10\x01\x0b"), "code section: offset 0x18: opcode 0x10: function index: got 1, want less than 1"},
		"call_indirect":      {body("\x11\x00\x00\x0b"), "code section: offset 0x19: opcode 0x11: table index: got 0, want less than 0"},
		"block type":         {body("\x02\x01\x0b\x0b"), "code section: offset 0x18: opcode 0x2: type index: got 1, want less than 1"},
		"select type":        {body("\x1c\x01\x63\x01\x0b"), "code section: offset 0x18: opcode 0x1c: type index: got 1, want less than 1"},
		"ref.null":           {body("\xd0\x01\x0b"), "code section: offset 0x18: opcode 0xd0: type index: got 1, want less than 1"},
		"table.init":         {body("\xfc\x0c\x00\x00\x0b"), "code section: offset 0x19: opcode 0xfc0c: element segment index: got 0, want less than 0"},
		"data.drop":          {body("\xfc\x09\x00\x0b"), "code section: offset 0x19: opcode 0xfc09: data segment index: got 0, want less than 0"},
		"memory.grow":        {body("\x40\x00\x0b"), "code section: offset 0x18: opcode 0x40: memory index: got 0, want less than 0"},
		"load":               {body("\x28\x00\x00\x0b"), "code section: offset 0x18: opcode 0x28: memory index: got 0, want less than 0"},
		"memory.copy":        {body("\xfc\x0a\x00\x00\x0b"), "code section: offset 0x19: opcode 0xfc0a: memory index: got 0, want less than 0"},
		"without data count": {append(body("\xfc\x09\x00\x0b"), sec(11, "\x01\x01\x00")...), "code section: offset 0x19: opcode 0xfc09: data segment index: got 0, want less than 0"},
		"throw":              {body("\x08\x00\x0b"), "code section: offset 0x18: opcode 0x8: tag index: got 0, want less than 0"},
		"global.set":         {body("\x24\x00\x0b"), "code section: offset 0x18: opcode 0x24: global index: got 0, want less than 0"},
		"malformed":          {body("\x16\x0b"), "code section: offset 0x17: unknown opcode 0x16"},
		"bytes after end":    {body("\x0b\x0b"), "code section: offset 0x18: got 1 bytes after the last end, want none"},
	} {
		t.Run(name, func(t *testing.T) {
			err := decode(t, c.module).CheckIndices()
			require.EqualError(t, err, "wasmbin: "+c.want)
		})
	}
}
