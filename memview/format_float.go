package memview

import (
	"math"
	"strconv"
	"strings"
)

// printPrecision is the largest number of digits after the point in an array.
const printPrecision = 8

// floatFormat prints the floats of one array in columns: all with an exponent
// or none, with the points below each other (numpy's FloatingFormat with
// floatmode maxprec).
type floatFormat struct {
	bits        int  // 16, 32 or 64: which neighbours the digits tell apart
	plus        bool // sign positive values too
	exponent    bool
	left, right int // columns before and after the point
	fraction    int // with exponent: digits after the point
	expDigits   int // with exponent: digits of the exponent
}

// newFloatFormat decides the format from all values that will be printed.
func newFloatFormat(vals []float64, bits int, plus bool) floatFormat {
	f := floatFormat{bits: bits, plus: plus}
	var largest, smallest float64 // magnitudes of the finite values but 0
	finite, negInf := 0, false
	for _, x := range vals {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			negInf = negInf || math.IsInf(x, -1)
			continue
		}
		finite++
		if x = math.Abs(x); x != 0 {
			largest = max(largest, x)
			if smallest == 0 || x < smallest {
				smallest = x
			}
		}
	}
	f.exponent = largest != 0 && (largest >= 1e8 || smallest < 1e-4 || ratio(largest, smallest, bits) > 1000)
	for _, x := range vals {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			f.measure(x)
		}
	}
	if f.exponent {
		f.right = f.expDigits + 2 + f.fraction
	}
	if finite < len(vals) {
		inf := len("inf")
		if plus || negInf {
			inf++
		}
		f.left = max(f.left, len("nan")-f.right-1, inf-f.right-1)
	}
	return f
}

// ratio divides in the precision of the dtype, where a quotient may round to
// 1000 or overflow.
func ratio(a, b float64, bits int) float64 {
	switch bits {
	case 16:
		return float64(halfToFloat(floatToHalf(float64(float32(a) / float32(b)))))
	case 32:
		return float64(float32(a) / float32(b))
	}
	return a / b
}

// measure widens the columns for x.
func (f *floatFormat) measure(x float64) {
	if !f.exponent {
		whole, frac := f.positional(x)
		f.left, f.right = max(f.left, len(whole)), max(f.right, len(frac))
		return
	}
	whole, frac, exp := split(uniqueText(x, 'e', f.bits))
	if len(frac) > printPrecision {
		whole, frac, exp = split(strconv.FormatFloat(x, 'e', printPrecision, 64))
		frac = strings.TrimRight(frac, "0")
	}
	f.left = max(f.left, len(f.signed(whole)))
	f.fraction = max(f.fraction, len(frac))
	f.expDigits = max(f.expDigits, len(exp)-1)
}

// text is x in its column.
func (f *floatFormat) text(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return padLeft(f.signed(bareFloat(x, f.bits)), f.left+f.right+1)
	case f.exponent:
		whole, frac, exp := split(f.scientific(x))
		exp = exp[:1] + strings.Repeat("0", max(f.expDigits+1-len(exp), 0)) + exp[1:]
		return padLeft(f.signed(whole), f.left) + "." + frac + "e" + exp
	}
	whole, frac := f.positional(x)
	return padLeft(whole, f.left) + "." + padRight(frac, f.right)
}

// positional writes x without exponent: after the point the digits that tell x
// from its neighbours, or as many as precision allows, rounded from the exact
// value. Before the point are all digits of x, though fewer might tell
// it: 65504 as float16, not 65500 as the scalar has.
func (f *floatFormat) positional(x float64) (whole, frac string) {
	whole, frac, _ = split(uniqueText(x, 'f', f.bits))
	switch {
	case frac == "":
		whole = strconv.FormatFloat(x, 'f', 0, 64)
	case len(frac) > printPrecision:
		whole, frac, _ = split(strconv.FormatFloat(x, 'f', printPrecision, 64))
		frac = strings.TrimRight(frac, "0")
	}
	return f.signed(whole), frac
}

// scientific writes x with exactly f.fraction digits after the point. Digits
// beyond those that tell x from its neighbours are those of the exact value.
func (f *floatFormat) scientific(x float64) string {
	s, _ := roundDigits(x, f.fraction, f.bits)
	return s
}

// roundDigits writes x in the format 'e' with that many digits after the
// point, and reports whether they read back as x.
//
// Of two candidates it is the nearest to x, as a rule. Where only the
// upper one reads back as x, numpy's Dragon4 takes that one. It happens at
// powers of two, whose lower neighbour is half as far away as the upper one.
func roundDigits(x float64, digits, bits int) (s string, unique bool) {
	s = strconv.FormatFloat(x, 'e', digits, 64)
	if reads(s, x, bits) {
		return s, true
	}
	if powerOfTwo(x) {
		if up := nextDecimal(s); reads(up, x, bits) {
			return up, true
		}
	}
	return s, false
}

// reads reports whether s read as a float of that size is x.
func reads(s string, x float64, bits int) bool {
	y, err := strconv.ParseFloat(s, max(bits, 32))
	if bits == 16 {
		y, err = strconv.ParseFloat(s, 64)
		y = float64(halfToFloat(floatToHalf(y)))
	}
	return err == nil && y == x
}

// nextDecimal adds one unit in the last digit to the magnitude of s.
func nextDecimal(s string) string {
	mantissa, exp, _ := strings.Cut(s, "e")
	b := []byte(mantissa)
	for i := len(b) - 1; i >= 0; i-- {
		switch {
		case b[i] == '9':
			b[i] = '0'
		case b[i] >= '0':
			b[i]++
			return string(b) + "e" + exp
		}
	}
	return s // 9.99 would gain a digit; no power of two that is rounded is so close to ten
}

func (f *floatFormat) signed(s string) string {
	if f.plus && s[0] != '-' {
		return "+" + s
	}
	return s
}

// split takes a decimal apart at the point and the e.
func split(s string) (whole, frac, exp string) {
	s, exp, _ = strings.Cut(s, "e")
	whole, frac, _ = strings.Cut(s, ".")
	return whole, frac, exp
}

// uniqueText writes x with the fewest digits that tell it from the other floats
// of its size (numpy's dragon4 in unique mode), in strconv's format 'e' or
// 'f'.
func uniqueText(x float64, format byte, bits int) string {
	// strconv knows no float16, and of the two shortest decimals around the
	// float32 1/4096 it takes the odd one, numpy the even one.
	if bits == 16 || bits == 32 && powerOfTwo(x) {
		x, bits = shortDecimal(x, bits), 64
	}
	return strconv.FormatFloat(x, format, -1, bits)
}

// shortDecimal is the shortest decimal that reads back as x, a float16 or
// float32. It has at most nine digits, so float64 carries it without loss.
func shortDecimal(x float64, bits int) float64 {
	for digits := range 9 {
		if s, ok := roundDigits(x, digits, bits); ok {
			y, _ := strconv.ParseFloat(s, 64)
			return y
		}
	}
	return x
}

// powerOfTwo reports whether the neighbours of x are at different distances.
func powerOfTwo(x float64) bool {
	m, _ := math.Frexp(x)
	return math.Abs(m) == 0.5
}
