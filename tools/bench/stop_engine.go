package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const (
	engineStops    = 10              // not more: some take long
	enginePatience = 2 * time.Second // for a stop
	engineLoad     = time.Minute     // to start a process, and to compile
)

// engineStopRow is how the engine stops an attacker by its own means, for comparison: nothing is demanded of it.
func engineStopRow(name string) row {
	return row{name: fmt.Sprintf("  %s, %d times", engineRow, engineStops), longest: func(int) ([]time.Duration, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return stopsInChild(exec.Command(self, "-engine-stops", name), engineStops, enginePatience)
	}}
}

// stopsInChild reads the times from a process that prints one a line, after an empty line when it begins. A guest that the
// engine cannot stop keeps Go's collector out, and so all of its process: that is killed when nothing comes within patience.
func stopsInChild(cmd *exec.Cmd, n int, patience time.Duration) ([]time.Duration, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	kill := time.AfterFunc(engineLoad, func() { _ = cmd.Process.Kill() }) // an error: it has ended
	var times []time.Duration
	for lines := bufio.NewScanner(out); len(times) < n && lines.Scan(); kill.Reset(patience) {
		if lines.Text() == "" {
			continue
		}
		ns, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
		}
		times = append(times, time.Duration(ns))
	}
	killed := !kill.Stop()
	_ = cmd.Process.Kill() // it goes on for ever
	err = cmd.Wait()
	switch {
	case len(times) == n:
		return times, nil
	case killed:
		return nil, skipped(fmt.Sprintf("not within %v", patience))
	}
	return nil, fmt.Errorf("the process ended after %d stops: %w", len(times), err)
}

// printEngineStops is that process. It ends only by an error, at the latest when nobody reads any longer.
func printEngineStops(name string, out io.Writer) error {
	code, err := hostileCode(name)
	if err != nil {
		return err
	}
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
	tick := api.GoFunc(func(context.Context, []uint64) {})
	if _, err := r.NewHostModuleBuilder("env").NewFunctionBuilder().WithGoFunction(tick, nil, nil).Export("tick").Instantiate(ctx); err != nil {
		return err
	}
	compiled, err := r.CompileModule(ctx, code)
	if err != nil {
		return err
	}
	for _, err = fmt.Fprintln(out); err == nil; {
		var m api.Module // closed by every stop
		if m, err = r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("")); err != nil {
			return err
		}
		c, due := byCancel()
		ended := make(chan time.Time, 1)
		go func() {
			_, _ = m.ExportedFunction("attack").Call(c) // an error: it does not end otherwise
			ended <- time.Now()
		}()
		from := due()
		_, err = fmt.Fprintln(out, (<-ended).Sub(from).Nanoseconds())
	}
	return err
}
