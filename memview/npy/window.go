package npy

import (
	"encoding/binary"

	"github.com/wasmffi/go/memview"
)

// chunkSize is how many bytes pass between an array and a file at a time: they
// stay in the cache between the two copies.
const chunkSize = 1 << 18

// window is a buffer seen as the memory of an array, through which memview.Copy
// moves elements of any dtype in and out as raw bytes.
type window struct{ buf []byte }

const windowStart = 16 // address 0 is NULL; aligned for every dtype

func (w *window) Size() uint64 { return windowStart + uint64(len(w.buf)) }

func (w *window) Bytes(p memview.Ptr, n uint32) ([]byte, error) {
	if p < windowStart || uint64(p)+uint64(n) > w.Size() {
		return nil, memview.ErrBounds
	}
	at := uint64(p) - windowStart
	return w.buf[at : at+uint64(n)], nil
}

// windowOn is an array over buf with the dtype and shape of a.
func windowOn(buf []byte, a memview.Array) (memview.Array, error) {
	return memview.AsArray(&window{buf}, windowStart, a.DType(), a.Shape()...)
}

// bools says where bools lie in an element: n of them at off, or, if there
// are parts, n blocks of step bytes that each hold the parts.
type bools struct {
	off, n, step int
	parts        []bools
}

// boolsOf finds the bools of count elements of a dtype.
func boolsOf(d memview.DType, off, count int) []bools {
	if !d.HasBool() || count == 0 || d.ItemSize() == 0 {
		return nil
	}
	if d.Kind() == memview.Boolean {
		return []bools{{off: off, n: count}}
	}
	var parts []bools
	if base, _, ok := d.SubArray(); ok {
		if base.ItemSize() > 0 {
			parts = boolsOf(base, 0, d.ItemSize()/base.ItemSize())
		}
	} else {
		for i := range d.NumField() {
			f := d.Field(i)
			parts = append(parts, boolsOf(f.DType, f.Offset, 1)...)
		}
	}
	if parts == nil { // bools in a sub-array of none
		return nil
	}
	return []bools{{off: off, n: count, step: d.ItemSize(), parts: parts}}
}

// normalise makes every bool in b, elements of type d, 0 or 1.
func normalise(b []byte, d memview.DType) {
	if d.HasBool() {
		normaliseAt(b, boolsOf(d, 0, len(b)/max(d.ItemSize(), 1)))
	}
}

func normaliseAt(b []byte, where []bools) {
	for _, w := range where {
		if w.parts == nil {
			normaliseRun(b[w.off : w.off+w.n])
			continue
		}
		b := b[w.off:][:w.n*w.step]
		if p := w.parts[0]; len(w.parts) == 1 && p.parts == nil && p.n == 1 { // the usual struct has one bool
			for i := p.off; i < len(b); i += w.step {
				if b[i] > 1 {
					b[i] = 1
				}
			}
			continue
		}
		for ; len(b) > 0; b = b[w.step:] {
			normaliseAt(b[:w.step], w.parts)
		}
	}
}

func normaliseRun(b []byte) {
	for len(b) > 0 {
		if len(b) >= 8 && binary.LittleEndian.Uint64(b)&^0x0101010101010101 == 0 {
			b = b[8:] // eight at a time: nearly always there is nothing to do
			continue
		}
		if b[0] > 1 {
			b[0] = 1
		}
		b = b[1:]
	}
}
