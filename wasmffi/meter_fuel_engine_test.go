package wasmffi_test

import (
	varint "encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/testdata/wasm"
)

// counted is a module that takes one off an exported global before each instruction, else and end aside: the exact count.
func counted(t *testing.T, code []byte) []byte {
	t.Helper()
	m, err := wasmbin.Decode(code)
	require.NoError(t, err)
	m.DropCustoms("")
	global := m.AppendGlobal(wasmbin.Global{GlobalType: wasmbin.GlobalType{Type: wasmbin.I64, Mutable: true}, Init: []byte("\x42\x00\x0b")})
	_, err = m.AppendExport(wasmbin.Export{Name: "exact", Kind: wasmbin.KindGlobal, Index: global})
	require.NoError(t, err)
	index := string(appendVarint(nil, int(global)))
	one := "\x23" + index + "\x42\x01\x7d\x24" + index

	m, err = wasmbin.Decode(m.Encode())
	require.NoError(t, err)
	out := append([]byte{}, code[:8]...)
	for _, s := range m.Sections {
		if s.ID != 10 {
			out = append(out, s.Raw...)
			continue
		}
		_, n := varint.Uvarint(s.Content)
		entries, done := append([]byte{}, s.Content[:n]...), n
		for _, b := range m.Code {
			size, n := varint.Uvarint(s.Content[done:])
			body := append([]byte{}, s.Content[done+n:done+n+int(size)-len(b.Code)]...) // locals
			done += n + int(size)
			for ins, err := range wasmbin.Instructions(b.Code) {
				require.NoError(t, err)
				if ins.Op != wasmbin.OpElse && ins.Op != wasmbin.OpEnd {
					body = append(body, one...)
				}
				body = append(body, b.Code[ins.Offset:ins.End]...)
			}
			entries = append(append(entries, appendVarint(nil, len(body))...), body...)
		}
		out = append(append(append(out, 10), appendVarint(nil, len(entries))...), entries...)
	}
	return out
}

// TestMeterFuelEngine compares fuel with the exact count of instructions: it is at least that, and at most twice that and
// what bulk instructions cost besides. The engine's interpreter takes the same.
func TestMeterFuelEngine(t *testing.T) {
	for _, s := range []struct {
		code  []byte
		calls []kernelCall
	}{
		{wasm.Vec, kernelCalls()},
		{fibModule(t), []kernelCall{{"f", 0, []uint64{0}}, {"f", 1, []uint64{1}}, {"f", 15, []uint64{15}}}},
	} {
		r := wazero.NewRuntime(bg)
		defer func() { require.NoError(t, r.Close(bg)) }()
		exact, err := r.InstantiateWithConfig(bg, counted(t, s.code), wazero.NewModuleConfig().WithStartFunctions())
		require.NoError(t, err)
		host := newMeterHost(t, wazero.NewRuntimeConfig())
		metered, err := host.instantiate(s.code, "")
		require.NoError(t, err)
		slow := newMeterHost(t, wazero.NewRuntimeConfigInterpreter())
		interpreted, err := slow.instantiate(s.code, "")
		require.NoError(t, err)
		for _, k := range s.calls {
			spent := func(m api.Module, fuel api.MutableGlobal) uint64 {
				if len(s.calls) > 3 {
					fillInputs(t, m)
				}
				fuel.Set(1 << 40)
				_, err := m.ExportedFunction(k.name).Call(bg, k.args...)
				require.NoError(t, err)
				return 1<<40 - fuel.Get()
			}
			want := spent(exact, exact.ExportedGlobal("exact").(api.MutableGlobal))
			got := spent(metered, host.fuel[metered])
			t.Logf("%v: %d units for %d instructions: %.2f", k, got, want, float64(got)/float64(want))
			require.GreaterOrEqual(t, got, want, "%v", k)
			if k.size <= 1024 {
				require.Equal(t, got, spent(interpreted, slow.fuel[interpreted]), "%v in the interpreter", k)
			}
			bulk := uint64(0)
			if k.name == "matmul" || k.name == "blur" || k.name == "histogram" {
				bulk = 3 * 128 * 128 // at most 393,216 bytes
			}
			require.LessOrEqual(t, got, 2*want+bulk, "%v", k)
		}
	}
}

// TestMeterWaitEngine waits for what does not happen: the same results and traps, after the same time.
func TestMeterWaitEngine(t *testing.T) {
	m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00\x05\x04\x01\x03\x01\x01")) // a shared page
	require.NoError(t, err)
	i32 := []wasmbin.ValueType{wasmbin.I32}
	for _, f := range []struct {
		name, code string
		expected   wasmbin.ValueType
	}{
		{"wait32", "\xfe\x01\x02\x04", wasmbin.I32}, {"wait64", "\xfe\x02\x03\x08", wasmbin.I64},
		{"far", "\xfe\x01\x02\xff\xff\xff\xff\x0f", wasmbin.I32},
	} {
		typ := m.AppendType(wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.I32, f.expected, wasmbin.I64}, Results: i32})
		index, err := m.AppendFunction(typ, []byte("\x00\x20\x00\x20\x01\x20\x02"+f.code+"\x0b"))
		require.NoError(t, err)
		_, err = m.AppendExport(wasmbin.Export{Name: f.name, Kind: wasmbin.KindFunc, Index: index})
		require.NoError(t, err)
	}
	config := wazero.NewRuntimeConfig().WithCoreFeatures(everyFeature)
	r := wazero.NewRuntimeWithConfig(bg, config)
	defer func() { require.NoError(t, r.Close(bg)) }()
	plain, err := r.Instantiate(bg, m.Encode())
	require.NoError(t, err)
	host := newMeterHost(t, config)
	metered, err := host.instantiate(m.Encode(), "")
	require.NoError(t, err)

	const ms = uint64(time.Millisecond)
	for _, name := range []string{"wait32", "wait64", "far"} {
		for _, args := range [][]uint64{
			{0, 0, 0}, {0, 0, 1}, {0, 1, 12 * ms}, {0, 0, 5 * ms}, {0, 0, 12 * ms}, {4, 0, 0}, {1, 0, 0}, {1, 0, 0}, {2, 0, 0},
			{65532, 0, 0}, {65536 - 16, 0, 0}, {65536, 0, 0}, {0xffff_fff8, 0, 0}, {0xffff_ffff, 0, 0}, {0xffff_fffc, 0, 0}, {5, 0, 0},
		} {
			want, trap := plain.ExportedFunction(name).Call(bg, args...)
			polls, begin := host.polls, time.Now()
			got, err := metered.ExportedFunction(name).Call(bg, args...)
			took := time.Since(begin)
			if trap != nil {
				require.Error(t, err, "%s %d", name, args)
				require.Equal(t, failure(trap), failure(err), "%s %d", name, args)
				continue
			}
			require.NoError(t, err, "%s %d", name, args)
			require.Equal(t, want, got, "%s %d", name, args)
			if args[2] == 12*ms && args[1] == 0 {
				require.GreaterOrEqual(t, took, 12*time.Millisecond)
				require.GreaterOrEqual(t, host.polls-polls, 3)
			}
		}
	}
}
