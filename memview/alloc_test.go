package memview_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

var (
	boxed any
	sum   float64
)

// What is done once per call or per element makes no garbage. An Array above all: calls
// take it as any.
func TestAllocations(t *testing.T) {
	arr := must[memview.Array](t)
	d := hostOrder(t, memview.F64)
	m := make(linear, 4096)
	var mem memview.Memory = m
	a := arr(memview.AsArray(mem, 8, d, 8, 8))
	b := arr(memview.AsArray(mem, 1024, d, 8, 8))
	turned := arr(a.Transpose())
	swapped := arr(memview.AsArray(mem, 8, memview.I32.BigEndian(), 4))
	other := arr(memview.AsArray(mem, 512, memview.I32, 4))
	for name, c := range map[string]struct {
		most float64
		run  func()
	}{
		"in an interface": {0, func() { boxed = a }},
		"description":     {0, func() { sum += float64(a.Size() + a.Dim(0) + a.Stride(1) + a.NBytes() + int(a.Flags())) }},
		"alive":           {0, func() { _ = a.CheckAlive() }},
		"dtype equal":     {0, func() { _ = a.DType().Equal(memview.F64) }},
		"Slice":           {0, func() { s, _ := memview.Slice[float64](a); sum += s[0] }},
		"AsMat":           {0, func() { s, _ := memview.AsMat[float64](a); sum += s.At(0, 1) }},
		"Copy":            {0, func() { _ = memview.Copy(b, a) }},
		"Copy strided":    {0, func() { _ = memview.Copy(b, turned) }},
		"Copy swapped":    {1, func() { _ = memview.Copy(other, swapped) }}, // the list of repairs
		"Zero":            {0, func() { _ = b.Zero() }},
		"Zero strided":    {0, func() { _ = turned.Zero() }},
		"Runs": {0, func() {
			for s := range memview.Runs[float64](turned) {
				sum += s[0]
			}
		}},
		"a view":   {3, func() { _, _ = a.Transpose(1, 0) }},
		"AsArray":  {2, func() { boxed, _ = memview.AsArray(mem, 8, d, 8, 8) }},
		"ReadOnly": {1, func() { boxed = a.ReadOnly() }},
	} {
		require.LessOrEqual(t, testing.AllocsPerRun(50, c.run), c.most, name)
	}
}
