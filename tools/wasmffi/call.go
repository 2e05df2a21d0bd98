package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

const callUsage = `usage: wasmffi call LIB FUNC ARG... [-sig S] [-o out.npy] [-o name=file]... [-memory SIZE] [-timeout D] [-fuel N] [-unmetered]
`

const callHelp = `
Calls a function of a WebAssembly library.

LIB   path of a module, with or without .wasm or .wasm.gz
FUNC  the function
ARG   one for each parameter, but none for sizes that follow from the arrays (n: size)
      and none for outputs:
        1.5 -3 0x10 nan -inf     a number
        true false               a bool
        '[[1, 2], [3, 4]]'       an array as JSON, of the parameter's dtype; integers keep
                                 64 bits, NaN and infinities are "nan", "inf", "-inf",
                                 complex numbers [re, im], structs [1, 2] or {"x": 1, "y": 2}
        f32:[1, 2]               the same with a dtype, where the signature leaves it open. Without
                                 one it is that of the other arrays of the same type variable,
                                 else f64 where that is allowed, else i64
        x.npy                    an array from a file; it is passed as it is, so its dtype
                                 must be the parameter's
        new:100 new:2x3          the shape of an output, where it does not follow from the
                                 arguments; then one for every output. f32:new:100 where nothing
                                 else says the dtype
        null                     NULL, for a nullable parameter
        word                     a text (cstr), whatever it looks like; after -- it may begin
                                 with a minus sign
      Handles and functions cannot be given.

-sig S         signature of the function, such as 'sum(x: f64[n], n: size) -> f64'; without it,
               the one that the module carries, in its section wasmffi or else in the file
               beside it (vec.sig beside vec.wasm). One that differs from that is refused
-o FILE        save the output, or the result where there is none, as .npy instead of
               printing it
-o NAME=FILE   the same where there are several; the function's own result is "result"
-memory SIZE   largest memory of the library, such as 64MiB, 1GiB, 512M (default 256MiB)
-timeout D     how long the call may take, such as 10s or 2m (default: as long as it likes)
-fuel N        how many instructions it may take, such as 1000000; how many it took is
               printed to standard error
-unmetered     without the checks that stop a call: faster, and only to be ended from outside

Flags may stand anywhere; a number with a minus sign is no flag; after -- nothing is.
Files are written whole or not at all. A path with = in it is written ./a=b.npy.

Results are printed as numpy prints them: a single one alone, several by name; NULL is None.
A status, which the signature marks with ok(), is checked and not printed. Of an output
with len() only what was written is printed or saved. A handle is closed at once.

Exit codes: 0, 1 when the library cannot be loaded or the call was refused or failed, 2 when
the command line is not understood.

Examples:
  wasmffi call vec.wasm dot '[1,2,3]' '[4,5,6]'
  wasmffi call vec.wasm linspace 0 1 new:5
  wasmffi call vec.wasm daxpy 2 x.npy y.npy -o y.npy
  wasmffi call sigs.wasm typed_add i16:[1,2] [3,4]
  wasmffi call sigs.wasm rle_compress new:100 x.npy 1 -o packed.npy
`

// callLine is the command line of a call.
type callLine struct {
	lib, name string
	args      []string
	sig       string
	memory    uint64
	timeout   time.Duration
	fuel      uint64
	unmetered bool
	saves     []save
}

