package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wasmffi/go/wasmffi"
)

// errHelp says that -h stands on the command line.
var errHelp = errors.New("help is asked for")

// parseFlags splits a command line into words and flags, which may stand anywhere. A flag
// is -name value or -name=value, with one dash or two; set is told each. A switch is -name
// alone. A word that is a number is never a flag, and after -- nothing is.
func parseFlags(args []string, set map[string]func(value string) error, switches map[string]*bool) (words []string, err error) {
	for i := 0; i < len(args); i++ {
		w := args[i]
		if w == "--" {
			return append(words, args[i+1:]...), nil
		}
		if !strings.HasPrefix(w, "-") || w == "-" || isNumber(w) {
			words = append(words, w)
			continue
		}
		if isHelp(w) {
			return nil, errHelp
		}
		name, value, inWord := strings.Cut(strings.TrimPrefix(w[1:], "-"), "=")
		if on, ok := switches[name]; ok {
			if inWord {
				return nil, fmt.Errorf("-%s: got a value, want none", name)
			}
			*on = true
			continue
		}
		f, ok := set[name]
		if !ok {
			return nil, fmt.Errorf("unknown flag %s; words that begin with a dash go after --", quoted(w))
		}
		if !inWord {
			if i++; i == len(args) {
				return nil, fmt.Errorf("-%s: no value, want one after it", name)
			}
			value = args[i]
		}
		if err := f(value); err != nil {
			return nil, fmt.Errorf("-%s: %w", name, err)
		}
	}
	return words, nil
}

// parseTimeout reads the value of -timeout.
func parseTimeout(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("-timeout: got %s, want a duration such as 10s or 2m", quoted(text))
	}
	return d, nil
}

// isNumber reports whether a word is a number, even one too large for float64.
func isNumber(word string) bool {
	_, err := strconv.ParseFloat(word, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// once is a flag that may be given one time.
func once(to *string) func(string) error {
	given := false
	return func(value string) error {
		if given {
			return errors.New("given twice")
		}
		given, *to = true, value
		return nil
	}
}

// units of sizes. KB and MB are left out because they mean two things.
var units = map[string]uint64{
	"": 1, "B": 1,
	"K": 1 << 10, "KiB": 1 << 10,
	"M": 1 << 20, "MiB": 1 << 20,
	"G": 1 << 30, "GiB": 1 << 30,
}

// parseMemory reads a limit of the guest's memory: 64MiB, 512M, 1GiB, or bytes.
func parseMemory(text string) (uint64, error) {
	digits := strings.TrimRight(text, "BGKMi")
	unit, ok := units[text[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("got %s, want a size such as 64MiB, 1GiB, 512M, or a number of bytes", quoted(text))
	}
	// Of the 4 GiB that a 32-bit address reaches the last page stays out of use.
	const page, most = 65536, 4 << 30
	if n > most/unit || n*unit < page {
		return 0, fmt.Errorf("got %s, want from 64KiB to 4GiB", text)
	}
	return min(n*unit, wasmffi.MaxMemory), nil
}

// sizeText writes a number of bytes as people say it.
func sizeText(n uint64) string {
	for _, u := range []struct {
		name string
		size uint64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return strconv.FormatFloat(float64(n*10/u.size)/10, 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.FormatUint(n, 10) + " bytes"
}
