// Command conformance replays what numpy.ctypeslib did on recorded cases and
// compares memview and constraints with it:
//
//	go run ./tools/conformance ndpointer ndpointer.jsonl.gz
//	go run ./tools/conformance layouts layouts.jsonl.gz more.jsonl
//	go run ./tools/conformance ctor ctor.jsonl
//
// A file holds one case a line, as JSON, plain or compressed with gzip. The
// verbs name what the cases are about: arrays against restrictions, struct
// layouts with their C types, and the constructor of restrictions.
//
// The first line of the output counts the cases of all files, those that
// differ, and those that differ by design; the latter are counted again by the
// row of numpy's contract that they belong to, with the reason (see
// design.go). A case may belong to several rows. Then come the first
// differences: where the case is, what numpy says and what we say.
//
// The exit code is 0 when nothing differs but by design, 1 when something
// does, and 2 when the command line or a file is not understood.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `usage: conformance ndpointer|layouts|ctor [-n differences] FILE...

Replays files of cases recorded from numpy.ctypeslib (JSON lines, plain or gzip).
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command without its process; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help") {
		fmt.Fprint(stdout, usage)
		return 0
	}
	fail := func(format string, args ...any) int {
		fmt.Fprintf(stderr, "conformance: "+format+"\n", args...)
		return 2
	}
	if len(args) == 0 {
		return fail("got no verb, want ndpointer, layouts or ctor\n%s", usage)
	}
	replay, ok := verbs[args[0]]
	if !ok {
		return fail("got verb %q, want ndpointer, layouts or ctor\n%s", args[0], usage)
	}
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	show := flags.Int("n", 10, "")
	if err := flags.Parse(args[1:]); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	} else if err != nil {
		return fail("%v\n%s", err, usage)
	}
	if flags.NArg() == 0 {
		return fail("got no file, want one or more\n%s", usage)
	}
	if *show < 0 {
		return fail("got -n %d, want 0 or more\n%s", *show, usage)
	}
	r := newReport(*show)
	for _, name := range flags.Args() {
		if err := replayFile(name, replay, r); err != nil {
			return fail("%v", err)
		}
	}
	if err := r.write(stdout); err != nil {
		return fail("%v", err)
	}
	if r.differ > 0 {
		return 1
	}
	return 0
}

// verbs maps the kinds of files to what compares one line of them. An error
// says that the line is malformed.
var verbs = map[string]func(line []byte) (*outcome, error){
	"ndpointer": replayNDPointer,
	"layouts":   replayLayout,
	"ctor":      replayCtor,
}
