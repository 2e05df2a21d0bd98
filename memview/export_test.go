package memview

// GoBytes are the bytes of a Go slice. Only the package itself may look at them
// (unsafe.go), and only a look tells whether a bool holds a byte that is none.
func GoBytes[T any](s []T) []byte { return sliceBytes(s) }
