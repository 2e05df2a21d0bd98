package memview

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"
)

func (t *dtype) order() binary.ByteOrder {
	if t.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// decode reads an element; see Array.At for the Go types.
func decode(b []byte, d DType) any {
	o := d.t.order()
	switch d.t.kind {
	case Boolean:
		return b[0] != 0
	case Int, Datetime, Timedelta:
		switch d.t.size {
		case 1:
			return int8(b[0])
		case 2:
			return int16(o.Uint16(b))
		case 4:
			return int32(o.Uint32(b))
		}
		return int64(o.Uint64(b))
	case Uint:
		switch d.t.size {
		case 1:
			return b[0]
		case 2:
			return o.Uint16(b)
		case 4:
			return o.Uint32(b)
		}
		return o.Uint64(b)
	case Float:
		switch d.t.size {
		case 2:
			return halfToFloat(o.Uint16(b))
		case 4:
			return math.Float32frombits(o.Uint32(b))
		}
		return math.Float64frombits(o.Uint64(b))
	case Complex:
		if d.t.size == 8 {
			return complex(math.Float32frombits(o.Uint32(b)), math.Float32frombits(o.Uint32(b[4:])))
		}
		return complex(math.Float64frombits(o.Uint64(b)), math.Float64frombits(o.Uint64(b[8:])))
	case Bytes:
		return strings.TrimRight(string(b), "\x00")
	case Unicode:
		var s strings.Builder
		for i := 0; i < len(b); i += 4 {
			r := utf8.RuneError
			if u := o.Uint32(b[i:]); u <= utf8.MaxRune {
				r = rune(u)
			}
			s.WriteRune(r)
		}
		return strings.TrimRight(s.String(), "\x00")
	case Struct:
		vals := make([]any, len(d.t.fields))
		for i, f := range d.t.fields {
			vals[i] = decode(b[f.Offset:f.Offset+f.DType.ItemSize()], f.DType)
		}
		return vals
	case SubArray:
		return decodeBlock(b, d.t.base, d.t.shape)
	}
	return append([]byte{}, b...)
}

// decodeBlock reads a sub-array as nested []any; one without bytes as an empty
// []any, because its extents may be hostile.
func decodeBlock(b []byte, base DType, shape []int) any {
	if len(shape) == 0 {
		return decode(b, base)
	}
	if len(b) == 0 {
		return []any{}
	}
	vals := make([]any, shape[0])
	for i := range vals {
		step := len(b) / shape[0]
		vals[i] = decodeBlock(b[i*step:(i+1)*step], base, shape[1:])
	}
	return vals
}

// encode stores v; see Array.Set.
func encode(b []byte, d DType, v any) error {
	bad := func() error {
		return fmt.Errorf("%w: Set of %s (%T) in %s", ErrDType, clip(fmt.Sprint(v)), v, d)
	}
	o := d.t.order()
	switch d.t.kind {
	case Boolean:
		x, ok := v.(bool)
		if !ok {
			return bad()
		}
		b[0] = 0
		if x {
			b[0] = 1
		}
	case Int, Uint, Datetime, Timedelta:
		neg, mag, ok := integer(v)
		limit := uint64(math.MaxUint64) >> (64 - 8*d.t.size)
		if d.t.kind != Uint {
			limit >>= 1
			if neg {
				limit++
			}
		} else if neg && mag > 0 {
			ok = false
		}
		if !ok || mag > limit {
			return bad()
		}
		if neg {
			mag = -mag
		}
		putUint(b, o, mag)
	case Float:
		x, ok := float(v, d.t.size)
		if !ok {
			return bad()
		}
		putFloat(b, o, x)
	case Complex:
		var re, im float64
		switch x := v.(type) {
		case complex64:
			re, im = float64(real(x)), float64(imag(x))
		case complex128:
			re, im = real(x), imag(x)
		default:
			var ok bool
			if re, ok = float(v, d.t.size/2); !ok {
				return bad()
			}
		}
		putFloat(b[:len(b)/2], o, re)
		putFloat(b[len(b)/2:], o, im)
	case Bytes, Void:
		s, ok := v.(string)
		if raw, isRaw := v.([]byte); isRaw {
			s, ok = string(raw), true
		}
		if !ok || len(s) > len(b) {
			return bad()
		}
		clear(b[copy(b, s):])
	case Unicode:
		s, ok := v.(string)
		if !ok || utf8.RuneCountInString(s)*4 > len(b) {
			return bad()
		}
		clear(b)
		for i, r := range []rune(s) {
			o.PutUint32(b[4*i:], uint32(r))
		}
	case Struct:
		vals, ok := v.([]any)
		if !ok || len(vals) != len(d.t.fields) {
			return bad()
		}
		whole := append([]byte{}, b...) // nothing half written
		for i, f := range d.t.fields {
			if err := encode(whole[f.Offset:f.Offset+f.DType.ItemSize()], f.DType, vals[i]); err != nil {
				return fmt.Errorf("field %q: %w", f.Name, err)
			}
		}
		copy(b, whole)
	case SubArray:
		whole := append([]byte{}, b...)
		if err := encodeBlock(whole, d.t.base, d.t.shape, v); err != nil {
			return err
		}
		copy(b, whole)
	}
	return nil
}

func encodeBlock(b []byte, base DType, shape []int, v any) error {
	if len(shape) == 0 {
		return encode(b, base, v)
	}
	vals, ok := v.([]any)
	if ok && len(b) == 0 && len(vals) == 0 {
		return nil
	}
	if !ok || len(vals) != shape[0] {
		return fmt.Errorf("%w: Set of %s in a sub-array of shape %s", ErrDType, clip(fmt.Sprint(v)), ShapeString(shape))
	}
	for i := range vals {
		step := len(b) / shape[0]
		if err := encodeBlock(b[i*step:(i+1)*step], base, shape[1:], vals[i]); err != nil {
			return err
		}
	}
	return nil
}

// integer splits a Go integer into sign and magnitude.
func integer(v any) (neg bool, mag uint64, ok bool) {
	var i int64
	switch x := v.(type) {
	case int:
		i = int64(x)
	case int8:
		i = int64(x)
	case int16:
		i = int64(x)
	case int32:
		i = int64(x)
	case int64:
		i = x
	case uint:
		return false, uint64(x), true
	case uint8:
		return false, uint64(x), true
	case uint16:
		return false, uint64(x), true
	case uint32:
		return false, uint64(x), true
	case uint64:
		return false, x, true
	default:
		return false, 0, false
	}
	if i < 0 {
		return true, -uint64(i), true
	}
	return false, uint64(i), true
}

// float takes any Go float, and an integer that a float of size bytes holds.
func float(v any, size int) (float64, bool) {
	switch x := v.(type) {
	case float32:
		return float64(x), true
	case float64:
		return x, true
	}
	neg, mag, ok := integer(v)
	precision := map[int]int{2: 11, 4: 24, 8: 53}[size]
	if bits.Len64(mag)-bits.TrailingZeros64(mag|1<<63) > precision || size == 2 && mag > 65504 {
		return 0, false
	}
	f := float64(mag)
	if neg {
		f = -f
	}
	return f, ok
}

func putUint(b []byte, o binary.ByteOrder, u uint64) {
	switch len(b) {
	case 1:
		b[0] = byte(u)
	case 2:
		o.PutUint16(b, uint16(u))
	case 4:
		o.PutUint32(b, uint32(u))
	default:
		o.PutUint64(b, u)
	}
}

func putFloat(b []byte, o binary.ByteOrder, f float64) {
	switch len(b) {
	case 2:
		o.PutUint16(b, floatToHalf(f))
	case 4:
		o.PutUint32(b, math.Float32bits(float32(f)))
	default:
		o.PutUint64(b, math.Float64bits(f))
	}
}

// halfToFloat widens an IEEE 754 binary16, exactly.
func halfToFloat(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp, frac := uint32(h>>10&31), uint32(h&1023)
	switch {
	case exp == 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	case exp == 0: // zero and subnormals: frac * 2^-24
		f := float32(frac) / (1 << 24)
		if sign != 0 {
			f = -f
		}
		return f
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// floatToHalf rounds to the nearest binary16, ties to even, straight from
// float64 so that nothing is rounded twice.
func floatToHalf(f float64) uint16 {
	sign := uint16(math.Float64bits(f)>>48) & 0x8000
	if f != f {
		return sign | 0x7e00
	}
	a := math.Abs(f)
	switch {
	case a >= 65520: // rounds up to infinity
		return sign | 0x7c00
	case a < 1.0/(1<<14): // subnormal: multiples of 2^-24
		return sign | uint16(math.RoundToEven(a*(1<<24)))
	}
	frac, exp := math.Frexp(a) // a = frac * 2^exp, frac in [0.5, 1)
	m := uint16(math.RoundToEven(frac * 2048))
	return sign | (uint16(exp+13)<<10 + m)
}
