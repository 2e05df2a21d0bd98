package hostmod

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"
)

// errLongjmp passes through the guest from a longjmp to the call that setjmp was made for.
var errLongjmp = errors.New("longjmp")

// invokeOf is one of the functions that emscripten calls through where a longjmp may
// come back: invoke_vii calls entry stack[0] of the table with the other arguments. The engine has such
// functions too, which take the types of a hostile guest for granted and nest without a limit.
func invokeOf(name string, im *Import) (function, bool) {
	switch bare := strings.TrimLeft(name, "_"); {
	case strings.HasPrefix(bare, "invoke_") && len(im.Params) > 0 && im.Params[0] == api.ValueTypeI32:
		return invoke(name, im.Params[1:], im.Results), true
	case bare == "emscripten_throw_longjmp" && typesOf(im.Params, im.Results) == ":":
		return func(call, []uint64) { panic(errLongjmp) }, true
	case (bare == "emscripten_longjmp" || bare == "longjmp") && typesOf(im.Params, im.Results) == "ii:":
		return longjmp, true
	}
	return nil, false
}

// invoke is such a function of these types.
func invoke(name string, params, results []api.ValueType) function {
	return func(c call, stack []uint64) {
		f := c.pointee(name, api.DecodeU32(stack[0]), params, results)
		var pointer [1]uint64
		save, saved := c.exported("emscripten_stack_get_current", "stackSave")
		if saved {
			c.run(name, save, pointer[:])
		}
		copy(stack, stack[1:])
		err := c.enter(name, f, stack)
		if err == nil {
			return
		}
		if !errors.Is(err, errLongjmp) {
			rethrow(err)
		}
		restore, ok := c.exported("_emscripten_stack_restore", "emscripten_stack_restore", "stackRestore")
		if !saved || !ok {
			panic(&Abort{name, "a longjmp needs the guest's stackSave and stackRestore, which it does not export"})
		}
		c.run(name, restore, pointer[:])
		c.setThrew(1, 0)
		clear(stack[:len(results)])
	}
}

// pointee is what a function pointer points to. The engine can look up functions of the guest only, and misreads
// its own structures where it finds one of the host: see the warning of the package.
func (c call) pointee(name string, index uint32, params, results []api.ValueType) api.Function {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			panic(&Abort{name, fmt.Sprintf("function pointer %d is a function of the host", index)})
		case string:
			panic(&Abort{name, "the guest has no table"})
		default:
			panic(r) // a trap: there is nothing, or a function of another type
		}
	}()
	return table.LookupFunction(c.module, 0, index, params, results)
}

// longjmp is how older guests throw: what setjmp shall return is told first.
func longjmp(c call, stack []uint64) {
	c.setThrew(stack[0], max(stack[1], 1))
	panic(errLongjmp)
}

// setThrew tells the guest that a longjmp came by.
func (c call) setThrew(env, value uint64) {
	set, ok := c.exported("setThrew", "_setThrew")
	if !ok {
		panic(&Abort{"longjmp", "the guest does not export setThrew"})
	}
	c.run("setThrew", set, []uint64{env, value})
}
