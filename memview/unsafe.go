package memview

import "unsafe"

// This file holds every use of unsafe in the package. The casts are sound
// under what their callers check: T holds no pointers and no type with
// invalid bit patterns (see Elem), or the bytes were made by Go.

// castSlice views b as elements of T, and reports false where b is not
// aligned for T or its length is no multiple of T's size.
func castSlice[T any](b []byte) ([]T, bool) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if size == 0 || len(b)%size != 0 {
		return nil, false
	}
	if len(b) == 0 {
		return []T{}, true
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%unsafe.Alignof(zero) != 0 {
		return nil, false
	}
	return unsafe.Slice((*T)(p), len(b)/size), true
}

// sliceBytes views the memory of s as bytes.
func sliceBytes[T any](s []T) []byte {
	var zero T
	if len(s) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))
}

// overlap reports whether two byte slices share memory.
func overlap(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	p, q := uintptr(unsafe.Pointer(unsafe.SliceData(a))), uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	return p < q+uintptr(len(b)) && q < p+uintptr(len(a))
}

// distance is the number of bytes from the start of a to that of b.
func distance(a, b []byte) int64 {
	return int64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) - int64(uintptr(unsafe.Pointer(unsafe.SliceData(a))))
}
