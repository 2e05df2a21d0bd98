package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/wasmffi/go/loader"
)

const hardenUsage = `usage: wasmffi harden IN OUT [-fuel N] [-memory SIZE] [-tables N] [-threads] [-exceptions]
`

const hardenHelp = `
Writes a library with protection built in, for engines that cannot stop a guest: a browser,
or any other. It counts the instructions that it executes and traps when it has taken more
than it may; its memory and tables have a maximum. What could harm an engine that compiles
it is refused. It gives the same results as before. Package wasmffi and call do not need
it: they protect themselves from every library.

Two exports are added, whose names are printed. A host that knows nothing of them is
protected, too: each instance then has N instructions in all, those of its start function
included. A host that sets the one, a global, before each call gives N to each call, and
sees afterwards how many are left. The other is a table: a function in it is called
instead of the trap.

Custom sections stay, but those of debuggers and linkers, which tell places in the code that
are others now. Signatures in a file beside IN are not copied.

IN            path of a module, with or without .wasm or .wasm.gz
OUT           file to write, whole or not at all; it may be IN. A name that ends in .gz is
              that of a compressed one
-fuel N       how many instructions an instance may take before its host gives it more
              (default 1000000000)
-memory SIZE  largest memory, such as 64MiB, 1GiB, 512M (default 256MiB)
-tables N     entries of all tables together (default 1000000)
-threads      admit shared memories and atomic instructions; a wait of more than 5 ms traps
              where there is no function in the table
-exceptions   admit exceptions
`

// hardenLine is the command line of harden.
type hardenLine struct {
	in, out string
	options loader.HardenOptions
}

func parseHarden(args []string) (*hardenLine, error) {
	line := new(hardenLine)
	var fuel, memory, tables string
	words, err := parseFlags(args, map[string]func(string) error{"fuel": once(&fuel), "memory": once(&memory), "tables": once(&tables)},
		map[string]*bool{"threads": &line.options.Threads, "exceptions": &line.options.Exceptions})
	if err == nil && fuel != "" {
		line.options.Fuel, err = parseCount("-fuel", fuel, math.MaxInt64)
	}
	if err == nil && memory != "" {
		if line.options.Memory, err = parseMemory(memory); err != nil {
			err = fmt.Errorf("-memory: %w", err)
		}
	}
	if err == nil && tables != "" {
		var n uint64
		n, err = parseCount("-tables", tables, math.MaxUint32)
		line.options.Tables = uint32(n)
	}
	if err == nil && len(words) != 2 {
		err = fmt.Errorf("harden: got %d words, want a library and the name of a file", len(words))
	}
	if err != nil {
		return nil, err
	}
	line.in, line.out = words[0], words[1]
	switch line.out {
	case "":
		return nil, errors.New("OUT: no file name")
	case "-":
		return nil, errors.New("OUT: got -, want the name of a file")
	}
	return line, checkTarget("OUT", line.out)
}

// parseCount reads the value of a flag that is a number from 1 on.
func parseCount(flag, text string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || n > most {
		return 0, fmt.Errorf("%s: got %s, want a number from 1 to %d", flag, quoted(text), most)
	}
	return n, nil
}

func harden(args []string, stdout, _ io.Writer) error {
	line, err := parseHarden(args)
	if err == errHelp {
		_, err = io.WriteString(stdout, hardenUsage+hardenHelp)
		return err
	}
	if err != nil {
		return &usageError{err.Error(), hardenUsage}
	}
	bin, err := findLibrary(line.in, nil)
	if err != nil {
		return err
	}
	h, err := loader.Harden(bin, &line.options)
	if err != nil {
		return err
	}
	if _, err := replaceFile(line.out, func(w io.Writer) error { return line.write(w, h.Wasm) }); err != nil {
		return fmt.Errorf("saving %s: %w", line.out, err)
	}
	_, err = io.WriteString(stdout, plain(line.describe(bin, h)))
	return err
}

// write writes a module as the name of its file says.
func (line *hardenLine) write(w io.Writer, wasm []byte) error {
	if !strings.HasSuffix(line.out, ".gz") {
		_, err := w.Write(wasm)
		return err
	}
	z := gzip.NewWriter(w)
	if _, err := z.Write(wasm); err != nil {
		return err
	}
	return z.Close()
}
