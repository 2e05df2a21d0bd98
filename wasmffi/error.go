package wasmffi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// Three questions about a call that failed, for errors.Is: was the
// function entered at all (ErrNotRun), did we stop it (ErrStopped), or did it fail
// (*Trap, *StatusError, *ExitError with errors.As)?
var (
	// ErrNotRun says that the function was not entered: the arguments were
	// refused, or the library is busy, closed or poisoned. Guest memory and
	// the caller's slices are as they were, except for what the guest's malloc and
	// free may have changed.
	ErrNotRun = errors.New("not run")
	// ErrStopped says that the context or a limit ended a running call. The error wraps context.Cause, so that
	// context.DeadlineExceeded matches too, or ErrFuel or ErrOutput. The library is poisoned.
	ErrStopped = errors.New("stopped")
)

// What a guest wanted more of than it may have. Which limit it is says Limits.
var (
	// ErrFuel says that a call used up its fuel; see Limits.Fuel.
	ErrFuel = errors.New("fuel limit")
	// ErrOutput says that a call wrote more than it may; see Limits.Output.
	ErrOutput = errors.New("output limit")
	// ErrMemoryLimit says that a memory would exceed its limit; see Limits.Memory.
	ErrMemoryLimit = errors.New("memory limit")
	// ErrTableLimit says that a module's tables are larger from the start than its limit; see Limits.Tables.
	ErrTableLimit = errors.New("table limit")
	// ErrStackOverflow says that a recursion was deeper than the engine's stack, of 50 MiB: the error is a *Trap of this code. The stack is
	// given back.
	ErrStackOverflow error = StackOverflow
)

// Why a call was not run.
var (
	// ErrBusy says that another goroutine is inside the library.
	ErrBusy = errors.New("library is busy: a call is inside, and each goroutine needs an instance of its own")
	// ErrPoisoned says that an earlier call trapped or was stopped, which
	// leaves the guest's memory half written and its stack not unwound.
	ErrPoisoned = errors.New("library is poisoned")
	// ErrClosed says that the library was closed; arrays in its memory answer it too.
	ErrClosed = memview.ErrClosed
	// ErrFreed says that an array was freed.
	ErrFreed = memview.ErrFreed
	// ErrStale says that the library was reset to a time before the array was made.
	ErrStale = memview.ErrStale
	// ErrCannotReset says that a part of the guest's state cannot be put back.
	ErrCannotReset = errors.New("cannot reset")
	// ErrMemory says that an array lies in another library's memory.
	ErrMemory = constraints.ErrMemory
)

// Why a module or a function cannot be had.
var (
	// ErrNotFound says that a module has no such export.
	ErrNotFound = errors.New("no such export")
	// ErrImport says that a module imports what nobody supplies.
	ErrImport = errors.New("unresolved import")
	// ErrCallback says that a module cannot be given a function pointer.
	ErrCallback = errors.New("no callback")
	// ErrCompile says that the engine refused the module.
	ErrCompile = errors.New("module does not compile")
	// ErrNoAllocator says that there is nothing to allocate arrays from: the module has no memory,
	// or a function gives what must be freed and there is no malloc and free.
	ErrNoAllocator = errors.New("no allocator")
	// ErrAlloc says that the guest's allocator has no more memory, or gave an
	// address that cannot be used.
	ErrAlloc = errors.New("allocation failed")
)

// Texts of refusals that no caller tests for.
var (
	errNoArray  = errors.New("no array: the zero Array")
	errBorrowed = errors.New("array is not owned")
)

// refusal is an error of a call that was not run. Its text is the cause's.
type refusal struct{ cause error }

func (e *refusal) Error() string   { return e.cause.Error() }
func (e *refusal) Unwrap() []error { return []error{ErrNotRun, e.cause} }

// Format passes %+v on, so that the block of a TypeError is printed.
func (e *refusal) Format(s fmt.State, verb rune) {
	fmt.Fprintf(s, fmt.FormatString(s, verb), e.cause)
}

// TrapCode says what a guest did. It is an error, so that
// errors.Is(err, wasmffi.OutOfBounds) works on a *Trap.
type TrapCode uint8

// The traps of WebAssembly, and the engine's own.
const (
	OtherTrap          TrapCode = iota // none of the below; the text says what
	Unreachable                        // abort, a failed assertion, __builtin_trap
	OutOfBounds                        // an access outside of the linear memory
	DivideByZero                       // an integer division by zero
	IntegerOverflow                    // INT_MIN / -1, or a float too large for an integer
	InvalidConversion                  // NaN converted to an integer
	InvalidTableAccess                 // a NULL or wild function pointer
	IndirectCallType                   // a function pointer called with another type
	StackOverflow                      // recursion too deep
	Unresolved                         // a call of an import that nobody supplies
	Aborted                            // abort(), a failed assertion, an exception that nobody catches, with a text of the guest's
)

