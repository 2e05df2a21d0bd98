package hostmod

import (
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// tables are the functions of emscripten by their names without the underscores before them, whose number has
// changed over the years.
var tables = [...]map[string][]variant{heapTable, endTable, clockTable, calendarTable, consoleTable, stackTable, runtimeTable, threadTable}

// findEmscripten is the supply of a function of emscripten's library: one of module env, or one whose name in
// the source is known.
func findEmscripten(im *Import, types string) (supply, bool) {
	name := im.Meaning
	if name == "" {
		name = im.Name
		if im.Module != "env" {
			return supply{}, false
		}
	}
	fn, ok := emscripten(im, name, types)
	return supply{family: Emscripten, fn: fn}, ok
}

func emscripten(im *Import, name, types string) (function, bool) {
	if fn, ok := invokeOf(name, im); ok {
		return fn, true
	}
	bare := strings.TrimLeft(name, "_")
	for _, t := range tables {
		if variants, ok := t[bare]; ok {
			return pick(variants, types)
		}
	}
	switch {
	case strings.HasPrefix(bare, "syscall"):
		return syscall(bare, types)
	case strings.HasPrefix(bare, "embind_register_"), strings.HasPrefix(bare, "embind_finalize_"):
		// What a guest tells of the C++ it was made of is for a host that asks.
		return nothing, strings.HasSuffix(types, ":")
	case strings.HasPrefix(bare, "emval_"), strings.HasPrefix(bare, "embind_"):
		return trap(name, "the host has no objects of JavaScript"), true
	case strings.HasPrefix(bare, "cxa_find_matching_catch"), strings.HasPrefix(bare, "nullFunc_"):
		return trap(name, ""), true
	}
	return nil, false
}

// runtimeTable is what fits nowhere else.
var runtimeTable = map[string][]variant{
	"emscripten_runtime_keepalive_clear": {{":", nothing}},
	"emscripten_runtime_keepalive_push":  {{":", nothing}},
	"emscripten_runtime_keepalive_pop":   {{":", nothing}},
	"emscripten_check_blocking_allowed":  {{":", nothing}},
	"emscripten_has_asyncify":            {{":i", answer(0)}},
	"emscripten_num_logical_cores":       {{":i", answer(1)}},
	"emscripten_is_main_browser_thread":  {{":i", answer(1)}},
	"emscripten_is_main_runtime_thread":  {{":i", answer(1)}},

	// A lock of the C library, and a destructor for an end that never comes.
	"lock":              {{"i:", nothing}},
	"unlock":            {{"i:", nothing}},
	"atexit":            {{"i:i", answer(0)}, {"ii:i", answer(0)}},
	"cxa_atexit":        {{"iii:i", answer(0)}},
	"cxa_thread_atexit": {{"iii:i", answer(0)}},

	"getenv":    {{"i:i", answer(0)}}, // there is no environment
	"setErrNo":  {{"i:", setErrNo}},
	"mmap_js":   {{"*:i", answer(-errNosys)}},
	"munmap_js": {{"*:i", answer(-errNosys)}},
	"msync_js":  {{"*:i", answer(-errNosys)}},

	// The upper half of a result of 64 bits, in guests that split them.
	"setTempRet0": {{"i:", func(c call, stack []uint64) { c.env.high = api.DecodeU32(stack[0]) }}},
	"getTempRet0": {{":i", func(c call, stack []uint64) { stack[0] = uint64(c.env.high) }}},

	"getentropy": {{"ii:i", getentropy}},
}

// nothing is all that some functions have to do.
func nothing(call, []uint64) {}

// answer always has the same result.
func answer(x int32) function {
	return func(_ call, stack []uint64) { stack[0] = api.EncodeI32(x) }
}

// maxEntropy is what getentropy gives at once, in bytes, as in browsers.
const maxEntropy = 65536

// getentropy fills memory with the random numbers of the instance, which are no secret.
func getentropy(c call, stack []uint64) {
	n := api.DecodeU32(stack[1])
	if n > maxEntropy {
		panic(&Abort{"getentropy", fmt.Sprintf("got a size of %d bytes, want at most %d", n, maxEntropy)})
	}
	_, _ = c.env.rand().Read(c.must("getentropy", api.DecodeU32(stack[0]), n))
	stack[0] = 0
}

// setErrNo stores errno where the guest says that it is, if it does.
func setErrNo(c call, stack []uint64) {
	location, ok := c.exported("__errno_location", "___errno_location")
	if !ok {
		return
	}
	value, at := api.DecodeI32(stack[0]), [1]uint64{}
	c.run("setErrNo", location, at[:])
	c.putInt32("setErrNo", api.DecodeU32(at[0]), value)
}
