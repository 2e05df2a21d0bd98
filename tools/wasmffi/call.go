package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

const callUsage = `usage: wasmffi call LIB FUNC ARG... [-sig S] [-o out.npy] [-o name=file]... [-memory SIZE]
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
        x.npy                    an array from a file; it is passed as it is, so its dtype
                                 must be the parameter's
        new:100 new:2x3          the shape of an output, where it does not follow from the
                                 arguments; then one for every output

-sig S         signature of the function, such as 'sum(x: f64[n], n: size) -> f64'; without it,
               that in the file beside the module (vec.sig beside vec.wasm)
-o FILE        save the output, or the result where there is none, as .npy instead of
               printing it
-o NAME=FILE   the same where there are several; the function's own result is "result"
-memory SIZE   largest memory of the library, such as 64MiB, 1GiB, 512M (default 256MiB)

Flags may stand anywhere; a number with a minus sign is no flag; after -- nothing is.
Files are written whole or not at all. A path with = in it is written ./a=b.npy.

Results are printed as numpy prints them: a single one alone, several by name. A status,
which the signature marks with ok(), is checked and not printed.

Exit codes: 0, 1 when the library cannot be loaded or the call was refused or failed, 2 when
the command line is not understood.

Examples:
  wasmffi call vec.wasm dot '[1,2,3]' '[4,5,6]'
  wasmffi call vec.wasm linspace 0 1 new:5
  wasmffi call vec.wasm daxpy 2 x.npy y.npy -o y.npy
`

// callLine is the command line of a call.
type callLine struct {
	lib, name string
	args      []string
	sig       string
	memory    uint64
	saves     []save
}

func parseCall(args []string) (*callLine, error) {
	line := &callLine{memory: wasmffi.DefaultMemory}
	var memory string
	words, err := parseFlags(args, map[string]func(string) error{
		"sig":    once(&line.sig),
		"o":      line.addSave,
		"memory": once(&memory),
	})
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

func call(args []string, stdout io.Writer) error {
	line, err := parseCall(args)
	if err == errHelp {
		_, err = io.WriteString(stdout, callUsage+callHelp)
		return err
	}
	if err != nil {
		return &usageError{err.Error(), callUsage}
	}
	lib, err := openLibrary(line.lib, &wasmffi.Options{Limits: wasmffi.Limits{Memory: line.memory}})
	if err != nil {
		return err
	}
	defer lib.module.Close()
	sig, file, err := lib.signatureOf(line.name, line.sig)
	if err != nil {
		return err
	}
	if err := line.run(lib, sig, stdout); err != nil {
		return line.explain(err, file)
	}
	return nil
}

// run makes the call and writes its results. What can be refused is refused before
// the function is run.
func (line *callLine) run(lib *library, sig *constraints.Signature, stdout io.Writer) error {
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
		return &fileError{lib.Path, err}
	}
	defer inst.Close()
	f, err := inst.Func(checker.String())
	if err != nil {
		return err
	}
	a := &arguments{checker: checker, binding: checker.NewBinding(), words: line.args, limit: line.memory}
	args, err := a.read()
	if err != nil {
		return err
	}
	r, err := f.Call(ctx, args...)
	if err != nil {
		return err
	}
	return out.write(stdout, r)
}

// explain adds to an error what the command line can do about it, and the file
// that the signature was taken from.
func (line *callLine) explain(err error, file string) error {
	if u := (*usageError)(nil); errors.As(err, &u) {
		return err
	}
	for _, kind := range []error{wasmffi.ErrMemoryLimit, wasmffi.ErrAlloc, memview.ErrTooLarge} {
		if errors.Is(err, kind) && line.memory < wasmffi.MaxMemory {
			return annotate(err, "hint", "the library's memory may grow to "+sizeText(line.memory)+"; a larger limit is given with -memory 1GiB")
		}
	}
	te := (*constraints.TypeError)(nil)
	if errors.As(err, &te) {
		forCommandLine(te)
	}
	if file != "" && (te != nil || errors.Is(err, wasmffi.ErrSignature) || errors.Is(err, wasmffi.ErrNotFound)) {
		return annotate(err, "from", file)
	}
	return err
}
