package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// withTable is a module with two functions in a table, which is changed by
// change() and by grow(), and a memory that bigger() grows.
func withTable(pages int) []byte {
	const secTable, secElem = 4, 9
	return binary(
		section(secType, signature(nil, []byte{i32}), signature([]byte{i32}, []byte{i32}), signature(nil, nil)),
		section(secFunc, leb(0), leb(0), leb(1), leb(2), leb(0), leb(0)),
		section(secTable, cat(0x70, 1, 2, 10)), section(secMemory, cat(0, leb(pages))),
		section(secExport, cat("pick", kindFunc, 2), cat("change", kindFunc, 3), cat("grow", kindFunc, 4), cat("bigger", kindFunc, 5), cat("memory", kindMemory, 0)),
		section(secElem, cat(0, opConst, 0, opEnd, 2, 0, 1)),
		section(secCode,
			code(constant(11)), code(constant(22)),
			code(opLocalGet, 0, 0x11, 0, 0),                             // call_indirect
			code(constant(0), constant(1), constant(1), 0xfc, 14, 0, 0), // table.copy
			code(0xd0, 0x70, constant(1), 0xfc, 15, 0),                  // table.grow with null
			code(constant(1), opGrow, 0)))
}

// Function tables go back as well, of which the engine lets nobody see anything.
func TestResetOfTables(t *testing.T) {
	for _, pages := range []int{1, 20} { // either way of putting the memory back
		m, err := wasmffi.Compile(bg, withTable(pages), nil)
		require.NoError(t, err)
		require.Len(t, m.Exports(), 4) // and none of ours
		lib, err := m.Instantiate(bg)
		require.NoError(t, err)
		pick, change, grow := bind(t, lib, "pick(i: i32) -> i32"), bind(t, lib, "change()"), bind(t, lib, "grow() -> i32")
		require.EqualValues(t, 11, call(t, pick, 0).Int())
		one, err := lib.Snapshot()
		require.NoError(t, err)
		call(t, change)
		require.EqualValues(t, 22, call(t, pick, 0).Int())
		two, err := lib.Snapshot()
		require.NoError(t, err)
		for range 3 {
			require.NoError(t, lib.Reset(bg, one))
			require.EqualValues(t, 11, call(t, pick, 0).Int())
			require.NoError(t, lib.Reset(bg, two))
			require.EqualValues(t, 22, call(t, pick, 0).Int())
			_, err = pick.Call(bg, 9)
			require.ErrorIs(t, err, wasmffi.InvalidTableAccess)
			require.NoError(t, lib.Reset(bg, one))
		}
		require.EqualValues(t, 2, call(t, grow).Int())
		require.NoError(t, lib.Reset(bg, two))
		require.EqualValues(t, 22, call(t, pick, 0).Int())
		require.EqualValues(t, 3, call(t, grow).Int()) // a table does not shrink

		// A memory shrinks by making the instance anew, which has other tables.
		call(t, bind(t, lib, "bigger() -> i32"))
		err = lib.Reset(bg, one)
		require.ErrorIs(t, err, wasmffi.ErrCannotReset)
		require.ErrorIs(t, err, wasmffi.ErrNotRun)
		require.EqualValues(t, 22, call(t, pick, 0).Int()) // nothing was changed
		require.NoError(t, lib.Reset(bg, nil))
		require.EqualValues(t, 11, call(t, pick, 0).Int())
		require.ErrorIs(t, lib.Reset(bg, two), wasmffi.ErrCannotReset)
		require.NoError(t, lib.Close())
		require.NoError(t, m.Close())
	}
}

// A global that cannot be put back is refused, and a plain one is put back.
func TestSnapshotOfGlobals(t *testing.T) {
	with := func(global []byte, body []byte, result byte) *wasmffi.Module {
		m, err := wasmffi.Compile(bg, binary(
			section(secType, signature(nil, []byte{result})), section(secFunc, leb(0)), section(secGlobal, global),
			section(secExport, cat("next", kindFunc, 0)), section(secCode, body)), nil)
		require.NoError(t, err)
		return m
	}
	next := code(opGlobalGet, 0, constant(1), opAdd, opGlobalSet, 0, opGlobalGet, 0)
	m := with(cat(i32, 1, constant(5), opEnd), next, i32) // not exported, and there is no memory
	lib, err := m.Instantiate(bg)
	require.NoError(t, err)
	f := bind(t, lib, "next() -> i32")
	require.EqualValues(t, 6, call(t, f).Int())
	s, err := lib.Snapshot()
	require.NoError(t, err)
	for range 3 {
		require.EqualValues(t, 7, call(t, f).Int())
		require.NoError(t, lib.Reset(bg, s))
	}
	require.NoError(t, lib.Close())
	require.NoError(t, m.Close())

	const v128 = 0x7b
	m = with(cat(v128, 1, 0xfd, 12, make([]byte, 16), opEnd), code(constant(1)), i32)
	lib, err = m.Instantiate(bg)
	require.NoError(t, err)
	_, err = lib.Snapshot()
	require.ErrorIs(t, err, wasmffi.ErrCannotReset)
	require.ErrorContains(t, err, "global 0 is mutable and of type v128")
	require.NoError(t, lib.Reset(bg, nil)) // which needs no snapshot
	require.NoError(t, lib.Close())
	require.NoError(t, m.Close())
}
