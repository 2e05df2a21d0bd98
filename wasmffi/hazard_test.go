package wasmffi_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hazards are uses of a library that, done wrong, end the process: by a fault, a
// deadlock or an exhausted address space. Each is a function of its own.
var hazards = []struct {
	name string
	run  func(t *testing.T)
	os   string // where it can be seen; empty: everywhere
}{
	{"close during a call", closeDuringCall, ""},
	{"close during reads", closeDuringReads, ""},
	{"views after close", viewsAfterClose, ""},
	{"slices of a dropped library", slicesOfDropped, ""},
	{"last view of a dropped library", lastViewOfDropped, ""},
	{"function of a dropped library", functionOfDropped, ""},
	{"array of another library", arrayOfAnother, ""},
	{"view after free", viewAfterFree, ""},
	{"view after reset", viewAfterReset, ""},
	{"stale slices", staleSlices, ""},
	{"growth to the limit", growthToLimit, ""},
	{"limit hit", limitHit, ""},
	{"file that is read-only", readOnlyFile, ""},
	{"file that is truncated", truncatedFile, ""},
	{"file over what a snapshot has", fileOverSnapshot, ""},
	{"file over a snapshot that is shown", fileOverShown, ""},
	{"exit under views", exitUnderViews, ""},
	{"trap under views", trapUnderViews, ""},
	{"constructor that traps", constructorTraps, "linux"},
	{"memory that is refused", memoryRefused, "linux"},
	{"libraries dropped", librariesDropped, "linux"},
	{"libraries dropped with slices", lentDropped, "linux"},
	{"many libraries at once", manyAtOnce, "linux"},
	{"snapshots dropped", snapshotsDropped, "linux"},
}

const (
	hazardName = "WASMFFI_HAZARD" // names the one that a child runs
	hazardTime = 2 * time.Minute  // of a child; all but the large ones need less than a second
	alive      = "alive"          // the last word of a child that is well
)

// TestHazards runs each in a process of its own, which must end well.
func TestHazards(t *testing.T) {
	self, err := os.Executable()
	if err != nil || runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes here")
	}
	for _, h := range hazards {
		t.Run(h.name, func(t *testing.T) {
			if h.os != "" && h.os != runtime.GOOS {
				t.Skip("seen on " + h.os + " only")
			}
			t.Parallel()
			ctx, cancel := context.WithTimeout(bg, hazardTime)
			defer cancel()
			args := []string{"-test.run=^TestHazardChild$"}
			if testing.Short() {
				args = append(args, "-test.short")
			}
			child := exec.CommandContext(ctx, self, args...)
			child.Env = append(os.Environ(), hazardName+"="+h.name)
			var out, said bytes.Buffer
			child.Stdout, child.Stderr = &out, &said
			err := child.Run()
			require.NoError(t, err, "%s%s", head(out.String()), head(said.String()))
			lines := strings.Split(strings.TrimSpace(said.String()), "\n")
			require.Equal(t, alive, lines[len(lines)-1], "%s%s", head(out.String()), head(said.String()))
			for _, line := range lines[:len(lines)-1] {
				t.Log(line)
			}
		})
	}
}

// head is the part of an output that tells what happened.
func head(s string) string { return s[:min(len(s), 6000)] }
