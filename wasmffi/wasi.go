package wasmffi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

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
