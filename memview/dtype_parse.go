package memview

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview/internal/pyliteral"
)

// names are numpy's spellings without byte order, and the bit-sized ones
// that numpy refuses and so leaves free.
var names = func() map[string]DType {
	m := map[string]DType{}
	for d, all := range map[DType]string{
		Bool: "bool bool_ ? b1",
		I8:   "int8 byte b i1", U8: "uint8 ubyte B u1",
		I16: "int16 short h i2 i16", U16: "uint16 ushort H u2 u16",
		I32: "int32 intc i i4 i32 intp p", U32: "uint32 uintc I u4 u32 uintp P",
		I64: "int64 longlong q i8 i64", U64: "uint64 ulonglong Q u8 u64",
		F16: "float16 half e f2", F32: "float32 single f f4 f32", F64: "float64 double float d f8 f64",
		C64: "complex64 csingle F c8 c64", C128: "complex128 cdouble complex D c16 c128",
	} {
		for _, n := range strings.Fields(all) {
			m[n] = d
		}
	}
	return m
}()

// refusals explain the spellings of numpy that have no home here.
var refusals = map[string]string{
	"l": "C long has 8 bytes on 64-bit Linux and 4 on wasm32; write int64 or int32", "L": "C unsigned long has 8 bytes on 64-bit Linux and 4 on wasm32; write uint64 or uint32",
	"int": "its size depends on the platform; write int64 or int32", "uint": "its size depends on the platform; write uint64 or uint32",
	"long": "its size depends on the platform; write int64 or int32", "ulong": "its size depends on the platform; write uint64 or uint32",
	"f16": "numpy reads f16 as long double, which wasm has not; write float16 or f2 for half precision",
	"g":   "long double is not supported", "longdouble": "long double is not supported", "G": "long double is not supported", "clongdouble": "long double is not supported",
	"f12": "long double is not supported", "c32": "long double is not supported", "c24": "long double is not supported", "float128": "long double is not supported", "complex256": "long double is not supported",
	"O": "host objects have no meaning in guest memory", "object": "host objects have no meaning in guest memory",
	"S": "give the length, such as S8", "U": "give the length, such as U8", "V": "give the length, such as V8", "a": "give the length, such as S8",
	"str": "give the length, such as U8", "bytes": "give the length, such as S8", "void": "give the length, such as V8",
}

// ParseDType reads a dtype in numpy's spellings: type strings ("<f8", ">i4",
// "|b1", "S3", "<U2", "V5", "M8[ns]"), type characters ("d"), names
// ("float64", "datetime64[ns]"), comma strings ("i4,(2,3)f8"), and the list, dict
// and tuple forms in which numpy prints structs. "i8" is therefore int64, as
// in numpy. Bit-sized names that numpy refuses are accepted too: f64, i32,
// u16, c128. The byte order '=' is little-endian, the order of wasm memory.
//
// The signature language of package constraints has another table, where i8
// is int8. String round-trips. Errors wrap ErrDType.
func ParseDType(s string) (DType, error) {
	d, err := parseDType(s)
	if err != nil {
		return DType{}, fmt.Errorf("%w: data type %s: %w", ErrDType, clip(s), err)
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

func clip(s string) string {
	if len(s) > 64 {
		s = s[:61] + "..."
	}
	return strconv.Quote(s)
}

const maxDTypeText = 1 << 16

func parseDType(s string) (DType, error) {
	if len(s) > maxDTypeText {
		return DType{}, fmt.Errorf("text has %d bytes, want at most %d", len(s), maxDTypeText)
	}
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '[' || s[0] == '{' || s[0] == '(' && strings.IndexAny(s, "'\"") == 1+len(s[1:])-len(strings.TrimLeft(s[1:], " ([{"))) {
		v, err := pyliteral.Parse(s)
		if err != nil {
			return DType{}, err
		}
		return dtypeOfLiteral(v, 0)
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
		return PackedStructOf(fields...)
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
			return DType{}, fmt.Errorf("repeat count %s is too large", s[:n])
		}
		if rest = s[n:]; k != 1 { // numpy reads "1f8" as a plain f8
			shape = []int{int(k)}
		}
	}
	d, err := simple(strings.TrimSpace(rest))
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
		if len(name) > 4 && !strings.ContainsAny(name, "[0123456789") {
			return DType{}, fmt.Errorf("not understood: a byte order goes with a type string such as %cf8", s[0])
		}
	}
	if d, ok := names[name]; ok {
		return d.order(big), nil
	}
	if why, ok := refusals[name]; ok {
		return DType{}, fmt.Errorf("%s", why)
	}
	for prefix, kind := range map[string]Kind{"datetime64": Datetime, "M8": Datetime, "timedelta64": Timedelta, "m8": Timedelta} {
		if unit, ok := strings.CutPrefix(name, prefix); ok {
			return datetime(kind, unit, big)
		}
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
		if !ok || !ok2 || !strings.Contains(" Y M W D h m s ms us ns ps fs as ", " "+u+" ") || u == "" {
			return DType{}, fmt.Errorf("unit %q is none of Y M W D h m s ms us ns ps fs as in brackets", unit)
		}
		if num := strings.TrimSuffix(in, u); num != "" {
			n, err := strconv.ParseInt(num, 10, 32)
			if err != nil || n < 1 {
				return DType{}, fmt.Errorf("unit %q has a bad multiplier", unit)
			}
			if in = u; n > 1 {
				in = strconv.FormatInt(n, 10) + u
			}
		}
		unit = "[" + in + "]"
	}
	return DType{&dtype{kind: k, size: 8, align: 8, big: big, unit: unit}}, nil
}
