package wasmbin_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

func ptr[T any](v T) *T { return &v }

func TestDecodeEverything(t *testing.T) {
	m := decode(t, full())
	require.Equal(t, []wasmbin.FuncType{
		{Params: []wasmbin.ValueType{wasmbin.I32, wasmbin.V128}, Results: []wasmbin.ValueType{wasmbin.I64, wasmbin.FuncRef}},
		{},
		{Params: []wasmbin.ValueType{wasmbin.RefTo(3, true)}},
		{Params: []wasmbin.ValueType{m.Tables[1].Type}},
	}, m.Types)
	require.Equal(t, "(ref func)", m.Tables[1].Type.String())
	require.Equal(t, []wasmbin.Import{
		{Module: "m", Name: "f", Kind: wasmbin.KindFunc, Type: 1},
		{Module: "m", Name: "t", Kind: wasmbin.KindTable,
			Table: &wasmbin.Table{Type: wasmbin.ExternRef, Limits: wasmbin.Limits{Min: 2, Max: 128, HasMax: true}}},
		{Module: "m", Name: "m", Kind: wasmbin.KindMemory,
			Memory: &wasmbin.Memory{Limits: wasmbin.Limits{Min: 1, Max: 2, HasMax: true}, Shared: true}},
		{Module: "m", Name: "g", Kind: wasmbin.KindGlobal, Global: wasmbin.GlobalType{Type: wasmbin.I32, Mutable: true}},
		{Module: "m", Name: "e", Kind: wasmbin.KindTag, Tag: wasmbin.Tag{Type: 1}},
	}, m.Imports)
	require.Equal(t, []uint32{1, 0}, m.Functions)
	require.Equal(t, wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Min: 5, Max: 0xffffffff}}, m.Tables[0])
	require.Equal(t, wasmbin.Limits{Min: 1, Max: 2, HasMax: true}, m.Tables[1].Limits)
	require.Equal(t, []byte("\xd2\x00\x0b"), m.Tables[1].Init)
	require.Equal(t, []wasmbin.Memory{{Limits: wasmbin.Limits{Min: 1, Max: 0xffffffff}}}, m.Memories)
	require.Equal(t, []wasmbin.Tag{{Type: 1}}, m.Tags)
	require.Equal(t, []wasmbin.Global{
		{GlobalType: wasmbin.GlobalType{Type: wasmbin.I32}, Init: []byte("\x41\x7f\x0b")},
		{GlobalType: wasmbin.GlobalType{Type: wasmbin.V128, Mutable: true}, Init: []byte("\xfd\x0c0123456789abcdef\x0b")},
	}, m.Globals)
	require.Equal(t, []wasmbin.Export{{"f", wasmbin.KindFunc, 1}, {"t", wasmbin.KindTable, 0}, {"m", wasmbin.KindMemory, 0},
		{"g", wasmbin.KindGlobal, 1}, {"e", wasmbin.KindTag, 0}}, m.Exports)
	require.Equal(t, ptr(uint32(0)), m.Start)
	require.Equal(t, []wasmbin.Element{
		{Type: wasmbin.FuncRef, Offset: []byte("\x41\x00\x0b"), Count: 1, Init: []byte{0}},
		{Type: wasmbin.FuncRef, Mode: wasmbin.Passive, Count: 2, Init: []byte{0, 1}},
		{Type: wasmbin.FuncRef, Table: 1, Offset: []byte("\x23\x00\x0b"), Init: []byte{}},
		{Type: wasmbin.FuncRef, Mode: wasmbin.Declarative, Count: 1, Init: []byte{2}},
		{Type: wasmbin.FuncRef, Offset: []byte("\x41\x00\x0b"), Count: 1, Exprs: true, Init: []byte("\xd0\x70\x0b")},
		{Type: wasmbin.ExternRef, Mode: wasmbin.Passive, Count: 1, Exprs: true, Init: []byte("\xd0\x6f\x0b")},
		{Type: wasmbin.ExternRef, Offset: []byte("\x41\x00\x0b"), Exprs: true, Init: []byte{}},
		{Type: wasmbin.RefTo(0, true), Mode: wasmbin.Declarative, Exprs: true, Init: []byte{}},
	}, m.Elements)
	require.Equal(t, ptr(uint32(3)), m.DataCount)
	require.Len(t, m.Code, 2)
	require.Equal(t, []byte("\x42\x00\x1a\x0b"), m.Code[1].Code)
	require.Equal(t, m.Code[1].Code, full()[m.Code[1].Offset:][:4])
	var locals []string
	for n, typ := range m.Code[1].Locals() {
		locals = append(locals, strings.Repeat(typ.String()+" ", int(n)))
	}
	require.Equal(t, []string{"i32 i32 i32 ", "(ref 0) "}, locals)
	require.Equal(t, []wasmbin.Segment{
		{Offset: []byte("\x41\x01\x0b"), Init: []byte("hi")},
		{Mode: wasmbin.Passive, Init: []byte("abc")},
		{Offset: []byte("\x41\x00\x41\x01\x6a\x0b"), Init: []byte{}},
	}, m.Data)
	require.Equal(t, []wasmbin.Custom{{"first", []byte("\xff\x00")}, {"name", []byte("\x00\x02\x01x")}}, m.Customs)
	require.Len(t, m.Sections, 15)
	require.Equal(t, full(), m.Encode())
	require.NoError(t, m.CheckIndices())
}

