// Package hostile holds guests that attack whoever runs them: they do not end, take all memory, claim what nobody has, or
// say something other than what they do. Each is one idea. Tests of hosts run them all, and show that the process lives, that
// what else runs in it is not disturbed, and that nothing is left afterwards.
//
// A guest attacks by its export attack, a function without parameters and results, unless it does so earlier: when it is
// compiled, by a start function, or by _initialize. Those of the text format are NAME.wat, which testdata/wasm/build.sh
// assembles, and of which the first line says what it does and what must come of it. Those that would be large, or that wat2wasm
// does not know the instructions of, are made by the Go files here.
//
// Guests that are invalid were made so, and every engine refuses them. They attack hosts that rewrite modules: an index that is
// out of range may name what the host appends.
package hostile

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Guest is one hostile module.
type Guest struct {
	Name    string // of its file without extension, or of what makes it
	What    string // what it does, and what must come of it
	Invalid bool   // whether no engine may take it
	Wasm    []byte // the module; nobody else refers to it
}

//go:embed *.wat *.wasm
var files embed.FS

// Guests are all guests, in the order of their names. They are made anew by each call, some megabytes of them.
func Guests() []Guest {
	list := append(assembled(), made()...)
	slices.SortFunc(list, func(a, b Guest) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// invalid is how the first line begins of a guest that no engine may take.
const invalid = "Invalid: "

// assembled are the guests of the text format.
func assembled() []Guest {
	sources, err := fs.Glob(files, "*.wat")
	if err != nil {
		panic(err) // of the pattern
	}
	list := make([]Guest, len(sources))
	for i, source := range sources {
		name := strings.TrimSuffix(source, ".wat")
		text, err := files.ReadFile(source)
		if err != nil {
			panic(fmt.Errorf("hostile: %w", err))
		}
		code, err := files.ReadFile(name + ".wasm")
		if err != nil {
			panic(fmt.Errorf("hostile: %s was not assembled: %w", source, err))
		}
		first, _, _ := strings.Cut(string(text), "\n")
		what, is := strings.CutPrefix(strings.TrimPrefix(first, ";; "), invalid)
		list[i] = Guest{Name: name, What: what, Invalid: is, Wasm: code}
	}
	return list
}
