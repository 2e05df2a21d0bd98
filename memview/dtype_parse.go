package memview

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview/internal/pyliteral"
)

// names are numpy's spellings without byte order, and the bit-sized ones
// that numpy refuses and so leaves free.
var names = func() map[string]DType {
	m := map[string]DType{}
	for d, all := range map[DType]string{
		Bool: "bool bool_ bool8 ? b1",
		I8:   "int8 byte b i1", U8: "uint8 ubyte B u1",
		I16: "int16 short h i2 i16", U16: "uint16 ushort H u2 u16",
		I32: "int32 intc i i4 i32 intp p", U32: "uint32 uintc I u4 u32 uintp P",
		I64: "int64 longlong q i8 i64", U64: "uint64 ulonglong Q u8 u64",
		F16: "float16 half e f2", F32: "float32 single f f4 f32", F64: "float64 double float float_ d f8 f64",
		C64: "complex64 csingle singlecomplex F c8 c64", C128: "complex128 cdouble complex complex_ cfloat D c16 c128",
	} {
		for n := range strings.FieldsSeq(all) {
			m[n] = d
		}
	}
	return m
}()

// refusals explain the spellings of numpy that have no home here.
var refusals = func() map[string]string {
	m := map[string]string{
		"l":   "C long has 8 bytes on 64-bit Linux and 4 on wasm32; write int64 or int32",
		"L":   "C unsigned long has 8 bytes on 64-bit Linux and 4 on wasm32; write uint64 or uint32",
		"f16": "numpy reads f16 as long double, which wasm has not; write float16 or f2 for half precision",
	}
	for why, all := range map[string]string{
		"its size depends on the platform; write int64 or int32":   "int int_ int0 long",
		"its size depends on the platform; write uint64 or uint32": "uint uint0 ulong",
		"long double is not supported":                             "g G f12 c24 c32 float96 float128 complex192 complex256 longdouble longfloat clongdouble clongfloat longcomplex",
		"host objects have no meaning in guest memory":             "O object object_ object0",
		"give the length, such as S8":                              "S a bytes bytes_ bytes0 string_",
		"give the length, such as U8":                              "U str str_ str0 unicode unicode_",
		"give the length, such as V8":                              "V void void0",
	} {
		for n := range strings.FieldsSeq(all) {
			m[n] = why
		}
	}
	return m
}()

// ParseDType reads a dtype in numpy's spellings: type strings ("<f8", ">i4",
// "|b1", "S3", "<U2", "V5", "M8[ns]"), type characters ("d"), names
// ("float64", "datetime64[ns]"), comma strings ("i4,(2,3)f8"), and the list, dict
// and tuple forms in which numpy prints structs. "i8" is therefore int64, as
// in numpy. Bit-sized names that numpy refuses are accepted too: f64, i32,
// u16, c128. The byte order '=' is little-endian, the order of wasm memory; intp
// and uintp ("p", "P") have the 4 bytes of a guest pointer.
//
// The signature language of package constraints has another table, where i8
// is int8. What String prints is read back. Errors wrap ErrDType.
func ParseDType(s string) (DType, error) {
	d, err := parseDType(s)
	if err != nil {
		return DType{}, dtypeError("data type "+clip(s), err)
	}
	return d, nil
}

// MustParseDType is ParseDType for constants: it panics on an error.
func MustParseDType(s string) DType {
	d, err := ParseDType(s)
	if err != nil {
		panic("memview: " + err.Error())
	}
	return d
}

// dtypeError makes err an ErrDType, which it may be already.
func dtypeError(what string, err error) error {
	if errors.Is(err, ErrDType) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrDType, what, err)
}

func clip(s string) string {
	if len(s) > 64 {
		s = s[:61] + "..."
	}
	return strconv.Quote(s)
}

const maxDTypeText = 1 << 16

func parseDType(s string) (DType, error) { return parseWithin(s, false) }

// parseWithin reads a text that stands inside of an aligned struct, or of none
// such: structs are then laid out alike.
func parseWithin(s string, aligned bool) (DType, error) {
	if len(s) > maxDTypeText {
		return DType{}, fmt.Errorf("text has %d bytes, want at most %d", len(s), maxDTypeText)
	}
	s = strings.TrimSpace(s)
	// A tuple that starts with a type is a literal, one of numbers a repeat count.
	if first := strings.TrimLeft(s, "( "); s != first && first != "" && strings.IndexByte("'\"[{", first[0]) >= 0 || s != "" && (s[0] == '[' || s[0] == '{') {
		v, err := pyliteral.Parse(s)
		if err != nil {
			return DType{}, err
		}
		return dtypeOfLiteral(v, 0, aligned)
	}
	if parts := splitTop(s); len(parts) > 1 {
		fields := make([]Field, 0, len(parts))
		if parts[len(parts)-1] == "" { // "f8," is a struct of one field
			parts = parts[:len(parts)-1]
		}
		for i, p := range parts {
			d, err := repeated(p)
			if err != nil {
				return DType{}, err
			}
			fields = append(fields, Field{Name: "f" + strconv.Itoa(i), DType: d})
		}
		return sequential(fields, aligned)
	}
	return repeated(s)
}

