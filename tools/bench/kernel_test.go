package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every implementation of a kernel computes the same, or the ratios would compare different work. In another order of
// summation, or where a machine fuses multiplication and addition, it is the same up to rounding.
func TestImplementationsAgree(t *testing.T) {
	e, err := open("", "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.close()) })
	for _, k := range []kernel{dotKernel, sumKernel, saxpyKernel, stencilKernel, matmulKernel} {
		for _, n := range []int{0, 1, 2, 3, 7, 16, 17, 31, 130} {
			t.Run(fmt.Sprintf("%s of %d", k.export, n), func(t *testing.T) {
				a, calls, err := k.setup(e, n)
				require.NoError(t, err)
				t.Cleanup(a.free)
				// ask calls an implementation on fresh numbers and returns its answer, the output read from where it wrote.
				ask := func(call func() float64, bytes func(int) []byte) []float64 {
					for i := range a.sizes {
						a.fill(i, k.dtype, 1)
					}
					answer := []float64{call()}
					if k.output >= 0 {
						answer = append(answer, floatsIn(bytes(k.output), k.dtype.ItemSize())...)
					}
					return answer
				}
				want := ask(calls.plain, a.goBytes)
				agree := func(who string, got []float64) {
					require.InDeltaSlice(t, want, got, 1e-6, who)
				}
				agree("wasmffi", ask(calls.guest, a.guestBytes))
				agree("bare wazero", ask(calls.raw, a.rawBytes))
				if haveNative {
					agree("cgo", ask(calls.native, a.goBytes))
				}
				if haveNative && calls.unrolled != nil {
					agree("cgo by hand", ask(calls.unrolled, a.goBytes))
				}
			})
		}
	}
}

func floatsIn(b []byte, item int) []float64 {
	var out []float64
	for ; len(b) > 0; b = b[item:] {
		if item == 4 {
			out = append(out, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		} else {
			out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(b)))
		}
	}
	return out
}
