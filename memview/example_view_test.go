package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// A negative step turns an axis round, by a negative stride and no copy.
func ExampleArray_Sub() {
	a, _ := memview.FromSlice([]int32{0, 1, 2, 3, 4, 5})
	even, _ := a.Sub(0, 0, 6, 2)
	down, _ := a.Sub(0, 5, -1, -1) // a[::-1]
	fmt.Println(even, even.Strides())
	fmt.Println(down, down.Strides())

	_, err := a.Sub(0, 0, 7, 1) // numpy would stop at 6
	fmt.Println(err)
	// Output:
	// [0 2 4] [8]
	// [5 4 3 2 1 0] [-4]
	// memview: shape does not fit: Sub(0, 0, 7, 1) of an axis of 6 elements
}

// The matrix is stored once; its transpose reads it in Fortran order.
func ExampleArray_Transpose() {
	a, _ := memview.FromSlice([]int32{1, 2, 3, 4, 5, 6}, 2, 3)
	t, _ := a.Transpose()
	fmt.Println(t)
	fmt.Println(t.Flags())
	// Output:
	// [[1 4]
	//  [2 5]
	//  [3 6]]
	// F_CONTIGUOUS, ALIGNED, WRITEABLE
}

// Reshape never copies, and says when it would have to.
func ExampleArray_Reshape() {
	a, _ := memview.FromSlice([]int32{1, 2, 3, 4, 5, 6})
	m, _ := a.Reshape(2, -1)
	fmt.Println(m)
	t, _ := m.Transpose()
	_, err := t.Reshape(6)
	fmt.Println(err)
	// Output:
	// [[1 2 3]
	//  [4 5 6]]
	// memview: layout does not fit: shape (3, 2) with strides (4, 12) cannot be seen as (6,) without a copy; Values makes one
}

// One field of all structs is a strided array.
func ExampleArray_Field() {
	type sample struct {
		When  int64 `dtype:"when,M8[s]"`
		Value float64
	}
	a, _ := memview.FromSlice([]sample{{0, 1.5}, {86400, 2.5}})
	when, _ := a.Field("when")
	value, _ := a.Field("Value")
	fmt.Println(when)
	fmt.Println(value, value.Strides())
	// Output:
	// ['1970-01-01T00:00:00' '1970-01-02T00:00:00']
	// [1.5 2.5] [16]
}
