//go:build amd64 || arm64 || riscv64 || ppc64le || s390x || loong64

package linmem_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// childEnv names the test that is to run in a child, where it may crash.
const childEnv = "LINMEM_CHILD"

// inChild runs the test in a process of its own. It reports whether this is it.
func inChild(t *testing.T) bool {
	if os.Getenv(childEnv) == t.Name() {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), childEnv+"="+t.Name())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

func TestStaleSlicesDoNotCrash(t *testing.T) {
	if !inChild(t) {
		return
	}
	img, err := linmem.ImageOf(pattern(64<<10), true)
	require.NoError(t, err)
	for _, shared := range []bool{false, true} {
		for _, size := range []uint64{64 << 10, 1 << 20, 20 << 20} {
			m := make1(t, 64<<20, size)
			require.NoError(t, m.MapImage(img, 0, 0, 64<<10, shared))
			b := m.Bytes()
			m.Lend()
			for _, end := range []func(){m.Free, m.Unmap} {
				fill(b, 7)
				end()
				require.True(t, zeros(b))
			}
			fill(b, 7)
		}
	}
}

// TestReadersRaceWithFree: pages are replaced in one step.
func TestReadersRaceWithFree(t *testing.T) {
	if !inChild(t) {
		return
	}
	img, err := linmem.ImageOf(pattern(1<<20), false)
	require.NoError(t, err)
	for range 200 {
		m := make1(t, 1<<20, 1<<20)
		require.NoError(t, m.MapImage(img, 0, 0, 512<<10, false))
		m.Lend()
		b := m.Bytes()
		done := make(chan int)
		go func() {
			sum := 0
			for range 20 {
				for i := 0; i < len(b); i += int(page) {
					sum += int(b[i])
				}
			}
			done <- sum
		}()
		m.Free()
		<-done
	}
}

// mapped reports whether an address is in a mapping of this process.
func mapped(t *testing.T, at uintptr) bool {
	t.Helper()
	f, err := os.Open("/proc/self/maps")
	require.NoError(t, err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var lo, hi uintptr
		_, err := fmt.Sscanf(lines.Text(), "%x-%x", &lo, &hi)
		require.NoError(t, err)
		if lo <= at && at < hi {
			return true
		}
	}
	return false
}

func TestUnmapUnlessLent(t *testing.T) {
	for _, lent := range []bool{false, true} {
		m := make1(t, 1<<30, 64<<10)
		at := uintptr(unsafe.Pointer(&m.Bytes()[0]))
		if lent {
			m.Lend()
		}
		m.Free()
		require.True(t, mapped(t, at), "after Free")
		m.Unmap()
		require.Equal(t, lent, mapped(t, at))
	}
}

// addressSpace is VmSize in bytes.
func addressSpace(t *testing.T) uint64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	var pages uint64
	_, err = fmt.Sscan(string(b), &pages)
	require.NoError(t, err)
	return pages * page
}

func TestAddressSpaceComesBack(t *testing.T) {
	before := addressSpace(t)
	for i := range 10_000 {
		m, err := linmem.New(256 << 20)
		require.NoError(t, err)
		require.NotNil(t, m.Grow(64<<10))
		if i%2 == 0 {
			m.Free()
		}
		m.Unmap()
	}
	require.Less(t, addressSpace(t), before+1<<30, "one of them is 256 MiB")
}

func TestQuarantineHoldsAddressSpaceOnly(t *testing.T) {
	if !inChild(t) {
		return
	}
	before := addressSpace(t)
	for range 1000 {
		m, err := linmem.New(256 << 20)
		require.NoError(t, err)
		fill(m.Grow(1<<20), 7)
		m.Lend()
		m.Unmap()
	}
	_, _, quarantined := linmem.Stats()
	require.InDelta(t, linmem.Quarantine, quarantined, 256<<20)
	require.Less(t, addressSpace(t), before+linmem.Quarantine+2<<30)
	var u unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
	require.Less(t, u.Maxrss, int64(500<<10), "KiB; all of them held 1,000 MiB")
}

// TestNewCollectsGarbage: dropped libraries give their address space back when it is
// needed.
func TestNewCollectsGarbage(t *testing.T) {
	if !inChild(t) {
		return
	}
	most := addressSpace(t) + 3<<30
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: most, Max: most}))
	for range 10 {
		m, err := linmem.New(2 << 30)
		require.NoError(t, err)
		owner := new([16]*linmem.Memory)
		owner[0] = m
		runtime.AddCleanup(owner, func(m *linmem.Memory) { m.Unmap() }, m)
	}
	m, err := linmem.New(2 << 30)
	require.NoError(t, err)
	defer m.Unmap()
	_, err = linmem.New(2 << 30)
	require.ErrorIs(t, err, unix.ENOMEM)
	require.ErrorContains(t, err, "address space")
}
