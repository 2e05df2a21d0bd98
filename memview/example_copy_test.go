package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// Copy converts the byte order: here a big-endian file header, in memory, is
// read into Go.
func ExampleCopy() {
	mem := make(linear, 64)
	copy(mem[8:], []byte{0x00, 0x01, 0x12, 0x34})
	header, _ := memview.AsArray(mem, 8, memview.U16.BigEndian(), 2)

	host := make([]uint16, 2)
	dst, _ := memview.FromSlice(host)
	err := memview.Copy(dst, header)
	fmt.Printf("%#x %v\n", host, err)
	// Output: [0x1 0x1234] <nil>
}

// Both sides may lie in the same bytes: the target gets what was there before.
func ExampleCopy_overlap() {
	a, _ := memview.FromSlice([]int32{1, 2, 3, 4, 5})
	from, _ := a.Sub(0, 0, 4, 1)
	to, _ := a.Sub(0, 1, 5, 1)
	_ = memview.Copy(to, from)
	fmt.Println(a)
	// Output: [1 1 2 3 4]
}
