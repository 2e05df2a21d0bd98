package memview

import (
	"encoding/binary"
	"fmt"
	"runtime"
)

// Sizes of a DLTensor on wasm32, DLPack's description of an array. Its fields:
// data 0, device_type 4, device_id 8, ndim 12, dtype code, bits and lanes 16, 17
// and 18, shape 20, strides 24, byte_offset 32. Shape and strides point to int64s;
// strides count elements.
const (
	DLTensorSize  = 40
	DLTensorAlign = 8
	dlCPU         = 1
)

// dlCodes are DLPack's type codes.
var dlCodes = map[Kind]byte{Int: 0, Uint: 1, Float: 2, Complex: 5, Boolean: 6}

// DLTensorBytes is how much memory a DLTensor of an array with ndim axes takes,
// with its shape and strides behind it.
func DLTensorBytes(ndim int) int { return DLTensorSize + 16*ndim }

// PutDLTensor writes a DLTensor of a, an array in guest memory, into b, which will
// lie at address p, a multiple of 8, and has DLTensorBytes(a.NDim()) bytes.
// Padding is zero. It fails with ErrDType for dtypes that DLPack does not have, big-endian ones
// among them, and with ErrLayout where a stride is no whole number of elements.
func PutDLTensor(b []byte, p Ptr, a Array) error {
	code, ok := dlCodes[a.DType().Kind()]
	item := a.DType().ItemSize()
	switch {
	case a.IsZero() || a.Memory() == nil || len(b) != DLTensorBytes(a.NDim()) || p%DLTensorAlign != 0:
		return fmt.Errorf("memview: %w: DLTensor of %s in %d bytes at %#x: want an array in guest memory, %d bytes, and a multiple of %d", ErrLayout, a.DType(), len(b), uint32(p), DLTensorBytes(a.NDim()), DLTensorAlign)
	case !ok || a.DType().IsBigEndian():
		return fmt.Errorf("memview: %w: DLPack has no type for %s", ErrDType, a.DType())
	}
	clear(b)
	le := binary.LittleEndian
	le.PutUint32(b, uint32(a.Ptr()))
	le.PutUint32(b[4:], dlCPU)
	le.PutUint32(b[12:], uint32(a.NDim()))
	b[16], b[17] = code, byte(8*item)
	le.PutUint16(b[18:], 1)
	if a.NDim() == 0 {
		return nil
	}
	le.PutUint32(b[20:], uint32(p)+DLTensorSize)
	le.PutUint32(b[24:], uint32(p)+DLTensorSize+uint32(8*a.NDim()))
	for i := range a.NDim() {
		s := a.Stride(i)
		if s%item != 0 {
			return fmt.Errorf("memview: %w: stride %d is no multiple of the %d bytes of %s", ErrLayout, s, item, a.DType())
		}
		le.PutUint64(b[DLTensorSize+8*i:], uint64(a.Dim(i)))
		le.PutUint64(b[DLTensorSize+8*(a.NDim()+i):], uint64(s/item))
	}
	return nil
}

// FromDLTensor is the array that a DLTensor at p describes, sharing memory. The
// guest may have written anything there: the description is copied first, and the copy
// judged. It is refused with ErrNull, ErrBounds, ErrDType, ErrShape or ErrTooLarge when
// it does not describe an array inside of m.
func FromDLTensor(m Memory, p Ptr) (Array, error) {
	a, err := fromDLTensor(m, p)
	if err != nil {
		return Array{}, fmt.Errorf("memview: DLTensor at %#x: %w", uint32(p), err)
	}
	return a, nil
}

func fromDLTensor(m Memory, p Ptr) (Array, error) {
	if p == 0 {
		return Array{}, ErrNull
	}
	live, err := peekAt(m, p, DLTensorSize)
	if err != nil {
		return Array{}, err
	}
	b := [DLTensorSize]byte(live)
	runtime.KeepAlive(m)
	le := binary.LittleEndian
	nd := int64(int32(le.Uint32(b[12:])))
	if nd < 0 || nd > MaxNDim {
		return Array{}, fmt.Errorf("%w: ndim is %d, want 0 to %d", ErrShape, nd, MaxNDim)
	}
	if dev := le.Uint32(b[4:]); dev != dlCPU {
		return Array{}, fmt.Errorf("%w: device type is %d, want %d", ErrLayout, dev, dlCPU)
	}
	d, err := dlType(b[16], b[17], le.Uint16(b[18:]))
	if err != nil {
		return Array{}, err
	}
	l := Layout{}
	if l.Shape, err = dlInts(m, le.Uint32(b[20:]), nd, 1); err != nil {
		return Array{}, fmt.Errorf("shape: %w", err)
	}
	if at := le.Uint32(b[24:]); at != 0 {
		if l.Strides, err = dlInts(m, at, nd, int64(d.ItemSize())); err != nil {
			return Array{}, fmt.Errorf("strides: %w", err)
		}
	}
	// Both are below 2^32 when the offset is, which the sum must be.
	off := le.Uint64(b[32:])
	data := uint64(le.Uint32(b[:]))
	if off >= 1<<32 || data+off >= 1<<32 {
		return Array{}, fmt.Errorf("%w: data at %#x with byte_offset %#x", ErrBounds, data, off)
	}
	if data == 0 {
		return Array{}, fmt.Errorf("%w: data", ErrNull)
	}
	return NewArray(m, Ptr(data+off), d, l)
}

func dlType(code, bits byte, lanes uint16) (DType, error) {
	for _, d := range []DType{Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64, C64, C128} {
		if dlCodes[d.Kind()] == code && 8*d.ItemSize() == int(bits) && lanes == 1 {
			return d, nil
		}
	}
	return DType{}, fmt.Errorf("%w: type code %d, %d bits, %d lanes", ErrDType, code, bits, lanes)
}

// dlInts reads n int64s and multiplies them with scale.
func dlInts(m Memory, at uint32, n, scale int64) ([]int, error) {
	out := make([]int, n)
	if n == 0 {
		return out, nil
	}
	if at == 0 {
		return nil, ErrNull
	}
	b, err := peekAt(m, Ptr(at), uint32(8*n))
	if err != nil {
		return nil, err
	}
	for i := range out {
		raw := int64(binary.LittleEndian.Uint64(b[8*i:]))
		v, ok := mul(scale, raw)
		if !ok || int64(int(v)) != v {
			return nil, fmt.Errorf("%w: %d", ErrTooLarge, raw)
		}
		out[i] = int(v)
	}
	runtime.KeepAlive(m)
	return out, nil
}
