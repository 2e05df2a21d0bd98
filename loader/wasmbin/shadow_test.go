package wasmbin_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// tables is a module with three tables, of which the first is imported, and one function.
func tables(instructions string) []byte {
	body := "\x00" + instructions
	return module(sec(1, "\x01\x60\x00\x00"), sec(2, "\x01\x01m\x01t\x01\x70\x00\x01"), sec(3, "\x01\x00"),
		sec(4, "\x02\x6f\x00\x01\x40\x00\x64\x70\x00\x01\xd2\x00\x0b"), sec(9, "\x01\x01\x00\x01\x00"), sec(12, "\x01"),
		sec(10, "\x01"+string(rune(len(body)))+body), sec(11, "\x01\x01\x00"))
}

func TestWrites(t *testing.T) {
	for name, c := range map[string]struct {
		code          string
		writes, drops bool
	}{
		"nothing":     {"\x0b", false, false},
		"table.get":   {"\x41\x00\x25\x00\x1a\x0b", false, false},
		"table.size":  {"\xfc\x10\x00\x1a\x0b", false, false},
		"table.set":   {"\x00\x26\x00\x0b", true, false},
		"table.grow":  {"\x00\xfc\x0f\x00\x0b", true, false},
		"table.fill":  {"\x00\xfc\x11\x00\x0b", true, false},
		"table.copy":  {"\x00\xfc\x0e\x00\x01\x0b", true, false},
		"table.init":  {"\x00\xfc\x8c\x00\x00\x00\x0b", true, false},
		"elem.drop":   {"\xfc\x0d\x00\x0b", false, true},
		"data.drop":   {"\xfc\x09\x00\x0b", false, true},
		"memory.init": {"\x00\xfc\x08\x00\x00\x0b", false, false},
		"a constant":  {"\x42\xa6\x00\x1a\x0b", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := tables(c.code)
			m := decode(t, b)
			writes, err := m.Writes()
			require.NoError(t, err)
			require.Equal(t, c.writes, len(writes.Tables) > 0)
			require.Equal(t, c.drops, writes.Segments)
			out, shadows, err := shadowTables(b)
			require.NoError(t, err)
			require.Equal(t, c.writes, len(shadows) > 0)
			if !c.writes {
				require.Same(t, &b[0], &out[0])
			}
		})
	}
	m := decode(t, tables("\x16\x0b"))
	_, err := m.Writes()
	require.EqualError(t, err, "wasmbin: code section: offset 0x3b: unknown opcode 0x16")
}

func TestShadowTables(t *testing.T) {
	b := tables("\x00\xfc\x0e\x01\x00\x26\x01\xfc\x11\x00\x0b") // copy into 1, set 1, fill 0
	out, shadows, err := shadowTables(b)
	require.NoError(t, err)
	require.Equal(t, []wasmbin.Shadow{
		{Table: 0, Type: wasmbin.FuncRef, Save: "wasmffi.shadow.save.0", Restore: "wasmffi.shadow.restore.0"},
		{Table: 1, Type: wasmbin.ExternRef, Save: "wasmffi.shadow.save.1", Restore: "wasmffi.shadow.restore.1"},
	}, shadows)
	m := decode(t, out)
	require.NoError(t, m.CheckIndices())
	require.Equal(t, []wasmbin.Export{
		{"wasmffi.shadow.save.0", wasmbin.KindFunc, 1}, {"wasmffi.shadow.restore.0", wasmbin.KindFunc, 2},
		{"wasmffi.shadow.save.1", wasmbin.KindFunc, 3}, {"wasmffi.shadow.restore.1", wasmbin.KindFunc, 4},
	}, m.Exports)
	all := m.AllTables()
	require.Len(t, all, 5)
	require.Equal(t, wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Max: 0xffffffff}}, all[3])
	require.Equal(t, wasmbin.Table{Type: wasmbin.ExternRef, Limits: wasmbin.Limits{Max: 0xffffffff}}, all[4])
}

func TestShadowTablesRefused(t *testing.T) {
	for name, c := range map[string]struct {
		module []byte
		want   string
	}{
		"malformed": {module("\x0f"), "offset 0x8: section id: got 15, want 0 to 13"},
		"code":      {tables("\x26\x00\x16\x0b"), "code section: offset 0x3d: unknown opcode 0x16"},
		// These would name what is appended.
		"table":        {tables("\x00\x26\x03\x0b"), "code section: offset 0x3d: opcode 0x26: table index: got 3, want less than 3"},
		"function":     {tables("\x00\x26\x00\x10\x01\x0b"), "code section: offset 0x3f: opcode 0x10: function index: got 1, want less than 1"},
		"type":         {tables("\x00\x26\x00\x02\x01\x0b\x0b"), "code section: offset 0x3f: opcode 0x2: type index: got 1, want less than 1"},
		"without null": {tables("\x00\x26\x02\x0b"), "table 2: got entries of type (ref func), want one with null"},
	} {
		t.Run(name, func(t *testing.T) {
			out, shadows, err := shadowTables(c.module)
			require.EqualError(t, err, "wasmbin: "+c.want)
			require.Nil(t, out)
			require.Nil(t, shadows)
		})
	}
}

// shadowTables is what the host does with a module: shadows for what it writes, or the
// module as it is.
func shadowTables(b []byte) ([]byte, []wasmbin.Shadow, error) {
	m, err := wasmbin.Decode(b)
	if err != nil {
		return nil, nil, err
	}
	writes, err := m.Writes()
	if err != nil {
		return nil, nil, err
	}
	if len(writes.Tables) == 0 {
		return b, nil, nil
	}
	if err := m.CheckIndices(); err != nil {
		return nil, nil, err
	}
	shadows, err := m.ShadowTables(writes.Tables)
	if err != nil {
		return nil, nil, err
	}
	return m.Encode(), shadows, nil
}
