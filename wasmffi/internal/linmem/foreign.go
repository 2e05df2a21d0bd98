package linmem

import (
	"errors"
	"fmt"
)

var errForeign = fmt.Errorf("%w: the memory was made by somebody else", errors.ErrUnsupported)

// Foreign is a memory that somebody else made and will free: bytes returns its content of now,
// which may lie elsewhere each time, and most is how far it can grow. It cannot be grown, reset or mapped to from here, and
// Free and Unmap leave it alone. Slices of it are good until it grows.
func Foreign(most uint64, bytes func() []byte) *Memory {
	m := &Memory{foreign: bytes, most: most, gone: true}
	m.freed.Store(true)
	return m
}
