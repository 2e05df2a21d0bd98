package hostmod

import (
	"reflect"

	"github.com/tetratelabs/wazero/api"
)

// StackSize is how many bytes the native stack has of one of the engine's functions, which keeps it as large as it ever was. The engine tells
// nobody, so that it is looked for inside, and 0 where it is not found. It may be called while the function runs, by its goroutine.
func StackSize(f api.Function) int {
	v := reflect.ValueOf(f)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return 0
	}
	if stack := v.FieldByName("stack"); stack.Kind() == reflect.Slice {
		return stack.Len()
	}
	return 0
}

// maxStacks is how many bytes the stacks of calls may have, of which each was made out of the one before, when one more is made.
const maxStacks = 16 << 20

// DeepStack is the size from which on a stack is not kept for the next call.
const DeepStack = 1 << 20
