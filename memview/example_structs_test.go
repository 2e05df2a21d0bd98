package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

func ExampleField() {
	d, _ := memview.StructOf(
		memview.Field{Name: "id", Title: "identifier", DType: memview.U8},
		memview.Field{Name: "x", DType: memview.F64},
	)
	f, ok := d.FieldByName("identifier") // a title is an alias
	fmt.Println(f.Name, f.Offset, f.DType, ok)
	f = d.Field(1)
	fmt.Println(f.Name, f.Offset, f.DType)
	// Output:
	// id 0 uint8 true
	// x 8 float64
}

// Fields at the same offset are a union.
func ExampleStructSpec() {
	d, err := memview.StructSpec{
		Fields: []memview.Field{
			{Name: "f", DType: memview.F32},
			{Name: "bits", DType: memview.U32},
		},
		Aligned: true,
	}.DType()
	fmt.Println(d.ItemSize(), err)

	a, _ := memview.Zeros(d)
	f, _ := a.Field("f")
	_ = f.Set(1)
	fmt.Println(a)
	// Output:
	// 4 <nil>
	// (1., 1065353216)
}

// StructOf pads as a C compiler does for wasm32.
func ExampleStructOf() {
	d, err := memview.StructOf(
		memview.Field{Name: "flag", DType: memview.Bool},
		memview.Field{Name: "value", DType: memview.F64},
	)
	fmt.Println(d.ItemSize(), d.Alignment(), d.Field(1).Offset, err)
	// Output: 16 8 8 <nil>
}

// numpy packs structs where it is not told otherwise; C does not.
func ExamplePackedStructOf() {
	d, err := memview.PackedStructOf(
		memview.Field{Name: "flag", DType: memview.Bool},
		memview.Field{Name: "value", DType: memview.F64},
	)
	fmt.Println(d.ItemSize(), d.Alignment(), d.Field(1).Offset, err)
	// Output: 9 1 1 <nil>
}

// An array has no sub-array dtype: it takes up the dimensions.
func ExampleSubArrayOf() {
	row, err := memview.SubArrayOf(memview.F64, 3)
	fmt.Println(row, row.ItemSize(), err)
	a, _ := memview.Zeros(row, 2)
	fmt.Println(a.DType(), a.Shape())
	// Output:
	// ('<f8', (3,)) 24 <nil>
	// float64 [2 3]
}
