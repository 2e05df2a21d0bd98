package wasmffi_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

// liedResults are signatures of the liar's.
var liedResults = []string{
	"id(p: u32) -> f64[4]", "id(p: u32) -> u8[7] nullable", "id(p: u32) -> c128[3,5] owned", "id(p: u32) -> i16[]", "id(p: u32) -> bool[9]", "id(p: u32) -> f64[0] nullable",
	"id(p: u32) -> cstr", "id(p: u32) -> cstr nullable", "id(p: u32) -> bool", "id(p: u32) -> i8 ok(-1)", "id(p: u32) -> u16", "id(p: u32) -> f32[2,2] nullable owned",
	"type Hh = opaque free(end); id(p: u32) -> Hh", "type Ps = {a: u8, b: f64, c: bool[3]}; id(p: u32) -> Ps[2]",
	"id64(v: u64) -> i64", "id64(v: u64) -> u64 ok(7)",
	"give(n: out i64, v: u64, p: u32) -> f64[n]", "give(n: out u64, v: u64, p: u32) -> u8[n,n] nullable owned", "give(n: out i64, v: u64, p: u32) -> f64[n*n-1]",
	"give(n: out i64, v: u64, p: u32) -> i32[n/3,n%5]", "give(n: out i64, v: u64, p: u32) -> cstr", "give(n: out i64, v: u64, p: u32) -> bool[n] owned", "give(n: out f64, v: u64, p: u32) -> f64[1]",
	"give32(n: out i32, v: u32, p: u32) -> u8[n]", "give32(n: out size, v: u32, p: u32) -> f64[n,2]", "give32(n: out bool, v: u32, p: u32) -> bool", "give32(n: inout u8, v: u32, p: u32) -> u8[n]",
	"give2(n: out i64, k: out i64, v: u64, w: u64, p: u32) -> f64[n,k]", "give2(n: out i64, k: out u64, v: u64, w: u64, p: u32) -> u8[n*k+1]", "give2(n: out i64, k: out i64, v: u64, w: u64, p: u32) -> c64[n-k] nullable",
	"fill(dst: out u8[8] len(result), v: u64) -> i64", "fill(dst: out u8[8] len(8-result), v: u64) -> u64", "fillout(dst: out f64[2] len(n/4), n: out i64, v: u64)",
	"same(x: f64[4], p: u32) -> f64[4]", "same(x: f64[n], p: u32) -> f64[n*2]", "same(x: T[4] desc, p: u32) -> T[4] owned",
}

// Whatever a guest answers, nothing panics, and what comes of it lies in the memory.
func FuzzResults(f *testing.F) {
	for i := range liedResults {
		for _, v := range []uint64{0, 1, 1024, 65528, 65536, math.MaxUint32, 1 << 32, 1 << 63, math.MaxUint64} {
			f.Add(uint8(i), uint8(v>>3), v, v/3, v, []byte("text\x00\xff\x02"))
		}
	}
	m := compile(f, liar(), wasmffi.Options{Limits: wasmffi.Limits{Memory: 1 << 20}})
	f.Fuzz(func(t *testing.T, which, by uint8, v, w, p uint64, memory []byte) {
		lib := instance(t, m)
		size := lib.Memory().Size()
		b, err := lib.Memory().Bytes(2048, uint32(size-2048))
		require.NoError(t, err)
		for at := int(w % 61); at < len(b) && len(memory) > 0; at += len(memory) + 32 {
			copy(b[at:], memory)
		}
		copy(b[len(b)-min(len(memory), len(b)):], memory)
		sig := liedResults[int(which)%len(liedResults)]
		fn := bind(t, lib, sig)
		var args []any
		words := []uint64{v, w}
		for _, param := range fn.Signature().Params {
			switch x := param.Type.(type) {
			case wasmffi.Scalar:
				switch {
				case param.Dir.String() == "out":
				case param.Dir.String() == "inout":
					args = append(args, 3)
				case param.Name == "p":
					args = append(args, uint32(p))
				case x.DType.Equal(memview.U32):
					args = append(args, uint32(v))
				default:
					args, words = append(args, words[0]), words[1:]
				}
			default:
				if param.Dir.String() == "in" {
					args = append(args, []float64{1, 2, 3, 4})
				}
			}
		}
		call := ways[int(by)%len(ways)]
		r, err := call.call(fn, args)
		if err != nil {
			require.NotErrorIs(t, err, wasmffi.ErrNotRun, "%s: %v", sig, args)
			require.Less(t, len(err.Error()), 500)
			require.Equal(t, wasmffi.Result{}, r)
			return
		}
		size = lib.Memory().Size()
		if a, ok := r.Value().(memview.Array); ok {
			inMemory(t, a, size, sig)
			if a.Size() < 1000 {
				require.NotEmpty(t, a.String())
			}
		}
		if s, ok := r.Value().(string); ok {
			require.LessOrEqual(t, len(s), int(size))
		}
		for _, name := range r.Outs() {
			inMemory(t, r.Out(name), size, sig)
		}
		require.LessOrEqual(t, len(r.String()), 1<<20)
		require.NoError(t, r.Free(), "%s: %v: %v", sig, args, r)
		require.NoError(t, r.Free())
	})
}
