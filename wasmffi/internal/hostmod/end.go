package hostmod

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"
)

// endTable is how a call ends that does not return.
var endTable = map[string][]variant{
	"exit":                  {{"i:", exit}},
	"Exit":                  {{"i:", exit}},
	"emscripten_force_exit": {{"i:", exit}},

	"abort":       {{":", trap("abort", "")}, {"i:", trap("abort", "")}},
	"abort_js":    {{":", trap("abort", "")}},
	"assert_fail": {{"iiii:", assertFail}},
	"llvm_trap":   {{":", trap("llvm_trap", "")}},
	"segfault":    {{":", trap("segfault", "")}},
	"alignfault":  {{":", trap("alignfault", "")}},

	"stack_chk_fail":        {{":", trap("__stack_chk_fail", "")}},
	"handle_stack_overflow": {{":", trap("stack overflow", "")}, {"i:", trap("stack overflow", "")}},
	"abortStackOverflow":    {{"i:", trap("stack overflow", "")}},

	// Exceptions that the compiler left to JavaScript.
	"cxa_throw":                        {{"*", trap("__cxa_throw", noExceptions)}},
	"cxa_rethrow":                      {{"*", trap("__cxa_rethrow", noExceptions)}},
	"cxa_rethrow_primary_exception":    {{"*", trap("__cxa_rethrow_primary_exception", noExceptions)}},
	"cxa_allocate_exception":           {{"*", trap("__cxa_allocate_exception", noExceptions)}},
	"cxa_free_exception":               {{"*", trap("__cxa_free_exception", noExceptions)}},
	"cxa_begin_catch":                  {{"*", trap("__cxa_begin_catch", noExceptions)}},
	"cxa_end_catch":                    {{"*", trap("__cxa_end_catch", noExceptions)}},
	"cxa_get_exception_ptr":            {{"*", trap("__cxa_get_exception_ptr", noExceptions)}},
	"cxa_pure_virtual":                 {{"*", trap("__cxa_pure_virtual", "")}},
	"throw_exception_with_stack_trace": {{"*", trap("__throw_exception_with_stack_trace", noExceptions)}},
	"resumeException":                  {{"*", trap("__resumeException", noExceptions)}},
	"llvm_eh_typeid_for":               {{"*", trap("llvm_eh_typeid_for", noExceptions)}},
	"cxa_uncaught_exceptions":          {{":i", answer(0)}}, // none is ever on its way
	"cxa_uncaught_exception":           {{":i", answer(0)}},
}

const noExceptions = "exception of C++, which the host does not catch"

// trap ends the call.
func trap(what, text string) function {
	err := &Abort{what, text}
	return func(call, []uint64) { panic(err) }
}

// assertFail tells the condition, the file, the line and the function.
func assertFail(c call, stack []uint64) {
	text := fmt.Sprintf("%s, at %s:%d", c.text(api.DecodeU32(stack[0])), c.text(api.DecodeU32(stack[1])), api.DecodeI32(stack[2]))
	if in := api.DecodeU32(stack[3]); in != 0 {
		text += ", in " + c.text(in)
	}
	panic(&Abort{"assertion failed", text})
}
