package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/wasmffi/go/memview"
)

const numpyRow = "numpy ctypes + ndpointer"

var numpyGroups = []group{
	{"numpy", "against numpy.ctypeslib: dot(x, y) of no elements, both arrays checked", numpyRows},
}

var (
	//go:embed ndpointer_calls.py
	numpyScript string
	//go:embed native.c
	nativeSource []byte
	//go:embed native.h
	nativeHeader []byte
)

func numpyRows(e *env) ([]row, func(), error) {
	np, err := startNumpy(e.python)
	if err != nil {
		return nil, nil, err
	}
	dot, err := e.lib.Func(dotSig)
	if err != nil {
		return nil, nil, errors.Join(err, np.close())
	}
	x, err := e.lib.Empty(memview.F64, 0)
	if err != nil {
		return nil, nil, errors.Join(err, np.close())
	}
	y, err := e.lib.Empty(memview.F64, 0)
	if err != nil {
		return nil, nil, errors.Join(err, np.close())
	}
	return []row{
			{name: numpyRow, batch: np.batch},
			{name: "wasmffi, checked call", allocs: true, targets: []target{{against: numpyRow, faster: true, must: 25, goal: 50}}, batch: timed(func(n int) {
				for range n {
					r, err := dot.Call(ctx, x, y)
					if err != nil {
						panic(err)
					}
					sink = r.Float64()
				}
			})},
		}, func() {
			must(0, e.lib.Free(x))
			must(0, e.lib.Free(y))
			np.close()
		}, nil
}

// numpy is a python process that times calls on demand, so that its batches can take turns with ours.
type numpy struct {
	dir    string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

// startNumpy compiles the C kernels into a shared library and starts python on it. Whatever it needs and
// does not find makes the group a skipped one.
func startNumpy(python string) (_ *numpy, err error) {
	if runtime.GOOS == "windows" {
		return nil, skipped("not done on Windows")
	}
	if python, err = findNumpy(python); err != nil {
		return nil, err
	}
	cc, err := findCC()
	if err != nil {
		return nil, err
	}
	np := &numpy{}
	if np.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(np.dir)
		}
	}()
	source, script := filepath.Join(np.dir, "native.c"), filepath.Join(np.dir, "ndpointer_calls.py")
	for name, text := range map[string][]byte{source: nativeSource, filepath.Join(np.dir, "native.h"): nativeHeader, script: []byte(numpyScript)} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return nil, err
		}
	}
	compile := append(cc, "-O3", "-shared", "-fPIC", "-o", filepath.Join(np.dir, "libnative.so"), source)
	if out, err := exec.Command(compile[0], compile[1:]...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(compile, " "), err, out)
	}
	np.cmd = exec.Command(python, script, "libnative", np.dir)
	np.cmd.Stderr = os.Stderr
	if np.stdin, err = np.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := np.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	np.stdout = bufio.NewReader(out)
	if err := np.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := np.stdout.ReadString('\n'); err != nil { // its version: ready
		np.stdin.Close()
		return nil, fmt.Errorf("%s did not start: %w", script, errors.Join(err, np.cmd.Wait()))
	}
	return np, nil
}

// batch asks python for n calls.
func (np *numpy) batch(n int) time.Duration {
	must(fmt.Fprintln(np.stdin, n))
	var ns int64
	must(fmt.Fscanln(np.stdout, &ns))
	return time.Duration(ns)
}

func (np *numpy) close() error {
	return errors.Join(np.stdin.Close(), np.cmd.Wait(), os.RemoveAll(np.dir))
}

// findNumpy finds a python that has numpy. The system's comes second, for the sake of those whose first
// python is one of their own, without numpy.
func findNumpy(python string) (string, error) {
	list := []string{"python3", "/usr/bin/python3"}
	if python != "" {
		list = []string{python}
	}
	for _, p := range list {
		if exec.Command(p, "-c", "import numpy.ctypeslib").Run() == nil {
			return p, nil
		}
	}
	return "", skipped("no numpy: " + strings.Join(list, " and ") + " cannot import numpy.ctypeslib")
}

// findCC is the command of the C compiler that cgo would use.
func findCC() ([]string, error) {
	list := []string{os.Getenv("CC"), "cc", "gcc", "clang"}
	for _, cc := range list {
		if words := strings.Fields(cc); len(words) > 0 {
			if _, err := exec.LookPath(words[0]); err == nil {
				return words, nil
			}
		}
	}
	return nil, skipped("no C compiler: none of CC, cc, gcc and clang")
}
