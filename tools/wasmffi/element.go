package main

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// element reads one element, as a Go value that memview.Array.Set takes.
func (r *jsonArray) element(d memview.DType, tok json.Token) (any, error) {
	refuse := func(want string) (any, error) {
		return nil, r.refuse(tokenText(tok), want, constraints.ErrScalar)
	}
	switch d.Kind() {
	case memview.Boolean:
		if b, ok := tok.(bool); ok {
			return b, nil
		}
		return refuse("true or false")
	case memview.Int, memview.Uint:
		if n, ok := tok.(json.Number); ok {
			if v, ok := integer(n.String(), d); ok {
				return v, nil
			}
			return nil, noInteger(r.at(), n.String(), clipped(n.String()), d)
		}
		return refuse(wantNumber(d))
	case memview.Float:
		if v, ok := jsonFloat(tok, d); ok {
			return v, nil
		}
		return refuse(wantNumber(d))
	case memview.Complex:
		return r.complex(d, tok)
	case memview.Bytes, memview.Unicode:
		s, ok := tok.(string)
		if n := len(s); ok && d.Kind() == memview.Bytes && n <= d.ItemSize() || ok && d.Kind() == memview.Unicode && 4*utf8.RuneCountInString(s) <= d.ItemSize() {
			return s, nil
		}
		return refuse("a string for " + d.String())
	case memview.Struct:
		return r.structure(d, tok)
	case memview.SubArray:
		base, shape, _ := d.SubArray()
		return r.subArray(base, shape, tok)
	}
	return refuse(d.String() + ", which has no JSON: give a .npy file")
}

// complex reads [re, im]. A bare number is refused: [1, 2] would else be two
// elements to one reader and 1+2j to another.
func (r *jsonArray) complex(d memview.DType, tok json.Token) (any, error) {
	want := d.String() + " as [re, im]"
	if tok != json.Delim('[') {
		return nil, r.refuse(tokenText(tok), want, constraints.ErrScalar)
	}
	part := memview.F64
	if d.ItemSize() == 8 {
		part = memview.F32
	}
	var v [2]float64
	err := r.fixed(2, want, func(i int, tok json.Token) error {
		x, ok := jsonFloat(tok, part)
		if !ok {
			return r.refuse("an array with "+tokenText(tok), want, constraints.ErrScalar)
		}
		v[i] = x
		return nil
	})
	return complex(v[0], v[1]), err
}

// jsonFloat is a float as JSON has it: a number, or a string where JSON has no number.
func jsonFloat(tok json.Token, d memview.DType) (float64, bool) {
	switch v := tok.(type) {
	case json.Number:
		return float(v.String(), d)
	case string:
		switch strings.ToLower(v) {
		case "nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity":
			return float(v, d)
		}
	}
	return 0, false
}

// Bounds of a float as text. A float64 in full has at most 767 digits after
// leading zeros and 1,080 characters; strconv loses count beyond 800 digits, and of
// exponents that only much longer text could make up for.
const (
	maxDigits    = 800
	maxFloatText = 2000
)

// float reads a decimal number and rounds it once to the dtype. It fails for
// text that is no number and for a finite number that would become infinite.
func float(text string, d memview.DType) (float64, bool) {
	if len(text) > maxFloatText || len(strings.TrimLeft(text, "+-0.")) > maxDigits {
		return 0, false
	}
	bits := 8 * max(d.ItemSize(), 4)
	f, err := strconv.ParseFloat(text, bits)
	if err != nil || d.ItemSize() == 2 && !math.IsInf(f, 0) && math.Abs(f) >= 65520 {
		return 0, false
	}
	return f, true
}

// integer reads an integer that the dtype holds, as int64 or uint64. Nothing is
// truncated or rounded: 1.0 and 1e3 are no integers. Hexadecimal with 0x is read on the
// command line; JSON has none.
func integer(text string, d memview.DType) (any, bool) {
	base, digits := 10, text
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	} else {
		digits = strings.TrimPrefix(digits, "+")
	}
	if hex, ok := strings.CutPrefix(digits, "0x"); ok {
		base, digits = 16, hex
	}
	bits := 8 * d.ItemSize()
	u, err := strconv.ParseUint(digits, base, 64)
	switch {
	case err != nil:
		return nil, false
	case d.Kind() == memview.Uint:
		return u, u <= math.MaxUint64>>(64-bits) && (sign == "" || u == 0)
	}
	i, err := strconv.ParseInt(sign+digits, base, bits)
	return i, err == nil
}

// noInteger refuses text in the place of an integer.
func noInteger(at, text, got string, d memview.DType) error {
	m := &mismatch{at: at, got: got, want: wantNumber(d), kind: constraints.ErrScalar}
	if isNumber(text) && strings.ContainsAny(text, ".eE") && !strings.Contains(text, "0x") {
		m.hint = "integers are written without a point or an exponent: nothing is rounded"
	}
	return m
}

// wantNumber says which numbers a dtype takes.
func wantNumber(d memview.DType) string {
	bits := 8 * d.ItemSize()
	switch d.Kind() {
	case memview.Int:
		return d.String() + " from " + strconv.FormatInt(math.MinInt64>>(64-bits), 10) + " to " + strconv.FormatInt(math.MaxInt64>>(64-bits), 10)
	case memview.Uint:
		return d.String() + " from 0 to " + strconv.FormatUint(math.MaxUint64>>(64-bits), 10)
	case memview.Float:
		return "a number that " + d.String() + ` holds, or "nan", "inf", "-inf"`
	}
	return d.String()
}

// scalarWord reads a word of the command line as a number or bool of dtype d, as a
// Go value that a call takes.
func scalarWord(word string, d memview.DType) (any, error) {
	switch d.Kind() {
	case memview.Boolean:
		switch word {
		case "true", "True":
			return true, nil
		case "false", "False":
			return false, nil
		}
		return nil, &mismatch{got: wordText(word), want: "true or false", kind: constraints.ErrScalar}
	case memview.Int, memview.Uint:
		if v, ok := integer(word, d); ok {
			return v, nil
		}
		return nil, noInteger("", word, wordText(word), d)
	case memview.Float:
		if f, ok := float(word, d); ok {
			return f, nil
		}
		return nil, &mismatch{got: wordText(word), want: "a number that " + d.String() + " holds", kind: constraints.ErrScalar}
	}
	return nil, &mismatch{got: wordText(word), want: d.String(), kind: constraints.ErrScalar}
}

// wordText describes a word of the command line.
func wordText(word string) string {
	switch {
	case isNumber(word), word == "null", word == "true", word == "false":
		return clipped(word)
	case strings.HasPrefix(word, "["):
		return "an array"
	case strings.HasPrefix(word, "{"):
		return "an object"
	case isFile(word):
		return "the file " + quoted(word)
	case isNew(word):
		return quoted(word)
	}
	return "the word " + quoted(word)
}
