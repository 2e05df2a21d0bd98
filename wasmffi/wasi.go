package wasmffi

import (
	"context"
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

// config is what the engine gives an instance.
func (w *WASI) config() wazero.ModuleConfig {
	c := wazero.NewModuleConfig().WithName("").WithStartFunctions().WithArgs(w.Args...)
	for _, kv := range w.Env {
		name, value, _ := strings.Cut(kv, "=")
		c = c.WithEnv(name, value)
	}
	if w.Stdin != nil {
		c = c.WithStdin(w.Stdin)
	}
	if w.Stdout != nil {
		c = c.WithStdout(w.Stdout)
	}
	if w.Stderr != nil {
		c = c.WithStderr(w.Stderr)
	}
	if w.Random != nil {
		c = c.WithRandSource(w.Random)
	}
	if w.Clocks {
		c = c.WithSysWalltime().WithSysNanotime().WithSysNanosleep()
	}
	if len(w.Mounts) > 0 {
		mounts := wazero.NewFSConfig()
		for _, at := range slices.Sorted(maps.Keys(w.Mounts)) {
			mounts = mounts.WithFSMount(w.Mounts[at], at)
		}
		c = c.WithFSConfig(mounts)
	}
	return c
}

// environment is what our own host functions get of it.
func (w *WASI) environment() *hostmod.Env {
	e := &hostmod.Env{Stdout: w.Stdout, Stderr: w.Stderr}
	if w.Clocks {
		e.Walltime, e.Nanotime = realWalltime, realNanotime
		e.Sleep = sleep
	}
	return e
}

// sleep ends with the context.
func sleep(ctx context.Context, ns int64) {
	t := time.NewTimer(time.Duration(ns))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func realWalltime() (sec int64, nsec int32) {
	t := time.Now()
	return t.Unix(), int32(t.Nanosecond())
}

var processStart = time.Now()

func realNanotime() int64 { return int64(time.Since(processStart)) }
