package hostmod

import "github.com/tetratelabs/wazero/api"

// stackTable is the guest's own stack in its memory, for modules that import what others export. The
// stack pointer is found if the guest exports it.
var stackTable = map[string][]variant{
	"emscripten_stack_get_current": {{":i", stackGet}},
	"stackSave":                    {{":i", stackGet}},
	"emscripten_stack_restore":     {{"i:", stackSet}},
	"stackRestore":                 {{"i:", stackSet}},
	"emscripten_stack_alloc":       {{"i:i", stackAlloc}},
	"stackAlloc":                   {{"i:i", stackAlloc}},
}

func (c call) stackPointer(what string) api.MutableGlobal {
	if g, ok := c.module.ExportedGlobal("__stack_pointer").(api.MutableGlobal); ok && g.Type() == api.ValueTypeI32 {
		return g
	}
	panic(&Abort{what, "the guest does not export __stack_pointer"})
}

func stackGet(c call, stack []uint64) { stack[0] = c.stackPointer("stackSave").Get() }

func stackSet(c call, stack []uint64) {
	c.stackPointer("stackRestore").Set(uint64(api.DecodeU32(stack[0])))
}

// stackAlloc takes bytes off the stack, which grows downwards in steps of 16.
func stackAlloc(c call, stack []uint64) {
	g, n := c.stackPointer("stackAlloc"), api.DecodeU32(stack[0])
	top := api.DecodeU32(g.Get())
	if n > top {
		panic(&Abort{"stackAlloc", "the stack is too small"})
	}
	g.Set(uint64((top - n) &^ 15))
	stack[0] = g.Get()
}