func parseCall(args []string) (*callLine, error) {
	line := &callLine{memory: wasmffi.DefaultMemory}
	var memory, timeout, fuel string
	setSig := once(&line.sig)
	words, err := parseFlags(args, map[string]func(string) error{
		// An empty one, as of a shell variable that is not set, must not turn into
		// the module's own word.
		"sig": func(text string) error {
			if strings.TrimSpace(text) == "" {
				return errors.New("empty, want a signature")
			}
			return setSig(text)
		},
		"o":       line.addSave,
		"memory":  once(&memory),
		"timeout": once(&timeout),
		"fuel":    once(&fuel),
	}, map[string]*bool{"unmetered": &line.unmetered})
	if err == nil && timeout != "" {
		line.timeout, err = parseTimeout(timeout)
	}
	if err == nil && fuel != "" {
		if line.fuel, err = strconv.ParseUint(fuel, 10, 64); err != nil || line.fuel == 0 {
			err = fmt.Errorf("-fuel: got %s, want a number of instructions such as 1000000", quoted(fuel))
		}
	}
	if err == nil && line.unmetered && (line.fuel > 0 || line.timeout > 0) {
		err = errors.New("-unmetered: nothing enforces -timeout and -fuel then")
	}
	if err == nil && memory != "" {
		if line.memory, err = parseMemory(memory); err != nil {
			err = fmt.Errorf("-memory: %w", err)
		}
	}
	if err == nil && len(words) < 2 {
		err = fmt.Errorf("call: got %d words, want a library and a function", len(words))
	}
	if err != nil {
		return nil, err
	}
	line.lib, line.name, line.args = words[0], words[1], words[2:]
	return line, nil
}

func call(args []string, stdout, stderr io.Writer) error {
	line, err := parseCall(args)
	if err == errHelp {
		_, err = io.WriteString(stdout, callUsage+callHelp)
		return err
	}
	if err != nil {
		return &usageError{err.Error(), callUsage}
	}
	o := &wasmffi.Options{Unmetered: line.unmetered, Limits: wasmffi.Limits{Memory: line.memory, Fuel: line.fuel, Time: line.timeout}}
	lib, err := openLibrary(line.lib, o)
	if err != nil {
		return err
	}
	defer lib.module.Close()
	sig, place, err := lib.signatureOf(line.name, line.sig)
	if err != nil {
		return err
	}
	if err := line.run(lib, sig, place, stdout, stderr); err != nil {
		return line.explain(err, place)
	}
	return nil
}

// run makes the call and writes its results. What can be refused is refused before
// the function is run.
func (line *callLine) run(lib *library, sig *constraints.Signature, place string, stdout, stderr io.Writer) error {
	ctx := context.Background()
	checker, err := constraints.Compile(sig)
	if err != nil {
		return err
	}
	out, err := newOutput(checker, line.saves)
	if err != nil {
		return err
	}
	inst, err := lib.module.Instantiate(ctx)
	if err != nil {
		return err
	}
	defer inst.Close()
	f, err := lib.bind(inst, sig, place)
	if err != nil {
		return err
	}
	a := newArguments(checker, line.args, line.memory)
	args, wrong := a.read()
	if len(wrong) > 0 {
		return refusal(wrong)
	}
	args = a.offered(args)
	r, err := f.Call(ctx, args...)
	if err != nil {
		return callError(f, args, err)
	}
	if err := out.write(stdout, r); err != nil {
		return err
	}
	if line.fuel > 0 {
		fmt.Fprintf(stderr, "wasmffi: fuel: %d of %d\n", r.Fuel(), line.fuel)
	}
	return out.release(r)
}

// explain adds to an error what the command line can do about it, and the place
// that the signature was taken from.
func (line *callLine) explain(err error, place string) error {
	if u := (*usageError)(nil); errors.As(err, &u) {
		return err
	}
	for _, kind := range []error{wasmffi.ErrMemoryLimit, wasmffi.ErrAlloc, memview.ErrTooLarge} {
		if errors.Is(err, kind) && line.memory < wasmffi.MaxMemory {
			return annotate(err, "hint", "the library's memory may grow to "+sizeText(line.memory)+"; a larger limit is given with -memory 1GiB")
		}
	}
	switch {
	case errors.Is(err, wasmffi.ErrFuel):
		return annotate(err, "hint", fmt.Sprintf("the call may take %d instructions; more are given with -fuel", line.fuel))
	case errors.Is(err, context.DeadlineExceeded):
		return annotate(err, "hint", fmt.Sprintf("the call may take %v; more is given with -timeout", line.timeout))
	}
	te := (*constraints.TypeError)(nil)
	if place != "" && (errors.As(err, &te) || errors.Is(err, wasmffi.ErrSignature) || errors.Is(err, wasmffi.ErrNotFound)) {
		return annotate(err, "from", place)
	}
	return err
}
