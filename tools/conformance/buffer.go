package main

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/wasmffi/go/memview"
)

// base is where buffers lie in their address space: aligned to 64 bytes as
// the recorded ones were, and not 0, which would be NULL.
const base = 64

// maxBuffer bounds what a file may ask for.
const maxBuffer = 1 << 20

// buffer is a linear memory of a few bytes from address base on.
type buffer []byte

func (b buffer) Size() uint64 { return base + uint64(len(b)) }

func (b buffer) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	lo, hi := uint64(p), uint64(p)+uint64(n)
	if lo < base || hi > b.Size() {
		return nil, fmt.Errorf("%w: bytes %#x to %#x", memview.ErrBounds, lo, hi)
	}
	return b[lo-base : hi-base], nil
}

// pattern holds the bytes that the recorded buffers held. It only grows.
var pattern buffer

// recorded is a memory with what a recorded buffer of n bytes held. It is
// shared between the cases and must not be written.
func recorded(n int) buffer {
	for i := len(pattern); i < n; i++ {
		pattern = append(pattern, byte(i*131+7))
	}
	return slices.Clip(pattern[:n])
}

// dense returns the bytes of the elements in C order, in hex.
func dense(a memview.Array) (string, error) {
	b := make(buffer, a.NBytes())
	to, err := memview.AsArray(b, base, a.DType(), a.Shape()...)
	if err == nil {
		err = memview.Copy(to, a)
	}
	return hex.EncodeToString(b), err
}
