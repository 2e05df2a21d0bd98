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
