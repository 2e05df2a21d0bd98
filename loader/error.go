package loader

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"unicode"
)

// Classes of errors, for errors.Is. The third is [fs.ErrNotExist]: nothing was found.
var (
	// ErrFormat: the bytes are not a version 1 core wasm module, their gzip data is damaged, or a text is no name map.
	ErrFormat = errors.New("not a wasm module")
	// ErrRefused: name, path, options, size, pin or the kind of file is against the rules, or the module is not admitted.
	ErrRefused = errors.New("refused")
)

// Error is the error of every function of this package. Its message is one line.
type Error struct {
	Op     string    // "find", "load" for FromBytes, "signatures", "inspect" (Report.Admit, too), "harden" or "names" (ParseNames)
	Name   string    // the name that was asked for
	Dir    string    // the path given to FindPath; empty otherwise
	Path   string    // the file at fault, slash-separated, relative to the place searched (for "signatures": Binary.Path); may be empty
	Tried  []Attempt // the files looked for, in order, the one at fault last
	Kind   error     // ErrFormat, ErrRefused or fs.ErrNotExist; nil when the file system failed
	Reason string    // what is wrong: got and want
	Err    error     // the error beneath, if any
}

// Attempt is one file that was looked for and why it is not the answer.
type Attempt struct {
	Path   string // slash-separated, relative to the place searched
	Reason string // "no such file", "a directory", or what is wrong with it
}

const (
	reasonMissing   = "no such file"
	reasonDirectory = "a directory"
)

// Error is the message, such as
//
//	loader: find "vec" in plugins: no such library; tried vec, vec.wasm, vec.wasm.gz, libvec.wasm, libvec.wasm.gz
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "loader: %s %s", e.Op, quote(e.Name))
	if e.Dir != "" {
		fmt.Fprintf(&b, " in %s", show(e.Dir))
	}
	b.WriteString(": ")
	if e.Path != "" {
		fmt.Fprintf(&b, "%s: ", show(e.Path))
	}
	b.WriteString(oneLine(e.Reason))
	// A list of nothing but the file at fault, which stands in front already, says nothing.
	if len(e.Tried) > 1 || len(e.Tried) == 1 && e.Tried[0].Path != e.Path {
		for i, t := range e.Tried {
			sep := ", "
			if i == 0 {
				sep = "; tried "
			}
			b.WriteString(sep + show(t.Path))
			if t.Reason == reasonDirectory {
				b.WriteString(" (" + reasonDirectory + ")")
			}
		}
	}
	return b.String()
}

// Unwrap is Kind and Err, as far as they are set, for errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// refused is an error against the rules.
func refused(format string, args ...any) *Error {
	return &Error{Kind: ErrRefused, Reason: fmt.Sprintf(format, args...)}
}

// malformed is an error in the bytes of a file; cause may be nil.
func malformed(cause error, format string, args ...any) *Error {
	return &Error{Kind: ErrFormat, Err: cause, Reason: fmt.Sprintf(format, args...)}
}

// failed is an error of the file system. The message drops the operation and path of an fs.PathError: the path is in front
// of it already.
func failed(cause error, doing string) *Error {
	return &Error{Err: cause, Reason: doing + ": " + innermost(cause).Error()}
}

// innermost is the error inside a chain of fs.PathErrors.
func innermost(err error) error {
	for {
		pe, ok := err.(*fs.PathError)
		if !ok {
			return err
		}
		err = pe.Err
	}
}

// quote is s in quotes, cut when it is long.
func quote(s string) string {
	const most = 128
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}

// show is a path as it is where that is unmistakable, quoted where not.
func show(path string) string {
	odd := func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune("\"',;()\ufffd", r)
	}
	if path == "" || strings.ContainsFunc(path, odd) {
		return strconv.Quote(path)
	}
	return path
}

// oneLine replaces the line breaks that the error of a foreign file system may contain.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