var trapTexts = [...]string{
	OtherTrap: "trap", Unreachable: "unreachable", OutOfBounds: "out of bounds memory access",
	DivideByZero: "integer divide by zero", IntegerOverflow: "integer overflow",
	InvalidConversion: "invalid conversion to integer", InvalidTableAccess: "invalid table access",
	IndirectCallType: "indirect call type mismatch", StackOverflow: "stack overflow",
	Unresolved: "unresolved import", Aborted: "aborted",
}

// Error is the name that the WebAssembly specification gives the trap.
func (c TrapCode) Error() string {
	if int(c) < len(trapTexts) {
		return trapTexts[c]
	}
	return trapTexts[OtherTrap]
}

// Trap is the end of a call by a fault of the guest. The library is poisoned.
type Trap struct {
	Func  string   // the function that was called
	Code  TrapCode // what happened
	Text  string   // the engine's text for it
	Stack string   // the guest's stack, innermost function first, a line each; may be empty

	cause error // ErrImport of an import that nobody supplies
}

// Error is one line; Stack has the rest.
func (t *Trap) Error() string { return fmt.Sprintf("%s: trap: %s", t.Func, t.Text) }

// Unwrap is Code, and ErrImport where the guest called an import that nobody supplies.
func (t *Trap) Unwrap() []error {
	if t.cause != nil {
		return []error{t.Code, t.cause}
	}
	return []error{t.Code}
}

// Detail is Error followed by the guest's stack.
func (t *Trap) Detail() string {
	if t.Stack == "" {
		return t.Error()
	}
	return t.Error() + "\n  " + strings.ReplaceAll(t.Stack, "\n", "\n  ")
}

// Format prints Detail for %+v, and Error otherwise.
func (t *Trap) Format(s fmt.State, verb rune) {
	text := t.Error()
	if verb == 'v' && s.Flag('+') {
		text = t.Detail()
	}
	fmt.Fprintf(s, "%s", text)
}

// HostError is the end of a call by a Go function that the guest called, a [Callback] or one of
// Options.Imports: it returned an error, or the guest passed it arguments that do not fit. The
// library is poisoned.
type HostError struct {
	Func string // the function that the host called
	Host string // the Go function that the guest called: its name as an import, or its signature
	Err  error  // what it returned, or a *TypeError
}

// Error names both functions and says what went wrong.
func (e *HostError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Func, e.Host, e.Err) }

// Unwrap is Err.
func (e *HostError) Unwrap() error { return e.Err }

// StatusError is a result that is not the value of ok() in the signature. Nothing was
// copied back to Go slices. The library stays usable.
type StatusError struct {
	Func string // the function that was called
	Got  int64  // what the function returned
	Want int64  // the value that means success
}

// Error names the function and both values.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: status is %d, want %d", e.Func, e.Got, e.Want)
}

// ExitError is the end of a call by the guest's exit(). With code 0 the
// library stays usable.
type ExitError struct {
	Func string // the function that was called
	Code uint32 // what exit() was given
}

// Error names the function and the code.
func (e *ExitError) Error() string {
	return fmt.Sprintf("%s: guest exited with code %d", e.Func, e.Code)
}

// stopped is ErrStopped with its cause.
type stopped struct {
	name  string
	cause error
}

func (e *stopped) Error() string   { return fmt.Sprintf("%s: stopped: %v", e.name, e.cause) }
func (e *stopped) Unwrap() []error { return []error{ErrStopped, e.cause} }

// engineError turns what the engine returns from a call into one of ours.
func engineError(name string, err error) error {
	if exit := (*sys.ExitError)(nil); errors.As(err, &exit) {
		return &ExitError{Func: name, Code: exit.ExitCode()}
	}
	text, stack, _ := strings.Cut(err.Error(), "\nwasm stack trace:\n")
	stack, _, _ = strings.Cut(stack, "\n\nGo runtime stack trace:") // of a host function of the engine's, which says nothing
	text = strings.TrimPrefix(text, "wasm error: ")
	t := &Trap{Func: name, Text: text, Stack: strings.ReplaceAll(stack, "\t", "")}
	if u := (*hostmod.Unresolved)(nil); errors.As(err, &u) {
		t.Code, t.Text, t.cause = Unresolved, u.Error(), ErrImport
		return t
	}
	if a := (*hostmod.Abort)(nil); errors.As(err, &a) {
		t.Code, t.Text = Aborted, a.Error()
		return t
	}
	for code, known := range trapTexts {
		switch {
		case code == int(OtherTrap):
		case strings.HasPrefix(text, known):
			t.Code, t.Text = TrapCode(code), known
		case strings.HasSuffix(text, ": "+known): // of a segment, which the text names
			t.Code = TrapCode(code)
		}
	}
	return t
}

// also adds an error of the clean-up to the one that mattered.
func also(err, more error) error {
	if more == nil {
		return err
	}
	return errors.Join(err, more)
}
