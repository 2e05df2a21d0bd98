package npy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

func Example() {
	a, _ := memview.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	var file bytes.Buffer
	if err := npy.Write(&file, a); err != nil {
		panic(err)
	}
	b, err := npy.Read(&file, nil)
	if err != nil {
		panic(err)
	}
	v, _ := memview.Values[float64](b)
	fmt.Println(b.DType(), b.Shape(), v)
	// Output: float64 [2 3] [1 2 3 4 5 6]
}

// A transposed array is written as it lies, and comes back with Fortran strides.
func ExampleWrite() {
	a, _ := memview.FromSlice([]int16{1, 2, 3, 4, 5, 6}, 2, 3)
	a, _ = a.Transpose()
	var file bytes.Buffer
	if err := npy.Write(&file, a); err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", file.Bytes()[:68])
	fmt.Println(file.Bytes()[128:])
	// Output:
	// "\x93NUMPY\x01\x00v\x00{'descr': '<i2', 'fortran_order': True, 'shape': (3, 2), }"
	// [1 0 2 0 3 0 4 0 5 0 6 0]
}

// Arrays that stand in a row are read one after the other.
func ExampleRead() {
	var stream bytes.Buffer
	for _, text := range []string{"one", "three"} {
		a, _ := memview.FromSlice([]byte(text))
		if err := npy.Write(&stream, a); err != nil {
			panic(err)
		}
	}
	for {
		a, err := npy.Read(&stream, nil)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			panic(err)
		}
		s, _ := memview.Slice[byte](a)
		fmt.Printf("%s\n", s)
	}
	// Output:
	// one
	// three
}

func ExampleOptions() {
	head, _ := npy.Header{DType: memview.F64, Shape: []int{1000, 1000, 100}}.AppendBinary(nil)
	_, err := npy.Read(bytes.NewReader(head), &npy.Options{MaxBytes: 1 << 29})
	fmt.Println(errors.Is(err, memview.ErrTooLarge), err)
	_, err = npy.Read(bytes.NewReader(head[:100]), nil)
	fmt.Println(errors.Is(err, io.ErrUnexpectedEOF), err)
	// Output:
	// true npy: array is too large: float64 of shape (1000, 1000, 100) has 800000000 bytes, want at most 536870912
	// true npy: malformed .npy file: header has 90 bytes, want 118: unexpected EOF
}

func ExampleErrFormat() {
	_, err := npy.Read(strings.NewReader("PK\x03\x04, a zip file"), nil)
	fmt.Println(errors.Is(err, npy.ErrFormat), err)
	// Output: true npy: malformed .npy file: starts with "PK\x03\x04, ", want "\x93NUMPY"
}

func ExampleReadHeader() {
	point := memview.MustParseDType("{'names': ['x', 'ok'], 'formats': ['>f8', '?'], 'offsets': [0, 12], 'itemsize': 16}")
	a, _ := memview.Zeros(point, 5)
	var file bytes.Buffer
	if err := npy.Write(&file, a); err != nil {
		panic(err)
	}
	h, err := npy.ReadHeader(&file)
	if err != nil {
		panic(err)
	}
	fmt.Println(h.DType, h.Shape, h.Fortran)
	fmt.Println("version", h.Version, "data at", h.Offset, "left", file.Len())
	// Output:
	// {'names': ['x', 'ok'], 'formats': ['>f8', '?'], 'offsets': [0, 12], 'itemsize': 16} [5] false
	// version 1 data at 192 left 80
}

// A header makes it possible to write an array that is larger than memory.
func ExampleHeader_AppendBinary() {
	h := npy.Header{DType: memview.U8, Shape: []int{3, 4}}
	file, err := h.AppendBinary(nil)
	if err != nil {
		panic(err)
	}
	for range h.Shape[0] {
		file = append(file, "row "...)
	}
	a, err := npy.Read(bytes.NewReader(file), nil)
	if err != nil {
		panic(err)
	}
	s, _ := memview.Slice[byte](a)
	fmt.Printf("%d %q\n", len(file), s)
	// Output: 140 "row row row "
}

// A file that lies in a linear memory is an array without a copy.
func ExampleHeader_Layout() {
	a, _ := memview.FromSlice([]int32{1, 2, 3, 4, 5, 6}, 2, 3)
	a, _ = a.Transpose()
	var file bytes.Buffer
	if err := npy.Write(&file, a); err != nil {
		panic(err)
	}
	mem := &guest{buf: append(make([]byte, 64), file.Bytes()...)}

	h, err := npy.ReadHeader(&file)
	if err != nil {
		panic(err)
	}
	m, err := memview.NewArray(mem, 64+memview.Ptr(h.Offset), h.DType, h.Layout())
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Shape(), m.Strides())
	x, _ := m.At(2, 1)
	fmt.Println(x)
	// Output:
	// [3 2] [4 12]
	// 6
}

func ExampleHeader_NBytes() {
	h := npy.Header{DType: memview.C128, Shape: []int{100, 100}}
	fmt.Println(h.NBytes())
	// Output: 160000
}
