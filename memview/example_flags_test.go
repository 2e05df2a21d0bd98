package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// Flags follow from the layout, so that a view has those of its own.
func ExampleFlags() {
	a, _ := memview.Zeros(memview.F64, 3, 4)
	fmt.Println(a.Flags())
	column, _ := a.Drop(1, 0)
	fmt.Println(column.Flags())
	fmt.Println(column.ReadOnly().Flags()&memview.Writeable != 0)
	fmt.Printf("%#x\n", uint32(memview.CContiguous|memview.Writeable)) // numpy's bits
	// Output:
	// C_CONTIGUOUS, ALIGNED, WRITEABLE, OWNDATA
	// ALIGNED, WRITEABLE
	// false
	// 0x401
}

func ExampleParseFlags() {
	fmt.Println(memview.ParseFlags("C, W"))
	fmt.Println(memview.ParseFlags("aligned", "F_CONTIGUOUS"))
	_, err := memview.ParseFlags("CARRAY")
	fmt.Println(err)
	// Output:
	// C_CONTIGUOUS, WRITEABLE <nil>
	// F_CONTIGUOUS, ALIGNED <nil>
	// unknown flag "CARRAY", want one of C, F, O, A, W, X or their long names; numpy has no composite names either, write C,A,W
}
