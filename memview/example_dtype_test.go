package memview_test

import (
	"fmt"

	"github.com/wasmffi/go/memview"
)

// The kinds are numpy's characters.
func ExampleKind() {
	for _, s := range []string{"bool", "i4", "u4", "f8", "c16", "S3", "M8[ns]"} {
		d := memview.MustParseDType(s)
		fmt.Printf("%-15s %c\n", d, d.Kind())
	}
	fmt.Println(memview.MustParseDType("i4,f8").Kind() == memview.Struct)
	// Output:
	// bool            b
	// int32           i
	// uint32          u
	// float64         f
	// complex128      c
	// |S3             S
	// datetime64[ns]  M
	// true
}

// A dtype is size, alignment and byte order. Equal compares them, == does not.
func ExampleDType() {
	d := memview.F64.BigEndian()
	fmt.Println(d, d.ItemSize(), d.Alignment(), d.IsBigEndian())
	fmt.Println(d.Equal(memview.F64), d.LittleEndian().Equal(memview.F64))
	fmt.Println(memview.MustParseDType("M8[25s]").Unit())

	var unset memview.DType
	fmt.Println(unset, unset.IsZero())
	// Output:
	// >f8 8 8 true
	// false true
	// 25s
	// any true
}

// Text is padded with NUL to its width, and read without.
func ExampleBytesOf() {
	d, err := memview.BytesOf(4)
	a, _ := memview.Zeros(d, 2)
	_ = a.Set("abc", 0)
	fmt.Println(d, a, err)
	fmt.Println(a.Set("abcde", 1))
	// Output:
	// |S4 [b'abc' b''] <nil>
	// memview: dtype does not fit: Set of "abcde" (string) in |S4
}

// The length is in characters of 4 bytes each.
func ExampleUnicodeOf() {
	d, err := memview.UnicodeOf(2)
	fmt.Println(d, d.ItemSize(), err)
	// Output: <U2 8 <nil>
}

// Opaque bytes keep their zeros.
func ExampleVoidOf() {
	d, err := memview.VoidOf(3)
	a, _ := memview.Zeros(d)
	_ = a.Set([]byte{1, 0, 0})
	v, _ := a.At()
	fmt.Println(d, v, err)
	// Output: |V3 [1 0 0] <nil>
}

// In i8 the 8 counts bytes, as in numpy. Bit counts have more digits.
func ExampleParseDType() {
	for _, s := range []string{"<f8", ">i4", "i8", "float32", "f32", "d", "(2,3)f8", "M8[ms]", "i4,f8", "long"} {
		d, err := memview.ParseDType(s)
		fmt.Println(s, "is", d, err)
	}
	// Output:
	// <f8 is float64 <nil>
	// >i4 is >i4 <nil>
	// i8 is int64 <nil>
	// float32 is float32 <nil>
	// f32 is float32 <nil>
	// d is float64 <nil>
	// (2,3)f8 is ('<f8', (2, 3)) <nil>
	// M8[ms] is datetime64[ms] <nil>
	// i4,f8 is [('f0', '<i4'), ('f1', '<f8')] <nil>
	// long is any dtype does not fit: data type "long": its size depends on the platform; write int64 or int32
}

// MustParseDType is for dtypes that are written in the program.
func ExampleMustParseDType() {
	pixel := memview.MustParseDType("[('rgb', 'u1', (3,)), ('alpha', 'f4')]")
	fmt.Println(pixel.ItemSize(), pixel.NumField(), pixel.Field(1).Offset)
	// Output: 7 2 3
}

// Tags name the fields, and give what Go types do not say.
func ExampleDTypeOf() {
	type event struct {
		When int64    `dtype:"when,M8[ns]"`
		Tag  [8]byte  `dtype:"tag,S8"`
		Half uint16   `dtype:"half,f2"`
		On   bool     `dtype:"on"`
		_    [5]uint8 // padding: no field
	}
	d, err := memview.DTypeOf[event]()
	fmt.Println(d, err)

	_, err = memview.DTypeOf[struct{ N *int32 }]()
	fmt.Println(err)
	// Output:
	// {'names': ['when', 'tag', 'half', 'on'], 'formats': ['<M8[ns]', 'S8', '<f2', '?'], 'offsets': [0, 8, 16, 18], 'itemsize': 24, 'aligned': True} <nil>
	// dtype does not fit: Go type struct { N *int32 }: field N: a ptr holds Go pointers or has no fixed size, and cannot lie in guest memory
}

// The texts are those of Python's tuples.
func ExampleShapeString() {
	fmt.Println(memview.ShapeString(nil), memview.ShapeString([]int{4}), memview.ShapeString([]int{2, 3}))
	// Output: () (4,) (2, 3)
}
