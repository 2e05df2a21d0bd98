package hostmod

import (
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// bindgenTable is what wasm-bindgen needs of a host that has no objects of JavaScript.
var bindgenTable = map[string][]variant{
	"__wbindgen_throw":                {{"ii:", bindgenThrow}},
	"__wbindgen_init_externref_table": {{":", nothing}}, // no object is ever put into it
	"__wbindgen_object_drop_ref":      {{"i:", bindgenDrop}},
}

// findBindgen is the supply of a function of wasm-bindgen, which are known by their names, whatever
// the module: it is named for a JavaScript file. Functions on objects of JavaScript are missing.
func findBindgen(im *Import, types string) (supply, bool) {
	name, object := strings.CutPrefix(im.Name, "__wbg_")
	if !object && !strings.HasPrefix(name, "__wbindgen_") {
		return supply{}, false
	}
	name = withoutHash(name)
	if fn, ok := pick(bindgenTable[name], types); ok {
		return supply{family: WasmBindgen, fn: fn}, true
	}
	return unresolved(WasmBindgen, im, name+" of JavaScript"), true
}

// withoutHash is a name without the hash of 16 digits that makes it unique.
func withoutHash(name string) string {
	at := len(name) - 17
	if at <= 0 || name[at] != '_' || strings.Trim(name[at+1:], "0123456789abcdef") != "" {
		return name
	}
	return name[:at]
}

// bindgenThrow tells the message of a panic or an error.
func bindgenThrow(c call, stack []uint64) {
	panic(&Abort{"__wbindgen_throw", c.utf8(api.DecodeU32(stack[0]), api.DecodeU32(stack[1]))})
}

// bindgenDrop forgets an object: of those there are only the constants that
// wasm-bindgen numbers first.
func bindgenDrop(_ call, stack []uint64) {
	const constants = 132
	if api.DecodeU32(stack[0]) >= constants {
		panic(&Abort{"__wbindgen_object_drop_ref", "no such object of JavaScript"})
	}
}
