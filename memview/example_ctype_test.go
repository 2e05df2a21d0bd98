package memview_test

import (
	"errors"
	"fmt"

	"github.com/wasmffi/go/memview"
)

// The kind says which fields of a CType to read.
func ExampleCKind() {
	d := memview.MustParseDType("(2,3)i2")
	c, _ := memview.AsCTypesType(d)
	for c.Kind == memview.CVector {
		fmt.Println(c.Len, "times")
		c = *c.Elem
	}
	fmt.Println(c.Name, c.Kind == memview.CScalar)
	// Output:
	// 2 times
	// 3 times
	// int16_t true
}

// Padding that C would insert is written out, and what it would not is marked.
func ExampleCType() {
	for _, s := range []string{
		"{'names':['x','y'],'formats':['f4','f8'],'aligned':True}",
		"[('x','f4'),('y','f8')]",
		"{'names':['f','bits'],'formats':['f4','u4'],'offsets':[0,0],'aligned':True}",
		">c16",
	} {
		c, err := memview.AsCTypesType(memview.MustParseDType(s))
		fmt.Println(c, err)
	}
	// Output:
	// struct { float x; char _pad1[4]; double y; } <nil>
	// struct __attribute__((packed)) { float x; double y; } <nil>
	// union { float f; uint32_t bits; } <nil>
	// double _Complex /* big-endian */ <nil>
}

// The offsets are those that offsetof gives in the guest.
func ExampleCField() {
	c, _ := memview.AsCTypesType(memview.MustParseDType("{'names':['a','b'],'formats':['i1','i4'],'aligned':True}"))
	for _, f := range c.Fields {
		fmt.Printf("%q at %d: %s, %d bytes\n", f.Name, f.Offset, f.Type, f.Type.Size)
	}
	// Output:
	// "a" at 0: int8_t, 1 bytes
	// "" at 1: char[3], 3 bytes
	// "b" at 4: int32_t, 4 bytes
}

func ExampleAsCTypesType() {
	fmt.Println(memview.AsCTypesType(memview.MustParseDType("(3,4)f8")))
	overlapping := memview.MustParseDType("{'names':['a','b'],'formats':['i4','i4'],'offsets':[0,2]}")
	_, err := memview.AsCTypesType(overlapping)
	fmt.Println(errors.Is(err, memview.ErrDType))
	// Output:
	// double[3][4] <nil>
	// true
}

// A CArray is what a C function gets, and becomes an Array again without a shape.
func ExampleCArray() {
	mem := make(linear, 128)
	a, _ := memview.AsArray(mem, 16, memview.F64, 3, 4)
	c, _ := memview.AsCTypes(a)
	fmt.Printf("%s at %#x\n", c.Type, uint32(c.Ptr))
	fmt.Println(c.Array().Shape())
	// Output:
	// double[3][4] at 0x10
	// [3 4]
}

// image is a type of some program that keeps its pixels in guest memory.
type image struct {
	mem           memview.Memory
	pixels        memview.Ptr
	width, height int
}

func (m image) ArrayInterface() memview.Array {
	a, err := memview.AsArray(m.mem, m.pixels, memview.U8, m.height, m.width, 3)
	if err != nil {
		return memview.Array{}
	}
	return a
}

// Whatever shows an Array goes where one goes.
func ExampleArrayInterface() {
	var x memview.ArrayInterface = image{make(linear, 64), 16, 4, 2}
	c, err := memview.AsCTypes(x)
	fmt.Println(c.Type, err)
	// Output: uint8_t[2][4][3] <nil>
}

// C has no strides, so a strided array is refused and not copied.
func ExampleAsCTypes() {
	a, _ := memview.AsArray(make(linear, 64), 8, memview.I32, 6)
	c, err := memview.AsCTypes(a)
	fmt.Println(c.Type, err)

	even, _ := a.Sub(0, 0, 6, 2)
	_, err = memview.AsCTypes(even)
	fmt.Println(err)
	_, err = memview.AsCTypes(a.ReadOnly())
	fmt.Println(err)
	// Output:
	// int32_t[6] <nil>
	// memview: layout does not fit: strided arrays have no C view: shape (3,) with strides (8,) is not C_CONTIGUOUS
	// memview: array is read-only: read-only arrays have no C view
}

// CIntp is the intptr_t of the guest, which has 4 bytes.
func ExampleShapeAs() {
	a, _ := memview.Zeros(memview.U8, 2, 300)
	fmt.Println(memview.ShapeAs[memview.CIntp](a))
	fmt.Println(memview.ShapeAs[int8](a))
	// Output:
	// [2 300] <nil>
	// [] memview: shape does not fit: shape[1] is 300 and does not fit the C type
}

// Strides are bytes in C as they are in numpy.
func ExampleStridesAs() {
	a, _ := memview.Zeros(memview.F64, 2, 3)
	t, _ := a.Transpose()
	fmt.Println(memview.StridesAs[memview.CIntp](t))
	// Output: [8 24] <nil>
}
