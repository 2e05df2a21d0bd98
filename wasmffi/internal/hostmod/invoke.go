package hostmod

import (
	"errors"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// errLongjmp passes through the guest from a longjmp to the call that setjmp was made for.
var errLongjmp = errors.New("longjmp")

// IsInvoke reports whether an import of such a name and parameters calls through the guest's table:
// then Import.Caller is needed.
func IsInvoke(name string, params []api.ValueType) bool {
	return strings.HasPrefix(strings.TrimLeft(name, "_"), "invoke_") && len(params) > 0 && params[0] == api.ValueTypeI32
}

// invokeOf is one of the functions that emscripten calls through where a longjmp may
// come back: invoke_vii calls entry stack[0] of the table with the other arguments. The engine has such
// functions too, which take the types of a hostile guest for granted and nest without a limit.
func invokeOf(name string, im *Import) (function, bool) {
	switch bare := strings.TrimLeft(name, "_"); {
	case IsInvoke(name, im.Params):
		return invoke(name, im.Caller, len(im.Results)), true
	case bare == "emscripten_throw_longjmp" && typesOf(im.Params, im.Results) == ":":
		return func(call, []uint64) { panic(errLongjmp) }, true
	case (bare == "emscripten_longjmp" || bare == "longjmp") && typesOf(im.Params, im.Results) == "ii:":
		return longjmp, true
	}
	return nil, false
}

// invoke is such a function. What calls through the table is a function of the guest, by the name caller, since the
// engine's own lookup misreads its structures where the table has a function of the host.
func invoke(name, caller string, results int) function {
	if caller == "" {
		return func(call, []uint64) { panic(&Abort{name, "the guest has no table"}) }
	}
	return func(c call, stack []uint64) {
		f, ok := c.exported(caller)
		if !ok {
			panic(&Abort{name, "the guest has no table"})
		}
		var pointer [1]uint64
		save, saved := c.exported("emscripten_stack_get_current", "stackSave")
		if saved {
			c.run(name, save, pointer[:])
		}
		index := uint64(uint32(stack[0]))
		stack[copy(stack, stack[1:f.params])] = index
		err := c.enter(name, f.f, stack)
		c.idle(f)
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
		clear(stack[:results])
	}
}

// longjmp is how older guests throw: what setjmp shall return is told first.
func longjmp(c call, stack []uint64) {
	c.setThrew(uint64(api.DecodeU32(stack[0])), uint64(max(api.DecodeU32(stack[1]), 1)))
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
