package wasmffi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// check reports what no instance can have.
func (w *WASI) check() error {
	for i, a := range w.Args {
		if strings.ContainsRune(a, 0) {
			return fmt.Errorf("Options.WASI.Args: argument %d is %q, want no NUL", i, a)
		}
	}
	for _, kv := range w.Env {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" || strings.ContainsRune(kv, 0) {
			return fmt.Errorf("Options.WASI.Env: got %q, want NAME=value without NUL", kv)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(w.Mounts)) {
		if w.Mounts[at] == nil {
			return fmt.Errorf("Options.WASI.Mounts: file system of %q is nil", at)
		}
	}
	return nil
}

// config is what the engine gives an instance with that environment, in which streams are.
func (w *WASI) config(e *hostmod.Env) wazero.ModuleConfig {
	c := wazero.NewModuleConfig().WithName("").WithStartFunctions().WithArgs(w.Args...).WithStdout(e.Stdout).WithStderr(e.Stderr).WithRandSource(e.Random)
	for _, kv := range w.Env {
		name, value, _ := strings.Cut(kv, "=")
		c = c.WithEnv(name, value)
	}
	if e.Stdin != nil {
		c = c.WithStdin(e.Stdin)
	}
	if w.Clocks {
		c = c.WithSysWalltime().WithSysNanotime().WithNanosleep(func(ns int64) { e.Sleep(e.Context(), ns) })
	}
	if len(w.Mounts) > 0 {
		all, config := &mounts{charge: func(n int) { e.Charge(e.Context(), uint64(n)) }}, wazero.NewFSConfig()
		for _, at := range slices.Sorted(maps.Keys(w.Mounts)) {
			config = config.WithFSMount(&mount{all, w.Mounts[at]}, at)
		}
		c = c.WithFSConfig(config)
	}
	return c
}

func realWalltime() (sec int64, nsec int32) {
	t := time.Now()
	return t.Unix(), int32(t.Nanosecond())
}

var processStart = time.Now()

func realNanotime() int64 { return int64(time.Since(processStart)) }
