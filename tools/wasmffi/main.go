// Command wasmffi calls functions of WebAssembly libraries and says what they offer:
//
//	go run ./tools/wasmffi call testdata/wasm/vec.wasm dot '[1,2,3]' '[4,5,6]'
//	go run ./tools/wasmffi inspect testdata/wasm/vec.wasm
//	go run ./tools/wasmffi harden testdata/wasm/vec.wasm vec.wasm
//	go run ./tools/wasmffi survey testdata/wasm
//
// A library is a path to a module, with or without .wasm or .wasm.gz. Arguments
// are numbers, texts, JSON arrays and .npy files; results are printed as numpy prints
// them, or saved as .npy files. "wasmffi call -h" says it all.
//
// A function is called by the signature that -sig gives, or else by the one that the
// module carries, in its section wasmffi or in the file beside it (vec.sig beside
// vec.wasm). What a module carries is a claim by whoever made it: it may describe the
// function wrongly, and the result is then wrong, too, but nothing outside of the
// guest's memory can be harmed, nor any file that -o does not name. Where a call is
// refused, the message prints all that is wrong with it, the signature, and the place
// that it was taken from.
//
// The exit code is 0 when all went well, 1 when the library, or one of those that are surveyed, could
// not be loaded or the call was refused or failed, and 2 when the command line is not
// understood.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

// Interrupts are not caught but while a file is saved (see replaceFile): the default action of the signal ends the process,
// whatever the guest does.
func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// verb is a subcommand.
type verb struct {
	usage string // the short form
	help  string
	run   func(args []string, stdout, stderr io.Writer) error
}

var verbs = map[string]verb{
	"call":    {callUsage, callHelp, call},
	"harden":  {hardenUsage, hardenHelp, harden},
	"inspect": {inspectUsage, inspectHelp, inspect},
	"names":   {namesUsage, namesHelp, names},
	"survey":  {surveyUsage, surveyHelp, survey},
}

// verbList is how messages name the verbs.
const verbList = "call, harden, inspect, names or survey"

const usage = callUsage + `       wasmffi harden IN OUT [-fuel N] [-memory SIZE] [-tables N] [-threads] [-exceptions]
       wasmffi inspect LIB [-names FILE] [-json]
       wasmffi names FILE
       wasmffi survey DIR [-json] [-threads] [-exceptions] [-timeout D]
       wasmffi help [call|harden|inspect|names|survey]
`

const help = usage + `
call     calls a function of a WebAssembly library and prints or saves its results
harden   writes a library with protection built in, which any engine can run
inspect  lists what a library exports, imports and needs, and what speaks against it
names    prints the C names of a minified library, from the JavaScript that belongs to it
survey   loads all libraries below a folder and tells how far each one gets
`

// run is the command without its process; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	out := bufio.NewWriter(stdout)
	err := dispatch(args, out, stderr)
	if flushed := out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("writing the results: %w", flushed)
	}
	if err == nil {
		return 0
	}
	return report(stderr, err)
}

func dispatch(args []string, out, stderr io.Writer) error {
	if len(args) == 0 {
		return &usageError{"no verb, want " + verbList, usage}
	}
	name := args[0]
	if isHelp(name) {
		text := help
		if len(args) > 1 {
			v, ok := verbs[args[1]]
			if !ok {
				return &usageError{fmt.Sprintf("help: got %q, want %s", args[1], verbList), usage}
			}
			text = v.usage + v.help
		}
		_, err := io.WriteString(out, text)
		return err
	}
	v, ok := verbs[name]
	if !ok {
		return &usageError{fmt.Sprintf("verb is %q, want %s", name, verbList), usage}
	}
	return v.run(args[1:], out, stderr)
}

func isHelp(word string) bool {
	switch word {
	case "help", "-h", "-help", "--help":
		return true
	}
	return false
}
