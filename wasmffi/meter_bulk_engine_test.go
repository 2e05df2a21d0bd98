package wasmffi_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// bulkModule exports each instruction whose work depends on an operand: (func (param i32 i32 i32)) for those on memory
// and tables, (func (param i32) (result i32)) for those that grow.
func bulkModule(tb testing.TB) []byte {
	tb.Helper()
	sec := func(id byte, content string) string {
		return string(append([]byte{id}, appendVarint(nil, len(content))...)) + content
	}
	data := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteByte(byte(i * 31 >> 3))
		}
		return "\x01" + string(appendVarint(nil, n)) + b.String()
	}
	m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00" + sec(4, "\x01\x70\x01\x10\x40") + sec(5, "\x01\x01\x05\x08") +
		sec(9, "\x01\x05\x70\x04\xd0\x70\x0b\xd0\x70\x0b\xd0\x70\x0b\xd0\x70\x0b") + sec(12, "\x02") +
		sec(11, "\x02"+data(70_000*3)+data(100))))
	require.NoError(tb, err)
	i32 := []wasmbin.ValueType{wasmbin.I32, wasmbin.I32, wasmbin.I32}
	three := m.AppendType(wasmbin.FuncType{Params: i32})
	grow := m.AppendType(wasmbin.FuncType{Params: i32[:1], Results: i32[:1]})
	none := m.AppendType(wasmbin.FuncType{})
	const args = "\x20\x00\x20\x01\x20\x02"
	for _, f := range []struct {
		name string
		typ  uint32
		code string
	}{
		{"fill", three, args + "\xfc\x0b\x00"}, {"copy", three, args + "\xfc\x0a\x00\x00"},
		{"init", three, args + "\xfc\x08\x00\x00"}, {"init small", three, args + "\xfc\x08\x01\x00"},
		{"drop", none, "\xfc\x09\x00\xfc\x09\x01"}, {"grow", grow, "\x20\x00\x40\x00"},
		{"table.fill", three, "\x20\x00\xd0\x70\x20\x02\xfc\x11\x00"}, {"table.copy", three, args + "\xfc\x0e\x00\x00"},
		{"table.init", three, args + "\xfc\x0c\x00\x00"}, {"table.grow", grow, "\xd0\x70\x20\x00\xfc\x0f\x00"},
	} {
		index, err := m.AppendFunction(f.typ, []byte("\x00"+f.code+"\x0b"))
		require.NoError(tb, err)
		_, err = m.AppendExport(wasmbin.Export{Name: f.name, Kind: wasmbin.KindFunc, Index: index})
		require.NoError(tb, err)
	}
	return m.Encode()
}

// TestMeterBulkEngine calls instructions on memory and tables in step, as they are and metered: the same traps, results and
// memory, and fuel for what succeeded alone.
func TestMeterBulkEngine(t *testing.T) {
	code := bulkModule(t)
	r := wazero.NewRuntime(bg)
	defer func() { require.NoError(t, r.Close(bg)) }()
	plain, err := r.InstantiateWithConfig(bg, code, wazero.NewModuleConfig())
	require.NoError(t, err)
	host := newMeterHost(t, wazero.NewRuntimeConfig())
	host.slice = 5000
	metered, err := host.instantiate(code, "")
	require.NoError(t, err)

	rng := rand.New(rand.NewPCG(7, 8))
	near := []uint64{0, 1, 100, 0xffff, 0x1_0000, 0x1_0001, 0x2_0000, 70_000, 210_000, 5 << 16, 8 << 16, 0xffff_0000, 0xffff_ffff}
	number := func() uint64 { return uint64(uint32(near[rng.IntN(len(near))] + rng.Uint64N(7) - 3)) }
	names := []string{"fill", "copy", "init", "init small", "table.fill", "table.copy", "table.init", "grow", "table.grow"}
	succeeded, trapped := map[string]int{}, map[string]int{}
	for i := range 4000 {
		name := names[rng.IntN(len(names))]
		args := []uint64{number(), number(), number()}
		switch {
		case strings.HasSuffix(name, "grow"):
			args = []uint64{number()}
			if rng.IntN(2) == 0 {
				args[0] &= 1
			}
		case strings.HasPrefix(name, "table"):
			args = []uint64{rng.Uint64N(20), rng.Uint64N(20), rng.Uint64N(6)}
		}
		if i == 3900 {
			name, args = "drop", nil
		}
		want, trap := plain.ExportedFunction(name).Call(bg, args...)
		got, err := metered.ExportedFunction(name).Call(bg, args...)
		if trap != nil {
			require.Error(t, err, "%s %d", name, args)
			require.Equal(t, failure(trap), failure(err), "%s %d", name, args)
			trapped[name]++
		} else {
			require.NoError(t, err, "%s %d", name, args)
			require.Equal(t, want, got, "%s %d", name, args)
			succeeded[name]++
		}
		var memory [2][]byte
		for k, m := range []api.Module{plain, metered} {
			memory[k], _ = m.Memory().Read(0, m.Memory().Size())
		}
		require.True(t, bytes.Equal(memory[0], memory[1]), "%s %d: other memory", name, args)
	}
	t.Logf("succeeded %v, trapped %v, %d refills", succeeded, trapped, host.polls)
	require.Len(t, succeeded, len(names)+1)
	require.Positive(t, host.polls)

	fuel := host.fuel[metered]
	for _, c := range []struct {
		name string
		args []uint64
		want uint64
	}{
		{"fill", []uint64{0, 0, 0}, 4}, {"fill", []uint64{0, 0, 7}, 4}, {"fill", []uint64{0, 0, 80}, 14}, {"fill", []uint64{0, 0, 0x2_0008}, 4 + 0x4001},
		{"copy", []uint64{0, 9, 0x2_0008}, 4 + 0x4001}, {"copy", []uint64{9, 0, 0x2_0008}, 4 + 0x4001},
		{"table.copy", []uint64{0, 1, 5}, 9}, {"table.fill", []uint64{0, 1, 5}, 9},
		{"grow", []uint64{0}, 2}, {"grow", []uint64{0xffff}, 2}, {"table.grow", []uint64{0xffff}, 3},
	} {
		fuel.Set(1 << 40)
		_, err := metered.ExportedFunction(c.name).Call(bg, c.args...)
		require.NoError(t, err)
		require.EqualValues(t, c.want, 1<<40-fuel.Get(), "%s %d", c.name, c.args)
	}
}
