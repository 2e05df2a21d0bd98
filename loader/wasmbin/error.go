package wasmbin

import "fmt"

// Error is the error of every function of this package. Its message is one line.
type Error struct {
	Offset  int64  // where: from the beginning of the module, for [Instructions] of the code; -1 where there is no place
	Section string // the section: "type", "import", ... "custom"; empty for the header, for Instructions and for a request
	Reason  string // what is wrong: got and want

	// Feature is the name of a feature that is not supported: what has been read is no malformed module, but one that
	// uses it. Else it is empty. Names are those of target_features sections where there is one: memory64, multimemory,
	// custom-page-sizes, shared-everything, relaxed-simd, fp16, wide-arithmetic, gc, stack-switching, legacy-exceptions.
	Feature string
}

// Error is the message, such as
//
//	wasmbin: type section: offset 0xb: number of types: got 5, want at most 1: 3 bytes are left
func (e *Error) Error() string {
	where := ""
	if e.Section != "" {
		where = e.Section + " section: "
	}
	if e.Offset >= 0 {
		where += fmt.Sprintf("offset %#x: ", e.Offset)
	}
	return "wasmbin: " + where + e.Reason
}

// misuse is the error of a request that cannot be carried out.
func misuse(format string, args ...any) *Error {
	return &Error{Offset: -1, Reason: fmt.Sprintf(format, args...)}
}
