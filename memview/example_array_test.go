package memview_test

import (
	"errors"
	"fmt"

	"github.com/wasmffi/go/memview"
)

// An Array is a description and no data: views are cheap, and share elements.
func ExampleArray() {
	a, _ := memview.FromSlice([]int16{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Println(a.DType(), a.NDim(), a.Shape(), a.Strides(), a.Size(), a.NBytes())
	fmt.Println(a.Flags())

	column, _ := a.Drop(1, 0)
	_ = column.Set(-4, 1)
	fmt.Println(a)
	// Output:
	// int16 2 [2 3] [6 2] 6 12
	// C_CONTIGUOUS, ALIGNED, WRITEABLE
	// [[ 1  2  3]
	//  [-4  5  6]]
}

// Address 0 is NULL, although a wasm memory has a byte there.
func ExamplePtr() {
	var p memview.Ptr // what malloc returned
	_, err := memview.AsArray(make(linear, 64), p, memview.F64)
	fmt.Println(err)
	// Output: memview: NULL pointer: an array of float64 at address 0
}

// Strides are bytes and may be negative: this array runs down from address 24.
func ExampleNewArray() {
	mem := make(linear, 64)
	s, _ := memview.AsArray(mem, 8, memview.I32, 5)
	_ = memview.Copy(s, must1(memview.FromSlice([]int32{10, 11, 12, 13, 14})))

	down, err := memview.NewArray(mem, 24, memview.I32, memview.Layout{Shape: []int{3}, Strides: []int{-8}})
	fmt.Println(down, err)
	lo, hi := down.Extent()
	fmt.Println(down.Ptr(), lo, hi)

	_, err = memview.NewArray(mem, 24, memview.I32, memview.Layout{Shape: []int{8}, Strides: []int{-8}})
	fmt.Println(err)
	// Output:
	// [14 12 10] <nil>
	// 24 8 28
	// memview: out of bounds: shape (8,) with strides (-8,) at 0x18 reaches below address 0 or wraps
}

// must1 is for arguments that cannot be wrong.
func must1(a memview.Array, err error) memview.Array {
	if err != nil {
		panic(err)
	}
	return a
}

// Without dims there is one element, and nothing is copied in any case.
func ExampleAsArray() {
	mem := make(linear, 64)
	grid, _ := memview.AsArray(mem, 8, memview.F64, 2, 3) // double[2][3]
	x, _ := memview.AsArray(mem, 16, memview.F64)         // double, the second of them

	_ = x.Set(2.5)
	fmt.Println(grid)
	fmt.Println(x, x.NDim(), x.Size())
	// Output:
	// [[0.  2.5 0. ]
	//  [0.  0.  0. ]]
	// 2.5 0 1
}

// Sizes are multiplied in 64 bits: 65536 x 65536 floats are not 0 bytes.
func ExampleSizeOf() {
	fmt.Println(memview.SizeOf(memview.F32, 2, 3))
	_, err := memview.SizeOf(memview.F32, 65536, 65536)
	fmt.Println(errors.Is(err, memview.ErrTooLarge))
	// Output:
	// 24 <nil>
	// true
}

// Stride 0 repeats elements, as numpy's broadcast_to does.
func ExampleLayout() {
	mem := make(linear, 64)
	mem[8], mem[9], mem[10] = 1, 2, 3
	rows, err := memview.NewArray(mem, 8, memview.U8, memview.Layout{
		Shape:    []int{2, 3},
		Strides:  []int{0, 1},
		ReadOnly: true, // a write to one row would be seen in both
	})
	fmt.Println(rows, err)
	fmt.Println(rows.Flags())
	// Output:
	// [[1 2 3]
	//  [1 2 3]] <nil>
	// ALIGNED
}
