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
	"time"

	"github.com/stretchr/testify/require"
)

// aloneName names the test that a child runs.
const aloneName = "WASMFFI_ALONE"

// alone runs a test, or subtest, in a process of its own, which must end well and within hazardTime. Where space is
// not 0 it is all the address space that the child has, in bytes, so that a guest that is given what it
// claims ends the child, and not the machine.
func alone(t *testing.T, space uint64, run func(t *testing.T)) {
	t.Helper()
	aloneWithin(t, hazardTime, space, run)
}

// aloneWithin is alone with another limit of time. A name of a subtest must be no more than letters and underscores.
func aloneWithin(t *testing.T, limit time.Duration, space uint64, run func(t *testing.T)) {
	t.Helper()
	switch name := os.Getenv(aloneName); name {
	case "":
	case t.Name():
		run(t)
		if !t.Failed() {
			fmt.Fprintln(os.Stderr, alive)
		}
		return
	default:
		t.Skip("this process runs " + name + " alone")
	}
	self, err := os.Executable()
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("measured on linux only")
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(bg, limit)
	defer cancel()
	shell := ""
	if space > 0 && !raced { // the detector reserves more
		shell = fmt.Sprintf("ulimit -v %d; ", space>>10)
	}
	child := exec.CommandContext(ctx, "/bin/sh", "-c", shell+`exec "$0" "$@"`, self, "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
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

// sometimes is times for what the race detector makes very slow.
func sometimes(n int) int {
	if raced {
		return times(n) / 5
	}
	return times(n)
}
