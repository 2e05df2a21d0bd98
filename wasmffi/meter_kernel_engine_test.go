package wasmffi_test

import (
	varint "encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
	"github.com/wasmffi/go/testdata/wasm"
)

// madeModule is a module with one exported function, of which only the body is given, with its locals.
func madeModule(tb testing.TB, t wasmbin.FuncType, body string) []byte {
	tb.Helper()
	m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00\x05\x04\x01\x01\x01\x01")) // a memory of a page
	require.NoError(tb, err)
	f, err := m.AppendFunction(m.AppendType(t), []byte(body))
	require.NoError(tb, err)
	_, err = m.AppendExport(wasmbin.Export{Name: "f", Kind: wasmbin.KindFunc, Index: f})
	require.NoError(tb, err)
	return m.Encode()
}

// fibModule has a call tree without loops: f(n) = n < 2 ? n : f(n-1) + f(n-2).
func fibModule(tb testing.TB) []byte {
	i32 := []wasmbin.ValueType{wasmbin.I32}
	return madeModule(tb, wasmbin.FuncType{Params: i32, Results: i32},
		"\x00\x20\x00\x41\x02\x48\x04\x7f\x20\x00\x05\x20\x00\x41\x01\x6b\x10\x00\x20\x00\x41\x02\x6b\x10\x00\x6a\x0b\x0b")
}

// kernelCall is a call of a fixture.
type kernelCall struct {
	name string
	size uint64
	args []uint64
}

func (k kernelCall) String() string { return fmt.Sprint(k.name, "/", k.size) }

// Addresses of arguments, above all that the fixture has.
const (
	inX = 4 << 20
	inY = 8 << 20
	inZ = 12 << 20
)

// kernelCalls are calls of the fixture vec.
func kernelCalls() []kernelCall {
	a := math.Float64bits(1.0000001)
	a32 := uint64(math.Float32bits(1.0000001))
	var calls []kernelCall
	for _, n := range []uint64{16, 1024, 131072} {
		calls = append(calls, kernelCall{"dot", n, []uint64{inX, inY, n}}, kernelCall{"sum", n, []uint64{inX, n}},
			kernelCall{"saxpy", n, []uint64{n, a32, inX, inY}}, kernelCall{"daxpy", n, []uint64{n, a, inX, inY}},
			kernelCall{"stencil3", n, []uint64{inX, inY, n}}, kernelCall{"prefix_sum", n, []uint64{inX, inY, n}},
			kernelCall{"cmul", n, []uint64{inX, inY, inZ, n / 2}}, kernelCall{"histogram", n, []uint64{inX, n, inZ}})
	}
	return append(calls, kernelCall{"matmul", 128, []uint64{inX, inY, inZ, 128, 128, 128}},
		kernelCall{"blur", 1, []uint64{inX, 120, 160, 1}}, kernelCall{"blur", 3, []uint64{inX, 120, 160, 3}})
}

// fillInputs writes numbers that are the same every time.
func fillInputs(tb testing.TB, m api.Module) {
	tb.Helper()
	if size := m.Memory().Size(); size < 16<<20 {
		_, ok := m.Memory().Grow((16<<20 - size) >> 16)
		require.True(tb, ok)
	}
	b, ok := m.Memory().Read(inX, 16<<20-inX)
	require.True(tb, ok)
	for i := 0; i < len(b); i += 8 {
		varint.LittleEndian.PutUint64(b[i:], math.Float64bits(1+float64(i>>3&0x3f)/64))
	}
}

// meterPair is a fixture as it is and metered.
func meterPair(tb testing.TB, code []byte) (plain, metered api.Module, host *meterHost) {
	tb.Helper()
	r := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigCompiler())
	tb.Cleanup(func() { require.NoError(tb, r.Close(bg)) })
	plain, err := r.InstantiateWithConfig(bg, code, wazero.NewModuleConfig().WithStartFunctions())
	require.NoError(tb, err)
	host = newMeterHost(tb, wazero.NewRuntimeConfigCompiler())
	metered, err = host.instantiate(code, "")
	require.NoError(tb, err)
	return plain, metered, host
}

// sameKernels wants the same answers and the same memory from kernels of two instances.
func sameKernels(t *testing.T, plain, other api.Module) {
	t.Helper()
	for _, k := range kernelCalls() {
		var results [2][]uint64
		var memory [2]string
		for i, m := range []api.Module{plain, other} {
			fillInputs(t, m)
			var err error
			results[i], err = m.ExportedFunction(k.name).Call(bg, k.args...)
			require.NoError(t, err, "%v", k)
			b, ok := m.Memory().Read(0, m.Memory().Size())
			require.True(t, ok)
			memory[i] = string(b)
		}
		require.Equal(t, results[0], results[1], "%v", k)
		require.True(t, memory[0] == memory[1], "%v: other memory", k)
	}
}

// TestMeterKernelsEngine wants the same answers and the same memory from kernels, and fuel that is the same in every run.
func TestMeterKernelsEngine(t *testing.T) {
	plain, metered, host := meterPair(t, wasm.Vec)
	sameKernels(t, plain, metered)
	require.Positive(t, host.polls)

	fuel := host.fuel[metered]
	spent := func(k kernelCall) uint64 {
		fillInputs(t, metered)
		fuel.Set(1 << 40)
		_, err := metered.ExportedFunction(k.name).Call(bg, k.args...)
		require.NoError(t, err)
		return 1<<40 - fuel.Get()
	}
	for _, k := range kernelCalls() {
		n := spent(k)
		t.Logf("%v: %d units of fuel", k, n)
		require.Positive(t, n)
		require.Equal(t, n, spent(k), "%v", k)
	}
}