// splitTop splits at commas outside of parentheses and brackets.
func splitTop(s string) (parts []string) {
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

// repeated reads an item of a comma string: "f8", "3f8" or "(2,3)f8".
func repeated(s string) (DType, error) {
	var shape []int
	order := ""
	if len(s) > 1 && strings.IndexByte("<>=|", s[0]) >= 0 && strings.IndexByte("(0123456789 ", s[1]) >= 0 {
		order, s = s[:1], strings.TrimLeft(s[1:], " ") // numpy takes it on either side of the count
	}
	rest := s
	if strings.HasPrefix(s, "(") {
		end := strings.IndexByte(s, ')')
		if end < 0 {
			return DType{}, fmt.Errorf("want ')' after the shape")
		}
		v, err := pyliteral.Parse(s[:end+1])
		if err != nil {
			return DType{}, err
		}
		if shape, err = literalShape(v); err != nil {
			return DType{}, err
		}
		rest = s[end+1:]
	} else if n := len(s) - len(strings.TrimLeft(s, "0123456789")); n > 0 {
		k, err := strconv.ParseInt(s[:n], 10, 32)
		if err != nil {
			return DType{}, fmt.Errorf("repeat count %s is too large", clip(s[:n]))
		}
		if rest = s[n:]; k != 1 { // numpy reads "1f8" as a plain f8
			shape = []int{int(k)}
		}
	}
	rest = strings.TrimSpace(rest)
	if order != "" && rest != "" && strings.IndexByte("<>=|", rest[0]) >= 0 {
		return DType{}, fmt.Errorf("byte order stands twice")
	}
	d, err := simple(order + rest)
	if err != nil || shape == nil {
		return d, err
	}
	return SubArrayOf(d, shape...)
}

// simple reads one type without structure.
func simple(s string) (DType, error) {
	name, big := s, false
	if s != "" && strings.IndexByte("<>=|", s[0]) >= 0 {
		big = s[0] == '>'
		name = s[1:]
	}
	for prefix, kind := range map[string]Kind{"datetime64": Datetime, "M8": Datetime, "timedelta64": Timedelta, "m8": Timedelta} {
		if unit, ok := strings.CutPrefix(name, prefix); ok {
			return datetime(kind, unit, big)
		}
	}
	if name != s && len(strings.TrimRight(name, "0123456789")) > 1 {
		return DType{}, fmt.Errorf("not understood: a byte order goes with a type string such as %cf8", s[0])
	}
	if d, ok := names[name]; ok {
		return d.order(big), nil
	}
	if why, ok := refusals[name]; ok {
		return DType{}, fmt.Errorf("%s", why)
	}
	switch name {
	case "M":
		return datetime(Datetime, "", big)
	case "m":
		return datetime(Timedelta, "", big)
	}
	if len(name) > 1 {
		n, err := strconv.ParseUint(name[1:], 10, 31)
		if err == nil {
			switch name[0] {
			case 'S', 'a':
				return BytesOf(int(n))
			case 'U':
				d, err := UnicodeOf(int(n))
				return d.order(big), err
			case 'V':
				return VoidOf(int(n))
			}
		}
	}
	return DType{}, fmt.Errorf("not understood")
}

func datetime(k Kind, unit string, big bool) (DType, error) {
	if unit != "" {
		in, ok := strings.CutPrefix(unit, "[")
		in, ok2 := strings.CutSuffix(in, "]")
		u := strings.TrimLeft(in, "0123456789")
		if u == "μs" {
			u, in = "us", strings.TrimSuffix(in, "μs")+"us"
		}
		if in == "generic" && ok && ok2 {
			return datetime(k, "", big)
		}
		if !ok || !ok2 || !slices.Contains(strings.Fields("Y M W D h m s ms us ns ps fs as"), u) {
			return DType{}, fmt.Errorf("unit %s is none of Y M W D h m s ms us ns ps fs as in brackets", clip(unit))
		}
		if num := strings.TrimSuffix(in, u); num != "" {
			n, err := strconv.ParseInt(num, 10, 32)
			if err != nil || n < 1 {
				return DType{}, fmt.Errorf("unit %s has a bad multiplier", clip(unit))
			}
			if in = u; n > 1 {
				in = strconv.FormatInt(n, 10) + u
			}
		}
		unit = "[" + in + "]"
	}
	return DType{&dtype{kind: k, size: 8, align: 8, big: big, unit: unit}}, nil
}
