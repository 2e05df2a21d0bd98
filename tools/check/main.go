// Check is the architecture of this repository as a program. From its root:
//
//	go run ./tools/check
//
// It prints one line per violation, as file:line: rule: what is wrong, and exits with 1; or one line that says what it
// looked at. The rules are in rules.go, what they allow in tables.go. The same check is a test: go test ./tools/check.
//
// It parses and does not build, so it runs on a tree that does not compile. Nested modules (a folder with a go.mod of
// its own), dot-folders, folders beginning with _ and testdata other than testdata/wasm and its hostile are not looked at.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run checks the tree at args[0], or here, and is the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	root := "."
	switch len(args) {
	case 0:
	case 1:
		root = args[0]
	default:
		fmt.Fprintln(stderr, "usage: go run ./tools/check [root]")
		return 2
	}
	t, err := load(os.DirFS(root))
	if err != nil {
		fmt.Fprintf(stderr, "check: %v (run it from the root of the repository)\n", err)
		return 2
	}
	found := t.check(rules)
	for _, f := range found {
		fmt.Fprintln(stdout, f)
	}
	if len(found) > 0 {
		fmt.Fprintf(stderr, "check: %d violations in %s\n", len(found), t)
		return 1
	}
	fmt.Fprintf(stdout, "ok: %s, %d rules\n", t, len(rules))
	return 0
}
