package memview_test

import (
	"errors"
	"fmt"

	"github.com/wasmffi/go/memview"
)

// linear is the smallest Memory: bytes that are never closed and never grow.
// Package wasmffi has the one of a running guest.
type linear []byte

func (m linear) Size() uint64 { return uint64(len(m)) }

func (m linear) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if uint64(p)+uint64(n) > m.Size() { // in 64 bits: p+n may pass 2^32
		return nil, fmt.Errorf("%w: %d bytes at %#x, memory has %#x", memview.ErrBounds, n, uint32(p), m.Size())
	}
	return m[p:][:n:n], nil
}

// A Memory hands out its own bytes, and refuses what lies outside.
func ExampleMemory() {
	mem := make(linear, 64)
	a, err := memview.AsArray(mem, 8, memview.U8, 4)
	fmt.Println(a, err)

	mem[9] = 42 // the guest stores a byte
	fmt.Println(a)

	_, err = memview.AsArray(mem, 62, memview.U8, 4)
	fmt.Println(errors.Is(err, memview.ErrBounds), err)
	// Output:
	// [0 0 0 0] <nil>
	// [ 0 42  0  0]
	// true memview: out of bounds: uint8 of shape (4,) covers bytes 0x3e to 0x42, memory has 0x40
}

// counting is a memory that knows how often a slice of it was kept.
type counting struct {
	linear
	kept int
}

func (m *counting) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	m.kept++
	return m.linear.Bytes(p, n)
}

func (m *counting) Peek(p memview.Ptr, n uint32) ([]byte, error) { return m.linear.Bytes(p, n) }

// Copies and prints only peek; a borrowed slice is kept.
func ExamplePeeker() {
	mem := &counting{linear: make(linear, 64)}
	a, _ := memview.AsArray(mem, 8, memview.I32, 2)
	v, _ := memview.Values[int32](a)
	fmt.Println(v, a, mem.kept)

	s, _ := memview.Slice[int32](a)
	fmt.Println(s, mem.kept)
	// Output:
	// [0 0] [0 0] 0
	// [0 0] 1
}
