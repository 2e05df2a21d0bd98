package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// A guest may store any byte in a bool. Values makes 2 a true; a []bool over the
// same memory would make Go read out of bounds, so Slice[bool] does not compile.
func ExampleElem() {
	mem := make(linear, 64)
	copy(mem[8:], []byte{0, 1, 2, 200})
	a, _ := memview.AsArray(mem, 8, memview.Bool, 4)
	flags, _ := memview.Values[bool](a)
	fmt.Println(flags)

	_, err := memview.Slice[uint8](a)
	fmt.Println(err)
	// Output:
	// [false true true true]
	// memview: dtype does not fit: Slice of uint8, array is bool
}

// Values copies: the result does not change with the memory.
func ExampleValues() {
	mem := make(linear, 64)
	a, _ := memview.AsArray(mem, 8, memview.F64, 3)
	values, _ := memview.Values[float64](a)
	shared, _ := memview.Slice[float64](a)

	_ = a.Set(1.5, 2) // as the guest would
	fmt.Println(values)
	fmt.Println(shared)
	// Output:
	// [0 0 0]
	// [0 0 1.5]
}

// Array types take up the last dimensions.
func ExampleValues_rows() {
	a, _ := memview.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 3, 2)
	points, _ := memview.Values[[2]float32](a)
	fmt.Println(points)
	// Output: [[1 2] [3 4] [5 6]]
}

// Slice shares memory both ways, and says why when it cannot.
func ExampleSlice() {
	mem := make(linear, 64)
	a, _ := memview.AsArray(mem, 8, memview.I32, 2, 3)
	s, _ := memview.Slice[int32](a)
	s[4] = 7 // element (1, 1), in C order
	fmt.Println(a)

	t, _ := a.Transpose()
	_, err := memview.Slice[int32](t)
	fmt.Println(err)
	swapped, _ := memview.AsArray(mem, 8, memview.I32.BigEndian(), 6)
	_, err = memview.Slice[int32](swapped)
	fmt.Println(err)
	// Output:
	// [[0 0 0]
	//  [0 7 0]]
	// memview: layout does not fit: Slice of shape (3, 2) with strides (4, 12), which is not C_CONTIGUOUS; Values copies any layout
	// memview: dtype does not fit: Slice of int32, array is >i4; Values converts the byte order
}

func ExampleElements() {
	mem := make(linear, 64)
	b, _ := mem.Bytes(8, 12)
	s, _ := memview.Elements[int32](b)
	s[2] = 7
	fmt.Println(mem[16:20])
	_, err := memview.Elements[int32](b[:7])
	fmt.Println(err)
	// Output:
	// [7 0 0 0]
	// memview: layout does not fit: 7 bytes as elements of int32
}

// The fields are those of gonum's blas64.General.
func ExampleMat() {
	m := memview.Mat[float64]{Data: make([]float64, 6), Rows: 2, Cols: 2, Stride: 3}
	m.Set(1, 0, 2.5)
	fmt.Println(m.At(1, 0), m.Row(1), m.Data)
	fmt.Println(m.Array())
	// Output:
	// 2.5 [2.5 0] [0 0 0 2.5 0 0]
	// [[0.  0. ]
	//  [2.5 0. ]]
}

// A sub-matrix has gaps between its rows, which a Mat may have and a slice not.
func ExampleAsMat() {
	mem := make(linear, 128)
	a, _ := memview.AsArray(mem, 8, memview.F64, 3, 4)
	corner, _ := a.Sub(0, 1, 3, 1)
	corner, _ = corner.Sub(1, 2, 4, 1)

	m, err := memview.AsMat[float64](corner)
	fmt.Println(m.Rows, m.Cols, m.Stride, err)
	m.Set(0, 1, 9)
	fmt.Println(a)
	// Output:
	// 2 2 4 <nil>
	// [[0. 0. 0. 0.]
	//  [0. 0. 0. 9.]
	//  [0. 0. 0. 0.]]
}

// Runs reads any layout without a copy, in pieces as long as they come.
func ExampleRuns() {
	a, _ := memview.FromSlice([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3, 4)
	left, _ := a.Sub(1, 0, 2, 1)
	sum := 0.0
	for run, err := range memview.Runs[float64](left) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(run)
		for _, v := range run {
			sum += v
		}
	}
	fmt.Println(sum)
	// Output:
	// [0 1]
	// [4 5]
	// [8 9]
	// 27
}
