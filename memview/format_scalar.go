package memview

import (
	"fmt"
	"math"
	"strings"
)

// FormatScalar is the text that Python's str gives for the numpy scalar that
// corresponds to v: "32.0" and "1e+16" for floats, with the fewest digits that
// tell them from others of their size, "(1+2j)" for complex numbers, True and
// False, integers, strings as they are, and []byte, which [Array.At] gives for
// 'V' dtypes, with every byte escaped: b'\x01\xFF'. Values of other types print as
// fmt prints them. See numpy/core/src/multiarray/scalartypes.c.src.
func FormatScalar(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "True"
		}
		return "False"
	case float32:
		return floatText(float64(v), 32)
	case float64:
		return floatText(v, 64)
	case complex64:
		return complexText(float64(real(v)), float64(imag(v)), 32)
	case complex128:
		return complexText(real(v), imag(v), 64)
	case string:
		return v
	case []byte:
		return voidText(v)
	}
	return fmt.Sprint(v)
}

// scalarText prints the element of a 0-d array. Unlike in an array, floats have
// all their digits, and text is bare.
func scalarText(cell []byte, d DType) string {
	switch d.t.kind {
	case Float:
		return floatText(floatOf(cell, d), 8*d.t.size)
	case Datetime, Timedelta:
		return timeText(ticksOf(cell, d), d)
	case Bytes, Struct: // bytes have no text of their own in Python, only the literal
		return newCellFormat([][]byte{cell}, d, true)(cell)
	}
	return FormatScalar(decode(cell, d))
}

// floatText writes a float scalar: 32.0.
func floatText(x float64, bits int) string {
	s := bareFloat(x, bits)
	if strings.Trim(s, "-0123456789") == "" {
		s += ".0"
	}
	return s
}

// bareFloat writes a float without ".0", as in complex numbers. Exponents
// begin where they do in Python.
func bareFloat(x float64, bits int) string {
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 0):
		if x < 0 {
			return "-inf"
		}
		return "inf"
	case a == 0 || a < 1e16 && a >= 1e-4:
		return uniqueText(x, 'f', bits)
	}
	return uniqueText(x, 'e', bits)
}

// complexText leaves a real part of +0 out, and the parentheses with it.
func complexText(re, im float64, bits int) string {
	i := bareFloat(im, bits) + "j"
	if re == 0 && !math.Signbit(re) {
		return i
	}
	if i[0] != '-' {
		i = "+" + i
	}
	return "(" + bareFloat(re, bits) + i + ")"
}
