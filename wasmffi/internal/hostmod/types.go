package hostmod

import (
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// typesOf spells a function type with a letter for each value, parameters first: "iij:i". The
// letters are those of emscripten: i, j, f and d for the numbers; others are ?.
func typesOf(params, results []api.ValueType) string {
	b := make([]byte, 0, len(params)+len(results)+1)
	for _, t := range params {
		b = append(b, letter(t))
	}
	b = append(b, ':')
	for _, t := range results {
		b = append(b, letter(t))
	}
	return string(b)
}

func letter(t api.ValueType) byte {
	switch t {
	case api.ValueTypeI32:
		return 'i'
	case api.ValueTypeI64:
		return 'j'
	case api.ValueTypeF32:
		return 'f'
	case api.ValueTypeF64:
		return 'd'
	}
	return '?'
}

// variant is a function for one type. The type "*" is any, and "*:i" any with that result.
type variant struct {
	types string
	fn    function
}

// pick is the first variant for these types.
func pick(variants []variant, types string) (function, bool) {
	for _, v := range variants {
		if v.types == "*" || v.types == types {
			return v.fn, true
		}
		if result, ok := strings.CutPrefix(v.types, "*"); ok && strings.HasSuffix(types, result) {
			return v.fn, true
		}
	}
	return nil, false
}

// legalised is a type with each i64 parameter split into two i32, as done for hosts
// whose numbers have 53 bits.
func legalised(types string) string {
	params, results, _ := strings.Cut(types, ":")
	return strings.ReplaceAll(params, "j", "ii") + ":" + results
}
