// Command recipes fetches the third-party libraries that tests call, which this repository does not hold:
//
//	go run ./tools/recipes DIR
//
// What they are stands in manifest.json: files of npm packages, with version, licence and digest, each a WebAssembly
// module or the JavaScript that its toolchain made beside it. The packages are had by npm, as it is configured on the
// machine, and none of their code runs. A file is written only if its digest is the one in the manifest, and all at once,
// so several of these commands may work on one folder. A file that is there already with that digest is not fetched again.
//
// It prints a line per file. The exit code is 0 when all files are there; 1 when one could not be had, because a package or
// the disk is not as it should be; 2 when the command line is not understood; and 3 when npm is missing or does not reach
// a registry, so that whoever calls can skip what needs the files.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

const usage = `usage: go run ./tools/recipes DIR

Fetches the modules of manifest.json into DIR, which is made if it is not there.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, npmPack)
	stop()
	os.Exit(code)
}

// run is the command without its process: it has packages from pack and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, pack packer) int {
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help"):
		fmt.Fprint(stdout, usage)
		return 0
	case len(args) != 1 || args[0] == "" || strings.HasPrefix(args[0], "-"):
		fmt.Fprintf(stderr, "recipes: got %q, want one folder\n%s", args, usage)
		return 2
	}
	recipes, err := parseManifest(manifest)
	if err != nil {
		fmt.Fprintf(stderr, "recipes: %v\n", err)
		return 1
	}
	if err := os.MkdirAll(args[0], 0o777); err != nil {
		fmt.Fprintf(stderr, "recipes: %v\n", err)
		return 1
	}
	outcomes := fetch(ctx, recipes, args[0], pack)
	if err := printTable(stdout, outcomes); err != nil {
		fmt.Fprintf(stderr, "recipes: %v\n", err)
		return 1
	}
	return report(stderr, outcomes)
}
