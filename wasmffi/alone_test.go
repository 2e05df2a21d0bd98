package wasmffi_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	aloneName = "WASMFFI_ALONE" // names the test that a child runs
	// childSpace bounds the address space of a child in KiB: a guest that is given what it claims
	// ends the child, and not the machine. Memories reserve their limit.
	childSpace = 8 << 20
)

// alone runs a top-level test in a process of its own, which must end well, with no more
// memory than childSpace, and within hazardTime.
func alone(t *testing.T, run func(t *testing.T)) {
	t.Helper()
	if os.Getenv(aloneName) == t.Name() {
		run(t)
		if !t.Failed() {
			fmt.Fprintln(os.Stderr, alive)
		}
		return
	}
	self, err := os.Executable()
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("measured on linux only")
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(bg, hazardTime)
	defer cancel()
	limit := fmt.Sprintf("ulimit -v %d; ", childSpace)
	if raced { // whose detector reserves more
		limit = ""
	}
	child := exec.CommandContext(ctx, "/bin/sh", "-c", limit+`exec "$0" "$@"`, self, "-test.run=^"+t.Name()+"$")
	if testing.Short() {
		child.Args = append(child.Args, "-test.short")
	}
	child.Env = append(os.Environ(), aloneName+"="+t.Name())
	var out, said bytes.Buffer
	child.Stdout, child.Stderr = &out, &said
	err = child.Run()
	require.NoError(t, err, "%s%s", head(out.String()), head(said.String()))
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	require.Equal(t, alive, lines[len(lines)-1], "%s%s", head(out.String()), head(said.String()))
	for _, line := range lines[:len(lines)-1] {
		t.Log(line)
	}
}