func TestDecodeMalformed(t *testing.T) {
	big := "\xff\xff\xff\xff\x0f" // 2**32-1
	for name, c := range map[string]struct {
		module []byte
		want   string
	}{
		"empty":              {nil, "offset 0x0: header: got , want 00 61 73 6d 01 00 00 00"},
		"version":            {[]byte("\x00asm\x02\x00\x00\x00"), "offset 0x0: header: got 00 61 73 6d 02 00 00 00, want 00 61 73 6d 01 00 00 00"},
		"section id":         {module(sec(14, "")), "offset 0x8: section id: got 14, want 0 to 13"},
		"section cut":        {module("\x01"), "type section: offset 0x9: size: cut short"},
		"section size":       {module("\x01\x05\x01"), "type section: offset 0x9: size: got 5, want at most 1: 1 bytes are left"},
		"section size LEB":   {module("\x01\x80\x80\x80\x80\x10"), "type section: offset 0x9: size: got 80 80 80 80 10, want an unsigned LEB128 number of 32 bits"},
		"too long LEB":       {module("\x01\x80\x80\x80\x80\x80\x00"), "type section: offset 0x9: size: got 80 80 80 80 80, want an unsigned LEB128 number of 32 bits"},
		"order":              {module(sec(3, "\x00"), sec(1, "\x00")), "type section: offset 0xb: comes after the function section, want it before"},
		"tag order":          {module(sec(6, "\x00"), sec(13, "\x00")), "tag section: offset 0xb: comes after the global section, want it before"},
		"data count order":   {module(sec(10, "\x00"), sec(12, "\x00")), "data count section: offset 0xb: comes after the code section, want it before"},
		"twice":              {module(sec(1, "\x00"), sec(0, "\x00"), sec(1, "\x00")), "type section: offset 0xe: got a second one, want at most one"},
		"bytes left":         {module(sec(1, "\x00\x00\x00")), "type section: offset 0xb: got 2 bytes after the last entry, want none"},
		"custom name":        {module(sec(0, "\x05ab")), "custom section: offset 0xa: length of name: got 5, want at most 2: 2 bytes are left"},
		"custom UTF-8":       {module(sec(0, "\x01\xff")), "custom section: offset 0xa: name: not valid UTF-8"},
		"types count":        {module(sec(1, big)), "type section: offset 0xa: number of types: got 4294967295, want at most 0: 0 bytes are left"},
		"type form":          {module(sec(1, "\x01\x61\x00\x00")), "type section: offset 0xb: form of a type: got 0x61, want 0x60 (a function type)"},
		"group in group":     {module(sec(1, "\x01\x4e\x01\x4e\x01\x60\x00\x00")), "type section: offset 0xd: form of a type: got 0x4e, want 0x60 (a function type)"},
		"params count":       {module(sec(1, "\x01\x60"+big)), "type section: offset 0xc: number of parameters: got 4294967295, want at most 0: 0 bytes are left"},
		"param type":         {module(sec(1, "\x01\x60\x01\x40\x00")), "type section: offset 0xd: type of parameters: got 0x40, want a value type"},
		"heap type":          {module(sec(1, "\x01\x60\x01\x63\x7f\x00")), "type section: offset 0xd: type of parameters: got 7f, want a heap type"},
		"long heap type":     {module(sec(1, "\x01\x60\x01\x63\xf0\x7f\x00")), "type section: offset 0xd: type of parameters: got f0 7f, want a heap type"},
		"imports count":      {module(sec(2, "\x02\x00\x00\x00\x00")), "import section: offset 0xa: number of imports: got 2, want at most 1: 4 bytes are left"},
		"import kind":        {module(sec(2, "\x01\x00\x00\x05\x00")), "import section: offset 0xd: kind: got 0x5, want 0 to 4"},
		"import table type":  {module(sec(2, "\x01\x00\x00\x01\x7f\x00\x00")), "import section: offset 0xe: table type: got i32, want a reference type"},
		"functions count":    {module(sec(3, "\x02\x00")), "function section: offset 0xa: number of functions: got 2, want at most 1: 1 bytes are left"},
		"function type":      {module(sec(3, "\x01\x80")), "function section: offset 0xb: type index: cut short"},
		"table limits":       {module(sec(4, "\x01\x70\x10\x00")), "table section: offset 0xc: limits of a table: got 0x10, want 0 to 3"},
		"table second byte":  {module(sec(4, "\x01\x40\x01\x70\x00\x00\x0b")), "table section: offset 0xc: second byte of a table: got 0x1, want 0"},
		"memory cut":         {module(sec(5, "\x01\x01\x00")), "memory section: offset 0xd: maximum: cut short"},
		"tag attribute":      {module(sec(13, "\x01\x01\x00")), "tag section: offset 0xb: attribute of a tag: got 0x1, want 0"},
		"mutability":         {module(sec(6, "\x01\x7f\x04\x0b")), "global section: offset 0xc: mutability: got 0x4, want 0 or 1"},
		"expr cut":           {module(sec(6, "\x01\x7f\x00\x41\x00")), "global section: offset 0xf: initial value: opcode: cut short"},
		"expr not constant":  {module(sec(6, "\x01\x7f\x00\x01\x0b")), "global section: offset 0xd: initial value: got opcode 0x1, want a constant instruction"},
		"expr unknown":       {module(sec(6, "\x01\x7f\x00\xff\x0b")), "global section: offset 0xd: initial value: unknown opcode 0xff"},
		"i32 LEB":            {module(sec(6, "\x01\x7f\x00\x41\xff\xff\xff\xff\x4f\x0b")), "global section: offset 0xe: initial value: opcode 0x41: got ff ff ff ff 4f, want a signed LEB128 number of 32 bits"},
		"export kind":        {module(sec(7, "\x01\x00\x05\x00")), "export section: offset 0xc: kind: got 0x5, want 0 to 4"},
		"export name":        {module(sec(7, "\x01\x02\xc0\x80\x00\x00")), "export section: offset 0xb: export name: not valid UTF-8"},
		"start cut":          {module(sec(8, "")), "start section: offset 0xa: function index: cut short"},
		"element flags":      {module(sec(9, "\x01\x08\x00\x00")), "element section: offset 0xb: flags: got 8, want 0 to 7"},
		"element kind":       {module(sec(9, "\x01\x01\x01\x00")), "element section: offset 0xc: element kind: got 0x1, want 0 (functions)"},
		"element type":       {module(sec(9, "\x01\x05\x7f\x00")), "element section: offset 0xc: element type: got i32, want a reference type"},
		"elements count":     {module(sec(9, "\x01\x01\x00\x02\x00")), "element section: offset 0xd: number of elements: got 2, want at most 1: 1 bytes are left"},
		"bodies count":       {module(sec(10, "\x01")), "code section: offset 0xa: number of bodies: got 1, want at most 0: 0 bytes are left"},
		"body size":          {module(sec(3, "\x01\x00"), sec(10, "\x01\x04\x00\x0b")), "code section: offset 0xf: size of a body: got 4, want at most 2: 2 bytes are left"},
		"body end":           {module(sec(3, "\x01\x00"), sec(10, "\x01\x02\x00\x01")), "code section: offset 0x12: last byte of a body: want 0xb (end)"},
		"body empty":         {module(sec(3, "\x01\x00"), sec(10, "\x01\x00\x00\x00")), "code section: offset 0x10: number of groups of locals: cut short"},
		"locals count":       {module(sec(3, "\x01\x00"), sec(10, "\x01\x03\x02\x01\x0b")), "code section: offset 0x10: number of groups of locals: got 2, want at most 1: 2 bytes are left"},
		"locals sum":         {module(sec(3, "\x01\x00"), sec(10, "\x01\x0a\x02"+big+"\x7f\x01\x7f\x0b")), "code section: offset 0x17: number of locals: got 4294967296, want at most 4294967295"},
		"data flags":         {module(sec(11, "\x01\x03\x00")), "data section: offset 0xb: flags: got 3, want 0 to 2"},
		"data size":          {module(sec(11, "\x01\x01\x02a")), "data section: offset 0xc: number of bytes: got 2, want at most 1: 1 bytes are left"},
		"functions and code": {module(sec(3, "\x01\x00")), "functions: got 1 types and 0 bodies, want as many"},
		"data count":         {module(sec(12, "\x01")), "data segments: got 0, want the 1 of the data count section"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := wasmbin.Decode(c.module)
			require.EqualError(t, err, "wasmbin: "+c.want)
			require.Nil(t, m)
			var e *wasmbin.Error
			require.ErrorAs(t, err, &e)
		})
	}
}

