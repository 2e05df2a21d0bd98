package wasmffi_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// tableModule has a table of four functions, which answer 10 to 13, a table of two externrefs, and an export for each
// instruction that writes a table. It is put together with wasmbin but for the element segments.
func tableModule(t *testing.T) []byte {
	m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00" +
		"\x09\x0f\x02" + "\x00\x41\x00\x0b\x04\x00\x01\x02\x03" + "\x01\x00\x02\x03\x02"))
	require.NoError(t, err)
	i32 := func(n int) []wasmbin.ValueType { return []wasmbin.ValueType{wasmbin.I32, wasmbin.I32, wasmbin.I32}[:n] }
	typ := func(params, results []wasmbin.ValueType) uint32 {
		return m.AppendType(wasmbin.FuncType{Params: params, Results: results})
	}
	add := func(name string, typ uint32, body string) {
		f, err := m.AppendFunction(typ, []byte("\x00"+body+"\x0b"))
		require.NoError(t, err)
		if name != "" {
			_, err = m.AppendExport(wasmbin.Export{Name: name, Kind: wasmbin.KindFunc, Index: f})
			require.NoError(t, err)
		}
	}
	constant := typ(nil, i32(1))
	for _, c := range []string{"\x0a", "\x0b", "\x0c", "\x0d"} {
		add("", constant, "\x41"+c)
	}
	m.AppendTable(wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Min: 4, Max: 50, HasMax: true}})
	m.AppendTable(wasmbin.Table{Type: wasmbin.ExternRef, Limits: wasmbin.Limits{Min: 2}})
	one, three := typ(i32(1), i32(1)), typ(i32(3), nil)
	add("call", one, "\x20\x00\x11\x00\x00")
	add("set", typ(i32(2), nil), "\x20\x00\x20\x01\x25\x00\x26\x00")
	add("grow", one, "\xd2\x01\x20\x00\xfc\x0f\x00")
	add("fill", three, "\x20\x00\x20\x01\x25\x00\x20\x02\xfc\x11\x00")
	add("copy", three, "\x20\x00\x20\x01\x20\x02\xfc\x0e\x00\x00")
	add("init", three, "\x20\x00\x20\x01\x20\x02\xfc\x0c\x01\x00")
	add("size", constant, "\xfc\x10\x00")
	ref := []wasmbin.ValueType{wasmbin.ExternRef}
	add("eset", typ(append(i32(1), ref...), nil), "\x20\x00\x20\x01\x26\x01")
	add("eget", typ(i32(1), ref), "\x20\x00\x25\x01")
	// A name like the private ones.
	_, err = m.AppendExport(wasmbin.Export{Name: "wasmffi.shadow_.save.0", Kind: wasmbin.KindFunc})
	require.NoError(t, err)
	return m.Encode()
}

// tableState is what call_indirect answers for every entry, -1 for a trap, and then the externrefs.
func tableState(t *testing.T, mod api.Module) []int64 {
	var state []int64
	for i := range uint64(mustCall(t, mod, "size")) {
		got, err := mod.ExportedFunction("call").Call(bg, i)
		if err != nil {
			require.ErrorContains(t, err, "invalid table access")
			state = append(state, -1)
			continue
		}
		state = append(state, int64(got[0]))
	}
	return append(state, mustCall(t, mod, "eget", 0), mustCall(t, mod, "eget", 1))
}

func mustCall(t *testing.T, mod api.Module, name string, args ...uint64) int64 {
	t.Helper()
	got, err := mod.ExportedFunction(name).Call(bg, args...)
	require.NoError(t, err)
	if len(got) == 0 {
		return 0
	}
	return int64(got[0])
}

// restored is a state after a restore: what has grown since is null.
func restored(state []int64, size int64) []int64 {
	n := len(state) - 2
	want := append([]int64{}, state[:n]...)
	for int64(len(want)) < size {
		want = append(want, -1)
	}
	return append(want, state[n:]...)
}

