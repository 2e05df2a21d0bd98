package wasmbin_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// FuzzDecode decodes anything: nothing panics, what is decoded is encoded as it was, and what is appended is there.
func FuzzDecode(f *testing.F) {
	f.Add(full())
	f.Add(answer)
	f.Add(tables("\x00\x26\x00\x0b"))
	f.Add(code("\x02\x40\x0c\x00\x0b\x0b"))
	f.Add(module(sec(0, "\x00"), sec(9, "\x01\x05\x63\x00\x01\xd0\x00\x0b")))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wasmbin.Decode(b)
		if err != nil {
			mine(t, err)
			return
		}
		require.Equal(t, b, m.Encode())
		sound := m.CheckIndices()
		if sound != nil {
			mine(t, sound)
		}
		if _, err := m.Usage(); err != nil {
			mine(t, err)
			require.Error(t, sound)
		} else {
			require.Equal(t, b, m.Encode())
		}
		for _, body := range m.Code {
			for range body.Locals() {
				continue
			}
			for _, err := range wasmbin.Instructions(body.Code) {
				if err != nil {
					require.Error(t, sound)
				}
			}
		}
		out, shadows, err := shadowTables(b)
		switch {
		case err != nil:
			mine(t, err)
		case len(shadows) == 0:
			require.Equal(t, b, out)
		default:
			require.NoError(t, sound)
			require.NoError(t, decode(t, out).CheckIndices())
		}

		m.AppendTable(wasmbin.Table{Type: wasmbin.FuncRef})
		typ := m.AppendType(wasmbin.FuncType{})
		index, err := m.AppendFunction(typ, []byte("\x00\x0b"))
		require.NoError(t, err)
		_, err = m.AppendExport(wasmbin.Export{Name: m.PrivatePrefix(""), Index: index})
		require.NoError(t, err)
		again := decode(t, m.Encode())
		require.Equal(t, m.Types, again.Types)
		require.Equal(t, m.Functions, again.Functions)
		require.Equal(t, m.Exports, again.Exports)
		require.Equal(t, m.Elements, again.Elements)
		if sound == nil {
			require.NoError(t, again.CheckIndices())
		}
	})
}

// mine wants an error of the package.
func mine(t *testing.T, err error) {
	t.Helper()
	var e *wasmbin.Error
	require.True(t, errors.As(err, &e))
	require.NotContains(t, err.Error(), "\n")
}

// FuzzDefineImports renames imports, sets limits and defines what can be defined: what is encoded then is what the fields
// say, has no import but functions, and every index names what it did.
func FuzzDefineImports(f *testing.F) {
	f.Add(full(), uint64(7), uint32(3))
	f.Add(globals(), uint64(1<<63), uint32(0))
	f.Add(tables("\x00\x26\x00\x0b"), uint64(0), uint32(1))
	f.Add(module(sec(2, "\x02\x00\x00\x03\x70\x00\x00\x00\x01\x64\x70\x00\x01")), uint64(0), uint32(0))
	f.Add(module(sec(2, "\x01\x00\x00\x03\x63\x69\x00"), sec(9, "\x01\x07\x63\x69\x01\x23\x00\x0b")), uint64(0), uint32(0))
	f.Fuzz(func(t *testing.T, b []byte, value uint64, limit uint32) {
		m, err := wasmbin.Decode(b)
		if err != nil || m.CheckIndices() != nil {
			return
		}
		before := decode(t, b)
		l := wasmbin.Limits{Min: limit, Max: max(limit, 9), HasMax: value&1 == 0}
		for i := range min(len(m.AllTables()), 3) {
			m.SetTableLimits(uint32(i), l)
		}
		memories := len(m.Memories)
		for i := range m.Imports {
			m.RenameImport(i, "host", "f\x00")
			if m.Imports[i].Kind == wasmbin.KindMemory {
				memories++
			}
		}
		if memories > 0 {
			m.SetMemoryLimits(uint32(memories-1), l)
		}
		sameFields(t, m, decode(t, m.Encode()))
		err = m.DefineImports(func(int, wasmbin.Import) (lo, hi uint64) { return value, ^value })
		after := decode(t, m.Encode())
		sameFields(t, m, after)
		require.NoError(t, after.CheckIndices())
		if err != nil {
			mine(t, err)
			require.Len(t, after.Imports, len(before.Imports))
			return
		}
		for _, x := range after.Imports {
			require.Equal(t, wasmbin.KindFunc, x.Kind)
		}
		require.Equal(t, m.Encode(), after.Encode())
		require.Len(t, after.AllTables(), len(before.AllTables()))
		require.Len(t, after.Memories, memories)
		if len(before.Imports) == len(after.Imports) { // nothing but functions, and they alone have other names
			sameList(t, before.Globals, after.Globals)
			sameList(t, before.Elements, after.Elements)
		}
	})
}

