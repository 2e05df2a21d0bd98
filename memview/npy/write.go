package npy

import (
	"fmt"
	"io"

	"github.com/wasmffi/go/memview"
)

// Write writes one array as numpy.save does: any Array, over guest or Go memory, with
// any strides. It takes the order of the array where that is C or Fortran order
// and C order elsewhere. Bools are written as 0 or 1.
//
// A dtype that a .npy file cannot describe, which is a struct with fields that
// overlap or stand out of order, and a memory that is closed are found before
// anything is written. Errors wrap memview.ErrDType, what the memory of the
// array answered, or what w answered.
func Write(w io.Writer, a memview.Array) error {
	if err := write(w, a); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}

func write(w io.Writer, a memview.Array) error {
	if a.IsZero() {
		return fmt.Errorf("%w: Write of no array", memview.ErrDType)
	}
	f := a.Flags()
	h := Header{DType: a.DType(), Shape: a.Shape(), Fortran: f&memview.CContiguous == 0 && f&memview.FContiguous != 0}
	head, err := h.append(nil)
	if err != nil {
		return err
	}
	if err := a.CheckAlive(); err != nil {
		return inner(err)
	}
	if h.Fortran {
		if a, err = a.Transpose(); err != nil {
			return inner(err)
		}
	}
	if err := writeFull(w, head); err != nil {
		return fmt.Errorf("writing the header: %w", err)
	}
	if a.NBytes() == 0 {
		return nil
	}
	if a.Flags()&memview.CContiguous != 0 {
		if a, err = a.Reshape(a.Size()); err != nil { // fewer and larger chunks
			return inner(err)
		}
	}
	out := writer{w: w, size: a.Size()}
	return out.blocks(a)
}

// writer writes blocks of elements through a buffer.
type writer struct {
	w          io.Writer
	buf        []byte
	done, size int
}

// blocks writes a in C order, cut into pieces of at most a chunk or an element.
func (w *writer) blocks(a memview.Array) error {
	if a.NBytes() <= chunkSize || a.NDim() == 0 {
		return w.block(a)
	}
	rows := a.Dim(0)
	row := a.NBytes() / rows
	per := chunkSize / row
	for lo := 0; lo < rows; lo += max(per, 1) {
		var part memview.Array
		var err error
		if per > 0 {
			part, err = a.Sub(0, lo, min(lo+per, rows), 1)
		} else {
			part, err = a.Drop(0, lo)
		}
		if err != nil {
			return inner(err)
		}
		if err := w.blocks(part); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) block(a memview.Array) error {
	n := a.NBytes()
	if cap(w.buf) < n {
		w.buf = make([]byte, n)
	}
	b := w.buf[:n]
	v, err := windowOn(b, a)
	if err == nil {
		err = memview.Copy(v, a)
	}
	if err != nil {
		return inner(err)
	}
	normalise(b, a.DType())
	if err := writeFull(w.w, b); err != nil {
		return fmt.Errorf("writing element %d of %d: %w", w.done, w.size, err)
	}
	w.done += a.Size()
	return nil
}

// writeFull does not trust the writer to say when it wrote less.
func writeFull(w io.Writer, b []byte) error {
	n, err := w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}
