package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/wasmffi"
)

// TestTriesAfterEnds wants a library to count from zero after calls that ended in a try_table, by exit or by a trap.
func TestTriesAfterEnds(t *testing.T) {
	m, err := wasmbin.Decode(binary(section(1, signature([]byte{i32}, nil), signature(nil, nil)),
		section(2, cat("wasi_snapshot_preview1", "proc_exit", 0, 0)), section(5, cat(0, 1)), section(6, cat(i32, 1, constant(1024), opEnd))))
	require.NoError(t, err)
	for name, body := range map[string]string{"quit": "\x41\x00\x10\x00", "fault": "\x00", "well": ""} {
		f, err := m.AppendFunction(1, []byte("\x00"+tryAll+body+closed+closed))
		require.NoError(t, err)
		_, err = m.AppendExport(wasmbin.Export{Name: name, Kind: wasmbin.KindFunc, Index: f})
		require.NoError(t, err)
	}
	for _, x := range []wasmbin.Export{{Name: "memory", Kind: wasmbin.KindMemory}, {Name: "__stack_pointer", Kind: wasmbin.KindGlobal}} {
		_, err = m.AppendExport(x)
		require.NoError(t, err)
	}
	lib := openWith(t, m.Encode(), wasmffi.Options{Exceptions: true})
	quit, fault, well := bind(t, lib, "quit()"), bind(t, lib, "fault()"), bind(t, lib, "well()")
	for range wasmbin.MaxTries + 1 {
		_, err := quit.Call(bg)
		require.ErrorAs(t, err, new(*wasmffi.ExitError))
		call(t, well)
	}
	for range wasmbin.MaxTries + 1 {
		_, err := fault.Call(bg)
		require.ErrorIs(t, err, wasmffi.Unreachable)
		require.NoError(t, lib.Reset(bg, nil))
	}
	call(t, well)
}
