package wasmffi

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// Alloc stands for an output that the library allocates, in place of an array.
type Alloc struct {
	shape []int
}

// New stands for an output array of the given shape that the library
// allocates. It binds the dimensions of that output: for linspace(a: f64, b:
// f64, n: size, y: out f64[n]) the argument New(100) makes n 100.
func New(shape ...int) Alloc {
	return Alloc{append([]int{}, shape...)}
}

// Writable wraps an argument that a call may write to; see [InOut].
type Writable struct {
	x any
}

// InOut says that the call may write to x, a Go slice or an Array over one. It
// is needed only with [Library.DeclaredFunc]: with Func the caller's own
// signature says what is written.
func InOut(x any) Writable { return Writable{x} }

// arrayOf makes an Array of what a Go caller may give for one.
func arrayOf(x any, shape []int) (memview.Array, error) {
	switch v := x.(type) {
	case memview.Array:
		if len(shape) > 0 {
			return v.Reshape(shape...)
		}
		if v.IsZero() {
			return v, errNoArray
		}
		return v, nil
	case Writable:
		return arrayOf(v.x, shape)
	case []bool:
		return memview.FromSlice(v, shape...)
	case []int8:
		return memview.FromSlice(v, shape...)
	case []int16:
		return memview.FromSlice(v, shape...)
	case []int32:
		return memview.FromSlice(v, shape...)
	case []int64:
		return memview.FromSlice(v, shape...)
	case []uint8:
		return memview.FromSlice(v, shape...)
	case []uint16:
		return memview.FromSlice(v, shape...)
	case []uint32:
		return memview.FromSlice(v, shape...)
	case []uint64:
		return memview.FromSlice(v, shape...)
	case []float32:
		return memview.FromSlice(v, shape...)
	case []float64:
		return memview.FromSlice(v, shape...)
	case []complex64:
		return memview.FromSlice(v, shape...)
	case []complex128:
		return memview.FromSlice(v, shape...)
	}
	got, hint := goType(x)
	return memview.Array{}, fmt.Errorf("%w: got %s, want a slice of numbers or an Array%s", memview.ErrDType, got, hint)
}

// goType names a Go argument that does not fit, and the usual cure. It is a
// type switch because naming a type by reflection would move the arguments of every call
// to the heap.
func goType(x any) (name, hint string) {
	const (
		flat  = "; write a flat slice and memview.FromSlice(s, rows, cols)"
		slice = "; slice it: x[:]"
	)
	switch x.(type) {
	case nil:
		return "nil", ""
	case bool:
		return "a bool", ""
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, memview.Ptr:
		return "an integer", ""
	case float32, float64:
		return "a float", ""
	case complex64, complex128:
		return "a complex number", "; pass a slice of one"
	case string:
		return "a string", ""
	case []int, []uint, []uintptr:
		return "a slice of a type whose size depends on the machine", "; write []int32 or []int64"
	case []string:
		return "[]string", ""
	case [][]float64, [][]float32, [][]int, [][]int32, [][]int64, [][]uint8:
		return "a slice of slices", flat
	case *[]float64, *[]float32, *[]int32, *[]int64, *[]uint8:
		return "a pointer to a slice", "; pass the slice"
	case *[1]float64, *[2]float64, *[3]float64, *[4]float64, [1]float64, [2]float64, [3]float64, [4]float64,
		*[3]float32, *[4]float32, [3]float32, [4]float32, *[3]int32, *[4]int32, [3]int32, [4]int32:
		return "a Go array", slice
	case *float64, *float32, *int32, *int64, *uint8, *int:
		return "a Go pointer", "; an out scalar is found in the Result"
	case *memview.Array:
		return "a pointer to an Array", "; pass the Array"
	case memview.Array:
		return "an Array", ""
	case Alloc:
		return "wasmffi.New(...)", ""
	case []bool, []int8, []int16, []int32, []int64, []uint8, []uint16, []uint32, []uint64, []float32, []float64, []complex64, []complex128:
		return "a slice", ""
	case Writable:
		return "wasmffi.InOut(...)", ""
	case Handle:
		return "a Handle", ""
	case Callback:
		return "a Callback", ""
	case *HostFunc, func(), func(float64) float64, func(float64, float64) float64, func(x, y []float64) int32, func(x []float64) float64:
		return "a Go function", ""
	case error:
		return "an error", ""
	}
	return "a Go value of another type", "; for slices of structs and n-d data write memview.FromSlice(s, shape...)"
}

// label is the name of an output: its own, or arg1, arg2, ... by position.
func label(name string, i int) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("arg%d", i+1)
}