// TestDecodeCut cuts a module everywhere: nothing but whole sections is a module.
func TestDecodeCut(t *testing.T) {
	b := full()
	for i := range b {
		m, err := wasmbin.Decode(b[:i])
		if err == nil {
			require.Equal(t, b[:i], m.Encode())
		}
	}
}

// TestDecodePadded has numbers longer than needed, as linkers leave them, and several memories.
func TestDecodePadded(t *testing.T) {
	b := module("\x01\x88\x80\x80\x80\x00\x81\x80\x00\x60\x80\x00\x80\x00", sec(5, "\x02\x00\x01\x00\x81\x00"))
	m := decode(t, b)
	require.Len(t, m.Types, 1)
	require.Len(t, m.Memories, 2)
	require.Equal(t, b, m.Encode())
}

func TestDecodeAllocatesForWhatIsThere(t *testing.T) {
	// A million entries are claimed, and the bytes for them are there, but the first is none.
	b := module(sec(9, "\xc0\x84\x3d"+strings.Repeat("\xff", 3_000_000)))
	got := testing.Benchmark(func(bm *testing.B) {
		for range bm.N {
			_, err := wasmbin.Decode(b)
			require.Error(bm, err)
		}
	})
	require.Less(t, got.AllocedBytesPerOp(), int64(1<<18))
}
