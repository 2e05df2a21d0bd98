package memview_test

import (
	"fmt"
	"math"

	"github.com/wasmffi/go/memview"
)

// The texts are those of Python's print.
func ExampleArray_String() {
	a, _ := memview.FromSlice([]float64{1, 0.5, math.Pi, -1, 0, math.NaN()}, 2, 3)
	fmt.Println(a)

	dates, _ := memview.Zeros(memview.MustParseDType("M8[D]"), 2)
	_ = dates.Set(11016, 1)
	fmt.Println(dates)

	large, _ := memview.FromSlice(make([]int16, 2000), 40, 50)
	fmt.Println(large)
	// Output:
	// [[ 1.          0.5         3.14159265]
	//  [-1.          0.                 nan]]
	// ['1970-01-01' '2000-02-29']
	// [[0 0 0 ... 0 0 0]
	//  [0 0 0 ... 0 0 0]
	//  [0 0 0 ... 0 0 0]
	//  ...
	//  [0 0 0 ... 0 0 0]
	//  [0 0 0 ... 0 0 0]
	//  [0 0 0 ... 0 0 0]]
}

func ExampleFormatScalar() {
	fmt.Println(memview.FormatScalar(32.0))
	fmt.Println(memview.FormatScalar(float32(0.1)))
	fmt.Println(memview.FormatScalar(1e16))
	fmt.Println(memview.FormatScalar(1 + 2i))
	fmt.Println(memview.FormatScalar(true))
	// Output:
	// 32.0
	// 0.1
	// 1e+16
	// (1+2j)
	// True
}
