package npy

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/wasmffi/go/memview"
)

// Options bounds [Read]. Nil and the zero value are usable.
type Options struct {
	// MaxBytes is the largest array that is read, in bytes of its elements; 0
	// or less: 4 GiB - 1, or the largest int, which is also as far as it goes.
	MaxBytes int64
}

const maxArray = min(math.MaxUint32, math.MaxInt) // what memview.Zeros makes at most

// Read reads one array, header and elements, into Go memory. An array in Fortran
// order is returned with Fortran strides and not rearranged. Bools become 0 or 1;
// all other bytes are kept.
//
// Nothing behind the last element is read. Where r is at its end already, the
// error wraps [io.EOF]. Memory is taken as the elements arrive, except for an
// *os.File that is long enough and for readers with a method Len() int, such as
// [bytes.Reader]: for these the array is made at once, which is faster.
//
// Errors wrap ErrFormat, memview.ErrDType, memview.ErrTooLarge or what r answered.
func Read(r io.Reader, o *Options) (memview.Array, error) {
	h, err := readHeader(r)
	if err != nil {
		return memview.Array{}, fmt.Errorf("npy: %w", err)
	}
	limit := int64(maxArray)
	if o != nil && o.MaxBytes > 0 {
		limit = min(limit, o.MaxBytes)
	}
	if h.NBytes() > limit {
		return memview.Array{}, fmt.Errorf("npy: %w: %s of shape %s has %d bytes, want at most %d", memview.ErrTooLarge, h.DType, memview.ShapeString(h.Shape), h.NBytes(), limit)
	}
	a, err := readData(r, h)
	if err != nil {
		return memview.Array{}, fmt.Errorf("npy: %w", err)
	}
	return a, nil
}

func readData(r io.Reader, h Header) (memview.Array, error) {
	shape := slices.Clone(h.Shape)
	if h.Fortran {
		slices.Reverse(shape)
	}
	a, err := readC(r, h, shape)
	if err == nil && h.Fortran {
		a, err = a.Transpose()
	}
	return a, inner(err)
}

// readC reads the elements in the order of the file, as a C array. It makes an
// array for all of them, or, while it cannot tell that they will come, one for a
// part, twice as large each time.
func readC(r io.Reader, h Header, shape []int) (memview.Array, error) {
	want := h.NBytes()
	if want == 0 {
		return memview.Zeros(h.DType, shape...)
	}
	item := h.DType.ItemSize()
	size := int(want / int64(item))
	per := max(chunkSize/item, 1)
	room := max(4*chunkSize/item, 1)
	if available(r) >= want {
		room = size
	}
	var a, flat memview.Array // flat is a with one axis
	var buf []byte
	for done := 0; done < size; {
		n := min(per, size-done)
		var err error
		if buf, err = readFull(r, buf, n*item); err != nil {
			return a, short("data", int64(done)*int64(item)+int64(len(buf)), want, err)
		}
		normalise(buf, h.DType)
		if done+n > flat.Size() {
			if a, flat, err = grow(flat, done, min(max(room, 2*done), size), size, h.DType, shape); err != nil {
				return a, err
			}
		}
		if err := fill(flat, done, n, buf); err != nil {
			return a, err
		}
		done += n
	}
	return a, nil
}

// fill copies n elements from buf to the elements of flat from at on.
func fill(flat memview.Array, at, n int, buf []byte) error {
	to, err := flat.Sub(0, at, at+n, 1)
	if err != nil {
		return err
	}
	from, err := windowOn(buf, to)
	if err != nil {
		return err
	}
	return memview.Copy(to, from)
}

// grow makes an array of n elements, of the final shape if these are all, and
// copies the first elements of old into it.
func grow(old memview.Array, done, n, size int, t memview.DType, shape []int) (a, flat memview.Array, err error) {
	if n < size {
		shape = []int{n}
	}
	if a, err = memview.Zeros(t, shape...); err != nil {
		return a, a, err
	}
	if flat, err = a.Reshape(n); err != nil || done == 0 {
		return a, flat, err
	}
	from, err := old.Sub(0, 0, done, 1)
	if err != nil {
		return a, flat, err
	}
	to, err := flat.Sub(0, 0, done, 1)
	if err != nil {
		return a, flat, err
	}
	return a, flat, memview.Copy(to, from)
}

// available is how many bytes r surely has, and 0 if it cannot tell. What Stat
// says of files in archives is a claim of the archive, so that only files of the
// operating system count.
func available(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return int64(r.Len())
	case *os.File:
		info, err := r.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return 0
		}
		if at, err := r.Seek(0, io.SeekCurrent); err == nil {
			return info.Size() - at
		}
	}
	return 0
}

// readFull reads n bytes into buf, which grows as they arrive. On an error it
// returns what it got.
func readFull(r io.Reader, buf []byte, n int) ([]byte, error) {
	buf = buf[:0]
	for len(buf) < n {
		if len(buf) == cap(buf) {
			larger := make([]byte, len(buf), min(n, max(2*cap(buf), chunkSize)))
			copy(larger, buf)
			buf = larger
		}
		got, err := io.ReadFull(r, buf[len(buf):min(n, cap(buf))])
		buf = buf[:len(buf)+got]
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}
