package wasmbin

import (
	"encoding/binary"
	"fmt"
)

// cutShort is the problem with a number, or anything else, whose bytes end before it does.
const cutShort = "cut short"

// unsigned reads a LEB128 number of at most bits bits at b[pos:] (core specification, section 5.2.2). It may be longer than
// needed, as linkers write it, but not longer than bits bits take, and bits beyond those are zero. The problem is empty
// when the number is sound; next is then the position after it.
func unsigned(b []byte, pos, bits int) (v uint64, next int, problem string) {
	if pos < len(b) && b[pos] < 0x80 {
		return uint64(b[pos]), pos + 1, ""
	}
	start := pos
	for shift := 0; pos < len(b); shift += 7 {
		c := b[pos]
		pos++
		if left := bits - shift; left <= 7 && c>>left != 0 {
			return 0, start, fmt.Sprintf("got % x, want an unsigned LEB128 number of %d bits", b[start:pos], bits)
		}
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, pos, ""
		}
	}
	return 0, start, cutShort
}

// signed is unsigned for numbers in two's complement: the bits beyond those of the number repeat its sign.
func signed(b []byte, pos, bits int) (v int64, next int, problem string) {
	start := pos
	for shift := 0; pos < len(b); {
		c := b[pos]
		pos++
		if left := bits - shift; left <= 7 {
			unused := 8 - left
			if repeated := byte(int8(c<<unused) >> unused); repeated&0x7f != c {
				return 0, start, fmt.Sprintf("got % x, want a signed LEB128 number of %d bits", b[start:pos], bits)
			}
		}
		v |= int64(c&0x7f) << shift
		shift += 7
		if c < 0x80 {
			if c&0x40 != 0 && shift < 64 {
				v |= -1 << shift
			}
			return v, pos, ""
		}
	}
	return 0, start, cutShort
}

// appendUnsigned appends the shortest form of v.
func appendUnsigned(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// appendSigned appends the shortest form of v.
func appendSigned(b []byte, v int64) []byte {
	for v < -0x40 || v >= 0x40 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}
