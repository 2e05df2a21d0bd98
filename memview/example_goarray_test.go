package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// The Array and the slice share their elements.
func ExampleFromSlice() {
	pixels := []uint8{1, 2, 3, 4, 5, 6}
	a, err := memview.FromSlice(pixels, 2, 3)
	fmt.Println(a.Shape(), a.DType(), err)
	pixels[5] = 255
	fmt.Println(a)

	_, err = memview.FromSlice([]int{1, 2})
	fmt.Println(err)
	// Output:
	// [2 3] uint8 <nil>
	// [[  1   2   3]
	//  [  4   5 255]]
	// memview: dtype does not fit: Go type int: size of int depends on the machine; write int32 or int64
}

// Strides of Go slices count elements; those of the Array are bytes.
func ExampleFromStrided() {
	rgb := []uint16{ // two pixels
		10, 20, 30,
		11, 21, 31,
	}
	green, err := memview.FromStrided(rgb[1:], []int{2}, []int{3})
	fmt.Println(green, green.Strides(), err)
	// Output: [20 21] [6] <nil>
}

// Zeros makes arrays of dtypes that no Go type has.
func ExampleZeros() {
	a, _ := memview.Zeros(memview.F16, 3)
	_ = a.Set(1.0/3, 0)
	_ = a.Set(1e5, 1)
	fmt.Println(a, a.NBytes())

	name, _ := memview.Zeros(memview.MustParseDType("U8"), 1)
	_ = name.Set("naïve", 0)
	fmt.Println(name)
	// Output:
	// [0.3333    inf 0.    ] 6
	// ['naïve']
}