func TestShadowTablesEngine(t *testing.T) {
	code, shadows, err := shadowTables(tableModule(t))
	require.NoError(t, err)
	require.Equal(t, []wasmbin.Shadow{
		{Table: 0, Type: wasmbin.FuncRef, Save: "wasmffi.shadow__.save.0", Restore: "wasmffi.shadow__.restore.0"},
		{Table: 1, Type: wasmbin.ExternRef, Save: "wasmffi.shadow__.save.1", Restore: "wasmffi.shadow__.restore.1"},
	}, shadows)

	for name, config := range map[string]wazero.RuntimeConfig{
		"compiler": wazero.NewRuntimeConfig(), "interpreter": wazero.NewRuntimeConfigInterpreter(),
	} {
		t.Run(name, func(t *testing.T) {
			r := wazero.NewRuntimeWithConfig(bg, config)
			defer func() { require.NoError(t, r.Close(bg)) }()
			mod, err := r.Instantiate(bg, code)
			require.NoError(t, err)
			rng := rand.New(rand.NewPCG(1, 2))
			ops := []string{"set", "grow", "fill", "copy", "init", "eset"}
			scramble := func() {
				for range 5 {
					op := ops[rng.IntN(len(ops))]
					args := []uint64{rng.Uint64N(6), rng.Uint64N(4), rng.Uint64N(4)}
					_, err := mod.ExportedFunction(op).Call(bg, args[:len(mod.ExportedFunction(op).Definition().ParamTypes())]...)
					if err != nil {
						require.ErrorContains(t, err, "invalid table access")
					}
				}
			}

			type snapshot struct {
				at, n [2]uint64
				state []int64
			}
			var kept []snapshot
			var end [2]uint64
			for range 30 {
				scramble()
				s := snapshot{at: end, state: tableState(t, mod)}
				for i, sh := range shadows {
					s.n[i] = uint64(mustCall(t, mod, sh.Save, end[i]))
					end[i] += s.n[i]
				}
				require.EqualValues(t, mustCall(t, mod, "size"), s.n[0])
				require.EqualValues(t, 2, s.n[1])
				require.Equal(t, s.state, tableState(t, mod), "saving changes nothing")
				kept = append(kept, s)
				scramble()
				s = kept[rng.IntN(len(kept))]
				for i, sh := range shadows {
					mustCall(t, mod, sh.Restore, s.at[i], s.n[i])
				}
				require.Equal(t, restored(s.state, mustCall(t, mod, "size")), tableState(t, mod))
			}
			require.EqualValues(t, 50, mustCall(t, mod, "size"), "grown to its maximum")

			// Offsets at which no shadow can be long enough.
			before := tableState(t, mod)
			require.EqualValues(t, uint32(0xffffffff), mustCall(t, mod, shadows[0].Save, 0xffffffff))
			require.EqualValues(t, uint32(0xffffffff), mustCall(t, mod, shadows[0].Save, 0xffffffff-49))
			// More entries than there are.
			for _, args := range [][]uint64{{0, 51}, {end[0], 1}, {0, 0xffffffff}, {0xffffffff, 1}} {
				_, err := mod.ExportedFunction(shadows[0].Restore).Call(bg, args...)
				require.ErrorContains(t, err, "invalid table access", "%d", args)
			}
			require.Equal(t, before, tableState(t, mod))
			// Nothing is a snapshot, too.
			require.EqualValues(t, 50, mustCall(t, mod, shadows[0].Restore, 0, 0))
			require.Equal(t, restored(before[50:], 50), tableState(t, mod))
		})
	}
}

// TestShadowImportedTableEngine has a table that one module exports and another imports and writes.
func TestShadowImportedTableEngine(t *testing.T) {
	for name, config := range map[string]wazero.RuntimeConfig{
		"compiler": wazero.NewRuntimeConfig(), "interpreter": wazero.NewRuntimeConfigInterpreter(),
	} {
		t.Run(name, func(t *testing.T) {
			r := wazero.NewRuntimeWithConfig(bg, config)
			defer func() { require.NoError(t, r.Close(bg)) }()
			owner, err := wasmbin.Decode(tableModule(t))
			require.NoError(t, err)
			_, err = owner.AppendExport(wasmbin.Export{Name: "table", Kind: wasmbin.KindTable})
			require.NoError(t, err)
			mod, err := r.InstantiateWithConfig(bg, owner.Encode(), wazero.NewModuleConfig().WithName("owner"))
			require.NoError(t, err)

			// (import "owner" "table" (table 4 50 funcref)), and a function that sets an entry to null.
			user, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00" + "\x02\x12\x01\x05owner\x05table\x01\x70\x01\x04\x32"))
			require.NoError(t, err)
			f, err := user.AppendFunction(user.AppendType(wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.I32}}),
				[]byte("\x00\x20\x00\xd0\x70\x26\x00\x0b"))
			require.NoError(t, err)
			_, err = user.AppendExport(wasmbin.Export{Name: "clear", Kind: wasmbin.KindFunc, Index: f})
			require.NoError(t, err)
			code, shadows, err := shadowTables(user.Encode())
			require.NoError(t, err)
			require.Len(t, shadows, 1)
			using, err := r.InstantiateWithConfig(bg, code, wazero.NewModuleConfig().WithName("user"))
			require.NoError(t, err)

			want := tableState(t, mod)
			require.EqualValues(t, 4, mustCall(t, using, shadows[0].Save, 7))
			mustCall(t, using, "clear", 2)
			require.NotEqual(t, want, tableState(t, mod))
			require.EqualValues(t, 4, mustCall(t, using, shadows[0].Restore, 7, 4))
			require.Equal(t, want, tableState(t, mod))
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
