// Command bench measures what calls through wasmffi cost, side by side with
// cgo, the bare engine, plain Go and numpy.ctypeslib, in one process:
//
//	go -C tools/bench run .                     some minutes
//	go -C tools/bench run . -quick              for CI, below a minute
//	go -C tools/bench run . -run '^dot' -json dot.json -svg dot.svg
//	go -C tools/bench run . -run '^(meter|stop)' -recipes DIR
//
// Every group of rows is measured in many short batches that take turns, and
// the best batch of each row counts: on a shared machine noise only ever adds. Trust
// the ratios more than the nanoseconds.
//
// Groups meter-* say what it costs that calls can be stopped, for kernels and for libraries that tools/recipes has fetched
// into DIR. Groups stop-* stop guests that do not end, many times each, and the longest time counts: there
// noise counts too, so run them on a machine that does nothing else.
//
// "must" and "goal" are the targets of the project. A row beyond its must is
// printed as MISSED; the exit code is 1 then only with -check. It is 2
// when the command line is not understood or something could not be measured.
//
// The module is separate from the library so that cgo stays out of the library. Without a
// C compiler it builds all the same and leaves out the rows that need one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command without its process; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("quick", false, "fewer rounds and stops, below a minute in all")
	check := flags.Bool("check", false, "exit with 1 when a row misses its must")
	list := flags.Bool("list", false, "print the names of the groups and stop")
	jsonFile := flags.String("json", "", "write the raw numbers to `FILE`")
	svgFile := flags.String("svg", "", "write a picture of the targets to `FILE`")
	only := flags.String("run", "", "measure the groups whose name matches `REGEXP`")
	python := flags.String("python", "", "python `PROGRAM` that has numpy (default: python3 of the PATH or of /usr/bin)")
	recipes := flags.String("recipes", "", "`folder` with the libraries that tools/recipes fetches")
	attacker := flags.String("engine-stops", "", "stop a `GUEST` of package hostile in the engine alone for ever, and print the times: what rows of stops start")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	fail := func(err error) int {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	if flags.NArg() > 0 {
		return fail(fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return fail(err)
	}
	if *attacker != "" {
		return fail(printEngineStops(*attacker, stdout))
	}
	if *list {
		for _, g := range groups {
			fmt.Fprintf(stdout, "%-22s %s\n", g.name, g.title)
		}
		return 0
	}
	e, err := open(*python, *recipes)
	if err != nil {
		return fail(err)
	}
	defer e.close()
	b := full
	if *quick {
		b = short
	}
	r := report{Machine: thisMachine(), Date: time.Now().UTC().Truncate(time.Second), Command: strings.Join(append([]string{"go run ."}, args...), " ")}
	for _, g := range groups {
		if !pattern.MatchString(g.name) {
			continue
		}
		measured, err := g.measure(e, b)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", g.name, err))
		}
		r.Groups = append(r.Groups, measured)
	}
	for _, out := range []struct {
		file  string
		write func(io.Writer, report) error
	}{{*jsonFile, writeJSON}, {*svgFile, writeSVG}} {
		if out.file == "" {
			continue
		}
		if err := toFile(out.file, func(w io.Writer) error { return out.write(w, r) }); err != nil {
			return fail(err)
		}
	}
	if err := writeTable(stdout, r); err != nil {
		return fail(err)
	}
	if *check && r.count(missed) > 0 {
		return 1
	}
	return 0
}

// toFile writes a file, and reports what a late Close has to say.
func toFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
