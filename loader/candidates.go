package loader

import (
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

const (
	extPlain = ".wasm"
	extGzip  = ".wasm.gz"
)

// maxName bounds a name so that the five candidates in an error message stay readable.
const maxName = 1024

// checkName refuses names that are not plain relative slash paths. The rules are the same on every system: a name that
// works on one works on all.
func checkName(name string) *Error {
	switch {
	case name == "":
		return refused("empty name")
	case len(name) > maxName:
		return refused("name of %d bytes, want at most %d", len(name), maxName)
	case strings.ContainsRune(name, 0):
		return refused("NUL in the name")
	case !utf8.ValidString(name):
		return refused("name is not valid UTF-8")
	case strings.ContainsRune(name, '\\'):
		return refused(`backslash in the name, want "/" between elements`)
	case name[0] == '/', isDrive(name):
		return refused("absolute name, want one relative to the place searched")
	case hasDotDot(name):
		return refused(`".." in the name, want one that stays in the place searched`)
	case name == ".", !fs.ValidPath(name):
		return refused(`name with an empty or "." element, want a file name or a clean path to one`)
	}
	return nil
}

// isDrive reports whether name begins like C: does.
func isDrive(name string) bool {
	return len(name) >= 2 && name[1] == ':' && 'a' <= name[0]|0x20 && name[0]|0x20 <= 'z'
}

func hasDotDot(name string) bool {
	for elem := range strings.SplitSeq(name, "/") {
		if elem == ".." {
			return true
		}
	}
	return false
}

// trimExt is name without .wasm or .wasm.gz, and whether it had one.
func trimExt(name string) (string, bool) {
	if base, ok := strings.CutSuffix(name, extPlain); ok {
		return base, true
	}
	return strings.CutSuffix(name, extGzip)
}

// candidates are the files that a checked name may mean, best first (numpy rows 6 and 9).
func candidates(name string) []string {
	if _, ok := trimExt(name); ok {
		return []string{name}
	}
	dir, base := path.Split(name)
	lib := dir + "lib" + base
	return []string{name, name + extPlain, name + extGzip, lib + extPlain, lib + extGzip}
}

// sidecarOf is the name of the signature file beside a module.
func sidecarOf(module string) string {
	base, _ := trimExt(module)
	return base + ".sig"
}