// FuzzInstructions walks anything: the instructions follow one another without a gap and end at the end.
func FuzzInstructions(f *testing.F) {
	f.Add([]byte("\x02\x40\x03\x7f\x04\x05\x05\x0b\x0b\x0b\x0b"))
	f.Add([]byte("\x0e\x02\x00\x81\x00\x01\x1f\x40\x02\x00\x01\x00\x02\x00\x0b\x0b"))
	f.Add([]byte("\xfc\x0c\x00\x00\xfd\x54\x00\x00\x0f\xfe\x03\x00\x1c\x01\x63\x70\xd0\x05\x0b"))
	f.Fuzz(func(t *testing.T, code []byte) {
		end := 0
		for ins, err := range wasmbin.Instructions(code) {
			if err != nil {
				mine(t, err)
				return
			}
			if ins.Offset != end || ins.Imm <= ins.Offset || ins.End < ins.Imm {
				t.Fatalf("%+v after %d", ins, end)
			}
			end = ins.End
		}
		require.Len(t, code, end)
		require.EqualValues(t, wasmbin.OpEnd, code[end-1])
	})
}

// FuzzMeter meters anything: nothing panics, and of what is sound the result is sound, names what it named, and is the same
// every time.
func FuzzMeter(f *testing.F) {
	f.Add(full(), int32(0))
	f.Add(answer, int32(1))
	f.Add(tables("\x00\x26\x00\x0b"), int32(-1))
	for _, c := range meterCases {
		f.Add(meterModule(f, c.code, 3).Encode(), int32(len(c.code)))
	}
	f.Fuzz(func(t *testing.T, b []byte, budget int32) {
		m, err := wasmbin.Decode(b)
		if err != nil {
			return
		}
		o := wasmbin.MeterOptions{Budget: budget}
		if m.CheckIndices() != nil { // misuse, which may give what names another thing, but no panic
			_, _ = m.Meter(o)
			m.Encode()
			return
		}
		before := decode(t, b)
		start, removed := m.RemoveStart()
		m.DropCustoms(".debug_")
		names, err := m.Meter(o)
		if err != nil {
			mine(t, err)
			require.Nil(t, names)
			return
		}
		out := m.Encode()
		after := decode(t, out)
		sameFields(t, m, after)
		require.NoError(t, after.CheckIndices())
		_, err = after.Usage()
		require.NoError(t, err)
		sameList(t, before.Functions, after.Functions[:len(before.Functions)])
		sameList(t, before.Types, after.Types[:len(before.Types)])
		sameList(t, before.Exports, after.Exports[:len(before.Exports)])
		require.Nil(t, after.Start)
		if removed {
			require.EqualValues(t, wasmbin.OpCall, after.Code[int(start)-imported(after)].Code[0])
		}
		require.LessOrEqual(t, len(out), 50*len(b)+1000)
		again := decode(t, b)
		again.RemoveStart()
		again.DropCustoms(".debug_")
		_, err = again.Meter(o)
		require.NoError(t, err)
		require.Equal(t, out, again.Encode())
	})
}

// imported counts the imported functions.
func imported(m *wasmbin.Module) (n int) {
	for _, x := range m.Imports {
		if x.Kind == wasmbin.KindFunc {
			n++
		}
	}
	return n
}
